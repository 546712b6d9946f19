/** Files of a corpus to type in: of several sizes, and the one that most others import (told by the texts alone). */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { editsFor } from '../typing';

/** Lines of the files that are typed in; the nearest file to each is taken. */
const SIZES = [1_000, 100, 4_000];
const IMPORT = /(?:\bfrom|\bimport|\brequire\s*\()\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;
const ENDINGS = ['', '.js', '.ts', '.tsx', '.mjs', '.jsx', '/index.js', '/index.ts', '/index.mjs'];

export interface EditTargets {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly hub: string | undefined;
  readonly importers: number;
}

/** `paths` are absolute paths of all files. */
export function editTargets(paths: readonly string[]): EditTargets {
  const known = new Set(paths);
  const importers = new Map<string, number>();
  const lines = new Map<string, number>();
  for (const path of paths) {
    const text = readFileSync(path, 'utf8');
    lines.set(path, text.split('\n').length);
    const found = new Set<string>();
    for (const [, specifier] of text.matchAll(IMPORT)) {
      const base = join(dirname(path), specifier);
      const target = ENDINGS.map((ending) => base + ending).find((candidate) => known.has(candidate));
      if (target !== undefined) found.add(target);
    }
    for (const target of found) importers.set(target, (importers.get(target) ?? 0) + 1);
  }
  const files: string[] = [];
  for (const size of SIZES) {
    const nearest = [...lines].sort((a, b) => Math.abs(a[1] - size) - Math.abs(b[1] - size) || (a[0] < b[0] ? -1 : 1));
    const file = nearest.map(([path]) => path).find((path) => !files.includes(path) && isEditable(path));
    if (file !== undefined) files.push(file);
  }
  const [hub] = [...importers].sort((a, b) => b[1] - a[1]).filter(([path]) => isEditable(path));
  return { files: hub === undefined ? files : [...files, hub[0]], hub: hub?.[0], importers: hub?.[1] ?? 0 };
}

/** Whether there is something to type in: a function with a parameter and a body of several lines. */
function isEditable(path: string): boolean {
  if (!existsSync(path) || statSync(path).size > 1_000_000) return false;
  try {
    return editsFor(readFileSync(path, 'utf8'), 4).length === 4;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
