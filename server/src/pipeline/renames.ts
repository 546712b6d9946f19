/**
 * Files that are gone, and may be there again under another path: what their text says is known. They are looked for among
 * the new files of one update, by size and dialect first, then by content hash.
 */
import type { DiscoveredFile } from '../documents';
import type { FileRow } from '../store/rows';
import type { Store } from '../store/store';
import type { IndexChange } from './indexing';

const keyOf = (size: number, dialect: string): string => `${String(size)} ${dialect}`;

const NONE: readonly FileRow[] = [];

export class Renames {
  /** By size and dialect. */
  private readonly gone = new Map<string, FileRow[]>();
  private readonly candidates = new Set<FileRow['id']>();
  private readonly taken = new Set<FileRow['id']>();

  constructor(changes: readonly IndexChange[], store: Store) {
    // A first index has none that are gone.
    if (!changes.some(({ kind }) => kind === 'remove')) return;
    const wanted = new Set<string>();
    for (const change of changes)
      if (change.kind === 'index' && change.file.state === 'found' && change.knownHash === undefined)
        wanted.add(keyOf(change.file.size, change.file.dialect));
    if (wanted.size === 0) return;
    for (const change of changes) {
      const row = change.kind === 'remove' ? store.files.get(change.entry.id) : undefined;
      if (row?.facts === undefined) continue;
      const key = keyOf(row.size, row.dialect);
      if (!wanted.has(key)) continue;
      this.candidates.add(row.id);
      const rows = this.gone.get(key);
      if (rows === undefined) this.gone.set(key, [row]);
      else rows.push(row);
    }
  }

  /** Content hashes that are known of files like this. */
  hashesFor(file: DiscoveredFile): readonly string[] {
    return this.of(file).map(({ hash }) => hash);
  }

  /** Whether a file that is gone may be one that came: its facts are needed until that is known. */
  mayBe(id: FileRow['id']): boolean {
    return this.candidates.has(id);
  }

  /** What is known of this content; `isFirst` when no other file that came has it. */
  find(file: DiscoveredFile, hash: string): { readonly row: FileRow; readonly isFirst: boolean } | undefined {
    const rows = this.of(file).filter((each) => each.hash === hash);
    const free = rows.find(({ id }) => !this.taken.has(id));
    const row = free ?? rows.at(0);
    if (row === undefined) return undefined;
    this.taken.add(row.id);
    return { row, isFirst: free !== undefined };
  }

  isTaken(id: FileRow['id']): boolean {
    return this.taken.has(id);
  }

  private of(file: DiscoveredFile): readonly FileRow[] {
    return this.gone.size === 0 ? NONE : (this.gone.get(keyOf(file.size, file.dialect)) ?? NONE);
  }
}
