/**
 * Modules that a bundler put into one file: functions in a table, which a few lines of it run and look up by number or path. As those lines
 * hand every module the same things, nothing could be told of one module by itself. So a table that is recognised by the form of these lines is
 * lowered as what it means: each module has an object of its own, its function is called with that where the table stands, and what modules get by the loader
 * is read from these objects.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isIdentifier,
  isNumericLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
} from '../../parse/javascript/syntax';
import { Op, type NodeId } from '../../model/graph';
import { lowerFunction } from './functions';
import type { Lowering, Variable } from './lowering';
import { constantKey, propertyNameText, textOf, withoutWrappers } from './names';
import { CAPTURED, DECLARED, READ } from './scopes';

/** Modules that the code being lowered can get. */
export interface Bundle {
  /** What the function is called, as the tree spells it, by which modules are got. */
  readonly loader: string;
  /** The function that declares that name. */
  readonly owner: number;
  readonly modules: ReadonlyMap<string, Variable>;
  /** Where a module has names of its own for others: their keys. Other names are those of real modules. */
  readonly names: ReadonlyMap<string, string> | undefined;
}

type ModuleFunction = ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;

interface BundledModule {
  readonly key: string;
  readonly node: ModuleFunction;
  readonly names: ReadonlyMap<string, string> | undefined;
}

/** Which parameter of a module's function is what. */
interface Layout {
  readonly loader: number;
  readonly module: number;
  readonly exports: number;
}

const LOADER_LAST: Layout = { module: 0, exports: 1, loader: 2 };
const LOADER_FIRST: Layout = { loader: 0, module: 1, exports: 2 };

/** Longer functions are no loaders. */
const MAX_LOADER = 20_000;
const MAX_MODULES = 2_000;
/** `modules[id].call(module.exports, module, module.exports, load)`, and without `call`. */
const RUNS = /\](?:\.call\(\s*\w+\.exports\s*,|\()\s*(\w+)\s*,\s*\1\.exports\s*,\s*(\w+)\s*\)/;
const ALL_RUNS = new RegExp(RUNS, 'g');
/** Characters of the expression by which a module is looked up there, and of the name in front of it. */
const MAX_LOOK_UP = 200;
/** `return load(3)`, `load(load.s = 3)` */
const ENTRY = /\b(?:return\s+\w+\(|\w+\([\s(]*\w+\.s\s*=)[\s(]*(?:"([^"]*)"|'([^']*)'|(\d+))\s*\)/;
/** What a loader makes of a module for those who want its default export, called. */
const DEFAULT_GETTER = /___default$/;
const DEFAULT_HELPER = 'n';

/** The entry's exports for `(function (modules) { … })([function (module, exports, load) {}])`, and `(…)({ 1: [function (require, module, exports) {}, {}] }, {}, [1])`; undefined for other calls. */
export function lowerBundle(cx: Lowering, node: ts.CallExpression, callee: NodeId, start: number): NodeId | undefined {
  const args = node.arguments;
  switch (args.length) {
    case 1:
      return loaderCall(cx, node, withoutWrappers(args[0]), start) ?? entryOf(node, callee);
    case 3:
      return packedTable(cx, node, start);
    default:
      return undefined;
  }
}

/** The exports of the module that is got where the loader is called with a constant, and what loaders make of modules; undefined for other calls. */
export function lowerLoaded(cx: Lowering, node: ts.CallExpression, callee: NodeId, start: number): NodeId | undefined {
  const { bundle, fn } = cx;
  if (bundle === undefined) return undefined;
  const { expression, arguments: args } = node;
  if (args.length === 0)
    return isIdentifier(expression) && DEFAULT_GETTER.test(textOf(expression))
      ? fn.load(callee, cx.intern('a'), start, node.end)
      : undefined;
  if (isLoader(cx, bundle, expression)) {
    const key = constantKey(withoutWrappers(args[0]));
    return key === undefined ? undefined : loaded(cx, bundle, key, start, node.end);
  }
  if (
    args.length !== 1 ||
    !isPropertyAccessExpression(expression) ||
    textOf(expression.name) !== DEFAULT_HELPER ||
    !isLoader(cx, bundle, expression.expression)
  )
    return undefined;
  // Called, and by its `a`, it gives the default export, or the whole of a module that has none.
  const module = cx.expression(args[0]);
  const value = fn.phi2(fn.load(module, cx.intern('default'), start, node.end), module, node.end);
  return fn.emit2(Op.Store, cx.intern('a'), fn.emit0(Op.ObjectLiteral, 0, start, node.end), value, start, node.end);
}

function isLoader(cx: Lowering, { loader, owner }: Bundle, callee: ts.Expression): boolean {
  return isIdentifier(callee) && callee.escapedText === loader && cx.lookupAt(callee)?.owner === owner;
}

function loaded(cx: Lowering, bundle: Bundle, key: string, start: number, end: number): NodeId | undefined {
  const { fn } = cx;
  const named = bundle.names === undefined ? key : bundle.names.get(key);
  const variable = named === undefined ? undefined : bundle.modules.get(named);
  if (variable !== undefined) return fn.load(cx.read(variable, start, end), cx.intern('exports'), start, end);
  if (bundle.names === undefined) return undefined;
  const module = fn.emit0(Op.Import, cx.addImport(key, 'require', false, start, end), start, end);
  fn.pinned.push(module);
  return module;
}

/** `(function (modules) { … })(table)` */
function loaderCall(
  cx: Lowering,
  { expression, end }: ts.CallExpression,
  table: ts.Expression,
  start: number,
): NodeId | undefined {
  const loader = withoutWrappers(expression);
  if (loader.kind !== Kind.FunctionExpression && loader.kind !== Kind.ArrowFunction) return undefined;
  if ((loader as ts.FunctionExpression).parameters.length !== 1 || loader.end - loader.pos > MAX_LOADER)
    return undefined;
  const modules = modulesIn(table);
  if (modules === undefined) return undefined;
  const text = cx.text.slice(loader.pos, loader.end);
  if (!RUNS.test(text)) return undefined;
  const entry = ENTRY.exec(text);
  const key = entry === null ? undefined : (entry[1] ?? entry[2] ?? entry[3]);
  // Whose entry nobody knows has no exports that could be told.
  if (key === undefined || !modules.some((module) => module.key === key)) return undefined;
  return exportsOf(cx, lowerModules(cx, modules, LOADER_LAST), key, start, end);
}

/**
 * `var modules = { 3: function (module, exports, load) {} }`, in a scope with a function that runs the modules of that variable. From here on the
 * function's calls are known. True when the variable holds nothing more.
 */
export function lowerModuleTable(cx: Lowering, name: ts.BindingName, initializer: ts.Expression): boolean {
  const table = withoutWrappers(initializer);
  if (table.kind !== Kind.ObjectLiteralExpression || !isIdentifier(name)) return false;
  const modules = modulesIn(table);
  if (modules === undefined) return false;
  const loader = (cx.moduleRunners ??= moduleRunnersIn(cx.text)).get(textOf(name));
  if (loader === undefined) return false;
  // The tree has another underscore in front of names that begin with two.
  const escaped = loader.startsWith('__') ? `_${loader}` : loader;
  if (cx.lookup(escaped)?.owner !== cx.fn.index) return false;
  cx.bundle = { ...lowerModules(cx, modules, LOADER_LAST), loader: escaped, owner: cx.fn.index };
  return true;
}

/** By the names of tables whose modules are run somewhere in a text, what modules are got by there. Looked for once a file: minified code calls hundreds of tables alike. */
function moduleRunnersIn(text: string): ReadonlyMap<string, string> {
  const runners = new Map<string, string>();
  for (const { index, 2: loader } of text.matchAll(ALL_RUNS)) {
    const before = text.slice(Math.max(0, index - MAX_LOOK_UP), index);
    const table = /[\w$]+$/.exec(before.slice(0, Math.max(0, before.lastIndexOf('['))))?.[0];
    if (table !== undefined && !runners.has(table)) runners.set(table, loader);
  }
  return runners;
}

/** `(…)({ 1: [function (require, module, exports) {}, { './a': 2 }] }, {}, [1])` */
function packedTable(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const modules = packedModules(node);
  if (modules === undefined) return undefined;
  const last = (node.arguments[2] as ts.ArrayLiteralExpression).elements.at(-1);
  const key = last === undefined ? undefined : constantKey(last);
  if (key === undefined || !modules.some((module) => module.key === key)) return undefined;
  return exportsOf(cx, lowerModules(cx, modules, LOADER_FIRST), key, start, node.end);
}

/** `(…)(table, {}, [1])(1)`: what the table gives is taken to be the entry that is asked for. */
function entryOf({ expression, arguments: args }: ts.CallExpression, callee: NodeId): NodeId | undefined {
  const inner = withoutWrappers(expression);
  if (!isNumericLiteral(args[0]) || inner.kind !== Kind.CallExpression) return undefined;
  return packedModules(inner as ts.CallExpression) === undefined ? undefined : callee;
}

function packedModules({ arguments: args }: ts.CallExpression): readonly BundledModule[] | undefined {
  if (args.length !== 3 || args[0].kind !== Kind.ObjectLiteralExpression) return undefined;
  if (args[1].kind !== Kind.ObjectLiteralExpression || args[2].kind !== Kind.ArrayLiteralExpression) return undefined;
  const modules: BundledModule[] = [];
  for (const property of (args[0] as ts.ObjectLiteralExpression).properties) {
    if (!isPropertyAssignment(property) || property.initializer.kind !== Kind.ArrayLiteralExpression) return undefined;
    const key = propertyNameText(property.name);
    const [code, names] = (property.initializer as ts.ArrayLiteralExpression).elements;
    const node = moduleFunction(code);
    if (key === undefined || node === undefined || names?.kind !== Kind.ObjectLiteralExpression) return undefined;
    const known = new Map<string, string>();
    for (const named of (names as ts.ObjectLiteralExpression).properties) {
      const name = named.name === undefined ? undefined : propertyNameText(named.name);
      const value = isPropertyAssignment(named) ? constantKey(named.initializer) : undefined;
      if (name !== undefined && value !== undefined) known.set(name, value);
    }
    modules.push({ key, node, names: known });
  }
  return modules.length === 0 || modules.length > MAX_MODULES ? undefined : modules;
}

/** The modules of a table that holds nothing but functions with at most three parameters. */
function modulesIn(table: ts.Expression): readonly BundledModule[] | undefined {
  const modules: BundledModule[] = [];
  if (table.kind === Kind.ArrayLiteralExpression) {
    for (const [i, element] of (table as ts.ArrayLiteralExpression).elements.entries()) {
      if (element.kind === Kind.OmittedExpression) continue;
      const node = moduleFunction(element);
      if (node === undefined) return undefined;
      modules.push({ key: String(i), node, names: undefined });
    }
  } else if (table.kind === Kind.ObjectLiteralExpression) {
    for (const property of (table as ts.ObjectLiteralExpression).properties) {
      const key = property.name === undefined ? undefined : propertyNameText(property.name);
      const node =
        property.kind === Kind.MethodDeclaration
          ? property
          : isPropertyAssignment(property)
            ? moduleFunction(property.initializer)
            : undefined;
      if (key === undefined || node === undefined || node.parameters.length > 3) return undefined;
      modules.push({ key, node, names: undefined });
    }
  }
  return modules.length === 0 || modules.length > MAX_MODULES ? undefined : modules;
}

function moduleFunction(value: ts.Expression | undefined): ModuleFunction | undefined {
  const node = value === undefined ? undefined : withoutWrappers(value);
  if (node?.kind !== Kind.FunctionExpression && node?.kind !== Kind.ArrowFunction) return undefined;
  return node as ts.FunctionExpression | ts.ArrowFunction;
}

/** Makes the modules' objects, and calls their functions with them. */
function lowerModules(cx: Lowering, modules: readonly BundledModule[], layout: Layout): Bundle {
  const { fn } = cx;
  const variables = new Map<string, Variable>();
  const objects: (readonly [module: NodeId, exports: NodeId])[] = [];
  for (const { key, node } of modules) {
    const start = cx.start(node.pos);
    const variable = cx.declare(`%module ${key}`, DECLARED | READ | CAPTURED, start);
    const module = fn.emit0(Op.ObjectLiteral, 0, start, start);
    // An object that holds nothing is not handed on by linking.
    const empty = fn.emit0(Op.ObjectLiteral, 0, start, start);
    const exports = fn.emit2(Op.Store, cx.intern('%module'), empty, module, start, start);
    const filled = fn.emit2(Op.Store, cx.intern('exports'), module, exports, start, start);
    cx.assign(variable, filled, start, start);
    variables.set(key, variable);
    objects.push([filled, exports]);
  }
  for (const [i, { key, node, names }] of modules.entries()) {
    const [module, exports] = objects[i];
    const start = cx.start(node.pos);
    const loader = node.parameters.at(layout.loader)?.name;
    cx.bundleNext = {
      loader: loader !== undefined && isIdentifier(loader) ? (loader.escapedText as string) : '',
      modules: variables,
      names,
    };
    const closure = lowerFunction(cx, node, { name: '', key: `module ${key}`, start, end: start });
    const given: NodeId[] = [];
    given[layout.module] = module;
    given[layout.exports] = exports;
    if (layout.loader < 2) given[layout.loader] = fn.constant('undefined', start, start);
    const base = fn.stack.length;
    fn.stack.push(fn.load(closure, cx.intern('call'), start, start));
    fn.stack.push(closure);
    // Code that puts its exports on `this` does so in modules, too.
    fn.stack.push(exports);
    for (const value of given) fn.stack.push(value);
    fn.emitFrom(base, Op.Call, 0, start, node.end);
  }
  return { loader: '', owner: fn.index, modules: variables, names: undefined };
}

function exportsOf(cx: Lowering, { modules }: Bundle, key: string, start: number, end: number): NodeId | undefined {
  const variable = modules.get(key);
  return variable === undefined
    ? undefined
    : cx.fn.load(cx.read(variable, start, end), cx.intern('exports'), start, end);
}
