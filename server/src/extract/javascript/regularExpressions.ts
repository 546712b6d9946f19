/**
 * Regular expressions: literals, and `new RegExp` of constants. One that can take more than linear time is declared to
 * be of a type of its own, so that linking follows it like any object and models can say what is done with it.
 */
import { NONE, Op, type NodeId } from '../../model/graph';
import { superLinearityOfLiteral } from '../../regex';
import type { Lowering } from './lowering';

/** The global that stands for the class of such expressions; models describe what its instances do. */
const SUPER_LINEAR = '@superlinear-regex';
const CONSTRUCTOR = 'RegExp';

/** Constants are joined up to this length, from so many parts. */
const MAX_TEXT = 10_000;
const MAX_PARTS = 200;

/** A regular expression as it is written: `/a+/g`. */
export function regularExpression(cx: Lowering, literal: string, start: number, end: number): NodeId {
  const { fn } = cx;
  const value = fn.emit0(Op.Regex, cx.intern(literal), start, end);
  const { kind } = superLinearityOfLiteral(literal);
  if (kind === 'linear' || kind === 'undecided') return value;
  return fn.emit2(Op.Typed, 0, value, fn.emit0(Op.Global, cx.intern(SUPER_LINEAR), start, end), start, end);
}

/** What `new RegExp(…)` or `RegExp(…)`, lowered to `call`, makes of constants; the call itself for all else. */
export function constructedExpression(cx: Lowering, call: NodeId): NodeId {
  const { fn } = cx;
  const count = fn.operandCount(call) - 2;
  const callee = fn.operand(call, 0);
  if (count < 1 || count > 2 || callee === NONE) return call;
  if (fn.op[callee] !== Op.Global || cx.stringOf(fn.aux[callee]) !== CONSTRUCTOR) return call;
  const source = constant(cx, fn.operand(call, 2), { left: MAX_PARTS });
  if (source === undefined || source.length > MAX_TEXT) return call;
  const flags = count === 2 ? constant(cx, fn.operand(call, 3), { left: 1 }) : '';
  return regularExpression(cx, `/${source}/${flags ?? ''}`, fn.start[call], fn.end[call]);
}

/** The text of a constant that is in sight: texts, joined ones, and the `source` of a literal. */
function constant(cx: Lowering, node: NodeId, parts: { left: number }): string | undefined {
  const { fn } = cx;
  if (node === NONE || parts.left-- <= 0) return undefined;
  switch (fn.op[node] as Op) {
    case Op.StringConst:
      return cx.stringOf(fn.aux[node]);
    case Op.Regex: {
      const literal = cx.stringOf(fn.aux[node]);
      return literal.slice(1, literal.lastIndexOf('/'));
    }
    case Op.Typed:
    case Op.Guard:
      return constant(cx, fn.operand(node, 0), parts);
    case Op.Load: {
      if (cx.stringOf(fn.aux[node]) !== 'source') return undefined;
      let base = fn.operand(node, 0);
      while (base !== NONE && (fn.op[base] === Op.Typed || fn.op[base] === Op.Guard)) base = fn.operand(base, 0);
      return base !== NONE && fn.op[base] === Op.Regex ? constant(cx, base, parts) : undefined;
    }
    case Op.Concat: {
      let text = '';
      for (let i = 0; i < fn.operandCount(node); i++) {
        const part = constant(cx, fn.operand(node, i), parts);
        if (part === undefined) return undefined;
        text += part;
      }
      return text;
    }
    default:
      return undefined;
  }
}
