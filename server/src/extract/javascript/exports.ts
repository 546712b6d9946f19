/**
 * What a module (or namespace) gives to the outside. Exported names are live bindings, so they are stored on the
 * exports object when the module's body has run.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  canHaveModifiers,
  isFunctionDeclaration,
  isIdentifier,
  isNamedExports,
  isNamespaceExport,
  isStringLiteral,
  isVariableStatement,
} from '../../parse/javascript/syntax';
import { Op } from '../../model/graph';
import { lowerClass } from './classes';
import { lowerFunction } from './functions';
import type { ExportTarget, Lowering } from './lowering';
import { hasModifier, propertyNameText, textOf } from './names';
import { keptText } from './regularExpressions';
import { takesName } from './naming';

/** Notes what a declaration with `export` exports; `default` where it is one without a name. */
export function noteExports(cx: Lowering, statement: ts.Statement): void {
  const target = cx.exportTarget;
  if (target === undefined || !canHaveModifiers(statement)) return;
  const { modifiers } = statement;
  if (!hasModifier(modifiers, Kind.ExportKeyword) || hasModifier(modifiers, Kind.DeclareKeyword)) return;
  if (isVariableStatement(statement)) {
    for (const { name } of statement.declarationList.declarations) noteBinding(cx, target, name);
    return;
  }
  const name = declaredName(statement);
  if (name === undefined) return;
  const isDefault = hasModifier(modifiers, Kind.DefaultKeyword);
  target.names.push({
    name: isDefault ? 'default' : textOf(name),
    local: name.escapedText as string,
    start: cx.start(name.pos),
    end: name.end,
  });
}

function declaredName(statement: ts.Statement): ts.Identifier | undefined {
  switch (statement.kind) {
    case Kind.FunctionDeclaration:
      return (statement as ts.FunctionDeclaration).body === undefined
        ? undefined
        : (statement as ts.FunctionDeclaration).name;
    case Kind.ClassDeclaration:
      return (statement as ts.ClassDeclaration).name;
    case Kind.EnumDeclaration:
      return (statement as ts.EnumDeclaration).name;
    case Kind.ModuleDeclaration: {
      const { name } = statement as ts.ModuleDeclaration;
      return isIdentifier(name) ? name : undefined;
    }
    case Kind.ImportEqualsDeclaration:
      return (statement as ts.ImportEqualsDeclaration).name;
    default:
      return undefined;
  }
}

function noteBinding(cx: Lowering, target: ExportTarget, name: ts.BindingName): void {
  if (name.kind === Kind.Identifier) {
    const local = name.escapedText as string;
    target.names.push({ name: textOf(name), local, start: cx.start(name.pos), end: name.end });
    return;
  }
  for (const element of name.elements) {
    if (element.kind === Kind.BindingElement) noteBinding(cx, target, element.name);
  }
}

/** Stores the noted names on the exports object. */
export function storeExports(cx: Lowering, target: ExportTarget): void {
  const stored = new Set<string>();
  for (const { name, local, start, end } of target.names) {
    if (stored.has(name)) continue;
    stored.add(name);
    // A name that is a type only has no value to export.
    if (cx.lookup(local) === undefined && cx.bindings.typeNames.has(local)) continue;
    storeExport(cx, target, name, cx.read(cx.variable(local), start, end), start, end);
  }
}

function storeExport(
  cx: Lowering,
  target: ExportTarget,
  name: string,
  value: number,
  start: number,
  end: number,
): void {
  const object = cx.read(target.object, start, end);
  cx.version(target.object, cx.fn.emit2(Op.Store, cx.intern(name), object, keptText(cx, value), start, end));
}

/** `export default function () {}` and `export default class {}` without a name. */
export function lowerAnonymousDefault(cx: Lowering, node: ts.FunctionDeclaration | ts.ClassDeclaration): void {
  const target = cx.exportTarget;
  const start = cx.start(node.pos);
  const naming = { name: '', key: 'default', start, end: start };
  const value = isFunctionDeclaration(node) ? lowerFunction(cx, node, naming) : lowerClass(cx, node, naming);
  if (target !== undefined) storeExport(cx, target, 'default', value, start, node.end);
}

/** `export default v` and `export = v`. */
export function lowerExportAssignment(cx: Lowering, node: ts.ExportAssignment): void {
  const start = cx.start(node.pos);
  const target = cx.exportTarget;
  if (takesName(node.expression)) cx.naming = { name: '', key: 'default', start, end: start };
  const value = cx.expression(node.expression);
  cx.naming = undefined;
  if (target === undefined) return;
  if (node.isExportEquals === true) cx.assign(target.object, value, start, node.end);
  else storeExport(cx, target, 'default', value, start, node.end);
}

export function lowerExportDeclaration(cx: Lowering, node: ts.ExportDeclaration): void {
  const target = cx.exportTarget;
  if (target === undefined) return;
  const { exportClause, moduleSpecifier, isTypeOnly } = node;
  if (moduleSpecifier === undefined) {
    if (exportClause === undefined || !isNamedExports(exportClause) || isTypeOnly) return;
    for (const element of exportClause.elements) {
      const local = element.propertyName ?? element.name;
      if (element.isTypeOnly || !isIdentifier(local)) continue;
      target.names.push({
        name: propertyNameText(element.name) ?? '',
        local: local.escapedText as string,
        start: cx.start(element.pos),
        end: element.end,
      });
    }
    return;
  }
  if (!isStringLiteral(moduleSpecifier)) return;
  lowerReexport(cx, node, target, moduleSpecifier.text, exportClause, isTypeOnly);
}

function lowerReexport(
  cx: Lowering,
  node: ts.ExportDeclaration,
  target: ExportTarget,
  specifier: string,
  clause: ts.NamedExportBindings | undefined,
  typeOnly: boolean,
): void {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const index = cx.addImport(specifier, 'reexport', typeOnly, start, node.end);
  if (typeOnly) return;
  const imported = fn.importNode(index, start, node.end);
  fn.pinned.push(imported);
  if (clause === undefined) {
    const object = cx.read(target.object, start, node.end);
    cx.version(target.object, fn.emit2(Op.Copy, 0, object, imported, start, node.end));
  } else if (isNamespaceExport(clause)) {
    storeExport(cx, target, propertyNameText(clause.name) ?? '', imported, start, node.end);
  } else {
    for (const element of clause.elements) {
      if (element.isTypeOnly) continue;
      const from = cx.start(element.pos);
      const name = propertyNameText(element.propertyName ?? element.name) ?? '';
      const value = fn.load(imported, cx.intern(name), from, element.end);
      storeExport(cx, target, propertyNameText(element.name) ?? '', value, from, element.end);
    }
  }
}
