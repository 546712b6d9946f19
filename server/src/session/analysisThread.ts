/**
 * The analysis as a worker thread of this process. An exit is reported once, with a reason a person understands.
 */
import { MessageChannel, Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';
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
  /** An `AnalysisThreadStart` comes here before anything is asked of the thread. */
  readonly start: MessagePort;
}

export interface AnalysisThreadStart {
  /** Tells what is in the index; see `store/checksumThread.ts`. */
  readonly verdict: MessagePort | undefined;
}

/** A thread that loads the analysis, and waits to be told what for. */
export interface LoadingThread {
  readonly script: string;
  readonly memoryMegabytes: number;
  readonly worker: Worker;
  readonly start: MessagePort;
}

/** Starts `script` (the bundle of `analysisWorker.ts`). It does not keep the process alive before it is used. */
export function loadAnalysisThread(script: string, memoryMegabytes: number): LoadingThread {
  const { port1, port2 } = new MessageChannel();
  const workerData: AnalysisThreadData = { start: port1 };
  const worker = new Worker(script, {
    name: 'tributary-analysis',
    resourceLimits: analysisThreadLimits(memoryMegabytes),
    workerData,
    transferList: [port1],
  });
  worker.unref();
  return { script, memoryMegabytes, worker, start: port2 };
}

/**
 * Returns what makes an analysis thread of `script`. The first is `loading`, which loads while this thread loads its own program, unless it ended by itself or is to take
 * another amount of memory. `startVerifying` may begin to look at the index in a storage folder beside it.
 */
export function spawnAnalysisThread(
  script: string,
  startVerifying: (storage: string) => MessagePort | undefined = () => undefined,
  loading?: LoadingThread,
): SpawnAnalysis {
  let first = loading;
  const leave = (): void => {
    first = undefined;
  };
  // Whoever is started instead ends in the same manner, and says why.
  first?.worker.once('error', leave).once('exit', leave);
  return (listener, memoryMegabytes, storage) => {
    const verdict = storage === undefined ? undefined : startVerifying(storage);
    const loaded = first;
    leave();
    const isFit = loaded?.memoryMegabytes === memoryMegabytes;
    if (loaded !== undefined && !isFit) void loaded.worker.terminate();
    const { worker, start } = isFit ? loaded : loadAnalysisThread(script, memoryMegabytes);
    worker.off('error', leave).off('exit', leave);
    worker.ref();
    const message: AnalysisThreadStart = { verdict };
    start.postMessage(message, verdict === undefined ? [] : [verdict]);
    start.close();
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
