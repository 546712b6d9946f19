/**
 * The taint-path tree as the client shows it: findings in groups, and the paths and steps of one finding. Steps are
 * asked for one finding at a time, so that a large workspace does not send all of its paths at once.
 */
import type { Path, Step } from '../model/finding';
import type { Severity } from '../model/summary';
import type { Grouping, TaintPaths, TaintTree, TreeFinding, TreeGroup, TreePath, TreeStep } from '../protocol/messages';
import type { NamedFinding } from './diagnostics';
import { compareRanges, placeName, uriOf, type PlaceView } from './locations';
import { codeSpan, escapeMarkdown } from './markdown';
import { compareSeverity, confidenceName, count, severityName } from './wording';

/** More than anyone scrolls through; the rest is counted. */
const MAX_FINDINGS = 5000;

export function taintTree(
  generation: number,
  findings: readonly NamedFinding[],
  grouping: Grouping,
  view: PlaceView,
): TaintTree {
  const ordered = [...findings].sort(compareFindings);
  const shown = ordered.slice(0, MAX_FINDINGS);
  const groups = new Map<
    string,
    { head: Omit<TreeGroup, 'description' | 'findings' | 'severity'>; severity: Severity; findings: TreeFinding[] }
  >();
  for (const named of shown) {
    const head = groupOf(named, grouping, view);
    let group = groups.get(head.id);
    if (group === undefined) groups.set(head.id, (group = { head, severity: named.finding.severity, findings: [] }));
    group.findings.push(treeFinding(named, grouping, view));
  }
  const result = [...groups.values()].map(({ head, severity, findings: inside }) => ({
    ...head,
    severity,
    description: String(inside.length),
    findings: inside,
  }));
  if (grouping === 'file' || grouping === 'rule') {
    result.sort((a, b) => compareSeverity(a.severity, b.severity) || a.label.localeCompare(b.label));
  }
  return { generation, groups: result, total: findings.length, omitted: ordered.length - shown.length };
}

export function taintPaths(named: NamedFinding, view: PlaceView): TaintPaths {
  const { finding } = named;
  return {
    finding: treeFinding(named, 'none', view),
    paths: finding.paths.map((path, index) => treePath(path, index, view)),
    morePaths: finding.morePaths,
  };
}

/** Most severe first, then most certain, then by place. */
export function compareFindings(a: NamedFinding, b: NamedFinding): number {
  const one = a.finding;
  const other = b.finding;
  return (
    compareSeverity(one.severity, other.severity) ||
    other.confidence - one.confidence ||
    compareText(one.sink.path, other.sink.path) ||
    compareRanges(one.sink.range, other.sink.range) ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function groupOf(
  { finding }: NamedFinding,
  grouping: Grouping,
  view: PlaceView,
): Omit<TreeGroup, 'description' | 'findings' | 'severity'> {
  switch (grouping) {
    case 'severity':
      return { id: `severity:${finding.severity}`, label: severityName(finding.severity) };
    case 'rule':
      return { id: `rule:${finding.rule.id}`, label: finding.rule.name };
    case 'file':
      return {
        id: `file:${finding.sink.path}`,
        label: view.shortName(finding.sink.path),
        uri: uriOf(finding.sink.path),
      };
    case 'none':
      return { id: 'all', label: 'All findings' };
  }
}

function treeFinding({ id, finding }: NamedFinding, grouping: Grouping, view: PlaceView): TreeFinding {
  const sink = placeName(view, finding.sink);
  const where =
    grouping === 'file' ? `line ${String(view.range(finding.sink.path, finding.sink.range).start.line + 1)}` : sink;
  const name = grouping === 'rule' ? finding.sinkLabel : `${finding.rule.name}: ${finding.sinkLabel}`;
  const paths = count(finding.paths.length, 'path');
  return {
    id,
    fingerprint: finding.fingerprint,
    label: name,
    description: `${where} ← ${finding.sourceLabel}`,
    accessibilityLabel:
      `${severityName(finding.severity)} severity, ${confidenceName(finding.confidence)}: ${finding.rule.name}. ` +
      `${finding.sourceLabel} reaches ${finding.sinkLabel} at ${sink}, ${paths}.`,
    severity: finding.severity,
    confidence: finding.confidence,
    ruleId: finding.rule.id,
    ruleName: finding.rule.name,
    tooltip: tooltip(finding.rule.name, finding.message, [
      `${severityName(finding.severity)} · ${confidenceName(finding.confidence)} · ${paths}`,
      `Source: ${codeSpan(finding.sourceLabel)} in ${escapeMarkdown(placeName(view, finding.source))}`,
      `Sink: ${codeSpan(finding.sinkLabel)} in ${escapeMarkdown(sink)}`,
    ]),
    uri: uriOf(finding.sink.path),
    range: view.range(finding.sink.path, finding.sink.range),
    pathCount: finding.paths.length,
  };
}

function tooltip(title: string, message: string, facts: readonly string[]): string {
  return [`**${escapeMarkdown(title)}**`, escapeMarkdown(message), facts.join('  \n')].join('\n\n');
}

function treePath(path: Path, index: number, view: PlaceView): TreePath {
  const files = new Set(path.steps.map((step) => step.location.path));
  const across = files.size > 1 ? `, ${count(files.size, 'file')}` : '';
  return {
    label: `Path ${String(index + 1)}`,
    description: `${count(path.steps.length, 'step')}${across}`,
    steps: path.steps.map((step, number) => treeStep(step, number + 1, path.steps.length, view)),
    ...(path.truncated === undefined ? {} : { truncated: path.truncated }),
  };
}

function treeStep(step: Step, number: number, total: number, view: PlaceView): TreeStep {
  const place = placeName(view, step.location);
  // A tree shows plain text.
  const text = step.text.replaceAll('`', '');
  const inside = step.functionName === '' ? '' : ` in ${step.functionName}`;
  return {
    number,
    kind: step.kind,
    label: `${String(number)}. ${text}`,
    description: `${place}${inside}`,
    accessibilityLabel: `Step ${String(number)} of ${String(total)}, ${step.kind}: ${text}, ${place}${inside}`,
    uri: uriOf(step.location.path),
    range: view.range(step.location.path, step.location.range),
  };
}
