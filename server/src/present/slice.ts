/** What can reach a sink, or what a source reaches, as the tree of an editor shows it. */
import type { FlowStatus, SliceDirection, SliceEnd, SliceFlow, SliceResult } from '../model/slice';
import type { SliceAnswer, SliceGroup, SlicePlace, TaintPaths } from '../protocol/messages';
import { placeName, uriOf, type PlaceView } from './locations';
import { codeSpan, escapeMarkdown } from './markdown';
import { treePath } from './taintTree';
import { confidenceName, count, severityName } from './wording';

/** Heads of the groups, in their order. */
export const STATUS_NAMES: Readonly<Record<FlowStatus, string>> = {
  finding: 'Findings',
  otherThreatModel: 'With other threat models',
  entryPoint: 'From entry points',
  uncounted: 'In tests, examples and scripts',
  noRule: 'No rule speaks of these',
};

export function sliceAnswer(result: SliceResult, direction: SliceDirection, view: PlaceView): SliceAnswer {
  const nothing = { direction, title: '', groups: [], notes: [], isCut: false, near: [] };
  if (result.outcome === 'nothingThere') {
    const near = result.near.map((end) => slicePlace(end, view));
    return { ...nothing, outcome: result.outcome, message: `${result.message}${nearText(near)}`, near };
  }
  if (result.outcome !== 'done') return { ...nothing, outcome: result.outcome, message: result.message };
  const { target, flows, moreFlows, isCut } = result;
  const groups: SliceGroup[] = [];
  for (const [status, label] of Object.entries(STATUS_NAMES)) {
    const members = flows.filter((flow) => flow.status === status);
    if (members.length > 0)
      groups.push({ id: `slice:${status}`, label, flows: members.map((flow) => sliceFlow(flow, view)) });
  }
  const title = `${target.label} at ${placeName(view, target.location)}`;
  return {
    outcome: 'done',
    message: `${sliceHeading(direction, title)}: ${sliceCount(direction, flows.length + moreFlows)}.`,
    direction,
    title,
    groups,
    notes: [...result.notes, ...(moreFlows > 0 ? [`${String(moreFlows)} more are not listed.`] : [])],
    isCut,
    near: [],
  };
}

export function sliceHeading(direction: SliceDirection, title: string): string {
  return direction === 'to' ? `What can reach ${title}` : `What is reached from ${title}`;
}

export function sliceCount(direction: SliceDirection, flows: number): string {
  if (flows === 0) return direction === 'to' ? 'nothing that comes from outside' : 'no sink';
  if (direction === 'from') return count(flows, 'sink');
  return flows === 1 ? '1 source or entry point' : `${String(flows)} sources and entry points`;
}

function nearText(near: readonly SlicePlace[]): string {
  return near.length === 0
    ? ''
    : ` Near it: ${near.map(({ label, description }) => `${label} (${description})`).join(', ')}.`;
}

function slicePlace(end: SliceEnd, view: PlaceView): SlicePlace {
  const { location, label } = end;
  return {
    label,
    description: placeName(view, location),
    uri: uriOf(location.path),
    range: view.range(location.path, location.range),
  };
}

function sliceFlow(flow: SliceFlow, view: PlaceView): TaintPaths {
  const { end, rule, confidence, paths, remark } = flow;
  const place = placeName(view, end.location);
  const severity = rule?.severity ?? 'note';
  const inside = end.functionName === '' ? '' : ` in ${end.functionName}`;
  const dangers = flow.dangerousAs.length === 0 ? 'nothing' : flow.dangerousAs.join(', ');
  const facts = [
    ...(rule === undefined ? [] : [`${severityName(severity)} · ${confidenceName(confidence)}`]),
    `${escapeMarkdown(place)}${escapeMarkdown(inside)}`,
    `Still dangerous as: ${escapeMarkdown(dangers)}`,
  ];
  // A tree shows plain text.
  const label = end.label.replaceAll('`', '');
  return {
    finding: {
      id: `slice:${flow.id}`,
      fingerprint: '',
      label,
      description: `${place}${inside}`,
      accessibilityLabel: `${label} at ${place}. ${remark} ${count(paths.length, 'path')}.`,
      severity,
      confidence,
      ruleId: rule?.id ?? '',
      ruleName: rule?.name ?? '',
      uri: uriOf(end.location.path),
      range: view.range(end.location.path, end.location.range),
      pathCount: paths.length,
    },
    tooltip: [`**${codeSpan(label)}**`, escapeMarkdown(remark), facts.join('  \n')].join('\n\n'),
    paths: paths.map((path, index) => treePath(path, index, view)),
    morePaths: flow.morePaths,
  };
}
