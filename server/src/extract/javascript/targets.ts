/**
 * Properties as targets: `a.b[c].d = v`. The written property gives a new version of its base, the base a new
 * version of the object it lies in, and so on up to the variable at the root.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { NONE, Op, type NodeId } from '../../model/graph';
import { moduleExports } from './commonjs';
import type { Lowering, Variable } from './lowering';
import { constantKey, textOf, THIS, withoutWrappers } from './names';
import { keptText } from './regularExpressions';

/** Versions are passed up this many levels; beyond, only the innermost objects get them. */
const MAX_LEVELS = 8;

/** A property, with its object and key already evaluated. */
export interface PropertyTarget {
  readonly variable: Variable | undefined;
  /** Objects from the root to the one that is written; one name (or computed key) for each. */
  readonly objects: readonly NodeId[];
  readonly names: readonly number[];
  readonly keys: readonly NodeId[];
  readonly start: number;
  readonly end: number;
}

export type AccessExpression = ts.PropertyAccessExpression | ts.ElementAccessExpression;

export function isAccess(node: ts.Node): node is AccessExpression {
  return node.kind === Kind.PropertyAccessExpression || node.kind === Kind.ElementAccessExpression;
}

export function lowerTarget(cx: Lowering, target: AccessExpression): PropertyTarget {
  const { fn } = cx;
  const links: AccessExpression[] = [];
  let node: ts.Expression = target;
  let variable: Variable | undefined;
  while (isAccess(node)) {
    variable = links.length === 0 ? undefined : moduleExports(cx, node);
    if (variable !== undefined) break;
    links.push(node);
    node = withoutWrappers(node.expression);
  }
  const start = cx.start(node.pos);
  variable ??= rootVariable(cx, node);
  let value = variable === undefined ? cx.expression(node) : cx.read(variable, start, node.end);
  const objects: NodeId[] = [];
  const names: number[] = [];
  const keys: NodeId[] = [];
  for (let i = links.length - 1; i >= 0; i--) {
    const link = links[i];
    let name = NONE;
    let key = NONE;
    if (link.kind === Kind.PropertyAccessExpression) name = cx.intern(textOf(link.name));
    else {
      const constant = constantKey(link.argumentExpression);
      if (constant === undefined) key = cx.expression(link.argumentExpression);
      else name = cx.intern(constant);
    }
    objects.push(value);
    names.push(name);
    keys.push(key);
    if (i > 0) {
      value =
        name === NONE
          ? fn.emit2(Op.LoadElement, 0, value, key, start, link.end)
          : fn.load(value, name, start, link.end);
    }
  }
  return { variable, objects, names, keys, start, end: target.end };
}

export function loadTarget(cx: Lowering, target: PropertyTarget): NodeId {
  const last = target.objects.length - 1;
  const object = target.objects[last];
  if (target.names[last] === NONE) {
    return cx.fn.emit2(Op.LoadElement, 0, object, target.keys[last], target.start, target.end);
  }
  return cx.fn.load(object, target.names[last], target.start, target.end);
}

export function storeTarget(cx: Lowering, target: PropertyTarget, value: NodeId, end: number): void {
  const { fn } = cx;
  const { objects, names, keys, start } = target;
  let stored = keptText(cx, value);
  const levels = objects.length;
  for (let i = levels - 1; i >= 0; i--) {
    if (levels - i > MAX_LEVELS && i > 0) continue;
    stored =
      names[i] === NONE
        ? fn.emit3(Op.StoreElement, 0, objects[i], keys[i], stored, start, end)
        : fn.emit2(Op.Store, names[i], objects[i], stored, start, end);
    if (levels - i >= MAX_LEVELS) break;
  }
  if (target.variable !== undefined && levels <= MAX_LEVELS) cx.version(target.variable, stored);
}

/** The frequent case, `a.x = v` and `this.x = v`, without the detour. False when `target` is another. */
export function storeOnVariable(cx: Lowering, target: AccessExpression, value: NodeId, end: number): boolean {
  if (target.kind !== Kind.PropertyAccessExpression) return false;
  const variable = rootVariable(cx, target.expression);
  if (variable === undefined) return false;
  const start = cx.start(target.pos);
  const base = cx.read(variable, start, target.expression.end);
  cx.version(variable, cx.fn.emit2(Op.Store, cx.intern(textOf(target.name)), base, keptText(cx, value), start, end));
  return true;
}

function rootVariable(cx: Lowering, node: ts.Expression): Variable | undefined {
  switch (node.kind) {
    case Kind.Identifier:
      return cx.variableAt(node as ts.Identifier);
    case Kind.ThisKeyword:
    case Kind.SuperKeyword:
      return cx.lookup(THIS);
    default:
      return undefined;
  }
}
