import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import type { Store } from '../../../server/src/store/store';
import { close, dump, openStore, put, temporaryFolder, textOf } from './harness';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A folder as a process leaves it that dies now: everything but the lock. */
function copyAsAfterDeath(folder: string): string {
  const copy = temporaryFolder();
  for (const name of readdirSync(folder)) if (name !== 'lock') copyFileSync(join(folder, name), join(copy, name));
  return copy;
}

const journalOf = (folder: string): string => {
  const names = readdirSync(folder).filter((name) => /^changes-\d+\.journal$/.test(name));
  return join(folder, names[names.length - 1]);
};

/** A checkpoint with two files, and a journal with one change of each kind behind it. */
async function folderWithHistory(): Promise<{ folder: string; store: Store; ids: readonly FileId[] }> {
  const folder = temporaryFolder();
  const { store } = await openStore(folder);
  const ids = store.batch(() => [put(store, 'a.js', 'one'), put(store, 'b.js', 'two')]);
  store.batch(() => {
    store.links.replace(ids[0], { data: bytes(1), hash: 'h', deps: bytes(), dependsOn: [ids[1]] });
    store.files.clearPending();
  });
  expect(await store.checkpoint()).toBe(true);
  store.batch(() => put(store, 'a.js', 'one changed'));
  store.batch(() => put(store, 'c.js', 'three'));
  store.batch(() => store.files.remove(ids[1]));
  return { folder, store, ids };
}

describe('a restart', () => {
  it('finds every batch again without a checkpoint', async () => {
    const folder = temporaryFolder();
    const { store } = await openStore(folder);
    expect(store.isEmpty).toBe(true);
    store.batch(() => put(store, 'a.js', 'one'));
    store.batch(() => put(store, 'b.js', 'one'));
    store.batch(() => put(store, 'a.js', 'two'));
    const expected = dump(store);
    await close(store);
    const { store: again, warnings } = await openStore(folder);
    expect(dump(again)).toEqual(expected);
    expect(again.isEmpty).toBe(false);
    expect(again.files.pending().map(({ path, change }) => [path, change])).toEqual([
      ['a.js', 'new'],
      ['b.js', 'new'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('replays what came after the checkpoint and names the files it touched', async () => {
    const { folder, store, ids } = await folderWithHistory();
    const expected = dump(store);
    const { store: again, warnings } = await openStore(copyAsAfterDeath(folder));
    expect(dump(again)).toEqual(expected);
    expect(again.files.pending()).toEqual(store.files.pending());
    expect(again.files.pending().map(({ path, change }) => [path, change])).toEqual([
      ['a.js', 'modified'],
      ['b.js', 'removed'],
      ['c.js', 'new'],
    ]);
    expect(again.links.get(ids[0])?.data).toEqual(bytes(1));
    expect(again.links.dependentsOf(ids[1])).toEqual([ids[0]]);
    expect(warnings).toEqual([]);
  });

  it('keeps links, summaries, findings and meta of a checkpoint', async () => {
    const folder = temporaryFolder();
    const { store } = await openStore(folder);
    store.batch(() => {
      const a = put(store, 'a.js', 'one');
      store.summaries.replace(a, { data: bytes(1, 2), hash: 's', deps: bytes(3), dependsOn: [] });
      const finding = { rule: 'r', fingerprint: 'f', sourceFile: a, sinkFile: a, data: bytes(4) };
      store.findings.replace(a, [{ ...finding, files: [a] }]);
      store.meta.set('models', 'm1');
      store.files.clearPending();
    });
    expect(await store.checkpointIfDue()).toBe(true);
    expect(await store.checkpointIfDue()).toBe(false);
    // Statements that were prepared before an export are made again.
    store.batch(() => put(store, 'b.js', 'two'));
    await close(store);
    const { store: again } = await openStore(folder);
    expect(again.meta.get('models')).toBe('m1');
    expect(again.summaries.get(1 as FileId)).toEqual({ data: bytes(1, 2), hash: 's', deps: bytes(3) });
    expect(again.findings.touching(1 as FileId)).toHaveLength(1);
    expect(again.files.pending().map(({ path }) => path)).toEqual(['b.js']);
  });

  it('finds batches that were committed while a checkpoint was being written', async () => {
    const { folder, store } = await folderWithHistory();
    const written = store.checkpoint();
    store.batch(() => put(store, 'late.js', 'late'));
    const early = copyAsAfterDeath(folder);
    await written;
    const late = copyAsAfterDeath(folder);
    expect(readdirSync(late).filter((name) => name.endsWith('.journal'))).toHaveLength(1);
    for (const copy of [early, late]) {
      const { store: again, warnings } = await openStore(copy);
      expect(dump(again)).toEqual(dump(store));
      expect(warnings).toEqual([]);
    }
  });

  it('keeps ids: what was removed stays removed, what is new gets a new one', async () => {
    const { folder, store, ids } = await folderWithHistory();
    await close(store);
    const { store: again } = await openStore(folder);
    expect(again.files.get(ids[1])).toBeUndefined();
    expect(again.batch(() => put(again, 'd.js', 'four'))).toBe(4);
  });

  it('needs no journal for what is typed, but then keeps what was built on it', async () => {
    const folder = temporaryFolder();
    const { store } = await openStore(folder);
    store.batch(() => put(store, 'a.js', 'saved'));
    const size = statSync(journalOf(folder)).size;
    store.batch(() => put(store, 'a.js', 'typed'), { durable: false });
    expect(statSync(journalOf(folder)).size).toBe(size);
    // The same text in another file, and the text of before in a third.
    store.batch(() => put(store, 'b.js', 'typed'));
    store.batch(() => put(store, 'c.js', 'saved'));
    const { store: again } = await openStore(copyAsAfterDeath(folder));
    const texts = [...again.files.manifest()].map(({ id, path }) => [path, textOf(again.facts.graph(id))]);
    expect(texts).toEqual([
      ['a.js', 'graph of saved'],
      ['b.js', 'graph of typed'],
      ['c.js', 'graph of saved'],
    ]);
  });

  it('holds what was there until a rebuild is saved, and then what was rebuilt', async () => {
    const { folder, store } = await folderWithHistory();
    const paths = async (): Promise<string[]> => {
      const { store: opened, warnings } = await openStore(copyAsAfterDeath(folder));
      expect(warnings).toEqual([]);
      return Array.from(opened.files.manifest(), ({ path }) => path);
    };
    const before = await paths();
    const rebuilt = store.spare();
    expect(rebuilt.isEmpty).toBe(true);
    rebuilt.batch(() => put(rebuilt, 'new.js', 'new'));
    expect(await paths()).toEqual(before);
    await rebuilt.succeed(store);
    await close(store);
    expect(await paths()).toEqual(before);
    expect(await rebuilt.checkpointIfDue()).toBe(true);
    rebuilt.batch(() => put(rebuilt, 'newer.js', 'newer'));
    expect(await paths()).toEqual(['new.js', 'newer.js']);
    await close(rebuilt);
    const { store: last } = await openStore(folder);
    expect(Array.from(last.files.manifest(), ({ path }) => path)).toEqual(['new.js', 'newer.js']);
  });

  it('leaves a checkpoint that any SQLite opens', async () => {
    const { folder, store } = await folderWithHistory();
    await store.checkpoint();
    const SQL = await initSqlJs();
    const database = new SQL.Database(readFileSync(join(folder, 'index.sqlite')));
    expect(database.exec('PRAGMA integrity_check')[0].values).toEqual([['ok']]);
    expect(database.exec('SELECT path FROM files ORDER BY path')[0].values).toEqual([
      ['/project/a.js'],
      ['/project/c.js'],
    ]);
    expect(database.exec("SELECT path FROM symbols WHERE name = 'symbol_three'")[0].values).toEqual([
      ['/project/c.js'],
    ]);
    database.close();
  });
});

describe('damage', () => {
  it('to the end of the journal loses the last record at most, without a word', async () => {
    const { folder } = await folderWithHistory();
    const whole = readFileSync(journalOf(folder));
    let known = 0;
    for (let length = 0; length <= whole.length; length += 7) {
      const copy = copyAsAfterDeath(folder);
      truncateSync(journalOf(copy), length);
      const { store, warnings } = await openStore(copy);
      expect(warnings).toEqual([]);
      const { length: pending } = store.files.pending();
      expect(pending).toBeGreaterThanOrEqual(known);
      known = pending;
      store.batch(() => put(store, 'after.js', 'after'));
      const expected = dump(store);
      await close(store);
      const { store: again } = await openStore(copy);
      expect(dump(again)).toEqual(expected);
      await close(again);
    }
  });

  it('to one record of the journal drops that record alone, and believes no time of a file then', async () => {
    const { folder } = await folderWithHistory();
    const size = statSync(journalOf(folder)).size;
    let dropped = 0;
    for (let at = 0; at < size; at += 11) {
      const copy = copyAsAfterDeath(folder);
      const content = readFileSync(journalOf(copy));
      content[at] ^= 0x55;
      writeFileSync(journalOf(copy), content);
      const { store, warnings } = await openStore(copy);
      expect(warnings).toHaveLength(1);
      for (const { id, hash } of store.files.manifest()) {
        const facts = store.files.get(id)?.facts;
        expect(facts === undefined ? '' : store.facts.get(facts)?.hash).toBe(hash);
      }
      const paths = [...store.files.manifest()].map(({ path }) => path);
      if (store.notices.length === 0) {
        dropped++;
        expect([['a.js', 'c.js'], ['a.js', 'b.js', 'c.js'], ['a.js']]).toContainEqual(paths);
      } else expect(paths).toEqual(['a.js', 'b.js']);
      expect([...store.files.manifest()].every(({ mtime }) => mtime === -1)).toBe(true);
      store.batch(() => put(store, 'after.js', 'after'));
      const expected = dump(store);
      await close(store);
      const { store: again, warnings: more } = await openStore(copy);
      expect(dump(again)).toEqual(expected);
      expect(more).toEqual([]);
      await close(again);
    }
    expect(dropped).toBeGreaterThan(size / 11 - 4);
  });

  it('to more than one record sets the journal aside, and says so once', async () => {
    const { folder } = await folderWithHistory();
    const content = readFileSync(journalOf(folder));
    const seconds = [...content.keys()].filter((at) => content.subarray(at, at + 4).equals(content.subarray(24, 28)));
    expect(seconds).toHaveLength(3);
    for (const at of seconds.slice(0, 2)) content[at + 44] ^= 1;
    const copy = copyAsAfterDeath(folder);
    writeFileSync(journalOf(copy), content);
    const { store, warnings } = await openStore(copy);
    expect(warnings).toEqual(store.notices);
    expect(warnings).toEqual([expect.stringMatching(/is damaged; its last changes are lost/)]);
    expect([...store.files.manifest()].map(({ path }) => path)).toEqual(['a.js', 'b.js']);
    expect(readdirSync(copy).filter((name) => name.includes('damaged'))).toEqual(['changes-1.journal.damaged-1']);
    await close(store);
    const { warnings: more } = await openStore(copy);
    expect(more).toEqual([]);
  });

  it('to the checkpoint sets it aside, says so once, and starts empty', async () => {
    const { folder, store } = await folderWithHistory();
    await close(store);
    const path = join(folder, 'index.sqlite');
    const whole = readFileSync(path);
    const damages: ((content: Buffer) => Buffer)[] = [
      (content) => {
        content[content.length >> 1] ^= 1;
        return content;
      },
      (content) => {
        content[20] ^= 0xff;
        return content;
      },
      (content) => content.subarray(0, content.length - 1),
      (content) => content.subarray(0, 5000),
      () => Buffer.alloc(0),
      () => Buffer.from('not a database'),
      (content) => Buffer.concat([content, Buffer.from('x')]),
    ];
    for (const [number, damage] of damages.entries()) {
      writeFileSync(path, damage(Buffer.from(whole)));
      const { store: again, warnings } = await openStore(folder);
      expect(again.isEmpty).toBe(true);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(folder);
      const aside = readdirSync(folder).filter((name) => name.startsWith('index.sqlite.damaged-'));
      expect(aside).toEqual([`index.sqlite.damaged-${number + 1}`]);
      again.batch(() => put(again, 'a.js', 'anew'));
      await close(again);
      const { store: third, warnings: more } = await openStore(folder);
      expect(third.files.count()).toBe(1);
      expect(more).toEqual([]);
      await close(third);
      writeFileSync(path, whole);
    }
  });

  it('or another schema is told apart', async () => {
    const { folder, store } = await folderWithHistory();
    await close(store);
    const { store: other, warnings } = await openStore(folder, 'test 2');
    expect(other.isEmpty).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/another version/);
  });

  it('of a journal without its checkpoint is noticed', async () => {
    const { folder, store } = await folderWithHistory();
    await close(store);
    const copy = temporaryFolder();
    copyFileSync(journalOf(folder), join(copy, 'changes-1.journal'));
    const { store: again, warnings } = await openStore(copy);
    expect(again.isEmpty).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('in a record that is whole but does not fit ends the replay there', async () => {
    const { folder, store } = await folderWithHistory();
    const before = dump(store);
    await close(store);
    // A second store of the same schema wrote a record with foreign ids.
    const other = temporaryFolder();
    const { store: foreign } = await openStore(other);
    await foreign.checkpoint();
    foreign.batch(() => put(foreign, 'x.js', 'x'));
    foreign.batch(() => put(foreign, 'y.js', 'y'));
    await close(foreign);
    copyFileSync(journalOf(other), journalOf(folder));
    const { store: again, warnings } = await openStore(folder);
    expect(warnings).toHaveLength(1);
    expect(dump(again)).not.toEqual(before);
    expect(again.files.count()).toBeGreaterThanOrEqual(2);
    await close(again);
    const { warnings: more } = await openStore(folder);
    expect(more).toEqual([]);
  });

  it('by a left-over temporary file is cleaned up', async () => {
    const { folder, store } = await folderWithHistory();
    await close(store);
    writeFileSync(join(folder, 'index.sqlite.tmp'), 'half');
    const { warnings } = await openStore(folder);
    expect(warnings).toEqual([]);
    expect(existsSync(join(folder, 'index.sqlite.tmp'))).toBe(false);
  });
});

describe('a folder that can not be used', () => {
  it('leaves the index in memory, and says so once', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { store, warnings } = await openStore(join(file, 'storage'));
    store.batch(() => put(store, 'a.js', 'one'));
    expect(await store.checkpoint()).toBe(false);
    expect(await store.checkpointIfDue()).toBe(false);
    expect(store.files.count()).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(join(file, 'storage'));
    expect(store.statistics().isPersistent).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('because it is read-only', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    const { warnings } = await openStore(folder);
    chmodSync(folder, 0o700);
    expect(warnings).toHaveLength(1);
  });

  it('because another store has it is left to that one', async () => {
    const folder = temporaryFolder();
    const { store: first } = await openStore(folder);
    const { store: second, warnings } = await openStore(folder);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/in use by another process/);
    second.batch(() => put(second, 'b.js', 'two'));
    first.batch(() => put(first, 'a.js', 'one'));
    await close(second);
    await close(first);
    const { store: third, warnings: none } = await openStore(folder);
    expect(none).toEqual([]);
    expect([...third.files.manifest()].map(({ path }) => path)).toEqual(['a.js']);
  });

  it('is waited for when the process that has it is just ending', async () => {
    const folder = temporaryFolder();
    const ending = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    try {
      writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: ending.pid, started: '', token: 'x' }));
      setTimeout(() => ending.kill(), 300);
      const { store, warnings } = await openStore(folder);
      expect(warnings).toEqual([]);
      expect(store.statistics().isPersistent).toBe(true);
      await close(store);
    } finally {
      ending.kill();
    }
  });

  it('is taken over from a process that is gone', async () => {
    const gone = spawnSync(process.execPath, ['-e', 'console.log(process.pid)']);
    const locks = [
      JSON.stringify({ pid: Number(gone.stdout.toString()), started: '1', token: 'x' }),
      // Our own number, but of a process that started at another time, as after a reboot.
      ...(process.platform === 'linux' ? [JSON.stringify({ pid: process.pid, started: '1', token: 'x' })] : []),
      '',
      '{"pid":',
    ];
    for (const lock of locks) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'lock'), lock);
      const { store, warnings } = await openStore(folder);
      expect(warnings).toEqual([]);
      expect(store.statistics().isPersistent).toBe(true);
      await close(store);
      expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([]);
    }
  });
});

describe('a checkpoint that fails', () => {
  it('keeps the last one and the journal, and says so once', async () => {
    const { folder, store } = await folderWithHistory();
    // A folder in the place of the temporary file makes writing it impossible, for everyone.
    mkdirSync(join(folder, 'index.sqlite.tmp'));
    expect(await store.checkpoint()).toBe(false);
    expect(await store.checkpoint()).toBe(false);
    store.batch(() => put(store, 'd.js', 'four'));
    expect(store.notices).toHaveLength(1);
    expect(store.notices[0]).toContain(folder);
    const copy = temporaryFolder();
    for (const name of readdirSync(folder)) {
      if (name !== 'lock' && name !== 'index.sqlite.tmp') copyFileSync(join(folder, name), join(copy, name));
    }
    const { store: again, warnings } = await openStore(copy);
    expect(dump(again)).toEqual(dump(store));
    expect(warnings).toEqual([]);
  });

  it('does not run when another process has taken the folder over', async () => {
    const { folder, store } = await folderWithHistory();
    const before = statSync(join(folder, 'index.sqlite')).mtimeMs;
    appendFileSync(join(folder, 'lock'), ' ');
    expect(await store.checkpoint()).toBe(false);
    expect(statSync(join(folder, 'index.sqlite')).mtimeMs).toBe(before);
    expect(store.notices[0]).toMatch(/taken over/);
  });
});

describe('a journal that grows without a pause', () => {
  it('is followed by a checkpoint without anybody being idle', async () => {
    const folder = temporaryFolder();
    const { store } = await openStore(folder);
    store.batch(() => put(store, 'a.js', 'one'));
    await store.checkpoint();
    const write = (): void => {
      for (let i = 0; i < 20; i++) store.batch(() => put(store, 'a.js', `${String(i)} ${'x'.repeat(60_000)}`));
      store.checkpointIfOverdue();
    };
    store.batch(() => put(store, 'a.js', 'two'));
    store.checkpointIfOverdue();
    const before = store.statistics().lastCheckpoint;
    expect(store.statistics().journalBytes).toBeGreaterThan(0);
    for (let i = 0; i < 2; i++) {
      write();
      expect(store.statistics().journalBytes).toBeGreaterThan(2_000_000);
      await expect.poll(() => store.statistics().journalBytes, { timeout: 20_000 }).toBeLessThan(1_000);
    }
    await expect.poll(() => store.statistics().lastCheckpoint, { timeout: 20_000 }).toBeGreaterThan(before ?? 0);
  });
});
