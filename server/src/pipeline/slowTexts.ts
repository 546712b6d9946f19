/** The text that makes a regular expression slow, for the message of a finding. */
import { Op, type NodeId } from '../model/graph';
import { superLinearityOfLiteral, type Growth } from '../regex';
import { constantText } from '../taint/constants';
import type { FunctionBody } from '../taint/environment';

/** A sentence about the super-linear expression that a call uses; empty where there is none in sight. */
export function slowTextAt(body: FunctionBody, call: NodeId): string {
  const { op, operands, operandStart } = body.graph;
  if (op[call] !== Op.Call) return '';
  for (let i = operandStart[call] + 1; i < operandStart[call + 1]; i++) {
    const literal = operands[i] < 0 ? undefined : constantText(body, operands[i], Op.Regex);
    if (literal === undefined) continue;
    const verdict = superLinearityOfLiteral(literal);
    if ('pump' in verdict) return ` ${sentence(verdict)}`;
  }
  return '';
}

function sentence({ kind, prefix, pump, suffix }: Growth): string {
  const parts = [
    ...(prefix === '' ? [] : [JSON.stringify(prefix)]),
    `${JSON.stringify(pump)}.repeat(n)`,
    ...(suffix === '' ? [] : [JSON.stringify(suffix)]),
  ];
  return `${parts.join(' + ')} takes ${kind} time.`;
}
