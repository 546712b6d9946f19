/** The last runs of an index, of earlier processes too as far as they came to be saved. */
import type { Update } from '../model/analysis';
import type { RunRecord } from '../model/health';
import type { Store } from '../store/store';

/** Of edits, and of all other runs: typing does not push the others out. */
const MAX_RUNS = 10;
/** Of the database: the runs as JSON. */
const RUNS = 'last runs';

export class RunHistory {
  private readonly records: RunRecord[];

  /** A rebuild makes another store. */
  constructor(private readonly storeNow: () => Store) {
    this.records = stored(storeNow().meta.get(RUNS));
  }

  /** The newest first. */
  get all(): readonly RunRecord[] {
    return this.records;
  }

  add(kind: RunRecord['kind'], { indexed, removed, failed, findings, milliseconds }: Update): void {
    this.records.unshift({
      kind,
      at: Date.now(),
      milliseconds,
      indexed: indexed.length,
      removed: removed.length,
      failed: failed.length,
      findings: findings.total,
    });
    const alike = this.records.filter((record) => (record.kind === 'update') === (kind === 'update'));
    if (alike.length > MAX_RUNS) this.records.splice(this.records.indexOf(alike[MAX_RUNS]), 1);
  }

  /** Leaves them to the next checkpoint. */
  save(): void {
    const store = this.storeNow();
    store.batch(() => {
      store.meta.set(RUNS, JSON.stringify(this.records));
    });
  }
}

function stored(text: string | undefined): RunRecord[] {
  return text === undefined ? [] : (JSON.parse(text) as RunRecord[]);
}
