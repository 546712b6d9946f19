import { describe, expect, it } from 'vitest';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import type { Dialect } from '../../../server/src/model/graph';
import { printed } from './printed';

const moduleOf = (code: string, dialect: Dialect = 'js'): string => printed(code, 'module', dialect);

describe('ESM', () => {
  it('imports in the function that uses a name', () => {
    const code =
      'import d, { a as b } from "m"; import * as ns from "n"; import "side"; export function f() { return [d, b(), ns.x]; }';
    expect(printed(code)).toMatchInlineSnapshot(`
      "function f()
        %0 = ArrayLiteral 3
        %1 = Import import "m"
        %2 = Load "default" %1
        %3 = Store "0" %0 %2
        %4 = Load "a" %1
        %5 = Call %4 -
        %6 = Store "1" %3 %5
        %7 = Import import "n"
        %8 = Load "x" %7
        %9 = Store "2" %6 %8
        %10 = Return %9
      "
    `);
    expect(moduleOf(code)).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Import import "side"
        %2 = Closure (function f)
        %3 = Store "f" %0 %2
        %4 = Return %3
      "
    `);
  });

  it('exports live bindings at the end', () => {
    expect(
      moduleOf(
        'export let a = 1; export default class K {} export const { b, c: [d] } = g(); a = 2; export { a as e };',
      ),
    ).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Class K
        %2 = Global g
        %3 = Call %2 -
        %4 = Load "b" %3
        %5 = Load "c" %3
        %6 = Load "0" %5
        %7 = Const 2
        %8 = Store "a" %0 %7
        %9 = Store "default" %8 %1
        %10 = Store "b" %9 %4
        %11 = Store "d" %10 %6
        %12 = Store "e" %11 %7
        %13 = Return %12
      "
    `);
  });

  it('re-exports', () => {
    expect(moduleOf('export * from "./a"; export * as n from "./b"; export { x as y, default } from "./c";'))
      .toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Import reexport "./a"
        %2 = Copy %0 %1
        %3 = Import reexport "./b"
        %4 = Store "n" %2 %3
        %5 = Import reexport "./c"
        %6 = Load "x" %5
        %7 = Store "y" %4 %6
        %8 = Load "default" %5
        %9 = Store "default" %7 %8
        %10 = Return %9
      "
    `);
  });

  it('exports anonymous defaults', () => {
    expect(moduleOf('export default () => 1;')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Closure (arrow default)
        %2 = Store "default" %0 %1
        %3 = Return %2
      "
    `);
    expect(moduleOf('export default function () {}')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Closure (function default)
        %2 = Store "default" %0 %1
        %3 = Return %2
      "
    `);
  });

  it('skips types', () => {
    const code = 'import type { T } from "t"; export type U = T; export interface I {} export type { T };';
    expect(moduleOf(code, 'ts')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Return %0
      "
    `);
    expect(extractJavaScript(code, 'ts').imports.map((i) => i.typeOnly)).toEqual([true]);
  });
});

describe('CommonJS', () => {
  it('reads require, also through a member and a pattern', () => {
    expect(
      moduleOf(
        'const cp = require("child_process"); const { join } = require("path"); g(cp, join, require("./x").y, module.require("z"), require("a" + "b"));',
      ),
    ).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Import require "child_process"
        %2 = Import require "path"
        %3 = Load "join" %2
        %4 = Global g
        %5 = Import require "./x"
        %6 = Load "y" %5
        %7 = Import require "z"
        %8 = Import require "ab"
        %9 = Call %4 - %1 %3 %6 %7 %8
        %10 = Return %0
      "
    `);
  });

  it('calls require with anything else, or when it is shadowed', () => {
    expect(moduleOf('require(name);')).toContain('Call');
    expect(printed('function f(require) { return require("x"); }')).not.toContain('Import');
  });

  it('writes exports in all their shapes', () => {
    expect(
      moduleOf(
        'module.exports = exports = { a: 1 }; exports.b = 2; module.exports.c = 3; this.d = 4; module["exports"].e = 5;',
      ),
    ).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Const 1
        %2 = Store "a" %0 %1
        %3 = Const 2
        %4 = Store "b" %2 %3
        %5 = Const 3
        %6 = Store "c" %4 %5
        %7 = Const 4
        %8 = Store "d" %6 %7
        %9 = Const 5
        %10 = Store "e" %8 %9
        %11 = Return %10
      "
    `);
  });

  it('shares the exports object with inner functions', () => {
    const code =
      'function f() { return exports.g(); } exports.g = function () {}; function h() { module.exports = f; }';
    expect(printed(code)).toMatchInlineSnapshot(`
      "function f()
        %0 = Captured %exports
        %1 = Load "g" %0
        %2 = Call %1 %0
        %3 = Return %2
      "
    `);
    expect(printed(code, 'function h')).toMatchInlineSnapshot(`
      "function h()
        %0 = Captured f
        %1 = CapturedWrite %exports %0
      "
    `);
    expect(moduleOf(code)).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = Cell %exports %1 %6
        %1 = ObjectLiteral
        %2 = Cell f %3
        %3 = Closure (function f)
        %4 = Closure (function h)
        %5 = Closure (function exports.g)
        %6 = Store "g" %0 %5
        %7 = Return %0
      "
    `);
  });

  it('imports dynamically', () => {
    expect(moduleOf('const m = await import("./m"); import(m.name);')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Import dynamic "./m"
        %2 = Await %1
        %3 = Global import
        %4 = Load "name" %2
        %5 = Call %3 - %4
        %6 = Return %0
      "
    `);
  });

  it('knows TypeScript’s own forms', () => {
    expect(moduleOf('import fs = require("fs"); import r = fs.promises; export = r;', 'ts')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = Import require "fs"
        %1 = Load "promises" %0
        %2 = Return %1
      "
    `);
  });
});
