import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection, type ConnectionOptions, type Sqlite } from '../../../server/src/store/connection';
import { PagedFile, type ByteSource, type Scratch, type StoredDatabase } from '../../../server/src/store/pagedFile';
import { sqlite, temporaryFolder } from './harness';

const ROWS = 400;
/** Of the database that `ROWS` rows make, some sixth. */
const SMALL = 1 << 20;

function write(connection: Connection, ids: Iterable<number>, salt: number): void {
  connection.begin();
  for (const id of ids) {
    const data = new Uint8Array(6_000 + ((id * 37) % 9_000)).fill((id + salt) % 251);
    connection.run('INSERT OR REPLACE INTO graph (facts_id, data) VALUES (?, ?)', [id, data]);
  }
  connection.commit();
}

function* numbers(from: number, to: number): Generator<number> {
  for (let number = from; number < to; number++) yield number;
}

/** Reads a source in portions; `between` runs after each. */
function readAll(source: ByteSource, between: (portion: number) => void = () => undefined): Uint8Array {
  const size = 64 * 1024;
  const result = new Uint8Array(source.length);
  for (let from = 0; from < source.length; from += size) {
    result.set(source.subarray(from, from + size), from);
    between(from / size);
  }
  return result;
}

/** A scratch file in a folder; `isFull` makes every write to it fail. */
function scratchIn(folder: string): Scratch & { isFull: boolean; readonly path: string } {
  const path = join(folder, 'scratch');
  return {
    path,
    isFull: false,
    open() {
      // A device that never has room.
      return this.isFull ? openSync('/dev/full', 'r+') : openSync(path, 'w+');
    },
    close: closeSync,
  };
}

const small = (folder: string, more: Partial<ConnectionOptions> = {}): ConnectionOptions => ({
  scratch: scratchIn(folder),
  pageBytes: SMALL,
  ...more,
});

/** Opens what bytes hold as a database on disk. */
function stored(folder: string, name: string, bytes: Uint8Array): StoredDatabase {
  const path = join(folder, name);
  // What follows the database in a checkpoint must not matter.
  writeFileSync(path, Buffer.concat([bytes, Buffer.from('a trailer')]));
  return { descriptor: openSync(path, 'r'), bytes: bytes.length };
}

function filled(loaded: Sqlite, options: ConnectionOptions): Connection {
  const connection = new Connection(loaded, options);
  write(connection, numbers(0, ROWS), 0);
  return connection;
}

function expectSound(connection: Connection, image: Uint8Array): void {
  expect(connection.first('PRAGMA integrity_check')).toEqual(['ok']);
  expect(Buffer.compare(connection.export(), image)).toBe(0);
}

describe('the file below a database', () => {
  it('is what sql.js reads and writes', async () => {
    const loaded = await sqlite();
    const empty = new Connection(loaded);
    const file = new PagedFile({ cacheBytes: SMALL });
    file.write(empty.export(), 0);
    const database = new loaded.Database(file.array);
    database.exec(`INSERT INTO meta (key, value) VALUES ('where', 'in the memory of this test')`);
    const { length } = file.array;
    expect(length).toBe(Number.MAX_SAFE_INTEGER);
    expect(Buffer.from(file.copy(0, empty.bytes)).includes('in the memory of this test')).toBe(true);
    expect(file.isCurrent).toBe(true);
    database.close();
    empty.close();
  });

  it('keeps a part in memory, and the rest in a scratch file', async () => {
    const loaded = await sqlite();
    const folder = temporaryFolder();
    const all = filled(loaded, {});
    const part = filled(loaded, small(folder));
    expect(all.memoryBytes).toBeGreaterThanOrEqual(all.bytes);
    expect(part.memoryBytes).toBe(SMALL);
    expect(part.bytes).toBe(all.bytes);
    expectSound(part, all.export());
    write(part, numbers(100, 300), 9);
    write(all, numbers(100, 300), 9);
    expectSound(part, all.export());
    expect(part.memoryBytes).toBe(SMALL);
    part.close();
    all.close();
  });

  it('has no scratch file while it needs none', async () => {
    const folder = temporaryFolder();
    const connection = new Connection(await sqlite(), small(folder));
    write(connection, numbers(0, 3), 0);
    expect(existsSync(join(folder, 'scratch'))).toBe(false);
    connection.close();
  });

  it('reads what is stored from where it is stored', async () => {
    const loaded = await sqlite();
    const folder = temporaryFolder();
    const first = filled(loaded, {});
    const image = first.export();
    const second = new Connection(loaded, small(folder, { stored: stored(folder, 'a', image) }));
    expect(second.memoryBytes).toBeLessThan(SMALL);
    expectSound(second, image);
    // Nothing was written, so nothing had to be left anywhere.
    expect(existsSync(join(folder, 'scratch'))).toBe(false);
    write(second, numbers(50, 2 * ROWS), 3);
    write(first, numbers(50, 2 * ROWS), 3);
    expect(Buffer.compare(readFileSync(join(folder, 'a')).subarray(0, image.length), image)).toBe(0);
    expectSound(second, first.export());
    second.close();
    first.close();
  });

  it('is read as it was when the snapshot was made, while everything changes', async () => {
    const loaded = await sqlite();
    for (const options of [{}, small(temporaryFolder())]) {
      const connection = filled(loaded, options);
      const before = readAll(connection.snapshot());
      let salt = 1;
      const snapshot = connection.snapshot();
      const found = readAll(snapshot, (portion) => {
        write(connection, numbers(portion % 7, ROWS + portion), salt++);
      });
      expect(Buffer.compare(found, before)).toBe(0);
      expect(connection.first('PRAGMA integrity_check')).toEqual(['ok']);
      connection.close();
    }
  });

  it('goes on with what it was saved to, again and again', async () => {
    const loaded = await sqlite();
    const folder = temporaryFolder();
    const path = join(folder, 'checkpoint');
    const all = filled(loaded, {});
    const part = filled(loaded, small(folder));
    for (let round = 1; round < 5; round++) {
      const snapshot = part.snapshot();
      const saved = readAll(snapshot, (portion) => {
        if (portion % 20 !== 5) return;
        for (const connection of [part, all]) write(connection, numbers(portion, portion + 30), round);
      });
      part.moveTo(
        snapshot,
        () => {
          const made = stored(folder, `next ${String(round)}`, saved);
          renameSync(join(folder, `next ${String(round)}`), path);
          return made;
        },
        () => openSync(path, 'r'),
      );
      snapshot.release();
      expectSound(part, all.export());
      for (const connection of [part, all]) write(connection, numbers(round * 90, ROWS + round * 10), round);
      expectSound(part, all.export());
    }
    part.close();
    all.close();
  });

  it('is as good as before when it could not be saved', async () => {
    const loaded = await sqlite();
    const folder = temporaryFolder();
    const first = filled(loaded, {});
    const image = first.export();
    first.close();
    const connection = new Connection(loaded, small(folder, { stored: stored(folder, 'a', image) }));
    const snapshot = connection.snapshot();
    const save = (): never => {
      throw new Error('no room');
    };
    expect(() => {
      connection.moveTo(snapshot, save, () => openSync(join(folder, 'a'), 'r'));
    }).toThrow('no room');
    expectSound(connection, image);
    connection.close();
  });

  it('stays in memory while the disk is full, says so, and leaves it when there is room', async () => {
    const loaded = await sqlite();
    const all = filled(loaded, {});
    const folder = temporaryFolder();
    const scratch = scratchIn(folder);
    scratch.isFull = true;
    const troubles: unknown[] = [];
    const connection = filled(loaded, small(folder, { scratch, onTrouble: (error) => troubles.push(error) }));
    expect(troubles.length).toBeGreaterThan(0);
    expect(troubles.length).toBeLessThan(10);
    expect(String(troubles[0])).toContain('ENOSPC');
    expect(connection.memoryBytes).toBeGreaterThan(2 * SMALL);
    expectSound(connection, all.export());
    connection.close();
    all.close();
  });

  it('can be read while rows are, and when sql.js has cut the file', async () => {
    const loaded = await sqlite();
    const folder = temporaryFolder();
    const connection = filled(loaded, small(folder));
    const cut = (): void => {
      connection.begin();
      // More than SQLite's cache of pages holds, so that some are written before the end.
      for (let id = ROWS; id < ROWS + 400; id++)
        connection.run('INSERT INTO graph (facts_id, data) VALUES (?, ?)', [id, new Uint8Array(60_000).fill(id % 251)]);
      connection.rollback();
    };
    cut();
    const rows = connection.each('SELECT facts_id FROM graph ORDER BY facts_id');
    rows.next();
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    expect(rows.next().value).toEqual([1]);
    rows.return();
    write(connection, numbers(0, ROWS), 7);
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    // The snapshot has put it where it belongs.
    expect(connection.memoryBytes).toBe(SMALL);
    cut();
    write(connection, numbers(0, ROWS + 50), 8);
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    expect(connection.first('PRAGMA integrity_check')).toEqual(['ok']);
    connection.close();
  });

  it('holds what was written, whatever came between', () => {
    const PAGES = 400;
    const page = fc.nat(PAGES - 1);
    const command = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ kind: fc.constant('write' as const), page, value: fc.integer({ min: 1, max: 255 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), page, value: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('save' as const), page, value: fc.nat(255) }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const folder = temporaryFolder();
        const file = new PagedFile({ scratch: scratchIn(folder), cacheBytes: 0 });
        const expected = new Uint8Array(PAGES * 4096);
        let bytes = 0;
        let saves = 0;
        for (const { kind, page: number, value } of commands) {
          const at = number * 4096;
          if (kind === 'write') {
            const content = new Uint8Array(4096).fill(value);
            file.write(content, at);
            expected.set(content, at);
            bytes = Math.max(bytes, at + 4096);
          } else if (kind === 'read' && at < bytes) {
            expect(Buffer.compare(file.read(at, at + 4096), expected.subarray(at, at + 4096))).toBe(0);
          } else if (kind === 'save') {
            const snapshot = file.snapshot(bytes);
            const saved = readAll(snapshot);
            expect(Buffer.compare(saved, expected.subarray(0, bytes))).toBe(0);
            // A write between what was read and what is replaced.
            if (bytes > 0) {
              const content = new Uint8Array(4096).fill(value);
              file.write(content, Math.min(at, bytes - 4096));
              expected.set(content, Math.min(at, bytes - 4096));
            }
            const made = stored(folder, String(saves++), saved);
            file.letGo();
            file.replace(snapshot, made);
            snapshot.release();
          }
        }
        expect(Buffer.compare(file.copy(0, bytes), expected.subarray(0, bytes))).toBe(0);
        file.close();
      }),
      { numRuns: 60 },
    );
  });
});
