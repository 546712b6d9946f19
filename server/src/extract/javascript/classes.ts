/**
 * Classes: methods as closures, static members as stores on the class, instance fields as stores on `this` in the
 * constructor (which is made up where only fields need it).
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  canHaveModifiers,
  isAccessor,
  isClassStaticBlockDeclaration,
  isConstructorDeclaration,
  isMethodDeclaration,
  isPropertyDeclaration,
} from '../../parse/javascript/syntax';
import { FunctionFlag, NONE, Op, CallFlag, type NodeId } from '../../model/graph';
import { lowerClassDecorators, lowerMemberDecorators } from './decorators';
import { hoistFunctions, lowerFunction, storeOnThis, withFunction } from './functions';
import type { Lowering, Naming } from './lowering';
import { isStatic, propertyNameText, textOf, THIS } from './names';
import { takesName } from './naming';
import { lowerTypeRoot } from './types';

export function lowerClassExpression(cx: Lowering, node: ts.ClassExpression): NodeId {
  const naming = cx.takeNaming();
  const names = node.name === undefined ? NONE : cx.openScope(node.name);
  const value = lowerClass(cx, node, naming);
  if (node.name !== undefined) cx.closeScope(names);
  return value;
}

export function lowerClassDeclaration(cx: Lowering, node: ts.ClassDeclaration): void {
  if (isAmbient(node)) return;
  lowerClass(cx, node, undefined);
}

export function isAmbient(node: ts.Node): boolean {
  return canHaveModifiers(node) && node.modifiers?.some((m) => m.kind === Kind.DeclareKeyword) === true;
}

/** Gives the class value with its static members; a named class is assigned to its name as well. */
export function lowerClass(cx: Lowering, node: ts.ClassLikeDeclaration, naming: Naming | undefined): NodeId {
  const { fn, file } = cx;
  const start = cx.start(node.pos);
  const heritage = node.heritageClauses?.find((clause) => clause.token === Kind.ExtendsKeyword);
  const superExpression = heritage?.types[0]?.expression;
  const superNode = superExpression === undefined ? NONE : cx.expression(superExpression);
  const name = node.name !== undefined ? textOf(node.name) : (naming?.name ?? '');
  const key = naming?.key ?? name;
  const classIndex = file.addClass(name, key === '' ? 'class' : `class ${key}`);
  const facts = file.classes[classIndex];
  const nameEnd = node.name?.end ?? start + 5;
  let value = fn.emit0(Op.Class, classIndex, start, nameEnd);
  facts.node = value;
  facts.superNode = superNode;

  const outerPath = file.path;
  const outerSuper = cx.scope.superClass;
  file.path = facts.key;
  cx.scope.superClass = classIndex;
  value = lowerMethods(cx, node, classIndex, value, superNode !== NONE);
  const variable = node.name === undefined ? undefined : cx.lookupAt(node.name);
  if (variable !== undefined) cx.assign(variable, value, start, nameEnd);
  const withStatics = lowerStatics(cx, node, value);
  lowerClassDecorators(cx, node, classIndex, withStatics);
  if (variable !== undefined && withStatics !== value) cx.assign(variable, withStatics, start, nameEnd);
  file.path = outerPath;
  cx.scope.superClass = outerSuper;
  return withStatics;
}

/** Methods, accessors and the constructor. Returns the class with its static methods stored. */
function lowerMethods(
  cx: Lowering,
  node: ts.ClassLikeDeclaration,
  classIndex: number,
  classValue: NodeId,
  isDerived: boolean,
): NodeId {
  const { fn, file } = cx;
  const facts = file.classes[classIndex];
  let value = classValue;
  lowerConstructor(cx, node, classIndex, isDerived);
  for (const member of node.members) {
    if (!isMethodDeclaration(member) && !isAccessor(member)) continue;
    const name = propertyNameText(member.name);
    const key = name === undefined ? cx.expression((member.name as ts.ComputedPropertyName).expression) : NONE;
    if (member.body === undefined) continue;
    const memberIsStatic = isStatic(member.modifiers);
    const naming = { name: name ?? '', key: name ?? '', start: cx.start(member.name.pos), end: member.name.end };
    const closure = lowerFunction(cx, member, naming, { classIndex, isStatic: memberIsStatic });
    const functionIndex = fn.op[closure] === Op.Closure ? fn.aux[closure] : NONE;
    if (functionIndex !== NONE) {
      facts.members.push({ name: cx.intern(name ?? ''), isStatic: memberIsStatic, functionIndex });
      lowerMemberDecorators(cx, member, classIndex, functionIndex, closure);
    }
    if (memberIsStatic) {
      const start = cx.start(member.pos);
      value =
        name === undefined
          ? fn.emit3(Op.StoreElement, 0, value, key, closure, start, member.name.end)
          : fn.emit2(Op.Store, cx.intern(name), value, closure, start, member.name.end);
    }
  }
  return value;
}

function lowerConstructor(cx: Lowering, node: ts.ClassLikeDeclaration, classIndex: number, isDerived: boolean): void {
  const facts = cx.file.classes[classIndex];
  const fields = node.members.filter(
    (member): member is ts.PropertyDeclaration =>
      isPropertyDeclaration(member) && !isStatic(member.modifiers) && needsStore(cx, member),
  );
  const declared = node.members.find(
    (member): member is ts.ConstructorDeclaration => isConstructorDeclaration(member) && member.body !== undefined,
  );
  cx.openFields = node;
  const prologue = (): void => lowerFields(cx, fields);
  if (declared !== undefined) {
    const closure = lowerFunction(cx, declared, undefined, { classIndex, isStatic: false, prologue });
    facts.constructorIndex = cx.fn.aux[closure];
    lowerMemberDecorators(cx, declared, classIndex, facts.constructorIndex, closure);
  } else if (fields.length > 0) {
    facts.constructorIndex = synthesizeConstructor(cx, node, classIndex, isDerived, prologue);
    cx.fn.emit0(Op.Closure, facts.constructorIndex, cx.start(node.pos), node.end);
  }
}

function synthesizeConstructor(
  cx: Lowering,
  node: ts.ClassLikeDeclaration,
  classIndex: number,
  isDerived: boolean,
  prologue: () => void,
): number {
  const start = cx.start(node.pos);
  const nameEnd = node.name?.end ?? start + 5;
  const nameStart = node.name === undefined ? start : cx.start(node.name.pos);
  return withFunction(
    cx,
    {
      role: 'constructor',
      name: 'constructor',
      flags: FunctionFlag.Constructor,
      classIndex,
      range: [start, node.end],
      nameRange: [nameStart, nameEnd],
    },
    classIndex,
    () => {
      const { fn } = cx;
      cx.declareThis(cx.bindings.scopes.flagsOf(node, THIS), start, start);
      if (isDerived) {
        const rest = fn.emit0(Op.RestParam, 0, start, nameEnd);
        fn.parameters.push(cx.intern('args'));
        const base = fn.stack.length;
        fn.stack.push(fn.emit0(Op.Super, classIndex, start, nameEnd));
        fn.stack.push(cx.readThis(start, nameEnd));
        fn.stack.push(fn.emit1(Op.Spread, 0, rest, start, nameEnd));
        fn.emitFrom(base, Op.Call, CallFlag.SuperCall, start, nameEnd);
      }
      prologue();
    },
  );
}

/** Fields with a value, and fields whose declared type is a class. */
function needsStore(cx: Lowering, member: ts.PropertyDeclaration): boolean {
  if (member.initializer !== undefined) return true;
  return member.type !== undefined && cx.isValueType(member.type) && !isAmbient(member);
}

function lowerFields(cx: Lowering, fields: readonly ts.PropertyDeclaration[]): void {
  const { fn } = cx;
  for (const field of fields) {
    const start = cx.start(field.pos);
    const name = propertyNameText(field.name);
    let value: NodeId;
    if (field.initializer !== undefined) {
      if (takesName(field.initializer)) cx.naming = fieldNaming(cx, field, name);
      value = cx.expression(field.initializer);
      cx.naming = undefined;
    } else value = fn.emit0(Op.Unknown, 0, start, field.name.end);
    if (field.type !== undefined) {
      const type = lowerTypeRoot(cx, field.type);
      if (type !== undefined) value = fn.emit2(Op.Typed, 0, value, type, start, field.end);
    }
    if (name !== undefined) storeOnThis(cx, name, value, start, field.end);
    else {
      const key = fn.emit0(Op.Unknown, 0, start, start);
      fn.emit3(Op.StoreElement, 0, cx.readThis(start, start), key, value, start, field.end);
    }
  }
}

function fieldNaming(cx: Lowering, field: ts.PropertyDeclaration, name = ''): Naming {
  return { name, key: `field ${name}`, start: cx.start(field.name.pos), end: field.name.end };
}

/** Static fields and blocks, in order; in them `this` is the class. */
function lowerStatics(cx: Lowering, node: ts.ClassLikeDeclaration, classValue: NodeId): NodeId {
  const { fn } = cx;
  let value = classValue;
  for (const member of node.members) {
    if (isClassStaticBlockDeclaration(member)) {
      const names = openStatic(cx, member, value);
      hoistFunctions(cx, member.body.statements);
      for (const statement of member.body.statements) cx.statement(statement);
      value = cx.readThis(member.pos, member.end);
      cx.closeScope(names);
    } else if (isPropertyDeclaration(member) && isStatic(member.modifiers)) {
      const start = cx.start(member.pos);
      const name = propertyNameText(member.name);
      const key = name === undefined ? cx.expression((member.name as ts.ComputedPropertyName).expression) : NONE;
      if (member.initializer === undefined) continue;
      const names = openStatic(cx, member, value);
      if (takesName(member.initializer))
        cx.naming = { ...fieldNaming(cx, member, name), key: `static field ${name ?? ''}` };
      const stored = cx.expression(member.initializer);
      cx.naming = undefined;
      value = cx.readThis(start, member.end);
      cx.closeScope(names);
      value =
        name === undefined
          ? fn.emit3(Op.StoreElement, 0, value, key, stored, start, member.end)
          : fn.emit2(Op.Store, cx.intern(name), value, stored, start, member.end);
    }
  }
  return value;
}

function openStatic(cx: Lowering, member: ts.Node, classValue: NodeId): number {
  const mark = cx.openScope(member);
  cx.declareThis(cx.bindings.scopes.flagsOf(member, THIS), cx.start(member.pos), member.end, classValue);
  return mark;
}
