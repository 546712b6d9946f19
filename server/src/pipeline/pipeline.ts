/**
 * The whole way of the data, top to bottom:
 *
 *     discover → parse → extract → store → link → solve → present
 *
 * One orchestrator serves the first index, edits and the command line. A generation is published when its last stage is
 * done; until then (and when it is cancelled) everybody sees the one before.
 */
import type {
  Analysis,
  AnalysisSettings,
  CancellationToken,
  IndexStatistics,
  Progress,
  PublishListener,
  StageReport,
  Update,
} from '../model/analysis';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { SliceOptions, SliceRequest, SliceResult } from '../model/slice';
import { isIgnoreFile } from '../documents';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import { Background } from './background';
import { FindingBook } from './findingBook';
import type { FirstIndexOptions } from './firstIndex';
import { FirstIndexing, type RunOptions, type ScanOptions } from './firstIndexing';
import { dumpOf, statisticsOf, type Generation } from './generation';
import { Indexing, type ChangeSet, type IndexedChanges } from './indexing';
import { Linking, NOTHING_LINKED } from './linking';
import { noteModels } from './modelReview';
import { CancelledError } from './options';
import { NOTHING_PRESENTED, Presenting, type Presented } from './presenting';
import { Preview } from './preview';
import { Restoring } from './restoring';
import { MANY_FILES, Saving } from './saving';
import type { LinkReason, LinkUpdate } from '../link/linker';
import type { PendingRow } from '../store/rows';
import type { Store } from '../store/store';
import type { FirstPart } from '../taint/solverHost';
import { NOTHING_SOLVED, Solving, type SolveResult } from './solving';
import { SliceRun } from './sliceRun';
import { Stages } from './stages';
import { NOTHING_DONE, UpdateResults } from './updateResults';
import { WarmWorkers } from './warmWorkers';
import { joinPath, type Workspace } from './workspace';

/** So many functions that wait for others to be solved are worth publishing the open documents before them. */
const MANY_FUNCTIONS = 8;
/** And so many milliseconds are, however few there are. */
const LONG = 20;

export class Pipeline implements Omit<Analysis, 'rebuild' | 'setOverlay' | 'removeOverlay'> {
  private readonly registry = new Stages();
  private readonly indexing: Indexing;
  private readonly book: FindingBook;
  private derived: Generation;
  private readonly results: UpdateResults;
  private token: CancellationToken | undefined;
  /** Publishes the open documents when solving the rest takes its time. */
  private midway: (() => void) | undefined;
  /** Updates run one after the other: there is one writer. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly restoring: Restoring;
  private readonly background = new Background(() => this.workspace.memory.look());
  /** What is shown of documents that are edited meanwhile. */
  private previews: Preview | undefined;
  /** Configuration that changed, and was not settled yet: a cancelled update leaves it to the next. */
  private readonly configuration = new Set<string>();
  /** Links and summaries are those of the facts, not what a cancelled update left of them. */
  private isSettled = true;
  /** An update is under way. */
  private isRunning = false;
  private isClosed = false;
  private readonly saving: Saving;
  private readonly workers: WarmWorkers;
  /** Until a scan has settled what was never settled, updates look at open documents and what they need only. */
  private readonly first: FirstIndexing;

  constructor(
    readonly workspace: Workspace,
    private settings: AnalysisSettings,
    /** The last that was published. */
    generation = 0,
  ) {
    this.indexing = new Indexing(
      workspace,
      this.registry,
      async () => {
        await this.restoring.whenDone();
        this.book.readAll();
      },
      (file) => {
        this.derived.linking.changed(file);
        this.first.changed(file);
      },
    );
    this.book = new FindingBook(settings);
    const { extractor, workerLimit } = workspace;
    this.workers = new WarmWorkers({ extractor, manifest: () => this.store.files.manifest(), from: workerLimit });
    this.results = new UpdateResults({ workspace, book: this.book, solving: () => this.derived.solving }, generation);
    this.first = new FirstIndexing({
      workspace,
      stages: this.registry,
      indexing: this.indexing,
      book: this.book,
      derived: () => this.derived,
      unsettled: () => (this.isSettled = false),
      solveAnew: () => {
        this.solveAnew();
      },
    });
    this.derived = this.derive();
    this.saving = new Saving({
      store: () => this.store,
      derived: () => this.derived,
      book: this.book,
      isSettled: () => this.isSettled && !this.first.isDue,
    });
    workspace.store.onCheckpoint = () => {
      this.saving.write();
    };
    this.restoring = new Restoring({
      workspace,
      book: this.book,
      derived: () => this.derived,
      startOver: () => (this.derived = this.derive()),
      token: () => this.token,
      background: this.background,
    });
    if (!this.restoring.begin()) this.first.isDue = true;
  }

  scan({ paths, onProgress, token, awaited, pause }: ScanOptions): Promise<Update> {
    const find = (): Promise<ChangeSet> => this.noteConfiguration(this.indexing.discover(paths, onProgress, token));
    return this.run(() =>
      this.first.isDue
        ? this.runFirst({ onProgress, token, awaited, pause }, find)
        : this.runNow({ onProgress, token }, find),
    );
  }

  update(paths: readonly string[], options: Parameters<Analysis['update']>[1] = {}): Promise<Update> {
    const find = (): Promise<ChangeSet> => this.noteConfiguration(this.indexing.changesAt(paths, options.token));
    const inTurn = (): Promise<Update> =>
      this.run(() => (this.first.isDue ? this.runEarly(options, find) : this.runNow(options, find)));
    // What another ignore file means is found by looking at the whole disk, which the first index is doing already.
    if (paths.some(isIgnoreFile)) return inTurn();
    return new Promise((resolve, reject) => {
      const later = (): void => void inTurn().then(resolve, reject);
      const now = (): Promise<void> => this.runEarly(options, find).then(resolve, reject);
      if (!this.first.pass(now, later)) later();
    });
  }

  private async noteConfiguration(found: Promise<ChangeSet>): Promise<ChangeSet> {
    const changes = await found;
    for (const path of changes.configuration) this.configuration.add(path);
    // Nobody tells what changed while nothing ran.
    const others = changes.isWhole ? await this.derived.linking.changedConfiguration() : [];
    for (const path of others) this.configuration.add(path);
    return changes;
  }

  private get store(): Store {
    return this.workspace.store;
  }

  get generationNow(): number {
    return this.results.generation;
  }

  /** Whether findings, as far as they are known, are in the database; a first index is saved a moment later, in steps. */
  get isSaved(): boolean {
    return this.saving.isSaved;
  }

  /** Settles when all that was asked for so far is done. */
  whenDone(): Promise<unknown> {
    return this.queue;
  }

  /**
   * Takes the place of another pipeline, and its folder, and is saved there: until then what is on disk is the other's index, which the journal of this one
   * does not continue.
   */
  async succeed(other: Pipeline): Promise<void> {
    await other.whenDone();
    await this.store.succeed(other.store);
    await other.close();
    this.saving.succeeded(await this.store.checkpoint());
    if (!this.isRunning) this.continueLater(0);
  }

  private run(work: () => Promise<Update>): Promise<Update> {
    return this.alone(() => {
      this.registry.begin();
      this.results.report.explains = this.settings.explainUpdates === true;
      return work();
    });
  }

  /** Does something after all that was asked for before, and before what is asked for later. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(() => {
      // A step that was begun before an update may speak of what the update changes.
      this.background.stop();
      this.isRunning = true;
      this.saving.hold();
      return work();
    });
    const done = (): void => {
      this.isRunning = false;
    };
    this.queue = result.then(done, done);
    return result;
  }

  private runNow(options: RunOptions, find: () => Promise<ChangeSet>): Promise<Update> {
    return this.withToken(options.token, async (started) => {
      const changes = await find();
      if (this.configuration.size > 0) await this.restoring.whenDone();
      this.derived.linking.begin();
      const indexed = await this.indexing.apply(changes, options, this.results.report);
      this.results.note(indexed);
      const isReconfigured = this.configuration.size > 0;
      const update = this.settle(indexed, options, started);
      // The journal says nothing of configuration: what follows from it would be worked out after each start.
      this.continueLater(isReconfigured ? MANY_FILES : indexed.files.length);
      this.workspace.store.checkpointIfOverdue();
      return update;
    });
  }

  private runFirst(options: RunOptions & FirstIndexOptions, find: () => Promise<ChangeSet>): Promise<Update> {
    return this.withToken(options.token, async (started) => {
      const update = await this.first.run(find, options, this.results.report, (indexed) => {
        this.results.note(indexed);
        return this.settle(indexed, options, started);
      });
      this.continueLater(update.indexed.length);
      return update;
    });
  }

  private runEarly(options: RunOptions, find: () => Promise<ChangeSet>): Promise<Update> {
    // The first index, when one is under way, tells what it did itself.
    const end = this.results.beginEarly(this.settings.explainUpdates === true);
    return this.withToken(options.token, async (started) => {
      const [indexed, done] = await this.first.update(find, options, this.results.report);
      this.results.note(indexed);
      return this.results.published(indexed, { ...done, summarized: 0 }, started);
    }).finally(end);
  }

  private async withToken(
    token: CancellationToken | undefined,
    work: (started: number) => Promise<Update>,
  ): Promise<Update> {
    const started = performance.now();
    const outer = this.token;
    this.token = token;
    try {
      const update = await work(started);
      if (this.restoring.isDone) this.previews = undefined;
      return update;
    } catch (error) {
      if (error instanceof CancelledError) return this.results.cancelled(started);
      throw error;
    } finally {
      this.token = outer;
      this.midway = undefined;
    }
  }

  /** From changed facts to published findings. */
  private settle(indexed: IndexedChanges, options: RunOptions, started: number): Update {
    const progress = (stage: Progress['stage'], done: number, total: number, detail: string): void => {
      options.onProgress?.({ stage, done, total, detail });
    };
    let pending = this.workspace.store.files.pending();
    if (pending.length === 0 && this.configuration.size === 0) {
      this.first.done();
      if (!this.derived.solving.lacksSources) return this.results.published(indexed, NOTHING_DONE, started);
      // The last process had another threat model. This is done once, and not to be cancelled.
      this.token = undefined;
      return this.results.published(indexed, { ...NOTHING_DONE, affected: this.lookForMore() }, started);
    }
    if (!this.restoring.isDone) {
      this.restoring.finish();
      pending = this.workspace.store.files.pending();
    }
    const { early } = this.first;
    if (early.takeUsed()) this.solveAnew();
    const { linking, solving, presenting } = this.derived;
    const removed = pending.filter(({ change }) => change === 'removed').map(({ file }) => file);
    const changed = pending
      .filter(({ change, file }) => change !== 'removed' && !early.isTold(file))
      .map(({ file }) => file);
    this.isSettled = false;
    progress('link', 0, pending.length, 'linking');
    const reasons: LinkReason[] | undefined = this.results.report.explains ? [] : undefined;
    const links = this.registry.run(
      'link',
      pending.length,
      () => linking.update(pending, [...this.configuration], this.restoring.reviewed, reasons),
      NOTHING_LINKED,
    );
    if (this.first.isDue) {
      // Solving all needs the memory, and neither the text of many files nor, where there were many, whoever extracts.
      linking.linker.release();
      this.workers.rest(pending.length);
    }
    const relinked = this.noteLinks(linking.withSolved(links), reasons ?? []);
    if (pending.length > 0 || this.configuration.size > 0) solving.noteChange();
    solving.review(links);
    solving.distrust(this.restoring.reviewed);
    progress('solve', 0, links.relinked.length, 'solving');
    const recomputed = this.noteAnswers(
      links,
      this.registry.run(
        'solve',
        links.relinked.length,
        () => {
          const first = this.firstPart(pending, options.onPublish);
          // Left before its end, it is gone on with, and not begun again.
          if (this.first.isDue) early.tell(changed);
          return solving.update(changed, removed, links.relinked, first);
        },
        NOTHING_SOLVED,
      ),
    );
    this.midway = undefined;
    // Findings go through few of the functions that were looked at, and are told when most is in memory.
    if (this.first.isDue) this.workspace.memory.relieve();
    progress('present', 0, 1, 'findings');
    const book = this.registry.run<Presented>(
      'present',
      1,
      () =>
        presenting.update(
          this.book,
          pending.map(({ root, path }) => joinPath(root, path)),
          recomputed,
          pending.flatMap(({ change, root, path }) => (change === 'new' ? [joinPath(root, path)] : [])),
        ),
      NOTHING_PRESENTED,
    );
    this.results.report.traced(book.changes, book.reasonsOf);
    // Those of a first index are saved with its links and summaries.
    const isLater = this.saving.isLater(indexed.files.length);
    this.workspace.store.batch(() => {
      if (!isLater) presenting.write(this.workspace.store, this.book);
      this.workspace.store.files.clearPending();
      if (this.restoring.reviewed.size > 0) noteModels(this.workspace);
    });
    for (const file of removed) this.workspace.forgetRemoved(file);
    this.restoring.reviewDone();
    this.configuration.clear();
    linking.begin();
    if (this.first.isDue) {
      linking.linker.measure();
      solving.measure();
    }
    this.first.done();
    this.isSettled = true;
    this.saving.noteUnwritten();
    const { affected } = book;
    return this.results.published(indexed, { affected, relinked, summarized: recomputed.size }, started);
  }

  /** Open documents that changed: what is found in them is published before what depends on them is solved. */
  private firstPart(pending: readonly PendingRow[], onPublish: PublishListener | undefined): FirstPart | undefined {
    const open = new Map<FileId, string>();
    for (const { file, change, root, path } of pending) {
      const absolute = joinPath(root, path);
      if (change !== 'removed' && this.workspace.documents.overlay(absolute) !== undefined) open.set(file, absolute);
    }
    if (onPublish === undefined || open.size === 0) return undefined;
    const files = new Set(open.keys());
    return {
      has: (id) => files.has(fileOf(id)),
      done: (solved, left) => {
        const due = left >= MANY_FUNCTIONS ? 0 : performance.now() + LONG;
        this.midway = () => {
          if (performance.now() < due) return;
          this.midway = undefined;
          const { affected, changes } = this.derived.presenting.updateFirst(this.book, files, solved);
          this.results.report.traced(changes, () => new Set(open.values()));
          this.results.noteAffected(affected);
          onPublish([...open.values()]);
        };
        this.midway();
      },
    };
  }

  private derive(linking = new Linking(this.workspace)): Generation {
    const { workspace } = this;
    const solving = new Solving({
      bodies: workspace.bodies,
      links: linking.linker,
      models: workspace.models,
      log: workspace.log,
      growthLimit: workspace.growthLimit,
      relativePathOf: (file) => workspace.relativePathOf(file),
      uncountedIn: (file) => workspace.models.uncountedIn(workspace.relativePathOf(file)),
      wantedSources: () => workspace.models.sourceKindsIn(this.settings.threatModels),
      checkpoint: (isBetween) => {
        if (this.token?.isCancelled === true) throw new CancelledError();
        this.first.giveWay(isBetween);
        workspace.memory.look();
        this.midway?.();
      },
    });
    const presenting = new Presenting(workspace, solving, () => {
      // What a first index found is told as a whole.
      if (this.token?.isCancelled === true && !this.first.isDue) throw new CancelledError();
      workspace.memory.look();
    });
    return { linking, solving, presenting };
  }

  /** Returns the number of functions that were linked again; of a first index, nobody keeps which. */
  private noteLinks(links: LinkUpdate, reasons: readonly LinkReason[]): number {
    this.results.report.linked(links, reasons, this.results.names);
    return links.relinked.length;
  }

  /** Returns the functions that were looked at. What was answered in a first index takes much memory until it is let go of. */
  private noteAnswers({ relinked }: LinkUpdate, { recomputed, answered }: SolveResult): ReadonlySet<FunctionId> {
    this.results.report.solved(answered, relinked, this.results.names);
    return recomputed;
  }

  /** With a solver that knows nothing yet. */
  private solveAnew(): void {
    this.derived = this.derive(this.derived.linking);
    this.derived.presenting.writeAll(this.book);
  }

  /** Between updates: takes up what the last process left, and saves a first index. */
  private continueLater(indexedFiles: number): void {
    this.restoring.goOn();
    this.saving.later(indexedFiles);
  }

  changeSettings(settings: AnalysisSettings): Promise<Update> {
    const started = performance.now();
    const result = this.queue.then((): Update => {
      const before = this.settings.threatModels;
      this.settings = settings;
      this.previews?.changeSettings(settings);
      this.workspace.documents.changeSettings(settings);
      const affected = new Set(this.book.changeSettings(settings));
      if ([...before].sort().join(' ') !== [...settings.threatModels].sort().join(' ')) {
        for (const path of this.lookForMore()) affected.add(path);
      }
      const { findings, ...parts } = this.results.takeReport();
      const done = { ...parts, findings: { ...findings, total: this.book.size }, affected: [...affected] };
      return { ...this.results.cancelled(started), ...done, cancelled: false };
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Findings of sources that were not asked for before. */
  private lookForMore(): ReadonlySet<string> {
    this.restoring.finish();
    const { presenting, solving } = this.derived;
    const { affected, changes, reasonsOf } = presenting.update(this.book, [], new Set());
    this.results.report.solved(solving.solver.takeAnswered(), [], this.results.names);
    this.results.report.traced(changes, reasonsOf);
    this.workspace.store.batch(() => {
      presenting.write(this.workspace.store, this.book);
    });
    return affected;
  }

  preview(paths: readonly string[]): Update | undefined {
    if (this.restoring.isDone) return undefined;
    const started = performance.now();
    const previews = (this.previews ??= new Preview(this.workspace, this.settings, this.book));
    if (!previews.look(paths)) return undefined;
    return { ...this.results.cancelled(started), affected: paths, cancelled: false };
  }

  slice(request: SliceRequest, options: SliceOptions = {}): Promise<SliceResult> {
    const run = new SliceRun(request, options, {
      workspace: this.workspace,
      solving: () => this.derived.solving,
      wantedSources: () => this.workspace.models.sourceKindsIn(this.settings.threatModels),
      isReady: async () => {
        if (this.first.isDue) return 'never';
        await this.restoring.whenDone();
        return this.isSettled && !this.store.files.hasPending();
      },
      setToken: (token) => (this.token = token),
    });
    return run.inTurn(async (attempt) => {
      const result = await this.alone(attempt);
      this.continueLater(0);
      return result;
    });
  }

  findingsOf(path: string): readonly ResolvedFinding[] {
    return this.previews?.of(path) ?? this.book.of(path);
  }

  allFindings(): readonly ResolvedFinding[] {
    return this.book.all();
  }

  readFindings(): Generator<void, void, undefined> {
    return this.book.readInSteps();
  }

  statusOf(path: string): FileStatus | undefined {
    return this.indexing.statusOf(path);
  }

  statuses(): readonly FileStatus[] {
    return this.indexing.statuses();
  }

  stages(): readonly StageReport[] {
    return this.registry.reports();
  }

  fileCounts(): IndexStatistics['files'] {
    return this.workspace.store.files.countByState();
  }

  statistics(): IndexStatistics {
    this.restoring.finish();
    return statisticsOf(this.workspace, this.derived, this.book);
  }

  dump(): readonly string[] {
    return [...this.dumpLines()].sort();
  }

  /** Line by line, in any order. Not to be gone on with once anything has changed. */
  *dumpLines(): Generator<string, void, undefined> {
    this.restoring.finish();
    yield* dumpOf(this.workspace, this.derived);
  }

  async idle(): Promise<readonly string[]> {
    await this.queue;
    let affected: readonly string[] = [];
    if (this.isClosed) return affected;
    const isCollecting = this.mayCollect;
    // What nobody asks for is not worth saving, unless this takes long and there is nothing else on disk.
    if (!isCollecting || !this.isSaved) await this.store.checkpointIfDue();
    // Something to do came in, or this is the end.
    if (this.isRunning || this.isClosed) return affected;
    if (!this.restoring.isDone) {
      this.continueLater(0);
      return affected;
    }
    if (!this.isSettled || this.store.files.hasPending()) return affected;
    const { solving, linking } = this.derived;
    if (solving.mayHoldUnasked) {
      let collected: SolveResult | undefined;
      const work = (function* (): Generator<void, void, undefined> {
        collected = yield* solving.collect();
      })();
      await this.background.start(work, () => {
        if (collected !== undefined) affected = this.collected(collected);
      });
    }
    // Saved as it is now, the next process need not look again.
    if (this.isAtRest && solving.isSavedUncollected(this.store)) await this.store.checkpoint();
    else if (isCollecting && !this.isRunning && !this.isClosed) await this.store.checkpointIfDue();
    if (this.isAtRest && linking.linker.isCompactionDue) await this.background.start(linking.linker.compact());
    if (this.isAtRest && solving.isCompactionDue) await this.compactAnswers();
    if (this.isAtRest) await this.workers.replace(() => !this.isAtRest || this.workspace.memory.look());
    return affected;
  }

  /** Whether answers may be there that nobody asks for, and all else is done. */
  private get mayCollect(): boolean {
    if (this.isRunning || !this.restoring.isDone || !this.isSettled) return false;
    return this.derived.solving.mayHoldUnasked && !this.store.files.hasPending();
  }

  /** Nothing came in since the last step of what can wait, and nothing is left of it. */
  private get isAtRest(): boolean {
    return !this.isRunning && !this.isClosed && !this.derived.solving.mayHoldUnasked;
  }

  /** Long sessions fill the tables of solving and joining with what is gone; fresh ones take their place. */
  private async compactAnswers(): Promise<void> {
    const { book } = this;
    const old = this.derived;
    const next = this.derive(old.linking);
    const work = (function* (): Generator<void, void, undefined> {
      yield* next.solving.takeOver(old.solving);
      yield* next.presenting.takeOver(old.presenting, book);
    })();
    await this.background.start(work, () => {
      this.derived = next;
    });
  }

  /** Answers that nobody asked for any more are gone, and with them what only they said. */
  private collected({ recomputed }: SolveResult): readonly string[] {
    if (recomputed.size === 0) return [];
    const { presenting } = this.derived;
    const { affected } = presenting.update(this.book, [], recomputed);
    this.workspace.store.batch(() => {
      presenting.write(this.workspace.store, this.book);
    });
    this.saving.noteUnwritten();
    this.results.generation++;
    return [...affected];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.saving.hold();
    this.background.stop();
    await this.queue;
    await this.workspace.store.close();
  }
}
