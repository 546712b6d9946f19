/**
 * Findings as JSON for scripts. The shape below is stable: fields are added, never renamed or removed, unless
 * `formatVersion` grows. Lines and columns count from 1, columns in UTF-16 code units, ends are exclusive; files are
 * named relative to the scanned root, with `/`.
 */
import type { FileState, Location, Path, ResolvedFinding, StepKind } from '../model/finding';
import type { IndexStatistics } from '../model/analysis';
import type { Severity } from '../model/summary';
import { countBySeverity, isNew, reportName, type ReportedChanges, type ScanReport } from './report';

export interface JsonReport {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'Tributary'; readonly version: string };
  /** Absolute paths. */
  readonly roots: readonly string[];
  readonly threatModels: readonly string[];
  readonly startedAt: string;
  readonly milliseconds: number;
  readonly cancelled: boolean;
  readonly summary: {
    readonly findings: number;
    readonly bySeverity: Readonly<Record<Severity, number>>;
    readonly byRule: Readonly<Record<string, number>>;
    readonly files: IndexStatistics['files'];
    readonly functions: number;
    readonly truncatedFunctions: number;
  };
  /** Present when only what concerns changed files is reported. */
  readonly changes?: {
    readonly since: string;
    readonly commit: string;
    readonly files: number;
    readonly new: number;
    readonly gone: number;
  };
  readonly findings: readonly JsonFinding[];
  /** Files that were not analysed as a whole. */
  readonly files: readonly JsonFile[];
}

export interface JsonFinding {
  readonly fingerprint: string;
  /** Whether it was not there before; present when only what concerns changed files is reported. */
  readonly isNew?: boolean;
  readonly rule: string;
  readonly name: string;
  /** Numbers of the CWE list. */
  readonly cwe: readonly number[];
  readonly severity: Severity;
  readonly confidence: 'certain' | 'likely' | 'possible';
  readonly threatModels: readonly string[];
  readonly message: string;
  readonly help: string;
  /** Of a second-order flow: places outside of the program in which the data is kept in between. */
  readonly storedIn?: readonly string[];
  readonly source: JsonLocation & { readonly label: string; readonly function: string };
  readonly sink: JsonLocation & { readonly label: string; readonly function: string };
  /** Distinct paths, shortest first. */
  readonly paths: readonly JsonPath[];
  /** Paths that exist beyond those listed; -1 when they were not counted. */
  readonly morePaths: number;
}

export interface JsonPath {
  readonly steps: readonly (JsonLocation & {
    readonly kind: StepKind;
    readonly text: string;
    readonly function: string;
  })[];
  /** Why steps were left out; absent when none were. */
  readonly truncated?: string;
}

export interface JsonLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonFile {
  readonly file: string;
  readonly state: FileState;
  readonly reason: string;
  readonly limits: readonly string[];
  /** Parts that could not be parsed. */
  readonly lost: readonly Omit<JsonLocation, 'file'>[];
}

/** Part of the stable format, so not taken from the words of the user interface. */
export const CONFIDENCE = { 1: 'possible', 2: 'likely', 3: 'certain' } as const;

export function toJson(report: ScanReport): JsonReport {
  const { statistics } = report;
  const byRule: Record<string, number> = {};
  for (const { rule } of report.findings) byRule[rule.id] = (byRule[rule.id] ?? 0) + 1;
  return {
    formatVersion: 1,
    tool: { name: 'Tributary', version: report.toolVersion },
    roots: report.roots,
    threatModels: report.settings.threatModels,
    startedAt: report.startedAt.toISOString(),
    milliseconds: report.endedAt.getTime() - report.startedAt.getTime(),
    cancelled: report.cancelled,
    summary: {
      findings: report.findings.length,
      bySeverity: countBySeverity(report.findings),
      byRule: Object.fromEntries(Object.entries(byRule).sort(([a], [b]) => (a < b ? -1 : 1))),
      files: statistics.files,
      functions: statistics.functions,
      truncatedFunctions: statistics.truncatedFunctions,
    },
    ...(report.changes === undefined ? {} : { changes: toJsonChanges(report.changes) }),
    findings: report.findings.map((finding) => toJsonFinding(finding, report)),
    files: report.troubledFiles.map(({ path, state, reason, limits, lost }) => ({
      file: reportName(report.roots, path),
      state,
      reason,
      limits,
      lost: lost.map(toJsonRange),
    })),
  };
}

function toJsonChanges({ since, commit, files, added, gone }: ReportedChanges): NonNullable<JsonReport['changes']> {
  return { since, commit, files, new: added.size, gone };
}

function toJsonFinding(finding: ResolvedFinding, report: ScanReport): JsonFinding {
  const { roots } = report;
  const added = isNew(report, finding);
  return {
    fingerprint: finding.fingerprint,
    ...(added === undefined ? {} : { isNew: added }),
    rule: finding.rule.id,
    name: finding.rule.name,
    cwe: finding.rule.cwe,
    severity: finding.severity,
    confidence: CONFIDENCE[finding.confidence],
    threatModels: finding.sourceKinds,
    message: finding.message,
    help: finding.help,
    ...(finding.storedIn === undefined ? {} : { storedIn: finding.storedIn }),
    source: {
      ...toJsonLocation(finding.source, roots),
      label: finding.sourceLabel,
      function: finding.sourceFunction.name,
    },
    sink: { ...toJsonLocation(finding.sink, roots), label: finding.sinkLabel, function: finding.sinkFunction.name },
    paths: finding.paths.map((path) => toJsonPath(path, roots)),
    morePaths: finding.morePaths,
  };
}

export function toJsonPath(path: Path, roots: readonly string[]): JsonPath {
  return {
    steps: path.steps.map(({ kind, location, text, functionName }) => ({
      ...toJsonLocation(location, roots),
      kind,
      text,
      function: functionName,
    })),
    ...(path.truncated === undefined ? {} : { truncated: path.truncated }),
  };
}

export function toJsonLocation({ path, range }: Location, roots: readonly string[]): JsonLocation {
  return { file: reportName(roots, path), ...toJsonRange(range) };
}

function toJsonRange({ start, end }: Location['range']): Omit<JsonLocation, 'file'> {
  return { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}
