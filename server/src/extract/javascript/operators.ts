/**
 * Binary and unary operators without branches. Chains that grow to the left (`a + b + c …`) are unrolled.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isBinaryExpression, tokenToString } from '../../parse/javascript/syntax';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';

/** Arithmetic, bitwise, comparison operators and `+`. */
export function lowerOperators(cx: Lowering, outermost: ts.BinaryExpression): NodeId {
  const { chain, fn } = cx;
  const bottom = chain.length;
  let node: ts.Expression = outermost;
  while (node.kind === Kind.BinaryExpression && isPlain((node as ts.BinaryExpression).operatorToken.kind)) {
    chain.push(node);
    node = (node as ts.BinaryExpression).left;
    while (node.kind === Kind.ParenthesizedExpression) node = (node as ts.ParenthesizedExpression).expression;
  }
  const start = cx.start(node.pos);
  let value = cx.expression(node);
  // Parts of the concatenation that is open, on the operand stack.
  const base = fn.stack.length;
  let end = node.end;
  while (chain.length > bottom) {
    const link = chain.pop() as ts.BinaryExpression;
    const operator = link.operatorToken.kind;
    if (operator === Kind.PlusToken) {
      if (fn.stack.length === base) fn.stack.push(value);
      fn.stack.push(cx.expression(link.right));
    } else {
      if (fn.stack.length > base) value = closeConcat(cx, base, start, end);
      const right = cx.expression(link.right);
      value = fn.emit2(Op.Binary, cx.intern(operatorText(operator)), value, right, start, link.end);
    }
    end = link.end;
  }
  return fn.stack.length > base ? closeConcat(cx, base, start, end) : value;
}

/** Operators that evaluate both sides and write nothing. */
function isPlain(operator: ts.SyntaxKind): boolean {
  switch (operator) {
    case Kind.AmpersandAmpersandToken:
    case Kind.BarBarToken:
    case Kind.QuestionQuestionToken:
    case Kind.CommaToken:
      return false;
    default:
      return operator < Kind.FirstAssignment || operator > Kind.LastAssignment;
  }
}

function operatorText(operator: ts.SyntaxKind): string {
  return tokenToString(operator) ?? '';
}

function closeConcat(cx: Lowering, base: number, start: number, end: number): NodeId {
  const { fn } = cx;
  const { stack } = fn;
  let numeric = true;
  for (let i = base; i < stack.length && numeric; i++) numeric = isNumeric(cx, stack.items[i]);
  if (!numeric) return fn.emitFrom(base, Op.Concat, 0, start, end);
  let sum = stack.items[base];
  const plus = cx.intern('+');
  for (let i = base + 1; i < stack.length; i++) sum = fn.emit2(Op.Binary, plus, sum, stack.items[i], start, end);
  stack.length = base;
  return sum;
}

/** True when the value is a number for certain. */
export function isNumeric(cx: Lowering, node: NodeId): boolean {
  const { fn } = cx;
  switch (fn.op[node]) {
    case Op.Const: {
      const unit = cx.file.strings.list[fn.aux[node]].charCodeAt(0);
      return unit >= 48 && unit <= 57;
    }
    case Op.Unary: {
      const operator = cx.file.strings.list[fn.aux[node]];
      return operator !== '!' && operator !== 'typeof' && operator !== 'void' && operator !== 'delete';
    }
    case Op.Binary:
      return arithmetic.has(cx.file.strings.list[fn.aux[node]]);
    case Op.Load:
      return cx.file.strings.list[fn.aux[node]] === 'length';
    default:
      return false;
  }
}

const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '**', '&', '|', '^', '<<', '>>', '>>>']);

export function lowerComma(cx: Lowering, node: ts.BinaryExpression): NodeId {
  const terms: ts.Expression[] = [];
  let current: ts.Expression = node;
  while (isBinaryExpression(current) && current.operatorToken.kind === Kind.CommaToken) {
    terms.push(current.right);
    current = current.left;
  }
  let value = cx.expression(current);
  for (let i = terms.length - 1; i >= 0; i--) value = cx.expression(terms[i]);
  return value;
}

/** A handler for one unary operator; `operandOf` tells where its operand is. */
export function lowerUnary<N extends ts.Node>(
  operator: string,
  operandOf: (node: N) => ts.Expression,
): (cx: Lowering, node: N) => NodeId {
  return (cx, node) => {
    const value = cx.expression(operandOf(node));
    return cx.fn.emit1(Op.Unary, cx.intern(operator), value, cx.start(node.pos), node.end);
  };
}

export function lowerAwait(cx: Lowering, node: ts.AwaitExpression): NodeId {
  const value = cx.expression(node.expression);
  return cx.fn.emit1(Op.Await, 0, value, cx.start(node.pos), node.end);
}
