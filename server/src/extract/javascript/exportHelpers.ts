/**
 * Exports as compilers and bundlers write them: one helper is handed the exports object and, by name, functions that give what is exported. The helper itself goes through
 * computed names, so nothing would follow from its code; each name is lowered as the `Object.defineProperty` that the helper makes of it.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isIdentifier, isPropertyAccessExpression, isStringLiteralLike } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { lowerFunction } from './functions';
import type { Lowering } from './lowering';
import { propertyNameText, textOf, withoutWrappers } from './names';

/** What such helpers are called; those of a bundler's loader are its `d`. */
const HELPERS = /^(?:_{1,2}export\d*|\$parcel\$export)$/;
const LOADER_HELPER = 'd';

interface Getter {
  readonly name: string;
  readonly node: ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration | ts.GetAccessorDeclaration;
}

/** The value of `_export(exports, { run: function () { return run; } })`, `$parcel$export(exports, "run", () => run)` and the like; undefined for other calls. */
export function lowerExportHelper(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const args = node.arguments;
  if (args.length < 2 || args.length > 4 || !isHelper(node.expression)) return undefined;
  const getters = args.length === 2 ? gettersIn(args[1]) : namedGetter(args[1], args[2]);
  if (getters === undefined || getters.length === 0) return undefined;
  const target = cx.expression(args[0]);
  for (const getter of getters) define(cx, target, getter);
  return cx.fn.constant('undefined', start, node.end);
}

function isHelper(callee: ts.Expression): boolean {
  if (isIdentifier(callee)) return HELPERS.test(textOf(callee));
  return isPropertyAccessExpression(callee) && isIdentifier(callee.expression) && textOf(callee.name) === LOADER_HELPER;
}

/** The functions of an object literal that holds nothing but functions that give a name. */
function gettersIn(argument: ts.Expression): readonly Getter[] | undefined {
  if (argument.kind !== Kind.ObjectLiteralExpression) return undefined;
  const getters: Getter[] = [];
  for (const property of (argument as ts.ObjectLiteralExpression).properties) {
    const name = property.name === undefined ? undefined : propertyNameText(property.name);
    const node =
      property.kind === Kind.PropertyAssignment
        ? getterOf(property.initializer)
        : property.kind === Kind.MethodDeclaration || property.kind === Kind.GetAccessor
          ? property
          : undefined;
    if (name === undefined || node === undefined || !givesName(node)) return undefined;
    getters.push({ name, node });
  }
  return getters;
}

function namedGetter(name: ts.Expression, value: ts.Expression): readonly Getter[] | undefined {
  const node = getterOf(value);
  return isStringLiteralLike(name) && node !== undefined && givesName(node) ? [{ name: name.text, node }] : undefined;
}

function getterOf(value: ts.Expression): Getter['node'] | undefined {
  return value.kind === Kind.FunctionExpression || value.kind === Kind.ArrowFunction
    ? (value as ts.FunctionExpression | ts.ArrowFunction)
    : undefined;
}

/** A function without parameters that only returns a variable or a property of one. */
function givesName({ parameters, body }: Getter['node']): boolean {
  if (parameters.length > 0 || body === undefined) return false;
  if (body.kind !== Kind.Block) return isName(body);
  const { statements } = body as ts.Block;
  const [statement] = statements;
  if (statements.length !== 1 || statement.kind !== Kind.ReturnStatement) return false;
  const { expression } = statement as ts.ReturnStatement;
  return expression !== undefined && isName(expression);
}

function isName(expression: ts.Expression): boolean {
  let at = withoutWrappers(expression);
  while (at.kind === Kind.PropertyAccessExpression) at = (at as ts.PropertyAccessExpression).expression;
  return at.kind === Kind.Identifier;
}

/** `Object.defineProperty(target, name, { get })` */
function define(cx: Lowering, target: NodeId, { name, node }: Getter): void {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const { end } = node;
  const getter = lowerFunction(cx, node, { name: '', key: `get ${name}`, start, end: start });
  const descriptor = fn.emit2(
    Op.Store,
    cx.intern('get'),
    fn.emit0(Op.ObjectLiteral, 0, start, end),
    getter,
    start,
    end,
  );
  const object = fn.emit0(Op.Global, cx.intern('Object'), start, start);
  const base = fn.stack.length;
  fn.stack.push(fn.load(object, cx.intern('defineProperty'), start, start));
  fn.stack.push(object);
  fn.stack.push(target === NONE ? fn.emit0(Op.Unknown, 0, start, start) : target);
  fn.stack.push(fn.string(name, start, start));
  fn.stack.push(descriptor);
  fn.emitFrom(base, Op.Call, 0, start, end);
}
