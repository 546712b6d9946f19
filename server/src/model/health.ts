/**
 * How an index is doing: what a front end shows to a person who wants to know whether findings can be relied on.
 * Everything is plain data that crosses threads.
 */
import type { Analysis, IndexStatistics, StageReport } from './analysis';
import type { IndexDigest } from './digest';
import type { FileState, FileStatus } from './finding';

/** One run that changed the index, or looked whether it has to. */
export interface RunRecord {
  readonly kind: 'scan' | 'update' | 'rebuild' | 'repair';
  /** When it ended, milliseconds since 1970. */
  readonly at: number;
  readonly milliseconds: number;
  readonly indexed: number;
  readonly removed: number;
  readonly failed: number;
  /** Findings in all, after it. */
  readonly findings: number;
}

/** Something in the index that contradicts itself or the disk. */
export interface ConsistencyProblem {
  /** Absolute path of the file it concerns; empty for rows that belong to no file. */
  readonly path: string;
  /** A sentence. */
  readonly problem: string;
}

export interface ConsistencyReport {
  /** When everything was looked at last, milliseconds since 1970; undefined when never. */
  readonly lastWhole: number | undefined;
  readonly updatesSince: number;
  /** Files that are to be looked at, because an update touched them. */
  readonly waiting: number;
  /** Files this process looked at, each as often as it was. */
  readonly checked: number;
  /** What was found since this process started, at most the last 50, and how many in all. */
  readonly problems: readonly (ConsistencyProblem & { readonly at: number; readonly isRepaired: boolean })[];
  readonly found: number;
}

export interface StorageHealth {
  /** Undefined for an index that lives in memory. */
  readonly folder: string | undefined;
  readonly databaseBytes: number;
  readonly journalBytes: number;
  readonly cacheBytes: number;
  /** Milliseconds since 1970; undefined when there is none. */
  readonly lastCheckpoint: number | undefined;
  /** What the user was told of the storage, one or two sentences each. */
  readonly notices: readonly string[];
}

export interface MemoryHealth {
  /** Of the whole process, as the system counts. */
  readonly processBytes: number;
  /** Of the thread that analyses. */
  readonly heapBytes: number;
  readonly heapLimitBytes: number;
  /** The database, texts and buffers outside of the heap. */
  readonly externalBytes: number;
}

export interface IndexHealth {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isIncremental: boolean;
  readonly statistics: IndexStatistics;
  /** Paths of findings of which steps were left out, and findings that have more paths than are listed. */
  readonly truncatedPaths: number;
  readonly findingsWithMorePaths: number;
  readonly stages: readonly StageReport[];
  /** Files that are not simply indexed, or hit a limit: at most 500 of each state, and how many there are of each. */
  readonly remarkable: readonly FileStatus[];
  readonly remarkableCounts: Readonly<Record<FileState, number>>;
  readonly storage: StorageHealth;
  readonly memory: MemoryHealth;
  /** Threads that read and extract files, at most. */
  readonly extractionThreads: number;
  /** The newest first. */
  readonly runs: readonly RunRecord[];
  readonly consistency: ConsistencyReport;
}

/** An analysis that watches itself. */
export interface MonitoredAnalysis extends Analysis {
  health(): Promise<IndexHealth>;
  /**
   * What the index says, in short, to compare it by. Takes long and lets updates in between, which make it start again;
   * undefined when they did so too often, or the token was cancelled.
   */
  digest(token?: { readonly isCancelled: boolean }): Promise<IndexDigest | undefined>;
}
