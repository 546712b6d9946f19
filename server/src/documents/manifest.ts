/**
 * What the index knows, compared with what is there: new, modified, deleted, unchanged. Equal time and size mean equal
 * content; otherwise the hash of the content decides, so that a checkout that only touched files re-indexes nothing.
 */
import { hashOfFile, tellingTime } from './content';
import type { DiscoveredFile, Discovery } from './discover';
import { join } from './paths';

/** What the index has of a file. The store's manifest rows are such entries. */
export interface ManifestEntry {
  readonly root: string;
  readonly path: string;
  /** SHA-256 in hex; empty for a file that was not read. */
  readonly hash: string;
  /** Milliseconds since 1970, and bytes. */
  readonly mtime: number;
  readonly size: number;
  readonly dialect: string;
  readonly state: 'indexed' | 'partial' | 'failed' | 'skipped';
  /** Why it has no facts; empty for others. */
  readonly reason: string;
}

export interface KnownFile<E extends ManifestEntry> {
  readonly file: DiscoveredFile;
  readonly entry: E;
}

export interface ManifestDiff<E extends ManifestEntry> {
  readonly added: readonly DiscoveredFile[];
  readonly modified: readonly KnownFile<E>[];
  readonly deleted: readonly E[];
  /** The same content at another time: only time and size are to be noted. */
  readonly touched: readonly KnownFile<E>[];
  /** Number of files that are as they were, the touched ones included. */
  readonly unchanged: number;
}

export type Recheck = 'skipped' | 'all';

export interface DiffOptions {
  /** Files whose text is that of an open document, by absolute path, and its hash. */
  readonly overlayHash?: (absolutePath: string) => string | undefined;
  /**
   * Settings changed that decide whether the content of a file keeps it out: files that were left out are to be looked
   * at again, or all.
   */
  readonly recheck?: Recheck | undefined;
  readonly hashOf?: (absolutePath: string) => string | undefined;
}

export function diffManifest<E extends ManifestEntry>(
  manifest: Iterable<E>,
  discovery: Pick<Discovery, 'files' | 'covers'>,
  options: DiffOptions = {},
): ManifestDiff<E> {
  const found = new Map(discovery.files.map((file) => [file.absolutePath, file]));
  const modified: KnownFile<E>[] = [];
  const touched: KnownFile<E>[] = [];
  const deleted: E[] = [];
  let unchanged = 0;
  for (const entry of manifest) {
    const path = join(entry.root, entry.path);
    const file = found.get(path);
    if (file === undefined) {
      if (discovery.covers(path)) deleted.push(entry);
      continue;
    }
    found.delete(path);
    // The innermost root changed (a folder was added to the workspace): another identity.
    if (file.root !== entry.root) {
      deleted.push(entry);
      found.set(path, file);
      continue;
    }
    const verdict = compare(file, entry, options);
    if (verdict === 'modified') modified.push({ file, entry });
    else unchanged++;
    if (verdict === 'touched') touched.push({ file: { ...file, mtimeMs: tellingTime(file.mtimeMs) }, entry });
  }
  return {
    added: discovery.files.filter((file) => found.has(file.absolutePath)),
    modified,
    deleted,
    touched,
    unchanged,
  };
}

function compare(
  file: DiscoveredFile,
  entry: ManifestEntry,
  { overlayHash, recheck, hashOf = hashOfFile }: DiffOptions,
): 'same' | 'touched' | 'modified' {
  if (file.dialect !== entry.dialect) return 'modified';
  if (file.state !== 'found') {
    // A link in a circle and one to nothing have the same size and time.
    const isSame = entry.state === file.state && entry.reason === file.reason && entry.hash === '';
    return isSame && entry.size === file.size && entry.mtime === file.mtimeMs ? 'same' : 'modified';
  }
  // What failed fails again until it changes, and may take its time doing so.
  if (entry.state === 'failed') return entry.mtime === file.mtimeMs && entry.size === file.size ? 'same' : 'modified';
  // It was left out unread, and is not any more.
  if (entry.hash === '' || recheck === 'all') return 'modified';
  if (entry.state === 'skipped' && recheck === 'skipped') return 'modified';
  const overlay = overlayHash?.(file.absolutePath);
  if (overlay !== undefined) return overlay === entry.hash ? 'same' : 'modified';
  if (entry.mtime === file.mtimeMs && entry.size === file.size) return 'same';
  return hashOf(file.absolutePath) === entry.hash ? 'touched' : 'modified';
}
