/**
 * Which slots a node of the term graph depends on, through everything it read: by strongly connected components (Tarjan
 * 1972, iterative), so that each node is visited once, whoever asks. Answers are for a graph that does not change any
 * more, except by new nodes.
 */
import { EMPTY, IntSets } from './intSets';
import type { SetId } from './intSets';
import type { Slot } from './reads';
import { CELL, FINAL, STATE } from './termGraph';
import type { NodeNumber, TermGraph } from './termGraph';

export class SlotCollector {
  private sets = new IntSets(Infinity);
  /** Slots by the numbers they have in sets. */
  private readonly slots: Slot[] = [];
  private readonly numbers = new Map<Slot, number>();
  /** By node: its set of slots + 1, or 0 where not known. */
  private known = new Int32Array(0);
  private order = new Int32Array(0);
  private low = new Int32Array(0);
  private visited = 0;

  /** `isLast`: only what was read for the values there are now counts, not what was read in rounds before. */
  constructor(
    private readonly graph: TermGraph,
    private readonly isLast: boolean,
  ) {}

  /** The graph has changed. */
  clear(): void {
    if (this.visited === 0) return;
    this.sets = new IntSets(Infinity);
    this.slots.length = 0;
    this.numbers.clear();
    this.known = new Int32Array(0);
    this.order = new Int32Array(0);
    this.low = new Int32Array(0);
    this.visited = 0;
  }

  /** All slots that any of the nodes depends on. */
  slotsOf(nodes: Iterable<NodeNumber>): Slot[] {
    this.reserve();
    const found: SetId[] = [];
    for (const node of nodes) {
      if (this.known[node] === 0) this.visit(node);
      found.push(this.known[node] - 1);
    }
    return this.sets.members(this.sets.unionAll(found)).map((number) => this.slots[number]);
  }

  private reserve(): void {
    const { size } = this.graph;
    if (this.known.length >= size) return;
    for (const name of ['known', 'order', 'low'] as const) {
      const larger = new Int32Array(size + (size >> 2));
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  private visit(root: NodeNumber): void {
    const { graph, order, low, known } = this;
    const { edgeTo, nextRead, firstRead, owner, state } = graph;
    const path: NodeNumber[] = [];
    const edges: number[] = [];
    const open: NodeNumber[] = [];
    let node = root;
    let edge = firstRead[root];
    order[root] = low[root] = ++this.visited;
    open.push(root);
    for (;;) {
      if (edge !== 0) {
        const next = edgeTo[edge];
        edge = nextRead[edge];
        if (known[next] !== 0 || (this.isLast && (state[next] & STATE) !== FINAL)) continue;
        if (owner[next] === CELL) known[next] = this.single(graph.value[next]) + 1;
        else if (order[next] === 0) {
          path.push(node);
          edges.push(edge);
          node = next;
          edge = firstRead[next];
          order[next] = low[next] = ++this.visited;
          open.push(next);
        } else if (order[next] < low[node]) low[node] = order[next];
        continue;
      }
      if (low[node] === order[node]) this.close(node, open);
      const parent = path.pop();
      if (parent === undefined) return;
      if (low[node] < low[parent]) low[parent] = low[node];
      node = parent;
      edge = edges.pop() ?? 0;
    }
  }

  /** A component is complete: all its nodes depend on the same slots. */
  private close(root: NodeNumber, open: NodeNumber[]): void {
    const { graph, known } = this;
    const { edgeTo, nextRead, firstRead } = graph;
    let first = open.length - 1;
    while (open[first] !== root) first--;
    const found: SetId[] = [];
    for (let i = first; i < open.length; i++) {
      for (let edge = firstRead[open[i]]; edge !== 0; edge = nextRead[edge]) {
        const set = known[edgeTo[edge]] - 1;
        if (set > EMPTY && set !== found[found.length - 1]) found.push(set);
      }
    }
    const all = this.union(found);
    for (let i = first; i < open.length; i++) known[open[i]] = all + 1;
    open.length = first;
  }

  private union(found: SetId[]): SetId {
    switch (found.length) {
      case 0:
        return EMPTY;
      case 1:
        return found[0];
      case 2:
        return this.sets.union(found[0], found[1]);
      default:
        return this.sets.unionAll(found);
    }
  }

  private single(slot: Slot): SetId {
    let number = this.numbers.get(slot);
    if (number === undefined) {
      number = this.slots.length;
      this.slots.push(slot);
      this.numbers.set(slot, number);
    }
    return this.sets.single(number);
  }
}
