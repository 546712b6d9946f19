/**
 * Text → TypeScript syntax tree, for all JavaScript and TypeScript dialects. The tree tolerates errors; what could
 * not be understood comes back as lost ranges. Nothing here looks at paths: the dialect decides.
 */
import ts from 'typescript';
import type { Dialect } from '../../model/graph';
import { lostRanges, type Span } from './lostRanges';

export type { Span } from './lostRanges';

export interface ParsedJavaScript {
  readonly sourceFile: ts.SourceFile;
  /** Damaged statements or members, sorted, without overlap. The whole text when `useless` is set. */
  readonly lost: readonly Span[];
  /** The parser gave up (its stack overflowed on deep nesting); `sourceFile` is empty then. */
  readonly useless: boolean;
}

/** Never throws. Offsets are those of `text`, also with a shebang or byte order mark. */
export function parseJavaScript(text: string, dialect: Dialect): ParsedJavaScript {
  try {
    const sourceFile = createSourceFile(text, dialect);
    return { sourceFile, lost: lostRanges(sourceFile), useless: false };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { sourceFile: createSourceFile('', dialect), lost: [[0, text.length]], useless: true };
  }
}

function createSourceFile(text: string, dialect: Dialect): ts.SourceFile {
  return ts.createSourceFile(
    fileNames[dialect],
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    false,
    scriptKinds[dialect],
  );
}

/** JavaScript is always read with JSX allowed: many `.js` files hold it. */
const scriptKinds: Readonly<Record<Dialect, ts.ScriptKind>> = {
  js: ts.ScriptKind.JS,
  jsx: ts.ScriptKind.JSX,
  mjs: ts.ScriptKind.JS,
  cjs: ts.ScriptKind.JS,
  ts: ts.ScriptKind.TS,
  mts: ts.ScriptKind.TS,
  cts: ts.ScriptKind.TS,
  tsx: ts.ScriptKind.TSX,
  dts: ts.ScriptKind.TS,
  py: ts.ScriptKind.Unknown,
  // What is parsed of these is the script in them, in a dialect of its own.
  vue: ts.ScriptKind.JS,
  svelte: ts.ScriptKind.JS,
  astro: ts.ScriptKind.TS,
  html: ts.ScriptKind.JS,
};

/** The parser takes declaration files by their name. */
const fileNames: Readonly<Record<Dialect, string>> = {
  js: 'file.js',
  jsx: 'file.jsx',
  mjs: 'file.mjs',
  cjs: 'file.cjs',
  ts: 'file.ts',
  mts: 'file.mts',
  cts: 'file.cts',
  tsx: 'file.tsx',
  dts: 'file.d.ts',
  py: 'file.py',
  vue: 'file.js',
  svelte: 'file.js',
  astro: 'file.ts',
  html: 'file.js',
};
