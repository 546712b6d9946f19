/**
 * The process that asks a stored index by name, and by number of a file: arguments are `sql-wasm.wasm`, the folder of the index, and the versions
 * that it was written with. Every question is asked of another name, spread over those there are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { Store } from '../../../server/src/store/store';
import { storeFormats } from '../../../server/src/pipeline';
import { percentile } from '../../accuracy/score';
import type { Spread } from './updateRun';

export interface LookUpResult {
  /** Milliseconds by kind of question. */
  readonly queries: Readonly<Record<string, Spread>>;
  /** Names of calls and symbols in the index. */
  readonly references: number;
  /** Bytes, all threads, when all was asked. */
  readonly memory: number;
}

const QUESTIONS = 1_000;

async function run(): Promise<LookUpResult> {
  const [wasm = '', folder = ''] = process.argv.slice(2);
  const note = (message: string): void => void process.stderr.write(`${message}\n`);
  const log = { error: note, warn: note, info: () => undefined, debug: () => undefined };
  const { names, references } = await namesIn(join(folder, 'index.sqlite'), wasm);
  const store = await Store.open({ folder, wasm, formats: storeFormats(), log });
  const files = Array.from(store.files.manifest(), ({ id }) => id);
  const some = Array.from({ length: QUESTIONS }, (_, i) => files[Math.floor((i * files.length) / QUESTIONS)]);
  const time = <T>(asked: readonly T[], ask: (item: T) => unknown): Spread => {
    const times = asked.map((item) => {
      const start = performance.now();
      ask(item);
      return performance.now() - start;
    });
    return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), worst: Math.max(...times) };
  };
  const queries = {
    'symbols by name': time(names, (name) => store.facts.symbols(name)),
    'callers by name': time(names, (name) => store.facts.callers(name)),
    'links of a file (callees)': time(some, (file) => store.links.get(file)),
    'paths that touch a file': time(some, (file) => store.findings.touching(file)),
  };
  const result = { queries, references, memory: process.memoryUsage().rss };
  await store.close();
  return result;
}

/** Names that are called, evenly spread over all, and how many rows of names there are. */
async function namesIn(file: string, wasm: string): Promise<{ names: string[]; references: number }> {
  const sqlite = await initSqlJs({ locateFile: () => wasm });
  const db = new sqlite.Database(readFileSync(file));
  const rows = (sql: string): unknown[] => (db.exec(sql).at(0)?.values ?? []).map(([value]) => value);
  const all = rows('SELECT DISTINCT name FROM call_name ORDER BY name').map(String);
  const references = Number(rows('SELECT (SELECT count(*) FROM symbol) + (SELECT count(*) FROM call_name)')[0]);
  db.close();
  const count = Math.min(QUESTIONS, all.length);
  return { names: Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]), references };
}

void run().then((result) => process.stdout.write(JSON.stringify(result)));
