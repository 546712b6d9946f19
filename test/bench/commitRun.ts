/**
 * The process that tells what each commit of a first index takes: arguments are `dist/`, the corpus, a folder for the index and the number of
 * workers. Also measures for how long at a time nothing else can be done on the analysis thread.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { limitInlining } from '../../server/src/base/compiler';
import { DEFAULT_SETTINGS } from '../../server/src/cli/options';
import { openAnalysis } from '../../server/src/pipeline';
import { ExtractionPool } from '../../server/src/pipeline/extractionPool';
import { analysisThreadLimits } from '../../server/src/session/analysisThread';

const MEMORY_MB = 2048;

export interface CommitResult {
  readonly commits: readonly Commit[];
  /** Of linking and solving at the end, and of presenting, in milliseconds. */
  readonly stages: Readonly<Record<string, number>>;
  readonly milliseconds: number;
}

export interface Commit {
  readonly files: number;
  readonly milliseconds: number;
}

async function run(): Promise<CommitResult> {
  limitInlining();
  const [dist = '', corpus = '', storage = '', workers = '1'] = process.argv.slice(2);
  const extractor = new ExtractionPool({ workerFile: join(dist, 'extractWorker.js'), size: Number(workers) });
  extractor.warmUp();
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
  const started = performance.now();
  const commits: Commit[] = [];
  const before = { files: 0, milliseconds: 0 };
  await analysis.scan({
    onProgress: ({ stage, done }) => {
      if (stage !== 'extract') return;
      const milliseconds = analysis.stages().find(({ id }) => id === 'store')?.milliseconds ?? 0;
      commits.push({ files: done - before.files, milliseconds: milliseconds - before.milliseconds });
      before.files = done;
      before.milliseconds = milliseconds;
    },
  });
  const result = {
    commits,
    stages: Object.fromEntries(analysis.stages().map(({ id, milliseconds }) => [id, milliseconds])),
    milliseconds: performance.now() - started,
  };
  await analysis.close();
  await extractor.close();
  return result;
}

if (isMainThread) {
  const worker = new Worker(__filename, {
    argv: process.argv.slice(2),
    resourceLimits: analysisThreadLimits(MEMORY_MB),
  });
  worker.once('message', (result) => process.stdout.write(JSON.stringify(result)));
} else void run().then((result) => parentPort?.postMessage(result));
