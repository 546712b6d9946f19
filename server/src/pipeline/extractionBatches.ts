/**
 * How files are cut into batches for the extraction workers: small enough that all workers end at about the same
 * time and results flow early, large enough that messages between threads cost nothing.
 */
import type { ExtractionRequest } from './extraction';

const MAX_FILES = 128;
const MAX_BYTES = 1 << 20;
const MIN_BYTES = 32 << 10;
/** Counted for a file whose size is not known. */
const TYPICAL_BYTES = 4 << 10;
/** Batches per worker that a small job is cut into. */
const SHARES = 8;

/** Keeps the order of the requests. A file larger than a batch is one of its own. */
export function splitIntoBatches(
  requests: readonly ExtractionRequest[],
  workers: number,
): readonly (readonly ExtractionRequest[])[] {
  let total = 0;
  for (const request of requests) total += bytesOf(request);
  const limit = Math.min(MAX_BYTES, Math.max(MIN_BYTES, total / (workers * SHARES)));
  const batches: ExtractionRequest[][] = [];
  let batch: ExtractionRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    const size = bytesOf(request);
    if (batch.length === 0 || bytes + size > limit || batch.length === MAX_FILES) {
      batch = [];
      bytes = 0;
      batches.push(batch);
    }
    batch.push(request);
    bytes += size;
  }
  return batches;
}

/** Bytes of source text, as far as they are known beforehand. */
export function bytesOf({ size, text }: ExtractionRequest): number {
  return size > 0 ? size : (text?.length ?? TYPICAL_BYTES);
}
