/** A command line without a machine: streams that collect, and an analysis that answers what a test tells it to. */
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArguments } from '../../server/src/cli/commands';
import type { AnalysisRequest, CommandLine } from '../../server/src/cli/machine';
import { scan } from '../../server/src/cli/scan';
import { NO_COUNTS, NOTHING_CHANGED, type Update } from '../../server/src/model/analysis';
import type { FileStatus, ResolvedFinding } from '../../server/src/model/finding';
import type { MonitoredAnalysis } from '../../server/src/model/health';

export interface FakeAnalysis {
  readonly findings?: readonly ResolvedFinding[];
  readonly statuses?: readonly FileStatus[];
  /** Thrown by `scan`. */
  readonly error?: Error;
  /** Called while the scan runs, with the way to interrupt it. */
  readonly during?: (interrupt: () => void) => void;
  /** The scan keeps the thread until it is asked to give way. */
  readonly isBusy?: boolean;
}

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the analysis was opened with. */
  readonly request: AnalysisRequest | undefined;
  readonly scannedPaths: readonly string[] | undefined;
  readonly closed: boolean;
}

export interface RunOptions {
  readonly analysis?: FakeAnalysis;
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard output whose reader has gone. */
  readonly brokenPipe?: boolean;
}

export async function runCli(typed: readonly string[], workingFolder: string, options: RunOptions = {}): Promise<Run> {
  const stdout = collector(options.terminal ?? false);
  const stderr = collector(options.terminal ?? false);
  if (options.brokenPipe) {
    stdout.stream.write = ((_text: string, done: (error: Error) => void) => {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return false;
    }) as typeof stdout.stream.write;
  }
  const parsed = parseArguments(typed, '1.2.3', {
    out: (text) => void stdout.stream.write(text),
    err: (text) => void stderr.stream.write(text),
    columns: 100,
  });
  let request: AnalysisRequest | undefined;
  let scannedPaths: readonly string[] | undefined;
  let closed = false;
  let interrupt = (): void => undefined;
  const machine: CommandLine = {
    version: '1.2.3',
    workingFolder,
    environment: options.environment ?? {},
    stdout: stdout.stream,
    stderr: stderr.stream,
    openAnalysis: async (given) => {
      request = given;
      const analysis = fakeAnalysis(
        options.analysis ?? {},
        (paths) => (scannedPaths = paths),
        () => interrupt(),
      );
      return { analysis, close: async () => void (closed = true) };
    },
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => (interrupt = () => undefined);
    },
    platform: { name: 'linux', home: workingFolder, environment: {} },
    watchFolders: unused,
    isOwnModel: unused,
    takeLock: unused,
    startInBackground: unused,
  };
  if (parsed.kind !== 'done' && parsed.kind !== 'scan') throw new Error('only scan is run with a fake analysis');
  const exitCode = parsed.kind === 'done' ? parsed.exitCode : await scan(parsed.options, machine);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text(), request, scannedPaths, closed };
}

function fakeAnalysis(
  { findings = [], statuses = [], error, during, isBusy = false }: FakeAnalysis,
  onScan: (paths: readonly string[] | undefined) => void,
  interrupt: () => void,
): MonitoredAnalysis {
  const count = (state: FileStatus['state']): number => statuses.filter((status) => status.state === state).length;
  return {
    scan: async ({ paths, onProgress, token, awaited }) => {
      onScan(paths);
      onProgress?.({ stage: 'parse', done: 1, total: 2, detail: 'src/app.js' });
      during?.(interrupt);
      if (isBusy) {
        while (awaited?.() === false);
        await nextTurn();
      }
      onProgress?.({ stage: 'solve', done: 2, total: 2, detail: '' });
      if (error) throw error;
      return { ...EMPTY_UPDATE, cancelled: token?.isCancelled ?? false };
    },
    preview: () => undefined,
    allFindings: () => findings,
    *readFindings() {
      yield;
    },
    statuses: () => statuses,
    dump: () => [],
    statistics: () => ({
      files: {
        indexed: count('indexed'),
        partial: count('partial'),
        failed: count('failed'),
        skipped: count('skipped'),
      },
      functions: 0,
      callSites: { total: 0, toFunctions: 0, toModels: 0, unknown: 0 },
      truncatedFunctions: 0,
      accessPaths: { total: 0, cut: 0 },
      findings: findings.length,
      databaseBytes: 0,
    }),
    stages: () => [],
    health: unused,
    digest: unused,
    fileCounts: unused,
    idle: async () => [],
    close: async () => undefined,
    setOverlay: unused,
    removeOverlay: unused,
    update: unused,
    rebuild: unused,
    changeSettings: unused,
    slice: unused,
    findingsOf: unused,
    statusOf: unused,
  };
}

function unused(): never {
  throw new Error('the command line has no use for this');
}

const EMPTY_UPDATE: Update = {
  ...NOTHING_CHANGED,
  generation: 1,
  unchangedFiles: 0,
  findings: { ...NO_COUNTS, total: 0 },
  milliseconds: 1,
  cancelled: false,
};

function collector(terminal: boolean): { readonly stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  // What a terminal has beyond a stream; the progress bar asks for these.
  const extras = {
    isTTY: terminal,
    columns: 100,
    rows: 40,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  return {
    stream: Object.assign(stream, extras) as unknown as NodeJS.WriteStream,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
