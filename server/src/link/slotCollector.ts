/**
 * Which slots a node of the term graph depends on, through everything it read. Nodes that are read across files, and
 * remembered answers, are *gates*: their slots are remembered, by strongly connected components (Tarjan 1972, iterative),
 * so that whatever lies behind a gate is walked through once, whoever asks. Between gates one walks inside of a file, where ways
 * are short. Answers are for a graph that does not change any more, except by new nodes.
 */
import { IntArray } from '../base/intArray';
import type { Slot } from './reads';
import { SlotSets } from './slotSets';
import type { SlotSet } from './slotSets';
import { CELL, FINAL, MEMO, STATE } from './termGraph';
import type { NodeNumber, TermGraph } from './termGraph';

export class SlotCollector {
  private sets = new SlotSets();
  /** Slots by the numbers they have in sets. */
  private readonly slots: Slot[] = [];
  private readonly numbers = new Map<Slot, number>();
  /** By gate or cell: its set of slots + 1, or 0 where not known. */
  private known = new Int32Array(0);
  /** By gate, while it is open: when it was reached, and the earliest open gate that is reached from it. */
  private order = new Int32Array(0);
  private low = new Int32Array(0);
  /** By node: the last walk that came through. */
  private walked = new Int32Array(0);
  private walks = 0;
  private reached = 0;
  private readonly line = new IntArray();
  /** Gates of unfinished components; gates on the way to the current one. */
  private readonly open = new IntArray();
  private readonly path = new IntArray();
  /** Gates still to be looked at, of all gates on the path, and where each one's start. */
  private readonly next = new IntArray();
  private readonly nextStart = new IntArray();
  /** Sets found so far, of all gates on the path, and where each one's start. */
  private readonly found = new IntArray();
  private readonly foundStart = new IntArray();

  /** `isLast`: only what was read for the values there are now counts, not what was read in rounds before. */
  constructor(
    private readonly graph: TermGraph,
    private readonly isLast: boolean,
  ) {}

  /** The graph has changed. */
  clear(): void {
    if (this.walks === 0) return;
    this.sets = new SlotSets();
    this.slots.length = 0;
    this.numbers.clear();
    this.known = new Int32Array(0);
    this.order = new Int32Array(0);
    this.low = new Int32Array(0);
    this.walked = new Int32Array(0);
    this.walks = 0;
    this.reached = 0;
  }

  /** All slots that any of the nodes depends on, which belong to one file. */
  slotsOf(nodes: readonly NodeNumber[]): Slot[] {
    this.reserve();
    const { next, found } = this;
    next.length = found.length = 0;
    this.walk(nodes);
    // Whoever looks behind a gate leaves both lists as they were.
    while (next.length > 0) {
      const gate = next.pop();
      if (this.known[gate] === 0) this.visit(gate);
      found.push(this.known[gate] - 1);
    }
    return this.sets.members(this.sets.union(found, 0)).map((number) => this.slots[number]);
  }

  private reserve(): void {
    const { size } = this.graph;
    if (this.known.length >= size) return;
    for (const name of ['known', 'order', 'low', 'walked'] as const) {
      const larger = new Int32Array(size + (size >> 2));
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  /** Goes through everything that nodes of a file read in that file; adds the sets of cells to `found`, and the gates to `next`. */
  private walk(nodes: readonly NodeNumber[]): void {
    const { graph, line, walked } = this;
    const { edgeTo, nextRead, firstRead, owner, state } = graph;
    const walk = ++this.walks;
    line.length = 0;
    for (let i = 0; i < nodes.length; i++) line.push(nodes[i]);
    while (line.length > 0) {
      const node = line.pop();
      const file = owner[node];
      for (let edge = firstRead[node]; edge !== 0; edge = nextRead[edge]) {
        const read = edgeTo[edge];
        if (walked[read] === walk) continue;
        walked[read] = walk;
        if (owner[read] === CELL) this.found.push(this.single(read));
        else if (this.isLast && (state[read] & STATE) !== FINAL) continue;
        else if (owner[read] !== file || file === MEMO) this.next.push(read);
        else line.push(read);
      }
    }
  }

  private visit(root: NodeNumber): void {
    const { order, low, known, path, next, nextStart, found, foundStart } = this;
    path.length = nextStart.length = foundStart.length = 0;
    const bottom = next.length;
    this.enter(root);
    for (;;) {
      const node = path.items[path.length - 1];
      if (next.length > nextStart.items[nextStart.length - 1]) {
        const gate = next.pop();
        if (known[gate] !== 0) found.push(known[gate] - 1);
        else if (order[gate] === 0) this.enter(gate);
        else if (order[gate] < low[node]) low[node] = order[gate];
        continue;
      }
      path.pop();
      nextStart.pop();
      const first = foundStart.pop();
      if (low[node] === order[node]) {
        this.close(node, this.sets.union(found, first));
        found.length = first;
        if (path.length > 0) found.push(known[node] - 1);
      }
      // Otherwise what was found counts for the gate before, which is of the same component.
      if (path.length === 0) break;
      const parent = path.items[path.length - 1];
      if (low[node] < low[parent]) low[parent] = low[node];
    }
    next.length = bottom;
  }

  private enter(gate: NodeNumber): void {
    this.order[gate] = this.low[gate] = ++this.reached;
    this.open.push(gate);
    this.path.push(gate);
    this.nextStart.push(this.next.length);
    this.foundStart.push(this.found.length);
    this.one[0] = gate;
    this.walk(this.one);
  }

  private readonly one: NodeNumber[] = [0];

  /** A component is complete: all its gates depend on the same slots. */
  private close(root: NodeNumber, set: SlotSet): void {
    for (;;) {
      const gate = this.open.pop();
      this.known[gate] = set + 1;
      if (gate === root) return;
    }
  }

  /** The set of a cell's slot. */
  private single(cell: NodeNumber): SlotSet {
    if (this.known[cell] !== 0) return this.known[cell] - 1;
    const slot = this.graph.value[cell];
    let number = this.numbers.get(slot);
    if (number === undefined) {
      number = this.slots.length;
      this.slots.push(slot);
      this.numbers.set(slot, number);
    }
    const set = this.sets.single(number);
    this.known[cell] = set + 1;
    return set;
  }
}
