/**
 * What was said of an object before a sink on it: a response whose content type is plain text is no page. Models say
 * which calls and writes tell (`settled` in a document), by name alone, because they are looked for on the very object that the
 * sink is on. Which branch they stand in nobody knows here: all that stand before the sink have to say that it is harmless.
 */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import type { KindSet, ModelSettlement } from '../model/summary';
import { conditionHoldsIn, constantPlace } from './conditions';
import { cellNode, constantText } from './constants';
import type { FunctionBody } from './environment';

/** The operand of a call that is its first argument. */
const FIRST_ARGUMENT = 2;
/** How far an object is followed back through its versions, calls in a chain and enclosing functions. */
const LOOK_BACK = 60;

/** Where an object comes from, with the calls made on it in one chain: `res.status(200).type('txt')`. */
interface Root {
  readonly graph: FunctionGraph;
  readonly node: NodeId;
  readonly chain: readonly NodeId[];
}

/**
 * Whether a sink of this kind at `at`, a call or write on `receiver`, does no harm for what was said before; or, where nothing was, for how the texts
 * begin that the object was given until then. `beginningsOf` tells that of a value of this function.
 */
export function isSettled(
  body: FunctionBody,
  settlements: readonly ModelSettlement[],
  at: NodeId,
  receiver: NodeId,
  kind: KindSet,
  beginningsOf: (value: NodeId) => readonly string[],
): boolean {
  const ofKind = settlements.filter(({ kinds }) => (kinds & kind) !== 0);
  const asked = ofKind.filter(({ isOfBeginnings }) => isOfBeginnings !== true);
  const given = ofKind.filter(({ isOfBeginnings }) => isOfBeginnings === true);
  if (ofKind.length === 0 || receiver === NONE) return false;
  const root = rootOf(body, body.graph, receiver);
  for (const call of root.chain) {
    const said = saidBy(body, call, asked);
    if (said !== undefined) return said;
  }
  let isHarmless = false;
  let beginsHarmless = beginsSo(body, at, given, beginningsOf);
  let graph = body.graph;
  let end: NodeId = at;
  for (let depth = 0; depth < LOOK_BACK; depth++) {
    const here: FunctionBody = graph === body.graph ? body : inside(body, graph);
    const inChain = receiversOf(graph);
    for (let node = 0; node < end; node++) {
      const object = objectOf(graph, node);
      if (object === NONE || inChain.has(node) || node === at) continue;
      const said = saidBy(here, node, asked);
      const isEarlier =
        said === undefined && beginsHarmless && isGiven(here, node, given) && !isLast(here, node, given);
      if (said === undefined && !isEarlier) continue;
      const other = rootOf(here, graph, object);
      if (other.graph.key !== root.graph.key || other.node !== root.node) continue;
      if (isEarlier) {
        beginsHarmless = graph === body.graph && beginsSo(body, node, given, beginningsOf);
        continue;
      }
      if (!said) return false;
      isHarmless = true;
    }
    if (graph.key === root.graph.key || graph.parent === NONE) break;
    const outer = body.graphOf(graph.parent);
    end = closureIn(outer, graph, body);
    graph = outer;
  }
  return isHarmless || beginsHarmless;
}

/** The name of the method that is called there; undefined for other nodes. */
function methodOf({ graph, strings }: FunctionBody, node: NodeId): string | undefined {
  return objectOf(graph, node) === NONE || graph.op[node] !== Op.Call
    ? undefined
    : strings[graph.aux[graph.operands[graph.operandStart[node]]]];
}

/** A call that gives the object a text. */
function isGiven(body: FunctionBody, node: NodeId, settlements: readonly ModelSettlement[]): boolean {
  const name = methodOf(body, node);
  return name !== undefined && settlements.some(({ calls }) => calls.has(name));
}

/** A call after which the object is given nothing more: who gets past it did not come by it. */
function isLast(body: FunctionBody, node: NodeId, settlements: readonly ModelSettlement[]): boolean {
  const name = methodOf(body, node) ?? '';
  return settlements.every(({ calls, last }) => !calls.has(name) || last?.has(name) === true);
}

/** Whether all texts that such a call gives the object begin so that no harm is done. */
function beginsSo(
  body: FunctionBody,
  node: NodeId,
  settlements: readonly ModelSettlement[],
  beginningsOf: (value: NodeId) => readonly string[],
): boolean {
  const { operands, operandStart } = body.graph;
  const argument = operandStart[node] + FIRST_ARGUMENT;
  if (!isGiven(body, node, settlements) || argument >= operandStart[node + 1] || operands[argument] === NONE)
    return false;
  const texts = beginningsOf(operands[argument]);
  if (texts.length === 0) return false;
  return settlements.every(({ harmless }) => texts.every((text) => harmless.pattern?.test(text) === true));
}

/** Whether a call or write says that it is harmless; undefined where it says nothing of the matter. */
function saidBy(body: FunctionBody, node: NodeId, settlements: readonly ModelSettlement[]): boolean | undefined {
  const { graph, strings } = body;
  const isWrite = graph.op[node] === Op.Store;
  const name = isWrite ? strings[graph.aux[node]] : methodOf(body, node);
  if (name === undefined) return undefined;
  let found: boolean | undefined;
  for (const { calls, writes, when, harmless } of settlements) {
    if (!(isWrite ? writes : calls).has(name)) continue;
    if (when !== undefined && !conditionHoldsIn(body, node, when)) continue;
    const constant = isWrite
      ? constantText(body, graph.operands[graph.operandStart[node] + 1])
      : constantPlace(body, node, harmless.at, 0);
    if (constant === 'absent') continue;
    const says = constant !== undefined && harmless.pattern?.test(constant) === true;
    found = found === undefined ? says : found && says;
  }
  return found;
}

/** The object that a method is called on, or a property written of; NONE for other nodes. */
function objectOf(graph: FunctionGraph, node: NodeId): NodeId {
  const at = graph.operandStart[node];
  switch (graph.op[node] as Op) {
    case Op.Store:
      return graph.operands[at];
    case Op.Call: {
      const callee = graph.operands[at];
      return callee !== NONE && graph.op[callee] === Op.Load ? graph.operands[at + 1] : NONE;
    }
    default:
      return NONE;
  }
}

/** Calls on whose result a method is called: what they say is meant for that one. */
function receiversOf(graph: FunctionGraph): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (let node = 0; node < graph.op.length; node++) {
    if (graph.op[node] !== Op.Call) continue;
    const receiver = graph.operands[graph.operandStart[node] + 1];
    if (receiver !== NONE && graph.op[receiver] === Op.Call) found.add(receiver);
  }
  return found;
}

function rootOf(body: FunctionBody, start: FunctionGraph, from: NodeId): Root {
  let [graph, node] = [start, from];
  const chain: NodeId[] = [];
  for (let step = 0; step < LOOK_BACK; step++) {
    const at = graph.operandStart[node];
    let next: NodeId = NONE;
    switch (graph.op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.Store:
      case Op.StoreElement:
        next = graph.operands[at];
        break;
      // Versions of one object meet again, and what a variable holds are versions of what it held first.
      case Op.Phi:
      case Op.Cell:
        next = graph.operandStart[node + 1] > at ? graph.operands[at] : NONE;
        break;
      case Op.Call: {
        next = objectOf(graph, node);
        if (next !== NONE && graph === start) chain.push(node);
        break;
      }
      case Op.Captured: {
        const { owner, cell } = graph.captures[graph.aux[node]];
        graph = body.graphOf(owner);
        next = cellNode(graph, cell);
        if (next !== NONE && graph.operandStart[next + 1] === graph.operandStart[next])
          return { graph, node: next, chain };
        break;
      }
      default:
        return { graph, node, chain };
    }
    if (next === NONE) break;
    node = next;
  }
  return { graph, node, chain };
}

/** Where in `outer` the function is made; its end when it is made elsewhere. */
function closureIn(outer: FunctionGraph, inner: FunctionGraph, body: FunctionBody): NodeId {
  for (let node = 0; node < outer.op.length; node++)
    if (outer.op[node] === Op.Closure && body.graphOf(outer.aux[node]).key === inner.key) return node;
  return outer.op.length;
}

/** The file's functions, seen from another one of them. */
function inside(body: FunctionBody, graph: FunctionGraph): FunctionBody {
  return {
    id: body.id,
    graph,
    strings: body.strings,
    code: undefined,
    functionIds: (index) => body.functionIds(index),
    graphOf: (index) => body.graphOf(index),
  };
}
