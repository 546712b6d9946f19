/** Makes an index on disk say something wrong, in a way that no checksum tells. */
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { readCheckpoint, writeCheckpoint } from '../../../server/src/store/checkpoint';

/** Changes the database of a checkpoint, with a checksum that is right. */
export async function tamper(storage: string, sql: string): Promise<void> {
  const sqlite = await initSqlJs();
  const file = join(storage, 'index.sqlite');
  const schema = schemaOf(readFileSync(file));
  const checkpoint = await readCheckpoint(file, schema);
  if (checkpoint.state !== 'whole') throw new Error(checkpoint.state);
  const { descriptor, bytes } = checkpoint.database;
  closeSync(descriptor);
  const database = new sqlite.Database(readFileSync(file).subarray(0, bytes));
  database.run(sql);
  await writeCheckpoint(file, database.export(), { schema, sequence: checkpoint.sequence });
}

/** The checkpoint ends with what it says of itself. */
function schemaOf(bytes: Buffer): string {
  const schema = /"schema":"([^"]*)"/.exec(bytes.toString('latin1', bytes.length - 4096))?.[1];
  if (schema === undefined) throw new Error('no schema in the checkpoint');
  return schema;
}
