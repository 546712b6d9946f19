/**
 * `.gitignore` at every level and `.git/info/exclude`, with the `ignore` library: a level is one file with patterns,
 * relative to its folder; the deepest level that says anything about a path decides.
 */
import { readFileSync } from 'node:fs';
import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { below, isWithin, join, parentOf } from './paths';
import { statsOf } from './stats';

export interface IgnoreLevel {
  readonly folder: string;
  readonly patterns: Ignore;
}

/** From the outermost to the deepest. */
export type IgnoreLevels = readonly IgnoreLevel[];

/** The levels that hold for what is in a folder, given those of its parent. `has` tells whether the folder has an entry of a name. */
export function enterFolder(parent: IgnoreLevels, folder: string, has: (name: string) => boolean): IgnoreLevels {
  const excluded = has('.git') ? readLevel(folder, join(folder, '.git/info/exclude')) : undefined;
  const ignored = has('.gitignore') ? readLevel(folder, join(folder, '.gitignore')) : undefined;
  const levels = [excluded, ignored].filter((level) => level !== undefined);
  return levels.length === 0 ? parent : [...parent, ...levels];
}

/**
 * The levels that a folder gets from the repository around it, or from the root where there is none. A folder that
 * they ignore (a dependency, build output) was named on purpose: then nothing outside of it counts.
 */
export function levelsAbove(root: string, folder: string): IgnoreLevels {
  let levels: IgnoreLevels = [];
  const above = foldersAbove(root, folder);
  for (const [index, at] of above.entries()) {
    levels = enterFolder(levels, at, () => true);
    if (isIgnored(levels, above[index + 1] ?? folder, true)) return [];
  }
  return levels;
}

/** The folders around one, from the outermost that counts; without the folder itself. */
function foldersAbove(root: string, folder: string): readonly string[] {
  const above: string[] = [];
  for (let at = folder; ; at = parentOf(at)) {
    if (at !== folder) above.unshift(at);
    if (isRepository(at)) return above;
    if (parentOf(at) === at) return above.filter((each) => isWithin(root, each));
  }
}

export function isIgnored(levels: IgnoreLevels, path: string, isFolder: boolean): boolean {
  for (let i = levels.length - 1; i >= 0; i--) {
    const { folder, patterns } = levels[i];
    if (!isWithin(folder, path)) continue;
    const relative = below(folder, path);
    const result = patterns.test(isFolder ? `${relative}/` : relative);
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}

function readLevel(folder: string, file: string): IgnoreLevel | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // There is none, or nobody may read it: git would go on as well.
    return undefined;
  }
  return { folder, patterns: ignore({ ignorecase: false, allowRelativePaths: true }).add(text) };
}

function isRepository(folder: string): boolean {
  return statsOf(join(folder, '.git')) !== undefined;
}
