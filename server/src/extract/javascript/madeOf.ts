/**
 * Constants that stand for tests, or for something that tests ask for: what they were made of, so that a test of them says something
 * of that, too.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isAwaitExpression, isPropertyAccessExpression, isStringLiteralLike } from '../../parse/javascript/syntax';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering, Variable } from './lowering';
import { withoutWrappers } from './names';
import { CONSTANT, INNER_WRITTEN, WRITTEN } from './scopes';

/** Names and properties between what is tested and the call that made it. */
const MAX_STEPS = 5;

/** A constant whose value was a test, or made of something that can be tested by it: `const ok = isValid(x)`, `const { host } = new URL(x)`. */
export interface TestFacts {
  readonly node: ts.Expression;
  readonly value: NodeId;
  /** The constant is a property of that value. */
  readonly isProperty: boolean;
}

/** Remembers the test a constant stands for. */
export function rememberTest(variable: Variable, initializer: ts.Expression, value: NodeId): void {
  if ((variable.flags & CONSTANT) === 0 || (variable.flags & WRITTEN) !== 0) return;
  const node = withoutWrappers(initializer);
  switch (node.kind) {
    case Kind.CallExpression:
    case Kind.NewExpression:
    case Kind.AwaitExpression:
    case Kind.BinaryExpression:
    case Kind.PrefixUnaryExpression:
      variable.tests = { node, value, isProperty: false };
      break;
    case Kind.PropertyAccessExpression: {
      const base = withoutWrappers((node as ts.PropertyAccessExpression).expression);
      if (base.kind === Kind.NewExpression || base.kind === Kind.CallExpression)
        variable.tests = { node, value, isProperty: false };
      break;
    }
    default:
      break;
  }
}

/**
 * Remembers a text that is another variable's with constants before or behind it: `const packed = file + '.gz'`. What a test says of the
 * variable later, it says of the text that was made of it, too.
 */
export function rememberDerived(cx: Lowering, variable: Variable, initializer: ts.Expression, value: NodeId): void {
  if ((variable.flags & (WRITTEN | INNER_WRITTEN)) !== 0) return;
  const name = extendedName(withoutWrappers(initializer));
  const of = name === undefined ? undefined : cx.lookupAt(name);
  if (of === undefined || of.owner !== cx.fn.index || variable.owner !== cx.fn.index) return;
  (of.derived ??= []).push({ variable, value });
}

function extendedName(node: ts.Expression): ts.Identifier | undefined {
  if (node.kind === Kind.TemplateExpression) {
    const { templateSpans } = node as ts.TemplateExpression;
    return templateSpans.length === 1 && templateSpans[0].expression.kind === Kind.Identifier
      ? (templateSpans[0].expression as ts.Identifier)
      : undefined;
  }
  if (node.kind !== Kind.BinaryExpression) return undefined;
  const { left, right, operatorToken } = node as ts.BinaryExpression;
  if (operatorToken.kind !== Kind.PlusToken) return undefined;
  for (const [name, constant] of [
    [left, right],
    [right, left],
  ])
    if (name.kind === Kind.Identifier && isStringLiteralLike(constant)) return name as ts.Identifier;
  return undefined;
}

/** The same for what is taken out of a call's result: `const { error } = schema.validate(x)`. */
export function rememberProperties(
  cx: Lowering,
  pattern: ts.ObjectBindingPattern,
  initializer: ts.Expression,
  value: NodeId,
): void {
  const node = withoutWrappers(initializer);
  const inner = isAwaitExpression(node) ? withoutWrappers(node.expression) : node;
  if (inner.kind !== Kind.CallExpression && inner.kind !== Kind.NewExpression) return;
  for (const { name, initializer: byDefault, dotDotDotToken } of pattern.elements) {
    if (name.kind !== Kind.Identifier || byDefault !== undefined || dotDotDotToken !== undefined) continue;
    const variable = cx.variableAt(name);
    if ((variable.flags & CONSTANT) === 0 || (variable.flags & WRITTEN) !== 0) continue;
    variable.tests = { node, value, isProperty: true };
  }
}

/** The call that made a tested value, or an object of which it is a property. */
export function madeBy(
  cx: Lowering,
  tested: ts.Expression,
  testedNode: NodeId,
): { node: ts.CallExpression | ts.NewExpression; value: NodeId } | undefined {
  const { fn } = cx;
  let node = withoutWrappers(tested);
  let value = testedNode;
  for (let step = 0; step < MAX_STEPS; step++) {
    value = fn.unguarded(value);
    if (node.kind === Kind.CallExpression || node.kind === Kind.NewExpression) {
      while (fn.op[value] === Op.Await || fn.op[value] === Op.Typed) value = fn.operand(value, 0);
      const isMade = fn.op[value] === Op.Call || fn.op[value] === Op.New;
      return isMade ? { node: node as ts.CallExpression | ts.NewExpression, value } : undefined;
    }
    if (isAwaitExpression(node)) node = withoutWrappers(node.expression);
    else if (isPropertyAccessExpression(node)) {
      if (fn.op[value] !== Op.Load) return undefined;
      node = withoutWrappers(node.expression);
      value = fn.operand(value, 0);
    } else if (node.kind === Kind.Identifier) {
      const facts = cx.lookupAt(node as ts.Identifier)?.tests;
      if (facts === undefined || cx.lookupAt(node as ts.Identifier)?.owner !== cx.fn.index) return undefined;
      ({ node, value } = facts);
    } else return undefined;
  }
  return undefined;
}
