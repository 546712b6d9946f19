/**
 * The machine as commands see it: streams, clock, files of the analysed folder, other processes. Entry points give the
 * real one, tests one of their own.
 */
import type { AnalysisSettings, Logger } from '../model/analysis';
import type { MonitoredAnalysis } from '../model/health';
import type { Platform } from './storageFolder';

export interface AnalysisRequest {
  readonly roots: readonly string[];
  readonly storage: string | undefined;
  readonly settings: AnalysisSettings;
  readonly jobs: number;
  readonly log: Logger;
}

/** An analysis with what has to be shut down after it. */
export interface OpenedAnalysis {
  readonly analysis: MonitoredAnalysis;
  close(): Promise<void>;
}

export interface CommandLine {
  readonly version: string;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  openAnalysis(request: AnalysisRequest): Promise<OpenedAnalysis>;
  /** Calls back when the user wants the command to end; returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  readonly platform: Platform;
  /** Tells paths below the roots at which something came, went or changed. */
  watchFolders(request: WatchRequest): Promise<{ close(): Promise<void> }>;
  /** True for a path of which a change means that the analysis has to be opened anew. */
  isOwnModel(path: string): boolean;
  /** Takes a lock file, unless a living process has it; a lock whose process is gone is taken over. Throws the file system's error. */
  takeLock(file: string): { release(): void } | { readonly heldBy: number };
  /** Starts this program with other arguments, in the background; what it writes is appended to a file. */
  startInBackground(typed: readonly string[], outputFile: string): BackgroundProcess;
}

/** As `documents/` takes it. */
export interface WatchRequest {
  readonly roots: readonly string[];
  readonly settings: AnalysisSettings;
  readonly onChange: (path: string) => void;
  readonly onBlind: (reason: string) => void;
}

export interface BackgroundProcess {
  readonly pid: number | undefined;
  /** True when it has ended, or could not be started. */
  readonly hasEnded: boolean;
  /** It goes on when this process ends. */
  leave(): void;
}
