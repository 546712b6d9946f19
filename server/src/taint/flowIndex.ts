/**
 * What the solver derives from one function's graph before it starts: who uses a node, which stores a load can see
 * through (strong updates), which guards stand over a load, and where loops begin. Linear in the graph.
 */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';

/** How far a load looks back through stores and guards. Beyond it, the load reads the whole base: sound, less precise. */
const LOOK_BACK = 24;

export interface FlowIndex {
  /** Uses of node n: `useNode[useStart[n] … useStart[n + 1])`, with the operand number at which it is used. */
  readonly useStart: Uint32Array;
  readonly useNode: Int32Array;
  readonly useOperand: Int32Array;
  /** For a Load that a store in the same function answers: the stored value. Otherwise NONE. */
  readonly forwarded: Int32Array;
  /** For a Load: the base with stores to other properties skipped (its own operand otherwise). */
  readonly loadBase: Int32Array;
  /** Loops as [first node, last node]. */
  readonly loops: readonly (readonly [NodeId, NodeId])[];
  /** Nodes by operation, for those the solver starts from. */
  readonly cellNodes: Int32Array;
}

const indexes = new WeakMap<FunctionGraph, FlowIndex>();

/** The index of a graph, made when it is first asked for and kept as long as the graph is. */
export function indexFlow(graph: FunctionGraph): FlowIndex {
  let index = indexes.get(graph);
  if (index === undefined) indexes.set(graph, (index = makeIndex(graph)));
  return index;
}

function makeIndex(graph: FunctionGraph): FlowIndex {
  const { op, aux, operands, operandStart } = graph;
  const count = op.length;
  const forwarded = new Int32Array(count).fill(NONE);
  const loadBase = new Int32Array(count).fill(NONE);
  const loops: (readonly [NodeId, NodeId])[] = [];
  const cellNodes = new Int32Array(graph.cells.length).fill(NONE);
  for (let node = 0; node < count; node++) {
    switch (op[node] as Op) {
      case Op.Load: {
        lookThroughStores(graph, node, forwarded, loadBase);
        break;
      }
      case Op.Phi: {
        let last = node;
        for (let i = operandStart[node]; i < operandStart[node + 1]; i++) last = Math.max(last, operands[i]);
        if (last > node) loops.push([node, last]);
        break;
      }
      case Op.Cell:
        cellNodes[aux[node]] = node;
        break;
      default:
        break;
    }
  }
  // Uses, counted first so that they fit one array.
  const useStart = new Uint32Array(count + 1);
  const target = (node: NodeId, position: number): NodeId => {
    if (op[node] !== Op.Load) return operands[position];
    return forwarded[node] !== NONE ? forwarded[node] : loadBase[node];
  };
  for (let node = 0; node < count; node++) {
    for (let i = operandStart[node]; i < operandStart[node + 1]; i++) {
      const operand = target(node, i);
      if (operand >= 0) useStart[operand + 1]++;
    }
  }
  for (let node = 0; node < count; node++) useStart[node + 1] += useStart[node];
  const cursor = useStart.slice(0, count);
  const useNode = new Int32Array(useStart[count]);
  const useOperand = new Int32Array(useStart[count]);
  for (let node = 0; node < count; node++) {
    for (let i = operandStart[node]; i < operandStart[node + 1]; i++) {
      const operand = target(node, i);
      if (operand < 0) continue;
      const at = cursor[operand]++;
      useNode[at] = node;
      useOperand[at] = i - operandStart[node];
    }
  }
  return { useStart, useNode, useOperand, forwarded, loadBase, loops, cellNodes };
}

/** A store is seen by what comes later, and by everything in the loops it stands in. */
export function firstReader(index: FlowIndex, node: NodeId): NodeId {
  let first = node;
  for (const [start, end] of index.loops) if (start <= node && node <= end && start < first) first = start;
  return first;
}

function lookThroughStores(graph: FunctionGraph, load: NodeId, forwarded: Int32Array, loadBase: Int32Array): void {
  const { op, aux, operands, operandStart } = graph;
  let base = operands[operandStart[load]];
  for (let step = 0; step < LOOK_BACK && op[base] === Op.Store; step++) {
    const at = operandStart[base];
    if (aux[base] === aux[load]) {
      // The value operand may be newer than the load only through a loop phi, which is not a Store.
      forwarded[load] = operands[at + 1];
      return;
    }
    base = operands[at];
  }
  loadBase[load] = base;
}
