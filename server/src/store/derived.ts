/**
 * Results computed from the snapshot, one packed blob a file, with the files they depend on: links and summaries have
 * the same shape of rows, in tables of their own.
 */
import type { FileId } from '../model/ids';
import { BlobCache } from './blobCache';
import type { Connection } from './connection';
import type { DerivedRecord, DerivedRow } from './rows';

/** Rows that are fetched together when all are read. */
const ROWS = 32;

export class DerivedRows {
  private readonly cache: BlobCache<DerivedRow>;

  constructor(
    private readonly db: Connection,
    private readonly table: 'link' | 'summary',
    cacheBytes: number,
    /** Told the bytes of each write: derived rows reach the disk with a checkpoint only. */
    private readonly written: (bytes: number) => void,
  ) {
    this.cache = new BlobCache(cacheBytes, ({ data, deps }) => data.length + deps.length);
  }

  get(file: FileId): DerivedRow | undefined {
    return this.cache.get(file, () => {
      const row = this.db.first(`SELECT data, hash, deps FROM ${this.table} WHERE file_id = ?`, [file]);
      if (row === undefined) return undefined;
      return { data: row[0] as Uint8Array, hash: row[1] as string, deps: row[2] as Uint8Array };
    });
  }

  hashOf(file: FileId): string | undefined {
    const row = this.db.first(`SELECT hash FROM ${this.table} WHERE file_id = ?`, [file]);
    return row === undefined ? undefined : (row[0] as string);
  }

  replace(file: FileId, record: DerivedRecord): void {
    this.db.writing(file);
    const { data, hash, deps } = record;
    const sql = `INSERT OR REPLACE INTO ${this.table} (file_id, hash, deps, data) VALUES (?, ?, ?, ?)`;
    this.db.run(sql, [file, hash, deps, data]);
    this.replaceDependencies(file, record.dependsOn);
    this.cache.forget(file);
    this.written(data.length + deps.length);
  }

  remove(file: FileId): void {
    this.db.writing(file);
    this.db.run(`DELETE FROM ${this.table} WHERE file_id = ?`, [file]);
    this.db.run(`DELETE FROM ${this.table}_dep WHERE file_id = ?`, [file]);
    this.cache.forget(file);
  }

  /** All rows go (other models, another version of the stage). */
  removeAll(): void {
    this.db.writing(this.table);
    this.db.run(`DELETE FROM ${this.table}`);
    this.db.run(`DELETE FROM ${this.table}_dep`);
    this.cache.clear();
  }

  /** Files that this file's results depend on. */
  dependenciesOf(file: FileId): readonly FileId[] {
    const sql = `SELECT on_file FROM ${this.table}_dep WHERE file_id = ? ORDER BY on_file`;
    return this.db.all(sql, [file], (row) => row[0] as FileId);
  }

  /** Files whose results depend on this one (which may be removed already). */
  dependentsOf(file: FileId): readonly FileId[] {
    const sql = `SELECT file_id FROM ${this.table}_dep WHERE on_file = ? ORDER BY file_id`;
    return this.db.all(sql, [file], (row) => row[0] as FileId);
  }

  /** Every row, in the order of file ids, past the cache. May be left and taken up again whatever happens in between. */
  *each(): Generator<readonly [FileId, DerivedRow], void, undefined> {
    const sql = `SELECT file_id, data, hash, deps FROM ${this.table} WHERE file_id > ? ORDER BY file_id LIMIT ${String(ROWS)}`;
    let last = -1;
    for (;;) {
      const rows = this.db.all(sql, [last], (row): readonly [FileId, DerivedRow] => [
        row[0] as FileId,
        { data: row[1] as Uint8Array, hash: row[2] as string, deps: row[3] as Uint8Array },
      ]);
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined || rows.length < ROWS) return;
      [last] = end;
    }
  }

  get cacheBytes(): number {
    return this.cache.bytes;
  }

  forget(file: FileId): void {
    this.cache.forget(file);
  }

  clearCaches(): void {
    this.cache.clear();
  }

  /** Most edits leave the dependencies as they are; only the difference is written. */
  private replaceDependencies(file: FileId, dependsOn: Iterable<FileId>): void {
    const wanted = new Set(dependsOn);
    for (const on of this.dependenciesOf(file)) {
      if (!wanted.delete(on))
        this.db.run(`DELETE FROM ${this.table}_dep WHERE file_id = ? AND on_file = ?`, [file, on]);
    }
    if (wanted.size === 0) return;
    const sql = `INSERT INTO ${this.table}_dep (file_id, on_file) SELECT ?, value FROM json_each(?)`;
    this.db.run(sql, [file, JSON.stringify([...wanted])]);
  }
}
