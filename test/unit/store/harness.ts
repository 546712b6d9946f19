/**
 * Stores in temporary folders, small records to fill them with, and a dump to compare them by.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import { loadSqlite, type Sqlite } from '../../../server/src/store/connection';
import type { FactsRecord, FileRecord } from '../../../server/src/store/rows';
import { Store } from '../../../server/src/store/store';

export const ROOT = '/project';
const wasm = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');

const folders: string[] = [];
const stores = new Set<Store>();

afterEach(async () => {
  for (const store of stores) await store.close();
  stores.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary test '));
  folders.push(folder);
  return folder;
}

export interface Opened {
  readonly store: Store;
  readonly warnings: readonly string[];
}

/** Opens a store; it is closed when the test ends, or by `close`. */
export async function openStore(folder?: string, formats = 'test 1'): Promise<Opened> {
  const warnings: string[] = [];
  const log = {
    error: () => {},
    warn: (message: string) => void warnings.push(message),
    info: () => {},
    debug: () => {},
  };
  const store = await Store.open({ folder, wasm, formats, log });
  stores.add(store);
  return { store, warnings };
}

export async function close(store: Store): Promise<void> {
  stores.delete(store);
  await store.close();
}

/** SQLite alone, for tests below the store. */
export const sqlite = (): Promise<Sqlite> => loadSqlite(wasm);

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function fileRecord(path: string, text: string, more: Partial<FileRecord> = {}): Omit<FileRecord, 'facts'> {
  return {
    root: ROOT,
    path,
    hash: hashOf(text),
    mtime: 1_700_000_000_000.25,
    size: text.length,
    dialect: 'js',
    state: 'indexed',
    reason: '',
    lost: [],
    limits: [],
    ...more,
  };
}

export function factsRecord(text: string, more: Partial<FactsRecord> = {}): FactsRecord {
  return {
    hash: hashOf(text),
    dialect: 'js',
    extractor: 'x1',
    graph: new TextEncoder().encode(`graph of ${text}`),
    skeleton: new TextEncoder().encode(`skeleton of ${text}`),
    symbols: JSON.stringify([[`symbol_${text}`, 'export', 4_000_000_000]]),
    callNames: JSON.stringify([`call_${text}`]),
    nameCount: 2,
    ...more,
  };
}

/** Puts a file whose content is `text`. */
export function put(store: Store, path: string, text: string): FileId {
  return store.putFile(fileRecord(path, text), factsRecord(text));
}

export const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

/** Everything in files and facts, in terms of paths. */
export function dump(store: Store): unknown {
  const rows = [...store.files.manifest()].map((file) => ({
    path: file.path,
    hash: file.hash,
    mtime: file.mtime,
    state: file.state,
    graph: textOf(store.facts.graph(file.id)),
    skeleton: textOf(store.facts.skeleton(file.id)),
  }));
  return rows.sort((a, b) => (a.path < b.path ? -1 : 1));
}
