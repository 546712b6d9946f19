/**
 * Literals: constants, templates, arrays and objects.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { GETTER_PREFIX, NONE, Op, SETTER_PREFIX, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { lowerFunction } from './functions';
import { propertyNameText } from './names';
import { memberNaming, takesName } from './naming';
import { keptText, regularExpression } from './regularExpressions';
import { declaredSwitch, switchOf } from './switches';

/** In arrays longer than this, elements that are constants are counted but not stored. */
const MAX_CONSTANT_ELEMENTS = 64;

export function lowerStringLiteral(cx: Lowering, node: ts.LiteralLikeNode): NodeId {
  return cx.fn.string(node.text, cx.start(node.pos), node.end);
}

export function lowerConstant(cx: Lowering, node: ts.LiteralLikeNode): NodeId {
  return cx.fn.constant(node.text, cx.start(node.pos), node.end);
}

export function lowerRegex(cx: Lowering, node: ts.LiteralLikeNode): NodeId {
  return regularExpression(cx, node.text, cx.start(node.pos), node.end);
}

export function lowerKeyword(text: string): (cx: Lowering, node: ts.Node) => NodeId {
  return (cx, node) => cx.fn.constant(text, cx.start(node.pos), node.end);
}

export function lowerTemplate(cx: Lowering, node: ts.TemplateExpression): NodeId {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const base = fn.stack.length;
  if (node.head.text !== '') fn.stack.push(fn.string(node.head.text, start, node.head.end));
  for (const { expression, literal } of node.templateSpans) {
    fn.stack.push(cx.expression(expression));
    if (literal.text !== '') fn.stack.push(fn.string(literal.text, cx.start(literal.pos), literal.end));
  }
  return fn.emitFrom(base, Op.Concat, 0, start, node.end);
}

export function lowerArray(cx: Lowering, node: ts.ArrayLiteralExpression): NodeId {
  const { fn } = cx;
  const { elements } = node;
  const start = cx.start(node.pos);
  let array = fn.emit0(Op.ArrayLiteral, elements.length, start, node.end);
  let known = true;
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i];
    switch (element.kind) {
      case Kind.OmittedExpression:
        break;
      case Kind.SpreadElement: {
        const source = cx.expression((element as ts.SpreadElement).expression);
        array = fn.emit2(Op.Copy, 0, array, source, cx.start(element.pos), element.end);
        known = false;
        break;
      }
      default: {
        if (i >= MAX_CONSTANT_ELEMENTS && isConstant(element)) break;
        const value = keptText(cx, cx.expression(element));
        const elementStart = cx.start(element.pos);
        if (known) array = fn.emit2(Op.Store, cx.intern(String(i)), array, value, elementStart, element.end);
        else {
          const key = fn.emit0(Op.Unknown, 0, elementStart, elementStart);
          array = fn.emit3(Op.StoreElement, 0, array, key, value, elementStart, element.end);
        }
      }
    }
  }
  return array;
}

function isConstant(node: ts.Expression): boolean {
  switch (node.kind) {
    case Kind.StringLiteral:
    case Kind.NumericLiteral:
    case Kind.NoSubstitutionTemplateLiteral:
    case Kind.BigIntLiteral:
    case Kind.NullKeyword:
    case Kind.TrueKeyword:
    case Kind.FalseKeyword:
      return true;
    case Kind.PrefixUnaryExpression:
      return isConstant((node as ts.PrefixUnaryExpression).operand);
    default:
      return false;
  }
}

export function lowerObject(cx: Lowering, node: ts.ObjectLiteralExpression): NodeId {
  const { fn } = cx;
  const naming = cx.takeNaming();
  let object = fn.emit0(Op.ObjectLiteral, 0, cx.start(node.pos), node.end);
  let switched: string | undefined;
  for (const property of node.properties) {
    const start = cx.start(property.pos);
    switch (property.kind) {
      case Kind.PropertyAssignment: {
        const name = propertyNameText(property.name);
        if (name === undefined) {
          const key = cx.expression((property.name as ts.ComputedPropertyName).expression);
          const value = keptText(cx, cx.expression(property.initializer));
          object = fn.emit3(Op.StoreElement, 0, object, key, value, start, property.end);
        } else {
          cx.naming = takesName(property.initializer)
            ? memberNaming(naming, name, cx.start(property.name.pos), property.name.end)
            : undefined;
          const value = keptText(cx, cx.expression(property.initializer));
          cx.naming = undefined;
          object = fn.emit2(Op.Store, cx.intern(name), object, value, start, property.end);
          switched ??= switchOf(name, property.initializer);
        }
        break;
      }
      case Kind.ShorthandPropertyAssignment: {
        const value = cx.expression(property.name);
        object = fn.emit2(
          Op.Store,
          cx.intern(propertyNameText(property.name) ?? ''),
          object,
          value,
          start,
          property.end,
        );
        break;
      }
      case Kind.SpreadAssignment: {
        const source = cx.expression(property.expression);
        object = fn.emit2(Op.Copy, 0, object, source, start, property.end);
        break;
      }
      case Kind.MethodDeclaration:
      case Kind.GetAccessor:
      case Kind.SetAccessor: {
        const name = propertyNameText(property.name);
        const key = name === undefined ? cx.expression((property.name as ts.ComputedPropertyName).expression) : NONE;
        const closure = lowerFunction(
          cx,
          property,
          memberNaming(naming, name ?? '', cx.start(property.name.pos), property.name.end),
        );
        object =
          name === undefined
            ? fn.emit3(Op.StoreElement, 0, object, key, closure, start, property.end)
            : fn.emit2(Op.Store, cx.intern(accessorPrefix(property.kind) + name), object, closure, start, property.end);
        break;
      }
    }
  }
  return switched === undefined ? object : declaredSwitch(cx, object, switched, cx.start(node.pos), node.end);
}

/** Accessors are kept beside the property that they stand for, which has no value of its own. */
function accessorPrefix(kind: ts.SyntaxKind): string {
  return kind === Kind.GetAccessor ? GETTER_PREFIX : kind === Kind.SetAccessor ? SETTER_PREFIX : '';
}
