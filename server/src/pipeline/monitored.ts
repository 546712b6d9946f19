/**
 * An analysis that watches itself: keeps a history of its runs, looks whether the index is consistent when there is
 * nothing else to do, and mends what is not; tells how it is doing; and does without incremental work where the
 * settings say so, by building everything anew for each change.
 */
import { setImmediate as pause, setTimeout as wait } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { AnalysisSettings, IndexStatistics, StageReport, Update } from '../model/analysis';
import { DigestBuilder, type DigestedDocument, type IndexDigest } from '../model/digest';
import type { FileState, FileStatus, ResolvedFinding } from '../model/finding';
import type { IndexHealth, MonitoredAnalysis, RunRecord } from '../model/health';
import type { SliceOptions, SliceRequest, SliceResult } from '../model/slice';
import { Consistency } from './consistency';
import type { Rebuildable } from './rebuildable';
import { RunHistory } from './runHistory';

/** Files of one state that are listed. */
const MAX_LISTED = 500;
/** Milliseconds of work between two looks at what came in. */
const SLICE = 8;
/** A digest that updates interrupted begins again so often, after so many milliseconds without one. */
const TRIES = 20;
const QUIET = 500;

export class Monitored implements MonitoredAnalysis {
  private readonly history: RunHistory;
  private readonly consistency: Consistency;
  /** Calls of the pipeline that are under way. */
  private running = 0;
  private changes = 0;
  private lastRun = 0;
  /** Folders and files that were named, which a clean analysis of the roots would not find. */
  private readonly named = new Set<string>();

  constructor(
    private readonly pipeline: Rebuildable,
    private settings: AnalysisSettings,
  ) {
    this.history = new RunHistory(() => this.pipeline.workspace.store);
    this.consistency = new Consistency(
      () => this.pipeline.workspace,
      // Until what was found is in the database, its rows may speak of files that are gone.
      () => this.running === 0 && this.pipeline.isSaved,
    );
  }

  scan(options: Parameters<MonitoredAnalysis['scan']>[0]): Promise<Update> {
    for (const path of options.paths ?? []) this.named.add(path);
    if (this.isIncremental || options.paths !== undefined) {
      return this.run('scan', () => this.pipeline.scan(options));
    }
    return this.run('scan', () => this.pipeline.rebuild(options));
  }

  update(paths: readonly string[], options: Parameters<MonitoredAnalysis['update']>[1] = {}): Promise<Update> {
    if (this.isIncremental) return this.run('update', () => this.pipeline.update(paths, options));
    return this.run('update', async () => {
      const update = await this.pipeline.rebuild(options);
      if (update.cancelled || this.named.size === 0) return update;
      await this.pipeline.scan({ ...options, paths: [...this.named] });
      return update;
    });
  }

  rebuild(options: Parameters<MonitoredAnalysis['rebuild']>[0]): Promise<Update> {
    this.consistency.startOver();
    return this.run('rebuild', () => this.pipeline.rebuild(options));
  }

  async changeSettings(settings: AnalysisSettings): Promise<Update> {
    this.settings = settings;
    return this.guarded(() => this.pipeline.changeSettings(settings));
  }

  async idle(): Promise<readonly string[]> {
    if (this.running > 0) return [];
    this.history.save();
    const affected = new Set(await this.guarded(() => this.pipeline.idle()));
    await this.consistency.rest();
    for (const path of await this.repair()) affected.add(path);
    return [...affected];
  }

  async health(): Promise<IndexHealth> {
    const { store, extractor } = this.pipeline.workspace;
    const { folder, databaseBytes, journalBytes, cacheBytes, lastCheckpoint } = store.statistics();
    const heap = getHeapStatistics();
    const memory = process.memoryUsage();
    const paths = await this.truncatedPaths();
    return {
      at: Date.now(),
      isIncremental: this.isIncremental,
      statistics: this.pipeline.statistics(),
      ...paths,
      stages: this.pipeline.stages(),
      ...remarkable(this.pipeline.statuses()),
      storage: { folder, databaseBytes, journalBytes, cacheBytes, lastCheckpoint, notices: store.notices },
      memory: {
        processBytes: memory.rss,
        heapBytes: heap.used_heap_size,
        heapLimitBytes: heap.heap_size_limit,
        externalBytes: memory.external,
      },
      extractionThreads: extractor.parallelism,
      runs: this.history.all,
      consistency: this.consistency.report(),
    };
  }

  async digest(token?: { readonly isCancelled: boolean }): Promise<IndexDigest | undefined> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      while (this.running > 0 || performance.now() - this.lastRun < QUIET) {
        if (token?.isCancelled === true) return undefined;
        await wait(QUIET / 4);
      }
      const { changes } = this;
      await this.guarded(async () => {
        // What an earlier process left is taken up before, and what edits left behind goes: a clean build has neither.
        const lines = this.pipeline.dumpLines();
        lines.next();
        lines.return();
        await this.pipeline.idle();
      });
      const digest = this.changes === changes + 1 ? await this.digestNow(token) : undefined;
      if (digest !== undefined || token?.isCancelled === true) return digest;
    }
    return undefined;
  }

  setOverlay(path: string, text: string, languageId: string): void {
    this.pipeline.setOverlay(path, text, languageId);
  }

  removeOverlay(path: string): void {
    this.pipeline.removeOverlay(path);
  }

  preview(paths: readonly string[]): Update | undefined {
    return this.isIncremental ? this.pipeline.preview(paths) : undefined;
  }

  slice(request: SliceRequest, options?: SliceOptions): Promise<SliceResult> {
    return this.guarded(() => this.pipeline.slice(request, options));
  }

  findingsOf(path: string): readonly ResolvedFinding[] {
    return this.pipeline.findingsOf(path);
  }

  allFindings(): readonly ResolvedFinding[] {
    return this.pipeline.allFindings();
  }

  readFindings(): Generator<void, void, undefined> {
    return this.pipeline.readFindings();
  }

  statusOf(path: string): FileStatus | undefined {
    return this.pipeline.statusOf(path);
  }

  statuses(): readonly FileStatus[] {
    return this.pipeline.statuses();
  }

  stages(): readonly StageReport[] {
    return this.pipeline.stages();
  }

  fileCounts(): IndexStatistics['files'] {
    return this.pipeline.fileCounts();
  }

  statistics(): IndexStatistics {
    return this.pipeline.statistics();
  }

  dump(): readonly string[] {
    return this.pipeline.dump();
  }

  async close(): Promise<void> {
    this.consistency.close();
    await this.pipeline.close();
  }

  private get isIncremental(): boolean {
    return this.settings.incremental;
  }

  private async run(kind: RunRecord['kind'], work: () => Promise<Update>): Promise<Update> {
    const update = await this.guarded(work);
    if (update.cancelled) return update;
    this.history.add(kind, update);
    this.consistency.updated([...update.indexed, ...update.removed, ...update.affected]);
    return update;
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    this.running++;
    this.changes++;
    try {
      return await work();
    } finally {
      this.running--;
      this.lastRun = performance.now();
    }
  }

  /** Reads anew what was found to be wrong. Gives the files whose findings changed. */
  private async repair(): Promise<readonly string[]> {
    if (this.running > 0) return [];
    const { store } = this.pipeline.workspace;
    const broken = this.consistency.takeBroken();
    const stale = this.consistency.takeStale();
    const hasOrphans = this.consistency.takeOrphans();
    if (broken.length + stale.length === 0 && !hasOrphans) return [];
    // Whoever still reads what an earlier process left has to be done with it.
    this.pipeline.allFindings();
    this.pipeline.statistics();
    store.batch(() => {
      for (const path of broken) {
        const id = this.pipeline.workspace.idOf(path);
        if (id === undefined) continue;
        store.files.remove(id);
        this.pipeline.workspace.forget(id);
      }
      if (hasOrphans) store.consistency.removeOrphans();
    });
    const update = await this.run('repair', () => this.pipeline.update([...broken, ...stale]));
    this.consistency.repaired();
    return [...update.affected, ...update.indexed, ...update.removed];
  }

  /** Undefined when an update came in between, or the token was cancelled. */
  private async digestNow(token: { readonly isCancelled: boolean } | undefined): Promise<IndexDigest | undefined> {
    const { changes } = this;
    const builder = new DigestBuilder();
    const lines = this.pipeline.dumpLines();
    try {
      for (;;) {
        const end = performance.now() + SLICE;
        while (performance.now() < end) {
          const next = lines.next();
          if (next.done === true) return builder.result(this.openDocuments());
          builder.add(next.value);
        }
        await pause();
        if (this.changes !== changes || token?.isCancelled === true) return undefined;
      }
    } finally {
      lines.return();
    }
  }

  private openDocuments(): DigestedDocument[] {
    const { documents } = this.pipeline.workspace;
    return documents.overlayPaths().flatMap((path) => {
      const overlay = documents.overlay(path);
      return overlay === undefined ? [] : [{ path, text: overlay.text, languageId: overlay.languageId ?? '' }];
    });
  }

  private async truncatedPaths(): Promise<Pick<IndexHealth, 'truncatedPaths' | 'findingsWithMorePaths'>> {
    let truncatedPaths = 0;
    let findingsWithMorePaths = 0;
    let end = performance.now() + SLICE;
    for (const { paths, morePaths } of this.pipeline.allFindings()) {
      for (const { truncated } of paths) if (truncated !== undefined) truncatedPaths++;
      if (morePaths !== 0) findingsWithMorePaths++;
      if (performance.now() < end) continue;
      await pause();
      end = performance.now() + SLICE;
    }
    return { truncatedPaths, findingsWithMorePaths };
  }
}

function remarkable(statuses: readonly FileStatus[]): Pick<IndexHealth, 'remarkable' | 'remarkableCounts'> {
  const counts: Record<FileState, number> = { indexed: 0, partial: 0, failed: 0, skipped: 0 };
  const listed: FileStatus[] = [];
  for (const status of statuses) if (++counts[status.state] <= MAX_LISTED) listed.push(status);
  listed.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { remarkable: listed, remarkableCounts: counts };
}
