/**
 * What stands before a value in a string decides what it can still do: with a fixed scheme and host in front, it can
 * choose neither the server of a request nor the target of a redirect. Which texts protect from what is model data.
 */
import { Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { constantText } from './constants';
import type { FunctionView } from './functionView';

/** Stands for a part of a string that nobody knows. */
const UNKNOWN = '\uFFFC';

export function prefixRemoves(p: FunctionView, node: NodeId, operand: number): KindSet {
  const text = textBefore(p, node, operand, 0);
  const end = text.indexOf(UNKNOWN);
  const { models } = p.environment;
  let removes = text === '' || end === 0 ? 0 : models.prefixRemoves(end < 0 ? text : text.slice(0, end));
  // With `${base}/items/${id}`, whoever wrote the base chose the host.
  if (end >= 0 && end < text.length - 1) removes |= models.prefixRemoves(text.slice(end + 1), true);
  return removes;
}

/** The text that surely stands before operand `operand` of a concatenation, from the string's beginning. */
function textBefore(p: FunctionView, node: NodeId, operand: number, depth: number): string {
  let text = '';
  for (let i = 0; i < operand; i++) {
    const part = p.operand(node, i);
    const constant = constantText(p.body, part);
    if (constant !== undefined) text += constant;
    else if (i === 0 && depth < 8 && p.body.graph.op[part] === Op.Concat)
      text += textBefore(p, part, p.operandCount(part), depth + 1);
    else text += UNKNOWN;
  }
  return text;
}
