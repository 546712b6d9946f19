/**
 * Whether rows fit together: no row without an owner, every reference leads somewhere, content hashes agree. For the
 * files that an update touched by look-ups of their rows, for the whole database in windows of ids, so that whoever
 * waits for this thread waits for one window. Reads only, but for `removeOrphans`.
 */
import type { FileId } from '../model/ids';
import type { Connection } from './connection';

export interface RowProblem {
  /** The file whose rows are wrong; undefined for rows without a file. */
  readonly file: FileId | undefined;
  /** What is wrong, as the end of a sentence about the file or the rows. */
  readonly problem: string;
}

/** Ids looked at between two pauses. */
const WINDOW = 500;

/** Each gives the ids of files, in a window of ids, of which something is wrong. `:from` is left out, `:to` is in. */
const FILE_CHECKS: readonly (readonly [problem: string, sql: string])[] = [
  [
    'refers to facts that are not there',
    `SELECT id FROM file WHERE id > :from AND id <= :to
     AND facts_id IS NOT NULL AND facts_id NOT IN (SELECT id FROM facts)`,
  ],
  [
    'has the facts of another content',
    `SELECT file.id FROM file JOIN facts ON facts.id = facts_id WHERE file.id > :from AND file.id <= :to
     AND (facts.hash <> file.hash OR facts.dialect <> file.dialect)`,
  ],
  [
    'is indexed without facts',
    `SELECT id FROM file WHERE id > :from AND id <= :to AND state IN ('indexed', 'partial') AND facts_id IS NULL`,
  ],
  [
    'has facts without a flow graph or skeleton',
    `SELECT id FROM file WHERE id > :from AND id <= :to AND facts_id IS NOT NULL
     AND (facts_id NOT IN (SELECT facts_id FROM graph) OR facts_id NOT IN (SELECT facts_id FROM skeleton))`,
  ],
  [
    'imports a file that is not there',
    `SELECT DISTINCT file_id FROM import WHERE file_id > :from AND file_id <= :to
     AND target_id IS NOT NULL AND target_id NOT IN (SELECT id FROM file)`,
  ],
  [
    'has a finding with a source or sink in a file that is not there',
    `SELECT DISTINCT file_id FROM finding WHERE file_id > :from AND file_id <= :to
     AND (source_file NOT IN (SELECT id FROM file) OR sink_file NOT IN (SELECT id FROM file))`,
  ],
  [
    'has a finding that crosses a file that is not there',
    `SELECT DISTINCT file_id FROM finding_file WHERE file_id > :from AND file_id <= :to
     AND on_file NOT IN (SELECT id FROM file)`,
  ],
];

/** Tables whose rows belong to a file; links and summaries of a removed file stay until its removal was dealt with. */
const OWNED_BY_FILE: readonly string[] = [
  ...['import', 'probe', 'finding', 'finding_file'],
  ...['link', 'link_dep', 'summary', 'summary_dep'],
];
const OWNED_BY_FACTS: readonly string[] = ['graph', 'skeleton', 'symbol', 'call_name'];

export class ConsistencyRows {
  constructor(private readonly db: Connection) {}

  /** The rows of one file that is in the index. */
  ofFile(file: FileId): readonly RowProblem[] {
    return this.inWindow(file - 1, file);
  }

  /** Everything; pauses by yielding. What changes meanwhile is looked at before or after, both of which are whole. */
  *whole(): Generator<readonly RowProblem[], void, undefined> {
    for (let from = 0, last = this.last('file', 'id'); from < last; from += WINDOW) {
      yield this.inWindow(from, from + WINDOW);
    }
    for (const table of OWNED_BY_FILE) yield* this.orphans(table, 'file_id', 'file');
    for (const table of OWNED_BY_FACTS) yield* this.orphans(table, 'facts_id', 'facts');
    for (let from = 0, last = this.last('facts', 'id'); from < last; from += WINDOW) {
      const sql = `SELECT id FROM facts WHERE id > ? AND id <= ?
        AND NOT EXISTS (SELECT 1 FROM file WHERE facts_id = facts.id)`;
      yield this.db.all(sql, [from, from + WINDOW], ([id]) => noFile(`facts ${String(id)} belong to no file`));
    }
  }

  /** Inside a batch: rows without an owner go. */
  removeOrphans(): void {
    this.db.writing('rows without a file');
    for (const table of OWNED_BY_FILE) this.db.run(`DELETE FROM ${table} WHERE ${isOrphan(table, 'file_id', 'file')}`);
    this.db.run('DELETE FROM facts WHERE NOT EXISTS (SELECT 1 FROM file WHERE facts_id = facts.id)');
    for (const table of OWNED_BY_FACTS)
      this.db.run(`DELETE FROM ${table} WHERE ${isOrphan(table, 'facts_id', 'facts')}`);
  }

  private inWindow(from: number, to: number): RowProblem[] {
    return FILE_CHECKS.flatMap(([problem, sql]) =>
      this.db.all(sql.replace(':from', '?').replace(':to', '?'), [from, to], ([id]) => ({
        file: id as FileId,
        problem,
      })),
    );
  }

  private *orphans(table: string, column: string, owner: string): Generator<readonly RowProblem[], void, undefined> {
    const sql = `SELECT DISTINCT ${column} FROM ${table}
      WHERE ${column} > ? AND ${column} <= ? AND ${isOrphan(table, column, owner)}`;
    for (let from = 0, last = this.last(table, column); from < last; from += WINDOW) {
      const problem = (id: unknown): RowProblem =>
        noFile(`rows of ${table} belong to ${owner} ${String(id)}, which is not there`);
      yield this.db.all(sql, [from, from + WINDOW], ([id]) => problem(id));
    }
  }

  private last(table: string, column: string): number {
    return this.db.number(`SELECT max(${column}) FROM ${table}`);
  }
}

function isOrphan(table: string, column: string, owner: string): string {
  const isThere = `${column} NOT IN (SELECT id FROM ${owner})`;
  const waits = table.startsWith('link') || table.startsWith('summary');
  return waits ? `${isThere} AND ${column} NOT IN (SELECT file_id FROM pending)` : isThere;
}

function noFile(problem: string): RowProblem {
  return { file: undefined, problem };
}
