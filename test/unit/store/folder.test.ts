import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageFolder } from '../../../server/src/store/folder';
import type { StoredDatabase } from '../../../server/src/store/pagedFile';
import { temporaryFolder, textOf } from './harness';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function open(
  path: string,
): Promise<{ folder: StorageFolder; payloads: (string | undefined)[]; problem: string | undefined }> {
  const opened = await StorageFolder.open(path, 's');
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const { payloads, problem } = opened.content;
  return { folder: opened.folder, payloads: payloads.map(textOf), problem };
}

/** What a checkpoint holds. Closes it. */
function storedText(path: string, stored: StoredDatabase | undefined): string | undefined {
  if (stored === undefined) return undefined;
  closeSync(stored.descriptor);
  return textOf(readFileSync(join(path, 'index.sqlite')).subarray(0, stored.bytes));
}

/** Makes writing a checkpoint fail, for everyone, until `unblock`. */
const block = (path: string): void => mkdirSync(join(path, 'index.sqlite.tmp'));
const unblock = (path: string): void => rmSync(join(path, 'index.sqlite.tmp'), { recursive: true });

describe('a storage folder', () => {
  it('never replays what was appended behind a lost record', async () => {
    const path = temporaryFolder();
    const { folder } = await open(path);
    folder.append(bytes('one'));
    folder.interrupt();
    expect(folder.isJournaling).toBe(false);
    folder.append(bytes('lost'));
    block(path);
    await expect(folder.checkpoint(bytes('with all'))).rejects.toThrow();
    folder.append(bytes('after the failed checkpoint'));
    await folder.close();
    unblock(path);
    const again = await open(path);
    expect(again.payloads).toEqual(['one']);
    expect(again.problem).toBeUndefined();
    again.folder.append(bytes('two'));
    await again.folder.close();
    const third = await open(path);
    expect(third.payloads).toEqual(['one', 'two']);
    expect(third.problem).toBeUndefined();
    await third.folder.close();
  });

  it('recovers with the next checkpoint that succeeds', async () => {
    const path = temporaryFolder();
    const { folder } = await open(path);
    folder.append(bytes('one'));
    folder.interrupt();
    block(path);
    await expect(folder.checkpoint(bytes('first'))).rejects.toThrow();
    unblock(path);
    await folder.checkpoint(bytes('second'));
    expect(folder.isJournaling).toBe(true);
    folder.append(bytes('two'));
    await folder.close();
    expect(readdirSync(path).sort()).toEqual(['changes-2.journal', 'index.sqlite']);
    const opened = await StorageFolder.open(path, 's');
    if (opened.kind !== 'open') throw new Error(opened.reason);
    expect(storedText(path, opened.content.database)).toBe('second');
    expect(opened.content.payloads.map(textOf)).toEqual(['two']);
    expect(opened.content.problem).toBeUndefined();
    await opened.folder.close();
  });

  it('leaves no scratch file behind, also when a process before could not remove its own', async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'pages-0.tmp'), 'left over');
    const { folder } = await open(path);
    expect(readdirSync(path).sort()).toEqual(['changes-0.journal', 'lock']);
    const [first, second] = [folder.scratch(), folder.scratch()];
    const descriptors = [first.open(), second.open()];
    expect(new Set(descriptors).size).toBe(2);
    first.close(descriptors[0]);
    second.close(descriptors[1]);
    expect(readdirSync(path).sort()).toEqual(['changes-0.journal', 'lock']);
    await folder.close();
  });

  it('goes on over a checkpoint that failed when nothing was lost', async () => {
    const path = temporaryFolder();
    const { folder } = await open(path);
    folder.append(bytes('one'));
    block(path);
    await expect(folder.checkpoint(bytes('first'))).rejects.toThrow();
    folder.append(bytes('two'));
    await folder.close();
    unblock(path);
    const again = await open(path);
    expect(again.payloads).toEqual(['one', 'two']);
    expect(again.problem).toBeUndefined();
    await again.folder.close();
  });

  it('waits for a process that is just ending', async () => {
    const path = temporaryFolder();
    const ending = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 300)'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: ending.pid, started: '', token: 'x' }));
    const { folder } = await open(path);
    await ended;
    await folder.close();
    expect(readdirSync(path)).toEqual(['changes-0.journal']);
  });
});
