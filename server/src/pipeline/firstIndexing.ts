/**
 * A first index, and what goes on before and during it. It is loaded in large batches, linked and solved package by package while
 * the workers extract, and settled in stretches. Wherever it can be left, updates go ahead of it: what can be said of open
 * documents by then is shown. What an earlier process, or a run that was cancelled, had stored is not extracted again.
 */
import type { CancellationToken, Progress, PublishListener, Update } from '../model/analysis';
import type { FileId } from '../model/ids';
import { EarlyResults } from './earlyResults';
import { FirstIndex, InterruptedError, type FirstIndexOptions } from './firstIndex';
import type { FindingBook } from './findingBook';
import type { Generation } from './generation';
import type { ChangeSet, IndexedChanges, Indexing, StoredListener } from './indexing';
import { NOTHING_LINKED } from './linking';
import { LinkingAhead } from './linkingAhead';
import { Pulling } from './pulling';
import { SolvingAhead } from './solvingAhead';
import type { Stages } from './stages';
import type { UpdateReport } from './updateReport';
import { joinPath, type Workspace } from './workspace';

/** One file in so many that is new makes a bulk load. */
const BULK_SHARE = 4;

export interface RunOptions {
  readonly onPublish?: PublishListener | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly token?: CancellationToken | undefined;
}

export interface ScanOptions extends Omit<RunOptions, 'onPublish'>, FirstIndexOptions {
  readonly paths?: readonly string[] | undefined;
}

/** What an update that looked at open documents only did. */
export interface EarlyDone {
  readonly affected: Iterable<string>;
  readonly relinked: number;
}

export interface FirstHost {
  readonly workspace: Workspace;
  readonly stages: Stages;
  readonly indexing: Indexing;
  readonly book: FindingBook;
  readonly derived: () => Generation;
  /** Links and answers are not those of the facts any more. */
  readonly unsettled: () => void;
  /** The solver has to start from nothing. */
  readonly solveAnew: () => void;
}

export class FirstIndexing {
  readonly early = new EarlyResults();
  /** Nothing was ever settled of this index. */
  isDue = false;
  private readonly pulling: Pulling;
  private running: FirstIndex | undefined;
  private isSettling = false;

  constructor(private readonly host: FirstHost) {
    this.pulling = new Pulling(host.workspace, host.indexing);
  }

  /** The file has other facts, or none any more. */
  changed(file: FileId): void {
    this.early.changed(file);
    this.pulling.changed(file);
  }

  /** All is settled; what changes from now on is an update like any other. */
  done(): void {
    this.isDue = false;
    this.early.clear();
    this.host.workspace.memory.firstIndexDone();
  }

  /** While a first index runs, an update can go ahead of it. False when none does. */
  pass(now: () => Promise<void>, later: () => void): boolean {
    if (this.running === undefined) return false;
    this.running.pass({ now, later });
    return true;
  }

  /** Polled while solving. */
  giveWay(isBetween: boolean): void {
    if (this.isSettling) this.running?.giveWay(this.progress(), isBetween);
  }

  /** Stores and links what `find` finds, and has it settled. When `settle` gives way to an update, it is called again and has to go on. */
  async run(
    find: () => Promise<ChangeSet>,
    options: RunOptions & FirstIndexOptions,
    report: UpdateReport,
    settle: (indexed: IndexedChanges) => Update,
  ): Promise<Update> {
    const { indexing, workspace } = this.host;
    const running = new FirstIndex(options);
    this.running = running;
    indexing.beginLong();
    try {
      const changes = await running.while(find());
      const listener = this.listener(changes, running);
      const apply = (): Promise<IndexedChanges> => indexing.apply(changes, options, report, listener);
      const indexed = isBulk(changes) ? await workspace.store.bulk(apply) : await apply();
      return await this.settle(indexed, running, settle);
    } finally {
      this.running = undefined;
      indexing.endLong();
      running.end();
    }
  }

  /** In stretches between which updates go ahead. */
  private async settle(
    indexed: IndexedChanges,
    running: FirstIndex,
    settle: (indexed: IndexedChanges) => Update,
  ): Promise<Update> {
    for (;;) {
      await running.pause();
      try {
        return this.interruptibly(running, () => settle(indexed));
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
      }
    }
  }

  /** Throws `InterruptedError` when somebody waits. */
  private interruptibly<T>(running: FirstIndex, work: () => T): T {
    this.isSettling = true;
    try {
      return running.stretch(work, this.progress());
    } finally {
      this.isSettling = false;
    }
  }

  private progress(): number {
    return this.host.derived().solving.progress;
  }

  /** An update before or during a first index: what can be said of open documents by then. */
  async update(
    find: () => Promise<ChangeSet>,
    options: RunOptions,
    report: UpdateReport,
  ): Promise<[IndexedChanges, EarlyDone]> {
    const { indexing, workspace, derived, book } = this.host;
    const indexed = await indexing.apply(await find(), { ...options, urgent: true }, report);
    const open = new Map<FileId, string>();
    for (const file of indexed.files) {
      const path = workspace.pathOf(file)?.absolute ?? '';
      if (workspace.documents.overlay(path) !== undefined) open.set(file, path);
    }
    if (open.size === 0) return [indexed, { affected: [], relinked: 0 }];
    const show = (files: readonly FileId[], gone: readonly FileId[]): EarlyDone => {
      this.host.unsettled();
      const { change, relinked } = this.early.update(files, gone, open, derived(), book, options.onPublish);
      report.traced(change.changes, () => new Set(open.values()));
      return { affected: change.affected, relinked: relinked.length };
    };
    const done = show(indexed.files, indexed.gone);
    const pulled = await this.pulling.pull(open.keys(), options.token, report);
    return [indexed, pulled.length === 0 ? done : show(pulled, [])];
  }

  /** Links and solves what is complete while the rest is extracted. */
  private listener({ changes }: ChangeSet, running: FirstIndex): StoredListener {
    const { workspace, stages, derived, unsettled } = this.host;
    const paths = changes.flatMap((change) =>
      change.kind === 'index' && change.file.state === 'found' ? [change.file.absolutePath] : [],
    );
    const solver = new SolvingAhead({
      early: this.early,
      derived,
      solveAnew: this.host.solveAnew,
      run: (count, work) => {
        this.interruptibly(running, () => {
          stages.run('solve', count, work, undefined);
        });
      },
    });
    const ahead = new LinkingAhead(
      paths,
      workspace.documents.view,
      (files) => {
        workspace.memory.look();
        unsettled();
        const links = stages.run('link', 0, () => derived().linking.linkAhead(files), NOTHING_LINKED);
        solver.solve(files, links);
        return links;
      },
      workspace.aheadFiles,
    );
    // What an earlier run had stored before it was cut off.
    for (const { file, change, root, path } of workspace.store.files.pending())
      if (change !== 'removed' && !derived().linking.isAhead(file)) ahead.add(joinPath(root, path), file);
    return {
      stored: (path, file) => {
        ahead.stored(path, file);
      },
      step: async () => {
        await running.pause();
        ahead.step();
      },
    };
  }
}

/** Whether it is so much that everything put together at once is cheaper than each for itself. */
function isBulk({ changes, unchanged }: ChangeSet): boolean {
  return changes.length > 1 && changes.length * BULK_SHARE > unchanged;
}
