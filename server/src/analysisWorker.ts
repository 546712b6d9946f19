/**
 * The analysis thread: opens the real analysis, with a pool of extraction workers, and hands it to the host that answers
 * the protocol thread.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { limitInlining } from './base/compiler';
import type { Logger } from './model/analysis';
import type { MonitoredAnalysis } from './model/health';
import { openAnalysis } from './pipeline';
import { ExtractionPool } from './pipeline/extractionPool';
import { AnalysisHost } from './session/analysisHost';
import type { AnalysisThreadData, AnalysisThreadStart } from './session/analysisThread';
import type { FromAnalysis, StartOptions, ToAnalysis } from './session/analysisMessages';
import { readModelFiles, type ModelDocument } from './session/workspaceModels';
import type { VerifyChunks } from './store/checkpoint';
import { verdictFrom } from './store/checksumThread';
import { formatProblem, loadOwnModels } from './taint/models';

async function open(options: StartOptions, log: Logger): Promise<MonitoredAnalysis> {
  const shipped = JSON.parse(readFileSync(join(__dirname, 'models.json'), 'utf8')) as ModelDocument[];
  const own = options.workspaceModels ? modelsOf(options.roots, shipped, log) : [];
  const verify = verdict();
  if (own.length === 0) return openWith(shipped, options, log, verify);
  try {
    return await openWith([...shipped, ...own], options, log, verify);
  } catch (error) {
    log.warn(`The models of the workspace are not used: ${error instanceof Error ? error.message : String(error)}`);
    return openWith(shipped, options, log, verify);
  }
}

/** The models of the workspace whose form is right. What is wrong in any of them is told to the editor and the log. */
function modelsOf(roots: readonly string[], shipped: readonly ModelDocument[], log: Logger): ModelDocument[] {
  const { models, problems } = loadOwnModels(readModelFiles(roots, log), shipped);
  for (const problem of problems) log.warn(formatProblem(problem));
  send({
    type: 'modelProblems',
    problems: problems.map(({ document, message, hint, line = 1, column = 1 }) => ({
      path: document,
      line,
      column,
      message: hint === '' ? message : `${message} ${hint}`,
    })),
  });
  return models;
}

async function openWith(
  models: readonly ModelDocument[],
  options: StartOptions,
  log: Logger,
  verify: VerifyChunks | undefined,
): Promise<MonitoredAnalysis> {
  // One core is left to this thread, which links and solves while the others parse.
  const size = options.extractionThreads ?? Math.max(1, availableParallelism() - 1);
  const extractor = new ExtractionPool({ workerFile: join(__dirname, 'extractWorker.js'), size });
  try {
    const { roots, storage, settings } = options;
    const wasmPath = join(__dirname, 'sql-wasm.wasm');
    const analysis = await openAnalysis({ roots, storage, settings, models, log, wasmPath, verify, extractor });
    const close = analysis.close.bind(analysis);
    analysis.close = async () => {
      await close();
      await extractor.close();
    };
    return analysis;
  } catch (error) {
    await extractor.close();
    throw error;
  }
}

/** What looks at the index on another thread, when there is one. */
function verdict(): VerifyChunks | undefined {
  const { start } = workerData as AnalysisThreadData;
  const received = receiveMessageOnPort(start) as { readonly message: AnalysisThreadStart } | undefined;
  const port = received?.message.verdict;
  return port === undefined ? undefined : verdictFrom(port);
}

limitInlining();
const port = parentPort;
if (port === null) throw new Error('analysisWorker.js runs as a worker thread of server.js only.');
const send = (message: FromAnalysis): void => {
  port.postMessage(message);
};
const host = new AnalysisHost(open, send);
port.on('message', (message: ToAnalysis) => {
  host.receive(message);
});
