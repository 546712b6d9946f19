/**
 * Modules of AMD (https://github.com/amdjs/amdjs-api/wiki/AMD): `define(['./shapes'], function (shapes) { return … })`. Where such a call stands at the top
 * level of a file, its function is called there with the modules that it names, and what comes back is what the file exports.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isArrayLiteralExpression, isIdentifier, isStringLiteralLike } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { isPlatformName } from './commonjs';
import type { Lowering, Variable } from './lowering';
import { textOf, withoutWrappers } from './names';
import { CAPTURED, DECLARED, READ } from './scopes';

const DEFINE = 'define';
const EXPORTS = 'exports';
const MODULE_FUNCTION = 0;
/** What a function is given that names no modules. */
const PLAIN: readonly string[] = ['require', 'exports', 'module'];

interface Definition {
  readonly name: string | undefined;
  readonly dependencies: readonly string[];
  readonly factory: ts.Expression;
}

/** The value of `define(…)`, where that is what defines the module; undefined for other calls. */
export function lowerDefine(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const { fn } = cx;
  const { expression, arguments: args } = node;
  if (args.length === 0 || args.length > 3 || fn.index !== MODULE_FUNCTION || cx.exports === undefined)
    return undefined;
  if (!isIdentifier(expression) || textOf(expression) !== DEFINE || !isPlatformName(cx, DEFINE)) return undefined;
  const definition = definitionOf(args);
  if (definition === undefined) return undefined;
  const value = lowerDefinition(cx, cx.exports, definition, start, node.end);
  cx.assign(cx.exports, value, start, node.end);
  if (definition.name !== undefined) {
    const variable = cx.declare(`%module ${definition.name}`, DECLARED | READ | CAPTURED, start);
    cx.assign(variable, moduleObject(cx, value, start), start, node.end);
    (cx.definitions ??= new Map()).set(definition.name, variable);
  }
  return value;
}

/** `define([name,] [dependencies,] factory)`; undefined where something else is called that. */
function definitionOf(args: readonly ts.Expression[]): Definition | undefined {
  const rest = args.map(withoutWrappers);
  const factory = rest.pop();
  if (factory === undefined || factory.kind === Kind.SpreadElement) return undefined;
  const [first] = rest;
  const name = first !== undefined && isStringLiteralLike(first) ? first.text : undefined;
  if (name !== undefined) rest.shift();
  const [list] = rest;
  if (list === undefined) return { name, dependencies: isFunction(factory) ? plainOf(factory) : [], factory };
  if (rest.length > 1 || !isArrayLiteralExpression(list)) return undefined;
  const dependencies: string[] = [];
  for (const element of list.elements) dependencies.push(isStringLiteralLike(element) ? element.text : '');
  return { name, dependencies, factory };
}

const isFunction = (node: ts.Expression): node is ts.FunctionExpression | ts.ArrowFunction =>
  node.kind === Kind.FunctionExpression || node.kind === Kind.ArrowFunction;

const plainOf = ({ parameters }: ts.FunctionExpression | ts.ArrowFunction): readonly string[] =>
  PLAIN.slice(0, parameters.length);

function lowerDefinition(
  cx: Lowering,
  exports: Variable,
  { dependencies, factory }: Definition,
  start: number,
  end: number,
): NodeId {
  const { fn } = cx;
  const own = cx.read(exports, start, start);
  const module = moduleObject(cx, own, start);
  const loader = dependencies.indexOf('require');
  if (isFunction(factory) && loader >= 0) {
    const name = factory.parameters.at(loader)?.name;
    const modules = cx.definitions ?? new Map<string, Variable>();
    cx.bundleNext = {
      loader: name !== undefined && isIdentifier(name) ? (name.escapedText as string) : '',
      modules,
      names: new Map(Array.from(modules.keys(), (key) => [key, key])),
    };
  }
  const made = cx.expression(factory);
  cx.bundleNext = undefined;
  if (!isFunction(factory) && factory.kind !== Kind.Identifier) return made;
  const base = fn.stack.length;
  fn.stack.push(made);
  fn.stack.push(NONE);
  for (const dependency of dependencies) fn.stack.push(given(cx, dependency, own, module, start, end));
  const result = fn.emitFrom(base, Op.Call, 0, start, end);
  if (!dependencies.includes(EXPORTS) && !dependencies.includes('module')) return result;
  // What it puts on the object that it is given is exported, unless it gives something back.
  return fn.phi2(fn.load(module, cx.intern(EXPORTS), start, end), result, end);
}

/** `{ exports }`, as modules know themselves. */
function moduleObject(cx: Lowering, exports: NodeId, at: number): NodeId {
  const { fn } = cx;
  return fn.emit2(Op.Store, cx.intern(EXPORTS), fn.emit0(Op.ObjectLiteral, 0, at, at), exports, at, at);
}

/** What a function is given for a name. */
function given(cx: Lowering, name: string, exports: NodeId, module: NodeId, start: number, end: number): NodeId {
  const { fn } = cx;
  switch (name) {
    case EXPORTS:
      return exports;
    case 'module':
      return module;
    case 'require':
    case '':
      return fn.constant('undefined', start, start);
    default: {
      const variable = cx.definitions?.get(name);
      if (variable !== undefined) return fn.load(cx.read(variable, start, end), cx.intern(EXPORTS), start, end);
      // `text!./page.html` is what a plug-in of the loader makes of a file.
      if (name.includes('!')) return fn.constant('undefined', start, start);
      const node = fn.emit0(Op.Import, cx.addImport(name, 'require', false, start, end), start, end);
      fn.pinned.push(node);
      return node;
    }
  }
}
