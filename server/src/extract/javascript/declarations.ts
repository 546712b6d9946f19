/**
 * Enums and namespaces: objects that are built where they stand.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isIdentifier, isNumericLiteral } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { DECLARED } from './scopes';
import { isAmbient } from './classes';
import { hoistFunctions } from './functions';
import type { ExportTarget, Lowering, Variable } from './lowering';
import { propertyNameText, textOf } from './names';
import { storeExports } from './exports';

export function lowerEnum(cx: Lowering, node: ts.EnumDeclaration): void {
  if (isAmbient(node)) return;
  const { fn } = cx;
  const variable = cx.variableAt(node.name);
  let object = mergedObject(cx, variable, node);
  let next = 0;
  for (const member of node.members) {
    const start = cx.start(member.pos);
    const name = propertyNameText(member.name) ?? '';
    let value: NodeId;
    if (member.initializer === undefined) value = fn.constant(String(next++), start, member.end);
    else {
      value = cx.expression(member.initializer);
      next = isNumericLiteral(member.initializer) ? Number(member.initializer.text) + 1 : next + 1;
    }
    object = fn.emit2(Op.Store, cx.intern(name), object, value, start, member.end);
  }
  cx.assign(variable, object, cx.start(node.name.pos), node.name.end);
}

/** Enums and namespaces of one name are one object. */
function mergedObject(cx: Lowering, variable: Variable, node: ts.EnumDeclaration | ts.ModuleDeclaration): NodeId {
  const slot = cx.slotOf(variable);
  const before = cx.fn.peek(slot);
  if (before !== NONE) return before;
  return cx.fn.emit0(Op.ObjectLiteral, 0, cx.start(node.pos), node.end);
}

export function lowerNamespace(cx: Lowering, node: ts.ModuleDeclaration): void {
  if (isAmbient(node) || !isIdentifier(node.name) || node.body === undefined) return;
  const { fn, file } = cx;
  const variable = cx.variableAt(node.name);
  const start = cx.start(node.name.pos);
  const { end } = node.name;
  cx.assign(variable, mergedObject(cx, variable, node), start, end);

  const names = cx.openScope(node);
  const outer = cx.exportTarget;
  const outerPath = file.path;
  const role = `namespace ${textOf(node.name)}`;
  file.path = outerPath === '' ? role : `${outerPath} / ${role}`;
  const target: ExportTarget = { object: variable, names: [] };
  cx.exportTarget = target;
  const { body } = node;
  if (body.kind === Kind.ModuleBlock) {
    const inner = cx.openScope(body);
    hoistFunctions(cx, body.statements);
    for (const statement of body.statements) cx.statement(statement);
    storeExports(cx, target);
    cx.closeScope(inner);
  } else if (body.kind === Kind.ModuleDeclaration) {
    const inner = body.name;
    if (cx.lookupAt(inner) === undefined) {
      cx.declare(inner.escapedText as string, DECLARED, fn.start[0]);
    }
    lowerNamespace(cx, body);
    target.names.push({
      name: textOf(inner),
      local: inner.escapedText as string,
      start: cx.start(inner.pos),
      end: inner.end,
    });
    storeExports(cx, target);
  }
  cx.exportTarget = outer;
  file.path = outerPath;
  cx.closeScope(names);
}
