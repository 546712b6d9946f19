/**
 * Findings of one file as LSP diagnostics: at the sink, with every step of the shortest paths as related information,
 * and `data` that later requests (code actions) find the finding by.
 */
import type { Diagnostic, DiagnosticRelatedInformation } from 'vscode-languageserver';
import type { Path, ResolvedFinding } from '../model/finding';
import type { FindingData } from '../protocol/messages';
import { uriOf, type PlaceView } from './locations';
import { count, diagnosticSeverity, ruleLink } from './wording';

export const SOURCE_NAME = 'Tributary';

/** Paths whose steps become related information; the tree shows all of them. */
const MAX_PATHS = 3;
const MAX_RELATED = 120;

/** A finding with the name it is known by in tree requests. */
export interface NamedFinding {
  readonly id: string;
  readonly finding: ResolvedFinding;
}

export interface DiagnosticOptions {
  readonly view: PlaceView;
  readonly relatedInformation: boolean;
}

export function findingDiagnostic({ id, finding }: NamedFinding, options: DiagnosticOptions): Diagnostic {
  const data: FindingData = {
    kind: 'finding',
    id,
    fingerprint: finding.fingerprint,
    rule: finding.rule.id,
    severity: finding.severity,
    confidence: finding.confidence,
    paths: finding.paths.length,
  };
  const link = ruleLink(finding.rule);
  const related = options.relatedInformation ? relatedInformation(finding, options.view) : [];
  return {
    range: options.view.range(finding.sink.path, finding.sink.range),
    severity: diagnosticSeverity(finding.severity),
    source: SOURCE_NAME,
    code: finding.rule.id,
    ...(link === undefined ? {} : { codeDescription: { href: link } }),
    message: finding.message,
    ...(related.length === 0 ? {} : { relatedInformation: related }),
    data,
  };
}

function relatedInformation(finding: ResolvedFinding, view: PlaceView): DiagnosticRelatedInformation[] {
  const result: DiagnosticRelatedInformation[] = [];
  const shown = finding.paths.slice(0, MAX_PATHS);
  for (const [index, path] of shown.entries()) {
    const prefix = shown.length === 1 ? '' : `Path ${String(index + 1)}, `;
    addSteps(result, path, prefix, view);
    if (result.length >= MAX_RELATED) break;
  }
  const hidden = finding.paths.length - shown.length + Math.max(0, finding.morePaths);
  if (hidden > 0 || finding.morePaths < 0) {
    const more =
      finding.morePaths < 0 ? 'More paths lead' : `${count(hidden, 'more path')} ${hidden === 1 ? 'leads' : 'lead'}`;
    const place = { uri: uriOf(finding.source.path), range: view.range(finding.source.path, finding.source.range) };
    result.push({ location: place, message: `${more} here; the Taint Paths view lists them.` });
  }
  return result;
}

function addSteps(result: DiagnosticRelatedInformation[], path: Path, prefix: string, view: PlaceView): void {
  for (const [index, step] of path.steps.entries()) {
    if (result.length >= MAX_RELATED) return;
    const { location } = step;
    result.push({
      location: { uri: uriOf(location.path), range: view.range(location.path, location.range) },
      message: `${prefix}step ${String(index + 1)} (${step.kind}): ${step.text}`,
    });
  }
  const last = path.steps.at(-1);
  if (path.truncated !== undefined && last !== undefined && result.length < MAX_RELATED) {
    const place = { uri: uriOf(last.location.path), range: view.range(last.location.path, last.location.range) };
    result.push({ location: place, message: `${prefix}steps left out: ${path.truncated}` });
  }
}
