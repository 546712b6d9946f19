/**
 * A path that is a folder, or begins with the folder and a separator, lies in it: `file === root || file.startsWith(root + sep)`, or
 * `file === root || isInside(file, root)`. Where the second of these is asked about a value, too, the first says as much.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { GuardResult, KindSet } from '../model/summary';
import { constantText } from './constants';
import type { FunctionView } from './functionView';
import { sameValue } from './sameValues';

/** Other names for a value that are looked at, and properties of properties. */
const MAX_NODES = 40;
const MAX_DEPTH = 6;

/** What a call says of its receiver where it has this result; see `callRemoves`. */
type OfCall = (p: FunctionView, call: NodeId, argument: number, result: GuardResult) => KindSet;

/** Kinds that a comparison takes from one of its sides where both are equal, because the other one is a folder that this side is asked to lie in. */
export function equalToFolder(p: FunctionView, comparison: NodeId, side: number, ofCall: OfCall): KindSet {
  const { op } = p.body.graph;
  const folder = p.operand(comparison, 1 - side);
  const value = p.operand(comparison, side);
  if (folder === NONE || value === NONE || !MAY_BE_FOLDER.has(op[folder])) return 0;
  const { useStart, uses } = p.index;
  const nodes = [sameValue(p, value)];
  let removes = 0;
  for (let i = 0; i < nodes.length && nodes.length < MAX_NODES; i++) {
    for (let at = useStart[nodes[i]]; at < useStart[nodes[i] + 1]; at += 2) {
      const user = uses[at];
      const operand = uses[at + 1];
      if (op[user] === Op.Guard || op[user] === Op.Typed) {
        if (operand === 0) nodes.push(user);
      } else if (op[user] === Op.Call && operand === 1 && p.operandCount(user) > 2) {
        if (beginsWith(p, p.operand(user, 2), folder))
          removes |= ofCall(p, user, RECEIVER, true) | ofCall(p, user, RECEIVER, 'first');
      } else if (op[user] === Op.Call && operand >= 2 && isAskedWith(p, user, operand, folder)) {
        removes |= ofCall(p, user, operand - 2, true);
      }
    }
  }
  return removes;
}

/** True for a call that is given the folder beside the value. */
function isAskedWith(p: FunctionView, call: NodeId, operand: number, folder: NodeId): boolean {
  for (let other = 2; other < p.operandCount(call); other++)
    if (other !== operand && isSame(p, p.operand(call, other), folder, MAX_DEPTH)) return true;
  return false;
}

const MAY_BE_FOLDER: ReadonlySet<number> = new Set([
  Op.Call,
  Op.Load,
  Op.Captured,
  Op.Param,
  Op.Guard,
  Op.Typed,
  Op.Phi,
]);

/** True for a text that is put together of a value and what stands behind it. */
function beginsWith(p: FunctionView, start: NodeId, value: NodeId): boolean {
  const node = start === NONE ? NONE : sameValue(p, start);
  if (node === NONE || p.body.graph.op[node] !== Op.Concat || p.operandCount(node) < 2) return false;
  const first = constantText(p.body, p.operand(node, 0)) === '' ? 1 : 0;
  return first + 1 < p.operandCount(node) && isSame(p, p.operand(node, first), value, MAX_DEPTH);
}

/** The same value, or the same property of it, read twice. */
function isSame(p: FunctionView, one: NodeId, other: NodeId, depth: number): boolean {
  if (one === NONE || other === NONE || depth === 0) return false;
  const { op, aux } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  if (a === b) return true;
  if (a === NONE || b === NONE || op[a] !== op[b] || aux[a] !== aux[b]) return false;
  if (op[a] === Op.Captured || op[a] === Op.Param) return true;
  return op[a] === Op.Load && isSame(p, p.operand(a, 0), p.operand(b, 0), depth - 1);
}
