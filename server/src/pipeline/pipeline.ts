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
import { fileOf, type FileId } from '../model/ids';
import { Background } from './background';
import { FindingBook } from './findingBook';
import type { FirstIndexOptions } from './firstIndex';
import { FirstIndexing, type RunOptions, type ScanOptions } from './firstIndexing';
import { dumpOf, statisticsOf, type Generation } from './generation';
import { Indexing, type ChangeSet, type IndexedChanges } from './indexing';
import { Linking, NOTHING_LINKED } from './linking';
import { IS_DERIVED, areModelsOther, filesToReview, noteModels } from './modelReview';
import { CancelledError } from './options';
import { NOTHING_PRESENTED, Presenting, type Presented } from './presenting';
import { Preview } from './preview';
import type { LinkReason } from '../link/linker';
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

/** An index of so many new files is saved soon: computing its links and summaries again would take long. */
const MANY_FILES = 200;
/** When there was no update for so many milliseconds. */
const QUIET = 3_000;
/** Files whose links or summaries are written in one step. */
const STEP = 32;

const NO_FILES: ReadonlySet<FileId> = new Set();

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
  /** What is left of taking up links and summaries of the last process; nothing needs them before something changes. */
  private restoring: Generator<void, void, undefined> | undefined;
  private readonly background = new Background(() => this.workspace.memory.look());
  /** For what an update waits for, however full the memory is. */
  private readonly awaited = new Background();
  /** What is shown of documents that are edited meanwhile. */
  private previews: Preview | undefined;
  /** Files that use APIs of which models say something else than when their results were saved. */
  private reviewed: ReadonlySet<FileId> = NO_FILES;
  /** Configuration that changed, and was not settled yet: a cancelled update leaves it to the next. */
  private readonly configuration = new Set<string>();
  /** Links and summaries are those of the facts, not what a cancelled update left of them. */
  private isSettled = true;
  /** An update is under way. */
  private isRunning = false;
  private isClosed = false;
  /** An update was settled whose links, summaries and findings are not all in the database. */
  private hasUnwritten = false;
  /** A first index is to be saved, as soon as nobody wants anything: taking a checkpoint keeps edits waiting. */
  private isUnsaved = false;
  private saving: NodeJS.Timeout | undefined;
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
        await this.whenRestored();
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
    });
    this.derived = this.derive();
    workspace.store.onCheckpoint = () => {
      this.writeDerived();
    };
    this.restore();
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
    return !this.isUnsaved;
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
    // An update that is under way is saved by the next checkpoint.
    const isSaved = await this.store.checkpoint();
    this.isUnsaved = !isSaved || this.hasUnwritten;
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
      clearTimeout(this.saving);
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
      if (this.configuration.size > 0) await this.whenRestored();
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
      if (this.restoring === undefined) this.previews = undefined;
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
    if (this.restoring !== undefined) {
      this.finishRestoring();
      pending = this.workspace.store.files.pending();
    }
    const { early } = this.first;
    if (early.takeUsed()) {
      this.derived = this.derive(this.derived.linking);
      this.derived.presenting.writeAll(this.book);
    }
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
      () => linking.update(pending, [...this.configuration], this.reviewed, reasons),
      NOTHING_LINKED,
    );
    if (this.first.isDue) {
      // Solving all needs the memory, and neither the text of many files nor, where there were many, whoever extracts.
      linking.linker.release();
      this.workers.rest(pending.length);
    }
    this.results.report.linked(links, reasons ?? [], this.results.names);
    solving.review(links);
    solving.distrust(this.reviewed);
    progress('solve', 0, links.relinked.length, 'solving');
    const { recomputed, answered } = this.registry.run(
      'solve',
      links.relinked.length,
      () => {
        const first = this.firstPart(pending, options.onPublish);
        // Left before its end, it is gone on with, and not begun again.
        if (this.first.isDue) early.tell(changed);
        return solving.update(changed, removed, links.relinked, first);
      },
      NOTHING_SOLVED,
    );
    this.results.report.solved(answered, links.relinked, this.results.names);
    this.midway = undefined;
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
    const isLater = this.isUnsaved || indexed.files.length >= MANY_FILES;
    this.workspace.store.batch(() => {
      if (!isLater) presenting.write(this.workspace.store, this.book);
      this.workspace.store.files.clearPending();
      if (this.reviewed.size > 0) noteModels(this.workspace);
    });
    for (const file of removed) this.workspace.forgetRemoved(file);
    this.reviewed = NO_FILES;
    this.configuration.clear();
    linking.begin();
    if (this.first.isDue) {
      linking.linker.measure();
      solving.measure();
    }
    this.first.done();
    this.isSettled = true;
    this.hasUnwritten = true;
    const { affected } = book;
    return this.results.published(
      indexed,
      { affected, relinked: links.relinked.length, summarized: recomputed.size },
      started,
    );
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
      checkpoint: () => {
        if (this.token?.isCancelled === true) throw new CancelledError();
        this.first.giveWay();
        workspace.memory.look();
        this.midway?.();
      },
    });
    const presenting = new Presenting(workspace, solving, () => {
      // What a first index found is told as a whole.
      if (this.token?.isCancelled === true && !this.first.isDue) throw new CancelledError();
    });
    return { linking, solving, presenting };
  }

  /** What a checkpoint saves beside what is in the database already. */
  private writeDerived(): void {
    const { store } = this.workspace;
    if (!this.isSettled || this.first.isDue) {
      // What a cancelled update left half done stays as it was saved last, and its files stay pending. Those of updates
      // before it do not: whoever takes up what is saved now has to derive it anew.
      if (this.hasUnwritten) store.meta.set(IS_DERIVED, 'no');
      return;
    }
    const { linking, solving, presenting } = this.derived;
    linking.write();
    solving.write(store);
    presenting.write(store, this.book);
    store.meta.set(IS_DERIVED, 'yes');
    this.hasUnwritten = false;
  }

  /** Takes up what the last process left, unless it was made with other models. */
  private restore(): void {
    const { store } = this.workspace;
    if (store.isEmpty) {
      this.first.isDue = true;
      store.batch(() => {
        noteModels(this.workspace);
      });
      return;
    }
    const isOther = areModelsOther(this.workspace);
    const { linking } = this.derived;
    if (store.meta.get(IS_DERIVED) === 'yes' && linking.isReadable) {
      const reviewed = isOther ? filesToReview(this.workspace, linking) : NO_FILES;
      if (reviewed !== undefined) {
        if (isOther) this.review(reviewed);
        this.book.takeOver(this.derived.presenting.stored(store));
        linking.restoreAsked();
        this.derived.solving.restoreAsked(store);
        this.restoring = this.takeUp();
        return;
      }
    }
    if (isOther) this.workspace.log.info('The models changed: links and summaries are computed anew.');
    // Otherwise the last process ended before what is derived was saved once, with nothing but the facts of files kept.
    this.deriveAnew();
    this.first.isDue = true;
  }

  private review(files: ReadonlySet<FileId>): void {
    const { store, log } = this.workspace;
    this.reviewed = files;
    store.batch(() => {
      store.files.markPending(files);
      if (files.size === 0) noteModels(this.workspace);
    });
    log.info(`The models changed: ${String(files.size)} files that use what they speak of are analysed again.`);
  }

  private deriveAnew(): void {
    const { store } = this.workspace;
    this.derived = this.derive();
    store.batch(() => {
      store.links.removeAll();
      store.answers.removeAll();
      store.summaries.removeAll();
      store.findings.removeAll();
      store.files.markPending(Array.from(store.files.manifest(), ({ id }) => id));
      noteModels(this.workspace);
    });
    this.reviewed = NO_FILES;
  }

  /** Links, summaries and what is joined of them, as the last process left them. */
  private *takeUp(): Generator<void, void, undefined> {
    const { linking, solving, presenting } = this.derived;
    try {
      if (!(yield* linking.restore())) {
        this.deriveAnew();
        return;
      }
      yield* solving.restoreAll(this.workspace.store);
      // Where something is to be done anew, findings are compared when it is done.
      if (!this.workspace.store.files.hasPending()) yield* presenting.compare(this.book);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.workspace.log.error(`The stored links and summaries can't be taken up: ${reason}`);
      this.deriveAnew();
    }
  }

  /** Takes up what the last process left, before something changes, in steps that let hovers and the like be answered in between. */
  private async whenRestored(): Promise<void> {
    const { restoring, token } = this;
    if (restoring === undefined) return;
    const steps = function* (): Generator<void, void, undefined> {
      while (token?.isCancelled !== true && restoring.next().done !== true) yield;
    };
    await this.awaited.start(steps());
    if (token?.isCancelled === true) throw new CancelledError();
    this.restoring = undefined;
  }

  private finishRestoring(): void {
    const { restoring } = this;
    if (restoring === undefined) return;
    this.background.stop();
    while (restoring.next().done !== true);
    this.restoring = undefined;
  }

  /** Between updates: takes up what the last process left, and saves a first index. */
  private continueLater(indexedFiles: number): void {
    const { restoring } = this;
    if (restoring !== undefined) {
      void this.background.start(restoring, () => {
        this.restoring = undefined;
      });
    }
    if (indexedFiles >= MANY_FILES) this.isUnsaved = true;
    if (!this.isUnsaved) return;
    this.saving = setTimeout(() => {
      this.save();
    }, QUIET).unref();
  }

  /** Saves the index, in steps short enough for whoever starts to type. */
  private save(): void {
    const { store } = this.workspace;
    const { linking, solving, presenting } = this.derived;
    let isMore = false;
    store.batch(() => {
      isMore = linking.write(STEP) || solving.write(store, STEP) || presenting.write(store, this.book, STEP);
    });
    if (isMore) {
      this.saving = setTimeout(() => {
        this.save();
      }, 0).unref();
      return;
    }
    this.isUnsaved = false;
    void store.checkpointIfDue();
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
    this.finishRestoring();
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
    if (this.restoring === undefined) return undefined;
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
        await this.whenRestored();
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
    this.finishRestoring();
    return statisticsOf(this.workspace, this.derived, this.book);
  }

  dump(): readonly string[] {
    return [...this.dumpLines()].sort();
  }

  /** Line by line, in any order. Not to be gone on with once anything has changed. */
  *dumpLines(): Generator<string, void, undefined> {
    this.finishRestoring();
    yield* dumpOf(this.workspace, this.derived);
  }

  async idle(): Promise<readonly string[]> {
    await this.queue;
    let affected: readonly string[] = [];
    if (this.isClosed) return affected;
    const isCollecting = this.mayCollect;
    // What nobody asks for is not worth saving, unless this takes long and there is nothing else on disk.
    if (!isCollecting || this.isUnsaved) await this.store.checkpointIfDue();
    // Something to do came in, or this is the end.
    if (this.isRunning || this.isClosed) return affected;
    if (this.restoring !== undefined) {
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
    if (this.isRunning || this.restoring !== undefined || !this.isSettled) return false;
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
    this.hasUnwritten = true;
    this.results.generation++;
    return [...affected];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.saving);
    this.background.stop();
    await this.queue;
    await this.workspace.store.close();
  }
}
