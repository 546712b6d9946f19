/**
 * The index: one SQLite database in memory, kept on disk as a checkpoint and a journal of the batches since. The rows
 * are behind small repositories (`files`, `facts`, …); this class owns what they share: transactions, caches, and how
 * the database reaches the disk. One store writes to a folder at a time; where that can't be, it works in memory and
 * says so.
 */
import { closeSync } from 'node:fs';
import type { Logger } from '../model/analysis';
import type { FileId } from '../model/ids';
import { decodeChanges, encodeChanges } from './changes';
import type { Change } from './changes';
import { Connection, loadSqlite, type Sqlite } from './connection';
import { ConsistencyRows } from './consistency';
import { AnswerRows } from './answers';
import { DerivedRows } from './derived';
import { DiskTrouble, describeTrouble } from './diskTrouble';
import { dump } from './dump';
import { messageOf } from './errors';
import { FactsRows } from './facts';
import { FileRows } from './files';
import { FindingRows } from './findings';
import type { VerifyChunks } from './checkpoint';
import { StorageFolder } from './folder';
import type { FolderContent, OpenedFolder } from './folder';
import { ImportRows } from './imports';
import { MetaRows } from './meta';
import type { StoredDatabase } from './pagedFile';
import type { FactsId, FactsRecord, FileRecord } from './rows';
import { SCHEMA_VERSION } from './schema';

export interface StoreOptions {
  /** Where the index is kept; undefined for one that lives in memory only. */
  readonly folder: string | undefined;
  /** The WebAssembly module of SQLite, or its path. */
  readonly wasm: Uint8Array | string;
  /** Versions of the packed columns, as one text. An index with others is set aside and built anew. */
  readonly formats: string;
  readonly log: Logger;
  /** Bytes for all caches together. */
  readonly cacheBytes?: number;
  /** Bytes of the database to keep in memory where there is a folder. */
  readonly pageBytes?: number;
  /** How the checkpoint is compared with its checksums; on this thread by default. */
  readonly verify?: VerifyChunks | undefined;
}

export interface StoreStatistics {
  readonly databaseBytes: number;
  readonly journalBytes: number;
  readonly cacheBytes: number;
  /** False when the index lives in memory only. */
  readonly isPersistent: boolean;
  /** Where it is kept. */
  readonly folder: string | undefined;
  /** When the last checkpoint was finished, milliseconds since 1970. */
  readonly lastCheckpoint: number | undefined;
}

const DEFAULT_CACHE_BYTES = 96 * 1024 * 1024;

/** A checkpoint is due when this share of the database, and at least this many bytes, are not in it. */
const CHECKPOINT_SHARE = 0.25;
const CHECKPOINT_MINIMUM = 256 * 1024;
/** With so many times that much in the journal, it does not wait any longer for a time when there is nothing else to do. */
const OVERDUE = 4;
/** Before a sync of the journal, in milliseconds. */
const SYNC_AFTER = 200;
/** Texts whose names are written at once before a checkpoint. */
const NAMES_AT_ONCE = 64;

export class Store {
  readonly files: FileRows;
  readonly facts: FactsRows;
  readonly imports: ImportRows;
  readonly links: DerivedRows;
  readonly summaries: DerivedRows;
  readonly findings: FindingRows;
  readonly meta: MetaRows;
  readonly answers: AnswerRows;
  readonly consistency: ConsistencyRows;

  /**
   * Brings derived rows (links, summaries) up to date, called inside a batch before a checkpoint is taken. Only checkpoints bring them to
   * disk, so nobody has to write them before.
   */
  onCheckpoint: (() => void) | undefined;
  private readonly messages: string[] = [];
  private changes: Change[] = [];
  private depth = 0;
  private isBulk = false;
  /** Facts of batches that were not journaled; a journaled file that takes them brings them along. */
  private readonly unjournaled = new Set<FactsId>();
  /** Bytes of derived rows that only a checkpoint will bring to disk. */
  private derivedBytes = 0;
  private hasCheckpoint = false;
  private lastCheckpoint: number | undefined;
  private readonly trouble = new DiskTrouble(() => void this.saveAgain());
  private checkpointing: Promise<boolean> | undefined;
  private syncTimer: NodeJS.Timeout | undefined;
  private overdueTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly db: Connection,
    private folder: StorageFolder | undefined,
    private readonly log: Logger,
    private readonly cacheBytes: number,
  ) {
    const share = (part: number): number => Math.floor(cacheBytes * part);
    const changed = (change: Change): void => void this.changes.push(change);
    const derived = (bytes: number): void => void (this.derivedBytes += bytes);
    this.facts = new FactsRows(db, { graphs: share(0.5), skeletons: share(0.15) }, changed);
    this.links = new DerivedRows(db, 'link', share(0.15), derived);
    this.summaries = new DerivedRows(db, 'summary', share(0.2), derived);
    this.files = new FileRows(db, {
      changed,
      released: (facts) => this.facts.release(facts),
      forget: (file) => this.forget(file),
    });
    this.imports = new ImportRows(db);
    this.findings = new FindingRows(db, derived);
    this.meta = new MetaRows(db);
    this.answers = new AnswerRows(db);
    this.consistency = new ConsistencyRows(db);
  }

  /**
   * Opens an index, or starts an empty one. What the folder held is replayed; what can't be used is set aside, and
   * `notices` says so. Files that need their links, summaries and findings computed are `files.pending()`. Throws
   * `StoreError` only when SQLite itself can't be loaded.
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { folder: path, formats, verify } = options;
    // Both take their time, and neither needs the other.
    const [loaded, opened] = await Promise.allSettled([
      loadSqlite(options.wasm),
      path === undefined ? undefined : StorageFolder.open(path, `${SCHEMA_VERSION}/${formats}`, verify),
    ]);
    if (opened.status === 'rejected') throw opened.reason;
    if (loaded.status === 'rejected') {
      if (opened.value?.kind === 'open') {
        if (opened.value.content.database !== undefined) closeSync(opened.value.content.database.descriptor);
        await opened.value.folder.close();
      }
      throw loaded.reason;
    }
    return Store.openWith(options, loaded.value, opened.value);
  }

  private static async openWith(
    options: StoreOptions,
    sqlite: Sqlite,
    opened: OpenedFolder | undefined,
  ): Promise<Store> {
    const cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    if (opened?.kind !== 'open') {
      const store = new Store(new Connection(sqlite), undefined, options.log, cacheBytes);
      if (opened !== undefined)
        store.notice(`${opened.reason} The index is kept in memory only and will be built again next time.`);
      return store;
    }
    const { folder, content } = opened;
    // The disk may fill up before the store is there; it says so when it happens again.
    let onTrouble = (error: unknown): void => {
      options.log.error(messageOf(error));
    };
    const connect = (stored: StoredDatabase | undefined): Connection =>
      new Connection(sqlite, {
        stored,
        scratch: folder.scratch(),
        pageBytes: options.pageBytes,
        onTrouble: (error) => {
          onTrouble(error);
        },
      });
    const storeOver = (connection: Connection): Store => {
      const store = new Store(connection, folder, options.log, cacheBytes);
      // SQLite is in the middle of something.
      onTrouble = (error) => setImmediate(() => store.diskFailed(error));
      return store;
    };
    let connection: Connection;
    try {
      connection = connect(content.database);
    } catch (error) {
      options.log.error(messageOf(error));
      await folder.abandon();
      const store = storeOver(connect(undefined));
      const problem = content.problem ?? `The stored index in ${folder.path} can't be opened.`;
      store.notice(`${problem} It was set aside and is built again.`);
      return store;
    }
    const store = storeOver(connection);
    await store.recover(content);
    return store;
  }

  /** What the user should know, one sentence or two each, in the order it happened. */
  get notices(): readonly string[] {
    return this.messages;
  }

  /** True when no file was ever indexed here: what follows is a first index. */
  get isEmpty(): boolean {
    return this.files.count() === 0;
  }

  /**
   * Runs a change as one transaction: all of it, or nothing. A batch inside a batch belongs to it. When this returns,
   * the change survives the end of the process, except with `durable: false` (text that is being typed), which is
   * kept in memory until the next checkpoint. Rethrows what the change throws, after the rollback; errors of the
   * database are `StoreError`s that name the file.
   */
  batch<T>(change: () => T, options: { readonly durable?: boolean } = {}): T {
    if (this.depth > 0) return change();
    this.depth++;
    let result: T;
    let collected: readonly FactsId[];
    try {
      this.db.begin();
      result = change();
      this.facts.collect();
      this.db.commit();
      collected = this.facts.committed();
    } catch (error) {
      this.rollback();
      throw error;
    } finally {
      this.depth--;
    }
    const changes = this.changes;
    this.changes = [];
    if (options.durable === false) this.postpone(changes);
    else this.record(changes);
    for (const id of collected) this.unjournaled.delete(id);
    return result;
  }

  /**
   * Loads much at once: secondary indexes are dropped before and built once after. Reverse look-ups work meanwhile,
   * but slowly. Names are written when somebody looks for one, at the latest with the next checkpoint. `load` uses
   * `batch` as usual.
   */
  async bulk<T>(load: () => Promise<T>): Promise<T> {
    if (this.isBulk) return load();
    this.isBulk = true;
    this.facts.putsOffNames = true;
    if (this.isEmpty) {
      this.files.startEmpty();
      if (!this.facts.hasAny) this.facts.startAll();
    }
    this.db.dropIndexes();
    try {
      return await load();
    } finally {
      this.isBulk = false;
      this.facts.putsOffNames = false;
      this.facts.endAll();
      this.db.createIndexes();
    }
  }

  /** Writes a file with its facts, inside a batch. The facts are shared when an equal text was there before. */
  putFile(file: Omit<FileRecord, 'facts'>, facts: FactsRecord | undefined): FileId {
    const id = facts === undefined ? undefined : this.facts.put(facts, file.path);
    const result = this.files.put({ ...file, facts: id });
    if (id !== undefined) this.facts.keep(id);
    // Linking asks for it next.
    if (facts !== undefined) this.facts.remember(result, facts.skeleton);
    return result;
  }

  /** Writes a file whose facts are there, because another one has, or had in this batch, the same content. */
  putKnown(file: FileRecord): FileId {
    const result = this.files.put(file);
    if (file.facts !== undefined) this.facts.keep(file.facts);
    return result;
  }

  /** Writes a checkpoint when enough has changed since the last; call when idle. True when one was written. */
  async checkpointIfDue(): Promise<boolean> {
    return this.isCheckpointDue ? this.checkpoint() : false;
  }

  private get isCheckpointDue(): boolean {
    if (this.folder === undefined || this.trouble.isWaiting) return false;
    const missing = this.folder.journalBytes + this.derivedBytes;
    const isFirst = !this.hasCheckpoint && !this.isEmpty;
    return isFirst || missing >= this.checkpointLimit || !this.folder.isJournaling;
  }

  private get checkpointLimit(): number {
    return Math.max(CHECKPOINT_MINIMUM, this.db.bytes * CHECKPOINT_SHARE);
  }

  /** Writes a checkpoint in a moment when the journal has grown far too long; call between updates. */
  checkpointIfOverdue(): void {
    if (this.folder === undefined || this.folder.journalBytes < OVERDUE * this.checkpointLimit) return;
    this.overdueTimer ??= setTimeout(() => void this.checkpointWhenFree(), 0).unref();
  }

  /** One that is being written may have begun before what is to be saved. */
  private async checkpointWhenFree(): Promise<void> {
    await this.checkpointing;
    this.overdueTimer = undefined;
    await this.checkpointIfDue();
  }

  /**
   * Writes the whole database to disk, as it is now, while it goes on changing. False when there is no folder or it
   * failed (then `notices` says why, and journal and last checkpoint are still good).
   */
  checkpoint(): Promise<boolean> {
    this.checkpointing ??= this.writeCheckpoint().finally(() => (this.checkpointing = undefined));
    return this.checkpointing;
  }

  /** An empty index in memory beside this one, to be filled while this one is used: a rebuild. */
  spare(): Store {
    return new Store(this.db.spare(this.folder?.scratch()), undefined, this.log, this.cacheBytes);
  }

  /**
   * Goes on in the folder of another store, which is in memory only from now on: the end of a rebuild. What is on disk
   * stays the other's, and can be opened, until the next checkpoint replaces it; that is due at once.
   */
  async succeed(other: Store): Promise<void> {
    await other.checkpointing;
    clearTimeout(other.syncTimer);
    this.folder = other.folder;
    other.folder = undefined;
    this.folder?.interrupt();
  }

  /** All rows as lines, with paths for ids: to compare two indexes by. Throws `StoreError`. */
  dump(): Generator<string, void, undefined> {
    this.batch(() => {
      this.facts.writeNames();
    });
    return dump(this.db);
  }

  statistics(): StoreStatistics {
    return {
      databaseBytes: this.db.bytes,
      journalBytes: this.folder?.journalBytes ?? 0,
      cacheBytes: this.facts.cacheBytes + this.links.cacheBytes + this.summaries.cacheBytes,
      isPersistent: this.folder !== undefined,
      folder: this.folder?.path,
      lastCheckpoint: this.lastCheckpoint,
    };
  }

  /** Closes the database and gives the folder free. Writes no checkpoint; nothing is lost without one. */
  async close(): Promise<void> {
    clearTimeout(this.syncTimer);
    clearTimeout(this.overdueTimer);
    this.trouble.stop();
    await this.checkpointing;
    this.trouble.stop();
    const folder = this.folder;
    this.folder = undefined;
    try {
      await folder?.close();
    } catch (error) {
      this.log.error(`The journal in ${folder?.path ?? ''} could not be closed: ${messageOf(error)}`);
    }
    this.db.close();
  }

  private async recover(content: FolderContent): Promise<void> {
    this.hasCheckpoint = content.database !== undefined;
    this.lastCheckpoint = content.savedAt;
    const replayed = new Replay(this.files, this.facts);
    let { problem, isDamaged } = content;
    for (const payload of content.payloads) {
      try {
        const changes = decodeChanges(payload);
        this.withoutJournal(() => replayed.apply(changes));
      } catch (error) {
        this.log.error(`A record of the journal could not be replayed: ${messageOf(error)}`);
        problem ??= `The journal in ${this.folder?.path ?? ''} does not fit the stored index; its last changes are lost.`;
        isDamaged = true;
        this.folder?.interrupt();
        break;
      }
    }
    if (isDamaged) {
      // A file may have been put and put again; the time of what is left may be that of what is there by chance.
      this.withoutJournal(() => {
        this.files.forgetTimes();
      });
    }
    if (problem !== undefined) {
      const rest = this.isEmpty ? 'It was set aside and is built again.' : 'They are read again from the files.';
      this.notice(`${problem} ${rest}`);
    } else if (isDamaged) {
      const where = this.folder?.path ?? '';
      this.log.warn(`A damaged record of the journal in ${where} was left out; the files are compared with the index.`);
    }
    if (this.folder?.isJournaling === false) await this.checkpoint();
    this.log.debug(`Index opened: ${this.files.count()} files, ${content.payloads.length} journal records replayed.`);
  }

  private withoutJournal(change: () => void): void {
    const { folder } = this;
    this.folder = undefined;
    try {
      this.batch(change);
    } finally {
      this.folder = folder;
    }
  }

  private rollback(): void {
    this.changes = [];
    this.clearCaches();
    this.facts.rollBack();
    this.db.rollback();
  }

  private postpone(changes: readonly Change[]): void {
    for (const change of changes) if (change.kind === 'facts') this.unjournaled.add(change.id);
  }

  private record(changes: readonly Change[]): void {
    if (this.folder === undefined || changes.length === 0 || !this.folder.isJournaling) return;
    try {
      this.folder.append(encodeChanges(this.withPostponed(changes)));
      this.scheduleSync();
    } catch (error) {
      this.diskFailed(error);
    }
  }

  /** The changes, with the facts that a file among them took from a batch that was not journaled. */
  private withPostponed(changes: readonly Change[]): readonly Change[] {
    if (this.unjournaled.size === 0) return changes;
    const result: Change[] = [];
    for (const change of changes) {
      if (change.kind === 'facts') this.unjournaled.delete(change.id);
      if (change.kind === 'file' && change.file.facts !== undefined && this.unjournaled.delete(change.file.facts)) {
        const facts = this.facts.get(change.file.facts);
        if (facts !== undefined) result.push({ kind: 'facts', id: change.file.facts, facts });
      }
      result.push(change);
    }
    return result;
  }

  private scheduleSync(): void {
    this.syncTimer ??= setTimeout(() => {
      this.syncTimer = undefined;
      this.folder?.sync().catch((error: unknown) => {
        this.folder?.interrupt();
        this.diskFailed(error);
      });
    }, SYNC_AFTER).unref();
  }

  private async writeCheckpoint(): Promise<boolean> {
    if (this.folder === undefined) return false;
    let postponed: readonly FactsId[];
    let derived: number;
    try {
      this.folder.claim();
      await this.writeNames();
      const { onCheckpoint } = this;
      if (onCheckpoint !== undefined) this.batch(onCheckpoint);
      postponed = [...this.unjournaled];
      derived = this.derivedBytes;
      const { folder, db } = this;
      const snapshot = db.snapshot();
      try {
        await folder.checkpoint(snapshot, (replace) => {
          db.moveTo(snapshot, replace, () => folder.reopen());
        });
      } finally {
        snapshot.release();
      }
    } catch (error) {
      this.diskFailed(error);
      return false;
    }
    for (const id of postponed) this.unjournaled.delete(id);
    this.derivedBytes -= derived;
    this.hasCheckpoint = true;
    this.lastCheckpoint = Date.now();
    if (this.trouble.ended()) this.log.info(`The index is saved again in ${this.folder.path}.`);
    return true;
  }

  /** In portions, so that whoever waits for this thread does not wait for all of them. */
  private async writeNames(): Promise<void> {
    while (this.facts.hasUnwrittenNames) {
      this.batch(() => {
        this.facts.writeNames(NAMES_AT_ONCE);
      });
      await new Promise(setImmediate);
    }
  }

  private async saveAgain(): Promise<void> {
    const { folder } = this;
    if (folder === undefined) return;
    if (this.trouble.hasRoom(folder.path, this.db.bytes)) await this.checkpoint();
    else this.trouble.wait();
  }

  private diskFailed(error: unknown): void {
    const message = describeTrouble(this.folder?.path ?? '', error, this.db.bytes);
    if (this.trouble.began(error)) this.notice(message);
    else this.log.debug(message);
  }

  private notice(message: string): void {
    this.messages.push(message);
    if (this.log.notice === undefined) this.log.warn(message);
    else this.log.notice(message);
  }

  private forget(file: FileId): void {
    this.facts.forget(file);
    this.links.forget(file);
    this.summaries.forget(file);
  }

  /** Lets go of everything that can be read again, when memory is short. Whoever reads it next waits for it. */
  shed(): void {
    this.facts.shed();
    this.links.clearCaches();
    this.summaries.clearCaches();
  }

  private clearCaches(): void {
    this.files.clearCaches();
    this.links.clearCaches();
    this.summaries.clearCaches();
  }
}

/** Applies journal records by the ordinary write path. Keeps the ids of the journal, and tells where facts got others. */
class Replay {
  private readonly factsIds = new Map<FactsId, FactsId>();

  constructor(
    private readonly files: FileRows,
    private readonly facts: FactsRows,
  ) {}

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      switch (change.kind) {
        case 'facts':
          this.factsIds.set(change.id, this.facts.put(change.facts, change.facts.hash, change.id));
          break;
        case 'file':
          this.put(change.id, change.file);
          break;
        case 'remove':
          this.files.remove(change.id);
          break;
      }
    }
  }

  private put(id: FileId, file: FileRecord): void {
    const facts = file.facts === undefined ? undefined : (this.factsIds.get(file.facts) ?? file.facts);
    if (facts === undefined || this.facts.isOf(facts, file)) this.files.put({ ...file, facts }, id);
    // Facts that were never journaled, or were lost with a damaged record: without them the file counts as unknown, and the disk will bring it back.
    else this.files.remove(this.files.idOf(file.root, file.path) ?? id);
  }
}
