/**
 * What belongs to the analysis below one starting folder: ignore files, the user's globs, and what is left out by
 * default (dependencies, build output, minified files, declarations). The starting folder itself always belongs; it was named.
 */
import picomatch from 'picomatch';
import type { AnalysisSettings } from '../model/analysis';
import { enterFolder, isIgnored, levelsAbove } from './ignoreRules';
import type { IgnoreLevels } from './ignoreRules';
import { isDeclaration, isMinifiedName } from './languages';
import { below, isWithin, join, nameOf } from './paths';
import { statsOf } from './stats';

/** Never looked into, not even with dependencies. */
const ALWAYS_OUT: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.jj']);
const DEPENDENCIES: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  'jspm_packages',
  'third_party',
  '.yarn',
  '.pnpm-store',
]);
/** Build output that a published package consists of. */
const OUTPUT: ReadonlySet<string> = new Set(['dist', 'build', 'out']);
/** Build output of tools, and what tests leave. */
const TOOL_OUTPUT: ReadonlySet<string> = new Set([
  'coverage',
  '.next',
  '.nuxt',
  '.output',
  '.svelte-kit',
  '.angular',
  '.astro',
  '.cache',
  '.parcel-cache',
  '.turbo',
  '.vercel',
  '.netlify',
  '.serverless',
  '.nyc_output',
  '.vscode-test',
  'storybook-static',
]);

/** A folder to look into, with the ignore levels of its parents. */
export interface Folder {
  readonly path: string;
  readonly levels: IgnoreLevels;
}

/** A folder with its own ignore files read: `levels` hold for what is in it. */
export interface OpenFolder extends Folder {
  readonly isOpen: true;
}

export type FileVerdict = 'in' | 'out' | 'minified';

export class Scope {
  readonly start: Folder;
  private readonly isExcluded: (path: string) => boolean;
  private readonly keepsOutput: boolean;

  constructor(
    private readonly root: string,
    start: string,
    private readonly settings: AnalysisSettings,
    /** Other roots, which are looked at on their own. */
    private readonly otherRoots: readonly string[],
  ) {
    this.start = { path: start, levels: levelsAbove(root, start) };
    this.isExcluded = excluder(settings.exclude);
    this.keepsOutput = settings.includeDependencies || isOutput(root, start) || isPublishedPackage(start);
  }

  /** Reads a folder's own ignore files. `has` tells whether it has an entry of a name. */
  open({ path, levels }: Folder, has: (name: string) => boolean): OpenFolder {
    return { path, levels: enterFolder(levels, path, has), isOpen: true };
  }

  /** A folder in `parent`, or undefined when it does not belong. */
  folder(parent: OpenFolder, name: string): Folder | undefined {
    const path = join(parent.path, name);
    if (this.leavesOut(name) || this.otherRoots.includes(path) || this.isExcluded(below(this.root, path))) {
      return undefined;
    }
    if (isIgnored(parent.levels, path, true)) return undefined;
    return { path, levels: parent.levels };
  }

  /** A file of a known language in `parent`. */
  file(parent: OpenFolder, name: string): FileVerdict {
    const path = join(parent.path, name);
    if (!this.settings.includeDependencies && isDeclaration(name)) return 'out';
    if (this.isExcluded(below(this.root, path)) || isIgnored(parent.levels, path, false)) return 'out';
    return !this.settings.includeDependencies && isMinifiedName(name) ? 'minified' : 'in';
  }

  private leavesOut(name: string): boolean {
    if (ALWAYS_OUT.has(name)) return true;
    if (this.settings.includeDependencies) return false;
    return DEPENDENCIES.has(name) || TOOL_OUTPUT.has(name) || (!this.keepsOutput && OUTPUT.has(name));
  }
}

/** A start inside build output or dependencies: whoever names it wants what is in it. */
function isOutput(root: string, start: string): boolean {
  if (root.split('/').some((segment) => DEPENDENCIES.has(segment)) || OUTPUT.has(nameOf(root))) return true;
  const segments = isWithin(root, start) ? below(root, start).split('/') : [];
  return segments.some((segment) => DEPENDENCIES.has(segment) || OUTPUT.has(segment) || TOOL_OUTPUT.has(segment));
}

/**
 * A package as it comes from a registry: a manifest, but nothing of what only a working copy has. What it is made of
 * may well be `dist`.
 */
function isPublishedPackage(folder: string): boolean {
  const has = (name: string): boolean => statsOf(join(folder, name)) !== undefined;
  return has('package.json') && !WORKING_COPY.some(has);
}

const WORKING_COPY = ['.git', '.gitignore', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'node_modules'];

/** Globs relative to the root. A pattern without a slash means that name anywhere, as in ignore files; a folder stands for all below it. */
function excluder(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs
    .map((glob) =>
      glob
        .trim()
        .replace(/^\.?\//, '')
        .replace(/\/$/, ''),
    )
    .filter((glob) => glob !== '');
  if (patterns.length === 0) return () => false;
  return picomatch(
    patterns.map((pattern) => (pattern.includes('/') ? pattern : `**/${pattern}`)),
    { dot: true },
  );
}
