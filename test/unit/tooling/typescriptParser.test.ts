/**
 * The bundles hold only the parser's part of the `typescript` package. It must give the same trees as the whole
 * package, on real code and on broken code.
 */
import { build, type Plugin } from 'esbuild';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Parser = Pick<typeof ts, 'createSourceFile' | 'updateSourceFile' | 'forEachChild' | 'createScanner'>;

const root = path.resolve(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'tributary-parser-'));
let parser: Parser;
let withPlainNumbers: (text: string) => string;

beforeAll(async () => {
  const tool = pathToFileURL(path.join(root, 'server/tools/typescriptParser.mjs')).href;
  const module = (await import(tool)) as { typescriptParser: Plugin; withPlainNumbers: typeof withPlainNumbers };
  withPlainNumbers = module.withPlainNumbers;
  const { typescriptParser } = module;
  const outfile = path.join(folder, 'parser.cjs');
  const contents = "export { createSourceFile, updateSourceFile, forEachChild, createScanner } from 'typescript';";
  const plugins = [typescriptParser];
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    plugins,
  });
  parser = createRequire(__filename)(outfile) as Parser;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Every node with kind, flags and range, and what could not be parsed, as text. */
function describeTree(api: Parser, file: ts.SourceFile): string[] {
  const lines: string[] = [];
  const visit = (node: ts.Node): void => {
    lines.push(
      `${node.kind} ${node.flags} ${node.getStart(file)} ${node.end} ${ts.isIdentifier(node) || ts.isPrivateIdentifier(node) ? node.text : ''}`,
    );
    api.forEachChild(node, visit);
  };
  visit(file);
  const { parseDiagnostics } = file as ts.SourceFile & { readonly parseDiagnostics: readonly ts.Diagnostic[] };
  for (const each of parseDiagnostics)
    lines.push(`${each.start ?? 0} ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`);
  return lines;
}

function parse(api: Parser, name: string, text: string): string[] {
  return describeTree(api, api.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
}

describe('the bundled parser', () => {
  it('gives the same trees as the typescript package', () => {
    const folders = ['server/src', 'client/src', 'test/unit', 'node_modules/commander/lib', 'node_modules/esbuild/lib'];
    const files = folders.flatMap((name) =>
      readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|js)$/.test(file))
        .map((file) => path.join(root, name, file)),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(parse(parser, file, text), file).toEqual(parse(ts, file, text));
    }
  });

  it('recovers from the same errors', () => {
    const broken = [
      ['a.ts', 'function lost( {\n const x = ;\n}\nclass A { m( }\nlet y = `a ${ b'],
      ['a.tsx', 'const a = <div><b>{x</div>;'],
      ['a.js', '@@@ let let = 1; for (;;'],
      ['a.js', '/** @type {string */ const a = 1 +;'],
    ] as const;
    for (const [name, text] of broken) expect(parse(parser, name, text), text).toEqual(parse(ts, name, text));
  });

  it('updates a tree incrementally', () => {
    const before = 'const a = 1;\nfunction f() { return a; }\n';
    const after = 'const abc = 1;\nfunction f() { return a; }\n';
    const change = { span: { start: 7, length: 0 }, newLength: 2 };
    const [ours, theirs] = [parser, ts].map((api) => {
      const tree = api.createSourceFile('a.ts', before, ts.ScriptTarget.Latest, true);
      return describeTree(api, api.updateSourceFile(tree, after, change));
    });
    expect(ours).toEqual(theirs);
    expect(ours?.join('\n')).toContain('abc');
  });

  it('gives nodes the methods that need only the parser', () => {
    for (const api of [parser, ts]) {
      const file = api.createSourceFile('a.ts', '  foo(1) ;\nbar', ts.ScriptTarget.Latest, true);
      const [first, second] = file.statements;
      expect(first.getStart()).toBe(2);
      expect(first.getText(file)).toBe('foo(1) ;');
      expect([first.getFullStart(), first.getEnd(), first.getWidth(), first.getFullWidth()]).toEqual([0, 10, 8, 10]);
      expect(second.getSourceFile()).toBe(file);
      expect(file.getLineAndCharacterOfPosition(second.getStart(file))).toEqual({ line: 1, character: 0 });
      expect([...file.getLineStarts()]).toEqual([0, 11]);
    }
  });

  it('turns members of enums into numbers', () => {
    const text =
      "import ts from 'typescript';\nswitch (k) { case ts.SyntaxKind.Block: f(ts.isBlock.name, ts.ScriptKind.TSX); }\n";
    expect(withPlainNumbers(text)).toBe(
      `import * as ts from 'typescript';\nswitch (k) { case ${ts.SyntaxKind.Block}: f(ts.isBlock.name, ${ts.ScriptKind.TSX}); }\n`,
    );
  });
});
