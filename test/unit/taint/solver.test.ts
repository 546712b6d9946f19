/** Who is asked, and that answers stay in line with what changes: after any edits, findings are those of a clean run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SolvedProject } from './solvedProject';

const lines = (...text: string[]): string => text.join('\n');
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** So many functions with sources that recursion is left aside at first. */
const padding = (variable: string): string =>
  many(70, (n) => `exports.pad${String(n)} = function () { return process.argv.${variable}${String(n)}; };`).join('\n');

describe('a function', () => {
  const files = {
    'index.js': lines(
      "const { exec } = require('child_process');",
      'function quiet(x) { return exec(x); }',
      'function told(x) { return helper(x); }',
      'function helper(x) { exec(x); }',
      "exports.start = () => { quiet('fixed'); require('express')().get('/', (req) => told(req.query.x)); };",
      'exports.offered = function offered(text) { exec(text); };',
    ),
  };

  it('that nothing untrusted is passed to is never asked', () => {
    const project = new SolvedProject(files).solve();
    const { solver } = project.solving;
    expect(project.findings()).toHaveLength(1);
    const isAsked = (key: string): boolean => solver.isAsked(project.function('index.js', key));
    expect({ quiet: isAsked('quiet'), told: isAsked('told'), helper: isAsked('helper') }).toEqual({
      quiet: false,
      told: true,
      helper: true,
    });
    expect(isAsked('offered')).toBe(false);
    expect(solver.functions()).not.toContain(project.function('index.js', 'quiet'));
    expect(solver.flowsOf(project.function('index.js', 'quiet'))).toEqual([]);
  });

  it('is asked when an edit passes something to it, and has nothing to tell when another one stops that', () => {
    const project = new SolvedProject(files).solve();
    const text = files['index.js'].replace("quiet('fixed'); ", '');
    project.set({ 'index.js': text.replace('told(req.query.x)', 'quiet(req.query.x)') });
    project.solve();
    expect(project.solving.solver.isAsked(project.function('index.js', 'quiet'))).toBe(true);
    expect(project.findings()).toEqual([expect.stringContaining('> index.js:2')]);
    project.set({ 'index.js': text });
    project.solve();
    expect(project.findings()).toEqual([expect.stringContaining('> index.js:4')]);
  });

  it('that is exported is asked about its parameters when the threat model is library, and told only then', () => {
    const project = new SolvedProject(files).solve();
    const remote = project.findings();
    const offered = project.function('index.js', 'offered');
    expect(project.solving.solver.isAsked(offered)).toBe(false);
    project.threats = ['library'];
    const library = project.solve().findings();
    expect(project.solving.solver.isAsked(offered)).toBe(true);
    expect(library).toEqual([expect.stringMatching(/parameter `text` of exported .* > index\.js:6$/)]);
    expect(library).toEqual(project.cleanFindings());
    project.threats = ['remote'];
    expect(project.solve().findings()).toEqual(remote);
  });
});

describe('recursion', () => {
  const group = (source: string, call: string): string =>
    lines(
      "const { exec } = require('child_process');",
      `function even(n) { ${source}return n > 9 ? odd(n - 1) : 'y'; }`,
      `function odd(n) { return n > 1 ? ${call} : 'x'; }`,
      'exports.go = () => exec(odd(5));',
    );
  const SOURCE = 'if (n === 3) return process.argv.X; ';
  const withSource = group(SOURCE, 'even(n - 1)');

  it.each([
    ['of the same functions', withSource],
    ['that comes with the edit', group(SOURCE, "String('x')").replace('exec(odd(5))', 'exec(even(5))')],
  ])('%s keeps nothing of a source that is removed', (_, before) => {
    const project = new SolvedProject({ 'index.js': before }, ['local']).solve();
    expect(project.findings()).toHaveLength(1);
    project.set({ 'index.js': group('', 'even(n - 1)') });
    expect(project.solve().findings()).toEqual([]);
    project.set({ 'index.js': withSource });
    expect(project.solve().findings()).toEqual(project.cleanFindings());
    expect(project.findings()).toHaveLength(1);
  });

  it('keeps nothing of a source when much else changes at the same time', () => {
    const project = new SolvedProject({ 'index.js': withSource, 'pad.js': padding('Y') }, ['local']).solve();
    expect(project.findings()).toHaveLength(1);
    project.set({ 'index.js': group('', 'even(n - 1)'), 'pad.js': padding('Z') });
    expect(project.solve().findings()).toEqual([]);
  });

  it('keeps nothing of a source below it', () => {
    const below = (value: string): string => `exports.read = () => ${value};`;
    const text = lines("const { read } = require('./read');", group('if (n === 3) return read(); ', 'even(n - 1)'));
    const project = new SolvedProject(
      { 'index.js': text, 'read.js': below('process.argv.X'), 'pad.js': padding('Y') },
      ['local'],
    ).solve();
    expect(project.findings()).toHaveLength(1);
    project.set({ 'read.js': below("'fixed'"), 'pad.js': padding('Z') });
    expect(project.solve().findings()).toEqual([]);
  });
});

describe('a first index of many functions', () => {
  it('finds what comes by ways of any length', () => {
    const name = (n: number): string => `s${String(n).padStart(2, '0')}`;
    const chain = many(
      29,
      (n) =>
        [
          `${name(n + 1)}.js`,
          `const f = require('./${name(n)}');\nmodule.exports = function ${name(n + 1)}() { return f(); };`,
        ] as const,
    );
    const project = new SolvedProject(
      {
        'all.js': lines(
          "const { exec } = require('child_process');",
          ...many(30, (n) => `const ${name(n)} = require('./${name(n)}');`).reverse(),
          'exports.all = () => {',
          ...many(30, (n) => `  exec(${name(n)}());`).reverse(),
          '};',
        ),
        's00.js': 'module.exports = function s00() { return process.argv.X; };',
        ...Object.fromEntries(chain),
        'pad.js': padding('Y'),
      },
      ['local'],
    ).solve();
    expect(project.findings()).toHaveLength(30);
  });
});

describe('a captured variable', () => {
  const files = {
    'kept.js': lines('let kept;', 'exports.keep = (x) => { kept = x; };', 'exports.getKept = () => kept;'),
    'server.js': lines(
      "const { keep } = require('./kept');",
      "require('express')().get('/', (req) => { keep(req.query.x); });",
    ),
    'show.js': lines(
      "const { getKept } = require('./kept');",
      "exports.show = () => require('child_process').exec(getKept());",
    ),
  };

  it('that is written in one file and read through a function in another is followed as long as it is written', () => {
    const project = new SolvedProject(files).solve();
    expect(project.findings()).toEqual([expect.stringContaining('> show.js:2')]);
    project.set({ 'server.js': files['server.js'].replace('keep(req.query.x)', "keep('fixed')") });
    expect(project.solve().findings()).toEqual([]);
    project.set({ 'server.js': files['server.js'] });
    expect(project.solve().findings()).toHaveLength(1);
    project.set({ 'kept.js': files['kept.js'].replace('kept = x', 'kept = 1') });
    expect(project.solve().findings()).toEqual([]);
  });

  it('is found by a reader that comes later', () => {
    const project = new SolvedProject({ ...files, 'show.js': '' }).solve();
    expect(project.findings()).toEqual([]);
    project.set({ 'show.js': files['show.js'] });
    expect(project.solve().findings()).toHaveLength(1);
    project.set({ 'show.js': undefined });
    expect(project.solve().findings()).toEqual([]);
  });
});

describe('any edits of functions that call each other', () => {
  /** What a function does: returns a source, its parameter, what another one returns of it, or what was kept. */
  const body = fc.record({
    calls: fc.array(fc.nat(4), { maxLength: 2 }),
    hasSource: fc.boolean(),
    hasSink: fc.boolean(),
    keeps: fc.boolean(),
    reads: fc.boolean(),
  });
  type Body = typeof body extends fc.Arbitrary<infer T> ? T : never;
  const textOf = (n: number, { calls, hasSource, hasSink, keeps, reads }: Body): string =>
    lines(
      ...many(5, (other) => `const f${String(other)} = require('./f${String(other)}');`),
      'let kept;',
      'module.exports = (x, n) => {',
      hasSource ? '  if (n === 1) x = process.argv.X;' : '',
      keeps ? '  kept = x;' : '',
      ...calls.map(
        (other) => `  if (n > ${String(other)}) x = f${String(other)}${other === n ? '.again' : ''}(x, n - 1);`,
      ),
      reads ? '  if (n === 2) x = kept;' : '',
      hasSink ? "  require('child_process').exec(x);" : '',
      '  return x;',
      '};',
      'module.exports.again = module.exports;',
    );
  const edit = fc.record({ n: fc.nat(4), body });
  const nothing: Body = { calls: [], hasSource: false, hasSink: false, keeps: false, reads: false };

  it('lead there when a cycle is opened, and closed again, by updates that are cancelled', () => {
    const bodies: readonly Body[] = [
      { ...nothing, calls: [2] },
      nothing,
      { ...nothing, calls: [0], hasSource: true },
      { ...nothing, hasSink: true },
      nothing,
    ];
    const files = Object.fromEntries(bodies.map((each, n) => [`f${String(n)}.js`, textOf(n, each)]));
    // Wherever the first of two edits is cancelled.
    for (let patience = 0; patience < 12; patience++) {
      const project = new SolvedProject(files, ['local']).solve();
      project.set({ 'f2.js': textOf(2, { ...nothing, calls: [3] }) });
      project.solveUpTo(patience);
      project.set({ 'f2.js': textOf(2, { ...nothing, calls: [0], hasSource: true }) });
      expect(project.solve().findings()).toEqual([]);
    }
  });

  it('lead where a clean run leads, also when they are cancelled on the way', () => {
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 5, maxLength: 5 }),
        fc.array(fc.record({ edits: fc.array(edit, { minLength: 1, maxLength: 2 }), patience: fc.nat(8) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.boolean(),
        (bodies, steps, isPadded) => {
          const files = Object.fromEntries(bodies.map((each, n) => [`f${String(n)}.js`, textOf(n, each)]));
          const project = new SolvedProject({ ...files, ...(isPadded ? { 'pad.js': padding('Y') } : {}) }, ['local']);
          project.solve();
          expect(project.findings()).toEqual(project.cleanFindings());
          for (const { edits, patience } of steps) {
            for (const { n, body: each } of edits) {
              project.set({ [`f${String(n)}.js`]: textOf(n, each) });
              project.solveUpTo(patience);
            }
            project.solve();
            expect(project.findings()).toEqual(project.cleanFindings());
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
