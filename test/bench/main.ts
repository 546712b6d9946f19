/** The benchmark: cold index over parse-only, memory, latency of keystrokes, warm start. See `run.mjs`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { percentile } from '../accuracy/score';
import type { ExtractionRequest } from '../../server/src/pipeline/extraction';
import { prepareCorpus } from './corpus';
import type { IndexResult } from './indexRun';
import { measureLatency, type LatencyResult } from './latency';
import type { ParseResult } from './parseRun';
import { printCold, printLatency } from './printBench';

export interface BenchReport {
  readonly machine: {
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly workers: number;
  };
  readonly corpus: { readonly files: number; readonly bytes: number };
  readonly parse: readonly ParseResult[];
  readonly index: readonly IndexResult[];
  /** Median cold time over median parse-only time, both from the start of their process. */
  readonly ratio: number;
  readonly latency: LatencyResult | undefined;
}

interface Options {
  readonly runs: string;
  readonly edits: string;
  readonly json?: string;
  readonly latency: boolean;
  readonly cold: boolean;
}

export async function main(
  argumentsTyped: readonly string[],
  files: { readonly corpus: string; readonly programs: string; readonly dist: string },
): Promise<number> {
  const options = new Command('bench')
    .option('--runs <number>', 'interleaved runs of parse-only and cold index', '3')
    .option('--edits <number>', 'keystrokes in the latency measurement', '240')
    .option('--no-latency', 'leave out the measurement of the language server')
    .option('--no-cold', 'one cold run only, to get to the language server quickly')
    .option('--json <file>', 'write everything to a file')
    .parse([...argumentsTyped], { from: 'user' })
    .opts<Options>();
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const corpus = await prepareCorpus(files.corpus, (done, total, spec) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kfetch ${String(done)}/${String(total)} ${spec}`);
    if (process.stderr.isTTY && done === total) process.stderr.write('\r\u001b[K');
  });
  const work = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const workers = Math.max(1, availableParallelism() - 1);
    const requestsFile = join(work, 'requests.json');
    const index = (list: boolean): IndexResult => {
      const storage = mkdtempSync(join(work, 'index-'));
      const more = list ? [requestsFile] : [];
      const result: unknown = runProgram(files.programs, 'indexRun', [
        files.dist,
        corpus,
        storage,
        String(workers),
        ...more,
      ]);
      rmSync(storage, { recursive: true });
      return result as IndexResult;
    };
    say('warming up: one cold index');
    const first = index(true);
    const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as ExtractionRequest[];
    const parse: ParseResult[] = [];
    const cold: IndexResult[] = options.cold ? [] : [first];
    for (let run = 1; options.cold && run <= Number(options.runs); run++) {
      say(`run ${String(run)} of ${options.runs}`);
      parse.push(runProgram(files.programs, 'parseRun', [requestsFile, String(workers)]) as ParseResult);
      cold.push(index(false));
    }
    const measureTyping = async (edits: number): Promise<LatencyResult> => {
      const file = fileToEdit(requests);
      say(`language server: typing in ${relative(corpus, file)}`);
      const storage = mkdtempSync(join(work, 'server-'));
      const result = await measureLatency({ dist: files.dist, corpus, storage, file, edits, warmStarts: 3 });
      return { ...result, file: relative(corpus, file) };
    };
    const median = (values: readonly number[]): number => percentile(values, 0.5);
    const report: Omit<BenchReport, 'latency'> = {
      machine: {
        node: process.version,
        cpu: cpus()[0]?.model ?? '',
        cores: availableParallelism(),
        memory: totalmem(),
        workers,
      },
      corpus: { files: requests.length, bytes: requests.reduce((sum, { size }) => sum + size, 0) },
      parse,
      index: cold,
      ratio: median(cold.map(({ totalMs }) => totalMs)) / median(parse.map(({ totalMs }) => totalMs)),
    };
    // What is known is told now: the rest takes its time, and may be cut off.
    process.stdout.write(printCold(report));
    const save = (latency: LatencyResult | undefined): void => {
      const whole: BenchReport = { ...report, latency };
      if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(whole, undefined, 1));
    };
    save(undefined);
    if (options.latency) {
      const latency = await measureTyping(Number(options.edits));
      process.stdout.write(printLatency(latency));
      save(latency);
    }
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What one of the programs beside this one printed: JSON of the shape its name stands for. */
function runProgram(folder: string, name: string, args: readonly string[]): unknown {
  const output = execFileSync(process.execPath, [join(folder, `${name}.js`), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output);
}

/** The file with 950 to 1,050 lines that has the most functions; the first by name among equals. */
function fileToEdit(requests: readonly ExtractionRequest[]): string {
  let best: { readonly path: string; readonly functions: number } | undefined;
  for (const { path, dialect } of requests) {
    if (dialect !== 'js') continue;
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n').length;
    if (lines < 950 || lines > 1050) continue;
    const functions = text.match(/\bfunction\b/g)?.length ?? 0;
    if (best === undefined || functions > best.functions) best = { path, functions };
  }
  if (best === undefined) throw new Error('the corpus has no file of about 1,000 lines');
  return best.path;
}
