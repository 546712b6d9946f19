/**
 * A storage folder on disk: the checkpoint, the journals that follow it, and the lock. Checkpoint and journals are
 * numbered; reading is the checkpoint, then the journals from its number on without a gap. Where something that the
 * journal should have held was lost (a full disk), the next number is left out, so that what follows is not replayed
 * on a state it does not fit. One damaged record is left out; with more, the journal counts up to the first of them. What
 * can't be used is set aside under another name, and only the last such is kept.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CHECKPOINT, readCheckpoint, writeCheckpoint, type VerifyChunks } from './checkpoint';
import { StoreError, messageOf } from './errors';
import { Journal, readJournal } from './journal';
import type { JournalContent } from './journal';
import { Lock, LOCK_TOUCH_INTERVAL } from './lock';
import type { ByteSource, Scratch, StoredDatabase } from './pagedFile';

const LOCK = 'lock';
/** Milliseconds before the second attempt to get the lock (then twice as many each time), and in all: someone waits for the findings meanwhile. */
const LOCK_INTERVAL = 25;
const LOCK_PATIENCE = 2_500;
/** Files that taking a lock needs for a moment, and after how many milliseconds they are left over. */
const LOCK_HELPER = /^lock\.[0-9a-f-]{36}$/;
const HELPER_LEFT_OVER = 60_000;
/** Scratch files, where a process left any; most are gone as soon as they are open. */
const SCRATCH = /^pages-\d+\.tmp$/;
const JOURNAL = /^changes-(\d+)\.journal$/;
const DAMAGED = /\.damaged-(\d+)$/;

/** What could be saved of a folder. */
export interface FolderContent {
  /** The database of the checkpoint, or undefined where there is none. */
  readonly database: StoredDatabase | undefined;
  /** When it was written, milliseconds since 1970. */
  readonly savedAt: number | undefined;
  /** Payloads of the journals since, in order. */
  readonly payloads: readonly Uint8Array[];
  /** What had to be given up, as a whole sentence; undefined when nothing. */
  readonly problem: string | undefined;
  /** Something is missing that was saved, from one record on: the times of files say nothing then. */
  readonly isDamaged: boolean;
}

export type OpenedFolder =
  | { readonly kind: 'open'; readonly folder: StorageFolder; readonly content: FolderContent }
  /** The folder can't be used; `reason` is a whole sentence. */
  | { readonly kind: 'unusable'; readonly reason: string };

interface ReadJournal {
  readonly sequence: number;
  readonly content: JournalContent;
}

export class StorageFolder {
  private journalFile: Journal | undefined;
  private isAppending = true;
  /** Number of the journal in use. */
  private sequence = 0;
  /** Something is missing between the last checkpoint and the journal in use. */
  private hasGap = false;
  private scratchFiles = 0;
  private readonly touching: NodeJS.Timeout;

  private constructor(
    readonly path: string,
    private readonly schema: string,
    private lock: Lock,
    private readonly verify: VerifyChunks | undefined,
  ) {
    this.touching = setInterval(() => {
      this.touch();
    }, LOCK_TOUCH_INTERVAL).unref();
  }

  /** Locks a folder (made if need be) and reads what has this schema. Never throws: a folder that can't be used is told as such. */
  static async open(path: string, schema: string, verify?: VerifyChunks): Promise<OpenedFolder> {
    let lock: ReturnType<typeof Lock.take>;
    try {
      mkdirSync(path, { recursive: true });
      lock = await takeLock(join(path, LOCK));
    } catch (error) {
      return { kind: 'unusable', reason: `The storage folder ${path} can't be written (${messageOf(error)}).` };
    }
    if (!(lock instanceof Lock)) {
      return { kind: 'unusable', reason: `The storage folder ${path} is in use by another process (${lock.heldBy}).` };
    }
    const folder = new StorageFolder(path, schema, lock, verify);
    try {
      return { kind: 'open', folder, content: await folder.read() };
    } catch (error) {
      folder.release();
      return { kind: 'unusable', reason: `The storage folder ${path} can't be used (${messageOf(error)}).` };
    }
  }

  /** Bytes of the journal since the last checkpoint. */
  get journalBytes(): number {
    return this.journalFile?.bytes ?? 0;
  }

  /** False after an append failed, until the next checkpoint. */
  get isJournaling(): boolean {
    return this.journalFile !== undefined && this.isAppending;
  }

  /** Throws the file system's error, or `StoreError` when the folder is another's; from then on nothing is appended until a checkpoint succeeds. */
  append(payload: Uint8Array): void {
    if (!this.isAppending) return;
    try {
      if (!this.lock.isHeld) throw this.lost();
      this.journalFile?.append(payload);
    } catch (error) {
      this.interrupt();
      throw error;
    }
  }

  /** What comes next does not continue what is on disk (a lost record, another database): nothing is appended until a checkpoint. */
  interrupt(): void {
    this.hasGap = true;
    this.isAppending = false;
  }

  /** Makes the folder and its lock again when somebody removed them. Throws `StoreError` when the folder is another's. */
  claim(): void {
    if (this.lock.isHeld) return;
    if (!this.lock.isGone) throw this.lost();
    this.interrupt();
    mkdirSync(this.path, { recursive: true });
    const lock = Lock.take(join(this.path, LOCK));
    if (!(lock instanceof Lock)) throw this.lost();
    this.lock = lock;
    // Whoever was here meanwhile may have left journals that ours must not seem to continue.
    this.sequence = Math.max(this.sequence, ...this.journals());
  }

  sync(): Promise<void> {
    return this.journalFile?.sync() ?? Promise.resolve();
  }

  /**
   * Replaces the checkpoint by this database. The next journal starts at once; the
   * files of the last checkpoint go when the new one is in place. Throws `StoreError` or the file system's error; the
   * old checkpoint and its journals are then still good. `place` is to call what puts it in place, and is given the new one.
   */
  async checkpoint(database: ByteSource, place?: (replace: () => StoredDatabase) => void): Promise<void> {
    this.claim();
    const sequence = await this.startJournal();
    await writeCheckpoint(join(this.path, CHECKPOINT), database, { schema: this.schema, sequence }, place);
    // A record may have been lost while the checkpoint was written; then the gap is behind it.
    this.hasGap = !this.isAppending;
    for (const other of this.journals()) if (other !== sequence) this.removeJournal(other);
  }

  /** Opens the checkpoint once more. Throws the file system's error. */
  reopen(): number {
    return openSync(join(this.path, CHECKPOINT), 'r');
  }

  /** A place for what one database does not keep in memory. */
  scratch(): Scratch {
    const path = join(this.path, `pages-${this.scratchFiles++}.tmp`);
    return {
      open() {
        const descriptor = openSync(path, 'w+');
        // Nobody else is to find it, and it is to be gone when this process is. Where an open file can't be removed, it is when it is closed.
        remove(path);
        return descriptor;
      },
      close(descriptor) {
        closeSync(descriptor);
        remove(path);
      },
    };
  }

  /** What was read can't be used after all: set aside, and start with nothing. Throws the file system's error. */
  async abandon(): Promise<void> {
    await this.journalFile?.close();
    this.setAside([CHECKPOINT, ...this.journals().map(journalName)]);
    this.sequence = 0;
    this.journalFile = this.createJournal(0);
  }

  /** Closes the journal and gives the folder free. Throws the file system's error. */
  async close(): Promise<void> {
    try {
      await this.journalFile?.close();
    } finally {
      this.journalFile = undefined;
      this.release();
    }
  }

  /** The journal for what comes after a checkpoint that is about to be written; one that holds nothing yet will do. */
  private async startJournal(): Promise<number> {
    if (this.isJournaling && this.journalFile?.isEmpty === true) return this.sequence;
    const sequence = this.sequence + (this.hasGap ? 2 : 1);
    const old = this.journalFile;
    this.journalFile = this.createJournal(sequence);
    this.sequence = sequence;
    this.isAppending = true;
    await old?.close();
    return sequence;
  }

  private lost(): StoreError {
    return new StoreError(
      this.lock.isGone
        ? `The storage folder ${this.path} was removed.`
        : `Another process has taken over the storage folder ${this.path}.`,
    );
  }

  private touch(): void {
    try {
      this.lock.touch();
    } catch {
      // The folder is gone or can't be written; the next batch or checkpoint says so.
      this.interrupt();
    }
  }

  private release(): void {
    clearInterval(this.touching);
    this.lock.release();
  }

  private async read(): Promise<FolderContent> {
    this.removeLeftOver();
    const checkpoint = await readCheckpoint(join(this.path, CHECKPOINT), this.schema, this.verify);
    switch (checkpoint.state) {
      case 'damaged':
      case 'other-schema': {
        await this.abandon();
        const problem = `The stored index in ${this.path} ${checkpoint.reason}.`;
        return { database: undefined, savedAt: undefined, payloads: [], problem, isDamaged: true };
      }
      case 'missing':
        return { database: undefined, savedAt: undefined, ...this.readJournals(0) };
      case 'whole':
        try {
          return {
            database: checkpoint.database,
            savedAt: fstatSync(checkpoint.database.descriptor).mtimeMs,
            ...this.readJournals(checkpoint.sequence),
          };
        } catch (error) {
          closeSync(checkpoint.database.descriptor);
          throw error;
        }
    }
  }

  /** Reads the journals from a number on, as far as they fit together. Damaged ones are replaced with the next checkpoint, which has to come soon. */
  private readJournals(first: number): Omit<FolderContent, 'database' | 'savedAt'> {
    const sequences = this.journals();
    const read: ReadJournal[] = [];
    let dropped = 0;
    for (let sequence = first; sequences.includes(sequence); sequence++) {
      const content = readJournal(this.journalPath(sequence), { schema: this.schema, sequence });
      if (content.state === 'foreign') break;
      read.push({ sequence, content });
      dropped += content.dropped;
      if (content.state === 'cut') break;
    }
    for (const sequence of sequences) if (sequence < first) this.removeJournal(sequence);
    let unused = sequences.filter((sequence) => sequence > first - 1 + read.length);
    // A number was left out on purpose: the process ended before the checkpoint was written that these belong to.
    if (read.length > 0 && unused[0] === first + read.length + 1) {
      for (const sequence of unused) this.removeJournal(sequence);
      unused = [];
    }
    if (dropped === 0 && unused.length === 0) {
      this.continueJournal(first, read.at(-1));
      return { payloads: payloadsOf(read), problem: undefined, isDamaged: false };
    }
    this.sequence = Math.max(first, ...sequences);
    this.interrupt();
    if (dropped === 1 && unused.length === 0)
      return { payloads: payloadsOf(read), problem: undefined, isDamaged: true };
    const bad = read.findIndex(({ content }) => content.dropped > 0);
    const sound = bad < 0 ? read : read.slice(0, bad + 1);
    const payloads = sound.flatMap(({ content }) => content.payloads.slice(0, content.sound));
    this.setAside([...(bad < 0 ? [] : read.slice(bad).map(({ sequence }) => sequence)), ...unused].map(journalName));
    const problem = `The journal of the stored index in ${this.path} is damaged; its last changes are lost.`;
    return { payloads, problem, isDamaged: true };
  }

  private removeLeftOver(): void {
    rmSync(join(this.path, `${CHECKPOINT}.tmp`), { recursive: true, force: true });
    for (const name of readdirSync(this.path)) {
      if (SCRATCH.test(name)) rmSync(join(this.path, name), { force: true });
      if (!LOCK_HELPER.test(name)) continue;
      const stats = statSync(join(this.path, name), { throwIfNoEntry: false });
      if (stats !== undefined && Date.now() - stats.mtimeMs > HELPER_LEFT_OVER) {
        rmSync(join(this.path, name), { force: true });
      }
    }
  }

  private continueJournal(first: number, last: ReadJournal | undefined): void {
    const sequence = last?.sequence ?? first;
    this.sequence = sequence;
    this.journalFile =
      last === undefined
        ? this.createJournal(sequence)
        : Journal.continue(this.journalPath(sequence), { schema: this.schema, sequence }, last.content);
  }

  private createJournal(sequence: number): Journal {
    return Journal.create(this.journalPath(sequence), { schema: this.schema, sequence });
  }

  private removeJournal(sequence: number): void {
    rmSync(this.journalPath(sequence), { force: true });
  }

  private journalPath(sequence: number): string {
    return join(this.path, journalName(sequence));
  }

  /** Numbers of the journals that are there, ascending. */
  private journals(): readonly number[] {
    const numbers = readdirSync(this.path).flatMap((name) => JOURNAL.exec(name)?.slice(1).map(Number) ?? []);
    return numbers.sort((a, b) => a - b);
  }

  private setAside(names: readonly string[]): void {
    const present = readdirSync(this.path);
    const damaged = names.filter((name) => present.includes(name));
    if (damaged.length === 0) return;
    let number = 0;
    for (const name of present) {
      const found = DAMAGED.exec(name);
      if (found === null) continue;
      number = Math.max(number, Number(found[1]));
      rmSync(join(this.path, name), { recursive: true, force: true });
    }
    for (const name of damaged) {
      renameSync(join(this.path, name), join(this.path, `${name}.damaged-${number + 1}`));
    }
  }
}

/** A process that is just ending (a reloaded window) gives the lock free in a moment; one that works does not. */
async function takeLock(path: string): Promise<ReturnType<typeof Lock.take>> {
  let lock = Lock.take(path);
  const end = performance.now() + LOCK_PATIENCE;
  for (let wait = LOCK_INTERVAL; !(lock instanceof Lock) && lock.heldBy !== process.pid; wait *= 2) {
    const left = end - performance.now();
    if (left <= 0) break;
    await setTimeout(Math.min(wait, left));
    lock = Lock.take(path);
  }
  return lock;
}

/** Removes a file if that is possible now. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is open, or the folder is gone: whoever opens the folder next removes what is left.
  }
}

function payloadsOf(journals: readonly ReadJournal[]): readonly Uint8Array[] {
  return journals.flatMap(({ content }) => content.payloads);
}

function journalName(sequence: number): string {
  return `changes-${sequence}.journal`;
}
