/**
 * The growing node list of one function: parallel arrays, reused from function to function. Operands are appended
 * when a node is made; nodes whose operands come later (loop phis, cells, catch clauses) keep an open list.
 */
import { IntArray } from '../../base/intArray';
import { NONE, Op, type NodeId, type StringId } from '../../model/graph';
import { StringTable } from './strings';

/** More nodes than this in one function are left out, and the function is marked truncated. */
export const MAX_NODES = 200_000;

/** In `aux` of a Phi or Catch while the function is being built: there is no open list. */
export const CLOSED = -1;

export class NodeBuffer {
  count = 0;
  op = new Uint8Array(512);
  aux = new Int32Array(512);
  start = new Int32Array(512);
  end = new Int32Array(512);
  operandStart = new Int32Array(512);
  readonly operands = new IntArray(1024);
  /** Operand stack for calls and other nodes with many operands: push, then `emitFrom`. */
  readonly stack = new IntArray(64);
  truncated = false;
  /** Nodes that stay although nothing uses them (a superclass, a decorator). */
  readonly pinned: NodeId[] = [];
  readonly phis = new IntArray(64);

  protected readonly listHead = new IntArray(32);
  private readonly listTail = new IntArray(32);
  private readonly itemValue = new IntArray(128);
  private readonly itemNext = new IntArray(128);
  private overflowNode = NONE;

  protected strings = new StringTable();

  protected resetNodes(strings: StringTable): void {
    this.strings = strings;
    this.count = 0;
    this.operands.length = 0;
    this.stack.length = 0;
    this.truncated = false;
    if (this.pinned.length > 0) this.pinned.length = 0;
    this.phis.length = 0;
    this.listHead.length = 0;
    this.listTail.length = 0;
    this.itemValue.length = 0;
    this.itemNext.length = 0;
    this.overflowNode = NONE;
  }

  emit0(op: Op, aux: number, start: number, end: number): NodeId {
    if (this.count >= MAX_NODES) return this.overflow();
    return this.begin(op, aux, start, end);
  }

  emit1(op: Op, aux: number, a: NodeId, start: number, end: number): NodeId {
    if (this.count >= MAX_NODES) return this.overflow();
    const node = this.begin(op, aux, start, end);
    this.operands.push(a);
    return node;
  }

  emit2(op: Op, aux: number, a: NodeId, b: NodeId, start: number, end: number): NodeId {
    if (this.count >= MAX_NODES) return this.overflow();
    const node = this.begin(op, aux, start, end);
    this.operands.push(a);
    this.operands.push(b);
    return node;
  }

  emit3(op: Op, aux: number, a: NodeId, b: NodeId, c: NodeId, start: number, end: number): NodeId {
    if (this.count >= MAX_NODES) return this.overflow();
    const node = this.begin(op, aux, start, end);
    this.operands.push(a);
    this.operands.push(b);
    this.operands.push(c);
    return node;
  }

  /** Takes the operands from the stack, from position `base` up, and empties it to `base`. */
  emitFrom(base: number, op: Op, aux: number, start: number, end: number): NodeId {
    const stack = this.stack;
    const top = stack.length;
    stack.length = base;
    if (this.count >= MAX_NODES) return this.overflow();
    const node = this.begin(op, aux, start, end);
    for (let i = base; i < top; i++) this.operands.push(stack.items[i]);
    return node;
  }

  /** The module's exports must come out even of a truncated function: a few nodes above the limit are allowed. */
  emitLast(op: Op, aux: number, a: NodeId, start: number, end: number): NodeId {
    const node = this.begin(op, aux, start, end);
    this.operands.push(a);
    return node;
  }

  string(text: string, start: number, end: number): NodeId {
    return this.emit0(Op.StringConst, this.strings.intern(text), start, end);
  }

  constant(text: string, start: number, end: number): NodeId {
    return this.emit0(Op.Const, this.strings.intern(text), start, end);
  }

  load(base: NodeId, name: StringId, start: number, end: number): NodeId {
    return this.emit1(Op.Load, name, base, start, end);
  }

  /** A phi of two values, without position in the environment. */
  phi2(a: NodeId, b: NodeId, position: number): NodeId {
    if (a === b) return a;
    const phi = this.emit2(Op.Phi, CLOSED, a, b, position, position);
    this.phis.push(phi);
    return phi;
  }

  openPhi(position: number): NodeId {
    const phi = this.emit0(Op.Phi, this.openList(), position, position);
    if (this.op[phi] === Op.Phi) this.phis.push(phi);
    return phi;
  }

  /** Adds an operand to an open Phi or Catch. */
  addOperand(node: NodeId, value: NodeId): void {
    const op = this.op[node];
    if (op === Op.Phi || op === Op.Catch) this.addToList(this.aux[node], value);
  }

  /** Makes `operandStart[n + 1]` the end of the operands of the last node, too. */
  closeOperands(): void {
    this.operandStart[this.count] = this.operands.length;
  }

  operand(node: NodeId, index: number): NodeId {
    return this.operands.items[this.operandStart[node] + index];
  }

  /** Number of operands given when the node was made. */
  operandCount(node: NodeId): number {
    const end = node + 1 < this.count ? this.operandStart[node + 1] : this.operands.length;
    return end - this.operandStart[node];
  }

  openList(): number {
    this.listTail.push(NONE);
    return this.listHead.push(NONE);
  }

  addToList(list: number, value: NodeId): void {
    const item = this.itemValue.push(value);
    this.itemNext.push(NONE);
    const tail = this.listTail.items[list];
    if (tail === NONE) this.listHead.items[list] = item;
    else if (this.itemValue.items[tail] === value) {
      this.itemValue.length--;
      this.itemNext.length--;
      return;
    } else this.itemNext.items[tail] = item;
    this.listTail.items[list] = item;
  }

  firstItem(list: number): number {
    return this.listHead.items[list];
  }
  nextItem(item: number): number {
    return this.itemNext.items[item];
  }
  valueOfItem(item: number): NodeId {
    return this.itemValue.items[item];
  }

  private begin(op: Op, aux: number, start: number, end: number): NodeId {
    const node = this.count;
    if (node + 1 >= this.op.length) this.growNodes();
    this.op[node] = op;
    this.aux[node] = aux;
    // What is missing in broken code has no token of its own; then the next token starts behind the end.
    this.start[node] = start < end ? start : end;
    this.end[node] = end;
    this.operandStart[node] = this.operands.length;
    this.count = node + 1;
    return node;
  }

  private overflow(): NodeId {
    if (this.overflowNode === NONE) {
      this.truncated = true;
      this.overflowNode = this.begin(Op.Unknown, 0, 0, 0);
    }
    return this.overflowNode;
  }

  private growNodes(): void {
    const size = this.op.length * 2;
    const op = new Uint8Array(size);
    op.set(this.op);
    this.op = op;
    this.aux = grown(this.aux, size);
    this.start = grown(this.start, size);
    this.end = grown(this.end, size);
    this.operandStart = grown(this.operandStart, size);
  }
}

export function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
