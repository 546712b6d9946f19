/**
 * Which value each variable has right now, while a function is lowered: SSA construction without a separate control
 * flow graph (after Braun et al. 2013, specialised to structured code).
 *
 * A variable is a slot. Writes go through an undo log, so a branch is: enter a region, lower, take the *edge* (the
 * slots written since, with their values), rewind, lower the other branch, join the edges. A join costs what the
 * branches wrote, not how many variables there are. A slot that was not written has its lazily made initial value
 * (a captured variable, a global, an import).
 */
import { IntArray } from '../../base/intArray';
import { NONE, Op, type NodeId } from '../../model/graph';
import { DeferredCaptures } from './deferredCaptures';
import { CLOSED, grown, NodeBuffer } from './nodes';
import type { StringTable } from './strings';

/** Variables by number; numbers are not reused inside one function. */
export type Slot = number;
/** A set of writes that reach a join; `DEAD` when control never gets there. */
export type Edge = number;
export const DEAD: Edge = -1;

/** How a slot relates to the cell through which inner functions see it. */
export enum CellMode {
  /** Only this function uses it. */
  Own,
  /** Inner functions read it, and it is assigned once: the cell gets the value each closure sees when it is made (a declared one: when its name is read), guards included. */
  Single,
  /** Inner functions read it, and it is assigned again: the cell gets the value each closure sees when it is made, and what is assigned from then on. */
  Shown,
  /** Inner functions read it: all values go into the cell as well. */
  Mirrored,
  /** Inner functions write it: every read is a read of the cell. */
  Shared,
  /** Inner functions write it, and this one assigns it once: the cell gets what it gets with `Single`, and a read may be of the cell as well. */
  Watched,
}

const MAX_JOIN_SIMPLIFIED = 12;
const MAX_GUARD_CHAIN = 32;

export class Environment extends NodeBuffer {
  reachable = true;
  slotCount = 0;
  protected current = new Int32Array(128);
  protected cellMode = new Int32Array(128);
  protected cellNode = new Int32Array(128);
  protected cellList = new Int32Array(128);
  /** With `Shown`: the list of what was assigned before a closure was made. */
  private before = new Int32Array(128);
  /** With `Shown`: whether a closure was made, on whatever way. */
  private wasShown = new Int32Array(128);
  /** In how many loops that write the variable this is. */
  private looping = new Int32Array(128);
  /** What a variable was assigned last, on whatever way. */
  private assigned = new Int32Array(128);
  private readonly deferred = new DeferredCaptures();
  private loggedAt = new Int32Array(128);
  private stamp = new Int32Array(128);
  private initial = new Int32Array(128);
  private initialOp = new Int32Array(128);
  private initialAux = new Int32Array(128);
  private initialName = new Int32Array(128);
  private generation = 0;
  /** Triples: slot, previous value, previous `loggedAt`. */
  private readonly log = new IntArray(256);
  private regionMark = 0;
  /** Stack of regions: log mark, slot count, reachable. */
  private readonly regions = new IntArray(64);
  /** Pairs slot, value; an edge is a range of them. */
  private readonly pool = new IntArray(256);
  private readonly edgeStart = new IntArray(64);
  private readonly edgeEnd = new IntArray(64);
  /** Pairs slot, value of every write while inside a `try`. */
  private readonly tryLog = new IntArray(64);
  private tryDepth = 0;
  /** Pairs of an import and its node. */
  private readonly importNodes = new IntArray(16);
  private readonly joinValues = new IntArray(16);
  private readonly touched = new IntArray(32);
  private slotHead = new Int32Array(128);
  private slotEdges = new Int32Array(128);
  private readonly valueItem = new IntArray(64);
  private readonly valueNext = new IntArray(64);

  protected resetEnvironment(strings: StringTable): void {
    this.resetNodes(strings);
    this.reachable = true;
    this.slotCount = 0;
    this.log.length = 0;
    this.regionMark = 0;
    this.regions.length = 0;
    this.pool.length = 0;
    this.edgeStart.length = 0;
    this.edgeEnd.length = 0;
    this.tryLog.length = 0;
    this.tryDepth = 0;
    this.importNodes.length = 0;
    this.deferred.clear();
  }

  newSlot(): Slot {
    const slot = this.slotCount++;
    if (slot >= this.current.length) this.growSlots();
    this.current[slot] = NONE;
    this.loggedAt[slot] = -1;
    this.stamp[slot] = 0;
    this.initial[slot] = NONE;
    this.initialOp[slot] = NONE;
    this.cellMode[slot] = CellMode.Own;
    this.assigned[slot] = NONE;
    this.looping[slot] = 0;
    return slot;
  }

  /** A slot whose value, as long as nothing was written, is a node made at the first read. `name` (or NONE) is a property of that node to load. */
  newLazySlot(op: Op.Captured | Op.Global | Op.Import, aux: number, name: number): Slot {
    const slot = this.newSlot();
    this.initialOp[slot] = op;
    this.initialAux[slot] = aux;
    this.initialName[slot] = name;
    return slot;
  }

  /** What a lazy slot was made with. */
  protected lazyAux(slot: Slot): number {
    return this.initialAux[slot];
  }

  /** The variable's value; positions are only used where this is the first read of something lazy. */
  read(slot: Slot, start: number, end: number): NodeId {
    if (!this.deferred.isEmpty) this.readDeclared(slot);
    const value = this.current[slot];
    if (value !== NONE) return value;
    const initial = this.initialValue(slot, start, end);
    return initial === NONE ? this.constant('undefined', start, end) : initial;
  }

  /** The value, or NONE for a variable without value. */
  peek(slot: Slot): NodeId {
    const value = this.current[slot];
    return value === NONE ? this.initial[slot] : value;
  }

  /** Puts the values of parameters that are under a guard now on the stack, a few at most. */
  pushGuarded(): void {
    for (let slot = 0, left = 4; slot < this.slotCount && left > 0; slot++) {
      const value = this.current[slot];
      if (value === NONE || this.op[value] !== Op.Guard) continue;
      let first = this.unguarded(value);
      // Of versions that were joined, one tells which variable it is.
      if (this.op[first] === Op.Phi && this.operand(first, 0) !== NONE) first = this.unguarded(this.operand(first, 0));
      const root = this.op[first];
      if (root !== Op.Param && root !== Op.Typed) continue;
      this.stack.push(value);
      left--;
    }
  }

  /** Sets the current value in the environment only. */
  set(slot: Slot, value: NodeId): void {
    this.refine(slot, value);
    if (this.tryDepth > 0 && value !== NONE && this.op[value] !== Op.Guard) {
      this.tryLog.push(slot);
      this.tryLog.push(value);
    }
  }

  /** Like `set`, for a value that is the same one under a guard: a catch clause need not know it. */
  refine(slot: Slot, value: NodeId): void {
    const before = this.current[slot];
    if (before === value) return;
    if (this.loggedAt[slot] < this.regionMark) {
      const log = this.log;
      const at = log.push(slot);
      log.push(before);
      log.push(this.loggedAt[slot]);
      this.loggedAt[slot] = at;
    }
    this.current[slot] = value;
  }

  /** The variable is assigned. */
  assign(slot: Slot, value: NodeId): void {
    const mode = this.cellMode[slot];
    this.assigned[slot] = value;
    if (mode === CellMode.Mirrored || mode === CellMode.Shared) this.addToList(this.cellList[slot], value);
    else if (mode === CellMode.Shown) this.noteShown(slot, value);
    if (mode === CellMode.Shared) this.set(slot, NONE);
    // Or what inner functions assign later.
    else this.set(slot, mode === CellMode.Watched ? this.phi2(value, this.cellNode[slot], this.end[value]) : value);
  }

  /** A property of the variable's value was written; `store` is the new version. */
  version(slot: Slot, store: NodeId): void {
    const mode = this.cellMode[slot];
    if (mode === CellMode.Shown) this.noteShown(slot, store);
    else if (mode !== CellMode.Own) this.addToList(this.cellList[slot], store);
    this.set(slot, mode === CellMode.Shared ? NONE : store);
  }

  /** A closure that uses the variable was made. */
  capture(slot: Slot): void {
    if (!this.deferred.isEmpty) this.readDeclared(slot);
    this.show(slot);
  }

  /** A closure uses the variable of an outer function, too: that its object came in different versions to where the closure is made is kept, for who asks what was written last. */
  keepJoin(slot: Slot): void {
    const value = this.current[slot];
    if (value !== NONE && this.op[value] === Op.Phi) this.pinned.push(value);
  }

  /** The closures of function declarations are there: the variables that hold them, and what each uses. */
  declareFunctions(declarations: readonly (readonly [slot: Slot, uses: readonly Slot[]])[]): void {
    const { deferred } = this;
    for (const [slot, uses] of declarations) deferred.add(slot, uses);
    for (const [slot, uses] of declarations) {
      if (!deferred.settle(slot)) for (const used of uses) this.capture(used);
      for (const used of uses) if (deferred.has(used)) this.show(used);
    }
  }

  /** Nothing more is read of the variables of this function. */
  protected closeDeclarations(): void {
    for (const slot of this.deferred.unread()) {
      if (this.cellMode[slot] === CellMode.Shown) this.mirror(slot);
      const value = this.assigned[slot];
      if (this.isShownOnly(slot) && value !== NONE) this.addToList(this.cellList[slot], value);
    }
  }

  private readDeclared(slot: Slot): void {
    for (const used of this.deferred.read(slot)) this.show(used);
  }

  /** The variable has this value, too, on whatever way: only closures that are there already can come to see it. */
  private noteShown(slot: Slot, value: NodeId): void {
    this.addToList(this.wasShown[slot] === 1 ? this.cellList[slot] : this.before[slot], value);
  }

  /** Closures see whatever the variable was or will be assigned. */
  private mirror(slot: Slot): void {
    for (let item = this.firstItem(this.before[slot]); item !== NONE; item = this.nextItem(item))
      this.addToList(this.cellList[slot], this.valueOfItem(item));
    this.cellMode[slot] = CellMode.Mirrored;
  }

  protected startShown(slot: Slot): void {
    this.before[slot] = this.openList();
    this.wasShown[slot] = 0;
  }

  /** A closure sees the variable as it is now. */
  private show(slot: Slot): void {
    const value = this.current[slot];
    if (this.cellMode[slot] === CellMode.Shown) {
      // In a loop a closure may run while the variable has a value of the next round, that no round ends with.
      if (value === NONE || this.looping[slot] > 0) this.mirror(slot);
      else this.wasShown[slot] = 1;
      if (value !== NONE) this.addToList(this.cellList[slot], value);
      return;
    }
    if (!this.isShownOnly(slot)) return;
    if (value !== NONE) this.addToList(this.cellList[slot], value);
    // Made before the variable had its value: then it sees whatever comes.
    else {
      if (this.assigned[slot] !== NONE) this.addToList(this.cellList[slot], this.assigned[slot]);
      this.cellMode[slot] = this.cellMode[slot] === CellMode.Single ? CellMode.Mirrored : CellMode.Shared;
    }
  }

  /** Closures see the variable as it is when they are made. */
  private isShownOnly(slot: Slot): boolean {
    return this.cellMode[slot] === CellMode.Single || this.cellMode[slot] === CellMode.Watched;
  }

  // Regions and edges

  enter(): number {
    this.regionMark = this.log.length;
    const region = this.regions.push(this.log.length);
    this.regions.push(this.slotCount);
    this.regions.push(this.reachable ? 1 : 0);
    return region;
  }

  /** What was written since `region` was entered. */
  edge(region: number): Edge {
    if (!this.reachable) return DEAD;
    const log = this.log;
    const mark = this.regions.items[region];
    const limit = this.regions.items[region + 1];
    const from = this.pool.length;
    const generation = ++this.generation;
    for (let i = mark; i < log.length; i += 3) {
      const slot = log.items[i];
      if (this.stamp[slot] === generation || !this.isVisible(slot, limit)) continue;
      this.stamp[slot] = generation;
      const value = this.current[slot];
      if (value === log.items[i + 1]) continue;
      this.pool.push(slot);
      this.pool.push(value);
    }
    this.edgeEnd.push(this.pool.length);
    return this.edgeStart.push(from);
  }

  /** Back to the state in which the region was entered. */
  rewind(region: number): void {
    const log = this.log;
    const mark = this.regions.items[region];
    for (let i = log.length - 3; i >= mark; i -= 3) {
      const slot = log.items[i];
      this.current[slot] = log.items[i + 1];
      this.loggedAt[slot] = log.items[i + 2];
    }
    log.length = mark;
    this.regionMark = mark;
    this.reachable = this.regions.items[region + 2] !== 0;
  }

  /** Closes the innermost region; what was written since its last rewind stays. */
  leave(region: number): void {
    this.regions.length = region;
    this.regionMark = region === 0 ? 0 : this.regions.items[region - 3];
  }

  apply(edge: Edge): void {
    if (edge === DEAD) {
      this.reachable = false;
      return;
    }
    const end = this.edgeEnd.items[edge];
    for (let i = this.edgeStart.items[edge]; i < end; i += 2) this.set(this.pool.items[i], this.pool.items[i + 1]);
  }

  /** The writes of `first`, then those of `second`. */
  concatenate(first: Edge, second: Edge): Edge {
    if (first === DEAD || second === DEAD) return DEAD;
    const generation = ++this.generation;
    const from = this.pool.length;
    for (const edge of [second, first]) {
      const end = this.edgeEnd.items[edge];
      for (let i = this.edgeStart.items[edge]; i < end; i += 2) {
        const slot = this.pool.items[i];
        if (this.stamp[slot] === generation) continue;
        this.stamp[slot] = generation;
        const value = this.pool.items[i + 1];
        this.pool.push(slot);
        this.pool.push(value);
      }
    }
    this.edgeEnd.push(this.pool.length);
    return this.edgeStart.push(from);
  }

  join2(a: Edge, b: Edge, position: number): void {
    if (a === DEAD || b === DEAD) {
      this.apply(a === DEAD ? b : a);
      return;
    }
    if (this.isEmptyEdge(a) && this.isEmptyEdge(b)) return;
    this.beginJoin();
    this.collectEdge(a);
    this.collectEdge(b);
    this.endJoin(2, position);
  }

  /** Joins edges that all start at the present state. Where none is alive, what follows is unreachable. */
  join(edges: readonly Edge[], position: number): void {
    let alive = 0;
    let last: Edge = DEAD;
    for (const edge of edges) {
      if (edge === DEAD) continue;
      alive++;
      last = edge;
    }
    if (alive <= 1) {
      this.apply(last);
      return;
    }
    this.beginJoin();
    for (const edge of edges) if (edge !== DEAD) this.collectEdge(edge);
    this.endJoin(alive, position);
  }

  isEmptyEdge(edge: Edge): boolean {
    return edge !== DEAD && this.edgeStart.items[edge] === this.edgeEnd.items[edge];
  }

  // Loops

  /** A phi at a loop header that stays open for the values of the next iterations, or NONE where none is needed. */
  loopPhi(slot: Slot, position: number): NodeId {
    if (this.cellMode[slot] === CellMode.Shared) {
      this.refine(slot, NONE);
      return NONE;
    }
    let entry = this.current[slot];
    if (entry === NONE) entry = this.initialValue(slot, position, position);
    const phi = this.openPhi(position);
    if (entry !== NONE) this.addOperand(phi, entry);
    this.set(slot, phi);
    this.looping[slot]++;
    return phi;
  }

  /** The loop of a phi is lowered as a whole. */
  leaveLoopPhi(slot: Slot): void {
    this.looping[slot]--;
  }

  closeLoopPhi(slot: Slot, phi: NodeId): void {
    const value = this.current[slot];
    if (value !== NONE) this.addOperand(phi, value);
  }

  // Exceptions

  beginTry(): number {
    this.tryDepth++;
    return this.tryLog.length;
  }

  endTry(): void {
    this.tryDepth--;
  }

  /**
   * The state in which an exception from anywhere since `mark` arrives: each variable written since may have its
   * value from before or any of those written. To be called at the state before the `try`.
   */
  applyExceptional(mark: number, position: number): void {
    const limit = this.slotCount;
    const end = this.tryLog.length;
    const generation = ++this.generation;
    for (let i = mark; i < end; i += 2) {
      const slot = this.tryLog.items[i];
      if (this.cellMode[slot] === CellMode.Shared || !this.isVisible(slot, limit)) continue;
      if (this.stamp[slot] !== generation) {
        this.stamp[slot] = generation;
        let before = this.current[slot];
        if (before === NONE) before = this.initialValue(slot, position, position);
        const phi = this.openPhi(position);
        if (before !== NONE) this.addOperand(phi, before);
        this.slotHead[slot] = phi;
      }
      this.addOperand(this.slotHead[slot], this.tryLog.items[i + 1]);
    }
    for (let i = mark; i < end; i += 2) {
      const slot = this.tryLog.items[i];
      if (this.stamp[slot] === generation) this.refine(slot, this.slotHead[slot]);
    }
    if (this.tryDepth === 0) this.tryLog.length = mark;
  }

  // Imports

  /** The Import node of this function for an import, made once. */
  importNode(index: number, start: number, end: number): NodeId {
    const { importNodes } = this;
    for (let i = 0; i < importNodes.length; i += 2) if (importNodes.items[i] === index) return importNodes.items[i + 1];
    const node = this.emit0(Op.Import, index, start, end);
    importNodes.push(index);
    importNodes.push(node);
    return node;
  }

  /** Strips guards: the value that was tested. */
  unguarded(value: NodeId): NodeId {
    let node = value;
    for (let i = 0; i < MAX_GUARD_CHAIN && this.op[node] === Op.Guard; i++) node = this.operand(node, 0);
    return node;
  }

  protected initialValue(slot: Slot, start: number, end: number): NodeId {
    if (this.initial[slot] !== NONE) return this.initial[slot];
    if (this.cellMode[slot] >= CellMode.Shared) return this.cellNode[slot];
    const op = this.initialOp[slot];
    if (op === NONE) return NONE;
    const aux = this.initialAux[slot];
    let node = op === Op.Import ? this.importNode(aux, start, end) : this.emit0(op, aux, start, end);
    if (this.initialName[slot] !== NONE) node = this.load(node, this.initialName[slot], start, end);
    this.initial[slot] = node;
    return node;
  }

  /** Variables declared inside a region are gone after it; lazy ones belong to the whole function, wherever they are first used. */
  private isVisible(slot: Slot, limit: number): boolean {
    return slot < limit || this.initialOp[slot] !== NONE;
  }

  /** True when both are guards over the same value and test that differ only in which side held. */
  /** A guard that says more than nothing where the value also comes in without it. */
  protected isRefusal(_guard: NodeId): boolean {
    return false;
  }

  protected areOpposite(_a: NodeId, _b: NodeId): boolean {
    return false;
  }

  private beginJoin(): void {
    this.generation++;
    this.touched.length = 0;
    this.valueItem.length = 0;
    this.valueNext.length = 0;
  }

  private collectEdge(edge: Edge): void {
    const end = this.edgeEnd.items[edge];
    for (let i = this.edgeStart.items[edge]; i < end; i += 2) {
      const slot = this.pool.items[i];
      const value = this.pool.items[i + 1];
      if (this.stamp[slot] !== this.generation) {
        this.stamp[slot] = this.generation;
        this.touched.push(slot);
        this.slotHead[slot] = NONE;
        this.slotEdges[slot] = 0;
      }
      const item = this.valueItem.push(value);
      this.valueNext.push(this.slotHead[slot]);
      this.slotHead[slot] = item;
      this.slotEdges[slot]++;
    }
  }

  private endJoin(edgeCount: number, position: number): void {
    for (let i = 0; i < this.touched.length; i++) {
      const slot = this.touched.items[i];
      const values = this.joinValues;
      values.length = 0;
      if (this.slotEdges[slot] < edgeCount) this.addJoinValue(slot, this.current[slot], position);
      for (let item = this.slotHead[slot]; item !== NONE; item = this.valueNext.items[item]) {
        this.addJoinValue(slot, this.valueItem.items[item], position);
      }
      if (values.length > 1 && values.length <= MAX_JOIN_SIMPLIFIED) this.simplifyGuards();
      if (values.length === 0) this.set(slot, NONE);
      else if (values.length === 1) this.set(slot, values.items[0]);
      else this.set(slot, this.phiOfJoinValues(position));
    }
  }

  private addJoinValue(slot: Slot, value: NodeId, position: number): void {
    const resolved = value === NONE ? this.initialValue(slot, position, position) : value;
    if (resolved === NONE) return;
    const values = this.joinValues;
    const known = Math.min(values.length, MAX_JOIN_SIMPLIFIED);
    for (let i = 0; i < known; i++) if (values.items[i] === resolved) return;
    values.push(resolved);
  }

  private phiOfJoinValues(position: number): NodeId {
    const base = this.stack.length;
    for (let i = this.joinValues.length - 1; i >= 0; i--) this.stack.push(this.joinValues.items[i]);
    const phi = this.emitFrom(base, Op.Phi, CLOSED, position, position);
    if (this.op[phi] === Op.Phi) this.phis.push(phi);
    return phi;
  }

  /** A value joined with itself under a guard is the value, unless the guard is a refusal that is worth knowing of; so is a value under a test that held joined with it under the test that did not. */
  private simplifyGuards(): void {
    const values = this.joinValues;
    if (!this.expandGuardPhis()) return;
    for (let changed = true; changed && values.length > 1;) {
      changed = false;
      for (let i = 0; i < values.length && !changed; i++) {
        const value = values.items[i];
        if (this.op[value] !== Op.Guard) continue;
        if (this.restsOnAnother(i)) {
          this.dropJoinValue(i);
          changed = true;
          break;
        }
        for (let j = 0; j < values.length; j++) {
          if (j === i || !this.areOpposite(value, values.items[j])) continue;
          values.items[i] = this.operand(value, 0);
          this.dropJoinValue(j);
          changed = true;
          break;
        }
      }
    }
    for (let i = values.length - 1; i > 0; i--) {
      for (let j = 0; j < i; j++) {
        if (values.items[i] === values.items[j]) {
          this.dropJoinValue(i);
          break;
        }
      }
    }
  }

  /** Replaces phis made of guards only by their guards. False when no guard is among the values. */
  private expandGuardPhis(): boolean {
    const values = this.joinValues;
    let guards = false;
    for (let i = 0; i < values.length; i++) {
      const value = values.items[i];
      if (this.op[value] === Op.Guard) guards = true;
      if (this.op[value] !== Op.Phi || this.aux[value] !== CLOSED) continue;
      const count = this.operandCount(value);
      if (values.length + count > MAX_JOIN_SIMPLIFIED) continue;
      let all = true;
      for (let k = 0; k < count && all; k++) all = this.op[this.operand(value, k)] === Op.Guard;
      if (!all) continue;
      guards = true;
      values.items[i] = this.operand(value, 0);
      for (let k = 1; k < count; k++) values.push(this.operand(value, k));
    }
    return guards;
  }

  private restsOnAnother(index: number): boolean {
    const values = this.joinValues;
    let node = values.items[index];
    for (let i = 0; i < MAX_GUARD_CHAIN && this.op[node] === Op.Guard; i++) {
      if (this.isRefusal(node)) return false;
      node = this.operand(node, 0);
      for (let j = 0; j < values.length; j++) if (j !== index && values.items[j] === node) return true;
    }
    return false;
  }

  private dropJoinValue(index: number): void {
    const values = this.joinValues;
    for (let i = index + 1; i < values.length; i++) values.items[i - 1] = values.items[i];
    values.length--;
  }

  private growSlots(): void {
    const size = this.current.length * 2;
    this.current = grown(this.current, size);
    this.cellMode = grown(this.cellMode, size);
    this.cellNode = grown(this.cellNode, size);
    this.cellList = grown(this.cellList, size);
    this.assigned = grown(this.assigned, size);
    this.before = grown(this.before, size);
    this.wasShown = grown(this.wasShown, size);
    this.looping = grown(this.looping, size);
    this.loggedAt = grown(this.loggedAt, size);
    this.stamp = grown(this.stamp, size);
    this.initial = grown(this.initial, size);
    this.initialOp = grown(this.initialOp, size);
    this.initialAux = grown(this.initialAux, size);
    this.initialName = grown(this.initialName, size);
    this.slotHead = grown(this.slotHead, size);
    this.slotEdges = grown(this.slotEdges, size);
  }
}
