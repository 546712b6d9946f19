/**
 * What is known of terms during an update, and who read what to know it: a graph whose nodes are terms, functions being
 * linked, remembered answers about values, and *cells*, the places where something from outside comes in. Between
 * rounds the cells that changed make stale what read them, directly or not; a stale node is worked out again only when
 * something it read now really has another value (as in Adapton and salsa; Hammer et al., PLDI 2014). Edges are kept for
 * the whole update, so that what a node ever read can be told at its end. All in parallel typed arrays, because there
 * are some hundred nodes a file.
 */
import { SparseNumbers } from '../base/sparseNumbers';
import type { FileId } from '../model/ids';
import { parametersSlot, Part, returnSlot, slotOf } from './reads';
import type { Slot } from './reads';
import type { ValueId } from './values';

export type NodeNumber = number;

/** The low bits of a node's state. */
export const UNKNOWN = 0;
export const BUSY = 1;
/** Has a value that may still grow, because something it read may. */
export const PROVISIONAL = 2;
export const FINAL = 3;
/** Has a value that something it read may have made wrong. */
export const STALE = 4;
/** Its reads are being looked at. */
export const VERIFYING = 5;
export const STATE = 7;
/** Waits to be looked at again. */
export const QUEUED = 8;
/** Was read before it was final. */
export const SEEN = 16;
/** Was final only together with others: it may have read itself, so it is never verified, but always starts from nothing. */
export const CYCLIC = 32;

/** Owners of nodes that are not terms. */
export const CELL = -1;
export const MEMO = -2;

const INITIAL_NODES = 1 << 12;
const INITIAL_EDGES = 1 << 14;
/** More places than this are given back when so many times fewer were needed. */
const LARGE = 1 << 18;
const SPARE = 4;
const NODE_TABLES = ['value', 'owner', 'firstRead', 'firstReader', 'lastReader'] as const;
const EDGE_TABLES = ['edgeTo', 'nextRead', 'edgeFrom', 'nextReader'] as const;
const NODE_BYTES = 31;
const EDGE_BYTES = 16;

export class TermGraph {
  state = new Uint8Array(INITIAL_NODES);
  /** A set of values, or whatever a memo remembers; of cells their slot. */
  value = new Int32Array(INITIAL_NODES);
  /** Number of the context whose term it is, `CELL` or `MEMO`. */
  owner = new Int32Array(INITIAL_NODES);
  /** First edge of a list; 0 ends. */
  firstRead = new Int32Array(INITIAL_NODES);
  private firstReader = new Int32Array(INITIAL_NODES);
  private lastReader = new Int32Array(INITIAL_NODES);
  private changedAt = new Uint8Array(INITIAL_NODES);
  private verifiedAt = new Uint8Array(INITIAL_NODES);
  edgeTo = new Int32Array(INITIAL_EDGES);
  nextRead = new Int32Array(INITIAL_EDGES);
  private edgeFrom = new Int32Array(INITIAL_EDGES);
  private nextReader = new Int32Array(INITIAL_EDGES);
  /** Values from before the node was reset. */
  private readonly before = new Map<NodeNumber, number>();
  /** Cells of what is passed to functions, of other slots, and of what is written on entities; 0 where there is none. */
  private readonly parameterCells = new SparseNumbers();
  private readonly fileCells = new SparseNumbers();
  private readonly propertyCells = new SparseNumbers();
  private nodes = 1;
  private edges = 1;
  /** Counts rounds. */
  private now = 1;

  /** Nodes made so far; their numbers are below. */
  get size(): number {
    return this.nodes;
  }

  get bytes(): number {
    return this.nodes * NODE_BYTES + this.edges * EDGE_BYTES;
  }

  /** Forgets everything. Memory that it had for much more than there was last goes. */
  clear(): void {
    if (this.state.length > SPARE * Math.max(this.nodes, LARGE)) this.release();
    this.state.fill(0, 0, this.nodes);
    this.value.fill(0, 0, this.nodes);
    this.firstRead.fill(0, 0, this.nodes);
    this.firstReader.fill(0, 0, this.nodes);
    this.lastReader.fill(0, 0, this.nodes);
    this.changedAt.fill(0, 0, this.nodes);
    this.verifiedAt.fill(0, 0, this.nodes);
    this.before.clear();
    this.parameterCells.clear();
    this.fileCells.clear();
    this.propertyCells.clear();
    this.nodes = 1;
    this.edges = 1;
    this.now = 1;
  }

  /** Forgets everything, and gives memory back. */
  release(): void {
    if (this.state.length <= LARGE) {
      this.clear();
      return;
    }
    for (const name of ['state', 'changedAt', 'verifiedAt'] as const) this[name] = new Uint8Array(INITIAL_NODES);
    for (const name of NODE_TABLES) this[name] = new Int32Array(INITIAL_NODES);
    for (const name of EDGE_TABLES) this[name] = new Int32Array(INITIAL_EDGES);
    for (const cells of [this.parameterCells, this.fileCells, this.propertyCells]) cells.release();
    this.before.clear();
    this.nodes = this.edges = this.now = 1;
  }

  /** New nodes in a row; the first one's number. */
  allocate(count: number, owner: number): NodeNumber {
    const first = this.nodes;
    this.nodes += count;
    if (this.nodes > this.state.length) this.growNodes(this.nodes);
    this.owner.fill(owner, first, this.nodes);
    return first;
  }

  /** The node of what is passed to a function. */
  parameters(fn: ValueId): NodeNumber {
    return this.parameterCells.get(fn) || this.newCell(this.parameterCells, fn, parametersSlot(fn));
  }

  /** The node of what others see of a file. */
  seen(file: FileId, part: Part.Interface | Part.Arguments): NodeNumber {
    return this.fileCell(slotOf(file, part));
  }

  /** The node of what a group of a file's functions return. */
  returned(file: FileId, group: number): NodeNumber {
    return this.fileCell(returnSlot(file, group));
  }

  private fileCell(slot: Slot): NodeNumber {
    return this.fileCells.get(slot) || this.newCell(this.fileCells, slot, slot);
  }

  /** The node of what others write on one object of a file. */
  properties(entity: ValueId, file: FileId): NodeNumber {
    return this.propertyCells.get(entity) || this.newCell(this.propertyCells, entity, slotOf(file, Part.Properties));
  }

  /** Notes that one node read another. */
  read(reader: NodeNumber, node: NodeNumber): void {
    if (reader < 0 || this.lastReader[node] === reader) return;
    this.lastReader[node] = reader;
    const edge = this.edges++;
    if (edge === this.edgeTo.length) this.growEdges();
    this.edgeTo[edge] = node;
    this.edgeFrom[edge] = reader;
    this.nextRead[edge] = this.firstRead[reader];
    this.firstRead[reader] = edge;
    this.nextReader[edge] = this.firstReader[node];
    this.firstReader[node] = edge;
  }

  /** Calls `visit` for every node that read this one while it was not final, and is not final itself. */
  eachOpenReader(node: NodeNumber, visit: (reader: NodeNumber) => void): void {
    for (let edge = this.firstReader[node]; edge !== 0; edge = this.nextReader[edge]) {
      const reader = this.edgeFrom[edge];
      const state = this.state[reader] & STATE;
      if (state === PROVISIONAL || state === BUSY) visit(reader);
    }
  }

  /** Whether what a node read last has changed since. */
  hasChangedFor(reader: NodeNumber, node: NodeNumber): boolean {
    return this.changedAt[node] > this.verifiedAt[reader];
  }

  /** The value that a node has counts. */
  finish(node: NodeNumber): void {
    const before = this.before.get(node);
    if (before === undefined) this.changedAt[node] = this.now;
    else {
      this.before.delete(node);
      if (before !== this.value[node]) this.changedAt[node] = this.now;
    }
    this.confirm(node);
  }

  /** Nothing that a node read has changed. */
  confirm(node: NodeNumber): void {
    this.verifiedAt[node] = this.now;
    this.state[node] = FINAL | (this.state[node] & CYCLIC);
  }

  /** Makes a node be worked out again from nothing. */
  reset(node: NodeNumber): void {
    if (!this.before.has(node)) this.before.set(node, this.value[node]);
    this.value[node] = 0;
    this.state[node] = UNKNOWN | (this.state[node] & CYCLIC);
  }

  /** A new round begins: answers of the one before count until `change` says otherwise. */
  nextRound(): void {
    this.now++;
  }

  /** What is passed to a function is different from the round before. Calls `visit` with every node that may be wrong now. */
  changeParameters(fn: ValueId, visit: (node: NodeNumber) => void): void {
    const cell = this.parameterCells.get(fn);
    if (cell !== 0) this.change(cell, visit);
  }

  /** The same for what others write on an entity. */
  changeProperties(entity: ValueId, visit: (node: NodeNumber) => void): void {
    const cell = this.propertyCells.get(entity);
    if (cell !== 0) this.change(cell, visit);
  }

  private change(cell: NodeNumber, visit: (node: NodeNumber) => void): void {
    this.changedAt[cell] = this.now;
    const line = [cell];
    for (let node = line.pop(); node !== undefined; node = line.pop()) {
      for (let edge = this.firstReader[node]; edge !== 0; edge = this.nextReader[edge]) {
        const reader = this.edgeFrom[edge];
        if ((this.state[reader] & STATE) !== FINAL) continue;
        if ((this.state[reader] & CYCLIC) !== 0) this.reset(reader);
        else this.state[reader] = STALE;
        visit(reader);
        line.push(reader);
      }
    }
  }

  private newCell(cells: SparseNumbers, key: number, slot: Slot): NodeNumber {
    const cell = this.allocate(1, CELL);
    cells.set(key, cell);
    this.value[cell] = slot;
    this.state[cell] = FINAL;
    return cell;
  }

  private growNodes(count: number): void {
    const size = Math.max(count, this.state.length * 2);
    this.state = enlarged(this.state, new Uint8Array(size));
    this.changedAt = enlarged(this.changedAt, new Uint8Array(size));
    this.verifiedAt = enlarged(this.verifiedAt, new Uint8Array(size));
    this.value = enlarged(this.value, new Int32Array(size));
    this.owner = enlarged(this.owner, new Int32Array(size));
    this.firstRead = enlarged(this.firstRead, new Int32Array(size));
    this.firstReader = enlarged(this.firstReader, new Int32Array(size));
    this.lastReader = enlarged(this.lastReader, new Int32Array(size));
  }

  private growEdges(): void {
    const size = this.edgeTo.length * 2;
    this.edgeTo = enlarged(this.edgeTo, new Int32Array(size));
    this.edgeFrom = enlarged(this.edgeFrom, new Int32Array(size));
    this.nextRead = enlarged(this.nextRead, new Int32Array(size));
    this.nextReader = enlarged(this.nextReader, new Int32Array(size));
  }
}

function enlarged<T extends Uint8Array | Int32Array>(old: T, next: T): T {
  next.set(old);
  return next;
}
