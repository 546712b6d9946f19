/**
 * The journal: what batches changed since the last checkpoint, appended as they are committed. A record is its
 * length, a checksum over its number and payload, and the payload. A process that dies while appending leaves a part
 * of a record at the end, which reading recognises and cuts off.
 *
 * A journal belongs to the checkpoint with its sequence number; a checkpoint that is being written starts the next
 * journal, so that reading is: the checkpoint, then all journals from its number on.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { closeSync, fdatasync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hashKey } from '../model/ids';

const syncFile = promisify(fdatasync);

const MAGIC = 'TRIBJRN1';
const HEADER = 24;
const RECORD_HEADER = 20;
const CHECKSUM = 16;

/** What a journal belongs to: the schema its payloads are for, and the number of its checkpoint. */
export interface JournalId {
  readonly schema: string;
  readonly sequence: number;
}

export interface JournalContent {
  readonly payloads: readonly Uint8Array[];
  /** Bytes from the start that are whole. */
  readonly length: number;
  /**
   * `whole`: everything was read. `cut`: the last record is incomplete, as a process that died leaves it. `damaged`: a
   * record is not what was written; it and what follows is lost. `foreign`: not a journal of this schema and sequence.
   */
  readonly state: 'whole' | 'cut' | 'damaged' | 'foreign';
}

export class Journal {
  private records: number;
  private unsynced = false;
  private syncing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    private length: number,
    records: number,
  ) {
    this.records = records;
  }

  /** Starts a new journal. Throws the file system's error. */
  static create(path: string, id: JournalId): Journal {
    const descriptor = openSync(path, 'w');
    try {
      writeWhole(descriptor, header(id), 0);
    } catch (error) {
      closeSync(descriptor);
      rmSync(path, { force: true });
      throw error;
    }
    return new Journal(path, descriptor, HEADER, 0);
  }

  /** Goes on with a journal that was read, cutting off what was not whole. Throws the file system's error. */
  static continue(path: string, id: JournalId, content: JournalContent): Journal {
    if (content.length < HEADER) return Journal.create(path, id);
    const descriptor = openSync(path, 'r+');
    ftruncateSync(descriptor, content.length);
    return new Journal(path, descriptor, content.length, content.payloads.length);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.length;
  }

  get isEmpty(): boolean {
    return this.records === 0;
  }

  /**
   * Appends one record; when this returns, it survives the end of the process. Throws the file system's error, and
   * then leaves the journal as it was before.
   */
  append(payload: Uint8Array): void {
    const head = Buffer.allocUnsafe(RECORD_HEADER);
    head.writeUInt32LE(payload.length, 0);
    checksum(this.records, payload).copy(head, 4);
    try {
      writeWhole(this.descriptor, head, this.length);
      writeWhole(this.descriptor, payload, this.length + RECORD_HEADER);
    } catch (error) {
      ftruncateSync(this.descriptor, this.length);
      throw error;
    }
    this.length += RECORD_HEADER + payload.length;
    this.records++;
    this.unsynced = true;
  }

  /** Asks the disk to keep what was appended, so that it also survives a power failure. Off this thread. */
  sync(): Promise<void> {
    if (!this.unsynced) return this.syncing;
    this.unsynced = false;
    this.syncing = this.syncing.then(() => syncFile(this.descriptor));
    return this.syncing;
  }

  /** Waits for a sync under way and closes the file. */
  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      closeSync(this.descriptor);
    }
  }
}

/** Reads a journal as far as it is whole. Throws the file system's error only. */
export function readJournal(path: string, id: JournalId): JournalContent {
  const bytes = readFileSync(path);
  if (bytes.length < HEADER) return { payloads: [], length: 0, state: 'cut' };
  if (!bytes.subarray(0, HEADER).equals(header(id))) return { payloads: [], length: 0, state: 'foreign' };
  const payloads: Uint8Array[] = [];
  let offset = HEADER;
  while (offset < bytes.length) {
    if (bytes.length - offset < RECORD_HEADER) return { payloads, length: offset, state: 'cut' };
    const end = offset + RECORD_HEADER + bytes.readUInt32LE(offset);
    if (end > bytes.length) return { payloads, length: offset, state: 'cut' };
    const payload = bytes.subarray(offset + RECORD_HEADER, end);
    const expected = bytes.subarray(offset + 4, offset + RECORD_HEADER);
    if (!checksum(payloads.length, payload).equals(expected)) return { payloads, length: offset, state: 'damaged' };
    payloads.push(payload);
    offset = end;
  }
  return { payloads, length: offset, state: 'whole' };
}

function header({ schema, sequence }: JournalId): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(hashKey(schema), 8);
  bytes.writeDoubleLE(sequence, 16);
  return bytes;
}

function checksum(record: number, payload: Uint8Array): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(record);
  return createHash('sha256').update(number).update(payload).digest().subarray(0, CHECKSUM);
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
