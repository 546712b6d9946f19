/**
 * Findings. What is stored holds function ids and node numbers, which don't go stale when code moves; what is shown
 * (`ResolvedFinding`) has files and ranges expanded from the current facts.
 */
import type { FunctionId } from './ids';
import type { Confidence, Rule, Severity, SinkRef, SourceRef } from './summary';

export interface Finding {
  readonly ruleId: string;
  readonly source: SourceRef;
  readonly sink: SinkRef;
  readonly confidence: Confidence;
  /** Function in which source and sink were joined. */
  readonly joinedIn: FunctionId;
  /** 32 hex digits over rule, file names, function keys, and what stands at source and sink; no positions, no ids. */
  readonly fingerprint: string;
}

/** Positions as editors count: lines and UTF-16 columns from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
export interface Location {
  /** Absolute path of the file. */
  readonly path: string;
  readonly range: Range;
}

/** A function as people see it; `range` is its name (or keyword). The module body has an empty name and the file's first line. */
export interface FunctionLocation extends Location {
  readonly name: string;
}

export type StepKind = 'source' | 'flow' | 'call' | 'return' | 'store' | 'load' | 'guard' | 'sanitizer' | 'sink';

export interface Step {
  readonly kind: StepKind;
  readonly location: Location;
  /** One short sentence: "passed to `render` as `name`". */
  readonly text: string;
  /** Name of the function the step is in. */
  readonly functionName: string;
}

export interface Path {
  readonly steps: readonly Step[];
  /** Set when steps were left out. */
  readonly truncated?: string;
}

export interface ResolvedFinding {
  readonly fingerprint: string;
  readonly rule: Rule;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** `remote`, `local`, `library`: the threat models it belongs to. */
  readonly sourceKinds: readonly string[];
  readonly message: string;
  /** Sources that reach the same sink in the same manner (as exported parameters, or through variables that many share) and have no finding of their own; 0 or absent normally. */
  readonly otherSources?: number;
  /** Places outside of the program in which what comes in is kept before it reaches the sink, in order; absent where there is none. */
  readonly storedIn?: readonly string[];
  readonly source: Location;
  readonly sourceLabel: string;
  readonly sink: Location;
  readonly sinkLabel: string;
  /** Functions that hold source and sink: where code lenses sit. */
  readonly sourceFunction: FunctionLocation;
  readonly sinkFunction: FunctionLocation;
  /** What would make it safe, from the rule. */
  readonly help: string;
  /** Distinct paths, shortest first. */
  readonly paths: readonly Path[];
  /** How many more paths exist than are listed; -1 when there are more but they were not counted. */
  readonly morePaths: number;
  /** How often the shortest path goes from one function to another; 0 when it is absent. */
  readonly crossings?: number;
  /** How often it goes through a variable or field that functions share. */
  readonly sharedPlaces?: number;
  /** What it puts into one of them is made of something that lies in what came in, and nobody knows of what. */
  readonly sharesParts?: boolean;
  /** On none of its paths all steps were found again. */
  readonly hasGap?: boolean;
}

export type FileState = 'indexed' | 'partial' | 'failed' | 'skipped';

/** What is known of one file, for status, health and the partial-file notice. */
export interface FileStatus {
  readonly path: string;
  readonly state: FileState;
  /** Why it was skipped or failed, one sentence; empty otherwise. */
  readonly reason: string;
  readonly lost: readonly Range[];
  readonly limits: readonly string[];
}
