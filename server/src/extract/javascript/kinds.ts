/**
 * Every kind of syntax node TypeScript's parser can make, sorted by who lowers it. The sorting is done by the type
 * checker from the return types of the parser's node factory, so a kind that a new version of TypeScript adds is a
 * compile error here or in the tables, never a gap.
 */
import type ts from 'typescript';

type Made = {
  [K in keyof ts.NodeFactory]: ts.NodeFactory[K] extends (...args: never[]) => infer R ? R : never;
}[keyof ts.NodeFactory];
type Precise<T> = T extends ts.Node ? (ts.SyntaxKind extends T['kind'] ? never : T) : never;
type AnyNode = Precise<Extract<Made, ts.Node>>;

/** Nodes that stand where an expression can. */
export type ExpressionKind = Extract<AnyNode, { _expressionBrand: unknown }>['kind'];
/** Nodes that stand where a statement can. */
export type StatementKind = Extract<AnyNode, { _statementBrand: unknown }>['kind'];
type TypeKind = Extract<AnyNode, { _typeNodeBrand: unknown }>['kind'];

export type NodeOfKind<K extends ts.SyntaxKind> = Extract<AnyNode, { kind: K }>;

type DocumentationKind = (typeof ts.SyntaxKind)[Extract<keyof typeof ts.SyntaxKind, `JSDoc${string}`>];

/** Import types, and what is left of an older form of them. */
type ImportTypeKind = (typeof ts.SyntaxKind)[Extract<keyof typeof ts.SyntaxKind, `ImportType${string}`>];

type Remaining = Exclude<
  ts.SyntaxKind,
  ts.TokenSyntaxKind | DocumentationKind | ImportTypeKind | TypeKind | ExpressionKind | StatementKind
>;

/** Nodes that are lowered by the node they are part of. */
type PartKind =
  | ts.SyntaxKind.QualifiedName
  | ts.SyntaxKind.ComputedPropertyName
  | ts.SyntaxKind.TypeParameter
  | ts.SyntaxKind.Parameter
  | ts.SyntaxKind.Decorator
  | ts.SyntaxKind.PropertySignature
  | ts.SyntaxKind.PropertyDeclaration
  | ts.SyntaxKind.MethodSignature
  | ts.SyntaxKind.MethodDeclaration
  | ts.SyntaxKind.ClassStaticBlockDeclaration
  | ts.SyntaxKind.Constructor
  | ts.SyntaxKind.GetAccessor
  | ts.SyntaxKind.SetAccessor
  | ts.SyntaxKind.CallSignature
  | ts.SyntaxKind.ConstructSignature
  | ts.SyntaxKind.IndexSignature
  | ts.SyntaxKind.ObjectBindingPattern
  | ts.SyntaxKind.ArrayBindingPattern
  | ts.SyntaxKind.BindingElement
  | ts.SyntaxKind.TemplateSpan
  | ts.SyntaxKind.SemicolonClassElement
  | ts.SyntaxKind.VariableDeclaration
  | ts.SyntaxKind.VariableDeclarationList
  | ts.SyntaxKind.CaseBlock
  | ts.SyntaxKind.ImportClause
  | ts.SyntaxKind.NamespaceImport
  | ts.SyntaxKind.NamedImports
  | ts.SyntaxKind.ImportSpecifier
  | ts.SyntaxKind.NamedExports
  | ts.SyntaxKind.NamespaceExport
  | ts.SyntaxKind.ExportSpecifier
  | ts.SyntaxKind.MissingDeclaration
  | ts.SyntaxKind.ExternalModuleReference
  | ts.SyntaxKind.JsxClosingElement
  | ts.SyntaxKind.JsxAttribute
  | ts.SyntaxKind.JsxSpreadAttribute
  | ts.SyntaxKind.JsxNamespacedName
  | ts.SyntaxKind.CaseClause
  | ts.SyntaxKind.DefaultClause
  | ts.SyntaxKind.HeritageClause
  | ts.SyntaxKind.CatchClause
  | ts.SyntaxKind.ImportAttributes
  | ts.SyntaxKind.ImportAttribute
  | ts.SyntaxKind.PropertyAssignment
  | ts.SyntaxKind.ShorthandPropertyAssignment
  | ts.SyntaxKind.SpreadAssignment
  | ts.SyntaxKind.EnumMember
  | ts.SyntaxKind.SourceFile
  | ts.SyntaxKind.Bundle
  | ts.SyntaxKind.SyntheticExpression
  | ts.SyntaxKind.SyntaxList
  | ts.SyntaxKind.SyntheticReferenceExpression
  | ts.SyntaxKind.NotEmittedTypeElement
  | ts.SyntaxKind.NonTextFileMarkerTrivia
  | ts.SyntaxKind.Count;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Fails to compile when a kind is sorted nowhere, or sorted here although it is gone. */
export const everyKindIsSorted: Same<Remaining, PartKind> = true;
