/**
 * Regular expressions: literals, and `new RegExp` of constants. One that can take more than linear time is declared to
 * be of a type of its own, so that linking follows it like any object and models can say what is done with it.
 */
import { NONE, Op, type NodeId } from '../../model/graph';
import { superLinearityOfLiteral } from '../../regex';
import type { Lowering, Variable } from './lowering';
import { INNER_WRITTEN, WRITTEN } from './scopes';

/** The global that stands for the class of such expressions; models describe what its instances do. */
const SUPER_LINEAR = '@superlinear-regex';
const CONSTRUCTOR = 'RegExp';

/** Constants are joined up to this length, from so many parts. */
const MAX_TEXT = 10_000;
const MAX_PARTS = 200;
/** From here on characters stand for parts of an expression that nobody knows: each for another character, which no class is likely to hold. */
const UNKNOWN_PART = 0xe000;

/** A regular expression as it is written: `/a+/g`. */
export function regularExpression(cx: Lowering, literal: string, start: number, end: number): NodeId {
  const { fn } = cx;
  return judged(cx, literal, fn.emit0(Op.Regex, cx.intern(literal), start, end));
}

/** `value`, the regular expression, declared to be a super-linear one if it is. */
function judged(cx: Lowering, literal: string, value: NodeId): NodeId {
  const { fn } = cx;
  const { kind } = superLinearityOfLiteral(literal);
  if (kind === 'linear' || kind === 'undecided') return value;
  const start = fn.start[value];
  const end = fn.end[value];
  return fn.emit2(Op.Typed, 0, value, fn.emit0(Op.Global, cx.intern(SUPER_LINEAR), start, end), start, end);
}

/**
 * What `new RegExp(…)` or `RegExp(…)`, lowered to `call`, makes of constants; the call itself for all else. Where only
 * parts are constants, they are judged as if something stood between them that has nothing to do with them.
 */
export function constructedExpression(cx: Lowering, call: NodeId): NodeId {
  const { fn } = cx;
  const count = fn.operandCount(call) - 2;
  const callee = fn.operand(call, 0);
  if (count < 1 || count > 2 || callee === NONE) return call;
  if (fn.op[callee] !== Op.Global || cx.stringOf(fn.aux[callee]) !== CONSTRUCTOR) return call;
  const parts = new Parts(cx);
  const source = parts.text(fn.operand(call, 2), true);
  if (source === undefined || source.length > MAX_TEXT) return call;
  const flags = count === 2 ? new Parts(cx).text(fn.operand(call, 3), false) : '';
  const literal = `/${source}/${flags ?? ''}`;
  return parts.unknown > 0 ? judged(cx, literal, call) : regularExpression(cx, literal, fn.start[call], fn.end[call]);
}

/** An inner function may make an expression of what a variable always holds. */
export function rememberConstant(cx: Lowering, variable: Variable, value: NodeId): void {
  if (variable.cell === NONE || (variable.flags & (WRITTEN | INNER_WRITTEN)) !== 0) return;
  const text = new Parts(cx).text(value, false);
  if (text !== undefined && text.length <= MAX_TEXT) cx.rememberConstant(variable, text);
}

/** The text that nodes in sight are: constants, joined ones, arrays of them, and the `source` of a literal. */
class Parts {
  /** Parts that are not known. */
  unknown = 0;
  private left = MAX_PARTS;

  constructor(private readonly cx: Lowering) {}

  /** With `mayLack`, what is not known of a text made of several parts has a character in its place. */
  text(node: NodeId, mayLack: boolean): string | undefined {
    const { cx } = this;
    const { fn } = cx;
    if (node === NONE || this.left-- <= 0) return undefined;
    switch (fn.op[node] as Op) {
      case Op.StringConst:
        return cx.stringOf(fn.aux[node]);
      case Op.Regex: {
        const literal = cx.stringOf(fn.aux[node]);
        return literal.slice(1, literal.lastIndexOf('/'));
      }
      case Op.Typed:
      case Op.Guard:
        return this.text(fn.operand(node, 0), mayLack);
      case Op.Captured:
        return cx.capturedConstant(fn.aux[node]);
      case Op.Load: {
        if (cx.stringOf(fn.aux[node]) !== 'source') return undefined;
        const base = this.plain(fn.operand(node, 0));
        const isKnown = base !== NONE && (fn.op[base] === Op.Regex || fn.op[base] === Op.Captured);
        return isKnown ? this.text(base, false) : undefined;
      }
      case Op.ArrayLiteral:
      case Op.Store:
        return this.joined(node, ',');
      case Op.Call: {
        const callee = fn.operand(node, 0);
        if (callee === NONE || fn.op[callee] !== Op.Load || cx.stringOf(fn.aux[callee]) !== 'join') return undefined;
        const separator = fn.operandCount(node) > 2 ? this.text(fn.operand(node, 2), false) : ',';
        return separator === undefined ? undefined : this.joined(fn.operand(node, 1), separator);
      }
      case Op.Concat: {
        let text = '';
        for (let i = 0; i < fn.operandCount(node); i++) {
          const part = this.text(fn.operand(node, i), mayLack) ?? (mayLack ? this.placeholder() : undefined);
          if (part === undefined) return undefined;
          text += part;
        }
        return text;
      }
      default:
        return undefined;
    }
  }

  private placeholder(): string {
    return String.fromCharCode(UNKNOWN_PART + this.unknown++);
  }

  private plain(node: NodeId): NodeId {
    const { fn } = this.cx;
    let value = node;
    while (value !== NONE && (fn.op[value] === Op.Typed || fn.op[value] === Op.Guard)) value = fn.operand(value, 0);
    return value;
  }

  /** The elements of an array of constants. */
  private joined(array: NodeId, separator: string): string | undefined {
    const { fn } = this.cx;
    const last = this.plain(array);
    let literal = last;
    for (let step = 0; step < MAX_PARTS && literal !== NONE && fn.op[literal] === Op.Store; step++)
      literal = fn.operand(literal, 0);
    if (literal === NONE || fn.op[literal] !== Op.ArrayLiteral) return undefined;
    const elements: string[] = [];
    let position = fn.aux[literal];
    for (let node = last; node !== literal; node = fn.operand(node, 0)) {
      const element = this.text(fn.operand(node, 1), false);
      if (element === undefined || this.cx.stringOf(fn.aux[node]) !== String(--position)) return undefined;
      elements.push(element);
    }
    return position === 0 ? elements.reverse().join(separator) : undefined;
  }
}
