/**
 * One SQLite database in memory, and the only caller of sql.js. Prepared statements are kept by their text. Every error
 * of SQLite becomes a `StoreError` that names what was being written.
 */
import { readFile } from 'node:fs/promises';
import initSqlJs from 'sql.js';
import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import { PagedFile } from './pagedFile';
import type { DatabaseSnapshot, Scratch, StoredDatabase } from './pagedFile';
import { StoreError, messageOf } from './errors';
import { APPLICATION_ID, INDEXES, SCHEMA_VERSION, TABLES } from './schema';

/** SQLite, loaded. */
export type Sqlite = SqlJsStatic;
export type Row = readonly SqlValue[];
export type Parameters = readonly SqlValue[];

/** Pages of SQLite's own cache, in KiB; above the caches of decoded rows, this serves writes and index look-ups. */
const PAGE_CACHE_KIB = 16 * 1024;

let loaded: Promise<SqlJsStatic> | undefined;

/** Loads SQLite once a thread. `wasm` is the module or where it lies. Throws `StoreError` when it can't be loaded. */
export function loadSqlite(wasm: Uint8Array | string): Promise<SqlJsStatic> {
  loaded ??= load(wasm).catch((error: unknown) => {
    loaded = undefined;
    throw new StoreError(`SQLite could not be loaded: ${messageOf(error)}`, { cause: error });
  });
  return loaded;
}

async function load(wasm: Uint8Array | string): Promise<SqlJsStatic> {
  const bytes = typeof wasm === 'string' ? await readFile(wasm) : wasm;
  // A copy in a buffer of its own: the loader wants an ArrayBuffer, and a Node buffer may be a view into a pool.
  return initSqlJs({ wasmBinary: new Uint8Array(bytes).buffer });
}

export interface ConnectionOptions {
  /** The database to open; an empty index is made when undefined. It belongs to the connection from then on, also when that can't be made. */
  readonly stored?: StoredDatabase | undefined;
  /** Where the part is left that is not in memory; all of it is in memory when undefined. */
  readonly scratch?: Scratch | undefined;
  /** Bytes of the database to keep in memory. */
  readonly pageBytes?: number | undefined;
  /** Called each time the disk turns out to take no more. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** Windows lets nobody replace a file that somebody has open. */
const REPLACES_OPEN_FILES = process.platform !== 'win32';

const DEFAULT_PAGE_BYTES = 64 * 1024 * 1024;

export class Connection {
  private database: Database;
  private file: PagedFile;
  private readonly statements = new Map<string, Statement>();
  private inTransaction = false;
  /** Rows that are read one by one just now. */
  private reading = 0;
  /** What the current write is about, for messages: a path, or a file id. */
  private subject: string | number | undefined;

  constructor(
    private readonly sqlite: SqlJsStatic,
    private readonly options: ConnectionOptions = {},
  ) {
    this.file = this.fileOf(options.stored);
    try {
      if (options.stored === undefined) this.file.write(emptyIndex(sqlite), 0);
      this.database = new sqlite.Database(this.file.array);
      this.configure();
      this.createIndexes();
    } catch (error) {
      this.file.close();
      throw error instanceof StoreError ? error : this.failure(error);
    }
  }

  /** Runs a statement for its effect. Throws `StoreError`. */
  run(sql: string, parameters: Parameters = []): void {
    this.guard(() => {
      const statement = this.prepare(sql);
      try {
        statement.bind(parameters as SqlValue[]);
        statement.step();
      } finally {
        statement.reset();
      }
    });
  }

  /** First row, or undefined. Throws `StoreError`. */
  first(sql: string, parameters: Parameters = []): Row | undefined {
    return this.guard(() => {
      const statement = this.prepare(sql);
      try {
        statement.bind(parameters as SqlValue[]);
        return statement.step() ? statement.get() : undefined;
      } finally {
        statement.reset();
      }
    });
  }

  /** All rows, mapped. For results that are small by nature. Throws `StoreError`. */
  all<T>(sql: string, parameters: Parameters, map: (row: Row) => T): T[] {
    return this.guard(() => {
      const result: T[] = [];
      const statement = this.prepare(sql);
      try {
        statement.bind(parameters as SqlValue[]);
        while (statement.step()) result.push(map(statement.get()));
      } finally {
        statement.reset();
      }
      return result;
    });
  }

  /** Rows one by one, for whole tables. Throws `StoreError`. */
  *each(sql: string, parameters: Parameters = []): Generator<Row, void, undefined> {
    const statement = this.guard(() => this.database.prepare(sql));
    this.reading++;
    try {
      this.guard(() => statement.bind(parameters as SqlValue[]));
      while (this.guard(() => statement.step())) yield statement.get();
    } finally {
      this.reading--;
      statement.free();
    }
  }

  number(sql: string, parameters: Parameters = []): number {
    return Number(this.first(sql, parameters)?.[0] ?? 0);
  }

  /** Several statements, without parameters. Throws `StoreError`. */
  execute(sql: string): void {
    this.guard(() => this.database.exec(sql));
  }

  /** Says what the writes that follow are about, and that writing is in order. Throws `StoreError` outside of a transaction. */
  writing(subject: string | number): void {
    this.subject = subject;
    if (!this.inTransaction) throw new StoreError('The index is only changed inside a batch.');
  }

  get isInTransaction(): boolean {
    return this.inTransaction;
  }

  begin(): void {
    this.run('BEGIN');
    this.inTransaction = true;
    this.subject = undefined;
  }

  commit(): void {
    this.run('COMMIT');
    this.inTransaction = false;
  }

  rollback(): void {
    this.inTransaction = false;
    // SQLite may have rolled back by itself (full memory); then there is nothing left to do.
    try {
      this.database.exec('ROLLBACK');
    } catch (error) {
      if (!messageOf(error).includes('no transaction is active')) throw error;
    }
  }

  createIndexes(): void {
    for (const { name, on } of INDEXES) this.execute(`CREATE INDEX IF NOT EXISTS ${name} ON ${on}`);
  }

  dropIndexes(): void {
    for (const { name } of INDEXES) this.execute(`DROP INDEX IF EXISTS ${name}`);
  }

  /** The whole database as bytes. */
  export(): Uint8Array {
    return this.guard(() => this.database.export());
  }

  /** The whole database as it is now, outside of a transaction, to be read while it goes on changing. */
  snapshot(): DatabaseSnapshot {
    // Whoever is reading rows would lose them.
    if (!this.file.isCurrent && this.reading > 0) return asSnapshot(this.export());
    this.takeBack();
    return this.guard(() => this.file.snapshot(this.bytes));
  }

  /**
   * Goes on with what a snapshot was saved to, in place of what the database was stored in. `replace` makes the change on disk; where it throws, the old one
   * is still there, and `reopen` opens it. Rethrows.
   */
  moveTo(snapshot: DatabaseSnapshot, replace: () => StoredDatabase, reopen: () => number): void {
    const { file } = this;
    if (!REPLACES_OPEN_FILES) file.letGo();
    let stored: StoredDatabase;
    try {
      stored = replace();
    } catch (error) {
      if (!REPLACES_OPEN_FILES) file.putBack(reopen());
      throw error;
    }
    if (REPLACES_OPEN_FILES) file.letGo();
    file.replace(snapshot, stored);
  }

  /** An empty index beside this one. */
  spare(scratch: Scratch | undefined): Connection {
    return new Connection(this.sqlite, { ...this.options, stored: undefined, scratch });
  }

  /** Bytes of the database that are in memory. */
  get memoryBytes(): number {
    return this.file.memoryBytes;
  }

  get bytes(): number {
    return this.number('PRAGMA page_count') * this.number('PRAGMA page_size');
  }

  close(): void {
    this.freeStatements();
    this.database.close();
    this.file.close();
  }

  /** sql.js goes on with an array of its own when it had to cut the file; this puts the database in a file again. */
  private takeBack(): void {
    if (this.file.isCurrent) return;
    const image = this.export();
    this.close();
    this.file = this.fileOf(undefined);
    this.file.write(image, 0);
    this.database = new this.sqlite.Database(this.file.array);
    this.configure();
  }

  private fileOf(stored: StoredDatabase | undefined): PagedFile {
    const { scratch, pageBytes: cacheBytes = DEFAULT_PAGE_BYTES, onTrouble } = this.options;
    return new PagedFile({ stored, scratch, cacheBytes, onTrouble });
  }

  private freeStatements(): void {
    for (const statement of this.statements.values()) statement.free();
    this.statements.clear();
  }

  private configure(): void {
    this.execute(
      `PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
       PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${PAGE_CACHE_KIB}; PRAGMA recursive_triggers = OFF`,
    );
  }

  private prepare(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw this.failure(error);
    }
  }

  private failure(error: unknown): StoreError {
    const file = this.subjectPath();
    const about = file === undefined ? '' : ` for ${file}`;
    return new StoreError(`The index could not be read or changed${about}: ${messageOf(error)}.`, {
      file,
      cause: error,
    });
  }

  private subjectPath(): string | undefined {
    if (typeof this.subject !== 'number') return this.subject;
    try {
      const rows = this.database.exec('SELECT path FROM files WHERE id = ?', [this.subject]);
      const path = rows[0]?.values[0]?.[0];
      return typeof path === 'string' ? path : `file ${this.subject}`;
    } catch {
      // The database is beyond answering; the id is still better than nothing.
      return `file ${this.subject}`;
    }
  }
}

/** Bytes of an index that holds nothing. */
function emptyIndex(sqlite: SqlJsStatic): Uint8Array {
  const database = new sqlite.Database();
  try {
    database.exec(TABLES);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    return database.export();
  } finally {
    database.close();
  }
}

/** A database that does not change any more. */
function asSnapshot(bytes: Uint8Array): DatabaseSnapshot {
  return {
    length: bytes.length,
    subarray: (from, to) => bytes.subarray(from, to),
    isTouched: () => true,
    release: () => undefined,
  };
}
