/**
 * The analysis as a worker thread of this process. An exit is reported once, with a reason a person understands.
 */
import { Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import type { AnalysisThread, SpawnAnalysis, ThreadListener } from './analysisClient';
import type { FromAnalysis } from './analysisMessages';

/** As much as extraction workers have: open documents are extracted in this thread. Only what is used is really taken. */
const STACK_MB = 64;
/** Linking keeps much of what it makes for a while; with V8's own 48 it would be copied twice as often. */
const YOUNG_MB = 96;

/** What the analysis thread may take. */
export function analysisThreadLimits(memoryMegabytes: number): ResourceLimits {
  return { maxOldGenerationSizeMb: memoryMegabytes, maxYoungGenerationSizeMb: YOUNG_MB, stackSizeMb: STACK_MB };
}

/** What the analysis thread is started with. */
export interface AnalysisThreadData {
  /** Tells what is in the index; see `store/checksumThread.ts`. */
  readonly verdict: MessagePort | undefined;
}

/**
 * Returns what starts `script` (the bundle of `analysisWorker.ts`) as the analysis thread. `startVerifying` may begin to look at the index in a storage folder
 * beside it.
 */
export function spawnAnalysisThread(
  script: string,
  startVerifying: (storage: string) => MessagePort | undefined = () => undefined,
): SpawnAnalysis {
  return (listener, memoryMegabytes, storage) => {
    const verdict = storage === undefined ? undefined : startVerifying(storage);
    const workerData: AnalysisThreadData = { verdict };
    const worker = new Worker(script, {
      name: 'tributary-analysis',
      resourceLimits: analysisThreadLimits(memoryMegabytes),
      workerData,
      transferList: verdict === undefined ? [] : [verdict],
    });
    return threadOf(worker, listener);
  };
}

function threadOf(worker: Worker, listener: ThreadListener): AnalysisThread {
  let failure: string | undefined;
  worker.on('message', (message: FromAnalysis) => {
    listener.onMessage(message);
  });
  worker.on('error', (error: Error & { code?: string }) => {
    failure =
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'it ran out of memory; tributary.maxMemory sets the limit.'
        : `${error.message}.`;
  });
  worker.on('messageerror', (error) => {
    failure = `a message could not be read: ${error.message}.`;
    void worker.terminate();
  });
  worker.on('exit', (code) => {
    listener.onExit(failure ?? `its thread ended with code ${String(code)}.`);
  });
  return {
    post: (message) => {
      worker.postMessage(message);
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}
