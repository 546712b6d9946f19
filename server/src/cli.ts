#!/usr/bin/env node
/**
 * The command line, `tributary`. Connects what `cli/` does to this process: streams, signals, the real analysis with
 * a pool of extraction workers, and the files that lie beside this one in `dist/`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { limitInlining } from './base/compiler';
import { parseArguments } from './cli/options';
import { isBrokenPipe } from './cli/output';
import { scan, type AnalysisRequest, type CommandLine, type OpenedAnalysis } from './cli/scan';
import { openAnalysis } from './pipeline';
import { readWorkspaceModels } from './session/workspaceModels';
import { ExtractionPool } from './pipeline/extractionPool';

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
};

async function openRealAnalysis(request: AnalysisRequest): Promise<OpenedAnalysis> {
  const extractor = new ExtractionPool({ workerFile: join(__dirname, 'extractWorker.js'), size: request.jobs });
  extractor.warmUp();
  try {
    const models = JSON.parse(readFileSync(join(__dirname, 'models.json'), 'utf8')) as {
      readonly name: string;
      readonly document: unknown;
    }[];
    const analysis = await openAnalysis({
      roots: request.roots,
      storage: request.storage,
      settings: request.settings,
      models: [...models, ...readWorkspaceModels(request.roots, request.log)],
      log: request.log,
      wasmPath: join(__dirname, 'sql-wasm.wasm'),
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
  process.exitCode = parsed.kind === 'done' ? parsed.exitCode : await scan(parsed.options, commandLine);
}

main().catch((error: unknown) => {
  process.stderr.write(`tributary: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
});
