/**
 * What the solver derives from one function's graph before it starts: who uses a node, which stores a load can see
 * through (strong updates), which guards stand over a load, and where loops begin. Linear in the graph.
 */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';

/** How far a load looks back through stores and guards. Beyond it, the load reads the whole base: sound, less precise. */
const LOOK_BACK = 24;

export interface FlowIndex {
  /**
   * Uses of node n are `uses[useStart[n] … useStart[n + 1])`, each a node and the operand number at which it uses n. Uses that come to nothing are left
   * out: what only decides (a comparison, a test), and what only makes a value that nobody uses.
   */
  readonly useStart: Int32Array;
  readonly uses: Int32Array;
  /** What comes to the node goes nowhere. */
  isUnused(node: NodeId): boolean;
  /** For a Load that a store in the same function answers: the stored value. Otherwise NONE. */
  forwarded(node: NodeId): NodeId;
  /** For a Load that none answers: the base with stores to other properties skipped. Otherwise NONE. */
  loadBase(node: NodeId): NodeId;
  /** Loops as [first node, last node]. */
  readonly loops: readonly (readonly [NodeId, NodeId])[];
  /** Nodes of captured variables, by number. */
  readonly cellNodes: Int32Array;
}

const NO_LOOPS: readonly (readonly [NodeId, NodeId])[] = [];
const NO_CELLS = new Int32Array(0);

/** What stands for a stored value in `loads`: less than NONE. */
const asForwarded = (value: NodeId): number => NONE - 1 - value;

class Index implements FlowIndex {
  constructor(
    readonly useStart: Int32Array,
    readonly uses: Int32Array,
    /** Of each Load its base, or what stands for the value that a store says it has; of other nodes NONE. */
    private readonly loads: Int32Array,
    readonly loops: readonly (readonly [NodeId, NodeId])[],
    readonly cellNodes: Int32Array,
    private readonly op: FunctionGraph['op'],
  ) {}

  isUnused(node: NodeId): boolean {
    // A captured variable is read by others.
    return this.useStart[node] === this.useStart[node + 1] && this.op[node] !== Op.Cell;
  }

  forwarded(node: NodeId): NodeId {
    const load = this.loads[node];
    return load < NONE ? asForwarded(load) : NONE;
  }

  loadBase(node: NodeId): NodeId {
    const load = this.loads[node];
    return load < NONE ? NONE : load;
  }
}

/** Linear in the graph; to be kept as long as that is. */
export function indexFlow(graph: FunctionGraph): FlowIndex {
  const { op, aux, operands, operandStart } = graph;
  const count = op.length;
  const loads = new Int32Array(count);
  let loops: (readonly [NodeId, NodeId])[] | undefined;
  const cellNodes = graph.cells.length === 0 ? NO_CELLS : new Int32Array(graph.cells.length).fill(NONE);
  const isUsed = new Uint8Array(count);
  for (let node = 0; node < count; node++) {
    let load = NONE;
    switch (op[node] as Op) {
      case Op.Load:
        load = lookThroughStores(graph, node);
        break;
      case Op.Phi: {
        const last = useAhead(graph, node, isUsed);
        if (last > node) (loops ??= []).push([node, last]);
        break;
      }
      case Op.Cell:
        cellNodes[aux[node]] = node;
        useAhead(graph, node, isUsed);
        break;
      default:
        break;
    }
    loads[node] = load;
  }
  /** What a node reads at an operand, as far as anything comes of it; NONE otherwise. */
  const valueAt = (node: NodeId, i: number): NodeId => {
    if (op[node] !== Op.Load) return isRead(op[node], i - operandStart[node]) ? operands[i] : NONE;
    return loads[node] < NONE ? asForwarded(loads[node]) : loads[node];
  };
  // Uses are counted first so that they fit one array; two numbers each. From the end, because users come after what they use.
  const useStart = new Int32Array(count + 1);
  for (let node = count - 1; node >= 0; node--) {
    if (isUsed[node] === 0 && isPure(op[node])) continue;
    isUsed[node] = 1;
    for (let i = operandStart[node]; i < operandStart[node + 1]; i++) {
      const value = valueAt(node, i);
      if (value < 0) continue;
      useStart[value + 1] += 2;
      isUsed[value] = 1;
    }
  }
  for (let node = 0; node < count; node++) useStart[node + 1] += useStart[node];
  const uses = new Int32Array(useStart[count]);
  // From the end, so that what is left in `useStart` is where each list begins.
  for (let node = count - 1; node >= 0; node--) {
    if (isUsed[node] === 0) continue;
    const start = operandStart[node];
    for (let i = operandStart[node + 1] - 1; i >= start; i--) {
      const value = valueAt(node, i);
      if (value < 0) continue;
      const at = (useStart[value + 1] -= 2);
      uses[at] = node;
      uses[at + 1] = i - start;
    }
  }
  useStart.copyWithin(0, 1);
  useStart[count] = uses.length;
  return new Index(useStart, uses, loads, loops ?? NO_LOOPS, cellNodes, op);
}

/** Marks the operands that come after their user: of these, it is not known yet who uses the user. Tells the last operand. */
function useAhead({ operands, operandStart }: FunctionGraph, node: NodeId, isUsed: Uint8Array): NodeId {
  let last = node;
  for (let i = operandStart[node]; i < operandStart[node + 1]; i++) {
    last = Math.max(last, operands[i]);
    if (operands[i] > node) isUsed[operands[i]] = 1;
  }
  return last;
}

/** Whether anything can come of what is at an operand. */
function isRead(op: Op, operand: number): boolean {
  switch (op) {
    case Op.Binary:
    case Op.Unary:
      return false;
    // What follows are the test, the type, and what is known of parameters.
    case Op.Guard:
    case Op.Typed:
    case Op.Return:
    case Op.Yield:
      return operand === 0;
    default:
      return true;
  }
}

/** Operations that do nothing but make a value. */
function isPure(op: Op): boolean {
  switch (op) {
    case Op.Phi:
    case Op.Guard:
    case Op.Typed:
    case Op.Rest:
    case Op.Spread:
    case Op.LoadElement:
    case Op.Concat:
    case Op.Iterate:
    case Op.ForInKey:
      return true;
    default:
      return false;
  }
}

/** A store is seen by what comes later, and by everything in the loops it stands in. */
export function firstReader(index: FlowIndex, node: NodeId): NodeId {
  let first = node;
  for (const [start, end] of index.loops) if (start <= node && node <= end && start < first) first = start;
  return first;
}

/** The base of a load, or what stands for the value that it has. */
function lookThroughStores(graph: FunctionGraph, load: NodeId): number {
  const { op, aux, operands, operandStart } = graph;
  let base = operands[operandStart[load]];
  for (let step = 0; step < LOOK_BACK && op[base] === Op.Store; step++) {
    const at = operandStart[base];
    // The value operand may be newer than the load only through a loop phi, which is not a Store.
    if (aux[base] === aux[load]) return operands[at + 1] === NONE ? NONE : asForwarded(operands[at + 1]);
    base = operands[at];
  }
  return base;
}
