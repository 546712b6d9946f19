/**
 * Extraction in worker threads. The pool hands out batches, keeps every worker supplied with one batch beside the one
 * it is at, and takes no more work from a caller than a few batches ahead of what that caller has read. A worker that
 * hangs, dies or runs out of memory costs the file it was at and nothing else: it is replaced, and the rest of its
 * batch done again.
 */
import { Worker } from 'node:worker_threads';
import { ExtractionError } from './extraction';
import type { ExtractionOptions, ExtractionRequest, ExtractionResult, Extractor } from './extraction';
import { ExtractionCall, type Share } from './extractionCall';
import { NO_FILE } from './extractionMessages';
import type { ExtractionWorkerData, FromWorker, ToWorker } from './extractionMessages';

export interface ExtractionPoolOptions {
  /** Bundled entry point of the worker, an absolute path. */
  readonly workerFile: string;
  /** Number of workers, at least 1. */
  readonly size: number;
  /** A file that takes longer fails. Default 20,000. */
  readonly fileTimeoutMs?: number;
  /** Heap of one worker; a file that needs more fails. Default 1,024. */
  readonly memoryLimitMb?: number;
}

/** A worker that has not loaded its code after so long, however busy the machine is, never will. */
const START_TIMEOUT_MS = 60_000;
/** Batches a worker has at most: the one it is at, and enough for the time that the pool's thread is busy. */
const BATCHES_PER_WORKER = 12;
const TICK_MS = 250;
const CANCELLATION_POLL_MS = 25;
/**
 * Deep nesting recurses deeply in the parser; the default of 4 MB is met by files people have. Only what is used is
 * really taken. The thread that extracts open documents has to have as much, for the same text to give the same facts.
 */
const STACK_MB = 64;
/** So many workers in a row that die without finishing a batch, and without a file to blame, mean that none can work. */
const MAX_FRUITLESS_DEATHS = 3;

interface Batch {
  readonly number: number;
  readonly call: ExtractionCall;
  /** The batch of the call that this is, or is a part of. */
  readonly share: Share;
  readonly requests: readonly ExtractionRequest[];
  /** A single file during which a worker died once; dying again is that file's fault. */
  readonly suspect: boolean;
}

interface Slot {
  readonly worker: Worker;
  readonly current: Int32Array;
  /** The first is being worked on. */
  readonly batches: Batch[];
  /** It has loaded its code. */
  isReady: boolean;
  /** Ticks since the worker last got on, and where it was then. */
  ticks: number;
  lastCurrent: number;
  lastBatch: number;
  /** Why it is being ended, when the pool ends it; or the error it died of. */
  cause: DeathCause | undefined;
}

type DeathCause =
  { readonly kind: 'timeout' } | { readonly kind: 'memory' } | { readonly kind: 'error'; readonly message: string };

export class ExtractionPool implements Extractor {
  readonly parallelism: number;
  private readonly workerFile: string;
  private readonly fileTimeoutMs: number;
  private readonly memoryLimitMb: number;
  private readonly slots: Slot[] = [];
  private readonly queue: Batch[] = [];
  private readonly calls = new Set<ExtractionCall>();
  private nextBatch = 0;
  private fruitlessDeaths = 0;
  private clock: NodeJS.Timeout | undefined;
  private broken: ExtractionError | undefined;

  constructor(options: ExtractionPoolOptions) {
    this.workerFile = options.workerFile;
    this.parallelism = Math.max(1, options.size);
    this.fileTimeoutMs = options.fileTimeoutMs ?? 20_000;
    this.memoryLimitMb = options.memoryLimitMb ?? 1024;
  }

  warmUp(): void {
    while (this.broken === undefined && this.slots.length < this.parallelism) this.startWorker();
  }

  /** A worker that has parsed much holds on to some hundred megabytes. */
  rest(): void {
    for (let i = this.slots.length - 1; i >= 0; i--) {
      const slot = this.slots[i];
      if (slot.batches.length > 0) continue;
      this.slots.splice(i, 1);
      void slot.worker.terminate();
    }
  }

  async *extract(
    requests: readonly ExtractionRequest[],
    options: ExtractionOptions = {},
  ): AsyncGenerator<readonly ExtractionResult[]> {
    const { token } = options;
    const call = new ExtractionCall(requests, this.parallelism, options);
    call.error = this.broken;
    this.calls.add(call);
    try {
      for (;;) {
        if (token?.isCancelled) return;
        if (call.error !== undefined) throw call.error;
        for (let share = call.takeForWorker(); share !== undefined; share = call.takeForWorker()) {
          this.submit(call, share, share.requests, false);
        }
        const results = call.next();
        if (results !== undefined) yield results;
        else if (call.isDone) return;
        else await nextChange(call, token !== undefined);
      }
    } finally {
      this.abandon(call);
    }
  }

  async close(): Promise<void> {
    this.fail(new ExtractionError('the extraction workers have been stopped'));
    await Promise.all(this.slots.splice(0).map((slot) => slot.worker.terminate()));
  }

  private submit(call: ExtractionCall, share: Share, requests: readonly ExtractionRequest[], suspect: boolean): void {
    const batch: Batch = { number: this.nextBatch++, call, share, requests, suspect };
    call.outstanding++;
    if (call.urgent) {
      // Behind other urgent work, ahead of the rest.
      const at = this.queue.findIndex((waiting) => !waiting.call.urgent);
      this.queue.splice(at < 0 ? this.queue.length : at, 0, batch);
    } else this.queue.push(batch);
    this.dispatch();
  }

  private dispatch(): void {
    while (this.queue.length > 0 && this.broken === undefined) {
      let slot = leastBusy(this.slots);
      if ((slot === undefined || slot.batches.length > 0) && this.slots.length < this.parallelism) {
        slot = this.startWorker();
      }
      if (slot === undefined || slot.batches.length >= BATCHES_PER_WORKER) return;
      const batch = this.queue.shift();
      if (batch === undefined) return;
      slot.batches.push(batch);
      slot.worker.postMessage({ batch: batch.number, requests: batch.requests } satisfies ToWorker);
      this.clock ??= setInterval(() => this.tick(), TICK_MS);
    }
  }

  private startWorker(): Slot {
    const shared = new SharedArrayBuffer(4);
    const current = new Int32Array(shared);
    current[0] = NO_FILE;
    const worker = new Worker(this.workerFile, {
      name: 'tributary-extract',
      workerData: { current: shared } satisfies ExtractionWorkerData,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.memoryLimitMb, stackSizeMb: STACK_MB },
    });
    const slot: Slot = {
      worker,
      current,
      batches: [],
      isReady: false,
      ticks: 0,
      lastCurrent: NO_FILE,
      lastBatch: -1,
      cause: undefined,
    };
    this.slots.push(slot);
    worker.on('message', (message: FromWorker) => {
      slot.isReady = true;
      if (message.kind === 'results') this.receive(slot, message.batch, message.results);
    });
    worker.on('error', (error) => (slot.cause ??= causeOf(error)));
    worker.on('exit', () => this.workerEnded(slot));
    return slot;
  }

  private receive(slot: Slot, number: number, results: readonly ExtractionResult[]): void {
    const index = slot.batches.findIndex((batch) => batch.number === number);
    if (index < 0) return;
    const [{ call, share }] = slot.batches.splice(index, 1);
    this.fruitlessDeaths = 0;
    call.outstanding--;
    call.deliver(share, results);
    this.dispatch();
    this.stopClockWhenIdle();
  }

  private workerEnded(slot: Slot): void {
    const at = this.slots.indexOf(slot);
    if (at < 0) return;
    this.slots.splice(at, 1);
    const [broken, ...waiting] = slot.batches;
    for (const batch of slot.batches) batch.call.outstanding--;
    if (broken !== undefined) this.salvage(slot, broken);
    for (const batch of waiting) this.resubmit(batch, batch.requests, batch.suspect);
    for (const batch of slot.batches) batch.call.wake?.();
    this.dispatch();
    this.stopClockWhenIdle();
  }

  /** Deals with the batch during which a worker ended: one file is to blame, if any; the rest is done again. */
  private salvage(slot: Slot, batch: Batch): void {
    const { call, share, requests, suspect } = batch;
    const cause = slot.cause ?? { kind: 'error', message: 'the worker ended unexpectedly' };
    const index = Atomics.load(slot.current, 0);
    if (index === NO_FILE || index >= requests.length) {
      if (++this.fruitlessDeaths < MAX_FRUITLESS_DEATHS) this.resubmit(batch, requests, suspect);
      else this.fail(new ExtractionError(`the extraction workers cannot work: ${this.explain(cause)}`));
      return;
    }
    const blamed = requests[index];
    this.resubmit(
      batch,
      requests.filter((request) => request !== blamed),
      false,
    );
    // A worker may also die of what earlier files left behind: only a file that was alone is convicted at once.
    if (suspect || cause.kind === 'timeout') {
      const reason = `the analysis of this file ${this.explain(cause)}`;
      call.deliver(share, [{ id: blamed.id, state: 'failed', reason }]);
    } else this.resubmit(batch, [blamed], true);
  }

  private resubmit({ call, share }: Batch, requests: readonly ExtractionRequest[], suspect: boolean): void {
    if (!call.ended && requests.length > 0) this.submit(call, share, requests, suspect);
  }

  /** Counts time in ticks that ran, so that a blocked pool thread is not taken for a hanging worker. */
  private tick(): void {
    for (const slot of this.slots) {
      const [batch] = slot.batches;
      if (batch === undefined) continue;
      const current = Atomics.load(slot.current, 0);
      const isStarting = !slot.isReady && current === NO_FILE;
      const limit = isStarting ? Math.max(START_TIMEOUT_MS, this.fileTimeoutMs) : this.fileTimeoutMs;
      if (batch.number !== slot.lastBatch || current !== slot.lastCurrent) {
        slot.lastBatch = batch.number;
        slot.lastCurrent = current;
        slot.ticks = 0;
      } else if (++slot.ticks * TICK_MS >= limit && slot.cause === undefined) {
        slot.cause = { kind: 'timeout' };
        void slot.worker.terminate();
      }
    }
  }

  private stopClockWhenIdle(): void {
    if (this.clock === undefined || this.queue.length > 0 || this.slots.some((slot) => slot.batches.length > 0)) return;
    clearInterval(this.clock);
    this.clock = undefined;
  }

  private abandon(call: ExtractionCall): void {
    call.ended = true;
    this.calls.delete(call);
    for (let i = this.queue.length - 1; i >= 0; i--) if (this.queue[i].call === call) this.queue.splice(i, 1);
    this.stopClockWhenIdle();
  }

  private fail(error: ExtractionError): void {
    this.broken = error;
    this.queue.length = 0;
    clearInterval(this.clock);
    this.clock = undefined;
    for (const call of this.calls) {
      call.error = error;
      call.wake?.();
    }
  }

  private explain(cause: DeathCause): string {
    switch (cause.kind) {
      case 'timeout':
        return `took longer than ${String(this.fileTimeoutMs / 1000)} s`;
      case 'memory':
        return `ran out of memory (the limit is ${String(this.memoryLimitMb)} MB)`;
      case 'error':
        return `crashed: ${cause.message}`;
    }
  }
}

/** Resolves when a batch of the call was answered or the call failed, and now and then when it can be cancelled. */
function nextChange(call: ExtractionCall, cancellable: boolean): Promise<void> {
  return new Promise((resolve) => {
    const poll = cancellable ? setTimeout(() => call.wake?.(), CANCELLATION_POLL_MS) : undefined;
    call.wake = () => {
      call.wake = undefined;
      clearTimeout(poll);
      resolve();
    };
  });
}

function leastBusy(slots: readonly Slot[]): Slot | undefined {
  let best: Slot | undefined;
  for (const slot of slots) if (best === undefined || slot.batches.length < best.batches.length) best = slot;
  return best;
}

function causeOf(error: unknown): DeathCause {
  if (error instanceof Error) {
    return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? { kind: 'memory' }
      : { kind: 'error', message: error.message };
  }
  return { kind: 'error', message: String(error) };
}
