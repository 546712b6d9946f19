/**
 * The stages of the pipeline as data: what each reads, how far it reaches, whether it is on, and what it did last. The
 * first index, edits and the command line all run through this one registry.
 */
import type { StageId, StageReport } from '../model/analysis';

interface StageDefinition {
  readonly id: StageId;
  readonly scope: 'file' | 'workspace';
  readonly inputs: readonly string[];
}

const DEFINITIONS: readonly StageDefinition[] = [
  { id: 'discover', scope: 'workspace', inputs: ['disk', 'settings'] },
  { id: 'parse', scope: 'file', inputs: ['text', 'dialect'] },
  { id: 'extract', scope: 'file', inputs: ['parse'] },
  { id: 'store', scope: 'file', inputs: ['extract'] },
  { id: 'link', scope: 'workspace', inputs: ['store', 'models', 'package.json', 'tsconfig.json'] },
  { id: 'solve', scope: 'workspace', inputs: ['store', 'link', 'models'] },
  { id: 'present', scope: 'workspace', inputs: ['solve', 'settings'] },
];

interface StageRecord extends StageDefinition {
  enabled: boolean;
  state: StageReport['state'];
  milliseconds: number;
  items: number;
}

export class Stages {
  private readonly records = new Map<StageId, StageRecord>(
    DEFINITIONS.map((definition) => [
      definition.id,
      { ...definition, enabled: true, state: 'idle', milliseconds: 0, items: 0 },
    ]),
  );

  /** Forgets the times of the last update, so that a report speaks of one update. */
  begin(): void {
    for (const record of this.records.values()) {
      record.milliseconds = 0;
      record.items = 0;
      record.state = record.enabled ? 'idle' : 'off';
    }
  }

  setEnabled(id: StageId, enabled: boolean): void {
    const record = this.record(id);
    record.enabled = enabled;
    record.state = enabled ? 'idle' : 'off';
  }

  isEnabled(id: StageId): boolean {
    return this.record(id).enabled;
  }

  /** Runs a stage over so many items; a stage that is off does nothing and gives `otherwise`. */
  run<T>(id: StageId, items: number, work: () => T, otherwise: T): T {
    const record = this.record(id);
    if (!record.enabled) return otherwise;
    const started = performance.now();
    record.state = 'running';
    try {
      const result = work();
      record.state = 'done';
      return result;
    } catch (error) {
      record.state = 'failed';
      throw error;
    } finally {
      record.milliseconds += performance.now() - started;
      record.items += items;
    }
  }

  async runAsync<T>(id: StageId, work: () => Promise<T>, items: (result: T) => number): Promise<T> {
    const record = this.record(id);
    const started = performance.now();
    record.state = 'running';
    try {
      const result = await work();
      record.state = 'done';
      record.items += items(result);
      return result;
    } catch (error) {
      record.state = 'failed';
      throw error;
    } finally {
      record.milliseconds += performance.now() - started;
    }
  }

  /** Time that was spent elsewhere (in a worker) on behalf of a stage. */
  account(id: StageId, milliseconds: number, items: number): void {
    const record = this.record(id);
    record.milliseconds += milliseconds;
    record.items += items;
    record.state = 'done';
  }

  reports(): StageReport[] {
    return [...this.records.values()].map((record) => ({ ...record }));
  }

  private record(id: StageId): StageRecord {
    const record = this.records.get(id);
    if (record === undefined) throw new Error(`there is no stage ${id}`);
    return record;
  }
}
