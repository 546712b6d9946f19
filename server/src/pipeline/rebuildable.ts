/**
 * An analysis that can be rebuilt while it is used. A rebuild fills a second index in memory; until that is complete
 * everything is answered by the one there is, edits included, and the disk has nothing but the one there is. So a rebuild
 * that is cancelled, or ends with the process, leaves no trace. What changes meanwhile is told to the second index before it takes over.
 */
import type { Analysis, AnalysisSettings, CancellationToken, IndexStatistics, Update } from '../model/analysis';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { SliceOptions, SliceRequest, SliceResult } from '../model/slice';
import { Pipeline } from './pipeline';
import type { Workspace } from './workspace';

/** What a rebuild under way has to be told before it takes over. */
interface Missed {
  readonly paths: Set<string>;
  readonly others: ((next: Pipeline) => Promise<Update>)[];
}

export class Rebuildable implements Analysis {
  private current: Pipeline;
  private missed: Missed | undefined;
  /** One rebuild at a time. */
  private rebuilding: Promise<unknown> = Promise.resolve();
  private isClosing = false;

  constructor(
    workspace: Workspace,
    private settings: AnalysisSettings,
  ) {
    this.current = new Pipeline(workspace, settings);
  }

  /** With the index that answers now. */
  get workspace(): Workspace {
    return this.current.workspace;
  }

  /** Whether all that was found is in the database. */
  get isSaved(): boolean {
    return this.current.isSaved;
  }

  rebuild(options: Parameters<Analysis['rebuild']>[0]): Promise<Update> {
    const result = this.rebuilding.then(() => this.rebuildNow(options));
    this.rebuilding = result.catch(() => undefined);
    return result;
  }

  private async rebuildNow({ onProgress, awaited, token }: Parameters<Analysis['rebuild']>[0]): Promise<Update> {
    const { current } = this;
    const next = new Pipeline(
      this.workspace.withStore(this.workspace.store.spare()),
      this.settings,
      current.generationNow,
    );
    const isClosing = (): boolean => this.isClosing;
    const either: CancellationToken = {
      get isCancelled() {
        return isClosing() || token?.isCancelled === true;
      },
    };
    const missed: Missed = { paths: new Set(), others: [] };
    this.missed = missed;
    try {
      // Whoever edits meanwhile is answered by the index there is, and not kept waiting.
      const pause = (): Promise<unknown> => current.whenDone();
      let update = await next.scan({ onProgress, awaited, token: either, pause });
      const tell = async (change: Promise<Update>): Promise<void> => {
        const { cancelled } = await change;
        if (cancelled) update = { ...update, cancelled };
      };
      while (!update.cancelled && missed.paths.size + missed.others.length > 0) {
        const paths = [...missed.paths];
        missed.paths.clear();
        for (const other of missed.others.splice(0)) await tell(other(next));
        if (paths.length > 0) await tell(next.update(paths, { token: either }));
      }
      if (update.cancelled) {
        await next.close();
        return { ...update, generation: current.generationNow };
      }
      this.current = next;
      this.missed = undefined;
      await next.succeed(current);
      return { ...update, generation: next.generationNow };
    } catch (error) {
      if (this.current !== next) await next.close();
      throw error;
    } finally {
      this.missed = undefined;
    }
  }

  scan(options: Parameters<Analysis['scan']>[0]): Promise<Update> {
    const { paths } = options;
    this.missed?.others.push((next) => next.scan(paths === undefined ? {} : { paths }));
    return this.current.scan(options);
  }

  update(paths: readonly string[], options: Parameters<Analysis['update']>[1] = {}): Promise<Update> {
    for (const path of paths) this.missed?.paths.add(path);
    return this.current.update(paths, options);
  }

  changeSettings(settings: AnalysisSettings): Promise<Update> {
    this.settings = settings;
    this.missed?.others.push((next) => next.changeSettings(settings));
    return this.current.changeSettings(settings);
  }

  setOverlay(path: string, text: string, languageId: string): void {
    this.workspace.documents.setOverlay(path, text, languageId);
  }

  removeOverlay(path: string): void {
    this.workspace.documents.removeOverlay(path);
  }

  preview(paths: readonly string[]): Update | undefined {
    return this.current.preview(paths);
  }

  slice(request: SliceRequest, options?: SliceOptions): Promise<SliceResult> {
    return this.current.slice(request, options);
  }

  findingsOf(path: string): readonly ResolvedFinding[] {
    return this.current.findingsOf(path);
  }

  allFindings(): readonly ResolvedFinding[] {
    return this.current.allFindings();
  }

  readFindings(): Generator<void, void, undefined> {
    return this.current.readFindings();
  }

  statusOf(path: string): FileStatus | undefined {
    return this.current.statusOf(path);
  }

  statuses(): readonly FileStatus[] {
    return this.current.statuses();
  }

  stages(): ReturnType<Analysis['stages']> {
    return this.current.stages();
  }

  fileCounts(): IndexStatistics['files'] {
    return this.current.fileCounts();
  }

  statistics(): IndexStatistics {
    return this.current.statistics();
  }

  dump(): readonly string[] {
    return this.current.dump();
  }

  /** Line by line, in any order. Not to be gone on with once anything has changed. */
  dumpLines(): Generator<string, void, undefined> {
    return this.current.dumpLines();
  }

  async idle(): Promise<readonly string[]> {
    await this.rebuilding;
    return this.current.idle();
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.rebuilding;
    await this.current.close();
  }
}
