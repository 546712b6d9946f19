/** `this` of a method, also in functions within it: `const self = this`. What fields of the object hold, linking knows and no caller. */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import { definition } from './constants';
import type { FunctionBody } from './environment';

export function isReceiver(body: FunctionBody, node: NodeId): boolean {
  if (node === NONE) return false;
  const place = definition(body, { graph: body.graph, node });
  return place?.graph.op[place.node] === Op.Param && place.graph.aux[place.node] === RECEIVER;
}
