/**
 * Names, `this`, `yield` and the other small expressions.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { NEW_TARGET, textOf } from './names';

const constants: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity']);

export function lowerIdentifier(cx: Lowering, node: ts.Identifier): NodeId {
  const name = node.escapedText as string;
  const start = cx.start(node.pos);
  if (name === '') return cx.fn.emit0(Op.Unknown, 0, start, node.end);
  const variable = cx.lookupAt(node);
  if (variable === undefined) {
    if (constants.has(name)) return cx.fn.constant(name, start, node.end);
    return cx.read(cx.variableAt(node), start, node.end);
  }
  return cx.read(variable, start, node.end);
}

/** `#x` in `#x in object`. */
export function lowerPrivateIdentifier(cx: Lowering, node: ts.PrivateIdentifier): NodeId {
  return cx.fn.string(textOf(node), cx.start(node.pos), node.end);
}

export function lowerThis(cx: Lowering, node: ts.ThisExpression): NodeId {
  return cx.readThis(cx.start(node.pos), node.end);
}

export function lowerMetaProperty(cx: Lowering, node: ts.MetaProperty): NodeId {
  const start = cx.start(node.pos);
  if (node.keywordToken === Kind.NewKeyword) {
    const variable = cx.lookup(NEW_TARGET);
    if (variable !== undefined) return cx.read(variable, start, node.end);
    return cx.fn.emit0(Op.Global, cx.intern('new.target'), start, node.end);
  }
  return cx.fn.emit0(Op.Global, cx.intern('import.meta'), start, node.end);
}

export function lowerYield(cx: Lowering, node: ts.YieldExpression): NodeId {
  const value = node.expression === undefined ? NONE : cx.expression(node.expression);
  if (cx.stepping?.kind === 'generator' && value !== NONE)
    return cx.fn.emit1(Op.Await, 0, value, cx.start(node.pos), node.end);
  return cx.fn.emit1(Op.Yield, node.asteriskToken === undefined ? 0 : 1, value, cx.start(node.pos), node.end);
}

/** Parentheses and other wrappers that leave a value as it is. */
export function lowerWrapped(cx: Lowering, node: { readonly expression: ts.Expression }): NodeId {
  return cx.expression(node.expression);
}

export function lowerUndefined(cx: Lowering, node: ts.Node): NodeId {
  return cx.undefinedAt(node);
}

export function lowerCommaList(cx: Lowering, node: ts.CommaListExpression): NodeId {
  let value = NONE;
  for (const element of node.elements) value = cx.expression(element);
  return value === NONE ? cx.undefinedAt(node) : value;
}
