/** Which nodes of a function stand for one value, one object or one key. */
import { NONE, Op, type NodeId } from '../model/graph';
import type { FunctionView } from './functionView';

/** Joins that one question goes through; more are not looked at. */
const MAX_DEPTH = 12;
/** Versions of one object that are looked through on one way. */
const MAX_STEPS = 200;

/** The node that gave a value, without what was found out about it since. */
export function sameValue(p: FunctionView, value: NodeId): NodeId {
  return originOf(p, value, false, MAX_DEPTH);
}

/** The node that gave an object, without what was found out about it or written into it since. */
export function sameObject(p: FunctionView, object: NodeId): NodeId {
  return originOf(p, object, true, MAX_DEPTH);
}

function originOf(p: FunctionView, start: NodeId, isMutable: boolean, depth: number): NodeId {
  const { op } = p.body.graph;
  let node = start;
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
        node = p.operand(node, 0);
        break;
      case Op.Store:
      case Op.StoreElement:
      case Op.Copy:
        if (!isMutable) return node;
        node = p.operand(node, 0);
        break;
      case Op.Phi: {
        if (depth === 0) return node;
        // A join of versions of one value is that value; around a loop it may be itself.
        let common = NONE;
        for (let i = 0; i < p.operandCount(node); i++) {
          const operand = p.operand(node, i);
          if (operand >= node) {
            if (isMutable && isVersionOf(p, operand, node)) continue;
            return node;
          }
          const origin = originOf(p, operand, isMutable, depth - 1);
          if (common !== NONE && origin !== common) return node;
          common = origin;
        }
        return common;
      }
      default:
        return node;
    }
  }
  return node;
}

/** True for an object that a literal of this function made on every way, whatever was written or copied into it since. */
export function isMadeHere(p: FunctionView, object: NodeId): boolean {
  const { op } = p.body.graph;
  return isVersionOfAny(p, object, (node) => {
    const made: Op = op[node];
    return made === Op.ObjectLiteral || made === Op.ArrayLiteral || made === Op.Const || made === Op.StringConst;
  });
}

/** True when a value at the end of a loop is the object that a join at its beginning stands for, whatever was written into it. */
export function isVersionOf(p: FunctionView, start: NodeId, join: NodeId): boolean {
  return isVersionOfAny(p, start, (node) => node === join);
}

/** Whether all ways on which an object comes, through tests and writes, begin with such a node. */
function isVersionOfAny(p: FunctionView, object: NodeId, isBeginning: (node: NodeId) => boolean): boolean {
  const { op } = p.body.graph;
  const seen = new Set<NodeId>();
  const stack = [object];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node === NONE || seen.size > MAX_STEPS) return false;
    if (isBeginning(node)) continue;
    switch (op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.Store:
      case Op.StoreElement:
      case Op.Copy:
        stack.push(p.operand(node, 0));
        break;
      case Op.Phi:
        for (let i = 0; i < p.operandCount(node); i++) stack.push(p.operand(node, i));
        break;
      default:
        return false;
    }
  }
  return true;
}

/** True for one key: the same value, or the same element of one list. */
export function isSameKey(p: FunctionView, one: NodeId, other: NodeId): boolean {
  const { op } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  if (a === b) return a !== NONE;
  if (a === NONE || b === NONE || op[a] !== Op.LoadElement || op[b] !== Op.LoadElement) return false;
  return sameValue(p, p.operand(a, 0)) === sameValue(p, p.operand(b, 0)) && positionIn(p, a) === positionIn(p, b);
}

/** The node that gave the position of an element; what `i++` gives, `+i`, is the position `i`. */
function positionIn(p: FunctionView, element: NodeId): NodeId {
  const { op, aux } = p.body.graph;
  let position = sameValue(p, p.operand(element, 1));
  while (position !== NONE && op[position] === Op.Unary && p.text(aux[position]) === '+')
    position = sameValue(p, p.operand(position, 0));
  return position;
}
