/** Which inputs a function returns as they are: builders, accessors, and functions that call each other. */
import { describe, expect, it } from 'vitest';
import { ALIASES_ROOT } from '../../../server/src/taint/questions';
import { RootKind, kindOf, parameterIndex } from '../../../server/src/taint/references';
import { SolvedProject } from './solvedProject';

const SINK = "const run = require('child_process').exec;\n";

/** What the function with this key returns, as texts: input and path. Asks a project that is solved for the first time. */
function aliases(text: string, key: string): string[] {
  const project = new SolvedProject({ 'index.js': text });
  const id = project.solve().function('index.js', key);
  project.solving.solver.demand(id, ALIASES_ROOT);
  project.solving.solver.solve([], []);
  const { inRoot, inPath } = project.solving.solver.answer(id, ALIASES_ROOT);
  return Array.from(inRoot, (root, i) => {
    const input = kindOf(root) === RootKind.Parameter ? String(parameterIndex(root)) : 'captured';
    return [input, ...project.solving.paths.components(inPath[i])].join('.');
  }).sort();
}

/** Lines of the sinks that are told. */
function sinks(text: string): number[] {
  const findings = new SolvedProject({ 'index.js': SINK + text }).solve().findings();
  return findings.map((finding) => Number(/:(\d+)$/.exec(finding)?.[1] ?? 0));
}

describe('what a function returns', () => {
  it.each([
    ['its receiver', 'class B { set(x) { this.x = x; return this; } }\nexports.B = B;', 'set', ['-1']],
    [
      'a parameter, on one of its ways',
      'function pick(a, b) { return a ? a : b.c; }\nexports.f = pick;',
      'pick',
      ['0', '1.c'],
    ],
    ['a field of a parameter', 'function inner(o) { return o.a.b; }\nexports.f = inner;', 'inner', ['0.a.b']],
    ['an element', 'function nth(list, i) { return list[i]; }\nexports.f = nth;', 'nth', ['0.[]']],
    [
      'what it put into an object',
      'function wrap(x) { const o = {}\nexports.f = wrap; o.x = x; return o.x; };',
      'wrap',
      ['0'],
    ],
    [
      'a captured variable',
      'let kept = {};\nfunction held() { return kept; }\nexports.f = held;',
      'held',
      ['captured'],
    ],
    ['something new', 'function fresh(x) { return { x }\nexports.f = fresh; };', 'fresh', []],
    ['a text made of it', 'function text(x) { return `${x}`; }\nexports.f = text;', 'text', []],
  ])('as it is: %s', (_, text, key, expected) => {
    expect(aliases(text, key)).toEqual(expected);
  });

  it('is what those return that it calls', () => {
    const text = 'function same(x) { return x; }\nfunction outer(o) { return same(o.field); }\nexports.f = outer;';
    expect(aliases(text, 'outer')).toEqual(['0.field']);
  });

  it('is found where functions call each other', () => {
    const text =
      'function a(x, n) { return n > 0 ? b(x, n - 1) : x; }\nfunction b(x, n) { return n > 0 ? a(x, n - 1) : x.deep; }\nexports.a = a;';
    expect(aliases(text, 'a')).toEqual(expect.arrayContaining(['0', '0.deep']));
    expect(aliases(text, 'b')).toEqual(expect.arrayContaining(['0', '0.deep']));
  });

  it('ends where a function returns ever deeper fields of its own result', () => {
    const text = 'function down(x) { return x.end ? x : down(x.next); }\nexports.f = down;';
    const found = aliases(text, 'down');
    expect(found).toEqual(expect.arrayContaining(['0', '0.next']));
    expect(found.length).toBeLessThan(20);
  });
});

describe('a write to what a call returned', () => {
  it('is a write to the object that a builder was called on', () => {
    const builder = 'class B { set(x) { return this; } show() { run(this.text); } }\n';
    const use =
      "require('express')().get('/', (req) => { const b = new B(); const c = b.set(1); c.text = req.query.x; b.show(); });";
    expect(sinks(builder + use)).toEqual([2]);
    expect(sinks(builder.replace('return this', 'return {}') + use)).toEqual([]);
  });

  it('is a write to the field that an accessor hands out', () => {
    const accessor = 'function options(o) { return o.options; }\n';
    const use =
      "require('express')().get('/', (req) => { const o = { options: {} }; options(o).shell = req.query.x; run(o.options.shell); });";
    expect(sinks(accessor + use)).toEqual([3]);
    expect(sinks(accessor.replace('return o.options', 'return { ...o.options }') + use)).toEqual([]);
  });
});
