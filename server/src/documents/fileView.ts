/**
 * The file system as module resolution sees it: disk with the open documents laid over it, the same answers until
 * `invalidate`. Resolution asks for many paths that are not there, so the view reads each folder once and answers from
 * its listing.
 */
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { parseJson } from './jsonc';
import { ignoresCase as platformIgnoresCase, isWithin, join, nameOf, normalize, parentOf } from './paths';
import { statsOf } from './stats';

type EntryKind = 'file' | 'folder' | 'link';

/** Undefined stands for a folder that is not there or can't be read. */
type Listing = ReadonlyMap<string, EntryKind> | undefined;

export interface OverlayText {
  /** Text of an open document by its absolute path. */
  textOf(path: string): string | undefined;
}

export class FileView {
  private readonly listings = new Map<string, Listing>();
  private readonly links = new Map<string, EntryKind | undefined>();
  private readonly realPaths = new Map<string, string>();
  private readonly values = new Map<string, unknown>();
  private current = 0;

  constructor(
    private readonly overlay: OverlayText,
    private readonly ignoresCase = platformIgnoresCase(process.platform),
  ) {}

  /** Grows with every change that may change answers. */
  get generation(): number {
    return this.current;
  }

  isFile(path: string): boolean {
    return this.overlay.textOf(path) !== undefined || this.kindOf(path) === 'file';
  }

  isDirectory(path: string): boolean {
    return this.kindOf(path) === 'folder';
  }

  exists(path: string): boolean {
    return this.overlay.textOf(path) !== undefined || this.kindOf(path) !== undefined;
  }

  /** Names of all that a folder holds; undefined when there is no such folder. */
  namesIn(folder: string): Iterable<string> | undefined {
    return this.isDirectory(folder) ? this.listing(folder)?.keys() : undefined;
  }

  /** Parsed JSON, comments and trailing commas allowed; undefined when the file is missing or not JSON. */
  readJson(path: string): unknown {
    if (this.values.has(path)) return this.values.get(path);
    const text = this.overlay.textOf(path) ?? this.textOf(path);
    const value = text === undefined ? undefined : parseJson(text);
    this.values.set(path, value);
    return value;
  }

  /** The path with links resolved; the path itself when there is nothing to resolve. */
  realpath(path: string): string {
    let result = this.realPaths.get(path);
    if (result === undefined) {
      result = this.resolve(path);
      this.realPaths.set(path, result);
    }
    return result;
  }

  /** These paths changed, came or went (on disk, or as open documents); without paths, anything may have. */
  invalidate(paths?: Iterable<string>): void {
    this.current++;
    this.realPaths.clear();
    this.links.clear();
    if (paths === undefined) {
      this.listings.clear();
      this.values.clear();
      return;
    }
    for (const path of paths) this.forget(path);
  }

  private forget(path: string): void {
    this.values.delete(path);
    const parent = parentOf(path);
    // A listing that agrees with the disk stays: most changes only change the content of a file.
    // Where case does not count, the disk would agree to any spelling.
    const isListed = this.listings.get(parent)?.get(nameOf(path)) === 'file';
    if (isListed && !this.ignoresCase && isRegularFile(path)) return;
    for (const folder of [...this.listings.keys()]) {
      // New folders above the path may have come with it.
      if (folder === parent || isWithin(path, folder) || isWithin(folder, parent)) this.listings.delete(folder);
    }
    for (const value of [...this.values.keys()]) if (isWithin(path, value)) this.values.delete(value);
  }

  private kindOf(path: string): 'file' | 'folder' | undefined {
    const name = nameOf(path);
    if (name === '') return 'folder';
    const kind = this.listing(parentOf(path))?.get(name);
    return kind === 'link' ? this.linkTarget(path) : kind;
  }

  private linkTarget(path: string): 'file' | 'folder' | undefined {
    if (!this.links.has(path)) this.links.set(path, targetKind(path));
    const kind = this.links.get(path);
    return kind === 'link' ? undefined : kind;
  }

  private listing(folder: string): Listing {
    if (this.listings.has(folder)) return this.listings.get(folder);
    const parent = parentOf(folder);
    // A parent that was read knows whether there is anything to read.
    const known = parent === folder ? undefined : this.listings.get(parent);
    const isMissing = known === undefined ? this.listings.has(parent) : !mayBeFolder(known.get(nameOf(folder)));
    const listing = isMissing ? undefined : readListing(folder);
    this.listings.set(folder, listing);
    return listing;
  }

  private textOf(path: string): string | undefined {
    if (!this.isFile(path)) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // Unreadable counts as missing; if the file is to be analysed itself, that is reported there.
      return undefined;
    }
  }

  private resolve(path: string): string {
    const parent = parentOf(path);
    const kind = this.listing(parent)?.get(nameOf(path));
    if (kind === 'link' || kind === undefined || parent === path) return nativeRealpath(path);
    return join(this.realpath(parent), nameOf(path));
  }
}

function mayBeFolder(kind: EntryKind | undefined): boolean {
  return kind === 'folder' || kind === 'link';
}

function readListing(folder: string): Listing {
  try {
    const listing = new Map<string, EntryKind>();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile()) listing.set(entry.name, 'file');
      else if (entry.isDirectory()) listing.set(entry.name, 'folder');
      else if (entry.isSymbolicLink()) listing.set(entry.name, 'link');
    }
    return listing;
  } catch {
    // Not there, not a folder, or not for us: for resolution that is all the same.
    return undefined;
  }
}

function targetKind(path: string): EntryKind | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : undefined;
  } catch {
    // A broken link, or a circle: nothing is there.
    return undefined;
  }
}

function isRegularFile(path: string): boolean {
  return statsOf(path)?.isFile() === true;
}

function nativeRealpath(path: string): string {
  try {
    return normalize(realpathSync.native(path));
  } catch {
    // Nothing to resolve where nothing is.
    return path;
  }
}
