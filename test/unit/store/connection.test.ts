import { describe, expect, it } from 'vitest';
import { Connection } from '../../../server/src/store/connection';
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

describe('a transaction that is rolled back', () => {
  it('leaves everything as it was, also when SQLite cuts the file for it', async () => {
    const connection = new Connection(await sqlite());
    fill(connection, 0, 3);
    connection.begin();
    // More than SQLite's cache of pages holds, so that some are written before the end.
    for (let id = 3; id < 1500; id++)
      connection.run('INSERT INTO graph (facts_id, data) VALUES (?, ?)', [id, content(id)]);
    connection.rollback();
    expectRows(connection, 3);
    fill(connection, 3, 600);
    connection.begin();
    connection.run('DELETE FROM graph WHERE facts_id > 5');
    connection.rollback();
    expectRows(connection, 600);
    connection.close();
  });
});
