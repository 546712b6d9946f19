/**
 * The taint-path tree as the client shows it: findings in groups, and the paths and steps of one finding. Findings are
 * asked for a page at a time, steps one finding at a time, so that a large workspace does not send all of it at once.
 */
import type { Path, ResolvedFinding, Step } from '../model/finding';
import {
  FINDINGS_PER_ANSWER,
  type Grouping,
  type TaintFindings,
  type TaintPaths,
  type TaintTree,
  type TreeFinding,
  type TreeGroup,
  type TreePath,
  type TreeStep,
} from '../protocol/messages';
import type { NamedFinding } from './diagnostics';
import { compareRanges, placeName, uriOf, type PlaceView } from './locations';
import { codeSpan, escapeMarkdown } from './markdown';
import { compareSeverity, confidenceName, count, severityName } from './wording';

/** Findings that the tree shows under one head, never none; in the order of `compareFindings`, so the worst comes first. */
export interface FindingGroup {
  readonly id: string;
  readonly label: string;
  readonly findings: readonly [NamedFinding, ...NamedFinding[]];
}

export interface TreeExtent {
  readonly generation: number;
  readonly total: number;
  /** How many groups to send at most. */
  readonly groups: number;
}

/** `groups`: all there are, in the order of `compareGroups`. */
export function taintTree(
  groups: readonly FindingGroup[],
  grouping: Grouping,
  { generation, total, groups: limit }: TreeExtent,
  view: PlaceView,
): TaintTree {
  let left = FINDINGS_PER_ANSWER;
  const sent = groups.slice(0, limit).map((group): TreeGroup => {
    const findings = group.findings.slice(0, left).map((named) => treeFinding(named, grouping, view));
    left -= findings.length;
    const { severity, sink } = group.findings[0].finding;
    return {
      id: group.id,
      label: group.label,
      description: String(group.findings.length),
      severity,
      ...(grouping === 'file' ? { uri: uriOf(sink.path) } : {}),
      count: group.findings.length,
      findings,
    };
  });
  return { generation, groups: sent, total, moreGroups: groups.length - sent.length };
}

export function taintFindings(
  group: FindingGroup | undefined,
  grouping: Grouping,
  start: number,
  view: PlaceView,
): TaintFindings {
  const all = group?.findings ?? [];
  const findings = all.slice(start, start + FINDINGS_PER_ANSWER).map((named) => treeFinding(named, grouping, view));
  return { findings, count: all.length };
}

export function taintPaths(named: NamedFinding, view: PlaceView): TaintPaths {
  const { finding } = named;
  return {
    finding: treeFinding(named, 'none', view),
    tooltip: tooltip(finding, view),
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

/** The group with the worst finding first, then by name. */
export function compareGroups(a: FindingGroup, b: FindingGroup): number {
  return (
    compareSeverity(a.findings[0].finding.severity, b.findings[0].finding.severity) ||
    a.label.localeCompare(b.label) ||
    compareText(a.id, b.id)
  );
}

export function groupIdOf({ finding }: NamedFinding, grouping: Grouping): string {
  switch (grouping) {
    case 'severity':
      return `severity:${finding.severity}`;
    case 'rule':
      return `rule:${finding.rule.id}`;
    case 'file':
      return `file:${finding.sink.path}`;
    case 'none':
      return 'all';
  }
}

/** Of the group that the finding is in. */
export function groupLabelOf({ finding }: NamedFinding, grouping: Grouping, view: PlaceView): string {
  switch (grouping) {
    case 'severity':
      return severityName(finding.severity);
    case 'rule':
      return finding.rule.name;
    case 'file':
      return view.shortName(finding.sink.path);
    case 'none':
      return 'All findings';
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
    description: `${where} ← ${[...(finding.storedIn ?? []).toReversed(), finding.sourceLabel].join(' ← ')}`,
    accessibilityLabel:
      `${severityName(finding.severity)} severity, ${confidenceName(finding.confidence)}: ${finding.rule.name}. ` +
      `${finding.sourceLabel} reaches ${finding.sinkLabel} at ${sink}, ${paths}.`,
    severity: finding.severity,
    confidence: finding.confidence,
    ruleId: finding.rule.id,
    ruleName: finding.rule.name,
    uri: uriOf(finding.sink.path),
    range: view.range(finding.sink.path, finding.sink.range),
    pathCount: finding.paths.length,
  };
}

function tooltip(finding: ResolvedFinding, view: PlaceView): string {
  const paths = count(finding.paths.length, 'path');
  const facts = [
    `${severityName(finding.severity)} · ${confidenceName(finding.confidence)} · ${paths}`,
    `Source: ${codeSpan(finding.sourceLabel)} in ${escapeMarkdown(placeName(view, finding.source))}`,
    `Sink: ${codeSpan(finding.sinkLabel)} in ${escapeMarkdown(placeName(view, finding.sink))}`,
  ];
  return [`**${escapeMarkdown(finding.rule.name)}**`, escapeMarkdown(finding.message), facts.join('  \n')].join('\n\n');
}

export function treePath(path: Path, index: number, view: PlaceView): TreePath {
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
