/** Skeletons: their codec, and which edits others can see. */
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../server/src/base/bytes';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { buildSkeleton } from '../../../server/src/extract/flow/skeleton';
import { flatten } from '../../../server/src/model/flatGraph';
import { decodeImports, decodeSkeleton, encodeSkeleton, importsOf } from '../../../server/src/model/skeleton';
import type { Skeleton } from '../../../server/src/model/skeleton';

const SAMPLE = `
  import fs, { readFile as rf } from 'fs';
  import * as path from 'path';
  export * from './other.js';
  export default class Store extends Base {
    #cache = {};
    static shared = new Map();
    constructor(root) { super(); this.root = root; }
    get size() { return 1 }
    async load(name, ...rest) { const data = await rf(path.join(this.root, name)); return parse(data, ...rest); }
  }
  let later;
  export function setup(f = () => 1) { later = f; return { run: f, [later]: 1, ...f }; }
  export const call = (x) => { for (const k of x) later(k); while (x) { x = x.next } return x.map((y) => y.z).filter(Boolean) };
  Object.defineProperty(call, 'tag', { value: setup });
`;

function skeletonOf(text: string): Skeleton {
  return buildSkeleton(flatten(extractJavaScript(text, 'js')));
}

describe('the skeleton codec', () => {
  it('gives back what it was given', () => {
    for (const text of [SAMPLE, '', 'module.exports = { a: require("./b") };']) {
      const skeleton = skeletonOf(text);
      expect(decodeSkeleton(encodeSkeleton(skeleton))).toEqual(skeleton);
    }
  });

  it('gives what a file imports without the rest', () => {
    for (const text of [SAMPLE, '', 'module.exports = { a: require("./b"), c: require("é") };']) {
      const data = encodeSkeleton(skeletonOf(text));
      expect(decodeImports(data)).toEqual(importsOf(decodeSkeleton(data)));
      expect(() => decodeImports(data.subarray(0, data.length - 1))).toThrow(CodecError);
    }
  });

  it('is small', () => {
    const skeleton = skeletonOf(SAMPLE);
    expect(encodeSkeleton(skeleton).length).toBeLessThan(SAMPLE.length * 1.5);
  });

  it('refuses damaged data', () => {
    const data = encodeSkeleton(skeletonOf(SAMPLE));
    expect(() => decodeSkeleton(data.subarray(0, data.length >> 1))).toThrow(CodecError);
    expect(() => decodeSkeleton(Uint8Array.of(99, ...data.subarray(1)))).toThrow(/version/);
  });
});

describe('the interface hash', () => {
  const base = `import { q } from './db.js'; function own(x) { return q(x) } export function get(id) { const s = 'a' + id; log(s); return own(s) } function log(m) { q(m) }`;
  const hash = (text: string): string => skeletonOf(text).interfaceHash;
  const withReturns = (text: string): string => {
    const { interfaceHash, returns } = skeletonOf(text);
    return [interfaceHash, ...returns].join(' ');
  };

  it('stays for edits that nobody sees', () => {
    for (const edited of [
      `\n\n// a comment\n${base}`,
      base.replace("'a' + id", "'b' + id + 1"),
      base.replace('log(s);', 'log(s); log(id); q(s, { deep: 1 });'),
      base.replace('q(m)', 'q(m); [1].map((x) => q(x))'),
      `${base} console.log('there is', get); Object.assign({}, require('./more.js'));`,
    ]) {
      expect(hash(edited)).toBe(hash(base));
    }
  });

  it('changes with what is exported, returned, inherited or written', () => {
    for (const edited of [
      base.replace('function get', 'function find'),
      base.replace('return own(s)', 'return log'),
      base.replace("'./db.js'", "'./other.js'"),
      `${base} export class A {}`,
      `${base} get.helper = own;`,
      base.replace('get(id)', 'get(id, more)'),
      `${base} Object.assign(get, require('./more.js'));`,
      `${base} Object.defineProperty(get, 'more', { value: log });`,
    ]) {
      expect(withReturns(edited)).not.toBe(withReturns(base));
    }
  });

  it('leaves out what functions return that return something simple, which is told by groups', () => {
    // What stands in a property `get` may be a getter.
    const plain = base.replace('function get', 'function find');
    const other = skeletonOf(plain.replace('return own(s)', 'return own(id)'));
    const { interfaceHash, returns } = skeletonOf(plain);
    expect(other.interfaceHash).toBe(interfaceHash);
    expect(other.returns.filter((content, group) => content !== returns[group])).toHaveLength(1);
    const getter = (value: string): string =>
      skeletonOf(`Object.defineProperty(exports, 'x', { get: function () { return ${value}; } });`).interfaceHash;
    expect(getter('require("a").x')).not.toBe(getter('require("a").y'));
    const shared = (value: string): string =>
      skeletonOf(`let last; exports.take = () => last; exports.set = (x) => { last = ${value}; };`).interfaceHash;
    expect(shared('x.a')).not.toBe(shared('x.b'));
  });

  it('tells apart what others see only as arguments', () => {
    const one = skeletonOf(`export function f() {} g({ a: f, b: () => f }); function g(x) {}`);
    const two = skeletonOf(`export function f() {} g({ a: f, c: () => f }); function g(x) {}`);
    expect(one.interfaceHash).toBe(two.interfaceHash);
    expect(one.argumentHash).not.toBe(two.argumentHash);
  });
});
