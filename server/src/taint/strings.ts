/**
 * What stands before a value in a string decides what it can still do: with a fixed scheme and host in front, it can
 * choose neither the server of a request nor the target of a redirect. Which prefixes protect from what is model data.
 */
import { Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { constantText } from './constants';
import type { FunctionView } from './functionView';

export function prefixRemoves(p: FunctionView, node: NodeId, operand: number): KindSet {
  const prefix = constantPrefix(p, node, operand, 0);
  return prefix === '' ? 0 : p.environment.models.prefixRemoves(prefix);
}

/** The constant text that surely stands before operand `operand` of a concatenation, from the string's beginning. */
function constantPrefix(p: FunctionView, node: NodeId, operand: number, depth: number): string {
  let text = '';
  for (let i = 0; i < operand; i++) {
    const part = p.operand(node, i);
    const constant = constantText(p.body, part);
    if (constant === undefined) {
      // A concatenation in front: its own constant beginning counts, what follows is unknown.
      if (i === 0 && depth < 8 && p.body.graph.op[part] === Op.Concat) {
        text = constantPrefix(p, part, p.operandCount(part), depth + 1);
      }
      return text;
    }
    text += constant;
  }
  return text;
}
