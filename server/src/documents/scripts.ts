/**
 * Programs without an extension: a first line like `#!/usr/bin/env node` says what they are. Only files that may well
 * be programs are opened for it, and only their first bytes are read: those that can be executed, that lie in a folder
 * `bin`, or that a `package.json` around them names as its program.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Dialect } from '../model/graph';
import { parseJson } from './jsonc';
import { isWithin, join, nameOf, normalize, parentOf } from './paths';

const FIRST_BYTES = 64;
const EXECUTABLE = 0o111;

/** `node` after a path or after `env`, with `-S` and variables set or not. */
const NODE = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+|\w+=\S*\s+)*(?:\S*\/)?)?node(?:js)?(?=\s|$)/;

/** The dialect that the first line asks for; undefined when it names no program that is known here. */
export function dialectOfScript(text: string): Dialect | undefined {
  return NODE.test(text.slice(0, FIRST_BYTES)) ? 'js' : undefined;
}

/** True for names that say nothing about their content. */
export function isBareName(name: string): boolean {
  return !name.includes('.');
}

/** Looks at programs of one root. Remembers manifests, so it is made anew for each look at the disk. */
export class Scripts {
  private readonly programs = new Map<string, ReadonlySet<string>>();

  constructor(private readonly root: string) {}

  /** What a file with a bare name is, by its first line; `stats` are those of the file itself, not of a link. */
  dialectOf(path: string, stats: Stats): Dialect | undefined {
    if (!stats.isFile() || stats.size === 0 || !this.mayBeProgram(path, stats)) return undefined;
    const start = readStart(path);
    return start === undefined ? undefined : dialectOfScript(start);
  }

  private mayBeProgram(path: string, { mode }: Stats): boolean {
    const folder = parentOf(path);
    return (mode & EXECUTABLE) !== 0 || nameOf(folder) === 'bin' || this.programsAround(folder).has(path);
  }

  /** Programs that the nearest manifest names, by absolute path. */
  private programsAround(folder: string): ReadonlySet<string> {
    let known = this.programs.get(folder);
    if (known === undefined) {
      const isTop = !isWithin(this.root, folder) || folder === this.root;
      known = programsOf(folder) ?? (isTop ? new Set<string>() : this.programsAround(parentOf(folder)));
      this.programs.set(folder, known);
    }
    return known;
  }
}

/** Undefined where there is no manifest. */
function programsOf(folder: string): ReadonlySet<string> | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    // Most folders have none; one that can't be read names nothing.
    return undefined;
  }
  const manifest = parseJson(text);
  const bin: unknown =
    typeof manifest === 'object' && manifest !== null && 'bin' in manifest ? manifest.bin : undefined;
  const named: unknown[] =
    typeof bin === 'string' ? [bin] : typeof bin === 'object' && bin !== null ? Object.values(bin) : [];
  return new Set(named.filter((path) => typeof path === 'string').map((path) => normalize(join(folder, path))));
}

/** The first bytes as text; undefined when the file can't be read, which whoever needs all of it will tell. */
export function readStart(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const buffer = Buffer.alloc(FIRST_BYTES);
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, FIRST_BYTES, 0));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
