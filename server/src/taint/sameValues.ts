/** Which nodes of a function stand for one value, one object or one key. */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { CallModel } from '../model/summary';
import type { FunctionBody } from './environment';
import type { FunctionView } from './functionView';

/** Joins that one question goes through; more are not looked at. */
const MAX_DEPTH = 12;
/** Versions of one object that are looked through on one way. */
const MAX_STEPS = 200;
/** Operands of a call before its arguments: what is called, and what on. */
const FIRST_ARGUMENT = 2;

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

/** True for one object, whatever was written into it: the same value, or what one property of one object holds that was given no other value in between. */
export function isSameObject(p: FunctionView, one: NodeId, other: NodeId, depth = MAX_DEPTH): boolean {
  const { op, aux } = p.body.graph;
  const [a, b] = [sameObject(p, one), sameObject(p, other)];
  if (a === b) return a !== NONE;
  if (a === NONE || b === NONE || op[a] !== Op.Load || op[b] !== Op.Load || aux[a] !== aux[b] || depth === 0)
    return false;
  const [from, to] = [p.operand(a, 0), p.operand(b, 0)];
  return isKept(p, from, aux[a]) && isKept(p, to, aux[a]) && isSameObject(p, from, to, depth - 1);
}

/** Whether all that was written to a property of an object here is what it held, with something written into it: `this.table[name] = {}`. */
function isKept(p: FunctionView, object: NodeId, name: number): boolean {
  const { op, aux } = p.body.graph;
  const seen = new Set<NodeId>();
  const stack = [object];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === NONE || seen.has(node)) continue;
    seen.add(node);
    if (seen.size > MAX_STEPS) return false;
    switch (op[node] as Op) {
      case Op.Store: {
        const value = aux[node] === name ? sameObject(p, p.operand(node, 1)) : NONE;
        if (aux[node] === name && (value === NONE || op[value] !== Op.Load || aux[value] !== name)) return false;
        stack.push(p.operand(node, 0));
        break;
      }
      case Op.StoreElement:
      case Op.Copy:
      case Op.Guard:
      case Op.Typed:
        stack.push(p.operand(node, 0));
        break;
      case Op.Phi:
        for (let i = 0; i < p.operandCount(node); i++) stack.push(p.operand(node, i));
        break;
      default:
        break;
    }
  }
  return true;
}

/** True for an object that a literal of this function made on every way, whatever was written or copied into it since; of a captured variable, for all it is given here. */
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
      case Op.Cell:
        for (let i = 0; i < p.operandCount(node); i++) stack.push(p.operand(node, i));
        break;
      case Op.Call: {
        const target = copyTarget(p, node);
        if (target === NONE) return false;
        stack.push(target);
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

/** Of a call that surely copies properties (`Object.assign({}, defaults)`): the object that they are copied to, which is its result, too. */
function copyTarget(p: FunctionView, call: NodeId): NodeId {
  const { models, shift, targets } = p.callAt(call);
  const [first] = models;
  if (targets.some(({ kind }) => kind === 'function') || models.length !== 1 || first.copies === undefined) return NONE;
  return targetAt(p, call, first.copies, shift);
}

/** The argument of a call that properties are copied to; `NONE` where it says how they are copied instead: `extend(true, target, source)`. */
export function targetAt(
  p: FunctionView,
  call: NodeId,
  { to }: NonNullable<CallModel['copies']>,
  shift: 0 | 1,
): NodeId {
  const operand = to + FIRST_ARGUMENT + shift;
  const target = operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
  return target === NONE || p.body.graph.op[target] === Op.Const ? NONE : target;
}

/** True when a function within this one, or within another `owner` in the file, assigns the captured variable. */
export function isWrittenInside(
  body: FunctionBody,
  cell: number,
  owner: FunctionGraph = body.graph,
  ownerId: FunctionId = body.id,
): boolean {
  const stack = closuresIn(owner);
  const seen = new Set<number>();
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const graph = body.graphOf(index);
    for (let node = 0; node < graph.op.length; node++) {
      if (graph.op[node] !== Op.CapturedWrite) continue;
      const capture = graph.captures[graph.aux[node]];
      if (capture.cell === cell && body.functionIds(capture.owner) === ownerId) return true;
    }
    stack.push(...closuresIn(graph));
  }
  return false;
}

/** Functions that are made in one, by their index in the file. */
function closuresIn({ op, aux }: FunctionBody['graph']): number[] {
  const closures: number[] = [];
  for (let node = 0; node < op.length; node++) if (op[node] === Op.Closure) closures.push(aux[node]);
  return closures;
}

/** True for one key: the same value, the same property of one object that was not written in between, or the same element of one list. */
export function isSameKey(p: FunctionView, one: NodeId, other: NodeId, depth = MAX_DEPTH): boolean {
  const { op, aux } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  if (a === b) return a !== NONE;
  if (a === NONE || b === NONE || op[a] !== op[b] || depth === 0) return false;
  if (op[a] === Op.Load) return aux[a] === aux[b] && isSameKey(p, p.operand(a, 0), p.operand(b, 0), depth - 1);
  if (op[a] !== Op.LoadElement) return false;
  return isSameList(p, p.operand(a, 0), p.operand(b, 0)) && positionIn(p, a) === positionIn(p, b);
}

/** True for two reads of one element of one object, whatever was written into the object in between. */
export function isSameElement(p: FunctionView, one: NodeId, other: NodeId): boolean {
  const { op } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  if (a === NONE || b === NONE || op[a] !== Op.LoadElement || op[b] !== Op.LoadElement) return false;
  return (
    isSameKey(p, p.operand(a, 1), p.operand(b, 1)) && sameObject(p, p.operand(a, 0)) === sameObject(p, p.operand(b, 0))
  );
}

/** One value; `arguments`, or a rest parameter, has several nodes. */
function isSameList(p: FunctionView, one: NodeId, other: NodeId): boolean {
  const { op, aux } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  if (a === b) return true;
  return (
    a !== NONE && b !== NONE && op[a] === op[b] && aux[a] === aux[b] && (op[a] === Op.RestParam || op[a] === Op.Param)
  );
}

/** The node that gave the position of an element; what `i++` gives, `+i`, is the position `i`. */
function positionIn(p: FunctionView, element: NodeId): NodeId {
  const { op, aux } = p.body.graph;
  let position = sameValue(p, p.operand(element, 1));
  while (position !== NONE && op[position] === Op.Unary && p.text(aux[position]) === '+')
    position = sameValue(p, p.operand(position, 0));
  return position;
}
