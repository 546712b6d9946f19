/**
 * What imports resolve to, and which paths resolving looked at: the reverse index that tells whom a new, changed or
 * removed file concerns.
 */
import { hashKey } from '../model/ids';
import type { FileId } from '../model/ids';
import type { Connection } from './connection';
import type { ImportRow } from './rows';

export class ImportRows {
  constructor(private readonly db: Connection) {}

  /** Writes all imports of a file anew. `probes` are absolute paths that were looked at, also those where nothing was. */
  replace(file: FileId, imports: Iterable<ImportRow>, probes: Iterable<string>): void {
    this.db.writing(file);
    this.db.run('DELETE FROM import WHERE file_id = ?', [file]);
    const insert = 'INSERT OR REPLACE INTO import (file_id, specifier, kind, target_id) VALUES (?, ?, ?, ?)';
    for (const { specifier, kind, target } of imports) this.db.run(insert, [file, specifier, kind, target ?? null]);
    this.replaceProbes(file, probes);
  }

  of(file: FileId): readonly ImportRow[] {
    const sql = 'SELECT specifier, kind, target_id FROM import WHERE file_id = ? ORDER BY specifier, kind';
    return this.db.all(sql, [file], (row) => ({
      specifier: row[0] as string,
      kind: row[1] as ImportRow['kind'],
      target: row[2] === null ? undefined : (row[2] as FileId),
    }));
  }

  /** Files whose imports resolve to this file (which may be removed already). */
  importersOf(file: FileId): readonly FileId[] {
    const sql = 'SELECT DISTINCT file_id FROM import WHERE target_id = ? ORDER BY file_id';
    return this.db.all(sql, [file], (row) => row[0] as FileId);
  }

  /** Files whose resolving looked at this absolute path. May name a file too many (hashes), never one too few. */
  probersOf(path: string): readonly FileId[] {
    const sql = 'SELECT file_id FROM probe WHERE path_hash = ? ORDER BY file_id';
    return this.db.all(sql, [hashKey(path) | 0], (row) => row[0] as FileId);
  }

  /** Most edits leave the imports as they are; only the difference is written. */
  private replaceProbes(file: FileId, probes: Iterable<string>): void {
    const wanted = new Set<number>();
    for (const path of probes) wanted.add(hashKey(path) | 0);
    const present = this.db.all('SELECT path_hash FROM probe WHERE file_id = ?', [file], (row) => row[0] as number);
    for (const hash of present) {
      if (!wanted.delete(hash)) this.db.run('DELETE FROM probe WHERE file_id = ? AND path_hash = ?', [file, hash]);
    }
    if (wanted.size === 0) return;
    const sql = 'INSERT INTO probe (file_id, path_hash) SELECT ?, value FROM json_each(?)';
    this.db.run(sql, [file, JSON.stringify([...wanted])]);
  }
}
