/**
 * JSX: an element is a call of its component with one object of attributes; children are its `children`.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isJsxSpreadAttribute } from '../../parse/javascript/syntax';
import { CallFlag, NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { propertyNameText } from './names';

export function lowerJsxElement(cx: Lowering, node: ts.JsxElement): NodeId {
  return lowerElement(cx, node, node.openingElement, node.children);
}

export function lowerJsxSelfClosing(cx: Lowering, node: ts.JsxSelfClosingElement): NodeId {
  return lowerElement(cx, node, node, []);
}

export function lowerJsxFragment(cx: Lowering, node: ts.JsxFragment): NodeId {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const callee = intrinsic(cx, 'Fragment', start, node.openingFragment.end);
  const properties = fn.emit0(Op.ObjectLiteral, 0, start, node.openingFragment.end);
  return emitElement(cx, callee, lowerChildren(cx, properties, node.children), start, node.end);
}

export function lowerJsxExpression(cx: Lowering, node: ts.JsxExpression): NodeId {
  return node.expression === undefined ? cx.undefinedAt(node) : cx.expression(node.expression);
}

function lowerElement(
  cx: Lowering,
  node: ts.Node,
  opening: ts.JsxOpeningLikeElement,
  children: readonly ts.JsxChild[],
): NodeId {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const callee = lowerTag(cx, opening.tagName);
  let properties = fn.emit0(Op.ObjectLiteral, 0, cx.start(opening.pos), opening.end);
  for (const attribute of opening.attributes.properties) {
    const from = cx.start(attribute.pos);
    if (isJsxSpreadAttribute(attribute)) {
      const source = cx.expression(attribute.expression);
      properties = fn.emit2(Op.Copy, 0, properties, source, from, attribute.end);
      continue;
    }
    const value =
      attribute.initializer === undefined
        ? fn.constant('true', from, attribute.end)
        : cx.expression(attribute.initializer);
    const name = cx.intern(propertyNameText(attribute.name) ?? '');
    properties = fn.emit2(Op.Store, name, properties, value, from, attribute.end);
  }
  return emitElement(cx, callee, lowerChildren(cx, properties, children), start, node.end);
}

function lowerTag(cx: Lowering, tag: ts.JsxTagNameExpression): NodeId {
  const start = cx.start(tag.pos);
  if (tag.kind === Kind.JsxNamespacedName) return intrinsic(cx, propertyNameText(tag) ?? '', start, tag.end);
  if (tag.kind === Kind.Identifier) {
    const name = propertyNameText(tag) ?? '';
    const first = name.charCodeAt(0);
    if ((first >= 97 && first <= 122) || name.includes('-')) return intrinsic(cx, name, start, tag.end);
  }
  return cx.expression(tag);
}

function intrinsic(cx: Lowering, name: string, start: number, end: number): NodeId {
  const elements = cx.fn.emit0(Op.Global, cx.intern('@jsx'), start, end);
  return cx.fn.load(elements, cx.intern(name), start, end);
}

function lowerChildren(cx: Lowering, properties: NodeId, children: readonly ts.JsxChild[]): NodeId {
  const { fn } = cx;
  const values: { readonly value: NodeId; readonly spread: boolean; readonly node: ts.Node }[] = [];
  for (const child of children) {
    if (child.kind === Kind.JsxText) {
      if (child.containsOnlyTriviaWhiteSpaces) continue;
      values.push({ value: fn.string(child.text.trim(), child.pos, child.end), spread: false, node: child });
    } else if (child.kind === Kind.JsxExpression) {
      if (child.expression === undefined) continue;
      values.push({ value: cx.expression(child.expression), spread: child.dotDotDotToken !== undefined, node: child });
    } else values.push({ value: cx.expression(child), spread: false, node: child });
  }
  if (values.length === 0) return properties;
  const [first] = values;
  const { end } = values[values.length - 1].node;
  const start = first.node.pos;
  let stored = first.value;
  if (values.length > 1 || first.spread) {
    stored = fn.emit0(Op.ArrayLiteral, values.length, start, end);
    for (const [i, { value, spread, node }] of values.entries()) {
      stored = spread
        ? fn.emit2(Op.Copy, 0, stored, value, node.pos, node.end)
        : fn.emit2(Op.Store, cx.intern(String(i)), stored, value, node.pos, node.end);
    }
  }
  return fn.emit2(Op.Store, cx.intern('children'), properties, stored, start, end);
}

function emitElement(cx: Lowering, callee: NodeId, properties: NodeId, start: number, end: number): NodeId {
  const { fn } = cx;
  const base = fn.stack.length;
  fn.stack.push(callee);
  fn.stack.push(NONE);
  fn.stack.push(properties);
  return fn.emitFrom(base, Op.Call, CallFlag.Jsx, start, end);
}
