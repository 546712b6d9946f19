/**
 * A small text of all the language, which a worker extracts a few times before it extracts files. V8 compiles what is
 * run often for what it has seen by then, and throws the code away when something else comes: the scanner alone, one
 * huge function, would be compiled some twenty times during a first index, whenever an operator or a kind of literal
 * comes up that was not there before. After a rehearsal it has seen them all.
 */
import type { Dialect } from '../model/graph';
import type { ExtractFile } from './extractFile';

/** V8 starts to note what a function sees once that was run a few times. */
const TIMES = 2;

/** Nothing remains of it but code that is prepared. Done in steps, so that files need not wait for it. */
export class Rehearsal {
  private next = 0;

  constructor(private readonly extractFile: ExtractFile) {}

  get isDone(): boolean {
    return this.next >= REHEARSED.length * TIMES;
  }

  step(): void {
    const { dialect, text } = REHEARSED[this.next++ % REHEARSED.length];
    this.extractFile({ id: 0, path: '', dialect, text, size: text.length });
  }

  finish(): void {
    while (!this.isDone) this.step();
  }
}

const SCRIPT = String.raw`#!/usr/bin/env node
'use strict';
/* Of every kind something. */
/** @param {string} name */
var util = require('util'), fs = require("fs"), { join, sep: separator = '/', ...others } = require('path');
const load = require('./load').load(__dirname + '/x');
let count = 0, rate = .5, mask = 0xFF | 0b1010 | 0o17 & 0x1f ^ 3, big = 10n, wide = 1_000.25e-3, exact = 1e3, old = 7., long = 9007199254740993;
label: for (var i = 0, n = 10; i < n; i++) {
  if (i === 2) continue; else if (i == 3 || i != 4 && i !== 5) break label; else { count += i; }
  for (const key in others) { if (!others.hasOwnProperty(key)) continue label; others[key] = others[key] || i; }
  do { count -= 1; if (count > 3) break; } while (count >= 0 && count <= 100);
}
while (count-- > 0) { rate *= 2; rate /= 3; rate %= 5; rate **= 2; mask <<= 1; mask >>= 1; mask >>>= 1; mask &= 3; mask |= 4; mask ^= 5; }
function Shape(name, options) {
  if (!(this instanceof Shape)) return new Shape(name, options);
  this.name = name; this['kind'] = typeof options === 'object' ? options.kind : void 0;
  this.items = [1, , 'two', ...arguments]; delete this.items[0];
  var self = this, total = 0; this.sum = function sum(a, b) { total += a * b; self.last = total; return self; };
  return this;
}
Shape.prototype.area = function () { return this.width * this.height % 7 << 2 >> 1 >>> 0 | ~mask; };
Shape.prototype = { constructor: Shape, get size() { return this._size; }, set size(v) { this._size = v; }, 'quoted-key': 1, [count + 'x']: 2, 3: 3, count, run(a) { return a; }, async *flow() { yield* this.items; yield 1; }, ...others };
util.inherits(Shape, Object);
exports.Shape = Shape; module.exports.make = function (name) { return new Shape(name, {}); };
exports.later = exports.soon = void 0;
Object.defineProperty(exports, "__esModule", { value: true, enumerable: false, get: function () { return load; } });
(function (root, factory) { if (typeof define === 'function' && define.amd) define(['a'], factory); else root.made = factory(); })(this, function () { return { a: null, b: undefined, c: true, d: false, e: NaN }; });
switch (count) { case 1: case 2: rate++; break; case 'x': { let inner = rate--; ++inner; --inner; } default: throw new Error("failed \n \t \\ \' \u0041 \x41 \u{1F600} " + count); }
try { fs.readFileSync(join(process.argv[2], '..'), 'utf8').replace(/[a-z\/]+(?:\d{2,3}|\s*)$/gi, '$1'); } catch (error) { console.error(error && error.message ? error.message : error); } finally { count = -count; count = +count; }
try { JSON.parse('{}'); } catch { count = 0; }
const pick = (a, { b, c: { d = 1 } = {} } = {}, [e, , f = 2, ...g] = [], ...rest) => a ?? b?.c?.[d]?.(e) ?? (f, g, rest);
const twice = async x => { for await (const y of x) await y; return (await pick(x))(1); }, none = () => {}, wrap = () => ({ a: 1 });
count ||= 1; count &&= 2; count ??= 3;
[count, rate] = [rate, count]; ({ a: count, b: [rate], ...others } = wrap());
if ('a' in others && typeof count !== 'undefined' && !Array.isArray(count)) { debugger; }
else if (count) ; else { with (others) { count = 1 } }
class Base extends (Shape || Object) {
  #secret = 1; static shared = new Map(); static { Base.shared.set('a', 1); }
  field; static async make(...args) { return new this(...args); }
  constructor(a, b = 1) { super(a, b); super.area(); this.#secret = a; this.bound = this.method.bind(this); }
  get secret() { return this.#secret; } set secret(v) { if (#secret in this) this.#secret = v; }
  method(req, res, next) { const { id, name: alias } = req.query; res.status(200).send(alias + id).end(); return new.target === undefined ? next() : next(new Error('x')); }
  *each() { for (const item of this.items) yield item; } async 'other'() { await null; }
}
var \u0061bc = 1, $dollar = 2, _under = 3, Ünïcode = 'ä€😀', 变量 = "中文";
promise.then(function (result) { return result.data; }, error => { throw error; }).catch(console.error).finally(() => count);
app.get('/users/:id', function handler(req, res) { if (!req.body || req.body.id === null) return res.send(404); var q = "SELECT " + req.params.id; db.query(q, (err, rows) => { if (err) { return next(err); } res.json(rows.map(r => r.id).filter(Boolean)); }); });
$.each(list, function (index, value) { if (index > 0 ? value < 3 : value >= 4) return false; });
setTimeout(function () { clearTimeout(this); }, 10); var t = a ? b ? c : d : e, u = (a, b), v = !a, w = -a, z = a < b == c > d;
var element = document.getElementById("id"), html = '<div class="' + t + '">' + u + '</div>'; element.innerHTML = html;
exports["default"] = void 0; module.exports["named"] = t; var Symbol_ = { [Symbol.iterator]: function* () { yield 1; }, async a() {}, get ["b"]() { return 1; }, "c": () => 1, d: class {}, "e f"() {} };
if (typeof require === "function" && require.main === module) { process.exit(isNaN(+t) ? 1 : 0); } var named = function* gen() {}, asyncNamed = async function later() {}, both = async function* all() {}, anonymous = class Named {};
function guarded(v, w, list) { if (v === "a" || v === 'b') return "x"; if (!v || v.kind !== w) return; if (v.isOk && list.includes(v.name) && /^a$/.test(v.name)) w = v.name; else if (typeof v.name !== 'string') throw v; if (list.indexOf(w) === -1 || w instanceof Shape === true) { w = v; } else { w = list[0][w]; } while (v && v.next) { v = v.next; if (v.done) break; } var ok = typeof w === "string"; if (ok) list[w] = v; return ok ? v : w; }
(0, fs.readFile)(a, function (e) { if (e) throw e; }); (a.b || c).d(e)(f)[g].h = i; a.b.c["d"] = e; a[b][c] = d; a[0] = b; a.b += c; a[b] -= c; x = y = z; this.x = this.y; a["b-c"](); new a.B(c); new (d())(e); new F;
var r = 1 .toString() + 1..x + "ab" + 0.1e+5 + /[/\]]\//.source + (a /b/ c); let s = a <b, g = a<<1, m = a >= b, k = a >>= 1, l = a >>>= 2, j = a?.5:1; if (a) { } else if (b) { c } else { d }
for (const [k, v] of Object.entries(o)) { o[k] = v; o.list.push(v); } for (let j of a) { if (j) continue; try { j(); } catch ({ message }) { break; } finally { } } for (var [p1] in o) { } for (o.x of a) { } for (i = 0; ; ) { if (i++) break; }
async function loop() { do { await 1; } while (await ready()); return Promise.all([1, 2].map(async function (x) { return await x; })); } function outerFn() { var shared = 1; function inner() { shared = shared + 1; return () => shared; } return inner; function unused() {} }
if (a) b; for (;;) { break; } for (x of y) z; for (var k in o) if (o[k] === void 0) delete o[k]; else continue;
`;

const TEMPLATES =
  'const text = `plain`, filled = `a ${count} b ${`in ${rate}`} c\\n`, tagged = sql`select ${text} from ${filled}`;\n';

const MODULE = String.raw`import fs, { readFile as read, default as other } from 'fs'; import * as path from "path"; import './side';
export const a = 1, b = function () {}, c = () => import('./lazy'); export let d; export { a as e, b as default2 }; export * from './all'; export * as ns from './ns'; export { x, y as z } from './xy';
export default class extends path.Base { static x = 1; m() { return super.m(); } } export function f() { return import.meta.url; } export async function g() { await f(); } export class H {}
`;

const JSX = `const view = <Box title="x" {...rest} on={() => go(1)}>text &amp; {value} <b.c/> <>{...list}</></Box>;\n`;

const TYPED = String.raw`import type { A } from './a'; import B, { type C } from './b'; import old = require('old'); export = old; declare module 'm' { export const x: number; } declare global { interface Window { y: string } }
export type Union<T extends object = {}> = { readonly [K in keyof T]?: T[K] } | 'a' | 1 | null | (A & C)[] | [a: string, b?: number] | (() => void) | typeof B | B extends infer U ? U : never;
export interface Service<T> extends A, C { name: string; call?(x: T): Promise<T>; [key: string]: unknown; new (x: number): T; readonly z: symbol }
export enum Color { Red, Green = 'g', Blue = 1 << 2 } const enum Small { A } namespace Space { export const inner = 1; } abstract class Shape<T> implements Service<T> { abstract area(): number; }
@Injectable({ scope: 1 }) export class Controller<T> extends Shape<T> { private readonly cache: Map<string, T[]> = new Map<string, T[]>(); constructor(private db: Database, @Inject() public x?: number) { super(); }
  @Get('/a') async find(@Query('q') q: string, ...rest: any[]): Promise<void> { const v = q as unknown as T; const w = <string>q!; let u = v satisfies T; return this.db!.run(w, u)?.x; }
  get v(): number { return 1; } set v(x: number) { this.x = x; } static s?: string; declare k: number; over(a: string): void; over(a: any) { } protected override p = 1; }
function assert(x: unknown): asserts x is string { if (typeof x !== 'string') throw 0; } function is<T, U>(this: Window, x: any): x is T { return x as const; } let t: [number, ...string[]] = [1]; abstract class Z { } type F = import('./f').F;
`;

const script = SCRIPT + TEMPLATES;

/** Text with other than Latin letters is stored otherwise, which code is compiled for as well. */
export const REHEARSED: readonly { readonly dialect: Dialect; readonly text: string }[] = [
  { dialect: 'js', text: script.replace(/[^\0-\x7f]+/g, 'e') },
  { dialect: 'js', text: script },
  { dialect: 'js', text: script.replaceAll('\n', '\r\n').replaceAll('  ', '\t') },
  { dialect: 'mjs', text: MODULE },
  { dialect: 'jsx', text: MODULE + JSX },
  { dialect: 'ts', text: TYPED },
  { dialect: 'tsx', text: JSX },
  { dialect: 'dts', text: 'export declare function f(a: string): void; declare const x: { y: number };\n' },
];
