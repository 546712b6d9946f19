/**
 * What a running analysis offers to its front ends (language server, command line, tests). Implemented by
 * `pipeline/`; front ends know only this.
 */
import type { FileStatus, ResolvedFinding } from './finding';
import type { SliceOptions, SliceRequest, SliceResult } from './slice';
import type { Severity } from './summary';

/** What is shown at least. */
export type MinConfidence = 0 | 1 | 2 | 3;

export interface AnalysisSettings {
  /** Source kinds that count: any of `remote`, `local`, `library`. */
  readonly threatModels: readonly string[];
  readonly minSeverity: Severity;
  /** 0 shows the unlikely ones, too (`pipeline/likelihood.ts`). */
  readonly minConfidence: MinConfidence;
  /** Extra globs to leave out, relative to a root. */
  readonly exclude: readonly string[];
  /** Analyse dependencies (`node_modules`), build output and minified files too. */
  readonly includeDependencies: boolean;
  /** Files above this many bytes are skipped, and shown as skipped. */
  readonly maxFileSize: number;
  /** Updates tell what was worked out anew, and why (`Update.queries`). */
  readonly explainUpdates?: boolean;
  /** False: everything is analysed anew for each change, and nothing is kept. */
  readonly incremental: boolean;
}

/** Set from another thread; polled by long work. */
export interface CancellationToken {
  readonly isCancelled: boolean;
}

/**
 * Called with files whose findings are final for the generation under way, before the rest of the work is done (the
 * open file of an edit comes first). `findingsOf` and `statusOf` answer with the new state when it is called.
 */
export type PublishListener = (paths: readonly string[]) => void;

export type StageId = 'discover' | 'parse' | 'extract' | 'store' | 'link' | 'solve' | 'present';

export interface Progress {
  readonly stage: StageId;
  readonly done: number;
  readonly total: number;
  /** Current file, or what is being done. */
  readonly detail: string;
}

export interface StageReport {
  readonly id: StageId;
  readonly scope: 'file' | 'workspace';
  readonly inputs: readonly string[];
  readonly enabled: boolean;
  readonly state: 'idle' | 'running' | 'done' | 'failed' | 'off';
  readonly milliseconds: number;
  readonly items: number;
}

/** How many of something an update added, changed and removed. */
export interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export const NO_COUNTS: Counts = { added: 0, changed: 0, removed: 0 };

/** Of an update that did nothing. */
export const NOTHING_CHANGED = {
  indexed: [],
  removed: [],
  failed: [],
  relinkedFunctions: 0,
  summarizedFunctions: 0,
  affected: [],
  files: { ...NO_COUNTS, renamed: 0 },
  functions: NO_COUNTS,
  summaries: NO_COUNTS,
  queries: [],
} as const satisfies Partial<Update>;

/** One piece of work that an update did anew, and why. */
export interface QueryRun {
  /** `extract` and `link` are about a file, `solve` about a question to a function, `trace` about a finding. */
  readonly query: 'extract' | 'link' | 'solve' | 'trace';
  /** Path below its root; with `#` and the function's key, and what was asked, where it is about a function. */
  readonly subject: string;
  /** What was different; sorted. */
  readonly reasons: readonly string[];
  /** `same`: what depends on it had nothing to do. */
  readonly result: 'new' | 'changed' | 'same' | 'gone';
}

/** What one update did. */
export interface Update {
  readonly generation: number;
  /** Files parsed and extracted, absolute paths. */
  readonly indexed: readonly string[];
  readonly removed: readonly string[];
  /** Files that failed in analysis, with the reason. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
  readonly unchangedFiles: number;
  readonly relinkedFunctions: number;
  readonly summarizedFunctions: number;
  /** Files of the index. One with another name and the same content is renamed, and neither added nor removed. */
  readonly files: Counts & { readonly renamed: number };
  /** Functions; changed are those with another structure, wherever they stand. */
  readonly functions: Counts;
  /** Answers about functions: what becomes of something untrusted in them. */
  readonly summaries: Counts;
  /** Changed are findings whose places, paths or texts are other ones. */
  readonly findings: Counts & { readonly total: number };
  /** What was worked out anew, in the order of the stages; empty unless the settings ask for it. */
  readonly queries: readonly QueryRun[];
  /** Files whose findings or status changed: what to publish again. */
  readonly affected: readonly string[];
  readonly milliseconds: number;
  /** Set when the update was cancelled; then the previous generation is still what is published. */
  readonly cancelled: boolean;
}

export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  /** A whole sentence or two that the user has to see; told by `warn` where this is missing. */
  notice?(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

export interface IndexStatistics {
  readonly files: {
    readonly indexed: number;
    readonly partial: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly functions: number;
  readonly callSites: {
    readonly total: number;
    readonly toFunctions: number;
    readonly toModels: number;
    readonly unknown: number;
  };
  readonly truncatedFunctions: number;
  /** Access paths in what is known of functions, and those that a limit cut to "anything below". */
  readonly accessPaths: { readonly total: number; readonly cut: number };
  readonly findings: number;
  readonly databaseBytes: number;
}

export interface Analysis {
  /** Brings the index in line with the disk below the roots (and, on the command line, below `paths` only): a first index, or the difference. */
  scan(options: {
    paths?: readonly string[];
    onProgress?: (progress: Progress) => void;
    onPublish?: PublishListener;
    /**
     * True when an update is wanted that could not be asked for yet, because this thread was busy; polled by long work, which then gives way. `isBetween` when
     * nothing that was begun is lost by that.
     */
    awaited?: (isBetween?: boolean) => boolean;
    token?: CancellationToken;
  }): Promise<Update>;
  /** Unsaved text of an open document. Analysed by the next `update`. */
  setOverlay(path: string, text: string, languageId: string): void;
  /** The document was closed: the disk counts again. */
  removeOverlay(path: string): void;
  /**
   * Re-indexes the given files (changed, new or deleted on disk, or with a new overlay) and all that depends on them.
   * May be called while `scan` or `rebuild` runs; it is then done at their next pause, ahead of what they have left.
   */
  update(
    paths: readonly string[],
    options?: { onPublish?: PublishListener; token?: CancellationToken },
  ): Promise<Update>;
  /**
   * Builds the index anew. Until that is complete, and when it is cancelled, the previous index stays as it is: it answers, follows edits, and is
   * what the disk has.
   */
  rebuild(options: {
    onProgress?: (progress: Progress) => void;
    awaited?: (isBetween?: boolean) => boolean;
    token?: CancellationToken;
  }): Promise<Update>;
  /** Findings of sources that were not asked for before are looked for; nothing is indexed or solved again. */
  changeSettings(settings: AnalysisSettings): Promise<Update>;
  /**
   * While what the last process left is being taken up, for which `update` has to wait: what can be said of these open documents without it.
   * `findingsOf` answers with that until an update is done, which has to follow. Undefined when nothing can be said, or `update` need not wait.
   */
  preview(paths: readonly string[]): Update | undefined;
  /**
   * What can reach a sink, or what a source reaches. Waits for updates that were asked for before, and gives way to those that come meanwhile. Leaves
   * no trace in the index.
   */
  slice(request: SliceRequest, options?: SliceOptions): Promise<SliceResult>;
  /** Findings whose sink or source is in the file (by absolute path), filtered by the settings. */
  findingsOf(path: string): readonly ResolvedFinding[];
  allFindings(): readonly ResolvedFinding[];
  /** Reads what an earlier process found, in small steps, between which anything else may be done; `allFindings` then has nothing to wait for. */
  readFindings(): Generator<void, void, undefined>;
  statusOf(path: string): FileStatus | undefined;
  statuses(): readonly FileStatus[];
  stages(): readonly StageReport[];
  /** Files by state; cheap, however many there are. */
  fileCounts(): IndexStatistics['files'];
  /** Looks at everything: for reports, not for every update. */
  statistics(): IndexStatistics;
  /** Everything that is known, as sorted lines in which paths stand for ids: two indexes that say the same have the same lines. */
  dump(): readonly string[];
  /**
   * Housekeeping, to be called when there is nothing else to do: a checkpoint if one is due, and whatever edits left behind is dropped. Gives the
   * paths of files whose findings changed by that.
   */
  idle(): Promise<readonly string[]>;
  /** Flushes the journal and closes the database. Quick: nothing depends on it. */
  close(): Promise<void>;
}
