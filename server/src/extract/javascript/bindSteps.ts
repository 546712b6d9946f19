/**
 * How the binding pass goes through each kind of node. A step visits all children except for one, which it returns to
 * go on with, so that long chains need no recursion. Each kind has a function of its own, even where two would read
 * alike: each then only ever sees nodes of one shape, and a kind that turns up late spoils nothing for the others.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isExternalModuleReference, isNamedExports } from '../../parse/javascript/syntax';
import type { Binder } from './bind';
import type { NodeOfKind } from './kinds';
import { firstIdentifier, NEW_TARGET, THIS } from './names';
import { DECLARED, READ, ScopeKind, WRITTEN } from './scopes';

export type Step = (binder: Binder, node: ts.Node) => ts.Node | undefined;
type StepTable = {
  readonly [K in ts.SyntaxKind]?: (binder: Binder, node: NodeOfKind<K>) => ts.Node | undefined;
};

const nothing = (): undefined => undefined;

const table: StepTable = {
  [Kind.ThisKeyword]: (binder) => {
    binder.note(THIS, READ);
    return undefined;
  },
  [Kind.MetaProperty]: (binder, node) => {
    if (node.keywordToken === Kind.NewKeyword) binder.note(NEW_TARGET, READ);
    return undefined;
  },

  [Kind.PropertyAccessExpression]: (_, node) => node.expression,
  [Kind.ElementAccessExpression]: (binder, node) => {
    binder.visit(node.argumentExpression);
    return node.expression;
  },
  [Kind.CallExpression]: (binder, node) => {
    binder.visitAll(node.arguments);
    return node.expression;
  },
  [Kind.NewExpression]: (binder, node) => {
    binder.visitAll(node.arguments);
    return node.expression;
  },
  [Kind.TaggedTemplateExpression]: (binder, node) => {
    binder.visit(node.template);
    return node.tag;
  },
  [Kind.BinaryExpression]: (binder, node) => binder.binary(node),
  [Kind.PrefixUnaryExpression]: (binder, node) => {
    const { operator, operand } = node;
    if (operator === Kind.PlusPlusToken || operator === Kind.MinusMinusToken) binder.target(operand);
    return operand;
  },
  [Kind.PostfixUnaryExpression]: (binder, node) => {
    binder.target(node.operand);
    return node.operand;
  },
  [Kind.AsExpression]: (binder, node) => {
    binder.typeReference(node.type);
    return node.expression;
  },
  [Kind.TypeAssertionExpression]: (binder, node) => {
    binder.typeReference(node.type);
    return node.expression;
  },
  [Kind.SatisfiesExpression]: (_, node) => node.expression,
  [Kind.NonNullExpression]: (_, node) => node.expression,
  [Kind.ParenthesizedExpression]: (_, node) => node.expression,
  [Kind.ExpressionWithTypeArguments]: (_, node) => node.expression,
  [Kind.AwaitExpression]: (_, node) => node.expression,
  [Kind.TypeOfExpression]: (_, node) => node.expression,
  [Kind.SpreadElement]: (_, node) => node.expression,
  [Kind.TemplateSpan]: (_, node) => node.expression,
  [Kind.JsxExpression]: (_, node) => node.expression,
  [Kind.SpreadAssignment]: (_, node) => node.expression,
  [Kind.ObjectLiteralExpression]: (binder, node) => {
    binder.visitAll(node.properties);
    return undefined;
  },
  [Kind.ArrayLiteralExpression]: (binder, node) => {
    binder.visitAll(node.elements);
    return undefined;
  },
  [Kind.ConditionalExpression]: (binder, node) => {
    binder.visit(node.condition);
    binder.visit(node.whenTrue);
    return node.whenFalse;
  },
  [Kind.PropertyAssignment]: (binder, node) => {
    binder.visitName(node.name);
    return node.initializer;
  },
  [Kind.ShorthandPropertyAssignment]: (binder, node) => {
    binder.visit(node.name);
    return node.objectAssignmentInitializer;
  },

  [Kind.ExpressionStatement]: (_, node) => node.expression,
  [Kind.IfStatement]: (binder, node) => {
    binder.visit(node.expression);
    binder.visit(node.thenStatement);
    return node.elseStatement;
  },
  [Kind.ReturnStatement]: (_, node) => node.expression,
  [Kind.ThrowStatement]: (_, node) => node.expression,
  [Kind.VariableStatement]: (binder, node) => {
    if (node.modifiers !== undefined) binder.visitAll(node.modifiers);
    return node.declarationList;
  },
  [Kind.VariableDeclarationList]: (binder, node) => {
    binder.declareList(node, false);
    binder.visitAll(node.declarations);
    return undefined;
  },
  [Kind.VariableDeclaration]: (binder, node) => {
    binder.typeReference(node.type);
    binder.visitBinding(node.name);
    return node.initializer;
  },
  [Kind.Block]: (binder, node) => {
    binder.block(node, node.statements);
    return undefined;
  },
  [Kind.ModuleBlock]: (binder, node) => {
    binder.block(node, node.statements);
    return undefined;
  },
  [Kind.CaseBlock]: (binder, node) => {
    binder.caseBlock(node);
    return undefined;
  },
  [Kind.ForStatement]: (binder, node) => {
    binder.loop(node);
    return undefined;
  },
  [Kind.ForInStatement]: (binder, node) => {
    binder.loop(node);
    return undefined;
  },
  [Kind.ForOfStatement]: (binder, node) => {
    binder.loop(node);
    return undefined;
  },
  [Kind.WhileStatement]: (binder, node) => {
    binder.loop(node);
    return undefined;
  },
  [Kind.DoStatement]: (binder, node) => {
    binder.loop(node);
    return undefined;
  },
  [Kind.CatchClause]: (binder, node) => {
    if (node.variableDeclaration === undefined) return node.block;
    binder.scopes.enter(ScopeKind.Block);
    binder.declareBinding(node.variableDeclaration.name, DECLARED);
    binder.visitBinding(node.variableDeclaration.name);
    binder.visit(node.block);
    binder.scopes.leave(node);
    return undefined;
  },
  [Kind.LabeledStatement]: (_, node) => node.statement,
  [Kind.BreakStatement]: nothing,
  [Kind.ContinueStatement]: nothing,

  [Kind.FunctionDeclaration]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.FunctionExpression]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.ArrowFunction]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.MethodDeclaration]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.Constructor]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.GetAccessor]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.SetAccessor]: (binder, node) => {
    binder.functionLike(node);
    return undefined;
  },
  [Kind.ClassDeclaration]: (binder, node) => {
    binder.classLike(node);
    return undefined;
  },
  [Kind.ClassExpression]: (binder, node) => {
    binder.classLike(node);
    return undefined;
  },

  [Kind.InterfaceDeclaration]: (binder, node) => {
    binder.typeNames.add(node.name.escapedText as string);
    return undefined;
  },
  [Kind.TypeAliasDeclaration]: (binder, node) => {
    binder.typeNames.add(node.name.escapedText as string);
    return undefined;
  },
  [Kind.ModuleDeclaration]: (binder, node) => binder.moduleDeclaration(node),
  [Kind.EnumDeclaration]: (binder, node) => {
    binder.noteAt(node.name, WRITTEN);
    binder.visitAll(node.members);
    return undefined;
  },
  [Kind.EnumMember]: (_, node) => node.initializer,
  [Kind.ImportDeclaration]: (binder) => {
    binder.hasModuleSyntax = true;
    return undefined;
  },
  [Kind.NamespaceExportDeclaration]: (binder) => {
    binder.hasModuleSyntax = true;
    return undefined;
  },
  [Kind.ImportEqualsDeclaration]: (binder, node) => {
    const reference = node.moduleReference;
    if (isExternalModuleReference(reference)) binder.hasModuleSyntax = true;
    else binder.noteAt(firstIdentifier(reference), READ);
    return undefined;
  },
  [Kind.ExportDeclaration]: (binder, node) => {
    binder.hasModuleSyntax = true;
    const { exportClause, moduleSpecifier } = node;
    if (moduleSpecifier === undefined && exportClause !== undefined && isNamedExports(exportClause)) {
      for (const { propertyName, name } of exportClause.elements) binder.visit(propertyName ?? name);
    }
    return undefined;
  },
  [Kind.ExportAssignment]: (binder, node) => {
    binder.hasModuleSyntax = true;
    return node.expression;
  },

  [Kind.JsxOpeningElement]: (binder, node) => {
    binder.visit(node.attributes);
    return node.tagName.kind === Kind.JsxNamespacedName ? undefined : node.tagName;
  },
  [Kind.JsxSelfClosingElement]: (binder, node) => {
    binder.visit(node.attributes);
    return node.tagName.kind === Kind.JsxNamespacedName ? undefined : node.tagName;
  },
  [Kind.JsxClosingElement]: nothing,
  [Kind.JsxAttribute]: (_, node) => node.initializer,
};

/** By kind. Where there is none, all children are visited, and none of a type. */
export const steps: readonly (Step | undefined)[] = Array.from(
  { length: Kind.Count },
  (_, kind) => (table as Readonly<Record<number, Step | undefined>>)[kind],
);
