/**
 * An esbuild plugin that bundles of the `typescript` package what parsing needs. The package is one 9 MB file, of which
 * every thread would load all (150 ms); its sections stand in order of dependency, so that everything up to the parser
 * can be cut off in front of the next section. Made an ES module, the part is tree-shaken like any other (1/10 the size,
 * 25 ms). In our own code, `ts.SyntaxKind.Block` and the like become numbers, as they are for the package's own compiler.
 *
 * Node methods (`getStart`, `getText`, …) live in the package's editor services, which are not part of it; the few that
 * need nothing but the parser are added here. `test/unit/tooling/typescriptParser.test.ts` compares the trees of the two.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const firstSection = '\n// src/compiler/corePublic.ts\n';
const firstSectionLeftOut = '\n// src/compiler/commandLineParser.ts\n';

const nodeMethods = `
const nodeMethods = {
  getSourceFile() { return getSourceFileOfNode(this); },
  getStart(sourceFile, includeJsDoc) { return getTokenPosOfNode(this, sourceFile, includeJsDoc); },
  getFullStart() { return this.pos; },
  getEnd() { return this.end; },
  getWidth(sourceFile) { return this.end - this.getStart(sourceFile); },
  getFullWidth() { return this.end - this.pos; },
  getText(sourceFile) {
    const { text } = sourceFile ?? this.getSourceFile();
    return text.substring(this.getStart(sourceFile), this.end);
  },
  getFullText(sourceFile) { return (sourceFile ?? this.getSourceFile()).text.substring(this.pos, this.end); },
  forEachChild(onNode, onNodes) { return forEachChild(this, onNode, onNodes); },
};
const sourceFileMethods = {
  getLineAndCharacterOfPosition(position) { return getLineAndCharacterOfPosition(this, position); },
  getPositionOfLineAndCharacter(line, character) { return getPositionOfLineAndCharacter(this, line, character); },
  getLineStarts() { return getLineStarts(this); },
};
for (const constructor of [objectAllocator.getNodeConstructor(), objectAllocator.getTokenConstructor(), objectAllocator.getIdentifierConstructor()]) {
  Object.assign(constructor.prototype, nodeMethods);
}
// These two share the constructor of plain nodes.
function PrivateIdentifierNode(kind, pos, end) { objectAllocator.getNodeConstructor().call(this, kind, pos, end); }
function SourceFileNode(kind, pos, end) { objectAllocator.getNodeConstructor().call(this, kind, pos, end); }
PrivateIdentifierNode.prototype = Object.create(objectAllocator.getNodeConstructor().prototype);
SourceFileNode.prototype = Object.create(objectAllocator.getNodeConstructor().prototype);
Object.assign(SourceFileNode.prototype, sourceFileMethods);
objectAllocator.getPrivateIdentifierConstructor = () => PrivateIdentifierNode;
objectAllocator.getSourceFileConstructor = () => SourceFileNode;
const text = { get() { return idText(this); } };
Object.defineProperty(objectAllocator.getIdentifierConstructor().prototype, 'text', text);
Object.defineProperty(PrivateIdentifierNode.prototype, 'text', text);
`;

/** The parser's part of `typescript.js` as the text of an ES module. Throws when the file is not laid out as expected. */
export function parserModule(text) {
  const start = text.indexOf(firstSection);
  const end = text.indexOf(firstSectionLeftOut);
  if (start < 0 || end < start) {
    throw new Error('typescript.js has other sections than expected; see server/tools/typescriptParser.mjs');
  }
  const head = text.slice(0, start);
  const body = text.slice(start, end);
  const helpers = head.slice(head.indexOf('var __defProp'), head.indexOf('\n// src/typescript/typescript.ts\n'));
  const defined = new Set(
    [...body.matchAll(/^(?:var|function\*?|async function|class) (\w+)/gm)].map(([, name]) => name),
  );
  const exported = [...head.matchAll(/^ {2}(\w+): \(\) => (\w+),?$/gm)]
    .filter(([, , local]) => defined.has(local))
    .map(([, name, local]) => `${local} as ${name}`);
  // Calls that only make a table are dropped with it when nothing uses it.
  const marked = body.replace(/^(var \w+ = )((?:new )?[\w.]+\(|\(\(\w*\) => )/gm, '$1/* @__PURE__ */ $2');
  return `${helpers}\n${marked}\n${nodeMethods}\nexport { ${exported.join(', ')} };\n`;
}

/**
 * Our source with `import ts from 'typescript'` as an import of the namespace, which esbuild resolves name by name, and
 * with members of the package's enums as their numbers.
 */
export function withPlainNumbers(text) {
  return text
    .replace(/^import ts from 'typescript';/m, "import * as ts from 'typescript';")
    .replace(/\bts\.(\w+)\.(\w+)\b/g, (whole, name, member) => {
      const value = ts[name]?.[member];
      return typeof value === 'number' ? `${value}` : whole;
    });
}

/** @type {import('esbuild').Plugin} */
export const typescriptParser = {
  name: 'typescript-parser',
  setup(builder) {
    let contents;
    builder.onLoad({ filter: /[\\/]typescript[\\/]lib[\\/]typescript\.js$/ }, ({ path }) => {
      contents ??= parserModule(readFileSync(path, 'utf8'));
      return { contents, loader: 'js' };
    });
    builder.onLoad(
      { filter: /[\\/]server[\\/]src[\\/](parse|extract)[\\/](javascript|embedded)[\\/].*\.ts$/ },
      ({ path }) => {
        return { contents: withPlainNumbers(readFileSync(path, 'utf8')), loader: 'ts' };
      },
    );
  },
};
