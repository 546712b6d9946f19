/**
 * Which files are there. Walks the folders without recursion, a bounded number at a time, and never through a link:
 * what a link inside the root points to is met under its own name, and what lies outside does not belong. The result
 * is sorted, so it does not depend on the order in which the disk answered.
 */
import { realpathSync, statSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { AnalysisSettings, CancellationToken } from '../model/analysis';
import type { Dialect } from '../model/graph';
import { DocumentError, explain, isGone } from './errors';
import { dialectOf } from './languages';
import { below, isWithin, join, nameOf, normalize, parentOf, placeOf } from './paths';
import { Scope } from './scope';
import { Scripts, dialectOfScript, isBareName, readStart } from './scripts';
import type { Folder, OpenFolder } from './scope';
import { statsOf } from './stats';

export interface DiscoveredFile {
  /** Innermost root, and the path below it with `/`. */
  readonly root: string;
  readonly path: string;
  readonly absolutePath: string;
  readonly dialect: Dialect;
  /** Bytes, and milliseconds since 1970; 0 when unknown. */
  readonly size: number;
  readonly mtimeMs: number;
  /** `found`: to be analysed. `skipped`, `failed`: not, and `reason` is a sentence that says why. */
  readonly state: 'found' | 'skipped' | 'failed';
  readonly reason: string;
  /** The file itself was named: it is taken even if it looks minified. */
  readonly isExplicit: boolean;
}

export interface Discovery {
  /** Sorted by root and path, without duplicates. */
  readonly files: readonly DiscoveredFile[];
  /** Places that were named, or met on the way, and can't be analysed. */
  readonly problems: readonly DocumentError[];
  /** True for paths that this discovery would have found: what is in the index there and not in `files` is gone. */
  readonly covers: (absolutePath: string) => boolean;
}

export interface DiscoverOptions {
  /** Absolute paths. */
  readonly roots: readonly string[];
  /** Only these files and folders; named on purpose, so ignore files and defaults do not keep them out. */
  readonly paths?: readonly string[] | undefined;
  readonly settings: AnalysisSettings;
  /** Told the number of files found so far. */
  readonly onProgress?: ((found: number) => void) | undefined;
  /** When cancelled, the discovery ends early with what it has; `covers` nothing then. */
  readonly token?: CancellationToken | undefined;
}

export const MINIFIED = 'The file is minified (by its name).';

/** Folders read side by side. */
const CONCURRENCY = 16;

/** Never throws for what is on the disk. */
export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const roots = [...new Set(options.roots.map(normalize))];
  const starts = options.paths === undefined ? roots : options.paths.map(normalize);
  const walk = new Walk(roots, options);
  for (const start of new Set(starts)) {
    if (options.token?.isCancelled === true) break;
    await walk.from(start);
  }
  const isCancelled = options.token?.isCancelled === true;
  const blind = walk.problems.filter(({ problem }) => problem === 'unreadable').map(({ path }) => path);
  return {
    files: walk.result(),
    problems: walk.problems,
    // Below a folder that could not be read, nobody knows what is gone.
    covers: (path) =>
      !isCancelled && starts.some((start) => isWithin(start, path)) && !blind.some((folder) => isWithin(folder, path)),
  };
}

class Walk {
  readonly problems: DocumentError[] = [];
  private readonly files = new Map<string, DiscoveredFile>();
  private readonly scripts = new Map<string, Scripts>();
  private readonly realRoots: readonly string[];

  constructor(
    private readonly roots: readonly string[],
    private readonly options: DiscoverOptions,
  ) {
    this.realRoots = roots.map((root) => realpathOf(root) ?? root);
  }

  result(): readonly DiscoveredFile[] {
    return [...this.files.values()].sort(byPlace);
  }

  /** One root, or one path that was named. */
  async from(start: string): Promise<void> {
    let stats: Stats;
    try {
      stats = statSync(start);
    } catch (error) {
      const problem = isGone(error) ? 'missing' : 'unreadable';
      const what = problem === 'missing' ? 'does not exist' : `can't be read: ${explain(error)}`;
      this.problems.push(new DocumentError(problem, start, `${start} ${what}.`, { cause: error }));
      return;
    }
    const root = placeOf(this.roots, start)?.root ?? (stats.isDirectory() ? start : parentOf(start));
    if (!stats.isDirectory()) {
      this.addNamed(root, start, stats);
      return;
    }
    const before = this.files.size;
    const problemsBefore = this.problems.length;
    await this.walk(
      new Scope(
        root,
        start,
        this.options.settings,
        this.roots.filter((other) => other !== root),
      ),
      root,
    );
    if (
      this.files.size === before &&
      this.problems.length === problemsBefore &&
      this.options.token?.isCancelled !== true
    ) {
      const message = `${start} holds no file that could be analysed.`;
      this.problems.push(new DocumentError('empty', start, message));
    }
  }

  private addNamed(root: string, path: string, stats: Stats): void {
    const dialect = dialectOf(path) ?? (isBareName(nameOf(path)) ? dialectOfScript(readStart(path) ?? '') : undefined);
    if (dialect === undefined || !stats.isFile()) {
      const message = `${path} is not a file of a language that is analysed.`;
      this.problems.push(new DocumentError('unsupported', path, message));
      return;
    }
    this.files.set(path, sized(this.options.settings, { root, path, dialect, stats, isExplicit: true }));
  }

  /** Breadth first, with a list of folders instead of recursion, so that depth does not matter. */
  private walk(scope: Scope, root: string): Promise<void> {
    const waiting: Folder[] = [scope.start];
    let active = 0;
    return new Promise((resolve, reject) => {
      const next = (): void => {
        if (this.options.token?.isCancelled === true) waiting.length = 0;
        while (active < CONCURRENCY) {
          const folder = waiting.pop();
          if (folder === undefined) break;
          active++;
          this.list(scope, root, folder, waiting).then(done, reject);
        }
        if (active === 0) resolve();
      };
      const done = (): void => {
        active--;
        next();
      };
      next();
    });
  }

  private async list(scope: Scope, root: string, folder: Folder, waiting: Folder[]): Promise<void> {
    let entries: Dirent[];
    try {
      entries = await readdir(folder.path, { withFileTypes: true });
    } catch (error) {
      // A folder that vanished in the meantime is no problem, unless it is the one that was named.
      if (isGone(error) && folder !== scope.start) return;
      const message = `${folder.path} can't be read: ${explain(error)}.`;
      this.problems.push(new DocumentError('unreadable', folder.path, message, { cause: error }));
      return;
    }
    const opened = scope.open(folder, (name) => entries.some((entry) => entry.name === name));
    for (const entry of entries) {
      if (entry.isDirectory()) {
        const inner = scope.folder(opened, entry.name);
        if (inner !== undefined) waiting.push(inner);
      } else if (entry.isFile() || entry.isSymbolicLink()) this.add(scope, root, opened, entry);
    }
    this.options.onProgress?.(this.files.size);
  }

  private add(scope: Scope, root: string, folder: OpenFolder, entry: Dirent): void {
    const byName = dialectOf(entry.name);
    if (byName === undefined && !(isBareName(entry.name) && entry.isFile())) return;
    const verdict = scope.file(folder, entry.name);
    if (verdict === 'out') return;
    const path = join(folder.path, entry.name);
    if (this.files.has(path)) return;
    const dialect = byName ?? this.scriptDialect(root, path);
    if (dialect === undefined) return;
    const file = { root, path, dialect, isExplicit: false };
    const found = entry.isSymbolicLink() ? this.link(file) : this.regular(file, verdict === 'minified');
    if (found !== undefined) this.files.set(path, found);
  }

  private scriptDialect(root: string, path: string): Dialect | undefined {
    let scripts = this.scripts.get(root);
    if (scripts === undefined) this.scripts.set(root, (scripts = new Scripts(root)));
    const stats = statsOf(path);
    return stats === undefined ? undefined : scripts.dialectOf(path, stats);
  }

  private regular(file: Located, isMinified: boolean): DiscoveredFile | undefined {
    try {
      const stats = statSync(file.path);
      if (isMinified) return described(file, stats, 'skipped', MINIFIED);
      return sized(this.options.settings, { ...file, stats });
    } catch (error) {
      if (isGone(error)) return undefined;
      return described(file, undefined, 'failed', `The file can't be read: ${explain(error)}.`);
    }
  }

  private link(file: Located): DiscoveredFile | undefined {
    const target = realpathOf(file.path);
    if (target === undefined) return described(file, undefined, 'failed', 'The link points to nothing.');
    const stats = statsOf(target);
    if (stats?.isFile() !== true || this.realRoots.some((root) => isWithin(root, target))) return undefined;
    return described(file, stats, 'skipped', 'The link points out of the analysed folder.');
  }
}

export interface Located {
  readonly root: string;
  /** Absolute. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly isExplicit: boolean;
}

/** Found, unless it is too large. */
export function sized(settings: AnalysisSettings, file: Located & { readonly stats: Stats }): DiscoveredFile {
  const { stats } = file;
  if (stats.size <= settings.maxFileSize) return described(file, stats, 'found', '');
  const reason = `The file is too large (${bytesText(stats.size)}; the limit is ${bytesText(settings.maxFileSize)}).`;
  return described(file, stats, 'skipped', reason);
}

export function described(
  { root, path, dialect, isExplicit }: Located,
  stats: Stats | undefined,
  state: DiscoveredFile['state'],
  reason: string,
): DiscoveredFile {
  const size = stats?.size ?? 0;
  const mtimeMs = stats?.mtimeMs ?? 0;
  return { root, path: below(root, path), absolutePath: path, dialect, size, mtimeMs, state, reason, isExplicit };
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function realpathOf(path: string): string | undefined {
  try {
    return normalize(realpathSync.native(path));
  } catch {
    // A broken link, or a circle.
    return undefined;
  }
}

function byPlace(a: DiscoveredFile, b: DiscoveredFile): number {
  if (a.root !== b.root) return a.root < b.root ? -1 : 1;
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
