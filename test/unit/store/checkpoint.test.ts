/** The checksums of a checkpoint: whatever was changed in the file is noticed, by those that earlier versions wrote, too. */
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint, type VerifyChunks } from '../../../server/src/store/checkpoint';
import { startVerifying, verdictFrom } from '../../../server/src/store/checksumThread';

const SCHEMA = 'test';
const MAGIC_BYTES = 8;
/** Longer than one chunk. */
const content = Uint8Array.from({ length: 9_000_001 }, (_, i) => (i * 7919) >> 5);

let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-checkpoint-'));
  file = join(folder, 'index.sqlite');
  await writeCheckpoint(file, content, { schema: SCHEMA, sequence: 3 });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function stateOf(verify?: VerifyChunks): Promise<string> {
  const checkpoint = await readCheckpoint(file, SCHEMA, verify);
  if (checkpoint.state !== 'whole') return checkpoint.state;
  closeSync(checkpoint.database.descriptor);
  expect(checkpoint).toMatchObject({ sequence: 3, database: { bytes: content.length } });
  return 'whole';
}

/** The trailer in the file, as text. */
function trailerOf(bytes: Buffer): string {
  const length = bytes.readUInt32LE(bytes.length - MAGIC_BYTES - 4);
  return bytes.toString('latin1', content.length, content.length + length);
}

/** The same content with another trailer. */
function withTrailer(text: string): Buffer {
  const bytes = readFileSync(file);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const digest = createHash('sha256').update(text, 'latin1').digest();
  const magic = bytes.subarray(bytes.length - MAGIC_BYTES);
  return Buffer.concat([bytes.subarray(0, content.length), Buffer.from(text, 'latin1'), digest, length, magic]);
}

it('notices a bit that is another one, wherever it is', async () => {
  expect(await stateOf()).toBe('whole');
  const bytes = readFileSync(file);
  for (const at of [0, 4_194_303, 4_194_304, 8_500_000, content.length - 1, content.length + 5, bytes.length - 20]) {
    const damaged = Buffer.from(bytes);
    damaged[at] ^= 1 << (at % 8);
    writeFileSync(file, damaged);
    expect(await stateOf(), String(at)).toBe('damaged');
  }
});

it('takes what an earlier version wrote, with a SHA-256 of each chunk, and compares it', async () => {
  const { checksum, ...trailer } = JSON.parse(trailerOf(readFileSync(file))) as { checksum: string; chunks: string[] };
  expect(['crc32', 'sha256']).toContain(checksum);
  const chunks = trailer.chunks.map((_, i) =>
    createHash('sha256')
      .update(content.subarray(i * 4_194_304, (i + 1) * 4_194_304))
      .digest('hex'),
  );
  const old = withTrailer(JSON.stringify({ ...trailer, chunks }));
  writeFileSync(file, old);
  expect(await stateOf()).toBe('whole');
  old[5_000_000] ^= 1;
  writeFileSync(file, old);
  expect(await stateOf()).toBe('damaged');
});

it('takes nothing for whole that has too few checksums', async () => {
  const trailer = JSON.parse(trailerOf(readFileSync(file))) as { chunks: string[] };
  writeFileSync(file, withTrailer(JSON.stringify({ ...trailer, chunks: trailer.chunks.slice(1) })));
  expect(await stateOf()).toBe('damaged');
});

describe('on a thread of its own', () => {
  let bundles: string;
  let script: string;

  beforeAll(async () => {
    bundles = mkdtempSync(join(tmpdir(), 'tributary-checksums-'));
    script = join(bundles, 'checksumWorker.js');
    const entryPoints = [resolve(import.meta.dirname, '../../../server/src/checksumWorker.ts')];
    await build({ entryPoints, outfile: script, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  });
  afterAll(() => {
    rmSync(bundles, { recursive: true, force: true });
  });

  /** As who opens the index asks; `meanwhile` happens between the start and that. */
  async function verified(name = script, meanwhile: () => Promise<void> | void = () => undefined): Promise<string> {
    const port = startVerifying(name, folder, 0);
    if (port === undefined) return 'not started';
    await meanwhile();
    return stateOf(verdictFrom(port));
  }

  function damage(at: number): void {
    const bytes = readFileSync(file);
    bytes[at] ^= 1;
    writeFileSync(file, bytes);
  }

  it('finds the same', async () => {
    expect(await verified()).toBe('whole');
    damage(8_500_000);
    expect(await verified()).toBe('damaged');
  });

  it('counts for the file that it looked at, and no other', async () => {
    const replace = async (): Promise<void> => {
      await setTimeout(500);
      await writeCheckpoint(file, content, { schema: SCHEMA, sequence: 3 });
    };
    damage(5);
    expect(await verified(script, replace)).toBe('whole');
    const spoil = async (): Promise<void> => {
      await setTimeout(500);
      damage(8_500_000);
    };
    expect(await verified(script, spoil)).toBe('damaged');
  });

  it('is done without where the thread does not answer', async () => {
    const missing = join(bundles, 'missing.js');
    expect(await verified(missing)).toBe('whole');
    damage(5);
    expect(await verified(missing)).toBe('damaged');
  });

  it('is not begun for a small index, and where there is none', () => {
    expect(startVerifying(script, folder)).toBe(undefined);
    expect(startVerifying(script, join(folder, 'elsewhere'), 0)).toBe(undefined);
  });
});
