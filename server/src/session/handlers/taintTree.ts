/** `tributary/taintTree` and `tributary/taintPaths`: the tree of findings, and the steps of one of them. */
import { taintPaths, taintTree } from '../../present/taintTree';
import {
  GROUPINGS,
  type TaintPaths,
  type TaintPathsParams,
  type TaintTree,
  type TaintTreeParams,
} from '../../protocol/messages';
import type { ServerContext } from '../serverContext';

export function getTaintTree({ documents, published }: ServerContext, params: Partial<TaintTreeParams>): TaintTree {
  const grouping = GROUPINGS.find((each) => each === params.grouping) ?? 'severity';
  return taintTree(published.generation, published.all(), grouping, documents);
}

export function getTaintPaths(
  { documents, published }: ServerContext,
  params: Partial<TaintPathsParams>,
): TaintPaths | null {
  const named = typeof params.finding === 'string' ? published.byId(params.finding) : undefined;
  return named === undefined ? null : taintPaths(named, documents);
}
