/**
 * Messages between the protocol thread and the analysis thread. Plain, structured-cloneable data. Each long request
 * carries a number; the protocol thread cancels it by storing a number at least as high in a shared array, which the
 * analysis thread polls without having to read a message.
 */
import type { AnalysisSettings, Progress, Update } from '../model/analysis';
import type { IndexDigest } from '../model/digest';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { IndexHealth } from '../model/health';
import type { SliceRequest, SliceResult } from '../model/slice';

/** Lanes of the cancellation array: edits, long runs and slices are cancelled apart from each other. */
export const LANE = { edit: 0, run: 1, slice: 2 } as const;
export type Lane = keyof typeof LANE;
export const LANES = 3;
/** Behind the lanes in the same array: the number of the newest update that was asked for. Work that can give way to it looks there. */
export const WANTED = LANES;

export interface StartOptions {
  readonly roots: readonly string[];
  /** Folder of the index; undefined keeps it in memory. */
  readonly storage: string | undefined;
  readonly settings: AnalysisSettings;
  /** Read the models that the workspace brings along. */
  readonly workspaceModels: boolean;
  /** Threads that extract; as many as the machine has to spare without it. */
  readonly extractionThreads?: number;
  /** `LANES` 32-bit integers, and one more at `WANTED`. */
  readonly cancelled: SharedArrayBuffer;
}

export interface DocumentText {
  readonly path: string;
  readonly version: number;
  readonly languageId: string;
  readonly text: string;
}

export type ToAnalysis =
  | { readonly type: 'start'; readonly options: StartOptions }
  /** Open documents with new text, closed ones, and files changed on disk: one update. */
  | {
      readonly type: 'update';
      readonly id: number;
      readonly documents: readonly DocumentText[];
      readonly closed: readonly string[];
      readonly files: readonly string[];
    }
  | { readonly type: 'scan'; readonly id: number; readonly paths: readonly string[] | undefined }
  | { readonly type: 'rebuild'; readonly id: number }
  | { readonly type: 'settings'; readonly id: number; readonly settings: AnalysisSettings }
  | { readonly type: 'health'; readonly id: number }
  | { readonly type: 'slice'; readonly id: number; readonly request: SliceRequest }
  | { readonly type: 'digest'; readonly id: number }
  | { readonly type: 'close'; readonly id: number };

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface PublishedFile {
  readonly path: string;
  /** Version of the open document this is about; undefined for the text on disk. */
  readonly version: number | undefined;
  /** Findings whose sink is in the file; undefined when they are the same as last time. */
  readonly findings: readonly ResolvedFinding[] | undefined;
  readonly status: FileStatus | undefined;
}

export interface IndexCounts {
  readonly files: number;
  readonly partial: number;
  readonly failed: number;
}

/** Something wrong in a model file; line and column from 1. */
export interface ModelFileProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type FromAnalysis =
  | { readonly type: 'started' }
  /** The analysis could not be opened; the thread is of no more use. */
  | { readonly type: 'startFailed'; readonly message: string }
  | { readonly type: 'published'; readonly files: readonly PublishedFile[] }
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  /** For the user to see, not only for the log. */
  | { readonly type: 'notice'; readonly message: string }
  /** What is wrong in model files of the workspace: in all of them, whatever was told before. */
  | { readonly type: 'modelProblems'; readonly problems: readonly ModelFileProblem[] }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly type: 'updated'; readonly id: number; readonly update: Update; readonly counts: IndexCounts }
  | { readonly type: 'health'; readonly id: number; readonly health: IndexHealth }
  | { readonly type: 'slice'; readonly id: number; readonly result: SliceResult }
  | {
      readonly type: 'digest';
      readonly id: number;
      /** Undefined when it was cancelled, or the index never came to rest. */
      readonly digest: IndexDigest | undefined;
      /** Paths that were analysed because someone named them. */
      readonly named: readonly string[];
    }
  | { readonly type: 'closed'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly stack: string };
