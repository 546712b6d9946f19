/**
 * What client and server say to each other beyond the Language Server Protocol: method names and the shapes of
 * parameters and results. Plain data without imports, because the client may load nothing else of the server.
 * Positions are lines and characters from 0 in the negotiated encoding, as everywhere in LSP.
 */

export interface WirePosition {
  readonly line: number;
  readonly character: number;
}
export interface WireRange {
  readonly start: WirePosition;
  readonly end: WirePosition;
}

export type WireSeverity = 'critical' | 'high' | 'medium' | 'low' | 'note';
export const SEVERITIES: readonly WireSeverity[] = ['critical', 'high', 'medium', 'low', 'note'];

export type Grouping = 'severity' | 'rule' | 'file' | 'none';
export const GROUPINGS: readonly Grouping[] = ['severity', 'rule', 'file', 'none'];

/** What editors call the languages that are analysed. */
export const LANGUAGES: readonly string[] = [
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'vue',
  'svelte',
  'astro',
  'html',
];

/** Requests the client sends. */
export const REQUEST = {
  /** `TaintTreeParams` → `TaintTree`. */
  taintTree: 'tributary/taintTree',
  /** `TaintFindingsParams` → `TaintFindings`: the next findings of a group of the tree. */
  taintFindings: 'tributary/taintFindings',
  /** `TaintPlaceParams` → `TaintPlace | null`: where in the tree a finding is; null when it is gone. */
  taintPlace: 'tributary/taintPlace',
  /** `TaintPathsParams` → `TaintPaths | null`: null when the finding is gone. */
  taintPaths: 'tributary/taintPaths',
  /** `SliceParams` → `SliceAnswer`: what can reach a sink, or what a source reaches. */
  slice: 'tributary/slice',
  /** no parameters → `RunResult`. Builds the index anew; the old findings stay until the new ones are there. */
  rebuildIndex: 'tributary/rebuildIndex',
  /** no parameters → `RunResult`. Brings the index in line with the disk, or goes on with an index that was cancelled. */
  refreshIndex: 'tributary/refreshIndex',
  /** `ScanFolderParams` → `RunResult`. */
  scanFolder: 'tributary/scanFolder',
  /** no parameters → `IndexHealth`. */
  indexHealth: 'tributary/indexHealth',
  /** no parameters → `VerifyResult`. Compares the index with a clean build in the background. */
  verifyIndex: 'tributary/verifyIndex',
  /** no parameters → `IndexStatus`. */
  status: 'tributary/status',
} as const;

/** Notifications the server sends. */
export const NOTIFICATION = {
  /** `IndexStatus`, whenever it changes (progress at most ten times a second). */
  statusChanged: 'tributary/statusChanged',
  /** `FindingsChanged`: the tree is out of date. */
  findingsChanged: 'tributary/findingsChanged',
} as const;

/** Commands that code lenses and hovers refer to. The client implements them; see `InitializationOptions.clientCommands`. */
export const COMMAND = {
  /** Arguments: `ShowPathsArguments`. */
  showPaths: 'tributary.showPaths',
  rebuildIndex: 'tributary.rebuildIndex',
} as const;

export interface ShowPathsArguments {
  readonly uri: string;
  /** Where the lens stands. */
  readonly position: WirePosition;
  /** `TreeFinding.id`s, most severe first. */
  readonly findings: readonly string[];
}

/** `initialize.initializationOptions`; everything is optional, so that a plain client gets a working server. */
export interface InitializationOptions {
  /** Folder for the index, an absolute path. Without it the index lives in memory. */
  readonly storagePath?: string;
  /** Read `.tributary/models` of the workspace (default true); a client says no for a workspace that is not trusted. */
  readonly workspaceModels?: boolean;
  /** The client implements `COMMAND` itself; otherwise the server offers them through `workspace/executeCommand`. */
  readonly clientCommands?: boolean;
  /** Settings for clients without `workspace/configuration`, in the shape of the `tributary` section. */
  readonly settings?: unknown;
}

/** Findings that one answer about the tree holds at most, so that none takes long however many there are. */
export const FINDINGS_PER_ANSWER = 250;
/** Groups that `TaintTree` holds unless more are asked for. */
export const GROUPS_PER_ANSWER = 250;

export interface TaintTreeParams {
  readonly grouping: Grouping;
  /** How many groups to send at most; `GROUPS_PER_ANSWER` by default. */
  readonly groups?: number;
}

export interface TaintTree {
  readonly generation: number;
  readonly groups: readonly TreeGroup[];
  /** All findings, whether they are sent along or not. */
  readonly total: number;
  /** How many more groups there are than are sent. */
  readonly moreGroups: number;
}

export interface TreeGroup {
  /** Stable across requests, so that a tree can keep its expansion state. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** The highest severity inside. */
  readonly severity: WireSeverity;
  /** Set for groups that are files. */
  readonly uri?: string;
  /** All findings inside. */
  readonly count: number;
  /**
   * The first of them: the tree is sent with its first `FINDINGS_PER_ANSWER` findings, so that a small one comes as a
   * whole. The others are asked for by `taintFindings`.
   */
  readonly findings: readonly TreeFinding[];
}

export interface TaintFindingsParams {
  readonly grouping: Grouping;
  /** `TreeGroup.id`. */
  readonly group: string;
  /** How many findings of the group come before those that are asked for. */
  readonly start: number;
}

export interface TaintFindings {
  /** As many as follow, `FINDINGS_PER_ANSWER` at most. */
  readonly findings: readonly TreeFinding[];
  /** All findings of the group; 0 when it is gone. */
  readonly count: number;
}

export interface TaintPlaceParams {
  readonly grouping: Grouping;
  /** `TreeFinding.id`. */
  readonly finding: string;
}

export interface TaintPlace {
  /** `TreeGroup.id`. */
  readonly group: string;
  /** From 0: of the group in the tree. */
  readonly groupIndex: number;
  /** From 0: of the finding in the group. */
  readonly findingIndex: number;
}

export interface TreeFinding {
  readonly id: string;
  readonly fingerprint: string;
  readonly label: string;
  readonly description: string;
  /** Read aloud by screen readers. */
  readonly accessibilityLabel: string;
  readonly severity: WireSeverity;
  readonly confidence: 1 | 2 | 3;
  readonly ruleId: string;
  readonly ruleName: string;
  /** The sink. */
  readonly uri: string;
  readonly range: WireRange;
  readonly pathCount: number;
}

export interface TaintPathsParams {
  /** `TreeFinding.id`. */
  readonly finding: string;
}

export interface TaintPaths {
  readonly finding: TreeFinding;
  /** About the finding, Markdown. Here, because it is looked at one finding at a time. */
  readonly tooltip: string;
  readonly paths: readonly TreePath[];
  /** How many more paths exist than are listed; -1 when there are more but they were not counted. */
  readonly morePaths: number;
}

export interface TreePath {
  readonly label: string;
  readonly description: string;
  readonly steps: readonly TreeStep[];
  /** Why steps are missing; absent when none are. */
  readonly truncated?: string;
}

export type WireStepKind = 'source' | 'flow' | 'call' | 'return' | 'store' | 'load' | 'guard' | 'sanitizer' | 'sink';

export interface TreeStep {
  /** From 1. */
  readonly number: number;
  readonly kind: WireStepKind;
  readonly label: string;
  readonly description: string;
  readonly accessibilityLabel: string;
  readonly uri: string;
  readonly range: WireRange;
}

export interface SliceParams {
  readonly uri: string;
  readonly position: WirePosition;
  /** `to`: all that can reach the sink there. `from`: all sinks that the source or parameter there reaches. */
  readonly direction: 'to' | 'from';
}

export interface SliceAnswer {
  /** `nothingThere`: no source or sink stands at the place. */
  readonly outcome: 'done' | 'nothingThere' | 'cancelled' | 'notReady';
  /** What was asked and what came of it, for the user. */
  readonly message: string;
  readonly direction: 'to' | 'from';
  /** What was asked about: `child_process.exec at src/run.js:3`. Empty unless `done`. */
  readonly title: string;
  /** Findings first; none without flows. */
  readonly groups: readonly SliceGroup[];
  /** What the answer leaves out, and what a person should know of it; a sentence each. */
  readonly notes: readonly string[];
  /** A limit was met, as one of the notes says. */
  readonly isCut: boolean;
  /** With `nothingThere`: sources or sinks that are near. */
  readonly near: readonly SlicePlace[];
}

export interface SliceGroup {
  readonly id: string;
  readonly label: string;
  /** Each with the other end in place of the finding's sink. */
  readonly flows: readonly TaintPaths[];
}

export interface SlicePlace {
  readonly label: string;
  readonly description: string;
  readonly uri: string;
  readonly range: WireRange;
}

export interface ScanFolderParams {
  /** A folder or a file; analysed also when it is excluded or a dependency. */
  readonly uri: string;
}

/** How a long request ended. */
export interface RunResult {
  readonly outcome: 'done' | 'cancelled' | 'failed' | 'disabled';
  /** One sentence for the user. */
  readonly message: string;
  readonly findings: number;
  readonly indexed: number;
  readonly failedFiles: number;
}

export interface FindingsChanged {
  readonly generation: number;
  readonly total: number;
}

export type IndexState =
  /** The analysis is being opened. */
  | 'starting'
  /** A first index, the difference after a start, or a rebuild is running. */
  | 'indexing'
  | 'ready'
  /** The last run was cancelled: the index is usable but not complete. */
  | 'incomplete'
  /** The analysis stopped and is being started again. */
  | 'recovering'
  /** The analysis cannot be started. */
  | 'failed'
  /** Switched off by `tributary.enable`. */
  | 'disabled';

export interface IndexStatus {
  readonly state: IndexState;
  readonly generation: number;
  /** Present while `indexing`. */
  readonly progress?: {
    readonly stage: string;
    readonly done: number;
    readonly total: number;
    readonly detail: string;
  };
  readonly files: number;
  readonly findings: number;
  readonly partialFiles: number;
  readonly failedFiles: number;
  /** Edits that are not analysed yet. */
  readonly pendingEdits: number;
  /** One sentence; set for `failed`, `recovering` and `incomplete`. */
  readonly message: string;
}

/** What is in the index and how it is doing. */
export interface IndexHealth {
  /** For people: lines of text under headings, as in Markdown. */
  readonly text: string;
  /** Files that the text names. */
  readonly links: readonly {
    /** From 0; characters are UTF-16 code units. */
    readonly line: number;
    readonly from: number;
    readonly to: number;
    /** Where it leads; the fragment `L3` is a line from 1. */
    readonly uri: string;
  }[];
  /** The same as plain data, in the form that `tributary health --json` prints. */
  readonly data: object;
}

export interface VerifyResult {
  /** `changed`: files changed on disk meanwhile, so that nothing can be said. */
  readonly outcome: 'equal' | 'different' | 'changed' | 'cancelled' | 'failed' | 'disabled';
  /** One or two sentences for the user. */
  readonly message: string;
}

/** `Diagnostic.data`: what later code actions need to know of a finding. */
export interface FindingData {
  readonly kind: 'finding';
  readonly id: string;
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: WireSeverity;
  readonly confidence: 1 | 2 | 3;
  readonly paths: number;
}

/** `Diagnostic.data` of a notice about a file that could not be analysed as a whole. */
export interface NoticeData {
  readonly kind: 'notice';
  readonly notice: 'partial' | 'limits' | 'failed' | 'skipped';
}
