#!/usr/bin/env node
/**
 * The command line, `tributary`. Connects what `cli/` does to this process: streams, signals, the real analysis with
 * a pool of extraction workers, and the files that lie beside this one in `dist/`.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { limitInlining } from './base/compiler';
import { parseArguments, type ParsedArguments } from './cli/commands';
import { health } from './cli/health';
import { index } from './cli/index';
import type { AnalysisRequest, BackgroundProcess, CommandLine, OpenedAnalysis } from './cli/machine';
import { isBrokenPipe } from './cli/output';
import { scan } from './cli/scan';
import { trace } from './cli/trace';
import { watch } from './cli/watch';
import { isOwnModel, watchFolders } from './documents';
import { openAnalysis } from './pipeline';
import { readModelFiles } from './session/workspaceModels';
import { ExtractionPool } from './pipeline/extractionPool';
import { startVerifying, verdictFrom } from './store/checksumThread';
import { Lock } from './store/lock';
import { formatProblem, loadOwnModels } from './taint/models';

limitInlining();

const commandLine: CommandLine = {
  version,
  workingFolder: process.cwd(),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  openAnalysis: openRealAnalysis,
  onInterrupt: (listener) => {
    let interrupted = false;
    const onSignal = (): void => {
      // Whoever asks twice doesn't want to wait.
      if (interrupted) process.exit(130);
      interrupted = true;
      listener();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    return () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  },
  platform: { name: process.platform, home: homedir(), environment: process.env },
  watchFolders,
  isOwnModel,
  takeLock: (file) => Lock.take(file),
  startInBackground,
};

/** A process that outlives this one and belongs to no terminal. */
function startInBackground(typed: readonly string[], outputFile: string): BackgroundProcess {
  const output = openSync(outputFile, 'a');
  try {
    const child = spawn(process.execPath, [...process.execArgv, __filename, ...typed], {
      detached: true,
      stdio: ['ignore', output, output],
      windowsHide: true,
    });
    let hasEnded = false;
    child.once('exit', () => (hasEnded = true)).once('error', () => (hasEnded = true));
    return {
      pid: child.pid,
      get hasEnded() {
        return hasEnded;
      },
      leave: () => {
        child.unref();
      },
    };
  } finally {
    closeSync(output);
  }
}

async function openRealAnalysis(request: AnalysisRequest): Promise<OpenedAnalysis> {
  const extractor = new ExtractionPool({ workerFile: join(__dirname, 'extractWorker.js'), size: request.jobs });
  extractor.warmUp();
  const { storage } = request;
  const verdict = storage === undefined ? undefined : startVerifying(join(__dirname, 'checksumWorker.js'), storage);
  try {
    const models = JSON.parse(readFileSync(join(__dirname, 'models.json'), 'utf8')) as {
      readonly name: string;
      readonly document: unknown;
    }[];
    const own = loadOwnModels(readModelFiles(request.roots, request.log), models);
    for (const problem of own.problems) request.log.warn(formatProblem(problem));
    const analysis = await openAnalysis({
      roots: request.roots,
      storage,
      settings: request.settings,
      models: [...models, ...own.models],
      log: request.log,
      wasmPath: join(__dirname, 'sql-wasm.wasm'),
      verify: verdict === undefined ? undefined : verdictFrom(verdict),
      extractor,
    });
    return {
      analysis,
      close: async () => {
        await analysis.close();
        await extractor.close();
      },
    };
  } catch (error) {
    await extractor.close();
    throw error;
  }
}

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      // `tributary scan | head`: nobody reads any more, which is no failure of ours.
      if (!isBrokenPipe(error)) throw error;
    });
  }
  const parsed = parseArguments(process.argv.slice(2), version, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    columns: process.stdout.columns || 100,
  });
  process.exitCode = await run(parsed);
}

/** Gives the exit code. */
function run(parsed: ParsedArguments): Promise<number> {
  switch (parsed.kind) {
    case 'scan':
      return scan(parsed.options, commandLine);
    case 'trace':
      return trace(parsed.options, commandLine);
    case 'watch':
      return watch(parsed.options, commandLine);
    case 'index':
      return index(parsed.options, commandLine);
    case 'health':
      return health(parsed.options, commandLine);
    case 'done':
      return Promise.resolve(parsed.exitCode);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`tributary: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
});
