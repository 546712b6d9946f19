/**
 * What can reach one sink, and what one source reaches: asked of a running analysis for a place in a file, whatever the threat model is.
 * Plain data that crosses threads.
 */
import type { CancellationToken } from './analysis';
import type { Location, Path } from './finding';
import type { Confidence, Severity } from './summary';

/** `to`: all that can reach a sink. `from`: all sinks that a source, or a parameter, reaches. */
export type SliceDirection = 'to' | 'from';

export interface SliceRequest {
  /** Absolute path. */
  readonly path: string;
  /** From 0. */
  readonly line: number;
  /** UTF-16 column from 0; undefined for what stands anywhere on the line. */
  readonly character: number | undefined;
  readonly direction: SliceDirection;
}

export interface SliceOptions {
  readonly token?: CancellationToken;
  /** True when an update is wanted that could not be asked for yet: the slice gives way, and begins again after it. */
  readonly awaited?: () => boolean;
}

/** `entryPoint`: a parameter that nobody in the workspace gives its value, or others may, too. */
export type SliceEndKind = 'source' | 'entryPoint' | 'parameter' | 'sink';

export interface SliceEnd {
  readonly kind: SliceEndKind;
  readonly label: string;
  readonly location: Location;
  readonly functionName: string;
}

/**
 * What became of a pair of source and sink: it is a finding; it would be one with other threat models; the source is an entry point, from which nobody knows what
 * comes; it stands in code whose sources don't count (tests, examples); or no rule speaks of such a pair.
 */
export type FlowStatus = 'finding' | 'otherThreatModel' | 'entryPoint' | 'uncounted' | 'noRule';

export interface SliceFlow {
  /** The same in each answer about the same code. */
  readonly id: string;
  /** The end that was not asked about. */
  readonly end: SliceEnd;
  readonly status: FlowStatus;
  /** A sentence that says why it is a finding, or is not. */
  readonly remark: string;
  /** The rule that speaks of the pair, or would. */
  readonly rule: { readonly id: string; readonly name: string; readonly severity: Severity } | undefined;
  readonly confidence: Confidence;
  /** Threat models that the source belongs to; empty for an entry point that only this package calls. */
  readonly threatModels: readonly string[];
  /** Names of the sink kinds that the value is still dangerous as, where it arrives. */
  readonly dangerousAs: readonly string[];
  readonly paths: readonly Path[];
  /** Paths beyond those listed; -1 when they were not counted. */
  readonly morePaths: number;
}

export type SliceResult =
  | {
      readonly outcome: 'done';
      readonly direction: SliceDirection;
      readonly target: SliceEnd;
      /** Findings first, then what is most certain. */
      readonly flows: readonly SliceFlow[];
      /** Flows that were found and are not listed. */
      readonly moreFlows: number;
      /** What the answer leaves out, and what a person should know of it; a sentence each. */
      readonly notes: readonly string[];
      /** Some of `notes` says that a limit was met. */
      readonly isCut: boolean;
    }
  | {
      /** There is no source, or no sink, at the place. */
      readonly outcome: 'nothingThere';
      readonly message: string;
      /** What is near, the nearest first. */
      readonly near: readonly SliceEnd[];
    }
  | { readonly outcome: 'cancelled' | 'notReady'; readonly message: string };
