import { describe, expect, it } from 'vitest';
import { Connection, type Sqlite } from '../../../server/src/store/connection';
import { sqlite } from './harness';

const content = (id: number): Uint8Array => new Uint8Array(16_384).fill(id % 251);

/** Rows of 16 KiB, which no page of another row resembles. */
function fill(connection: Connection, from: number, to: number): void {
  connection.begin();
  for (let id = from; id < to; id++) {
    connection.run('INSERT INTO graph (facts_id, data) VALUES (?, ?)', [id, content(id)]);
  }
  connection.commit();
}

function expectRows(connection: Connection, count: number): void {
  expect(connection.first('PRAGMA integrity_check')).toEqual(['ok']);
  expect(connection.number('SELECT count(*) FROM graph')).toBe(count);
  for (const [id, data] of connection.each('SELECT facts_id, data FROM graph')) {
    if (Buffer.compare(data as Uint8Array, content(Number(id))) !== 0) expect.fail(`row ${String(id)} is damaged`);
  }
}

/** The same database opened elsewhere, from what would be written to disk. */
function reopened(loaded: Sqlite, connection: Connection): Connection {
  const image = connection.export();
  expect(image.length).toBe(connection.bytes);
  return new Connection(loaded, image);
}

describe('room for a database that will grow', () => {
  it.each([
    ['enough', 16 << 20],
    ['too little', 5 << 20],
  ])('changes nothing of what is in it (%s)', async (_, room) => {
    const loaded = await sqlite();
    const connection = new Connection(loaded);
    fill(connection, 0, 3);
    const before = connection.bytes;
    connection.reserve(room);
    expect(connection.bytes).toBe(before);
    expectRows(connection, 3);
    fill(connection, 3, 600);
    connection.begin();
    connection.run('DELETE FROM graph WHERE facts_id > 5');
    connection.rollback();
    expectRows(connection, 600);
    const copy = reopened(loaded, connection);
    // It is large enough to have been opened with room.
    fill(copy, 600, 700);
    expectRows(copy, 700);
    reopened(loaded, copy).close();
    copy.close();
    connection.close();
  });

  it('is not made in a file whose header does not count its pages', async () => {
    const loaded = await sqlite();
    const connection = new Connection(loaded);
    fill(connection, 0, 400);
    const image = connection.export();
    // Written by something older: the number of pages is then taken from the size of the file.
    image.set([0, 0, 0, 0], 92);
    const copy = new Connection(loaded, image);
    expectRows(copy, 400);
    expect(copy.bytes).toBe(connection.bytes);
    copy.close();
    connection.close();
  });
});
