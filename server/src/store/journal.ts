/**
 * The journal: what batches changed since the last checkpoint, appended as they are committed. A record is a mark, its
 * number, its length (and its complement), a checksum over all that and the payload, and the payload. A process that dies while appending
 * leaves a part of a record at the end, which reading recognises and cuts off. A record that is not what was written is
 * left out; mark and number say where the next one begins.
 *
 * A journal belongs to the checkpoint with its sequence number; a checkpoint that is being written starts the next
 * journal, so that reading is: the checkpoint, then all journals from its number on.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { closeSync, fdatasync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hashKey } from '../model/ids';
import { codeOf } from './errors';

const syncFile = promisify(fdatasync);

const MAGIC = 'TRIBJRN2';
const HEADER = 24;
/** Begins every record. */
const MARK = Buffer.from('\x9aJR\x02', 'latin1');
const RECORD_HEADER = 32;
const CHECKSUM_AT = 16;
const CHECKSUM = 16;

/** What a journal belongs to: the schema its payloads are for, and the number of its checkpoint. */
export interface JournalId {
  readonly schema: string;
  readonly sequence: number;
}

export interface JournalContent {
  /** Of the whole records, in order. */
  readonly payloads: readonly Uint8Array[];
  /** Records that are not what was written; a damaged end counts as one. */
  readonly dropped: number;
  /** Payloads before the first of those; all when there is none. */
  readonly sound: number;
  /** Bytes up to the end of the last whole record. */
  readonly length: number;
  /**
   * `whole`: everything was looked at. `cut`: the last record is incomplete, as a process that died leaves it.
   * `foreign`: not a journal of this schema and sequence.
   */
  readonly state: 'whole' | 'cut' | 'foreign';
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

  /** Goes on with a journal in which nothing is damaged, cutting off what is incomplete. Throws the file system's error. */
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
    MARK.copy(head);
    head.writeUInt32LE(this.records, 4);
    head.writeUInt32LE(payload.length, 8);
    head.writeUInt32LE(~payload.length >>> 0, 12);
    checksum(head, payload).copy(head, CHECKSUM_AT);
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

/** Reads a journal, leaving out what is damaged. Throws the file system's error only. */
export function readJournal(path: string, id: JournalId): JournalContent {
  const bytes = readBytes(path);
  const none = { payloads: [], dropped: 0, sound: 0, length: 0 };
  if (bytes === undefined) return { ...none, state: 'foreign' };
  if (bytes.length < HEADER) return { ...none, state: 'cut' };
  if (!bytes.subarray(0, HEADER).equals(header(id))) return { ...none, state: 'foreign' };
  const payloads: Uint8Array[] = [];
  let dropped = 0;
  let sound: number | undefined;
  let offset = HEADER;
  let state: JournalContent['state'] = 'whole';
  for (let number = 0; offset < bytes.length; number++) {
    const record = recordAt(bytes, offset, number) ?? nextRecord(bytes, offset, number);
    if (record === undefined) {
      if (isIncomplete(bytes, offset, number)) state = 'cut';
      else {
        sound ??= payloads.length;
        dropped++;
      }
      break;
    }
    if (record.number > number) sound ??= payloads.length;
    dropped += record.number - number;
    ({ number } = record);
    payloads.push(record.payload);
    offset = record.end;
  }
  return { payloads, dropped, sound: sound ?? payloads.length, length: offset, state };
}

/** Undefined where there is no file but a folder. */
function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'EISDIR') return undefined;
    throw error;
  }
}

interface JournalRecord {
  readonly number: number;
  readonly payload: Uint8Array;
  readonly end: number;
}

/** The record that begins here, when it is whole and has at least this number. */
function recordAt(bytes: Buffer, offset: number, least: number): JournalRecord | undefined {
  const start = offset + RECORD_HEADER;
  if (start > bytes.length || !bytes.subarray(offset, offset + MARK.length).equals(MARK)) return undefined;
  const number = bytes.readUInt32LE(offset + 4);
  const length = lengthAt(bytes, offset);
  if (length === undefined || start + length > bytes.length || number < least) return undefined;
  const end = start + length;
  const payload = bytes.subarray(start, end);
  const head = bytes.subarray(offset, start);
  return checksum(head, payload).equals(head.subarray(CHECKSUM_AT)) ? { number, payload, end } : undefined;
}

/** The first whole record behind one that is not. */
function nextRecord(bytes: Buffer, offset: number, number: number): JournalRecord | undefined {
  for (let at = bytes.indexOf(MARK, offset + 1); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
    const record = recordAt(bytes, at, number + 1);
    if (record !== undefined) return record;
  }
  return undefined;
}

/** What is left is the beginning of the record with this number. */
function isIncomplete(bytes: Buffer, offset: number, number: number): boolean {
  const rest = bytes.length - offset;
  const start = Buffer.alloc(8);
  MARK.copy(start);
  start.writeUInt32LE(number, 4);
  const known = Math.min(rest, start.length);
  if (!bytes.subarray(offset, offset + known).equals(start.subarray(0, known))) return false;
  if (rest < RECORD_HEADER) return true;
  const length = lengthAt(bytes, offset);
  return length !== undefined && rest < RECORD_HEADER + length;
}

/** Bytes of the payload of the record that begins here; undefined when the field is damaged. */
function lengthAt(bytes: Buffer, offset: number): number | undefined {
  const length = bytes.readUInt32LE(offset + 8);
  return bytes.readUInt32LE(offset + 12) === ~length >>> 0 ? length : undefined;
}

function header({ schema, sequence }: JournalId): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(hashKey(schema), 8);
  bytes.writeDoubleLE(sequence, 16);
  return bytes;
}

/** Of a record's number, length and payload. */
function checksum(head: Buffer, payload: Uint8Array): Buffer {
  return createHash('sha256').update(head.subarray(4, CHECKSUM_AT)).update(payload).digest().subarray(0, CHECKSUM);
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
