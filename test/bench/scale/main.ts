/** The benchmark of scale: corpora of several sizes, and what each costs. See `run.mjs`. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { serverEnvironment } from '../../../client/src/serverEnvironment';
import type { ExtractionRequest } from '../../../server/src/pipeline/extraction';
import type { IndexResult } from '../indexRun';
import type { ParseResult } from '../parseRun';
import { prepareCorpora } from './corpora';
import { DIFFICULT_INPUTS, type DifficultInput } from './difficultInputs';
import { editTargets } from './hubs';
import type { LookUpResult } from './lookUpRun';
import { printDifficult, printGrowth, printSize } from './printScale';
import { measureServer, type ServerResult } from './serverRun';
import type { UpdateResult } from './updateRun';

export interface SizeReport {
  readonly size: number;
  readonly bytes: number;
  readonly cold: IndexResult | undefined;
  readonly parse: ParseResult | undefined;
  readonly updates: UpdateResult | undefined;
  readonly lookUps: LookUpResult | undefined;
  /** Files that import the file which most import. */
  readonly importers: number;
  readonly server: ServerResult | undefined;
}

export interface DifficultReport {
  readonly name: string;
  readonly index: IndexResult;
}

/** Five files are saved in a corpus of so many. */
const FIVE_OF = 2_000;
const PARTS = ['cold', 'replace', 'five', 'queries', 'server', 'rebuild', 'difficult'] as const;
/** Larger than any of the difficult inputs. */
const LARGEST_FILE = 4 * 1024 * 1024;

interface Options {
  readonly sizes: string;
  readonly parts: string;
  readonly edits: string;
  readonly json?: string;
}

export async function main(
  typed: readonly string[],
  files: { readonly packages: string; readonly programs: string; readonly dist: string },
): Promise<number> {
  const options = new Command('bench:scale')
    .option('--sizes <numbers>', 'numbers of files, by commas', '1000,5000,20000,50000')
    .option('--parts <names>', `what to measure, by commas: ${PARTS.join(', ')}`, PARTS.join(','))
    .option('--edits <number>', 'keystrokes in each file that is typed in', '120')
    .option('--json <file>', 'write everything to a file')
    .parse([...typed], { from: 'user' })
    .opts<Options>();
  const parts = new Set(options.parts.split(','));
  for (const part of parts) if (!PARTS.some((known) => known === part)) throw new Error(`there is no part ${part}`);
  const sizes = options.sizes.split(',').map(Number);
  const all = parts.has('five') ? [...new Set([...sizes, FIVE_OF])].sort((a, b) => a - b) : sizes;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const corpora = await prepareCorpora(files.packages, all, (done, total, spec) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kfetch ${String(done)}/${String(total)} ${spec}`);
    if (process.stderr.isTTY && done === total) process.stderr.write('\r\u001b[K');
  });
  const workers = Math.max(1, availableParallelism() - 1);
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    memory: totalmem(),
    workers,
  };
  const reports: SizeReport[] = [];
  const difficult: DifficultReport[] = [];
  const save = (): void => {
    if (options.json !== undefined)
      writeFileSync(options.json, JSON.stringify({ machine, reports, difficult }, undefined, 1));
  };
  if (parts.delete('difficult')) {
    say('difficult inputs');
    for (const input of DIFFICULT_INPUTS) {
      const report = measureDifficult(input, files, workers);
      difficult.push(report);
      process.stdout.write(printDifficult(report));
      save();
    }
  }
  if (parts.size === 0) return 0;
  for (const size of all) {
    say(`${String(size)} files`);
    const report = await measure(size, corpora.get(size) ?? '', {
      parts: sizes.includes(size) ? parts : new Set(['five']),
      edits: Number(options.edits),
      workers,
      files,
      say,
      smallest: corpora.get(Math.min(...all)) ?? '',
    });
    reports.push(report);
    // What is known is told now: the rest takes its time, and may be cut off.
    process.stdout.write(printSize(report));
    save();
  }
  process.stdout.write(printGrowth(reports));
  return 0;
}

interface Measuring {
  readonly parts: ReadonlySet<string>;
  readonly edits: number;
  readonly workers: number;
  readonly files: { readonly programs: string; readonly dist: string };
  readonly say: (text: string) => void;
  /** The smallest of the corpora. */
  readonly smallest: string;
}

async function measure(size: number, corpus: string, options: Measuring): Promise<SizeReport> {
  const { parts, workers, say } = options;
  const { dist, programs } = options.files;
  const work = mkdtempSync(join(tmpdir(), 'tributary-scale-'));
  const requestsFile = join(work, 'requests.json');
  const storage = join(work, 'index');
  try {
    const needsIndex = ['cold', 'queries', 'server', 'rebuild'].some((part) => parts.has(part));
    let cold: IndexResult | undefined;
    let parse: ParseResult | undefined;
    let bytes = 0;
    let requests: ExtractionRequest[] = [];
    if (needsIndex) {
      say('  first index');
      cold = run(programs, 'indexRun', [dist, corpus, storage, String(workers), requestsFile]) as IndexResult;
      requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as ExtractionRequest[];
      bytes = requests.reduce((sum, request) => sum + request.size, 0);
      if (parts.has('cold')) parse = run(programs, 'parseRun', [requestsFile, String(workers)]) as ParseResult;
    }
    let lookUps: LookUpResult | undefined;
    if (parts.has('queries')) {
      say('  look-ups');
      lookUps = run(programs, 'lookUpRun', [join(dist, 'sql-wasm.wasm'), storage]) as LookUpResult;
    }
    let server: ServerResult | undefined;
    const targets =
      parts.has('server') || parts.has('rebuild') ? editTargets(requests.map(({ path }) => path)) : undefined;
    if (targets !== undefined) {
      say('  language server');
      server = await measureServer({
        dist,
        corpus,
        storage,
        files: targets.files,
        hub: targets.hub,
        edits: parts.has('server') ? options.edits : 0,
        warmStarts: parts.has('server') ? 3 : 0,
        rebuild: parts.has('rebuild'),
      });
    }
    let updates: UpdateResult | undefined;
    const changes = ['replace', ...(size === FIVE_OF ? ['five'] : []), 'queries'].filter((part) => parts.has(part));
    if (changes.length > 0) {
      say('  changes on disk');
      const copy = join(work, 'corpus');
      cpSync(corpus, copy, { recursive: true });
      const index = join(work, 'changes');
      const args = [dist, copy, index, String(workers), changes.join(','), options.smallest];
      updates = run(programs, 'updateRun', args) as UpdateResult;
    }
    return { size, bytes, cold, parse, updates, lookUps, importers: targets?.importers ?? 0, server };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function measureDifficult(
  { name, files: texts }: DifficultInput,
  { programs, dist }: Measuring['files'],
  workers: number,
): DifficultReport {
  const work = mkdtempSync(join(tmpdir(), 'tributary-scale-'));
  try {
    const folder = join(work, 'project');
    mkdirSync(folder);
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
    const list = join(work, 'requests.json');
    const storage = join(work, 'index');
    const args = [dist, folder, storage, String(workers), list, String(LARGEST_FILE)];
    return { name, index: run(programs, 'indexRun', args) as IndexResult };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What one of the programs printed: JSON of the shape its name stands for. */
function run(folder: string, name: string, args: readonly string[]): unknown {
  const output = execFileSync(process.execPath, [join(folder, `${name}.js`), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // As the extension starts the server.
    env: { ...serverEnvironment(undefined, ''), ...process.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output);
}
