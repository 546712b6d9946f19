/**
 * Keys that were listed of the very object they are used on: by `for in`, by `Object.keys`, by `Object.entries`, also where a function is
 * called with each of them (`Object.keys(table).forEach((key) => table[key])`).
 */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import { NO_API } from '../model/ids';
import { ELEMENT, argumentComponent, type CallModel, type ModelPlace } from '../model/summary';
import { cellNode } from './constants';
import type { FunctionView } from './functionView';
import { sameObject } from './sameValues';

/** How many writes and tests are looked through. */
const MAX_STEPS = 200;
/** How deep functions stand in one another, at most, for their variables to be compared. */
const MAX_DEPTH = 8;
/** Position of the key in a pair of key and value. */
const KEY = '0';

/** A node in one of the functions of a file. */
interface Place {
  readonly graph: FunctionGraph;
  readonly node: NodeId;
}

/** The list that an element was taken from, and whether the element is a pair of key and value. */
interface Taken extends Place {
  readonly isPair: boolean;
}

/** True for a key (without guards over it) that was listed of the object at `base`. */
export function isListedKey(p: FunctionView, key: NodeId, base: NodeId): boolean {
  const { graph } = p.body;
  if (key === NONE) return false;
  if (graph.op[key] === Op.ForInKey) return isSameObject(p, { graph, node: p.operand(key, 0) }, { graph, node: base });
  const taken = listOf(p, key);
  if (taken === undefined) return false;
  const list = objectOf(taken);
  if (list.node === NONE || list.graph.op[list.node] !== Op.Call) return false;
  const owner = ownerOfList(p, list, taken.isPair);
  return owner !== undefined && isSameObject(p, owner, { graph, node: base });
}

/** The list whose element, or the key in whose element, a value is. */
function listOf(p: FunctionView, value: NodeId): Taken | undefined {
  const { graph } = p.body;
  let node = value;
  let isPair = false;
  if (graph.op[node] === Op.Load && p.text(graph.aux[node]) === KEY) {
    isPair = true;
    node = objectOf({ graph, node: p.operand(node, 0) }).node;
    if (node === NONE) return undefined;
  }
  switch (graph.op[node] as Op) {
    case Op.Iterate:
    case Op.LoadElement:
      return { graph, node: p.operand(node, 0), isPair };
    case Op.Param: {
      const list = givenOf(p, graph, (index) => p.body.functionIds(index) === p.body.id, graph.aux[node]);
      return list === undefined ? undefined : { ...list, isPair };
    }
    case Op.Captured: {
      // A variable of a function around this one that was called with each of them.
      const { owner } = graph.captures[graph.aux[node]];
      const variable = variableOf(p, { graph, node });
      const outer = p.body.graphOf(owner);
      if (variable.node === NONE || variable.graph !== outer || outer.op[variable.node] !== Op.Param) return undefined;
      const list = givenOf(p, outer, (index) => index === owner, outer.aux[variable.node]);
      return list === undefined ? undefined : { ...list, isPair };
    }
    default:
      return undefined;
  }
}

/** The list whose elements a method calls a function with, as the parameter at a position. */
function givenOf(
  p: FunctionView,
  called: FunctionGraph,
  isCalled: (index: number) => boolean,
  parameter: number,
): Place | undefined {
  const { body } = p;
  // What is read of enclosing functions is only noticed to change for functions that capture something of them.
  if (parameter < 0 || called.parent === NONE || body.graph.captures.length === 0) return undefined;
  const graph = body.graphOf(called.parent);
  for (let node = 0; node < graph.op.length; node++) {
    if (graph.op[node] !== Op.Call) continue;
    const at = graph.operandStart[node];
    const first = at + 2 < graph.operandStart[node + 1] ? graph.operands[at + 2] : NONE;
    if (first === NONE || graph.op[first] !== Op.Closure || !isCalled(graph.aux[first])) continue;
    const callee = graph.operands[at];
    if (callee === NONE || graph.op[callee] !== Op.Load) return undefined;
    const model = p.environment.models.methodModel(p.text(graph.aux[callee]));
    return model !== undefined && givesElements(model, parameter) ? { graph, node: graph.operands[at + 1] } : undefined;
  }
  return undefined;
}

/** True for a method that calls its first argument with the elements of its receiver, as that parameter. */
function givesElements({ flows }: CallModel, parameter: number): boolean {
  const wanted = argumentComponent(parameter);
  return flows.some(
    ({ from, to }) =>
      from.root === 'receiver' &&
      from.path.length === 1 &&
      from.path[0] === ELEMENT &&
      to.root === 'argument' &&
      to.from === 0 &&
      to.path.length === 1 &&
      to.path[0] === wanted,
  );
}

/** The object of which a call gives the keys, or the pairs of key and value. */
function ownerOfList(p: FunctionView, { graph, node }: Place, isPair: boolean): Place | undefined {
  const isOwn = graph === p.body.graph;
  const { models, shift } = isOwn ? p.callAt(node) : { models: globalModels(p, graph, node), shift: 0 };
  for (const { listsKeysOf, listsEntriesOf } of [...models, ...modelsByName(p, graph, node)]) {
    const place = isPair ? listsEntriesOf : listsKeysOf;
    const operand = place === undefined ? NONE : operandOf(place) + shift;
    if (operand < 0 || operand >= graph.operandStart[node + 1] - graph.operandStart[node]) continue;
    return { graph, node: graph.operands[graph.operandStart[node] + operand] };
  }
  return undefined;
}

function operandOf(place: ModelPlace): number {
  return place.root === 'return' ? NONE : place.root === 'receiver' ? 1 : place.from + 2;
}

/** What models say of methods of that name: helpers are called by what they do. */
function modelsByName(p: FunctionView, graph: FunctionGraph, call: NodeId): readonly CallModel[] {
  const callee = graph.operands[graph.operandStart[call]];
  if (callee === NONE || graph.op[callee] !== Op.Load) return [];
  const model = p.environment.models.methodModel(p.text(graph.aux[callee]));
  return model === undefined ? [] : [model];
}

/** What models say of a call in another function of the file that names a global: `Object.keys(…)`. */
function globalModels(p: FunctionView, graph: FunctionGraph, call: NodeId): readonly CallModel[] {
  const { automaton, models } = p.environment;
  const names: string[] = [];
  let node = graph.operands[graph.operandStart[call]];
  while (node !== NONE && graph.op[node] === Op.Load) {
    names.push(p.text(graph.aux[node]));
    node = graph.operands[graph.operandStart[node]];
  }
  if (node === NONE || graph.op[node] !== Op.Global) return [];
  let state = automaton.global(p.text(graph.aux[node]));
  while (names.length > 0) state = automaton.member(state, names.pop() ?? '');
  return state === NO_API ? [] : [models.callModel(state, false)];
}

/** The node that gave an object, without what was found out about it or written into it since. */
function objectOf({ graph, node: start }: Place): Place {
  let node = start;
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.Store:
      case Op.StoreElement:
      case Op.Copy:
        node = graph.operands[graph.operandStart[node]];
        break;
      default:
        return { graph, node };
    }
  }
  return { graph, node };
}

/** True where two nodes, perhaps of different functions, stand for one object. */
function isSameObject(p: FunctionView, one: Place, other: Place): boolean {
  if (one.graph === p.body.graph && other.graph === p.body.graph)
    return sameObject(p, one.node) === sameObject(p, other.node) || isSameProperty(p, one, other, MAX_DEPTH);
  return isSameProperty(p, one, other, MAX_DEPTH);
}

/** The same variable, or the same properties and elements of it. */
function isSameProperty(p: FunctionView, one: Place, other: Place, depth: number): boolean {
  if (depth === 0) return false;
  const a = variableOf(p, objectOf(one));
  const b = variableOf(p, objectOf(other));
  if (a.node === NONE || b.node === NONE) return false;
  if (a.graph === b.graph && a.node === b.node) return true;
  const op: Op = a.graph.op[a.node];
  if (op !== b.graph.op[b.node]) return false;
  const [first, second] = [a.graph.operandStart[a.node], b.graph.operandStart[b.node]];
  const inside = (): boolean =>
    isSameProperty(
      p,
      { graph: a.graph, node: a.graph.operands[first] },
      { graph: b.graph, node: b.graph.operands[second] },
      depth - 1,
    );
  if (op === Op.Load) return a.graph.aux[a.node] === b.graph.aux[b.node] && inside();
  if (op !== Op.LoadElement) return false;
  return (
    inside() &&
    isSameProperty(
      p,
      { graph: a.graph, node: a.graph.operands[first + 1] },
      { graph: b.graph, node: b.graph.operands[second + 1] },
      depth - 1,
    )
  );
}

/** The definition of a captured variable that is only given a value once, in the function that owns it. */
function variableOf(p: FunctionView, start: Place): Place {
  let place = start;
  for (let step = 0; step < MAX_DEPTH && place.node !== NONE; step++) {
    const { graph, node } = place;
    if (graph.op[node] === Op.Captured) {
      const { owner, cell } = graph.captures[graph.aux[node]];
      const outer = p.body.graphOf(owner);
      place = objectOf({ graph: outer, node: cellNode(outer, cell) });
    } else if (graph.op[node] === Op.Cell && graph.operandStart[node + 1] - graph.operandStart[node] === 1) {
      place = objectOf({ graph, node: graph.operands[graph.operandStart[node]] });
    } else return place;
  }
  return place;
}
