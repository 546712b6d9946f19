/**
 * Which files are analysed, and as what. Another language is another entry here, a parser and an extractor.
 */
import type { Dialect } from '../model/graph';

const BY_EXTENSION: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['.js', 'js'],
  ['.jsx', 'jsx'],
  ['.mjs', 'mjs'],
  ['.cjs', 'cjs'],
  ['.ts', 'ts'],
  ['.tsx', 'tsx'],
  ['.mts', 'mts'],
  ['.cts', 'cts'],
  ['.vue', 'vue'],
  ['.svelte', 'svelte'],
  ['.astro', 'astro'],
  ['.html', 'html'],
  ['.htm', 'html'],
]);

/** Languages as editors name them, for documents whose name has no extension. */
const BY_LANGUAGE: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['javascript', 'js'],
  ['javascriptreact', 'jsx'],
  ['typescript', 'ts'],
  ['typescriptreact', 'tsx'],
  ['vue', 'vue'],
  ['svelte', 'svelte'],
  ['astro', 'astro'],
  ['html', 'html'],
]);

const DECLARATION = /\.d\.(?:[^./\\]+\.)?[cm]?ts$/i;
const MINIFIED = /[.-]min\.[cm]?jsx?$/i;

/** How a file is read, by its name; undefined for files that are not analysed. */
export function dialectOf(path: string, languageId?: string): Dialect | undefined {
  if (DECLARATION.test(path)) return 'dts';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const byName = dot < 0 ? undefined : BY_EXTENSION.get(name.slice(dot).toLowerCase());
  if (byName !== undefined || dot > 0 || languageId === undefined) return byName;
  return BY_LANGUAGE.get(languageId);
}

/** Declarations hold no code; they are left out unless dependencies are asked for. */
export function isDeclaration(path: string): boolean {
  return DECLARATION.test(path);
}

/** Minified by its name. */
export function isMinifiedName(path: string): boolean {
  return MINIFIED.test(path);
}
