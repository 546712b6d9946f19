/**
 * Whether one path belongs to the analysis, without walking: what discovery would say of it. For edits and watchers.
 */
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Dialect } from '../model/graph';
import { MINIFIED, described, sized } from './discover';
import type { DiscoverOptions, DiscoveredFile, Located } from './discover';
import { explain, isGone } from './errors';
import { dialectOf } from './languages';
import { join, nameOf, parentOf, placeOf } from './paths';
import { Scope } from './scope';
import type { Folder, OpenFolder } from './scope';
import { statsOf } from './stats';
import { Scripts, dialectOfScript, isBareName } from './scripts';

export interface InspectOptions extends Pick<DiscoverOptions, 'roots' | 'settings'> {
  /** Of an open document: its language and its text. */
  readonly languageId?: string | undefined;
  readonly overlayText?: string | undefined;
}

/** What discovery would say of one file: undefined when it would not be found. */
export function inspect(path: string, options: InspectOptions, scopes: ScopeCache): DiscoveredFile | undefined {
  const place = placeOf(options.roots, path);
  if (place === undefined) return undefined;
  const dialect = dialectOf(path, options.languageId) ?? scriptDialect(path, place.root, options.overlayText);
  if (dialect === undefined) return undefined;
  const scope = scopes.of(place.root, options);
  const folder = scopes.folder(scope, place.root, parentOf(path));
  if (folder === undefined) return undefined;
  const verdict = scope.file(folder, nameOf(path));
  if (verdict === 'out') return undefined;
  const file: Located = { root: place.root, path, dialect, isExplicit: false };
  // An open document counts as found, whatever is on disk: a person is looking at it.
  if (options.overlayText !== undefined) {
    return { ...described(file, undefined, 'found', ''), size: options.overlayText.length, isExplicit: true };
  }
  let stats: Stats | undefined;
  try {
    // Not through a link: what it points to has a name of its own.
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isGone(error)) return undefined;
    return described(file, undefined, 'failed', `The file can't be read: ${explain(error)}.`);
  }
  if (stats?.isFile() !== true) return undefined;
  if (verdict === 'minified') return described(file, stats, 'skipped', MINIFIED);
  return sized(options.settings, { ...file, stats });
}

/** Of a file whose name says nothing. Of an open document the first line is enough: it is there to be looked at. */
function scriptDialect(path: string, root: string, overlayText: string | undefined): Dialect | undefined {
  if (!isBareName(nameOf(path))) return undefined;
  if (overlayText !== undefined) return dialectOfScript(overlayText);
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? undefined : new Scripts(root).dialectOf(path, stats);
  } catch (error) {
    // Below something that is a file, or behind a closed door: nothing that could be analysed.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** Scopes and their folders, as far as they were asked for. Void when an ignore file, the roots or the settings change. */
export class ScopeCache {
  private readonly scopes = new Map<string, Scope>();
  private readonly folders = new Map<string, OpenFolder | undefined>();

  of(root: string, { roots, settings }: Pick<DiscoverOptions, 'roots' | 'settings'>): Scope {
    let scope = this.scopes.get(root);
    if (scope === undefined) {
      scope = new Scope(
        root,
        root,
        settings,
        roots.filter((other) => other !== root),
      );
      this.scopes.set(root, scope);
      this.folders.set(root, open(scope, scope.start));
    }
    return scope;
  }

  folder(scope: Scope, root: string, path: string): OpenFolder | undefined {
    const names: string[] = [];
    let at = path;
    while (!this.folders.has(at) && at !== root) {
      names.push(nameOf(at));
      at = parentOf(at);
    }
    let folder = this.folders.get(at);
    for (const name of names.reverse()) {
      at = join(at, name);
      const inner = folder === undefined ? undefined : scope.folder(folder, name);
      folder = inner === undefined ? undefined : open(scope, inner);
      this.folders.set(at, folder);
    }
    return folder;
  }

  clear(): void {
    this.scopes.clear();
    this.folders.clear();
  }
}

function open(scope: Scope, folder: Folder): OpenFolder {
  return scope.open(folder, (name) => statsOf(join(folder.path, name)) !== undefined);
}
