/**
 * The process that measures an index of one size from within, on a thread like the server's: a first index (with the time of each commit), replacing
 * one file, saving five files against building all anew, and look-ups by name. Arguments: `dist/`, a copy of the corpus that may be written
 * to, a folder for the index, the number of workers, the parts to measure, by commas, and the folder of a corpus that is a part of this one.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { limitInlining } from '../../../server/src/base/compiler';
import { DEFAULT_SETTINGS } from '../../../server/src/cli/options';
import type { Analysis } from '../../../server/src/model/analysis';
import { openAnalysis } from '../../../server/src/pipeline';
import { ExtractionPool } from '../../../server/src/pipeline/extractionPool';
import { analysisThreadLimits } from '../../../server/src/session/analysisThread';
import { percentile } from '../../accuracy/score';

/** The setting's default. */
const MEMORY_MB = 2048;
const REPLACED = 30;
const SAVES = 5;

export type UpdatePart = 'replace' | 'five' | 'queries';

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
}

export interface UpdateResult {
  readonly files: number;
  /** Milliseconds in the store for a file, by tenths of the first index: flat when a commit costs the same however many came before. */
  readonly commitTenths: readonly number[];
  /** Of files all over the corpus. */
  readonly replaceOne: Spread | undefined;
  /** Of files of the smaller corpus: the same files in an index of each size. */
  readonly replaceSame: Spread | undefined;
  readonly five: { readonly update: Spread; readonly rebuildMs: number; readonly ratio: number } | undefined;
  /** By kind of question. */
  readonly queries: Readonly<Record<string, Spread>> | undefined;
}

async function run(): Promise<UpdateResult> {
  limitInlining();
  const [dist = '', corpus = '', storage = '', workers = '1', parts = '', smaller = corpus] = process.argv.slice(2);
  const wanted = new Set(parts.split(','));
  const extractor = new ExtractionPool({ workerFile: join(dist, 'extractWorker.js'), size: Number(workers) });
  const note = (message: string): void => void process.stderr.write(`${message}\n`);
  const analysis = await openAnalysis({
    roots: [corpus],
    storage,
    settings: DEFAULT_SETTINGS,
    models: JSON.parse(readFileSync(join(dist, 'models.json'), 'utf8')) as { name: string; document: unknown }[],
    log: { error: note, warn: note, info: () => undefined, debug: () => undefined },
    wasmPath: join(dist, 'sql-wasm.wasm'),
    extractor,
  });
  const commits: { readonly files: number; readonly milliseconds: number }[] = [];
  const inStore = (): number => analysis.stages().find(({ id }) => id === 'store')?.milliseconds ?? 0;
  let before = { files: 0, milliseconds: 0 };
  const { indexed } = await analysis.scan({
    onProgress: ({ stage, done }) => {
      if (stage !== 'extract') return;
      const now = { files: done, milliseconds: inStore() };
      commits.push({ files: now.files - before.files, milliseconds: now.milliseconds - before.milliseconds });
      before = now;
    },
  });
  await analysis.idle();
  const result: UpdateResult = {
    files: indexed.length,
    commitTenths: tenths(commits),
    replaceOne: wanted.has('replace') ? await replace(analysis, spread(indexed, REPLACED), 'added') : undefined,
    replaceSame: wanted.has('replace') ? await replace(analysis, sameIn(indexed, corpus, smaller), 'again') : undefined,
    five: wanted.has('five') ? await saveFive(analysis, indexed) : undefined,
    queries: wanted.has('queries') ? askByFile(analysis, indexed) : undefined,
  };
  await analysis.close();
  await extractor.close();
  return result;
}

/** Mean milliseconds a file in each tenth of the commits. */
function tenths(commits: readonly { readonly files: number; readonly milliseconds: number }[]): number[] {
  const size = Math.max(1, Math.ceil(commits.length / 10));
  const result: number[] = [];
  for (let start = 0; start < commits.length; start += size) {
    const part = commits.slice(start, start + size);
    const files = part.reduce((sum, commit) => sum + commit.files, 0);
    result.push(part.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / Math.max(1, files));
  }
  return result;
}

/** Other files of the smaller corpus than those that are replaced in it first. */
function sameIn(indexed: readonly string[], corpus: string, smaller: string): string[] {
  const paths = indexed.filter((path) => existsSync(join(smaller, relative(corpus, path))));
  return spread(paths.slice(Math.floor(paths.length / REPLACED / 2)), REPLACED);
}

/** Files get one more function each, one after the other. */
async function replace(analysis: Analysis, paths: readonly string[], name: string): Promise<Spread> {
  const times: number[] = [];
  for (const path of paths) times.push(await changed(analysis, [path], `${name}${String(times.length)}`));
  return spreadOf(times);
}

async function saveFive(analysis: Analysis, paths: readonly string[]): Promise<UpdateResult['five']> {
  const times: number[] = [];
  const files = spread(paths, 5 * SAVES);
  for (let save = 0; save < SAVES; save++)
    times.push(
      await changed(
        analysis,
        files.filter((_, index) => index % SAVES === save),
        `saved${String(save)}`,
      ),
    );
  const start = performance.now();
  await analysis.rebuild({});
  const rebuildMs = performance.now() - start;
  const update = spreadOf(times);
  return { update, rebuildMs, ratio: rebuildMs / update.p50 };
}

/** Milliseconds until everything is up to date. */
async function changed(analysis: Analysis, paths: readonly string[], name: string): Promise<number> {
  for (const path of paths)
    writeFileSync(path, `${readFileSync(path, 'utf8')}\nfunction ${name}(a) { return a.${name}; }\n`);
  const start = performance.now();
  await analysis.update(paths);
  return performance.now() - start;
}

/** What the editor asks of the index about a file. */
function askByFile(analysis: Analysis, paths: readonly string[]): Record<string, Spread> {
  const asked = spread(paths, 500);
  const time = (ask: (path: string) => unknown): Spread =>
    spreadOf(
      asked.map((path) => {
        const start = performance.now();
        ask(path);
        return performance.now() - start;
      }),
    );
  return {
    'paths to sinks of a file': time((path) => analysis.findingsOf(path)),
    'state of a file': time((path) => analysis.statusOf(path)),
  };
}

function spread(paths: readonly string[], count: number): string[] {
  const step = Math.max(1, paths.length / count);
  return Array.from({ length: Math.min(count, paths.length) }, (_, index) => paths[Math.floor(index * step)]);
}

function spreadOf(times: readonly number[]): Spread {
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), worst: Math.max(...times) };
}

if (isMainThread) {
  const worker = new Worker(__filename, {
    argv: process.argv.slice(2),
    resourceLimits: analysisThreadLimits(MEMORY_MB),
  });
  worker.once('message', (result) => process.stdout.write(JSON.stringify(result)));
} else void run().then((result) => parentPort?.postMessage(result));
