/**
 * Recursion in which limits are hit: there, more to tell may lead to less, and still answers are those of a clean run, whatever was edited before. Most is tried
 * with budgets that are hit all the time.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_BUDGETS, type Budgets } from '../../../server/src/taint/environment';
import { SolvedProject } from './solvedProject';

const lines = (...text: string[]): string => text.join('\n');
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const RUNS = Number(process.env['TRIBUTARY_SEQUENCES'] ?? 60);
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 1);

const SMALL: Budgets = {
  factsPerFunction: 60,
  originsPerFunction: 9,
  entriesPerFunction: 6,
  stepsPerFunction: 120,
  pathsPerFlow: 2,
};

/** So many functions with sources that recursion is left aside at first. */
const PADDING = many(70, (n) => `exports.pad${String(n)} = function () { return process.argv.P${String(n)}; };`).join(
  '\n',
);

describe('a function that goes along a list', () => {
  const walk = (other: string): string =>
    lines(
      'function walk(p, n) {',
      '  if (n > 9) throw new Error(p);',
      `  ${other}(p.next, n + 1);`,
      '}',
      'function turn(p, n) { walk(p, n); }',
      "exports.go = () => { try { walk(process.argv.X, 0); } catch (error) { require('child_process').exec(error.message); } };",
    );

  it('has an answer that settles, alone and together with others', () => {
    const project = new SolvedProject({ 'index.js': walk('walk') }, ['local']).solve();
    const alone = project.answers();
    expect(alone.filter((line) => line.includes('recursion'))).toEqual([]);
    project.set({ 'index.js': walk('turn') });
    project.solve();
    expect(project.answers()).toEqual(project.clean().answers());
    project.set({ 'index.js': walk('walk') });
    project.solve();
    expect(project.answers()).toEqual(alone);
    expect(project.findings()).toHaveLength(1);
  });
});

describe('a function that was part of recursion in which a limit was hit', () => {
  const clean = lines(
    "const { extra } = require('./extra');",
    'exports.clean = (p, q) => {',
    "  require('fs').readFileSync('/data/' + p, 'utf8');",
    '  p.forEach?.((each) => exports.clean(each, 1));',
    '  extra(p, q);',
    '};',
  );
  const index = lines(
    "const { clean } = require('./clean');",
    'const keep = (p) => { const { name, ...rest } = p; clean(rest, name); };',
    'exports.keep = keep;',
    "require('express')().get('/0', (req) => { keep(req.body); });",
  );
  const apart = 'exports.extra = (p, q) => { if (q > 3) return; };';
  const together = "const { keep } = require('./index'); exports.extra = (p, q) => { if (q > 3) keep(p, q); };";

  it('says the same by itself as if it had never been', () => {
    const project = new SolvedProject({ 'clean.js': clean, 'index.js': index, 'extra.js': apart }).solve();
    const alone = project.answers();
    project.set({ 'extra.js': together });
    project.solve();
    expect(project.answers()).toEqual(project.clean().answers());
    project.set({ 'extra.js': apart });
    project.solve();
    expect(project.answers()).toEqual(alone);
  });

  it('does so when that which closed the circle is gone', () => {
    const project = new SolvedProject({ 'clean.js': clean, 'index.js': index, 'extra.js': together }).solve();
    project.set({ 'extra.js': undefined });
    project.solve();
    expect(project.answers()).toEqual(project.clean().answers());
  });
});

describe('with small budgets', () => {
  const usual = { ...DEFAULT_BUDGETS };
  beforeAll(() => void Object.assign(DEFAULT_BUDGETS, SMALL));
  afterAll(() => void Object.assign(DEFAULT_BUDGETS, usual));

  const STATEMENTS: readonly ((f: string, g: string) => string)[] = [
    (f) => `if (n > 1) x = ${f}(y, x, n - 1);`,
    (f) => `${f}(x.next, y, n - 1);`,
    (f) => `x = ${f}({ a: x, b: y, c: x.d, d: y.a }, x.b, n);`,
    (f, g) => `return ${f}(${g}(y.a, x, n), x, n);`,
    (f) => `if (${f}(x, y, n)) return x;`,
    () => 'y.a = x; y.b = x.b; y.c = x.c.d;',
    () => 'kept = x;',
    () => 'kept.a = y.b;',
    () => 'x = { a: kept, b: x };',
    () => 'throw { message: x, cause: y };',
    (f) => `try { ${f}(x, y, n); } catch (error) { x = error.cause; y = error; }`,
    () => "require('child_process').exec(x.a);",
    () => "require('child_process').exec(y);",
    () => 'x = process.argv.X;',
    () => 'y = { a: process.argv[2], b: process.argv, c: { d: process.argv.Y } };',
    () => 'if (!/^[a-z]+$/.test(x)) return false;',
    (f) => `y.then((one) => ${f}(one, x, n));`,
    (f, g) => `${f}(${g}, y, n); x(y, ${g}, n);`,
    () => 'return x;',
    () => 'return { a: x, b: { c: y }, d: n, e: x.a, f: y.b };',
  ];
  const statement = fc.record({ kind: fc.nat(STATEMENTS.length - 1), f: fc.nat(7), g: fc.nat(7) });
  const body = fc.array(statement, { minLength: 1, maxLength: 4 });
  type Body = typeof body extends fc.Arbitrary<infer T> ? T : never;
  const textOf = (n: number, size: number, statements: Body): string => {
    const name = (of: number): string => `f${String(of % size)}`;
    return lines(
      ...many(size, (other) => `const { f${String(other)} } = require('./f${String(other)}');`).filter(
        (_, other) => other !== n,
      ),
      'let kept;',
      `function f${String(n)}(x, y, n) {`,
      ...statements.map(({ kind, f, g }) => `  ${STATEMENTS[kind](name(f), name(g))}`),
      '}',
      `exports.f${String(n)} = f${String(n)};`,
      `exports.go = () => f${String(n)}(process.argv.Z, process.argv, 9);`,
    );
  };

  it('any edits of functions in a circle lead where a clean run leads', { timeout: 0 }, () => {
    let cut = 0;
    let edited = 0;
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 3, maxLength: 8 }),
        fc.array(fc.record({ n: fc.nat(7), body, patience: fc.nat(12) }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (bodies, edits, isPadded) => {
          const size = bodies.length;
          const file = (n: number, text: Body): Record<string, string> => ({
            [`f${String(n)}.js`]: textOf(n, size, text),
          });
          const project = new SolvedProject(
            {
              ...Object.fromEntries(bodies.flatMap((text, n) => Object.entries(file(n, text)))),
              ...(isPadded ? { 'pad.js': PADDING } : {}),
            },
            ['local'],
          ).solve();
          for (const { n, body: text, patience } of edits) {
            project.set(file(n % size, text));
            if (patience % 3 === 0) project.solveUpTo(patience);
            project.solve();
            const clean = project.clean();
            expect(project.findings()).toEqual(clean.findings());
            const answers = project.answers();
            expect(answers).toEqual(clean.answers());
            edited++;
            if (answers.some((line) => /too many|left out|recursion/.test(line))) cut++;
          }
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: process.env['TRIBUTARY_SHRINK'] !== '1' },
    );
    expect(cut / edited).toBeGreaterThan(0.3);
  });
});
