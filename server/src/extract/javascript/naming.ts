/**
 * What functions, classes and object literals are called by what surrounds them.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import type { Lowering, Naming } from './lowering';
import { textOf } from './names';

/** What a name gives to the function or class it is bound to. */
export function namingOf(cx: Lowering, name: ts.BindingName | ts.Expression): Naming | undefined {
  if (name.kind !== Kind.Identifier) return undefined;
  const text = textOf(name as ts.Identifier);
  return { name: text, key: text, start: cx.start(name.pos), end: name.end };
}

/** Functions, classes and objects take their name from what they are assigned to. */
export function takesName(node: ts.Expression): boolean {
  switch (node.kind) {
    case Kind.ArrowFunction:
    case Kind.FunctionExpression:
    case Kind.ClassExpression:
    case Kind.ObjectLiteralExpression:
    case Kind.ConditionalExpression:
      return true;
    case Kind.ParenthesizedExpression:
    case Kind.AsExpression:
    case Kind.SatisfiesExpression:
      return takesName((node as ts.ParenthesizedExpression).expression);
    case Kind.BinaryExpression:
      return (
        isLogical((node as ts.BinaryExpression).operatorToken.kind) && takesName((node as ts.BinaryExpression).right)
      );
    default:
      return false;
  }
}

function isLogical(operator: ts.SyntaxKind): boolean {
  return (
    operator === Kind.BarBarToken ||
    operator === Kind.AmpersandAmpersandToken ||
    operator === Kind.QuestionQuestionToken
  );
}

export function memberNaming(container: Naming | undefined, name: string, start: number, end: number): Naming {
  return { name, key: container === undefined ? name : `${container.key}.${name}`, start, end };
}
