/**
 * The words of the user interface that several views share: severities, confidence, counts, CWE links. Kept in one
 * place so that a diagnostic, a hover and the tree say the same thing in the same way.
 */
import type { DiagnosticSeverity } from 'vscode-languageserver';
import type { Range, ResolvedFinding } from '../model/finding';
import type { Confidence, Rule, Severity } from '../model/summary';

const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3, note: 4 };

/** Most severe first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return RANK[a] - RANK[b];
}

/** Error for critical and high, then warning, information, hint. */
export function diagnosticSeverity(severity: Severity): DiagnosticSeverity {
  switch (severity) {
    case 'critical':
    case 'high':
      return 1;
    case 'medium':
      return 2;
    case 'low':
      return 3;
    case 'note':
      return 4;
  }
}

export function severityName(severity: Severity): string {
  switch (severity) {
    case 'critical':
      return 'Critical';
    case 'high':
      return 'High';
    case 'medium':
      return 'Medium';
    case 'low':
      return 'Low';
    case 'note':
      return 'Note';
  }
}

export function confidenceName(confidence: Confidence): string {
  switch (confidence) {
    case 3:
      return 'certain';
    case 2:
      return 'likely';
    case 1:
      return 'possible';
  }
}

export function cweLink(id: number): string {
  return `https://cwe.mitre.org/data/definitions/${String(id)}.html`;
}

/** The page a rule's code leads to; undefined for rules without a CWE. */
export function ruleLink(rule: Rule): string | undefined {
  const [first] = rule.cwe;
  return first === undefined ? undefined : cweLink(first);
}

export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${String(n)} ${n === 1 ? singular : plural}`;
}

export interface PathCount {
  readonly known: number;
  /** True when there are more, but nobody counted. */
  readonly more: boolean;
}

export function countPaths(findings: Iterable<ResolvedFinding>): PathCount {
  let known = 0;
  let more = false;
  for (const finding of findings) {
    known += finding.paths.length + Math.max(0, finding.morePaths);
    more ||= finding.morePaths < 0;
  }
  return { known, more };
}

/** Line and column from 1, as terminals and editors take them after a file's name. */
export function placeOfStart({ start }: Range): string {
  return `${String(start.line + 1)}:${String(start.character + 1)}`;
}
