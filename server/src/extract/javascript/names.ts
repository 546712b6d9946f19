/**
 * Small questions about names in the syntax tree that both the binding pass and the lowering ask.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isIdentifier, isLiteralTypeNode } from '../../parse/javascript/syntax';

/** Pseudo variables. No identifier can be spelled so. */
export const THIS = '%this';
export const NEW_TARGET = '%new.target';

/** The text of an identifier; the parser keeps names that start with two underscores with a third one. */
export function textOf(name: ts.Identifier | ts.PrivateIdentifier): string {
  return unescapeName(name.escapedText as string);
}

export function unescapeName(escaped: string): string {
  return escaped.charCodeAt(0) === 95 && escaped.charCodeAt(1) === 95 && escaped.charCodeAt(2) === 95
    ? escaped.slice(1)
    : escaped;
}

/** The name of a property where it can be known without running the program. */
export function propertyNameText(
  name: ts.PropertyName | ts.JsxAttributeName | ts.ModuleExportName,
): string | undefined {
  switch (name.kind) {
    case Kind.Identifier:
    case Kind.PrivateIdentifier:
      return textOf(name);
    case Kind.StringLiteral:
    case Kind.NumericLiteral:
    case Kind.NoSubstitutionTemplateLiteral:
    case Kind.BigIntLiteral:
      return name.text;
    case Kind.JsxNamespacedName:
      return `${textOf(name.namespace)}:${textOf(name.name)}`;
    case Kind.ComputedPropertyName:
      return constantKey(name.expression);
  }
}

/** The property a computed key selects: a constant, or a well-known symbol as `@@iterator`. */
export function constantKey(key: ts.Expression): string | undefined {
  switch (key.kind) {
    case Kind.StringLiteral:
    case Kind.NumericLiteral:
    case Kind.NoSubstitutionTemplateLiteral:
      return (key as ts.LiteralExpression).text;
    case Kind.PropertyAccessExpression: {
      const { expression, name } = key as ts.PropertyAccessExpression;
      return isIdentifier(expression) && expression.escapedText === 'Symbol' ? `@@${textOf(name)}` : undefined;
    }
    default:
      return undefined;
  }
}

/** Parentheses, `as`, `satisfies`, `!` and type assertions do not change a value. */
export function withoutWrappers(node: ts.Expression): ts.Expression {
  let inner = node;
  for (;;) {
    switch (inner.kind) {
      case Kind.ParenthesizedExpression:
      case Kind.AsExpression:
      case Kind.SatisfiesExpression:
      case Kind.NonNullExpression:
      case Kind.TypeAssertionExpression:
      case Kind.PartiallyEmittedExpression:
        inner = (inner as ts.ParenthesizedExpression).expression;
        break;
      default:
        return inner;
    }
  }
}

/** The entity a declared type is about: `Foo` of `Foo<Bar>`, `Foo | null`, `Promise<Foo>`; a keyword for `number` and `boolean`. */
export function typeRoot(
  type: ts.TypeNode | undefined,
): ts.EntityName | ts.ImportTypeNode | 'number' | 'boolean' | 'Array' | undefined {
  let current = type;
  while (current !== undefined) {
    switch (current.kind) {
      case Kind.TypeReference: {
        const reference = current as ts.TypeReferenceNode;
        const argument = reference.typeArguments?.[0];
        if (argument === undefined || !isIdentifier(reference.typeName)) return reference.typeName;
        if (!transparentTypes.has(reference.typeName.escapedText as string)) return reference.typeName;
        current = argument;
        break;
      }
      case Kind.ParenthesizedType:
        current = (current as ts.ParenthesizedTypeNode).type;
        break;
      case Kind.UnionType: {
        const parts = (current as ts.UnionTypeNode).types.filter((part) => !isNothing(part));
        if (parts.length !== 1) return undefined;
        current = parts[0];
        break;
      }
      case Kind.TypeOperator:
        current = (current as ts.TypeOperatorNode).type;
        break;
      case Kind.ArrayType:
      case Kind.TupleType:
        return 'Array';
      case Kind.NumberKeyword:
      case Kind.BigIntKeyword:
        return 'number';
      case Kind.BooleanKeyword:
        return 'boolean';
      case Kind.ImportType:
        return current as ts.ImportTypeNode;
      case Kind.ExpressionWithTypeArguments:
        return undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** A promise and its value are one value; the others only change what may be done with the same object. */
const transparentTypes: ReadonlySet<string> = new Set([
  'Promise',
  'PromiseLike',
  'Awaited',
  'Readonly',
  'Partial',
  'Required',
  'NonNullable',
]);

function isNothing(type: ts.TypeNode): boolean {
  return (
    type.kind === Kind.UndefinedKeyword ||
    type.kind === Kind.NullKeyword ||
    type.kind === Kind.VoidKeyword ||
    (isLiteralTypeNode(type) && type.literal.kind === Kind.NullKeyword)
  );
}

export function firstIdentifier(name: ts.EntityName): ts.Identifier {
  let current = name;
  while (current.kind === Kind.QualifiedName) current = current.left;
  return current;
}

export function hasModifier(modifiers: readonly ts.ModifierLike[] | undefined, kind: ts.ModifierSyntaxKind): boolean {
  if (modifiers !== undefined) for (const modifier of modifiers) if (modifier.kind === kind) return true;
  return false;
}

export function isStatic(modifiers: readonly ts.ModifierLike[] | undefined): boolean {
  return hasModifier(modifiers, Kind.StaticKeyword);
}
