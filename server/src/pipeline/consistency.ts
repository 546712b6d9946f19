/**
 * Whether the index agrees with itself and with the disk, looked at in small steps while there is nothing else to do:
 * what an update touched right after it, and everything now and then. What is wrong is told, and the files concerned are
 * read anew by whoever owns the analysis (`takeBroken`). Nothing should ever be wrong; when something is, findings are
 * right again soon, and the log says what to mend in the program.
 */
import { setImmediate as pause } from 'node:timers/promises';
import { hashOfFile } from '../documents';
import type { ConsistencyProblem, ConsistencyReport } from '../model/health';
import type { FileId } from '../model/ids';
import type { RowProblem } from '../store/consistency';
import { joinPath, type Workspace } from './workspace';

/** Everything is looked at after so many updates, or so many milliseconds. */
const WHOLE_AFTER_UPDATES = 50;
const WHOLE_AFTER = 24 * 60 * 60 * 1000;
/** Milliseconds of work between two looks at what came in, and before the first step after an update: its answer goes first. */
const SLICE = 4;
const DELAY = 50;
const MAX_KEPT = 50;
/** An update of more files is looked at as a whole, by its rows: its files were read a moment ago. */
const MANY_FILES = 1_000;
/** Of the database: when everything was looked at last. */
const LAST_WHOLE = 'last consistency check';

export class Consistency {
  /** Files to be looked at. */
  private readonly touched = new Set<string>();
  private readonly broken = new Set<string>();
  /** Changed on disk without a notice. */
  private readonly stale = new Set<string>();
  private hasOrphans = false;
  private readonly problems: ConsistencyReport['problems'][number][] = [];
  private found = 0;
  private checked = 0;
  private updatesSince = 0;
  private readonly startedAt = Date.now();
  /** All rows are to be looked at. */
  private isRowsDue = false;
  private whole: Generator<void, void, undefined> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The database is not to be read any more. */
  private isClosed = false;
  private isRunning = false;

  /** `isQuiet`: nobody changes the index now. */
  constructor(
    /** A rebuild makes another. */
    private readonly workspaceNow: () => Workspace,
    private readonly isQuiet: () => boolean,
  ) {}

  /** An update was published; what it touched is looked at soon. */
  updated(paths: readonly string[]): void {
    if (paths.length > MANY_FILES) this.isRowsDue = true;
    else for (const path of paths) this.touched.add(path);
    this.updatesSince++;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.lookAtTouched();
    }, DELAY).unref();
  }

  /** The index was made anew: what was known of the old one is void. */
  startOver(): void {
    this.touched.clear();
    this.broken.clear();
    this.stale.clear();
    this.hasOrphans = false;
    this.whole = undefined;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.touched.clear();
    this.whole = undefined;
  }

  /** Looks at what was touched, and at everything when that is due, until it is done or somebody wants something. */
  async rest(): Promise<void> {
    await this.lookAtTouched();
    if (this.isClosed) return;
    if (this.whole === undefined) {
      if (this.isWholeDue) this.whole = this.lookAtEverything();
      else if (this.isRowsDue) this.whole = this.lookAtRows();
    }
    const { whole } = this;
    if (whole === undefined) return;
    const isDone = await this.run(() => whole.next().done === true);
    if (isDone && this.whole === whole) this.whole = undefined;
  }

  /** Files of which something is wrong in the index, once. */
  takeBroken(): readonly string[] {
    return taken(this.broken);
  }

  /** Files that changed without a notice, once. */
  takeStale(): readonly string[] {
    return taken(this.stale);
  }

  /** Whether there are rows that belong to nothing, once. */
  takeOrphans(): boolean {
    const result = this.hasOrphans;
    this.hasOrphans = false;
    return result;
  }

  /** What was found is mended. */
  repaired(): void {
    for (const [i, problem] of this.problems.entries()) this.problems[i] = { ...problem, isRepaired: true };
  }

  report(): ConsistencyReport {
    return {
      lastWhole: this.lastWhole,
      updatesSince: this.updatesSince,
      waiting: this.touched.size,
      checked: this.checked,
      problems: [...this.problems],
      found: this.found,
    };
  }

  private get lastWhole(): number | undefined {
    const text = this.workspaceNow().store.meta.get(LAST_WHOLE);
    return text === undefined ? undefined : Number(text);
  }

  private get isWholeDue(): boolean {
    return this.updatesSince >= WHOLE_AFTER_UPDATES || Date.now() - (this.lastWhole ?? this.startedAt) >= WHOLE_AFTER;
  }

  private async lookAtTouched(): Promise<void> {
    await this.run(() => {
      const next = this.touched.values().next();
      if (next.done === true) return true;
      this.touched.delete(next.value);
      this.lookAt(next.value);
      return false;
    });
  }

  /** Steps until one says that it was the last, or somebody wants something; true in the first case. */
  private async run(step: () => boolean): Promise<boolean> {
    if (this.isRunning) return false;
    this.isRunning = true;
    try {
      for (;;) {
        // A cancelled update leaves work to do, and rows that do not fit until it is done.
        if (this.isClosed || !this.isQuiet() || this.workspaceNow().store.files.hasPending()) return false;
        const end = performance.now() + SLICE;
        while (performance.now() < end) if (step()) return true;
        await pause();
      }
    } finally {
      this.isRunning = false;
    }
  }

  /** What an update touched: its rows, its findings, and its content. */
  private lookAt(path: string): void {
    const id = this.workspaceNow().idOf(path);
    this.checked++;
    if (id === undefined) return;
    this.tell(this.workspaceNow().store.consistency.ofFile(id));
    // If the file changed once more, the notice of that is on its way.
    this.lookAtContent(id, path);
  }

  private *lookAtEverything(): Generator<void, void, undefined> {
    const { store } = this.workspaceNow();
    yield* this.lookAtRows();
    for (const { id, root, path } of [...store.files.manifest()]) {
      const absolute = joinPath(root, path);
      this.checked++;
      if (this.lookAtContent(id, absolute) === 'stale') this.stale.add(absolute);
      yield;
    }
    store.batch(() => {
      store.meta.set(LAST_WHOLE, String(Date.now()));
    });
    this.updatesSince = 0;
  }

  private *lookAtRows(): Generator<void, void, undefined> {
    for (const problems of this.workspaceNow().store.consistency.whole()) {
      this.tell(problems);
      yield;
    }
    this.isRowsDue = false;
  }

  /** `stale`: the file changed, as its time or size tell. A change that they do not tell is one that nobody would ever notice. */
  private lookAtContent(id: FileId, path: string): 'same' | 'stale' | 'wrong' {
    const { documents, store } = this.workspaceNow();
    const row = store.files.get(id);
    if (row === undefined || row.hash === '' || row.state === 'failed') return 'same';
    // Text that was typed comes with notices of its own; so does what is left out by now.
    if (documents.overlay(path) !== undefined) return 'same';
    const file = documents.inspect(path);
    if (file === undefined) return 'same';
    if (file.mtimeMs !== row.mtime || file.size !== row.size) {
      return hashOfFile(path) === row.hash ? 'same' : 'stale';
    }
    const now = hashOfFile(path);
    if (now === undefined || now === row.hash) return 'same';
    this.note({ path, problem: 'The file has another content than the index.' });
    return 'wrong';
  }

  private tell(problems: readonly RowProblem[]): void {
    for (const { file, problem } of problems) {
      if (file === undefined) {
        this.hasOrphans = true;
        this.note({ path: '', problem: `In the index, ${problem}.` });
      } else {
        const path = this.workspaceNow().pathOf(file)?.absolute ?? '';
        this.note({ path, problem: `In the index, the file ${problem}.` });
      }
    }
  }

  private note(problem: ConsistencyProblem): void {
    if (problem.path !== '') this.broken.add(problem.path);
    this.found++;
    this.problems.push({ ...problem, at: Date.now(), isRepaired: false });
    if (this.problems.length > MAX_KEPT) this.problems.shift();
    const where = problem.path === '' ? '' : `${problem.path}: `;
    this.workspaceNow().log.error(`${where}${problem.problem} It is put right.`);
  }
}

function taken(paths: Set<string>): readonly string[] {
  const result = [...paths];
  paths.clear();
  return result;
}
