/**
 * One SQLite database in memory, and the only caller of sql.js. Prepared statements are kept by their text. Every error
 * of SQLite becomes a `StoreError` that names what was being written.
 */
import { readFile } from 'node:fs/promises';
import initSqlJs from 'sql.js';
import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import { DatabaseFile, withRoom } from './databaseFile';
import type { ByteSource } from './databaseFile';
import { StoreError, messageOf } from './errors';
import { APPLICATION_ID, INDEXES, SCHEMA_VERSION, TABLES } from './schema';

/** SQLite, loaded. */
export type Sqlite = SqlJsStatic;
export type Row = readonly SqlValue[];
export type Parameters = readonly SqlValue[];

/** Pages of SQLite's own cache, in KiB; above the caches of decoded rows, this serves writes and index look-ups. */
const PAGE_CACHE_KIB = 16 * 1024;

/** A smaller database than this, in bytes, is copied quickly enough when it grows. */
const RESERVE_FROM = 4 << 20;

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

export class Connection {
  private database: Database;
  /** The memory that the database is in; undefined when sql.js has, or may have, its own. */
  private file: DatabaseFile | undefined;
  private readonly statements = new Map<string, Statement>();
  private inTransaction = false;
  /** Rows that are read one by one just now. */
  private reading = 0;
  /** What the current write is about, for messages: a path, or a file id. */
  private subject: string | number | undefined;

  /** Opens `bytes` (a database, with the room there is behind it in its buffer), or makes an empty index. `bytes` belong to the connection from then on. */
  constructor(
    private readonly sqlite: SqlJsStatic,
    bytes?: Uint8Array,
  ) {
    this.file = bytes && DatabaseFile.over(bytes);
    this.database = new sqlite.Database(this.file?.memory ?? bytes);
    this.configure();
    if (bytes === undefined) {
      this.execute(TABLES);
      this.execute(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    this.createIndexes();
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
    this.file = undefined;
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

  /** The whole database as bytes, without room that was reserved. */
  export(): Uint8Array {
    return this.guard(() => this.database.export());
  }

  /** The whole database as it is now, outside of a transaction, to be read while it goes on changing. */
  snapshot(): ByteSource & { release?(): void } {
    const { bytes } = this;
    if (this.file?.holds(bytes) !== true) {
      // Whoever is reading rows would lose them.
      if (this.reading > 0) return this.export();
      this.move(withRoom(bytes));
    }
    return this.file?.snapshot(bytes) ?? this.export();
  }

  /**
   * Makes room for a database of so many bytes, outside of a transaction. The file below SQLite is an array in memory,
   * which grows by an eighth and is copied whole each time: nine times its size for what is loaded from nothing.
   */
  reserve(bytes: number): void {
    if (bytes < RESERVE_FROM || bytes < 2 * this.bytes || this.reading > 0) return;
    this.move(bytes);
  }

  /** Moves the database to memory of so many bytes. */
  private move(capacity: number): void {
    const image = this.export();
    this.close();
    const memory = new Uint8Array(Math.max(capacity, image.length));
    memory.set(image);
    this.file = DatabaseFile.over(memory.subarray(0, image.length));
    this.database = new this.sqlite.Database(this.file?.memory ?? image);
    this.configure();
  }

  /** An empty index beside this one. */
  spare(): Connection {
    return new Connection(this.sqlite);
  }

  get bytes(): number {
    return this.number('PRAGMA page_count') * this.number('PRAGMA page_size');
  }

  close(): void {
    this.freeStatements();
    this.database.close();
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
    // What SQLite does about an error may be to roll back.
    this.file = undefined;
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
