/**
 * The tree of findings (`tributary/taintTree`), the next findings of a group (`taintFindings`), where a finding is in the tree
 * (`taintPlace`), and the steps of one finding (`taintPaths`).
 */
import { groupIdOf, taintFindings, taintPaths, taintTree } from '../../present/taintTree';
import {
  GROUPINGS,
  GROUPS_PER_ANSWER,
  type Grouping,
  type TaintFindings,
  type TaintFindingsParams,
  type TaintPaths,
  type TaintPathsParams,
  type TaintPlace,
  type TaintPlaceParams,
  type TaintTree,
  type TaintTreeParams,
} from '../../protocol/messages';
import type { ServerContext } from '../serverContext';

export function getTaintTree(
  { documents, published, findingGroups }: ServerContext,
  params: Partial<TaintTreeParams>,
): TaintTree {
  const grouping = groupingOf(params);
  const { generation, total } = published;
  const extent = { generation, total, groups: naturalOr(GROUPS_PER_ANSWER, params.groups) };
  return taintTree(findingGroups.of(grouping).groups, grouping, extent, documents);
}

export function getTaintFindings(
  { documents, findingGroups }: ServerContext,
  params: Partial<TaintFindingsParams>,
): TaintFindings {
  const grouping = groupingOf(params);
  const group = findingGroups.of(grouping).byId.get(params.group ?? '');
  return taintFindings(group, grouping, naturalOr(0, params.start), documents);
}

export function getTaintPlace(
  { published, findingGroups }: ServerContext,
  params: Partial<TaintPlaceParams>,
): TaintPlace | null {
  const named = typeof params.finding === 'string' ? published.byId(params.finding) : undefined;
  if (named === undefined) return null;
  const grouping = groupingOf(params);
  const { groups, byId } = findingGroups.of(grouping);
  const group = byId.get(groupIdOf(named, grouping));
  if (group === undefined) return null;
  return { group: group.id, groupIndex: groups.indexOf(group), findingIndex: group.findings.indexOf(named) };
}

export function getTaintPaths(
  { documents, published }: ServerContext,
  params: Partial<TaintPathsParams>,
): TaintPaths | null {
  const named = typeof params.finding === 'string' ? published.byId(params.finding) : undefined;
  return named === undefined ? null : taintPaths(named, documents);
}

function groupingOf(params: { readonly grouping?: Grouping }): Grouping {
  return GROUPINGS.find((each) => each === params.grouping) ?? 'severity';
}

/** What another client sends may be anything. */
function naturalOr(otherwise: number, value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;
}
