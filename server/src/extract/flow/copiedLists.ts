/** Calls that copy the list they are given, as code does with its `arguments`. Recognised by their form. */
import { Op } from '../../model/graph';
import type { GraphView } from './classHelpers';

/** From which position on a call copies its first argument: `slice.call(arguments, 1)`, `Array.from(arguments)`; -1 for another call. */
export function copiedFrom(view: GraphView, call: number): number {
  const { aux, op, operandStart, operands, nodeFrom, graphStrings } = view;
  const from = operandStart[nodeFrom + call];
  const count = operandStart[nodeFrom + call + 1] - from - 2;
  const nameOf = (node: number): string | undefined =>
    node >= 0 && op[nodeFrom + node] === Op.Load ? graphStrings[aux[nodeFrom + node]] : undefined;
  const method = nameOf(operands[from]);
  if (method === 'from') return count === 1 ? 0 : -1;
  if (method !== 'call' || nameOf(operands[from + 1]) !== 'slice' || count > 2) return -1;
  if (count === 1) return 0;
  const start = operands[from + 3];
  if (start < 0 || op[nodeFrom + start] !== Op.Const) return -1;
  const text = graphStrings[aux[nodeFrom + start]];
  return /^\d$/.test(text) ? Number(text) : -1;
}
