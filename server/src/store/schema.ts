/**
 * The schema of the index, written for a person who opens `index.sqlite` with `sqlite3`. Every table that belongs to
 * a file or its facts is clustered by that owner, so replacing what a file owns touches neighbouring rows; the way
 * back ("who names this?") is one secondary index each, built at the end of a bulk load.
 *
 * Two kinds of rows: `facts`, `graph`, `skeleton`, `symbol` and `call_name` depend on the content of a file alone and
 * are shared by files with equal content; all others depend on the state of the whole workspace.
 */

/** Changes with every change of the tables below or of what the packed columns mean. Another version is rebuilt, not migrated: the index is derived data. */
export const SCHEMA_VERSION = 4;

/** "Trib" in ASCII; `PRAGMA application_id` of an index. */
export const APPLICATION_ID = 0x54726962;

export const TABLES = `
-- What is known of the index itself: key and value.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Workspace folders (or scanned folders), by absolute path.
CREATE TABLE root (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);

-- One row a file that is there, also those that could not be analysed. Ids are never used again.
CREATE TABLE file (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  root_id  INTEGER NOT NULL,       -- root.id
  path     TEXT NOT NULL,          -- below the root, with /
  hash     BLOB NOT NULL,          -- SHA-256 of the content; empty when it was not read
  mtime    REAL NOT NULL,          -- milliseconds since 1970; with size only a shortcut to skip hashing
  size     INTEGER NOT NULL,       -- bytes
  dialect  TEXT NOT NULL,          -- js, jsx, ts, tsx, mjs, cjs, mts, cts, dts, py, vue, svelte, astro, html
  state    TEXT NOT NULL,          -- indexed, partial, failed, skipped
  reason   TEXT NOT NULL,          -- why it was skipped or failed; empty otherwise
  lost     TEXT NOT NULL,          -- ranges that could not be parsed: JSON [[line, character, line, character], …], from 0
  limits   TEXT NOT NULL,          -- limits that were hit: JSON [sentence, …]
  facts_id INTEGER,                -- facts.id; NULL when there are none
  UNIQUE (root_id, path)
);
CREATE INDEX file_by_facts ON file (facts_id);
-- The few files that a status view shows.
CREATE INDEX file_remarkable ON file (id) WHERE state <> 'indexed' OR limits <> '[]';

-- Files whose links, summaries and findings are not up to date yet. Written with the file, emptied with the results.
CREATE TABLE pending (
  file_id INTEGER PRIMARY KEY,
  change  TEXT NOT NULL,           -- new, modified, removed
  root    TEXT NOT NULL,           -- where it is, or was
  path    TEXT NOT NULL
);

-- What a text says, by content and by how it was read.
CREATE TABLE facts (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  hash      BLOB NOT NULL,         -- SHA-256 of the content
  dialect   TEXT NOT NULL,
  extractor TEXT NOT NULL,         -- version of the extractor
  UNIQUE (hash, dialect, extractor)
);
CREATE TABLE graph (facts_id INTEGER PRIMARY KEY, data BLOB NOT NULL);     -- packed flow graphs
CREATE TABLE skeleton (facts_id INTEGER PRIMARY KEY, data BLOB NOT NULL);  -- packed: what linking needs

-- Names that a text declares or exports.
CREATE TABLE symbol (
  facts_id     INTEGER NOT NULL,
  name         TEXT NOT NULL,
  kind         TEXT NOT NULL,      -- export, function, class, method, …
  function_key INTEGER NOT NULL,   -- key hash of the function it stands for; -1 when it is none
  PRIMARY KEY (facts_id, name, kind, function_key)
) WITHOUT ROWID;

-- Names by which a text calls something.
CREATE TABLE call_name (
  facts_id INTEGER NOT NULL,
  name     TEXT NOT NULL,
  PRIMARY KEY (facts_id, name)
) WITHOUT ROWID;

-- What the imports of a file resolve to.
CREATE TABLE import (
  file_id   INTEGER NOT NULL,
  specifier TEXT NOT NULL,
  kind      TEXT NOT NULL,         -- import or require: they may resolve differently
  target_id INTEGER,               -- file.id; NULL when nothing was found, or a package without source
  PRIMARY KEY (file_id, specifier, kind)
) WITHOUT ROWID;

-- Paths that resolving looked at, also those where nothing was.
CREATE TABLE probe (
  file_id   INTEGER NOT NULL,
  path_hash INTEGER NOT NULL,      -- FNV-1a, 32 bits, of the absolute path
  PRIMARY KEY (file_id, path_hash)
) WITHOUT ROWID;

-- Link results of a file, and the files they were read from.
CREATE TABLE link (file_id INTEGER PRIMARY KEY, hash TEXT NOT NULL, deps BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE link_dep (file_id INTEGER NOT NULL, on_file INTEGER NOT NULL, PRIMARY KEY (file_id, on_file)) WITHOUT ROWID;

-- What resolving was told of the disk when the links were made, beside which files there are.
CREATE TABLE answer (
  path TEXT PRIMARY KEY,           -- absolute: a file of configuration, or a folder of packages
  told TEXT NOT NULL               -- hash of what it says or holds; empty when it was not there
) WITHOUT ROWID;

-- Summaries of a file's functions, and the files whose summaries they were computed from.
CREATE TABLE summary (file_id INTEGER PRIMARY KEY, hash TEXT NOT NULL, deps BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE summary_dep (file_id INTEGER NOT NULL, on_file INTEGER NOT NULL, PRIMARY KEY (file_id, on_file)) WITHOUT ROWID;

-- Findings, by the file that the source is in.
CREATE TABLE finding (
  file_id     INTEGER NOT NULL,
  number      INTEGER NOT NULL,    -- from 0, in the order of the analysis
  rule        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,       -- survives moved lines
  source_file INTEGER NOT NULL,
  sink_file   INTEGER NOT NULL,
  data        BLOB NOT NULL,       -- packed source, sink and paths
  PRIMARY KEY (file_id, number)
) WITHOUT ROWID;
-- The files that a finding's source, sink and paths are in.
CREATE TABLE finding_file (
  file_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  on_file INTEGER NOT NULL,
  PRIMARY KEY (file_id, number, on_file)
) WITHOUT ROWID;

-- For reading by hand.
CREATE VIEW files AS
  SELECT file.id, root.path || '/' || file.path AS path, state, reason, dialect, size, hex(hash) AS hash
  FROM file JOIN root ON root.id = root_id;
CREATE VIEW symbols AS
  SELECT name, kind, files.path, files.id AS file_id, function_key
  FROM symbol JOIN file USING (facts_id) JOIN files USING (id);
CREATE VIEW imports AS
  SELECT importer.path AS file, specifier, kind, target.path AS target
  FROM import JOIN files importer ON importer.id = file_id LEFT JOIN files target ON target.id = target_id;
CREATE VIEW findings AS
  SELECT rule, fingerprint, source.path AS source, sink.path AS sink
  FROM finding LEFT JOIN files source ON source.id = source_file LEFT JOIN files sink ON sink.id = sink_file;
`;

/** Secondary indexes: dropped for a bulk load, built once at its end. */
export const INDEXES: readonly { readonly name: string; readonly on: string }[] = [
  { name: 'symbol_by_name', on: 'symbol (name)' },
  { name: 'call_name_by_name', on: 'call_name (name)' },
  { name: 'import_by_target', on: 'import (target_id)' },
  { name: 'probe_by_path', on: 'probe (path_hash)' },
  { name: 'link_dep_by_file', on: 'link_dep (on_file)' },
  { name: 'summary_dep_by_file', on: 'summary_dep (on_file)' },
  { name: 'finding_file_by_file', on: 'finding_file (on_file)' },
  { name: 'finding_by_fingerprint', on: 'finding (fingerprint)' },
];
