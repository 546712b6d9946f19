/**
 * Files of the workspace: one row each, found by id or by root and path. Putting or removing a file marks it as
 * pending in the same transaction, so that whatever happens next, its links, summaries and findings will be computed
 * again.
 */
import type { FileState, FileStatus } from '../model/finding';
import type { Dialect } from '../model/graph';
import type { FileId } from '../model/ids';
import type { Change } from './changes';
import { rangesFromText, rangesToText } from './changes';
import type { Connection, Row } from './connection';
import { Places, type StoredPlace } from './places';
import type { FileChange, FactsId, FileRecord, FileRow, ManifestRow, PendingRow } from './rows';

const COLUMNS = 'file.id, root.path, file.path, hash, mtime, size, dialect, state, reason, lost, limits, facts_id';
const FROM = 'FROM file JOIN root ON root.id = file.root_id';

export interface FileHooks {
  /** A change that the journal has to keep. */
  changed(change: Change): void;
  /** The file's facts may not be needed any more. */
  released(facts: FactsId): void;
  /** The file's content is another one, or gone: caches forget it. */
  forget(file: FileId): void;
}

export class FileRows {
  private readonly roots = new Map<string, number>();
  private readonly places = new Places();
  private counts: Record<FileState, number> | undefined;
  /** Pending removals by root and path; undefined until asked for. */
  private removed: Map<string, FileId> | undefined;

  constructor(
    private readonly db: Connection,
    private readonly hooks: FileHooks,
  ) {}

  /**
   * Writes a file: a new row, or the row of the same root and path anew. Only a change of content, dialect, state or
   * facts makes it pending. A file that comes back before anybody has dealt with its removal has the id it had: what
   * speaks of it elsewhere is then right again. `id` is given in a replay only.
   */
  put(file: FileRecord, id?: FileId): FileId {
    this.db.writing(file.path);
    const root = this.rootId(file.root);
    const isNew = this.places.isWhole && this.places.at(file.root, file.path) === undefined;
    const old = isNew ? undefined : this.known(root, file.path);
    const result = this.write(root, file, old?.id ?? id ?? this.takeRemoved(file));
    if (old === undefined) this.places.set({ id: result, root: file.root, path: file.path });
    if (old?.facts !== undefined && old.facts !== file.facts) this.hooks.released(old.facts);
    const same =
      old !== undefined &&
      old.hash === file.hash &&
      old.dialect === file.dialect &&
      old.state === file.state &&
      old.facts === file.facts;
    if (!same) {
      this.hooks.forget(result);
      this.mark(result, old === undefined ? 'new' : 'modified', file.root, file.path);
      this.recount(old?.state, -1);
      this.recount(file.state, 1);
    }
    this.hooks.changed({ kind: 'file', id: result, file });
    return result;
  }

  /** Notes that a file has the same content at another time. Neither pending nor journaled: losing it costs one hash. */
  touch(id: FileId, mtime: number, size: number): void {
    this.db.writing(id);
    this.db.run('UPDATE file SET mtime = ?, size = ? WHERE id = ?', [mtime, size, id]);
  }

  /** Nothing but the content of the files says any more whether they are as they were. */
  forgetTimes(): void {
    this.db.writing('file');
    this.db.run('UPDATE file SET mtime = -1');
  }

  /**
   * Removes a file and the rows it owns. Its links and summaries stay until results are written (`clearPending`): whoever
   * takes up the index before must know what the others were linked with. So do rows of others that point to it.
   */
  remove(id: FileId): void {
    this.db.writing(id);
    const old = this.get(id);
    if (old === undefined) return;
    for (const sql of REMOVE_OWNED) this.db.run(sql, [id]);
    if (old.facts !== undefined) this.hooks.released(old.facts);
    this.recount(old.state, -1);
    this.places.forget(id);
    this.hooks.forget(id);
    this.mark(id, 'removed', old.root, old.path);
    this.removed?.set(keyOf(old), id);
    this.hooks.changed({ kind: 'remove', id });
  }

  get(id: FileId): FileRow | undefined {
    return fileRow(this.db.first(`SELECT ${COLUMNS} ${FROM} WHERE file.id = ?`, [id]));
  }

  find(root: string, path: string): FileRow | undefined {
    const row = this.db.first(`SELECT ${COLUMNS} ${FROM} WHERE root.path = ? AND file.path = ?`, [root, path]);
    return fileRow(row);
  }

  /** Only the id; cheaper than `find`. */
  idOf(root: string, path: string): FileId | undefined {
    const known = this.places.at(root, path);
    if (known !== undefined || this.places.isWhole) return known?.id;
    const row = this.db.first(`SELECT file.id ${FROM} WHERE root.path = ? AND file.path = ?`, [root, path]);
    if (row === undefined) return undefined;
    const id = row[0] as FileId;
    this.places.set({ id, root, path });
    return id;
  }

  /** Only where a file is; cheaper than `get`. */
  placeOf(id: FileId): StoredPlace | undefined {
    const known = this.places.of(id);
    if (known !== undefined) return known;
    const row = this.db.first(`SELECT root.path, file.path ${FROM} WHERE file.id = ?`, [id]);
    if (row === undefined) return undefined;
    const place = { id, root: row[0] as string, path: row[1] as string };
    this.places.set(place);
    return place;
  }

  /** Reads where all files are, in many small steps: to look for each of them takes ten times as long. */
  *readPlaces(): Generator<void, void, undefined> {
    if (this.places.isWhole) return;
    for (const row of this.db.each(`SELECT file.id, root.path, file.path ${FROM}`)) {
      this.places.set({ id: row[0] as FileId, root: row[1] as string, path: row[2] as string });
      yield;
    }
    // Unless some were forgotten meanwhile.
    this.places.isWhole = this.places.size === this.count();
  }

  /** Files with the same content, for renames. */
  withFacts(facts: FactsId): readonly FileId[] {
    return this.db.all('SELECT id FROM file WHERE facts_id = ? ORDER BY id', [facts], (row) => row[0] as FileId);
  }

  /** Every file, in the order of their ids. */
  *manifest(): Generator<ManifestRow, void, undefined> {
    const sql = `SELECT file.id, root.path, file.path, hash, mtime, size, dialect, state, reason ${FROM} ORDER BY file.id`;
    for (const row of this.db.each(sql)) {
      yield {
        id: row[0] as FileId,
        root: row[1] as string,
        path: row[2] as string,
        hash: hex(row[3]),
        mtime: row[4] as number,
        size: row[5] as number,
        dialect: row[6] as Dialect,
        state: row[7] as FileState,
        reason: row[8] as string,
      };
    }
  }

  /** Files that are not simply indexed, or hit a limit: what a status view shows. Paths are absolute. */
  *statuses(): Generator<FileStatus, void, undefined> {
    const sql = `SELECT root.path || '/' || file.path, state, reason, lost, limits ${FROM}
      WHERE state <> 'indexed' OR limits <> '[]' ORDER BY file.id`;
    for (const row of this.db.each(sql)) {
      yield {
        path: row[0] as string,
        state: row[1] as FileState,
        reason: row[2] as string,
        lost: rangesFromText(row[3] as string),
        limits: JSON.parse(row[4] as string) as string[],
      };
    }
  }

  count(): number {
    const { indexed, partial, failed, skipped } = this.countByState();
    return indexed + partial + failed + skipped;
  }

  countByState(): Readonly<Record<FileState, number>> {
    this.counts ??= this.readCounts();
    return { ...this.counts };
  }

  /** Files whose results are not up to date, in the order of their ids. */
  pending(): readonly PendingRow[] {
    return this.db.all('SELECT file_id, change, root, path FROM pending ORDER BY file_id', [], (row) => ({
      file: row[0] as FileId,
      change: row[1] as FileChange,
      root: row[2] as string,
      path: row[3] as string,
    }));
  }

  hasPending(): boolean {
    return this.db.first('SELECT 1 FROM pending LIMIT 1') !== undefined;
  }

  isPending(id: FileId): boolean {
    return this.db.first('SELECT 1 FROM pending WHERE file_id = ?', [id]) !== undefined;
  }

  /** Marks files whose own text did not change, because something they depend on outside of the index did. */
  markPending(ids: Iterable<FileId>): void {
    for (const id of ids) {
      this.db.writing(id);
      const row = this.db.first(`SELECT root.path, file.path ${FROM} WHERE file.id = ?`, [id]);
      if (row !== undefined) this.mark(id, 'modified', row[0] as string, row[1] as string);
    }
  }

  /** The results of these files (or of all) are written; belongs into the same batch as the results. */
  clearPending(ids?: Iterable<FileId>): void {
    this.db.writing('pending');
    const wanted = ids === undefined ? undefined : new Set(ids);
    const done = this.pending().filter(({ file }) => wanted === undefined || wanted.has(file));
    for (const { file, change } of done) {
      if (change !== 'removed') continue;
      for (const sql of REMOVE_DERIVED) this.db.run(sql, [file]);
      this.hooks.forget(file);
    }
    this.removed = undefined;
    if (wanted === undefined) this.db.run('DELETE FROM pending');
    else for (const { file } of done) this.db.run('DELETE FROM pending WHERE file_id = ?', [file]);
  }

  /** There is no file: from now on it is known where all are, until a rollback. */
  startEmpty(): void {
    this.places.clear();
    this.places.isWhole = true;
  }

  /** After a rollback or another database: what was remembered may not be true. */
  clearCaches(): void {
    this.roots.clear();
    this.places.clear();
    this.counts = undefined;
    this.removed = undefined;
  }

  private readCounts(): Record<FileState, number> {
    const counts = { indexed: 0, partial: 0, failed: 0, skipped: 0 };
    // Looking at the rows of all files would take longer than all else that opening an index does with the database.
    const others = "SELECT state, count(*) FROM file WHERE state <> 'indexed' OR limits <> '[]' GROUP BY state";
    for (const row of this.db.each(others)) counts[row[0] as FileState] = row[1] as number;
    const all = this.db.number('SELECT count(*) FROM file');
    counts.indexed = all - counts.partial - counts.failed - counts.skipped;
    return counts;
  }

  /** Counting all files at each edit would cost more than the edit. */
  private recount(state: FileState | undefined, by: number): void {
    if (this.counts !== undefined && state !== undefined) this.counts[state] += by;
  }

  /** What is compared with when a file is written. */
  private known(root: number, path: string): Pick<FileRow, 'id' | 'hash' | 'dialect' | 'state' | 'facts'> | undefined {
    const sql = 'SELECT id, hash, dialect, state, facts_id FROM file WHERE root_id = ? AND path = ?';
    const row = this.db.first(sql, [root, path]);
    if (row === undefined) return undefined;
    return {
      id: row[0] as FileId,
      hash: hex(row[1]),
      dialect: row[2] as Dialect,
      state: row[3] as FileState,
      facts: row[4] === null ? undefined : (row[4] as FactsId),
    };
  }

  private takeRemoved(file: FileRecord): FileId | undefined {
    if (this.removed === undefined) {
      this.removed = new Map();
      for (const row of this.pending()) if (row.change === 'removed') this.removed.set(keyOf(row), row.file);
    }
    const key = keyOf(file);
    const id = this.removed.get(key);
    this.removed.delete(key);
    return id;
  }

  private mark(id: FileId, change: FileChange, root: string, path: string): void {
    // A file that is new and then modified is still new; one that is removed is removed, whatever it was.
    this.db.run(
      `INSERT INTO pending (file_id, change, root, path) VALUES (?, ?, ?, ?) ON CONFLICT (file_id)
       DO UPDATE SET change = CASE WHEN excluded.change = 'modified' THEN change ELSE excluded.change END`,
      [id, change, root, path],
    );
  }

  private write(root: number, file: FileRecord, id: FileId | undefined): FileId {
    const hash = bytesOf(file.hash);
    const { path, mtime, size, dialect, state, reason } = file;
    const lost = rangesToText(file.lost);
    const limits = file.limits.length === 0 ? '[]' : JSON.stringify(file.limits);
    const row = this.db.first(
      `INSERT INTO file (id, root_id, path, hash, mtime, size, dialect, state, reason, lost, limits, facts_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (root_id, path) DO UPDATE SET hash = excluded.hash, mtime = excluded.mtime, size = excluded.size,
         dialect = excluded.dialect, state = excluded.state, reason = excluded.reason, lost = excluded.lost,
         limits = excluded.limits, facts_id = excluded.facts_id
       RETURNING id`,
      [id ?? null, root, path, hash, mtime, size, dialect, state, reason, lost, limits, file.facts ?? null],
    );
    return (row?.[0] ?? 0) as FileId;
  }

  private rootId(path: string): number {
    let id = this.roots.get(path);
    if (id === undefined) {
      this.db.run('INSERT OR IGNORE INTO root (path) VALUES (?)', [path]);
      id = this.db.number('SELECT id FROM root WHERE path = ?', [path]);
      this.roots.set(path, id);
    }
    return id;
  }
}

function keyOf({ root, path }: { readonly root: string; readonly path: string }): string {
  return `${root}\n${path}`;
}

const removeFrom = (table: string): string => `DELETE FROM ${table} WHERE file_id = ?`;
const REMOVE_OWNED: readonly string[] = [
  'DELETE FROM file WHERE id = ?',
  ...['import', 'probe', 'finding', 'finding_file'].map(removeFrom),
];
const REMOVE_DERIVED: readonly string[] = ['link', 'link_dep', 'summary', 'summary_dep'].map(removeFrom);

function fileRow(row: Row | undefined): FileRow | undefined {
  if (row === undefined) return undefined;
  return {
    id: row[0] as FileId,
    root: row[1] as string,
    path: row[2] as string,
    hash: hex(row[3]),
    mtime: row[4] as number,
    size: row[5] as number,
    dialect: row[6] as Dialect,
    state: row[7] as FileState,
    reason: row[8] as string,
    lost: rangesFromText(row[9] as string),
    limits: JSON.parse(row[10] as string) as string[],
    facts: row[11] === null ? undefined : (row[11] as FactsId),
  };
}

export function bytesOf(hexDigits: string): Uint8Array {
  return Buffer.from(hexDigits, 'hex');
}

function hex(value: Row[number]): string {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex') : '';
}
