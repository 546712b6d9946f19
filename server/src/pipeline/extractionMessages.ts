/**
 * What the extraction pool and its workers say to each other, and the worker's side of it. The number of the file a
 * worker is at stands in shared memory, so that the pool knows which file it was when a worker hangs or dies.
 */
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { ExtractFile } from './extractFile';
import type { ExtractionRequest, ExtractionResult } from './extraction';

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

/** Answers batches until the port is closed. */
export function serveExtraction(port: MessagePort, data: ExtractionWorkerData, extractFile: ExtractFile): void {
  const current = new Int32Array(data.current);
  port.on('message', ({ batch, requests }: ToWorker) => {
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
}
