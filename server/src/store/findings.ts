/**
 * Findings, by the file in which source and sink were joined, found also by every file their paths cross.
 */
import type { FileId } from '../model/ids';
import type { Connection, Row } from './connection';
import type { FindingRecord, FindingRow } from './rows';

const COLUMNS = 'finding.file_id, rule, fingerprint, source_file, sink_file, data';

export class FindingRows {
  constructor(
    private readonly db: Connection,
    private readonly written: (bytes: number) => void,
  ) {}

  /** Writes all findings joined in a file anew, in this order. */
  replace(file: FileId, findings: readonly FindingRecord[]): void {
    this.db.writing(file);
    this.db.run('DELETE FROM finding WHERE file_id = ?', [file]);
    this.db.run('DELETE FROM finding_file WHERE file_id = ?', [file]);
    for (const [number, { rule, fingerprint, sourceFile, sinkFile, data, files }] of findings.entries()) {
      this.db.run(
        `INSERT INTO finding (file_id, number, rule, fingerprint, source_file, sink_file, data)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [file, number, rule, fingerprint, sourceFile, sinkFile, data],
      );
      const insert = 'INSERT OR IGNORE INTO finding_file (file_id, number, on_file) VALUES (?, ?, ?)';
      for (const on of files) this.db.run(insert, [file, number, on]);
      this.written(data.length);
    }
  }

  /** All findings go (other models or rules). */
  removeAll(): void {
    this.db.writing('findings');
    this.db.run('DELETE FROM finding');
    this.db.run('DELETE FROM finding_file');
  }

  /** Findings joined in a file. */
  of(file: FileId): readonly FindingRow[] {
    return this.db.all(`SELECT ${COLUMNS} FROM finding WHERE file_id = ? ORDER BY number`, [file], findingRow);
  }

  /** Findings whose source, sink or paths are in a file. */
  touching(file: FileId): readonly FindingRow[] {
    const sql = `SELECT ${COLUMNS} FROM finding_file JOIN finding USING (file_id, number)
      WHERE on_file = ? ORDER BY finding.file_id, number`;
    return this.db.all(sql, [file], findingRow);
  }

  byFingerprint(fingerprint: string): readonly FindingRow[] {
    const sql = `SELECT ${COLUMNS} FROM finding WHERE fingerprint = ? ORDER BY file_id, number`;
    return this.db.all(sql, [fingerprint], findingRow);
  }

  *each(): Generator<FindingRow, void, undefined> {
    for (const row of this.db.each(`SELECT ${COLUMNS} FROM finding ORDER BY file_id, number`)) yield findingRow(row);
  }

  /** So many findings behind one of a file, in the order of `each`. */
  behind(file: number, number: number, limit: number): readonly (FindingRow & { readonly number: number })[] {
    const sql = `SELECT ${COLUMNS}, number FROM finding WHERE (file_id, number) > (?, ?) ORDER BY file_id, number LIMIT ?`;
    return this.db.all(sql, [file, number, limit], (row) => ({ ...findingRow(row), number: row[6] as number }));
  }

  count(): number {
    return this.db.number('SELECT count(*) FROM finding');
  }
}

function findingRow(row: Row): FindingRow {
  return {
    file: row[0] as FileId,
    rule: row[1] as string,
    fingerprint: row[2] as string,
    sourceFile: row[3] as FileId,
    sinkFile: row[4] as FileId,
    data: row[5] as Uint8Array,
  };
}
