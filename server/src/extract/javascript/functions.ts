/**
 * Functions of every kind: parameters, body, what the surroundings call them. Each is lowered where it stands, into
 * a graph of its own; what remains in the enclosing function is its `Closure` node.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isBlock, isIdentifier } from '../../parse/javascript/syntax';
import { FunctionFlag, NONE, Op, type NodeId } from '../../model/graph';
import { withCustomaryType } from './customaryTypes';
import { decorateParameter } from './decorators';
import { applyDirectives } from './directives';
import type { Slot } from '../flow/environment';
import { FunctionScope, type Lowering, type Naming } from './lowering';
import { hasModifier, NEW_TARGET, propertyNameText, textOf, THIS } from './names';
import { namingOf } from './naming';
import { lowerStatements } from './parameterBranches';
import { bindPattern, lowerDefault } from './patterns';
import { lowerTyped } from './types';

/** What a class says about its members. */
export interface Membership {
  readonly classIndex: number;
  readonly isStatic: boolean;
  /** Lowered inside the constructor, before its parameters: instance fields. */
  readonly prologue?: () => void;
}

export function lowerFunctionExpression(cx: Lowering, node: ts.FunctionExpression | ts.ArrowFunction): NodeId {
  return lowerFunction(cx, node, cx.takeNaming());
}

/** Lowers a function with a body and gives its Closure node. */
export function lowerFunction(
  cx: Lowering,
  node: ts.FunctionLikeDeclaration,
  naming: Naming | undefined,
  membership?: Membership,
): NodeId {
  const start = cx.start(node.pos);
  const ownName = node.name !== undefined && isIdentifier(node.name) ? node.name : undefined;
  const isNamedExpression = ownName !== undefined && node.kind === Kind.FunctionExpression;
  const outerNames = isNamedExpression ? cx.openScope(ownName) : NONE;

  const flags = functionFlags(node, membership, cx.steppingNext?.kind === 'generator');
  const name = ownName !== undefined ? textOf(ownName) : memberName(node, naming);
  const key = ownName !== undefined && (naming?.name ?? '') === '' ? name : (naming?.key ?? name);
  const nameNode = node.name ?? (node.kind === Kind.Constructor ? undefined : node.body);
  const index = withFunction(
    cx,
    {
      role: roleOf(node, flags, key),
      name,
      flags,
      classIndex: membership?.classIndex ?? NONE,
      range: [start, node.end],
      nameRange: nameRangeOf(cx, node, nameNode, naming, start),
    },
    membership?.classIndex ?? (flags & FunctionFlag.Arrow ? cx.scope.superClass : NONE),
    () => lowerBody(cx, node, start, membership, key),
  );
  const closure = cx.fn.emit0(Op.Closure, index, start, node.end);
  if (node.body !== undefined && isBlock(node.body)) applyDirectives(cx, node.body.statements, closure);
  if (isNamedExpression) {
    const variable = cx.lookupAt(ownName);
    if (variable !== undefined) cx.assign(variable, closure, start, node.end);
    cx.closeScope(outerNames);
  }
  return closure;
}

type Start = Parameters<Lowering['file']['begin']>[0];

/**
 * Runs `lower` with a new current function and returns its index. When the stack overflows inside, what was lowered
 * so far is kept and the function is marked partial.
 */
export function withFunction(cx: Lowering, start: Start, superClass: number, lower: () => void): number {
  const { file } = cx;
  const outer = { fn: cx.fn, scope: cx.scope, path: file.path, names: cx.openNames, chain: cx.chain.length };
  const captures = cx.captureCount;
  const uses = cx.captures;
  cx.captures = undefined;
  const { stepping, bundle } = cx;
  cx.stepping = cx.steppingNext;
  cx.steppingNext = undefined;
  const depth = file.openFunctions;
  const builder = file.begin(start);
  if (cx.bundleNext !== undefined) cx.bundle = { ...cx.bundleNext, owner: builder.index };
  cx.bundleNext = undefined;
  cx.fn = builder;
  cx.scope = new FunctionScope(superClass, false);
  file.path = builder.key;
  cx.naming = undefined;
  cx.labels = [];
  try {
    lower();
    if (cx.claimLost(start.range[0], start.range[1])) builder.flags |= FunctionFlag.Partial;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    file.finishDownTo(depth + 1);
    builder.flags |= FunctionFlag.Partial;
    file.limits.push(`Code in ${start.name || start.role} is nested too deeply; part of it was left out.`);
  }
  file.finish();
  cx.closeScope(outer.names);
  if (cx.chain.length > outer.chain) cx.chain.length = outer.chain;
  cx.fn = outer.fn;
  cx.closeForeign();
  cx.stepping = stepping;
  cx.bundle = bundle;
  cx.scope = outer.scope;
  cx.naming = undefined;
  cx.labels = [];
  file.path = outer.path;
  cx.closeCaptures(captures, uses);
  return builder.index;
}

function lowerBody(
  cx: Lowering,
  node: ts.FunctionLikeDeclaration,
  start: number,
  membership: Membership | undefined,
  key: string,
): void {
  const { fn } = cx;
  const isArrow = node.kind === Kind.ArrowFunction;
  if (!isArrow) {
    const { scopes } = cx.bindings;
    const ofFields = membership?.prologue === undefined ? 0 : cx.fieldThisFlags();
    const thisFlags = scopes.flagsOf(node, THIS) | ofFields;
    if (thisFlags !== 0) cx.declareThis(thisFlags, start, start);
    const targetFlags = scopes.flagsOf(node, NEW_TARGET);
    if (targetFlags !== 0) {
      const variable = cx.declare(NEW_TARGET, targetFlags, start);
      cx.assign(variable, fn.emit0(Op.Global, cx.intern('new.target'), start, start), start, start);
    }
  }
  membership?.prologue?.();
  cx.openScope(node);
  lowerParameters(cx, node, key);
  const { body } = node;
  if (body === undefined) return;
  if (isBlock(body)) {
    hoistFunctions(cx, body.statements);
    lowerStatements(cx, body.statements);
    // Where nothing is tested, falling off the end says nothing.
    if (fn.reachable && fn.guardTest.length > 0 && fn.parameters.length > 0)
      fn.emitReturn(NONE, body.end - 1, body.end);
  } else {
    const value = cx.expression(body);
    fn.emitReturn(value, cx.start(body.pos), body.end);
  }
}

function lowerParameters(cx: Lowering, node: ts.FunctionLikeDeclaration, key: string): void {
  const { fn } = cx;
  let position = 0;
  for (const parameter of node.parameters) {
    const isName = parameter.name.kind === Kind.Identifier;
    if (isName && parameter.name.escapedText === 'this') continue;
    const start = cx.start(parameter.name.pos);
    const isRest = parameter.dotDotDotToken !== undefined;
    const op = isRest ? Op.RestParam : Op.Param;
    let value = fn.emit0(op, position, start, parameter.name.end);
    fn.parameters.push(cx.intern(isName ? textOf(parameter.name) : ''));
    value = withCustomaryType(cx, node, position, value, key);
    position++;
    if (parameter.type !== undefined && !isRest) value = lowerTyped(cx, value, parameter.type);
    if (parameter.initializer !== undefined) {
      value = lowerDefault(cx, value, parameter.initializer, namingOf(cx, parameter.name));
      fn.defaults.add(value);
    }
    value = decorateParameter(cx, parameter, position - 1, value);
    bindPattern(cx, parameter.name, value);
  }
  if (node.kind === Kind.Constructor) lowerParameterProperties(cx, node.parameters);
}

/** `constructor(private readonly db: Database)` stores the parameter on `this`. */
function lowerParameterProperties(cx: Lowering, parameters: readonly ts.ParameterDeclaration[]): void {
  for (const parameter of parameters) {
    if (!isParameterProperty(parameter) || !isIdentifier(parameter.name)) continue;
    const start = cx.start(parameter.name.pos);
    const { end } = parameter.name;
    const value = cx.read(cx.variableAt(parameter.name), start, end);
    storeOnThis(cx, textOf(parameter.name), value, start, end);
  }
}

function isParameterProperty(parameter: ts.ParameterDeclaration): boolean {
  return (
    hasModifier(parameter.modifiers, Kind.PublicKeyword) ||
    hasModifier(parameter.modifiers, Kind.PrivateKeyword) ||
    hasModifier(parameter.modifiers, Kind.ProtectedKeyword) ||
    hasModifier(parameter.modifiers, Kind.ReadonlyKeyword) ||
    hasModifier(parameter.modifiers, Kind.OverrideKeyword)
  );
}

export function storeOnThis(cx: Lowering, name: string, value: NodeId, start: number, end: number): void {
  const store = cx.fn.emit2(Op.Store, cx.intern(name), cx.readThis(start, end), value, start, end);
  const variable = cx.lookup(THIS);
  if (variable !== undefined) cx.version(variable, store);
}

/** Function declarations come first in their block. */
export function hoistFunctions(cx: Lowering, statements: readonly ts.Statement[]): void {
  const declarations: [Slot, readonly Slot[]][] = [];
  for (const statement of statements) {
    if (statement.kind !== Kind.FunctionDeclaration) continue;
    const declaration = statement as ts.FunctionDeclaration;
    const { name, body } = declaration;
    if (body === undefined || name === undefined) continue;
    const uses: Slot[] = [];
    cx.captures = uses;
    const closure = lowerFunction(cx, declaration, undefined);
    const variable = cx.variableAt(name);
    cx.assign(variable, closure, cx.start(name.pos), name.end);
    if (variable.owner === cx.fn.index) declarations.push([cx.slotOf(variable), uses]);
    else for (const used of uses) cx.fn.capture(used);
  }
  if (declarations.length > 0) cx.fn.declareFunctions(declarations);
}

/** `waits`: a generator that stands for an async function. */
function functionFlags(node: ts.FunctionLikeDeclaration, membership: Membership | undefined, waits: boolean): number {
  let flags = 0;
  if (hasModifier(node.modifiers, Kind.AsyncKeyword) || waits) flags |= FunctionFlag.Async;
  if (node.asteriskToken !== undefined && !waits) flags |= FunctionFlag.Generator;
  if (membership?.isStatic === true) flags |= FunctionFlag.Static;
  if (hasModifier(node.modifiers, Kind.PrivateKeyword) || node.name?.kind === Kind.PrivateIdentifier)
    flags |= FunctionFlag.Private;
  switch (node.kind) {
    case Kind.ArrowFunction:
      return flags | FunctionFlag.Arrow;
    case Kind.MethodDeclaration:
      return flags | FunctionFlag.Method;
    case Kind.GetAccessor:
      return flags | FunctionFlag.Getter;
    case Kind.SetAccessor:
      return flags | FunctionFlag.Setter;
    case Kind.Constructor:
      return flags | FunctionFlag.Constructor;
    default:
      return flags;
  }
}

function memberName(node: ts.FunctionLikeDeclaration, naming: Naming | undefined): string {
  if (node.kind === Kind.Constructor) return 'constructor';
  if (naming !== undefined && naming.name !== '') return naming.name;
  return node.name === undefined ? '' : (propertyNameText(node.name) ?? '');
}

function roleOf(node: ts.FunctionLikeDeclaration, flags: number, key: string): string {
  const kind = roleKind(node);
  const prefix = (flags & FunctionFlag.Static) !== 0 ? 'static ' : '';
  return key === '' || kind === 'constructor' ? prefix + kind : `${prefix}${kind} ${key}`;
}

function roleKind(node: ts.FunctionLikeDeclaration): string {
  switch (node.kind) {
    case Kind.ArrowFunction:
      return 'arrow';
    case Kind.MethodDeclaration:
      return 'method';
    case Kind.GetAccessor:
      return 'getter';
    case Kind.SetAccessor:
      return 'setter';
    case Kind.Constructor:
      return 'constructor';
    default:
      return 'function';
  }
}

function nameRangeOf(
  cx: Lowering,
  node: ts.FunctionLikeDeclaration,
  nameNode: ts.Node | undefined,
  naming: Naming | undefined,
  start: number,
): readonly [number, number] {
  if (node.name !== undefined) return [cx.start(node.name.pos), node.name.end];
  if (naming !== undefined && naming.end > naming.start) return [naming.start, naming.end];
  if (node.kind === Kind.Constructor) return [start, start + 'constructor'.length];
  return [start, nameNode === undefined ? node.end : Math.max(start, nameNode.pos)];
}
