import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { FunctionFlag, NONE, Op, type FileGraph } from '../../../server/src/model/graph';
import { functionOf } from './printed';

const snippet = `import fs, { join as j } from "fs";
/** A shop. */
export class Cart extends Base {
  #items = []; static count = 0;
  constructor(owner, { limit = 10, ...rest } = {}) { super(owner); this.limit = limit; }
  async add(item) { for await (const x of item.parts) { if (!x?.ok) continue; this.#items.push(\`\${x.name}!\`); } return this; }
  get total() { return this.#items.reduce((sum, { price }) => sum + price, 0); }
}
function before(a) { return a + 1; }
const handler = async (req, res) => {
  try { switch (req.query.mode) { case "a": case 'b': res.send(/x[/]\\/g/.exec(req.body)); break; default: throw new Error(req.url); } }
  catch ({ message }) { label: do { if (message) break label; } while (message--); } finally { delete res.locals["x"], void 0; }
  const [a, , b = a ?? before(1), ...c] = yield_(...req.list); a ||= b; return a ? { a, [b]: c, m() { return super.m; } } : null;
};
export default handler; export { j as joined }; module.exports.x = (a, b) => a.b.c(b)[a]\`t\${b}\`;
`;

/** Every operand exists, and only joins look ahead. */
function assertWellFormed(file: FileGraph): void {
  const keys = new Set<string>();
  for (const [index, graph] of file.functions.entries()) {
    expect(keys.has(graph.key)).toBe(false);
    keys.add(graph.key);
    expect(graph.parent).toBeLessThan(index === 0 ? 0 : index);
    for (let node = 0; node < graph.op.length; node++) {
      const looksAhead = [Op.Phi, Op.Cell, Op.Catch].includes(graph.op[node]);
      for (let i = graph.operandStart[node]; i < graph.operandStart[node + 1]; i++) {
        const operand = graph.operands[i];
        if (operand < NONE || operand >= (looksAhead ? graph.op.length : node)) {
          throw new Error(`${graph.key}: operand ${operand} of node ${node}`);
        }
      }
      if (graph.end[node] < graph.start[node]) throw new Error(`${graph.key}: position of node ${node}`);
    }
    for (const { owner, cell } of graph.captures) expect(cell).toBeLessThan(file.functions[owner].cells.length);
  }
  const [module] = file.functions;
  expect(module.op[module.op.length - 1]).toBe(Op.Return);
}

describe('broken code', () => {
  it('never throws on truncated text, and keeps the functions before the damage', () => {
    for (let end = 0; end < snippet.length; end += 7) {
      const file = extractJavaScript(snippet.slice(0, end), 'ts');
      assertWellFormed(file);
      if (end > snippet.indexOf('const handler')) {
        const before = functionOf(file, 'function before');
        expect(before.flags & FunctionFlag.Partial).toBe(0);
        expect(before.op.length).toBe(4);
      }
    }
  });

  it('never throws on text with characters put in, left out or changed', () => {
    const noise = ['{', '}', '(', ')', '`', '"', '/', '\\', ';', '=>', '@', '#', '\u0000', '*/', '<', 'class '];
    for (let at = 0; at < snippet.length; at += 7) {
      const junk = noise[(at / 7) % noise.length];
      assertWellFormed(extractJavaScript(snippet.slice(0, at) + junk + snippet.slice(at), 'tsx'));
      assertWellFormed(extractJavaScript(snippet.slice(0, at) + snippet.slice(at + 5), 'js'));
      assertWellFormed(extractJavaScript(snippet.slice(0, at) + junk + snippet.slice(at + junk.length), 'jsx'));
    }
  });

  it('loses only the damaged statement, and marks only the function around it', () => {
    const code = 'function a() { return 1; }\nfunction b() { const x = = 2; f(x); }\nfunction c() { return 3; }';
    const file = extractJavaScript(code, 'js');
    expect(file.lost.map(([start, end]) => code.slice(start, end))).toEqual(['const x = = 2;']);
    const partial = file.functions.filter((graph) => (graph.flags & FunctionFlag.Partial) !== 0);
    expect(partial.map((graph) => graph.key)).toEqual(['function b']);
  });

  it('falls back to imports and exports when the tree is of no use', () => {
    const code = `import a from "a"; const b = require('b'); exports.c = 1; export const d = 2;\nx = ${'['.repeat(20_000)}`;
    const file = extractJavaScript(code, 'js');
    expect(file.imports.map((facts) => [file.strings[facts.specifier], facts.kind])).toEqual([
      ['a', 'import'],
      ['b', 'require'],
    ]);
    expect(file.lost).toEqual([[0, code.length]]);
    expect(file.limits).toHaveLength(1);
    const [module] = file.functions;
    const stored = [...module.op].flatMap((op, node) => (op === Op.Store ? [file.strings[module.aux[node]]] : []));
    expect(stored).toEqual(['c', 'd']);
  });
});

describe('large and deep code', () => {
  const nodesOf = (file: FileGraph): number => file.functions.reduce((sum, graph) => sum + graph.op.length, 0);

  it.each([
    ['call chains', `x${'.a()'.repeat(10_000)};`],
    ['concatenations', `x = a${' + b + "c"'.repeat(10_000)};`],
    ['sequential ifs', `let v = 0; ${'if (a === "x") v = f(v); '.repeat(10_000)} g(v);`],
    ['logical chains', `if (p(a)${' || p(a)'.repeat(10_000)}) f(a);`],
    [
      'cases',
      `function f(a) { switch (a) {${Array.from({ length: 10_000 }, (_, i) => `case "${i}": g(a);`).join('')}} }`,
    ],
    ['array elements', `x = [${Array.from({ length: 10_000 }, (_, i) => `f(${i})`).join()}];`],
    ['functions', Array.from({ length: 10_000 }, (_, i) => `function f${i}() { return f${i + 1}(); }`).join('\n')],
    ['try blocks', `let x; ${'try { x = f(x); } catch (e) { g(e); } '.repeat(3000)}`],
  ])('takes %s in bounded space', (_name, code) => {
    const file = extractJavaScript(code, 'js');
    expect(file.limits).toEqual([]);
    expect(file.lost).toEqual([]);
    expect(nodesOf(file)).toBeLessThan(80_000);
    expect(nodesOf(file)).toBeGreaterThan(9000);
  });

  it('makes few nodes for many conditional variables in a loop', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `v${i}`);
    const file = extractJavaScript(
      `function f() { let ${names.join()}; while (c()) { ${names.map((n) => `if (a) ${n} = g(${n});`).join(' ')} } }`,
      'js',
    );
    expect(nodesOf(file)).toBeLessThan(6000);
  });

  it('survives nesting of any kind and depth', () => {
    const nestings: readonly (readonly [string, string])[] = [
      ['[', ']'],
      ['(', ')'],
      ['f(', ')'],
      ['{', '}'],
      ['if (a) {', '}'],
      ['for (;;) { x++;', '}'],
      ['try {', '} catch (e) {}'],
      ['function f() {', '}'],
      ['(() => {', '})();'],
      ['class A { m() {', '} }'],
      ['`${', '}`'],
      ['<a>', '</a>'],
      ['a ? b : ', ''],
      ['x = ', ''],
      ['if (a) b(); else ', ''],
    ];
    for (const [open, close] of nestings) {
      for (const depth of [50, 400, 1000, 5000, 20_000]) {
        assertWellFormed(extractJavaScript(`${open.repeat(depth)}1${close.repeat(depth)}`, 'jsx'));
      }
    }
  });

  it('leaves out what is beyond the limit of one function, and says so', () => {
    const file = extractJavaScript(`function big() {${'f(a.b, 1);'.repeat(80_000)}}\nexports.big = big;`, 'js');
    expect(functionOf(file, 'function big').flags & FunctionFlag.Truncated).not.toBe(0);
    expect(file.limits).toEqual(['Function big has more than 200000 operations; the rest of it was left out.']);
    assertWellFormed(file);
  });
});

describe('real code', () => {
  it('takes hundreds of files of installed packages', () => {
    const files = sourceFiles('node_modules').filter((_, index) => index % 12 === 0);
    expect(files.length).toBeGreaterThan(200);
    let functions = 0;
    for (const path of files) {
      const file = extractJavaScript(readFileSync(path, 'utf8'), path.endsWith('.mjs') ? 'mjs' : 'js');
      assertWellFormed(file);
      functions += file.functions.length;
      expect(file.limits).toEqual([]);
    }
    expect(functions).toBeGreaterThan(files.length);
  });

  function sourceFiles(folder: string): string[] {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|mjs|cjs)$/.test(name))
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile() && statSync(path).size < 150_000);
  }
});
