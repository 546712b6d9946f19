/**
 * Import declarations. An imported name is not a variable of the module function: each function that uses it
 * imports it again, so that linking one function never needs another.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isExternalModuleReference,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isNamespaceImport,
  isStringLiteral,
} from '../../parse/javascript/syntax';
import { NONE } from '../../model/graph';
import type { Lowering } from './lowering';
import { propertyNameText } from './names';
import { lowerEntityName } from './types';

/** Gives the imported names of a file their meaning; before anything else is lowered, since imports are hoisted. */
export function declareImports(cx: Lowering, statements: readonly ts.Statement[]): void {
  for (const statement of statements) {
    if (isImportDeclaration(statement)) declareImport(cx, statement);
    else if (isImportEqualsDeclaration(statement)) declareImportEquals(cx, statement);
  }
}

function declareImport(cx: Lowering, node: ts.ImportDeclaration): void {
  if (!isStringLiteral(node.moduleSpecifier)) return;
  const clause = node.importClause;
  const typeOnly = clause?.phaseModifier === Kind.TypeKeyword;
  const start = cx.start(node.pos);
  const index = cx.addImport(node.moduleSpecifier.text, 'import', typeOnly, start, node.end);
  if (clause === undefined) {
    cx.fn.pinned.push(cx.fn.importNode(index, start, node.end));
    return;
  }
  if (clause.name !== undefined) setImported(cx, clause.name, index, 'default');
  const bindings = clause.namedBindings;
  if (bindings === undefined) return;
  if (isNamespaceImport(bindings)) setImported(cx, bindings.name, index, undefined);
  else {
    for (const element of bindings.elements) {
      setImported(cx, element.name, index, propertyNameText(element.propertyName ?? element.name));
    }
  }
}

function setImported(cx: Lowering, name: ts.Identifier, index: number, imported: string | undefined): void {
  const variable = cx.lookupAt(name);
  if (variable === undefined) return;
  variable.importIndex = index;
  variable.importName = imported === undefined ? NONE : cx.intern(imported);
}

function declareImportEquals(cx: Lowering, node: ts.ImportEqualsDeclaration): void {
  const { moduleReference, name } = node;
  if (!isExternalModuleReference(moduleReference) || !isStringLiteral(moduleReference.expression)) return;
  const index = cx.addImport(moduleReference.expression.text, 'require', node.isTypeOnly, cx.start(node.pos), node.end);
  setImported(cx, name, index, undefined);
}

/** `import x = A.B` is an alias, evaluated where it stands. */
export function lowerImportEquals(cx: Lowering, node: ts.ImportEqualsDeclaration): void {
  if (isExternalModuleReference(node.moduleReference)) return;
  const value = lowerEntityName(cx, node.moduleReference);
  if (value !== undefined) {
    cx.assign(cx.variableAt(node.name), value, cx.start(node.pos), node.end);
  }
}
