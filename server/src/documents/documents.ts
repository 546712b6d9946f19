/**
 * Disk and open documents as one: which files there are, what is in them, and what module resolution may ask. An open
 * document's text counts instead of the disk's until it is closed. Paths come in any form of the platform and go out
 * absolute with `/`.
 */
import type { AnalysisSettings, CancellationToken } from '../model/analysis';
import type { Dialect } from '../model/graph';
import { hashOfText, overlayContent, readContent } from './content';
import type { FileContent, ReadOptions } from './content';
import { discover } from './discover';
import type { DiscoveredFile, Discovery } from './discover';
import { FileView } from './fileView';
import { ScopeCache, inspect } from './inspect';
import { dialectOf } from './languages';
import { diffManifest } from './manifest';
import type { ManifestDiff, ManifestEntry, Recheck } from './manifest';
import { ignoresCase, nameOf, normalize, placeOf } from './paths';
import type { Place } from './paths';

export interface Overlay {
  readonly text: string;
  readonly languageId: string | undefined;
  readonly contentHash: string;
}

export interface DiscoverRequest {
  /** Only these files and folders, named on purpose; undefined for all roots. */
  readonly paths?: readonly string[] | undefined;
  readonly onProgress?: ((found: number) => void) | undefined;
  readonly token?: CancellationToken | undefined;
}

export class Documents {
  readonly roots: readonly string[];
  /** What module resolution reads through. */
  readonly view: FileView;
  private settings: AnalysisSettings;
  private readonly overlays = new Map<string, Overlay>();
  private readonly scopes = new ScopeCache();

  /** The file system takes a file for another whose name differs in case only. */
  private readonly ignoresCase: boolean;

  constructor(options: {
    readonly roots: readonly string[];
    readonly settings: AnalysisSettings;
    readonly platform?: NodeJS.Platform;
  }) {
    this.ignoresCase = ignoresCase(options.platform ?? process.platform);
    this.roots = [...new Set(options.roots.map(normalize))];
    this.settings = options.settings;
    this.view = new FileView({ textOf: (path) => this.overlays.get(path)?.text }, this.ignoresCase);
  }

  changeSettings(settings: AnalysisSettings): void {
    this.settings = settings;
    this.scopes.clear();
  }

  /** Minified files are taken like any other. */
  get takesMinified(): boolean {
    return this.settings.includeDependencies;
  }

  /** Unsaved text of an open document. */
  setOverlay(path: string, text: string, languageId?: string): void {
    const at = normalize(path);
    const isNew = !this.overlays.has(at);
    this.overlays.set(at, { text, languageId, contentHash: hashOfText(text) });
    if (isNew || isConfiguration(at)) this.invalidate([at]);
  }

  /** The document was closed: the disk counts again. */
  removeOverlay(path: string): void {
    const at = normalize(path);
    if (this.overlays.delete(at)) this.invalidate([at]);
  }

  overlay(path: string): Overlay | undefined {
    return this.overlays.get(normalize(path));
  }

  overlayPaths(): readonly string[] {
    return [...this.overlays.keys()];
  }

  /** The innermost root a path is in, and the rest; undefined when it is in none. */
  locate(path: string): Place | undefined {
    return placeOf(this.roots, normalize(path));
  }

  /** Everything below the roots, or the paths that were named. Open documents that are not on disk yet are among it. Never throws for what is on the disk. */
  async discover(request: DiscoverRequest = {}): Promise<Discovery> {
    this.invalidate();
    const found = await discover({ roots: this.roots, settings: this.settings, ...request });
    const known = new Set(found.files.map((file) => file.absolutePath));
    const unsaved = this.overlayPaths().flatMap((path) => {
      if (known.has(path) || !found.covers(path)) return [];
      return this.inspect(path) ?? [];
    });
    return unsaved.length === 0 ? found : { ...found, files: [...found.files, ...unsaved] };
  }

  /**
   * What one path is to the analysis: undefined when it is not there, or does not belong (ignored, excluded, a
   * dependency, another language, outside of the roots).
   */
  inspect(path: string): DiscoveredFile | undefined {
    const at = normalize(path);
    const overlay = this.overlays.get(at);
    const options = { roots: this.roots, settings: this.settings, languageId: overlay?.languageId };
    const found = inspect(at, { ...options, overlayText: overlay?.text }, this.scopes);
    // A file that was renamed in case only still answers to its old name; the listing of its folder has the new one.
    const isOther = this.ignoresCase && overlay === undefined && found !== undefined && !this.view.exists(at);
    return isOther ? undefined : found;
  }

  /** True for a folder whose files belong to the analysis. */
  isAnalysedFolder(path: string): boolean {
    const at = normalize(path);
    const place = placeOf(this.roots, at);
    if (place === undefined || !this.view.isDirectory(at)) return false;
    const scope = this.scopes.of(place.root, { roots: this.roots, settings: this.settings });
    return this.scopes.folder(scope, place.root, at) !== undefined;
  }

  /** The content of a file: of the open document, else of the disk. Never throws. */
  read(path: string, options: ReadOptions = {}): FileContent {
    const at = normalize(path);
    const overlay = this.overlays.get(at);
    return overlay === undefined ? readContent(at, options) : overlayContent(overlay.text, options.knownHashes);
  }

  dialectOf(path: string): Dialect | undefined {
    const at = normalize(path);
    return dialectOf(at, this.overlays.get(at)?.languageId);
  }

  /** What changed against the index. Open documents are compared by their text. */
  diff<E extends ManifestEntry>(manifest: Iterable<E>, discovery: Discovery, recheck?: Recheck): ManifestDiff<E> {
    const overlayHash = (path: string): string | undefined => this.overlays.get(path)?.contentHash;
    return diffManifest(manifest, discovery, { overlayHash, recheck });
  }

  /** Something at these paths changed, came or went; without paths, anything may have. */
  invalidate(paths?: readonly string[]): void {
    this.view.invalidate(paths?.map(normalize));
    // A folder may be new, and an ignore file another one.
    if (paths === undefined || paths.some((path) => nameOf(path) === '.gitignore' || dialectOf(path) === undefined)) {
      this.scopes.clear();
    }
  }
}

/** Files whose content decides how modules are resolved or which files belong. */
export function isConfiguration(path: string): boolean {
  const name = nameOf(path);
  return name === 'package.json' || isIgnoreFile(path) || /^[jt]sconfig.*\.json$/.test(name);
}

/** Files that decide which others belong: what a change of one means, only a look at the whole disk tells. */
export function isIgnoreFile(path: string): boolean {
  return nameOf(path) === '.gitignore';
}
