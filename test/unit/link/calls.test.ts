/** Call targets across files: what each call may run. */
import { describe, expect, it } from 'vitest';
import { Project } from './project';

function calls(
  files: Readonly<Record<string, string>>,
  name: string,
  known: readonly string[] = [],
): Record<string, string> {
  return new Project(files, { known }).calls(name);
}

/** Only the file and last word of the key, so that tests do not repeat how keys are made. */
function targetsOf(result: Readonly<Record<string, string>>, callee: string): string[] {
  expect(Object.keys(result)).toContain(callee);
  return result[callee].split(' | ').map((target) => {
    const [, file, key, convention] = /^(.*?):(.*?)( \(\w+\))?$/.exec(target) ?? ['', target, '', ''];
    return `${file}:${/[^ ./]*$/.exec(key)?.[0] ?? ''}${convention ?? ''}`;
  });
}

describe('imports', () => {
  it('follows named, default and namespace imports', () => {
    const files = {
      'a.js': `import def, { named as other } from './b.js'; import * as ns from './b.js'; def(1); other(2); ns.third(3); ns.default(4);`,
      'b.js': `export default function main(x) { return x } export function named(y) {} export const third = (z) => z;`,
    };
    const result = calls(files, 'a.js');
    expect(targetsOf(result, 'def')).toEqual(['b.js:main']);
    expect(targetsOf(result, 'other')).toEqual(['b.js:named']);
    expect(targetsOf(result, 'ns.third')).toEqual(['b.js:third']);
    expect(targetsOf(result, 'ns.default')).toEqual(['b.js:main']);
  });

  it('follows CommonJS in its shapes', () => {
    const files = {
      'a.js': `const b = require('./b'); const { run } = require('./c'); const d = require('./d'); b.one(1); run(2); d(3); d.helper(4); require('./b').two(5); const e = require('./e'); e.x();`,
      'b.js': `exports.one = function (x) {}; module.exports.two = (x) => x;`,
      'c.js': `function run(a) {} module.exports = { run, other: 1 };`,
      'd.js': `module.exports = main; function main(x) {} main.helper = function (y) {};`,
      'e.js': `module.exports = exports = { x() {} };`,
    };
    const result = calls(files, 'a.js');
    expect(targetsOf(result, 'b.one')).toEqual(['b.js:one']);
    expect(targetsOf(result, "require('./b').two")).toEqual(['b.js:two']);
    expect(targetsOf(result, 'run')).toEqual(['c.js:run']);
    expect(targetsOf(result, 'd')).toEqual(['d.js:main']);
    expect(targetsOf(result, 'd.helper')).toEqual(['d.js:helper']);
    expect(targetsOf(result, 'e.x')).toEqual(['e.js:x']);
  });

  it('follows re-exports and barrels', () => {
    const files = {
      'a.ts': `import { f, g, all } from './barrel'; f(1); g(2); all.h(3);`,
      'barrel.ts': `export { f } from './f'; export * from './g'; export * as all from './h';`,
      'f.ts': `export const f = (x: string) => x;`,
      'g.ts': `export function g(x: string) { return x }`,
      'h.ts': `export function h() {}`,
    };
    const result = calls(files, 'a.ts');
    expect(targetsOf(result, 'f')).toEqual(['f.ts:f']);
    expect(targetsOf(result, 'g')).toEqual(['g.ts:g']);
    expect(targetsOf(result, 'all.h')).toEqual(['h.ts:h']);
  });

  it('lets modules of both kinds import each other', () => {
    const files = {
      'a.mjs': `import plain from './b.cjs'; import { named } from './b.cjs'; plain.named(1); named(2);`,
      'b.cjs': `module.exports = { named(x) {} };`,
      'c.cjs': `const m = require('./d.mjs'); m.default(1); m.other(2);`,
      'd.mjs': `export default function main() {} export function other() {}`,
    };
    const project = new Project(files);
    expect(targetsOf(project.calls('a.mjs'), 'plain.named')).toEqual(['b.cjs:named']);
    expect(targetsOf(project.calls('a.mjs'), 'named')).toEqual(['b.cjs:named']);
    expect(targetsOf(project.calls('c.cjs'), 'm.default')).toEqual(['d.mjs:main']);
    expect(targetsOf(project.calls('c.cjs'), 'm.other')).toEqual(['d.mjs:other']);
  });

  it('survives circles of imports', () => {
    const files = {
      'a.js': `import { b } from './b.js'; export { c } from './b.js'; export function a() { b() }`,
      'b.js': `import { a, c } from './a.js'; export function b() { a(); c() } export { c } from './c.js';`,
      'c.js': `export * from './a.js'; export function c() {}`,
    };
    const project = new Project(files);
    expect(targetsOf(project.calls('b.js'), 'a')).toEqual(['a.js:a']);
    expect(targetsOf(project.calls('b.js'), 'c')).toEqual(['c.js:c']);
  });
});

describe('classes', () => {
  it('constructs, inherits and overrides across files', () => {
    const files = {
      'base.js': `export class Base { constructor(x) { this.x = x } run() { this.step(1); this.hook(2) } step(x) {} hook() {} static make() { return new this() } }`,
      'sub.js': `import { Base } from './base.js'; export class Sub extends Base { constructor() { super(1) } hook() { super.hook(); super.step(2) } }`,
      'main.js': `import { Sub } from './sub.js'; const s = new Sub(); s.run(1); s.hook(2); Sub.make(3);`,
    };
    const project = new Project(files);
    const main = project.calls('main.js');
    expect(targetsOf(main, 'Sub')).toEqual(['sub.js:constructor (construct)']);
    expect(targetsOf(main, 's.run')).toEqual(['base.js:run']);
    expect(targetsOf(main, 's.hook')).toEqual(['sub.js:hook']);
    expect(targetsOf(main, 'Sub.make')).toHaveLength(1);
    const sub = project.calls('sub.js');
    expect(targetsOf(sub, 'super')).toEqual(['base.js:constructor']);
    expect(targetsOf(sub, 'super.hook')).toEqual(['base.js:hook']);
    expect(targetsOf(sub, 'super.step')).toEqual(['base.js:step']);
    // Whoever extends the class is called through `this`, too.
    expect(targetsOf(project.calls('base.js'), 'this.hook').sort()).toEqual(['base.js:hook', 'sub.js:hook']);
    expect(targetsOf(project.calls('base.js'), 'this.step')).toEqual(['base.js:step']);
  });

  it('follows prototypes by hand', () => {
    const files = {
      'cart.js': `function Cart(x) { this.log = function (y) {} } Cart.prototype.add = function (z) { this.log(z); this.total() }; Cart.prototype.total = function () {}; Cart.make = function () { return new Cart() }; module.exports = Cart;`,
      'big.js': `var util = require('util'); var Cart = require('./cart'); function Big() { Cart.call(this) } util.inherits(Big, Cart); Big.prototype.extra = function () { this.add(1) }; module.exports = Big;`,
      'main.js': `const Big = require('./big'); const Cart = require('./cart'); const b = new Big(); b.add(1); b.extra(2); Cart.make().total();`,
    };
    const project = new Project(files, { effects: { 'util.inherits': { inherits: { sub: 0, base: 1 } } } });
    expect(targetsOf(project.calls('cart.js'), 'this.log')).toHaveLength(1);
    expect(targetsOf(project.calls('cart.js'), 'this.total')).toEqual(['cart.js:total']);
    expect(targetsOf(project.calls('main.js'), 'b.add')).toEqual(['cart.js:add']);
    expect(targetsOf(project.calls('main.js'), 'b.extra')).toEqual(['big.js:extra']);
    expect(targetsOf(project.calls('main.js'), 'Cart.make().total')).toEqual(['cart.js:total']);
    expect(targetsOf(project.calls('big.js'), 'this.add')).toEqual(['cart.js:add']);
    expect(targetsOf(project.calls('big.js'), 'Cart.call')).toEqual(['cart.js:Cart (call)']);
  });

  it('follows whole prototypes, Object.create and methods added from another file', () => {
    const files = {
      'a.js': `function A() {} A.prototype = { one() {}, two() { this.one() } }; function B() {} B.prototype = Object.create(A.prototype); B.prototype.three = function () { this.one() }; module.exports = { A, B };`,
      'mix.js': `const { A } = require('./a'); A.prototype.added = function () {}; Object.assign(A.prototype, { mixed() {} });`,
      'main.js': `const { A, B } = require('./a'); new B().one(); new B().three(); new A().added(); new B().mixed();`,
    };
    const project = new Project(files);
    const main = project.calls('main.js');
    expect(targetsOf(main, 'new B().one')).toEqual(['a.js:one']);
    expect(targetsOf(main, 'new B().three')).toEqual(['a.js:three']);
    expect(targetsOf(main, 'new A().added')).toEqual(['mix.js:added']);
    expect(targetsOf(main, 'new B().mixed')).toEqual(['mix.js:mixed']);
  });

  it('runs accessors', () => {
    const files = {
      'a.js': `export class Box { get value() { return this.make } set value(v) {} get make() { return () => 1 } }`,
      'b.js': `import { Box } from './a.js'; const box = new Box(); send(box.value); box.value = 3; function send(v) {}`,
    };
    const result = calls(files, 'b.js');
    expect(result['box.value']).toMatch(/a\.js.*value.*accessor/);
    expect(Object.values(result).filter((targets) => targets.includes('accessor'))).toHaveLength(2);
  });

  it('takes declared types for values nobody gives', () => {
    const files = {
      'repo.ts': `export class Repo { find(id: string) {} }`,
      'service.ts': `import { Repo } from './repo'; import type { Repo as R } from './repo'; export class Service { constructor(private repo: Repo) {} get(id: string) { this.repo.find(id) } } export function use(r: R) { r.find('x') }`,
    };
    const result = calls(files, 'service.ts');
    expect(targetsOf(result, 'this.repo.find')).toEqual(['repo.ts:find']);
    expect(targetsOf(result, 'r.find')).toEqual(['repo.ts:find']);
  });
});

describe('values', () => {
  it('follows tables of handlers, computed names and arrays', () => {
    const files = {
      'a.js': `const handlers = { get: (x) => x, put(x) {} }; export function dispatch(name, x) { handlers[name](x) } const list = [one, two]; function one() {} function two() {} for (const f of list) f(1); list.forEach((f) => f(2)); handlers['get'](3);`,
    };
    const result = calls(files, 'a.js');
    expect(targetsOf(result, 'handlers[name]')).toHaveLength(2);
    expect(targetsOf(result, 'f').sort()).toEqual(['a.js:one', 'a.js:two']);
    expect(targetsOf(result, "handlers['get']")).toHaveLength(1);
  });

  it('follows factories, with parameters taken from the call', () => {
    const files = {
      'make.js': `export function id(x) { return x } export function wrap(fn) { return { run: fn, name: 'x' } } export const later = (fn) => () => fn(1); export async function soon() { return { go() {} } }`,
      'main.js': `import { id, wrap, later, soon } from './make.js'; function f() {} function g() {} id(f)(1); wrap(g).run(2); wrap(f).run(3); later(f)(4); async function m() { (await soon()).go(5) }`,
    };
    const project = new Project(files);
    const main = project.calls('main.js');
    expect(targetsOf(main, 'id(f)')).toEqual(['main.js:f']);
    expect(targetsOf(main, 'wrap(g).run')).toEqual(['main.js:g']);
    expect(targetsOf(main, 'wrap(f).run')).toEqual(['main.js:f']);
    expect(targetsOf(main, 'later(f)')[0]).toMatch(/^make\.js/);
    expect(targetsOf(main, '(await soon()).go')).toEqual(['make.js:go']);
    // `fn` is captured by a function that outlives the call: all that is ever passed.
    expect(targetsOf(project.calls('make.js'), 'fn')).toEqual(['main.js:f']);
  });

  it('follows call, apply and bind', () => {
    const files = {
      'a.js': `function f(a, b) {} f.call(null, 1); f.apply(null, [1]); const g = f.bind(null, 1); g(2);`,
    };
    const result = calls(files, 'a.js');
    expect(targetsOf(result, 'f.call')).toEqual(['a.js:f (call)']);
    expect(targetsOf(result, 'f.apply')).toEqual(['a.js:f (apply)']);
    expect(targetsOf(result, 'g')).toEqual(['a.js:f (bound)']);
  });

  it('follows variables written later, module state and defaults', () => {
    const files = {
      'a.js': `let impl; export function init() { impl = real } function real(x) {} export function use(x) { impl(x); const f = x || fallback; f(x) } function fallback() {}`,
    };
    const result = calls(files, 'a.js');
    expect(targetsOf(result, 'impl')).toEqual(['a.js:real']);
    expect(targetsOf(result, 'f')).toEqual(['a.js:fallback']);
  });

  it('follows objects given to functions, fields and copies', () => {
    const files = {
      'service.js': `class Service { constructor(options) { this.options = options; this.cb = options.done } go(x) { this.cb(x); this.options.log(x) } } module.exports = { Service };`,
      'main.js': `const { Service } = require('./service'); const base = { log(x) {} }; new Service({ ...base, done(y) {} }).go(1); const merged = Object.assign({}, base); merged.log(2);`,
    };
    const project = new Project(files);
    expect(targetsOf(project.calls('service.js'), 'this.cb')).toEqual(['main.js:done']);
    expect(targetsOf(project.calls('service.js'), 'this.options.log')).toEqual(['main.js:log']);
    expect(targetsOf(project.calls('main.js'), 'merged.log')).toEqual(['main.js:log']);
  });

  it('follows copies of which only what is called tells', () => {
    const files = {
      'main.js': `import lib from 'lib'; import { setUp } from './setUp.js'; setUp(lib, { assign() {} });`,
      'setUp.js': `class Tip {} export function setUp(lib, other) { lib.assign(Tip.prototype, { show(x) {} }); other.assign(Tip.prototype, { hide(x) {} }); const made = lib.assign({ base(x) {} }, { more(x) {} }); made.base(1); made.more(2); } new Tip().show(1); new Tip().hide(2);`,
    };
    const result = calls(files, 'setUp.js', ['lib.assign']);
    expect(targetsOf(result, 'new Tip().show')).toEqual(['setUp.js:show']);
    expect(result).not.toHaveProperty('new Tip().hide');
    expect(targetsOf(result, 'made.base')).toEqual(['setUp.js:base']);
    expect(targetsOf(result, 'made.more')).toEqual(['setUp.js:more']);
  });

  it('leaves functions that come in as parameters to the solver, but not methods', () => {
    const files = {
      'a.js': `import { Repo } from './repo.js'; function each(fn, repo) { fn(1); repo.find(2) } each((x) => x, new Repo()); each((y) => y, new Repo());`,
      'repo.js': `export class Repo { find() {} }`,
    };
    const result = calls(files, 'a.js');
    expect(result).not.toHaveProperty('fn');
    expect(targetsOf(result, 'repo.find')).toEqual(['repo.js:find']);
  });

  it('reads what compilers make of modules', () => {
    const files = {
      'b.js': `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.run = void 0; function run(x) {} exports.run = run; exports.default = run;`,
      'index.js': `var b_1 = require("./b"); Object.defineProperty(exports, "run", { enumerable: true, get: function () { return b_1.run; } });`,
      'main.js': `var __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod : { "default": mod }; }; const index_1 = require("./index"); const b_1 = __importDefault(require("./b")); (0, index_1.run)(1); b_1.default(2); b_1.default.run;`,
    };
    const result = calls(files, 'main.js');
    expect(targetsOf(result, 'b_1.default')).toContain('b.js:run');
    expect(Object.values(result).filter((targets) => targets.includes('b.js')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('libraries', () => {
  const known = [
    'express.Router().get(cb)(0)',
    'express().get(cb)(0)',
    'express().get(cb)(1).send',
    'express().use',
    'child_process.exec',
    'global:fetch()',
    'bus.on(arg).data(0)',
  ];

  it('gives API states to callees, and to parameters of callbacks across files', () => {
    const files = {
      'app.js': `const express = require('express'); const { handler } = require('./handler'); const app = express(); app.get('/', handler); app.get('/x', [handler]);`,
      'handler.js': `const { reply } = require('./reply'); exports.handler = function (req, res) { reply(res, req) };`,
      'reply.js': `exports.reply = function (response, what) { response.send(what) };`,
    };
    const project = new Project(files, { known });
    expect(project.calls('app.js')['app.get']).toBe('api express().get');
    expect(project.apis('handler.js')).toMatchObject({ req: 'express().get(cb)(0)', res: 'express().get(cb)(1)' });
    expect(project.apis('reply.js')).toMatchObject({ response: 'express().get(cb)(1)', what: 'express().get(cb)(0)' });
    expect(project.calls('reply.js')).toMatchObject({ 'response.send': 'api express().get(cb)(1).send' });
  });

  it('passes API values to functions that set things up', () => {
    const files = {
      'main.js': `import express from 'express'; import { setup } from './setup.js'; const app = express(); setup({ app });`,
      'setup.js': `import { routes } from './routes.js'; export function setup({ app }) { routes(app) }`,
      'routes.js': `export function routes(app) { app.get('/', (req, res) => { res.send(req) }) }`,
    };
    const project = new Project(files, { known });
    expect(project.calls('routes.js')).toMatchObject({
      'app.get': 'api express().get',
      'res.send': 'api express().get(cb)(1).send',
    });
  });

  it('sees through wrappers of handlers', () => {
    const files = {
      'wrap.js': `module.exports = (fn) => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);`,
      'app.js': `const app = require('express')(); const wrap = require('./wrap'); app.get('/', wrap(async (req, res) => { res.send(req) }));`,
    };
    const project = new Project(files, { known });
    expect(project.calls('app.js')).toMatchObject({ 'res.send': 'api express().get(cb)(1).send' });
  });

  it('re-exports API values, and gives objects of callbacks their parameters', () => {
    const files = {
      'cp.js': `exports.run = require('child_process').exec; exports.bus = require('bus');`,
      'main.js': `const { run, bus } = require('./cp'); run('ls'); later(run); bus.on({ data(x) { use(x) } }); require('child_process').frobnicate(1); require('left-pad')(2); function use(y) { return y } function later(f) { f('ls') }`,
    };
    const project = new Project(files, { known });
    const result = project.calls('main.js');
    expect(result).toMatchObject({
      run: 'api child_process.exec',
      "require('child_process').frobnicate": 'unmodelled child_process.frobnicate',
      "require('left-pad')": 'unmodelled left-pad',
    });
    expect(project.apis('main.js')).toMatchObject({
      run: 'child_process.exec',
      x: 'bus.on(arg).data(0)',
      y: 'bus.on(arg).data(0)',
    });
  });

  it('drops parameters that too many different values reach', () => {
    const classes = Array.from(
      { length: 12 },
      (_, i) => `class C${String(i)} { m() {} } take(new C${String(i)}());`,
    ).join('\n');
    const result = calls({ 'a.js': `function take(x) { x.m() } ${classes}` }, 'a.js');
    expect(result).not.toHaveProperty('x.m');
  });
});

describe('answers for the solver', () => {
  it('finds functions in what is given', () => {
    const project = new Project({
      'a.js': `import { helper } from './b.js'; function run(o) { o.cb(1) } run({ cb: helper, nested: { deep() {} } }); run(helper);`,
      'b.js': `export function helper() {}`,
    });
    const id = project.functionsOf('a.js')[0];
    const { fn, text } = project.graphOf(id);
    const argument = (call: string): number => {
      for (let n = 0; n < fn.op.length; n++) {
        if (text.slice(fn.start[n], fn.end[n]) === call && fn.operandStart[n + 1] - fn.operandStart[n] === 3)
          return fn.operands[fn.operandStart[n] + 2];
      }
      throw new Error(`no call ${call}`);
    };
    const names = (node: number, path: readonly string[]): string[] =>
      project.linker.functionsAt(id, node, path).map((target) => project.functionName(target.function));
    const object = argument('run({ cb: helper, nested: { deep() {} } })');
    expect(names(object, ['cb'])).toEqual([expect.stringMatching(/^b\.js.*helper/)]);
    expect(names(object, ['nested', 'deep'])).toEqual([expect.stringMatching(/^a\.js.*deep/)]);
    expect(names(object, ['none'])).toEqual([]);
    expect(names(argument('run(helper)'), [])).toEqual([expect.stringMatching(/^b\.js.*helper/)]);
  });

  it('names classes that share fields by their topmost base', () => {
    const project = new Project({
      'base.js': `export class Base { one() {} }`,
      'sub.js': `import { Base } from './base.js'; export class Sub extends Base { two() {} static three() {} } export const o = { four() {} }; export function five() {}`,
    });
    const classes = new Map(
      [...project.functionsOf('base.js'), ...project.functionsOf('sub.js')].map((id) => [
        project.functionName(id),
        project.linker.receiverClassOf(id),
      ]),
    );
    const of = (name: string): string | undefined => [...classes].find(([key]) => key.includes(name))?.[1];
    expect(of('one')).toBeDefined();
    expect(of('two')).toBe(of('one'));
    expect(of('three')).not.toBe(of('one'));
    expect(of('four')).not.toBe(of('one'));
    expect(of('five')).toBeUndefined();
  });
});

describe('exported functions', () => {
  it('are those reachable from the entry of the package, and marked apart those of other files', () => {
    const project = new Project({
      'package.json': '{"main": "lib/main.js"}',
      'lib/main.js': `const { inner } = require('./inner'); class C { m() {} } function hidden() {} module.exports = { go() { hidden() }, C, make: () => () => inner() }; module.exports.late = inner;`,
      'lib/inner.js': `exports.inner = function inner() {}; exports.more = function more() {}; function own() {}`,
    });
    const kinds = Object.fromEntries(
      [...project.functionsOf('lib/main.js'), ...project.functionsOf('lib/inner.js')].map((id) => [
        /[^ ./:]*$/.exec(project.functionName(id))?.[0] ?? '',
        project.linker.exportKindOf(id),
      ]),
    );
    expect(kinds).toMatchObject({ go: 'entry', m: 'entry', inner: 'entry', more: 'file' });
    expect(kinds['hidden']).toBeUndefined();
    expect(kinds['own']).toBeUndefined();
  });

  it('are what is put on a property of a package that nobody knows', () => {
    const project = new Project(
      {
        'main.js': `module.exports = (function ($) { $.checker = class {}; $.assign($.checker, { isName(x) {} }); $.assign($, { known(x) {} }); return $; })(require('lib'));`,
      },
      { known: ['lib.assign', 'lib.known'] },
    );
    const exported = project.exported('main.js').join(' ');
    expect(exported).toContain('isName');
    expect(exported).not.toContain('known');
  });

  it('are only those of the entries when the package says so', () => {
    const project = new Project({
      'package.json': '{"exports": "./main.js"}',
      'main.js': `export function a() {}`,
      'other.js': `export function b() {}`,
    });
    expect(project.exported('main.js')).toHaveLength(1);
    expect(project.exported('other.js')).toEqual([]);
  });
});

describe('getters', () => {
  it('are looked for once in each superclass, also where classes seem to inherit from one another in circles', () => {
    const textWith = (body: string): string => {
      const classes = (name: string): string =>
        `function ${name}() { A = class extends B { ${body} }; B = class extends C {}; C = class extends A {}; }`;
      return `let A, B, C; ${classes('one')} ${classes('two')} ${classes('three')} const a = new A(); globalThis.console.log(a.own);`;
    };
    expect(calls({ 'a.js': textWith('get own() { return 1 }') }, 'a.js')['a.own']?.split(' | ')).toHaveLength(3);
    expect(calls({ 'a.js': textWith('') }, 'a.js')['a.own']).toBeUndefined();
  });
});
