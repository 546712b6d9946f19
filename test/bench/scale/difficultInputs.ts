/** Programs that are out of proportion in one way each, with one flow from a request to a command. */

export interface DifficultInput {
  readonly name: string;
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
  /** What is told to be cut short: files with a limit, and the number of functions (whose flows are not all found then). */
  readonly cut?: { readonly files?: readonly string[]; readonly functions?: number };
}

const HEAD = "const { exec } = require('child_process');\nconst app = require('express')();\n";
const route = (value: string): string => `app.get('/', (req) => exec(${value}));\n`;
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

export const DIFFICULT_INPUTS: readonly DifficultInput[] = [
  {
    name: 'a source file of 2 MB',
    files: {
      'a.js':
        HEAD +
        lines(16_000, (i) => {
          const name = `step${String(i)}`;
          return `function ${name}(request, options) {\n  if (options.${name}) return request.body.${name};\n  return { ${name}: options.other, at: ${String(i)} };\n}`;
        }) +
        `\n${route('step7(req, { step7: true })')}`,
    },
  },
  {
    name: 'a generated file of 50,000 lines',
    files: {
      'a.js': `${HEAD}const table = {};\n${lines(50_000, (i) => `table.k${String(i)} = ${String(i)};`)}\n${route('req.query.a + table.k7')}`,
    },
  },
  {
    name: '10,000 functions, in chains of 25 calls',
    files: {
      'a.js':
        HEAD +
        lines(10_000, (i) => `function f${String(i)}(a) { return ${i % 25 === 24 ? 'a' : `f${String(i + 1)}(a)`}; }`) +
        `\n${route('f9975(req.query.a)')}`,
    },
  },
  {
    name: '200 files that import each other in a circle',
    files: Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `m${String(i)}.js`,
        `const next = require('./m${String((i + 1) % 200)}');\n` +
          `exports.pass = (a, left) => left === 0 ? a : next.pass(a, left - 1);\n` +
          (i === 0 ? HEAD + route('next.pass(req.query.a, 3)') : ''),
      ]),
    ),
  },
  {
    name: '2,000 functions that call each other in circles',
    files: {
      'a.js':
        HEAD +
        lines(2_000, (i) => {
          const [next, far] = [(i + 1) % 2_000, (i * 7 + 3) % 2_000];
          return `function f${String(i)}(a, n) { return n ? f${String(next)}(a, n - 1) : f${String(far)}(a, 1) || a; }`;
        }) +
        `\n${route('f5(req.query.a, 9)')}`,
    },
  },
  {
    name: 'an array literal of 10,000 elements',
    cut: { functions: 1 },
    files: {
      'a.js': `${HEAD}app.get('/', (req) => {\n  const all = [\n${lines(10_000, (i) => (i === 5_000 ? 'req.query.a,' : `{ id: ${String(i)}, name: 'n${String(i)}' },`))}\n  ];\n  exec(all[5000]);\n});\n`,
    },
  },
  {
    name: 'nesting 5,000 deep',
    cut: { files: ['arrays.js', 'blocks.js', 'calls.js', 'functions.js'] },
    files: {
      'a.js': HEAD + route('req.query.a'),
      'arrays.js': `module.exports = ${'[\n'.repeat(5_000)}1\n${']\n'.repeat(5_000)};\n`,
      'blocks.js': `function f(a) {\n${'if (a) {\n'.repeat(5_000)}a = 1;\n${'}\n'.repeat(5_000)}}\n`,
      'calls.js': `const g = (a) => a;\nmodule.exports = ${'g(\n'.repeat(5_000)}1\n${')\n'.repeat(5_000)};\n`,
      'functions.js': `${'(function () {\n'.repeat(5_000)}${'})();\n'.repeat(5_000)}`,
    },
  },
];
