/**
 * Assignments in all their forms: `=`, compound and logical ones, `++` and `--`, to names, properties and patterns.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isArrayLiteralExpression,
  isBinaryExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isSpreadElement,
  tokenToString,
} from '../../parse/javascript/syntax';
import { Op, type NodeId } from '../../model/graph';
import { moduleExports } from './commonjs';
import type { Lowering, Naming, Variable } from './lowering';
import { constantKey, textOf, withoutWrappers } from './names';
import { isNumeric } from './operators';
import { namingOf, takesName } from './naming';
import { loadIndex, loadProperty, lowerDefault } from './patterns';
import { isAccess, loadTarget, lowerTarget, storeOnVariable, storeTarget, type PropertyTarget } from './targets';

export function lowerAssignment(cx: Lowering, node: ts.BinaryExpression): NodeId {
  const operator = node.operatorToken.kind;
  if (operator !== Kind.EqualsToken) return lowerCompound(cx, node, operator);
  if (takesName(node.right)) cx.naming = targetNaming(cx, withoutWrappers(node.left));
  const value = cx.expression(node.right);
  cx.naming = undefined;
  assignTo(cx, node.left, value, node.end);
  return value;
}

/** Writes a value to whatever may stand on the left of `=`. */
export function assignTo(cx: Lowering, left: ts.Expression, value: NodeId, end: number): void {
  const target = withoutWrappers(left);
  switch (target.kind) {
    case Kind.Identifier:
      cx.assign(cx.variableAt(target as ts.Identifier), value, cx.start(target.pos), end);
      break;
    case Kind.ArrayLiteralExpression:
    case Kind.ObjectLiteralExpression:
      assignPattern(cx, target as ts.ArrayLiteralExpression, value);
      break;
    case Kind.PropertyAccessExpression:
    case Kind.ElementAccessExpression: {
      const exports = moduleExports(cx, target);
      if (exports !== undefined) cx.assign(exports, value, cx.start(target.pos), end);
      else if (!storeOnVariable(cx, target as ts.PropertyAccessExpression, value, end)) {
        storeTarget(cx, lowerTarget(cx, target as ts.PropertyAccessExpression), value, end);
      }
      break;
    }
    default:
      // Broken code: what stands there is still evaluated.
      cx.expression(target);
  }
}

/** Assigns to a pattern that stands in the tree as an array or object literal. */
function assignPattern(
  cx: Lowering,
  pattern: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  value: NodeId,
): void {
  if (isArrayLiteralExpression(pattern)) {
    for (const [i, element] of pattern.elements.entries()) {
      if (element.kind === Kind.OmittedExpression) continue;
      const isRest = isSpreadElement(element);
      assignElement(cx, isRest ? element.expression : element, loadIndex(cx, value, i, isRest, element));
    }
    return;
  }
  for (const property of pattern.properties) {
    const start = cx.start(property.pos);
    switch (property.kind) {
      case Kind.PropertyAssignment:
        assignElement(cx, property.initializer, loadProperty(cx, value, property.name, start, property.end));
        break;
      case Kind.ShorthandPropertyAssignment: {
        const loaded = loadProperty(cx, value, property.name, start, property.end);
        const initializer = property.objectAssignmentInitializer;
        const result =
          initializer === undefined ? loaded : lowerDefault(cx, loaded, initializer, namingOf(cx, property.name));
        assignTo(cx, property.name, result, property.end);
        break;
      }
      case Kind.SpreadAssignment:
        assignTo(cx, property.expression, cx.fn.emit1(Op.Rest, 0, value, start, property.end), property.end);
        break;
      default:
        break;
    }
  }
}

function assignElement(cx: Lowering, target: ts.Expression, loaded: NodeId): void {
  if (isBinaryExpression(target) && target.operatorToken.kind === Kind.EqualsToken) {
    assignTo(cx, target.left, lowerDefault(cx, loaded, target.right, namingOf(cx, target.left)), target.end);
  } else assignTo(cx, target, loaded, target.end);
}

/** The place of a compound assignment, evaluated once. */
type Place = { readonly variable: Variable } | { readonly property: PropertyTarget } | undefined;

function lowerPlace(cx: Lowering, left: ts.Expression): Place {
  const target = withoutWrappers(left);
  if (isIdentifier(target)) return { variable: cx.variableAt(target) };
  if (!isAccess(target)) return undefined;
  const exports = moduleExports(cx, target);
  return exports === undefined ? { property: lowerTarget(cx, target) } : { variable: exports };
}

function readPlace(cx: Lowering, place: Place, node: ts.Expression): NodeId {
  if (place === undefined) return cx.expression(node);
  if ('variable' in place) return cx.read(place.variable, cx.start(node.pos), node.end);
  return loadTarget(cx, place.property);
}

function writePlace(cx: Lowering, place: Place, value: NodeId, node: ts.Expression): void {
  if (place === undefined) return;
  if ('variable' in place) cx.assign(place.variable, value, cx.start(node.pos), node.end);
  else storeTarget(cx, place.property, value, node.end);
}

function lowerCompound(cx: Lowering, node: ts.BinaryExpression, operator: ts.SyntaxKind): NodeId {
  const { fn } = cx;
  const place = lowerPlace(cx, node.left);
  const before = readPlace(cx, place, node.left);
  switch (operator) {
    case Kind.BarBarEqualsToken:
    case Kind.QuestionQuestionEqualsToken:
    case Kind.AmpersandAmpersandEqualsToken: {
      const region = fn.enter();
      const without = fn.edge(region);
      if (takesName(node.right)) cx.naming = targetNaming(cx, withoutWrappers(node.left));
      const value = cx.expression(node.right);
      cx.naming = undefined;
      writePlace(cx, place, value, node);
      const assigned = fn.edge(region);
      fn.rewind(region);
      fn.leave(region);
      fn.join2(without, assigned, node.end);
      return operator === Kind.AmpersandAmpersandEqualsToken ? value : fn.phi2(before, value, node.end);
    }
    default: {
      const right = cx.expression(node.right);
      const text = tokenToString(operator) ?? '=';
      const name = text.slice(0, -1);
      const start = cx.start(node.pos);
      const value =
        operator === Kind.PlusEqualsToken && !(isNumeric(cx, before) && isNumeric(cx, right))
          ? fn.emit2(Op.Concat, 0, before, right, start, node.end)
          : fn.emit2(Op.Binary, cx.intern(name), before, right, start, node.end);
      writePlace(cx, place, value, node);
      return value;
    }
  }
}

export function lowerUpdate(
  cx: Lowering,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  isPrefix: boolean,
): NodeId {
  const place = lowerPlace(cx, node.operand);
  const before = readPlace(cx, place, node.operand);
  const name = node.operator === Kind.PlusPlusToken ? '++' : '--';
  const value = cx.fn.emit1(Op.Unary, cx.intern(name), before, cx.start(node.pos), node.end);
  writePlace(cx, place, value, node);
  // What was there before, as a number.
  return isPrefix
    ? value
    : isNumeric(cx, before)
      ? before
      : cx.fn.emit1(Op.Unary, cx.intern('+'), before, cx.start(node.pos), node.end);
}

/** `exports.run = function () {}`: the function is `run`, its key `exports.run`. */
function targetNaming(cx: Lowering, target: ts.Expression): Naming | undefined {
  if (!isAccess(target)) return namingOf(cx, target);
  const name = isPropertyName(target) ? textOf(target.name) : constantKey(target.argumentExpression);
  if (name === undefined) return undefined;
  const [start, end] = isPropertyName(target)
    ? [cx.start(target.name.pos), target.name.end]
    : [cx.start(target.argumentExpression.pos), target.argumentExpression.end];
  const base = accessText(withoutWrappers(target.expression), 0);
  const isExports = base === 'module' && name === 'exports';
  return { name: isExports ? '' : name, key: base === '' ? name : `${base}.${name}`, start, end };
}

function isPropertyName(target: ts.Expression): target is ts.PropertyAccessExpression {
  return target.kind === Kind.PropertyAccessExpression;
}

function accessText(node: ts.Expression, depth: number): string {
  if (isIdentifier(node)) return textOf(node);
  if (node.kind === Kind.ThisKeyword) return 'this';
  if (depth > 3 || !isPropertyAccessExpression(node)) return '';
  const base = accessText(withoutWrappers(node.expression), depth + 1);
  return base === '' ? textOf(node.name) : `${base}.${textOf(node.name)}`;
}
