import { describe, expect, it } from 'vitest';
import { Connection, type Sqlite } from '../../../server/src/store/connection';
import { DatabaseFile, type ByteSource } from '../../../server/src/store/databaseFile';
import { sqlite } from './harness';

const ROWS = 400;

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

/** A connection whose database is in memory of this process, with room. */
function moved(loaded: Sqlite): Connection {
  const connection = new Connection(loaded);
  write(connection, numbers(0, ROWS), 0);
  connection.reserve(64 << 20);
  return connection;
}

describe('the memory of a database', () => {
  it('is taken over by sql.js as it is, and written in place', async () => {
    const loaded = await sqlite();
    const exported = new Connection(loaded).export();
    const image = new Uint8Array(8 << 20);
    image.set(exported);
    const file = DatabaseFile.over(image.subarray(0, exported.length));
    if (file === undefined) throw new Error('the header does not count its pages');
    expect(file.memory.buffer).toBe(image.buffer);
    const database = new loaded.Database(file.memory);
    database.exec(`INSERT INTO meta (key, value) VALUES ('where', 'in the memory of this test')`);
    expect(Buffer.from(image.buffer).includes('in the memory of this test')).toBe(true);
    database.close();
  });

  it('is read as it was when the snapshot was made, while everything changes', async () => {
    const loaded = await sqlite();
    const connection = moved(loaded);
    const before = connection.export();
    let salt = 1;
    const snapshot = connection.snapshot();
    const found = readAll(snapshot, (portion) => {
      write(connection, numbers(portion % 7, ROWS + portion), salt++);
    });
    expect(Buffer.compare(found, before)).toBe(0);
    expect(connection.first('PRAGMA integrity_check')).toEqual(['ok']);
    connection.close();
  });

  it('can be read while rows are, and when sql.js has moved the database', async () => {
    const loaded = await sqlite();
    const connection = new Connection(loaded);
    write(connection, numbers(0, ROWS), 0);
    const rows = connection.each('SELECT facts_id FROM graph ORDER BY facts_id');
    rows.next();
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    expect(rows.next().value).toEqual([1]);
    rows.return();
    // More than the room that the first snapshot made.
    readAll(connection.snapshot());
    write(connection, numbers(ROWS, 5 * ROWS), 0);
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    connection.close();
  });

  it('is not taken for what is saved when sql.js moved the database in a transaction that was rolled back', async () => {
    const loaded = await sqlite();
    // No whole number of pages, so that rolling back cuts the file.
    const connection = new Connection(loaded);
    write(connection, numbers(0, ROWS), 0);
    connection.reserve((64 << 20) + 100);
    connection.begin();
    // More than SQLite's cache of pages holds, so that some are written before the end.
    for (let id = ROWS; id < ROWS + 400; id++)
      connection.run('INSERT INTO graph (facts_id, data) VALUES (?, ?)', [id, new Uint8Array(60_000).fill(id % 251)]);
    connection.rollback();
    write(connection, numbers(0, ROWS), 7);
    expect(Buffer.compare(readAll(connection.snapshot()), connection.export())).toBe(0);
    connection.close();
  });
});
