/**
 * The process that indexes and analyses, on a thread like the server's: arguments are `dist/`, the corpus, a folder for the index, the number of
 * workers, and, optional, a file to write the list of analysed files to, and the size of the largest file in bytes.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { limitInlining } from '../../server/src/base/compiler';
import { DEFAULT_SETTINGS } from '../../server/src/cli/options';
import { dialectOf } from '../../server/src/documents/languages';
import type { IndexStatistics, StageReport } from '../../server/src/model/analysis';
import { openAnalysis } from '../../server/src/pipeline';
import type { ExtractionRequest } from '../../server/src/pipeline/extraction';
import { ExtractionPool } from '../../server/src/pipeline/extractionPool';
import { budgetsOf, type Budgets } from './budgets';
import { analysisThreadLimits } from '../../server/src/session/analysisThread';

/** The setting's default. */
const MEMORY_MB = 2048;

export interface IndexResult {
  /** From the start of the process until findings are there. */
  readonly totalMs: number;
  readonly openMs: number;
  readonly scanMs: number;
  /** Writing the checkpoint afterwards, when idle. */
  readonly checkpointMs: number;
  /** Bytes, all threads. */
  readonly peakMemory: number;
  readonly statistics: IndexStatistics;
  /** Functions, paths and access paths that a budget cut. */
  readonly budgets: Budgets;
  readonly stages: readonly StageReport[];
}

/** Milliseconds since the process started, `origin` being when that was. */
const since = (origin: number): number => performance.timeOrigin + performance.now() - origin;

async function run(origin: number): Promise<IndexResult> {
  // As the entry points of the product do.
  limitInlining();
  const [dist = '', corpus = '', storage = '', workers = '1', listFile, maxFileSize] = process.argv.slice(2);
  const extractor = new ExtractionPool({ workerFile: join(dist, 'extractWorker.js'), size: Number(workers) });
  extractor.warmUp();
  const note = (message: string): void => void process.stderr.write(`${message}\n`);
  const analysis = await openAnalysis({
    roots: [corpus],
    storage,
    settings: maxFileSize === undefined ? DEFAULT_SETTINGS : { ...DEFAULT_SETTINGS, maxFileSize: Number(maxFileSize) },
    models: JSON.parse(readFileSync(join(dist, 'models.json'), 'utf8')) as { name: string; document: unknown }[],
    log: { error: note, warn: note, info: () => undefined, debug: () => undefined },
    wasmPath: join(dist, 'sql-wasm.wasm'),
    extractor,
  });
  const opened = since(origin);
  const { indexed } = await analysis.scan({});
  const scanned = since(origin);
  await analysis.idle();
  const checkpointed = since(origin);
  const peakMemory = process.resourceUsage().maxRSS * 1024;
  // A look at everything: not part of what is measured.
  const statistics = analysis.statistics();
  const result: IndexResult = {
    totalMs: scanned,
    openMs: opened,
    scanMs: scanned - opened,
    checkpointMs: checkpointed - scanned,
    peakMemory,
    statistics,
    budgets: budgetsOf(statistics, analysis.allFindings()),
    stages: analysis.stages(),
  };
  if (listFile !== undefined) {
    const requests: ExtractionRequest[] = [];
    for (const path of indexed) {
      const dialect = dialectOf(path);
      if (dialect === undefined) continue;
      requests.push({ id: requests.length, path, dialect, size: statSync(path).size });
    }
    requests.sort((a, b) => (a.path < b.path ? -1 : 1));
    writeFileSync(listFile, JSON.stringify(requests));
  }
  await analysis.close();
  await extractor.close();
  return result;
}

if (isMainThread) {
  const worker = new Worker(__filename, {
    argv: process.argv.slice(2),
    workerData: performance.timeOrigin,
    resourceLimits: analysisThreadLimits(MEMORY_MB),
  });
  worker.once('message', (result) => process.stdout.write(JSON.stringify(result)));
} else void run(workerData as number).then((result) => parentPort?.postMessage(result));
