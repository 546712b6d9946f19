/**
 * The checkpoint: the whole database in one file. It is a plain SQLite file (any `sqlite3` opens it) with a trailer
 * that SQLite does not look at: schema version, sequence number, and a SHA-256 of each chunk of 4 MB. It is written to
 * a temporary file, synced and renamed, so the file with the final name is always whole. Hashing and writing run in
 * the thread pool, chunk by chunk, while this thread goes on.
 */
import { createHash, webcrypto } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './errors';
import type { JournalId } from './journal';

const CHUNK = 4 * 1024 * 1024;
const MAGIC = Buffer.from('TRIBCKP1', 'latin1');
/** At the very end: checksum of the trailer's text, its length, the magic. */
const TAIL = 32 + 4 + MAGIC.length;

interface Trailer {
  readonly schema: string;
  readonly sequence: number;
  readonly bytes: number;
  readonly chunks: readonly string[];
}

export type CheckpointContent =
  | { readonly state: 'missing' }
  | { readonly state: 'whole'; readonly sequence: number; readonly database: Uint8Array }
  /** `reason` continues "The stored index …". */
  | { readonly state: 'damaged' | 'other-schema'; readonly reason: string };

/** Writes a checkpoint. `database` must not change until this is done. Throws the file system's error; the old checkpoint is then still there. */
export async function writeCheckpoint(
  path: string,
  database: Uint8Array,
  { schema, sequence }: JournalId,
): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      const chunks: string[] = [];
      for (let from = 0; from < database.length; from += CHUNK) {
        const chunk = database.subarray(from, from + CHUNK);
        const [digest] = await Promise.all([digestOf(chunk), file.writeFile(chunk)]);
        chunks.push(digest);
      }
      await file.writeFile(trailerBytes({ schema, sequence, bytes: database.length, chunks }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Reads and verifies a checkpoint. Throws the file system's error only; what the file holds never throws. */
export async function readCheckpoint(path: string, schema: string): Promise<CheckpointContent> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { state: 'missing' };
    if (codeOf(error) === 'EISDIR') return { state: 'damaged', reason: 'is a folder where a file should be' };
    throw error;
  }
  const trailer = readTrailer(bytes);
  if (trailer === undefined) return { state: 'damaged', reason: 'is damaged or was not written by this program' };
  if (trailer.schema !== schema) {
    return { state: 'other-schema', reason: `has the format of another version (${trailer.schema}, not ${schema})` };
  }
  const database = bytes.subarray(0, trailer.bytes);
  const digests: Promise<string>[] = [];
  for (let from = 0; from < database.length; from += CHUNK) {
    digests.push(digestOf(database.subarray(from, from + CHUNK)));
  }
  const found = await Promise.all(digests);
  const equal = found.length === trailer.chunks.length && found.every((digest, i) => digest === trailer.chunks[i]);
  if (!equal) return { state: 'damaged', reason: 'is damaged (its checksum does not match)' };
  return { state: 'whole', sequence: trailer.sequence, database };
}

function trailerBytes(trailer: Trailer): Uint8Array {
  const text = Buffer.from(JSON.stringify(trailer), 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([text, createHash('sha256').update(text).digest(), length, MAGIC]);
}

function readTrailer(bytes: Buffer): Trailer | undefined {
  const end = bytes.length;
  if (end < TAIL || !bytes.subarray(end - MAGIC.length).equals(MAGIC)) return undefined;
  const length = bytes.readUInt32LE(end - MAGIC.length - 4);
  const start = end - TAIL - length;
  if (start < 0) return undefined;
  const text = bytes.subarray(start, start + length);
  const checksum = bytes.subarray(start + length, start + length + 32);
  if (!createHash('sha256').update(text).digest().equals(checksum)) return undefined;
  const trailer = JSON.parse(text.toString('latin1')) as Trailer;
  return trailer.bytes === start ? trailer : undefined;
}

async function digestOf(chunk: Uint8Array): Promise<string> {
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
