/** Parameters that are positions in a list, because the function is called by a method of one: `list.forEach((item, index) => …)`. */
import { EACH_METHODS, NONE, Op, Test, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { FunctionBody } from './environment';

/** How many tests and writes are looked through. */
const LOOK_BACK = 40;
/** Methods that only give lists, or nothing that has the methods of lists. */
const LISTING_METHODS: ReadonlySet<string> = new Set(['split', 'map', 'filter', 'slice', 'concat']);

/**
 * True for a function that is only given to a method of a list, which calls it with positions: of what was tested to be an array, or of an
 * array that lies in another object. A map or the like is called with keys instead.
 */
export function isGivenPositions(body: FunctionBody): boolean {
  const { graph, id, strings } = body;
  if (graph.parent === NONE) return false;
  const around = body.graphOf(graph.parent);
  const call = callGiven(body, around, id);
  if (call === NONE) return false;
  const at = around.operandStart[call];
  const [callee, receiver] = [around.operands[at], around.operands[at + 1]];
  if (callee === NONE || receiver === NONE || around.op[callee] !== Op.Load) return false;
  return EACH_METHODS.has(strings[around.aux[callee]]) && isList(around, receiver, strings);
}

/** The call, in the function around it, that a function is given to at first place where it stands; NONE when there is none. */
export function callGiven(body: FunctionBody, around: FunctionGraph, id: FunctionId): NodeId {
  for (let node = 0; node < around.op.length; node++) {
    if (around.op[node] !== Op.Call) continue;
    const at = around.operandStart[node];
    const first = at + 2 < around.operandStart[node + 1] ? around.operands[at + 2] : NONE;
    if (first !== NONE && around.op[first] === Op.Closure && body.functionIds(around.aux[first]) === id) return node;
  }
  return NONE;
}

/** An array literal, an element of something, or what was tested by `Array.isArray`. */
function isList(graph: FunctionGraph, start: NodeId, strings: readonly string[]): boolean {
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    const at = graph.operandStart[node];
    switch (graph.op[node] as Op) {
      case Op.ArrayLiteral:
      case Op.LoadElement:
        return true;
      case Op.Call: {
        const callee = graph.operands[at];
        return callee !== NONE && graph.op[callee] === Op.Load && LISTING_METHODS.has(strings[graph.aux[callee]]);
      }
      case Op.Guard: {
        const { test, path, polarity } = graph.guards[graph.aux[node]];
        const call = graph.operands[at + 1];
        if (test === Test.Call && path.length === 0 && polarity && call !== NONE && graph.op[call] === Op.Call) {
          const callee = graph.operands[graph.operandStart[call]];
          if (callee !== NONE && graph.op[callee] === Op.Load && strings[graph.aux[callee]] === 'isArray') return true;
        }
        break;
      }
      case Op.Typed:
      case Op.Store:
        break;
      default:
        return false;
    }
    node = graph.operands[at];
  }
  return false;
}
