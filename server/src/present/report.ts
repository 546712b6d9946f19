/**
 * The result of one scan, as every report format takes it: findings in a fixed order, files that were not analysed as
 * a whole, and how the run went. Plain data; formats turn it into text and touch no file.
 */
import * as nodePath from 'node:path';
import type { AnalysisSettings, IndexStatistics, StageReport } from '../model/analysis';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { Severity } from '../model/summary';
import { pathInRoot } from './rootPaths';
import { compareSeverity } from './wording';

export interface ScanReport {
  readonly toolVersion: string;
  /** Absolute paths of the scanned roots. */
  readonly roots: readonly string[];
  readonly settings: AnalysisSettings;
  /** In the order of `compareFindings`. */
  readonly findings: readonly ResolvedFinding[];
  /** Files that are partial, failed, skipped, or met a limit; by path. */
  readonly troubledFiles: readonly FileStatus[];
  readonly statistics: IndexStatistics;
  readonly stages: readonly StageReport[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The scan was interrupted; what is here is what was known by then. */
  readonly cancelled: boolean;
  /** The exit code the command line is about to end with. */
  readonly exitCode: number;
  /** Set when only what concerns changed files is reported: then `findings` has what is new first. */
  readonly changes?: ReportedChanges;
}

export interface ReportedChanges {
  /** As the user named it, and the commit that was compared with. */
  readonly since: string;
  readonly commit: string;
  readonly files: number;
  /** Fingerprints of findings that were not there. */
  readonly added: ReadonlySet<string>;
  /** Findings that are not there any more. */
  readonly gone: number;
}

/** Undefined when nothing was compared. */
export function isNew({ changes }: ScanReport, { fingerprint }: ResolvedFinding): boolean | undefined {
  return changes?.added.has(fingerprint);
}

/** A line of a file, without its end, to quote in a report; undefined when there is none (any more). */
export type LineReader = (path: string, line: number) => string | undefined;

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'note'];

/** By file and place of the sink, then rule, then fingerprint: the same findings always print in the same order. */
export function compareFindings(a: ResolvedFinding, b: ResolvedFinding): number {
  return (
    compareTexts(a.sink.path, b.sink.path) ||
    a.sink.range.start.line - b.sink.range.start.line ||
    a.sink.range.start.character - b.sink.range.start.character ||
    compareSeverity(a.severity, b.severity) ||
    compareTexts(a.rule.id, b.rule.id) ||
    compareTexts(a.source.path, b.source.path) ||
    a.source.range.start.line - b.source.range.start.line ||
    a.source.range.start.character - b.source.range.start.character ||
    compareTexts(a.fingerprint, b.fingerprint)
  );
}

export function isTroubled(status: FileStatus): boolean {
  return status.state !== 'indexed' || status.limits.length > 0;
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function countBySeverity(findings: readonly ResolvedFinding[]): Readonly<Record<Severity, number>> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** How a file is named in text and JSON: relative to its root; with several roots, relative to their common folder. */
export function reportName(roots: readonly string[], path: string): string {
  const [only] = roots;
  if (only !== undefined && roots.length === 1) return pathInRoot(only, path) ?? path;
  const root = roots.find((candidate) => pathInRoot(candidate, path) !== undefined);
  if (root === undefined) return path;
  const base = commonFolder(roots);
  return base === undefined ? path : (pathInRoot(base, path) ?? path);
}

function commonFolder(roots: readonly string[]): string | undefined {
  let folder: string | undefined = roots[0];
  for (const root of roots) {
    while (folder !== undefined && root !== folder && pathInRoot(folder, root) === undefined) {
      const parent: string = nodePath.dirname(folder);
      folder = parent === folder ? undefined : parent;
    }
  }
  return folder;
}
