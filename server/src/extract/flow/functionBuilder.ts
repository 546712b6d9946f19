/**
 * Builds the flow graph of one function: nodes and environment (see there), the cells it shares with inner
 * functions, what it captures of outer ones, its guards and the targets of its jumps. Language-neutral; a builder
 * is reused for many functions, one at each depth of nesting.
 */
import { IntArray } from '../../base/intArray';
import { NONE, Op, PROTOTYPE_KEYS, Test, type NodeId, type StringId } from '../../model/graph';
import type { ParameterBranch } from '../../model/parameterBranches';
import { LaterArguments } from './laterArguments';
import type { StringTable } from './strings';
import { CellMode, DEAD, Environment, type Edge, type Slot } from './environment';

/** A loop, switch, or labelled statement that `break` and `continue` can leave. */
export interface JumpTarget {
  readonly region: number;
  readonly labels: readonly string[];
  /** Plain `break` leaves it. */
  readonly takesBreak: boolean;
  readonly isLoop: boolean;
  readonly breaks: Edge[];
  readonly continues: Edge[];
}

/** How much of the jumps was there when a `try` began; see `passThrough`. */
export type JumpMark = readonly (readonly [breaks: number, continues: number])[];

export class FunctionBuilder extends Environment {
  /** Set by the owner when a function begins. */
  index = 0;
  key = '';
  flags = 0;
  parent = NONE;
  classIndex = NONE;
  name: StringId = 0;
  rangeStart = 0;
  rangeEnd = 0;
  nameStart = 0;
  nameEnd = 0;
  /** Strings. */
  readonly parameters = new IntArray(16);
  /** Strings. */
  readonly cells = new IntArray(16);
  readonly cellLists = new IntArray(16);
  readonly captureOwner = new IntArray(16);
  readonly captureCell = new IntArray(16);
  readonly guardTest = new IntArray(32);
  readonly guardPolarity = new IntArray(32);
  readonly guardArgument = new IntArray(32);
  readonly guardConstant = new IntArray(32);
  readonly guardPath: (readonly StringId[])[] = [];
  readonly targets: JumpTarget[] = [];
  /** Classes and decorators of the file that are declared in this function. */
  readonly ownClasses: number[] = [];
  readonly ownDecorators: number[] = [];
  /** Blocks that catch what is thrown in them, as pairs of first node and node after the last, in order. */
  readonly caught = new IntArray(16);
  /** Branches that run by what parameters are given. */
  readonly branches: ParameterBranch[] = [];
  /** What parameters with a default are. */
  readonly defaults = new Set<NodeId>();
  private readonly laterArguments = new LaterArguments();

  reset(index: number, strings: StringTable): void {
    this.resetEnvironment(strings);
    this.index = index;
    this.parameters.length = 0;
    this.cells.length = 0;
    this.cellLists.length = 0;
    this.captureOwner.length = 0;
    this.captureCell.length = 0;
    this.guardTest.length = 0;
    this.guardPolarity.length = 0;
    this.guardArgument.length = 0;
    this.guardConstant.length = 0;
    if (this.guardPath.length > 0) this.guardPath.length = 0;
    if (this.targets.length > 0) this.targets.length = 0;
    if (this.ownClasses.length > 0) this.ownClasses.length = 0;
    if (this.ownDecorators.length > 0) this.ownDecorators.length = 0;
    this.caught.length = 0;
    if (this.branches.length > 0) this.branches.length = 0;
    if (this.defaults.size > 0) this.defaults.clear();
    this.laterArguments.reset();
  }

  /** The function is lowered as a whole. */
  close(): void {
    this.closeDeclarations();
    this.laterArguments.close(this, this.strings.list);
  }

  /** What is read of `base` under a key that is computed. */
  loadElement(base: NodeId, key: NodeId, start: number, end: number): NodeId {
    return this.emit2(Op.LoadElement, 0, this.laterArguments.listFor(this, base, key), key, start, end);
  }

  /** A variable of this function that inner functions use. Returns its slot; the cell is the last one. */
  newCellSlot(name: StringId, mode: Exclude<CellMode, CellMode.Own>, start: number, end: number): Slot {
    const slot = this.newSlot();
    this.cellMode[slot] = mode;
    const cell = this.cells.push(name);
    const list = this.openList();
    this.cellLists.push(list);
    this.cellList[slot] = list;
    if (mode === CellMode.Shown) this.startShown(slot);
    this.cellNode[slot] = this.emit0(Op.Cell, cell, start, end);
    return slot;
  }

  /** A slot for a variable of an outer function. */
  newCaptureSlot(owner: number, cell: number): Slot {
    const index = this.captureOwner.push(owner);
    this.captureCell.push(cell);
    return this.newLazySlot(Op.Captured, index, NONE);
  }

  /** A write to an outer function's variable, by its capture slot. */
  emitCapturedWrite(slot: Slot, value: NodeId, start: number, end: number): void {
    this.emit1(Op.CapturedWrite, this.lazyAux(slot), value, start, end);
  }

  guard(
    value: NodeId,
    testNode: NodeId,
    test: Test,
    polarity: boolean,
    path: readonly StringId[],
    argument: number,
    constant: StringId,
    /** The call that makes sure of it, where that is another one than the test: `assert(isSlug(x))`. */
    asserting: NodeId = NONE,
  ): NodeId {
    const index = this.guardTest.push(test);
    this.guardPolarity.push(polarity ? 1 : 0);
    this.guardArgument.push(argument);
    this.guardConstant.push(constant);
    this.guardPath.push(path);
    const [start, end] = [this.start[testNode], this.end[testNode]];
    if (asserting === NONE) return this.emit2(Op.Guard, index, value, testNode, start, end);
    return this.emit3(Op.Guard, index, value, testNode, asserting, start, end);
  }

  /** Text of a constant node. */
  constantText(node: NodeId): string {
    return this.strings.list[this.aux[node]];
  }

  /** Keeps what is known of tested variables where the function is left: it may be a test, or one that throws. */
  emitReturn(value: NodeId, start: number, end: number): void {
    const base = this.stack.length;
    this.stack.push(value);
    this.pushGuarded();
    this.emitFrom(base, Op.Return, 0, start, end);
  }

  /** `if (isStrict && key === '__proto__') throw …`: without the rest the author would not have to fear the key. */
  protected override isRefusal(guard: NodeId): boolean {
    const index = this.aux[guard];
    const constant = this.guardConstant.items[index];
    return (
      this.guardTest.items[index] === (Test.Equals as number) &&
      this.guardPolarity.items[index] === 0 &&
      constant !== NONE &&
      PROTOTYPE_KEYS.has(this.strings.list[constant])
    );
  }

  protected override areOpposite(a: NodeId, b: NodeId): boolean {
    if (this.op[a] !== Op.Guard || this.op[b] !== Op.Guard) return false;
    if (this.operand(a, 0) !== this.operand(b, 0) || this.operand(a, 1) !== this.operand(b, 1)) return false;
    const first = this.aux[a];
    const second = this.aux[b];
    return (
      this.guardPolarity.items[first] !== this.guardPolarity.items[second] &&
      this.guardTest.items[first] === this.guardTest.items[second] &&
      this.guardArgument.items[first] === this.guardArgument.items[second] &&
      this.guardConstant.items[first] === this.guardConstant.items[second] &&
      this.guardPath[first] === this.guardPath[second]
    );
  }

  // Jumps

  pushTarget(region: number, labels: readonly string[], takesBreak: boolean, isLoop: boolean): JumpTarget {
    const target: JumpTarget = { region, labels, takesBreak, isLoop, breaks: [], continues: [] };
    this.targets.push(target);
    return target;
  }

  popTarget(): void {
    this.targets.pop();
  }

  breakTo(label: string | undefined): void {
    for (let i = this.targets.length - 1; i >= 0; i--) {
      const target = this.targets[i];
      if (label === undefined ? target.takesBreak : target.labels.includes(label)) {
        const edge = this.edge(target.region);
        if (edge !== DEAD) target.breaks.push(edge);
        break;
      }
    }
    this.reachable = false;
  }

  continueTo(label: string | undefined): void {
    for (let i = this.targets.length - 1; i >= 0; i--) {
      const target = this.targets[i];
      if (target.isLoop && (label === undefined || target.labels.includes(label))) {
        const edge = this.edge(target.region);
        if (edge !== DEAD) target.continues.push(edge);
        break;
      }
    }
    this.reachable = false;
  }

  markJumps(): JumpMark {
    return this.targets.map((target) => [target.breaks.length, target.continues.length] as const);
  }

  /** Jumps taken since `mark` run through a `finally` block, whose writes are `edge`. */
  passThrough(mark: JumpMark, edge: Edge): void {
    for (const [i, [breaks, continues]] of mark.entries()) {
      const target = this.targets[i];
      this.extendEdges(target.breaks, breaks, edge);
      this.extendEdges(target.continues, continues, edge);
    }
  }

  private extendEdges(edges: Edge[], from: number, edge: Edge): void {
    for (let i = from; i < edges.length; i++) edges[i] = this.concatenate(edges[i], edge);
  }
}
