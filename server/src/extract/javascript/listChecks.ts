/** Calls that go through a list and only come back when all its elements are as they should be. */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isBlock, isCallExpression, isIdentifier, isPropertyAccessExpression } from '../../parse/javascript/syntax';
import type { Lowering, Variable } from './lowering';
import { withoutWrappers } from './names';

/** The variable of a list each element of which a function is handed that may throw: `keys.forEach(assertKey)`. */
export function checkedList(cx: Lowering, { expression, arguments: [given] }: ts.CallExpression): Variable | undefined {
  if (!isPropertyAccessExpression(expression) || (expression.name.escapedText as string) !== 'forEach')
    return undefined;
  const list = withoutWrappers(expression.expression);
  return isIdentifier(list) && mayRefuse(withoutWrappers(given)) ? cx.lookupAt(list) : undefined;
}

function mayRefuse(given: ts.Expression): boolean {
  if (isIdentifier(given)) return true;
  if (given.kind !== Kind.ArrowFunction && given.kind !== Kind.FunctionExpression) return false;
  const { body } = given as ts.ArrowFunction | ts.FunctionExpression;
  return isBlock(body) ? body.statements.some(throws) : isCallExpression(body);
}

/** A `throw`, by itself or under conditions. */
function throws(statement: ts.Statement): boolean {
  switch (statement.kind) {
    case Kind.ThrowStatement:
      return true;
    case Kind.Block:
      return (statement as ts.Block).statements.some((inner) => inner.kind === Kind.ThrowStatement);
    case Kind.IfStatement: {
      const { thenStatement, elseStatement } = statement as ts.IfStatement;
      return throws(thenStatement) || (elseStatement !== undefined && throws(elseStatement));
    }
    default:
      return false;
  }
}
