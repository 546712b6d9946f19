/**
 * Writes that change nothing of a prototype: what is put under a key is what was read there, or what was there is known to be something
 * that no prototype has under any name.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import { operandOf } from './conventions';
import type { FunctionView } from './functionView';
import { PROTOTYPE_METHODS } from './prototypeKeys';
import { throughConstructor } from './prototypeKinds';
import { isSameKey, sameObject, sameValue } from './sameValues';

/** Methods of functions: most of what prototypes hold are such. */
const FUNCTION_METHODS: ReadonlySet<string> = new Set(['apply', 'bind', 'call']);
/** How deep what is written is looked through for what was there. */
const MAX_DEPTH = 6;
/** Functions around one another that are looked at. */
const MAX_AROUND = 8;

/**
 * True for the `StoreElement` that puts an object back where it was read from, because something was written into it:
 * `table[a].b = x`. The write itself stands before it.
 */
export function isWrittenBack(p: FunctionView, store: NodeId): boolean {
  return isReadAt(p, sameObject(p, p.operand(store, 2)), store);
}

/**
 * True for the `StoreElement` of what a method of the old value gives: `table[key] = table[key].concat(more)`. What prototypes hold has no such method, so
 * that the call fails before anything is written there.
 */
export function isMadeOfOldValue(p: FunctionView, store: NodeId): boolean {
  const { op, aux } = p.body.graph;
  const call = sameValue(p, p.operand(store, 2));
  if (call === NONE || op[call] !== Op.Call) return false;
  const callee = p.operand(call, 0);
  if (callee === NONE || op[callee] !== Op.Load) return false;
  const method = p.text(aux[callee]);
  if (PROTOTYPE_METHODS.has(method) || FUNCTION_METHODS.has(method)) return false;
  return isReadAt(p, sameObject(p, p.operand(callee, 0)), store);
}

/**
 * True for the `StoreElement` of what a function gives back that always gives back a parameter, and was handed the old value there: `table[key] = merge(table[key], more)`.
 * Of the function itself, and those around it, that can be seen.
 */
export function isGivenBack(p: FunctionView, store: NodeId): boolean {
  const { op } = p.body.graph;
  const call = sameValue(p, p.operand(store, 2));
  if (call === NONE || op[call] !== Op.Call) return false;
  const targets = p.targets(call);
  for (const target of targets) {
    if (target.kind !== 'function') return false;
    const called = viewOf(p, target.function);
    const parameter = called === undefined ? undefined : parameterGivenBack(called);
    const operand = parameter === undefined ? undefined : operandOf(parameter, target.convention);
    if (operand === undefined || operand >= p.operandCount(call)) return false;
    if (!isReadAt(p, sameObject(p, p.operand(call, operand)), store)) return false;
  }
  return targets.length > 0;
}

/** This function, or one around it. */
function viewOf(p: FunctionView, wanted: FunctionView['body']['id']): FunctionView | undefined {
  const { body } = p;
  if (wanted === body.id) return p;
  // What is read of enclosing functions is only noticed to change for functions that capture something of them.
  if (body.graph.captures.length === 0) return undefined;
  let index = body.graph.parent;
  for (let step = 0; step < MAX_AROUND && index !== NONE; step++) {
    if (body.functionIds(index) === wanted) return p.viewAround(index);
    index = body.graphOf(index).parent;
  }
  return undefined;
}

/** The parameter that a function gives back wherever it gives back something that is no constant. */
function parameterGivenBack(p: FunctionView): number | undefined {
  const { op, aux } = p.body.graph;
  let parameter: number | undefined;
  for (let node = 0; node < op.length; node++) {
    if (op[node] === Op.Yield) return undefined;
    if (op[node] !== Op.Return || p.operand(node, 0) === NONE) continue;
    const value = sameObject(p, p.operand(node, 0));
    if (value !== NONE && (op[value] === Op.Const || op[value] === Op.StringConst)) continue;
    if (value === NONE || op[value] !== Op.Param || (parameter !== undefined && parameter !== aux[value]))
      return undefined;
    parameter = aux[value];
  }
  return parameter;
}

/**
 * True for the `StoreElement` of something made of the old value, of which a test says that it is an object and no function: `if (isPlainObject(table[key]))
 * table[key] = copy(table[key])`. What prototypes hold are functions.
 */
export function isMadeOfOldObject(p: FunctionView, store: NodeId): boolean {
  return holdsOldObject(p, p.operand(store, 2), store, MAX_DEPTH);
}

/** Whether a value is made, on every way, of what was read at the key and tested. */
function holdsOldObject(p: FunctionView, value: NodeId, store: NodeId, depth: number): boolean {
  const { op } = p.body.graph;
  const noFunction = throughConstructor(p.environment.models);
  let isTested = false;
  for (let node = value; node !== NONE; node = p.operand(node, 0)) {
    switch (op[node] as Op) {
      case Op.Guard:
        if (p.body.graph.guards[p.body.graph.aux[node]].path.length === 0)
          isTested ||= (p.kindsRemovedBy(node) & noFunction) !== 0;
        continue;
      case Op.Load:
        isTested = false;
        continue;
      case Op.Typed:
      case Op.Await:
        continue;
      case Op.LoadElement:
        if (!isReadAt(p, node, store)) return false;
        return isTested || (p.kindsGuardedOverElement(node) & noFunction) !== 0;
      case Op.Store:
        if (depth > 0 && holdsOldObject(p, p.operand(node, 1), store, depth - 1)) return true;
        continue;
      case Op.Call:
      case Op.New:
        for (let i = 1; i < p.operandCount(node) && depth > 0; i++)
          if (p.operand(node, i) !== NONE && holdsOldObject(p, p.operand(node, i), store, depth - 1)) return true;
        return false;
      default:
        return false;
    }
  }
  return false;
}

/** True for the `LoadElement` of the property that a `StoreElement` writes. */
function isReadAt(p: FunctionView, value: NodeId, store: NodeId): boolean {
  return (
    value !== NONE &&
    p.body.graph.op[value] === Op.LoadElement &&
    isSameKey(p, p.operand(value, 1), p.operand(store, 1)) &&
    sameObject(p, p.operand(value, 0)) === sameObject(p, p.operand(store, 0))
  );
}
