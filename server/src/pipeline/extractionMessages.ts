/**
 * What the extraction pool and its workers say to each other, and the worker's side of it. The number of the file a
 * worker is at stands in shared memory, so that the pool knows which file it was when a worker hangs or dies.
 */
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { ExtractFile } from './extractFile';
import type { ExtractionRequest, ExtractionResult } from './extraction';
import { bytesOf } from './extractionBatches';
import type { Rehearsal } from './rehearsal';

export interface ExtractionWorkerData {
  /** One 32-bit number: index in the batch of the file being extracted, or `NO_FILE`. */
  readonly current: SharedArrayBuffer;
}

export const NO_FILE = -1;

export interface ToWorker {
  readonly batch: number;
  readonly requests: readonly ExtractionRequest[];
}

export type FromWorker =
  /** The worker has loaded its code and waits for batches. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'results'; readonly batch: number; readonly results: readonly ExtractionResult[] };

/** A batch of so many files, or bytes of text, is one of many: then a rehearsal comes back several times. */
const LARGE_FILES = 64;
const LARGE_BYTES = 256 << 10;

/** Answers batches until the port is closed. The rehearsal takes place when there is nothing to do yet, and before a large batch. */
export function serveExtraction(
  port: MessagePort,
  data: ExtractionWorkerData,
  extractFile: ExtractFile,
  rehearsal?: Rehearsal,
): void {
  const current = new Int32Array(data.current);
  let isIdle = true;
  port.on('message', ({ batch, requests }: ToWorker) => {
    isIdle = false;
    if (rehearsal?.isDone === false && isLarge(requests)) rehearsal.finish();
    const results: ExtractionResult[] = [];
    const transfer: Transferable[] = [];
    for (let index = 0; index < requests.length; index++) {
      Atomics.store(current, 0, index);
      const result = extractFile(requests[index]);
      if (result.state === 'extracted') {
        transfer.push(result.facts.graph.buffer as ArrayBuffer, result.facts.skeleton.buffer as ArrayBuffer);
      }
      results.push(result);
    }
    Atomics.store(current, 0, NO_FILE);
    port.postMessage({ kind: 'results', batch, results } satisfies FromWorker, transfer);
  });
  port.postMessage({ kind: 'ready' } satisfies FromWorker);
  const rehearse = (): void => {
    if (!isIdle || rehearsal?.isDone !== false) return;
    rehearsal.step();
    setImmediate(rehearse);
  };
  setImmediate(rehearse);
}

function isLarge(requests: readonly ExtractionRequest[]): boolean {
  if (requests.length >= LARGE_FILES) return true;
  let bytes = 0;
  for (const request of requests) bytes += bytesOf(request);
  return bytes >= LARGE_BYTES;
}
