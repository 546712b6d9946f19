/**
 * The checkpoint: the whole database in one file. It is a plain SQLite file (any `sqlite3` opens it) with a trailer
 * that SQLite does not look at: schema version, sequence number, and a checksum of each chunk of 4 MB. It is written to
 * a temporary file, synced and renamed, so the file with the final name is always whole. Reading and writing run in
 * the thread pool, chunk by chunk, while this thread goes on.
 *
 * Checksums are there to find damage, not forgery (whoever can write the file can write its trailer), and all of them are compared before an index is used at
 * a start: so CRC-32, which takes a quarter of the time of a SHA-256, where the runtime has it (Node.js from 20.15 and 22.2 on).
 */
import { createHash, webcrypto } from 'node:crypto';
import * as zlib from 'node:zlib';
import { closeSync, fstatSync, openSync, read, renameSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './errors';
import type { JournalId } from './journal';
import type { ByteSource, StoredDatabase } from './pagedFile';

/** Its name in the storage folder. */
export const CHECKPOINT = 'index.sqlite';
const CHUNK = 4 * 1024 * 1024;
/** Chunks that are verified at once. */
const VERIFIED_AT_ONCE = 4;
const MAGIC = Buffer.from('TRIBCKP1', 'latin1');
/** At the very end: checksum of the trailer's text, its length, the magic. */
const TAIL = 32 + 4 + MAGIC.length;

/** How chunks are summed up; as hexadecimal digits. */
type Checksum = 'crc32' | 'sha256';

/** What of a checkpoint is compared with checksums. */
export interface StoredChunks {
  readonly descriptor: number;
  readonly bytes: number;
  readonly checksum: Checksum;
  readonly chunks: readonly string[];
}

/** What was found out of a file, whichever name it has by now. */
export interface Verdict {
  /** Device, number, size and time of the file. */
  readonly identity: string;
  readonly isEqual: boolean;
}

/** Whether all chunks are what was written. Rejects with the file system's error. */
export type VerifyChunks = (stored: StoredChunks) => Promise<boolean>;

interface Trailer {
  readonly schema: string;
  readonly sequence: number;
  readonly bytes: number;
  /** Earlier versions had SHA-256 only. */
  readonly checksum?: Checksum;
  readonly chunks: readonly string[];
}

/** Undefined in older runtimes. */
const crc32 = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;
const CHECKSUM: Checksum = crc32 === undefined ? 'sha256' : 'crc32';

export type CheckpointContent =
  | { readonly state: 'missing' }
  | { readonly state: 'whole'; readonly sequence: number; readonly database: StoredDatabase }
  /** `reason` continues "The stored index …". */
  | { readonly state: 'damaged' | 'other-schema'; readonly reason: string };

/**
 * Writes a checkpoint. `place` is to call what puts it in the place of the old one, and is given the new one, which is its own from then on. Throws the file
 * system's error; the old checkpoint is then still there.
 */
export async function writeCheckpoint(
  path: string,
  database: ByteSource,
  { schema, sequence }: JournalId,
  place: (replace: () => StoredDatabase) => void = (replace) => {
    closeSync(replace().descriptor);
  },
): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      const chunks: string[] = [];
      for (let from = 0; from < database.length; from += CHUNK) {
        const chunk = database.subarray(from, Math.min(from + CHUNK, database.length));
        const [checksum] = await Promise.all([checksumOf(chunk, CHECKSUM), file.writeFile(chunk)]);
        chunks.push(checksum);
      }
      await file.writeFile(trailerBytes({ schema, sequence, bytes: database.length, checksum: CHECKSUM, chunks }));
      await file.sync();
    } finally {
      await file.close();
    }
    place(() => {
      const descriptor = openSync(temporary, 'r');
      try {
        renameSync(temporary, path);
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
      return { descriptor, bytes: database.length };
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Opens and verifies a checkpoint. Throws the file system's error only; what the file holds never throws. */
export async function readCheckpoint(
  path: string,
  schema: string,
  verify: VerifyChunks = verifyChunks,
): Promise<CheckpointContent> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { state: 'missing' };
    throw error;
  }
  let content: CheckpointContent | undefined;
  try {
    const stats = fstatSync(file);
    content = stats.isDirectory()
      ? { state: 'damaged', reason: 'is a folder where a file should be' }
      : await readFrom(file, { size: stats.size, schema, verify });
    return content;
  } finally {
    if (content?.state !== 'whole') closeSync(file);
  }
}

interface Reading {
  readonly size: number;
  readonly schema: string;
  readonly verify: VerifyChunks;
}

async function readFrom(file: number, { size, schema, verify }: Reading): Promise<CheckpointContent> {
  const trailer = await readTrailer(file, size);
  if (trailer === undefined) return { state: 'damaged', reason: 'is damaged or was not written by this program' };
  if (trailer.schema !== schema) {
    return { state: 'other-schema', reason: `has the format of another version (${trailer.schema}, not ${schema})` };
  }
  const { bytes, chunks, sequence, checksum = 'sha256' } = trailer;
  if (checksum === 'crc32' && crc32 === undefined)
    return {
      state: 'other-schema',
      reason: 'was written by a newer Node.js, with checksums that this one does not know',
    };
  if (!(await verify({ descriptor: file, bytes, checksum, chunks })))
    return { state: 'damaged', reason: 'is damaged (its checksum does not match)' };
  return { state: 'whole', sequence, database: { descriptor: file, bytes } };
}

/** Compares what lies at a path, whoever may hold it. Undefined where there is nothing that can be compared. Rejects with the file system's error. */
export async function verifyFile(path: string): Promise<Verdict | undefined> {
  const file = openSync(path, 'r');
  try {
    const identity = identityOf(file);
    const trailer = await readTrailer(file, fstatSync(file).size);
    if (trailer === undefined) return undefined;
    const { bytes, chunks, checksum = 'sha256' } = trailer;
    if (checksum === 'crc32' && crc32 === undefined) return undefined;
    const isEqual = await verifyChunks({ descriptor: file, bytes, checksum, chunks });
    // Nobody writes into a checkpoint; who did is found by who opens it.
    return identityOf(file) === identity ? { identity, isEqual } : undefined;
  } finally {
    closeSync(file);
  }
}

/** Device, number, size and time of an open file: two with the same are one. */
export function identityOf(descriptor: number): string {
  const { dev, ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true });
  return [dev, ino, size, mtimeNs].join(' ');
}

/** Compares on this thread, and reads the next chunks meanwhile. */
export async function verifyChunks({ descriptor, bytes, checksum, chunks }: StoredChunks): Promise<boolean> {
  const count = Math.ceil(bytes / CHUNK);
  let isEqual = chunks.length === count;
  let next = 0;
  const compare = async (): Promise<void> => {
    const buffer = new Uint8Array(Math.min(CHUNK, bytes));
    while (isEqual && next < count) {
      const i = next++;
      const chunk = buffer.subarray(0, Math.min(CHUNK, bytes - i * CHUNK));
      const isThere = await readAt(descriptor, chunk, i * CHUNK);
      // Not `isEqual &&= …`: that would take back what another one found while this one waited.
      if (!isThere || (await checksumOf(chunk, checksum)) !== chunks[i]) isEqual = false;
    }
  };
  await Promise.all(Array.from({ length: VERIFIED_AT_ONCE }, compare));
  return isEqual;
}

const readInto = promisify(read);

/** Fills an array from a place in a file; false when the file ends before. */
async function readAt(file: number, bytes: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await readInto(file, bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function trailerBytes(trailer: Trailer): Uint8Array {
  const text = Buffer.from(JSON.stringify(trailer), 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([text, createHash('sha256').update(text).digest(), length, MAGIC]);
}

async function readTrailer(file: number, size: number): Promise<Trailer | undefined> {
  const tail = Buffer.alloc(TAIL);
  if (size < TAIL || !(await readAt(file, tail, size - TAIL)) || !tail.subarray(TAIL - MAGIC.length).equals(MAGIC))
    return undefined;
  const length = tail.readUInt32LE(32);
  const start = size - TAIL - length;
  if (start < 0) return undefined;
  const text = Buffer.alloc(length);
  if (!(await readAt(file, text, start)) || !createHash('sha256').update(text).digest().equals(tail.subarray(0, 32)))
    return undefined;
  const trailer = JSON.parse(text.toString('latin1')) as Trailer;
  return trailer.bytes === start ? trailer : undefined;
}

async function checksumOf(chunk: Uint8Array, checksum: Checksum): Promise<string> {
  if (checksum === 'crc32' && crc32 !== undefined) return crc32(chunk).toString(16);
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', chunk)).toString('hex');
}

/** Makes the rename itself durable. Not every platform can sync a folder; there the rename is as durable as it gets. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(codeOf(error))) throw error;
  }
}
