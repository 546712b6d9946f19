/**
 * Elements of `arguments`, or of a rest parameter, at a position that counts up from a constant: `for (let i = 1; i < arguments.length; i++) copy(arguments[i])`
 * reads none of the arguments before. Which positions come round to a loop is known when the function is lowered as a whole.
 */
import { ARGUMENTS, NONE, Op, type NodeId } from '../../model/graph';
import { CLOSED, type NodeBuffer } from './nodes';

/** Tests of a list that are kept over what is read of it. */
const MAX_GUARDS = 8;
/** Nodes that one position is looked through. */
const MAX_STEPS = 40;
/** Arguments are handed on one by one; what begins further behind is looked at as a whole. */
const MAX_POSITION = 9;

/** Lists that elements are read of, each with the node of the position. */
export class LaterArguments {
  private readonly lists: NodeId[] = [];
  private readonly keys: NodeId[] = [];

  reset(): void {
    this.lists.length = 0;
    this.keys.length = 0;
  }

  /** The list to read an element of: one for this read alone where `list` holds arguments, because it may turn out to hold fewer of them. */
  listFor(nodes: NodeBuffer, list: NodeId, key: NodeId): NodeId {
    const { op, aux } = nodes;
    let start = list;
    for (let step = 0; step < MAX_GUARDS && op[start] === Op.Guard; step++) start = nodes.operand(start, 0);
    if (op[start] !== Op.RestParam && (op[start] !== Op.Param || aux[start] !== ARGUMENTS)) return list;
    const own = nodes.emit0(op[start], aux[start], nodes.start[start], nodes.end[start]);
    if (nodes.op[own] !== op[start]) return list;
    this.lists.push(own);
    this.keys.push(key);
    return guarded(nodes, list, own);
  }

  /** All positions are known. */
  close(nodes: NodeBuffer, texts: readonly string[]): void {
    for (const [i, list] of this.lists.entries()) {
      const from = new Lowest(nodes, texts).of(this.keys[i]);
      if (from < 1 || from > MAX_POSITION) continue;
      nodes.aux[list] = from + (nodes.op[list] === Op.RestParam ? nodes.aux[list] : 0);
      nodes.op[list] = Op.RestParam;
    }
  }
}

/** The same guards over another node. */
function guarded(nodes: NodeBuffer, guard: NodeId, value: NodeId): NodeId {
  if (nodes.op[guard] !== Op.Guard) return value;
  const below = guarded(nodes, nodes.operand(guard, 0), value);
  const base = nodes.stack.length;
  nodes.stack.push(below);
  for (let i = 1; i < nodes.operandCount(guard); i++) nodes.stack.push(nodes.operand(guard, i));
  return nodes.emitFrom(base, Op.Guard, nodes.aux[guard], nodes.start[guard], nodes.end[guard]);
}

/** The lowest number that a position may be; 0 where nobody knows. */
class Lowest {
  private readonly open = new Set<NodeId>();
  private steps = 0;

  constructor(
    private readonly nodes: NodeBuffer,
    private readonly texts: readonly string[],
  ) {}

  of(node: NodeId): number {
    const { nodes } = this;
    if (node === NONE || this.steps++ > MAX_STEPS) return 0;
    // Around a loop the other values decide: it only counts up.
    if (this.open.has(node)) return Infinity;
    switch (nodes.op[node] as Op) {
      case Op.Const:
        return this.number(node);
      case Op.Guard:
        return this.of(nodes.operand(node, 0));
      case Op.Unary: {
        const sign = this.texts[nodes.aux[node]];
        return sign === '++' ? this.of(nodes.operand(node, 0)) + 1 : sign === '+' ? this.of(nodes.operand(node, 0)) : 0;
      }
      case Op.Binary:
        return this.texts[nodes.aux[node]] === '+' ? this.sum(node) : 0;
      case Op.Concat:
        return this.sum(node);
      case Op.Phi:
        return this.least(node);
      default:
        return 0;
    }
  }

  private number(node: NodeId): number {
    const text = this.nodes.op[node] === Op.Const ? this.texts[this.nodes.aux[node]] : '';
    return /^\d$/.test(text) ? Number(text) : 0;
  }

  /** `i + 1` */
  private sum(node: NodeId): number {
    const { nodes } = this;
    if (nodes.operandCount(node) !== 2 || nodes.op[nodes.operand(node, 1)] !== Op.Const) return 0;
    return this.of(nodes.operand(node, 0)) + this.number(nodes.operand(node, 1));
  }

  private least(phi: NodeId): number {
    const { nodes } = this;
    this.open.add(phi);
    let least = Infinity;
    for (let i = 0; i < nodes.operandCount(phi); i++) least = Math.min(least, this.of(nodes.operand(phi, i)));
    const list = nodes.aux[phi];
    if (list !== CLOSED)
      for (let item = nodes.firstItem(list); item !== NONE; item = nodes.nextItem(item))
        least = Math.min(least, this.of(nodes.valueOfItem(item)));
    this.open.delete(phi);
    return least;
  }
}
