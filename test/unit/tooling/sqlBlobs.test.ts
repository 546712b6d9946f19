/** Blobs come out of the bundled sql.js as they went in, through statements and through functions in SQL. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Database, SqlJsStatic } from 'sql.js';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'tributary-blobs-'));
const sqlFolder = path.join(root, 'node_modules/sql.js/dist');
let copyingAtOnce: (text: string) => string;
let database: Database;

beforeAll(async () => {
  const tool = pathToFileURL(path.join(root, 'server/tools/sqlBlobs.mjs')).href;
  ({ copyingAtOnce } = (await import(tool)) as { copyingAtOnce: typeof copyingAtOnce });
  const file = path.join(folder, 'sql.cjs');
  writeFileSync(file, copyingAtOnce(readFileSync(path.join(sqlFolder, 'sql-wasm.js'), 'utf8')));
  const load = createRequire(__filename)(file) as (options: object) => Promise<SqlJsStatic>;
  const wasm = new Uint8Array(readFileSync(path.join(sqlFolder, 'sql-wasm.wasm')));
  database = new (await load({ wasmBinary: wasm.buffer })).Database();
});

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

it('gives blobs of every byte and size as they were', () => {
  database.run('CREATE TABLE kept (size INTEGER PRIMARY KEY, bytes BLOB)');
  for (const size of [0, 1, 255, 256, 100_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) % 256);
    database.run('INSERT INTO kept VALUES (?, ?)', [size, bytes]);
    const statement = database.prepare('SELECT bytes FROM kept WHERE size = ?');
    const [found] = statement.get([size]);
    statement.free();
    expect(found).toEqual(bytes);
    // A copy: what SQLite does with its memory later does not change it.
    database.run('DELETE FROM kept');
    expect(found).toEqual(bytes);
  }
});

it('hands blobs to functions as they are', () => {
  database.create_function('reversed', (bytes: Uint8Array) => Uint8Array.from(bytes).reverse());
  expect(database.exec("SELECT hex(reversed(x'00017FFF80'))")[0].values).toEqual([['80FF7F0100']]);
});

it('says so when the package is written otherwise', () => {
  expect(() => copyingAtOnce('var a=1;')).toThrow('0 places');
});
