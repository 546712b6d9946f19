/**
 * Watches folders for changes of the files an analysis is made of: sources, programs, what module resolution reads,
 * ignore files and the workspace's own models. Other files, and folders that are left out, are not watched at all. Says
 * which paths changed, one at a time and without order; what a change means is for those who look at the disk.
 *
 * Watching itself is chokidar's: plain JavaScript over what Node offers, so that one bundle runs everywhere. (Watchers
 * in native code tell of a folder of 50,000 files with one handle, but would have to be shipped once per platform.)
 */
import { watch as watchPaths, type FSWatcher } from 'chokidar';
import type { AnalysisSettings } from '../model/analysis';
import { isConfiguration, isIgnoreFile } from './documents';
import { explain } from './errors';
import { ScopeCache } from './inspect';
import { dialectOf } from './languages';
import { nameOf, normalize, parentOf, placeOf } from './paths';
import type { OpenFolder, Scope } from './scope';
import { isBareName } from './scripts';

export interface WatchRequest {
  /** Absolute paths. */
  readonly roots: readonly string[];
  readonly settings: AnalysisSettings;
  /** Absolute, with `/`. Something came, went or changed there. */
  readonly onChange: (path: string) => void;
  /** The system does not let us watch so many files. What happens from now on is not told; the reason is a sentence. */
  readonly onBlind: (reason: string) => void;
}

export interface Watching {
  close(): Promise<void>;
}

const OWN_MODEL = /\/\.tributary\/models\/[^/]+\.ya?ml$/;

/** True for models that a workspace brings along. */
export function isOwnModel(path: string): boolean {
  return OWN_MODEL.test(path);
}

/** Settles when everything is watched. Never rejects: what can't be watched is told by `onBlind`. */
export async function watchFolders(request: WatchRequest): Promise<Watching> {
  const watcher = new FolderWatcher(request);
  await watcher.start();
  return watcher;
}

class FolderWatcher implements Watching {
  private readonly roots: readonly string[];
  private readonly scopes = new ScopeCache();
  private watcher: FSWatcher | undefined;
  private isBlind = false;
  private isClosed = false;
  private restarting = Promise.resolve();

  constructor(private readonly request: WatchRequest) {
    this.roots = [...new Set(request.roots.map(normalize))];
  }

  async start(): Promise<void> {
    const watcher = watchPaths([...this.roots], {
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      ignored: (path, stats) => stats !== undefined && !this.isWatched(normalize(path), stats.isDirectory()),
    });
    this.watcher = watcher;
    watcher.on('all', (event, path) => {
      if (event !== 'addDir' && event !== 'unlinkDir') this.changed(normalize(path));
    });
    watcher.on('error', (error) => {
      this.failed(error);
    });
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
      watcher.once('error', () => {
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.restarting;
    await this.watcher?.close();
  }

  private isWatched(path: string, isFolder: boolean): boolean {
    if (this.roots.includes(path)) return true;
    const root = placeOf(this.roots, path)?.root;
    if (root === undefined) return false;
    const scope = this.scopes.of(root, { roots: this.roots, settings: this.request.settings });
    const folder = this.scopes.folder(scope, root, isFolder ? path : parentOf(path));
    if (folder === undefined) return false;
    return isFolder || isRelevant(scope, folder, path);
  }

  private changed(path: string): void {
    if (this.isClosed) return;
    if (!isIgnoreFile(path)) {
      this.request.onChange(path);
      return;
    }
    // Other folders belong now. Whoever looks at the disk because of this change must not miss what happens after.
    this.restarting = this.restarting.then(async () => {
      if (this.isClosed) return;
      this.scopes.clear();
      await this.watcher?.close();
      await this.start();
      this.request.onChange(path);
    });
  }

  private failed(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A single file that could not be watched is met by the next look at the disk.
    if (code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENFILE') return;
    if (this.isBlind) return;
    this.isBlind = true;
    const help = code === 'ENOSPC' ? '; fs.inotify.max_user_watches sets how many files may be watched' : '';
    this.request.onBlind(`The system does not let us watch so many files (${explain(error)}${help}).`);
  }
}

function isRelevant(scope: Scope, folder: OpenFolder, path: string): boolean {
  if (isConfiguration(path) || isOwnModel(path)) return true;
  const name = nameOf(path);
  return (dialectOf(path) !== undefined || isBareName(name)) && scope.file(folder, name) !== 'out';
}
