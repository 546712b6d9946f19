/**
 * The database as lines of text in which ids are replaced by the paths they stand for: equal for two databases that say the same,
 * however they came about. Times are left out. Packed columns that hold ids (links, summaries) are for those who can read them.
 */
import { createHash } from 'node:crypto';
import type { SqlValue } from 'sql.js';
import type { Connection, Row } from './connection';

/** Where the file with an id is. */
const PLACE = `place AS (SELECT file.id AS id, root.path || '/' || file.path AS path, facts_id FROM file JOIN root ON root.id = root_id)`;

/** What a line starts with, and what gives the rest of it. */
const QUERIES: readonly (readonly [name: string, sql: string])[] = [
  [
    'file',
    `SELECT place.path, hex(hash), size, dialect, state, reason, lost, limits FROM place JOIN file USING (id) ORDER BY 1`,
  ],
  ['pending', `SELECT root || '/' || path, change FROM pending ORDER BY 1`],
  ['graph', `SELECT path, data FROM place JOIN graph USING (facts_id) ORDER BY path`],
  ['skeleton', `SELECT path, data FROM place JOIN skeleton USING (facts_id) ORDER BY path`],
  [
    'symbol',
    `SELECT path, name, kind, function_key FROM place JOIN symbol USING (facts_id) ORDER BY path, name, kind, function_key`,
  ],
  ['call', `SELECT path, name FROM place JOIN call_name USING (facts_id) ORDER BY path, name`],
  [
    'import',
    `SELECT importer.path, specifier, kind, ifnull(target.path, '-') FROM import
     JOIN place importer ON importer.id = file_id LEFT JOIN place target ON target.id = target_id ORDER BY 1, 2, 3`,
  ],
  ['probe', `SELECT path, path_hash FROM place JOIN probe ON file_id = id ORDER BY 1, 2`],
  [
    'finding',
    `SELECT joined.path, number, rule, fingerprint, source.path, sink.path, finding.data FROM finding
     JOIN place joined ON joined.id = file_id LEFT JOIN place source ON source.id = source_file
     LEFT JOIN place sink ON sink.id = sink_file ORDER BY 1, fingerprint`,
  ],
  [
    'finding in',
    `SELECT fingerprint, path FROM finding JOIN finding_file USING (file_id, number) JOIN place ON id = on_file ORDER BY 1, 2`,
  ],
  // What belongs to nothing that is there any more.
  [
    'orphan facts',
    `SELECT hex(hash), dialect FROM facts WHERE id NOT IN (SELECT facts_id FROM file WHERE facts_id IS NOT NULL)`,
  ],
  ...['graph', 'skeleton', 'symbol', 'call_name'].map((table): readonly [string, string] => [
    `orphan ${table}`,
    `SELECT facts_id FROM ${table} WHERE facts_id NOT IN (SELECT id FROM facts)`,
  ]),
  ...['import', 'probe', 'link', 'summary', 'finding', 'finding_file'].map((table): readonly [string, string] => [
    `orphan ${table}`,
    `SELECT file_id FROM ${table} WHERE file_id NOT IN (SELECT id FROM file)`,
  ]),
];

/** Reads the tables; nothing may be written meanwhile. Throws `StoreError`. */
export function* dump(db: Connection): Generator<string, void, undefined> {
  for (const [name, sql] of QUERIES) {
    for (const row of db.each(`WITH ${PLACE} ${sql}`)) yield `${name}\t${parts(row)}`;
  }
}

function parts(row: Row): string {
  return row.map(text).join('\t');
}

function text(value: SqlValue): string {
  if (value instanceof Uint8Array) return createHash('sha256').update(value).digest('hex').slice(0, 16);
  return String(value).replaceAll(/[\t\n]/g, ' ');
}
