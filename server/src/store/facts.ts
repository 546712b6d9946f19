/**
 * Facts: what a text says, by content hash, dialect and extractor version, shared by all files with that content.
 * Facts that the last file let go of are collected at the end of the batch. Reads go through caches bounded in bytes.
 * In a bulk load the rows of names are put off: nothing but looking for a name needs them, and they are a third of the
 * work.
 */
import type { Dialect } from '../model/graph';
import { openGraph } from '../model/graphCodec';
import type { GraphReader } from '../model/graphCodec';
import type { FileId } from '../model/ids';
import { BlobCache } from './blobCache';
import type { Change } from './changes';
import type { Connection, Row } from './connection';
import { bytesOf } from './files';
import type { FactsId, FactsRecord, SymbolRecord, SymbolRow } from './rows';

interface CachedGraph {
  readonly data: Uint8Array;
  reader: GraphReader | undefined;
}

type Names = Pick<FactsRecord, 'symbols' | 'callNames' | 'nameCount'>;

/** So many names are put off at most; they take some 25 bytes each. */
const MAX_UNWRITTEN = 250_000;

const NO_NAMES = '[]';

/** A reader keeps decoded strings and keys beside the packed bytes; this is what they come to, in multiples of them. */
const READER_FACTOR = 3;

export class FactsRows {
  private readonly graphs: BlobCache<CachedGraph>;
  private readonly skeletons: BlobCache<Uint8Array>;
  /** Facts that a file let go of in this batch. */
  private readonly released = new Set<FactsId>();
  /** Names that are not in the database yet. */
  private readonly unwritten = new Map<FactsId, Names>();
  private unwrittenCount = 0;
  /** Of this batch: texts whose names were put off, and names that were written after all. */
  private readonly putOffInBatch: FactsId[] = [];
  private readonly writtenInBatch: [FactsId, Names][] = [];
  /** Facts that this batch removed. */
  private collectedInBatch: FactsId[] = [];
  /** Names are put off. */
  putsOffNames = false;
  /** By hash, dialect and extractor, while all facts there are were put since there were none. */
  private all: Map<string, FactsId> | undefined;

  constructor(
    private readonly db: Connection,
    cacheBytes: { readonly graphs: number; readonly skeletons: number },
    private readonly changed: (change: Change) => void,
  ) {
    this.graphs = new BlobCache(cacheBytes.graphs, ({ data }) => data.length * READER_FACTOR);
    this.skeletons = new BlobCache(cacheBytes.skeletons, (data) => data.length);
  }

  /** The facts of a text that was read before, by any file. */
  find(hash: string, dialect: Dialect, extractor: string): FactsId | undefined {
    if (this.all !== undefined) return this.all.get(`${hash} ${dialect} ${extractor}`);
    const sql = 'SELECT id FROM facts WHERE hash = ? AND dialect = ? AND extractor = ?';
    const row = this.db.first(sql, [bytesOf(hash), dialect, extractor]);
    return row === undefined ? undefined : (row[0] as FactsId);
  }

  /**
   * Writes facts, or finds those that are there. A file has to take them (`files.put`) in the same batch, or they are
   * collected. `path` is the file they were made from, for messages; `id` is given in a replay only.
   */
  put(facts: FactsRecord, path: string, id?: FactsId): FactsId {
    this.db.writing(path);
    const known = this.find(facts.hash, facts.dialect, facts.extractor);
    if (known !== undefined) return known;
    const row = this.db.first('INSERT INTO facts (id, hash, dialect, extractor) VALUES (?, ?, ?, ?) RETURNING id', [
      id ?? null,
      bytesOf(facts.hash),
      facts.dialect,
      facts.extractor,
    ]);
    const result = (row?.[0] ?? 0) as FactsId;
    this.all?.set(`${facts.hash} ${facts.dialect} ${facts.extractor}`, result);
    this.db.run('INSERT INTO graph (facts_id, data) VALUES (?, ?)', [result, facts.graph]);
    this.db.run('INSERT INTO skeleton (facts_id, data) VALUES (?, ?)', [result, facts.skeleton]);
    if (this.putsOffNames) {
      this.putOffNames(result, facts);
      this.putOffInBatch.push(result);
    } else this.insertNames(result, facts);
    this.released.add(result);
    this.changed({ kind: 'facts', id: result, facts });
    return result;
  }

  get hasAny(): boolean {
    return this.db.first('SELECT 1 FROM facts LIMIT 1') !== undefined;
  }

  /** There are no facts: until a rollback or a removal, or `endAll`, those that are put need not be looked for in the database. */
  startAll(): void {
    this.all = new Map();
  }

  endAll(): void {
    this.all = undefined;
  }

  /** These are the facts of such a text. */
  isOf(id: FactsId, { hash, dialect }: Pick<FactsRecord, 'hash' | 'dialect'>): boolean {
    const sql = 'SELECT 1 FROM facts WHERE id = ? AND hash = ? AND dialect = ?';
    return this.db.first(sql, [id, bytesOf(hash), dialect]) !== undefined;
  }

  /** Everything of one text, as it was put. */
  get(id: FactsId): FactsRecord | undefined {
    this.writeNames();
    const row = this.db.first(
      `SELECT lower(hex(hash)), dialect, extractor, graph.data, skeleton.data,
         (SELECT json_group_array(json_array(name, kind, function_key)) FROM symbol WHERE facts_id = id),
         (SELECT json_group_array(name) FROM call_name WHERE facts_id = id),
         (SELECT count(*) FROM symbol WHERE facts_id = id) + (SELECT count(*) FROM call_name WHERE facts_id = id)
       FROM facts JOIN graph ON graph.facts_id = id JOIN skeleton ON skeleton.facts_id = id WHERE id = ?`,
      [id],
    );
    if (row === undefined) return undefined;
    return {
      hash: row[0] as string,
      dialect: row[1] as Dialect,
      extractor: row[2] as string,
      graph: row[3] as Uint8Array,
      skeleton: row[4] as Uint8Array,
      symbols: row[5] as string,
      callNames: row[6] as string,
      nameCount: row[7] as number,
    };
  }

  /** A file's packed flow graph; undefined when it has no facts. */
  graph(file: FileId): Uint8Array | undefined {
    return this.cachedGraph(file)?.data;
  }

  /** A file's flow graph, decoded as far as it is asked; shared by all who ask. Throws `CodecError` for damaged bytes. */
  openGraph(file: FileId): GraphReader | undefined {
    const cached = this.cachedGraph(file);
    if (cached === undefined) return undefined;
    return (cached.reader ??= openGraph(cached.data));
  }

  skeleton(file: FileId): Uint8Array | undefined {
    return this.skeletons.get(file, () => this.blob('skeleton', file));
  }

  /** The skeletons of all files, in the order of file ids, past the cache: for a cold link. */
  *allSkeletons(): Generator<readonly [FileId, Uint8Array], void, undefined> {
    const sql = 'SELECT file.id, data FROM file JOIN skeleton USING (facts_id) ORDER BY file.id';
    for (const row of this.db.each(sql)) yield [row[0] as FileId, row[1] as Uint8Array];
  }

  /** The flow graphs of some files, in the order given, past the cache: for a cold solve. */
  *graphsOf(files: Iterable<FileId>): Generator<readonly [FileId, Uint8Array], void, undefined> {
    for (const file of files) {
      const data = this.blob('graph', file);
      if (data !== undefined) yield [file, data];
    }
  }

  /** Files that declare or export a name. */
  symbols(name: string): readonly SymbolRow[] {
    this.writeNames();
    const sql = `SELECT name, kind, function_key, file.id FROM symbol JOIN file USING (facts_id)
      WHERE name = ? ORDER BY file.id, kind, function_key`;
    return this.db.all(sql, [name], (row) => ({ ...symbolRecord(row), file: row[3] as FileId }));
  }

  /** Files that call something by this name. */
  callers(name: string): readonly FileId[] {
    this.writeNames();
    const sql = 'SELECT file.id FROM call_name JOIN file USING (facts_id) WHERE name = ? ORDER BY file.id';
    return this.db.all(sql, [name], (row) => row[0] as FileId);
  }

  /** Bytes held by the caches. */
  get cacheBytes(): number {
    return this.graphs.bytes + this.skeletons.bytes;
  }

  release(facts: FactsId): void {
    this.released.add(facts);
  }

  /** A file has taken them. */
  keep(facts: FactsId): void {
    this.released.delete(facts);
  }

  /** Takes the skeleton of a file that was written into the cache. */
  remember(file: FileId, skeleton: Uint8Array): void {
    this.skeletons.set(file, skeleton);
  }

  /** Empties the caches. */
  shed(): void {
    this.graphs.clear();
    this.skeletons.clear();
  }

  get hasUnwrittenNames(): boolean {
    return this.unwritten.size > 0;
  }

  /** Writes the names of so many texts that were put off. Throws `StoreError`. */
  writeNames(most = Infinity): void {
    if (this.unwritten.size === 0) return;
    const isAlone = !this.db.isInTransaction;
    if (isAlone) this.db.begin();
    let written = 0;
    for (const [id, names] of this.unwritten) {
      if (written++ >= most) break;
      this.insertNames(id, names);
      this.dropNames(id);
      this.writtenInBatch.push([id, names]);
    }
    if (!isAlone) return;
    this.db.commit();
    this.committed();
  }

  forget(file: FileId): void {
    this.graphs.forget(file);
    this.skeletons.forget(file);
  }

  /** Removes the facts let go of in this batch that no file has. Called at the end of each batch. */
  collect(): void {
    for (const id of this.released) {
      if (this.db.first('SELECT 1 FROM file WHERE facts_id = ? LIMIT 1', [id]) !== undefined) continue;
      this.endAll();
      this.dropNames(id);
      this.collectedInBatch.push(id);
      this.db.run('DELETE FROM facts WHERE id = ?', [id]);
      for (const table of ['graph', 'skeleton', 'symbol', 'call_name'] as const) {
        this.db.run(`DELETE FROM ${table} WHERE facts_id = ?`, [id]);
      }
    }
    this.released.clear();
    if (this.unwrittenCount > MAX_UNWRITTEN) this.writeNames();
  }

  /** What this batch did holds. Gives the facts that it removed. */
  committed(): readonly FactsId[] {
    this.putOffInBatch.length = 0;
    this.writtenInBatch.length = 0;
    const collected = this.collectedInBatch;
    this.collectedInBatch = [];
    return collected;
  }

  /** Nothing that this batch did holds. */
  rollBack(): void {
    for (const [id, names] of this.writtenInBatch) this.putOffNames(id, names);
    for (const id of this.putOffInBatch) this.dropNames(id);
    this.committed();
    this.clearCaches();
  }

  private clearCaches(): void {
    this.endAll();
    this.released.clear();
    this.shed();
  }

  /** All names in one statement: passing rows to SQLite one by one would cost twice as much. */
  private insertNames(id: FactsId, { symbols, callNames }: Names): void {
    if (symbols !== NO_NAMES) {
      this.db.run(
        `INSERT OR IGNORE INTO symbol (facts_id, name, kind, function_key)
         SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`,
        [id, symbols],
      );
    }
    if (callNames !== NO_NAMES) {
      const sql = 'INSERT OR IGNORE INTO call_name (facts_id, name) SELECT ?, value FROM json_each(?)';
      this.db.run(sql, [id, callNames]);
    }
  }

  private putOffNames(id: FactsId, { symbols, callNames, nameCount }: Names): void {
    if (nameCount === 0) return;
    this.unwritten.set(id, { symbols, callNames, nameCount });
    this.unwrittenCount += nameCount;
  }

  private dropNames(id: FactsId): void {
    const names = this.unwritten.get(id);
    if (names === undefined) return;
    this.unwritten.delete(id);
    this.unwrittenCount -= names.nameCount;
  }

  private cachedGraph(file: FileId): CachedGraph | undefined {
    return this.graphs.get(file, () => {
      const data = this.blob('graph', file);
      return data === undefined ? undefined : { data, reader: undefined };
    });
  }

  private blob(table: 'graph' | 'skeleton', file: FileId): Uint8Array | undefined {
    const sql = `SELECT data FROM file JOIN ${table} USING (facts_id) WHERE file.id = ?`;
    const row = this.db.first(sql, [file]);
    return row === undefined ? undefined : (row[0] as Uint8Array);
  }
}

function symbolRecord(row: Row): SymbolRecord {
  return { name: row[0] as string, kind: row[1] as string, functionKey: row[2] as number };
}
