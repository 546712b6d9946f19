/**
 * What functions, classes and object literals are called by what surrounds them.
 */
import ts from 'typescript';
import type { Lowering, Naming } from './lowering';
import { textOf } from './names';

const { SyntaxKind } = ts;

/** What a name gives to the function or class it is bound to. */
export function namingOf(cx: Lowering, name: ts.BindingName | ts.Expression): Naming | undefined {
  if (name.kind !== SyntaxKind.Identifier) return undefined;
  const text = textOf(name as ts.Identifier);
  return { name: text, key: text, start: cx.start(name), end: name.end };
}

/** Functions, classes and objects take their name from what they are assigned to. */
export function takesName(node: ts.Expression): boolean {
  switch (node.kind) {
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ClassExpression:
    case SyntaxKind.ObjectLiteralExpression:
    case SyntaxKind.ConditionalExpression:
      return true;
    case SyntaxKind.ParenthesizedExpression:
    case SyntaxKind.AsExpression:
    case SyntaxKind.SatisfiesExpression:
      return takesName((node as ts.ParenthesizedExpression).expression);
    case SyntaxKind.BinaryExpression:
      return (
        isLogical((node as ts.BinaryExpression).operatorToken.kind) && takesName((node as ts.BinaryExpression).right)
      );
    default:
      return false;
  }
}

function isLogical(operator: ts.SyntaxKind): boolean {
  return (
    operator === SyntaxKind.BarBarToken ||
    operator === SyntaxKind.AmpersandAmpersandToken ||
    operator === SyntaxKind.QuestionQuestionToken
  );
}

export function memberNaming(container: Naming | undefined, name: string, start: number, end: number): Naming {
  return { name, key: container === undefined ? name : `${container.key}.${name}`, start, end };
}
