/**
 * How files are cut into batches for the extraction workers: small enough that all workers end at about the same
 * time and results flow early, large enough that messages between threads cost nothing.
 */
import type { ExtractionRequest } from './extraction';

const MAX_FILES = 32;
const MAX_BYTES = 256 << 10;
const MIN_BYTES = 32 << 10;
/** Counted for a file whose size is not known. */
const TYPICAL_BYTES = 4 << 10;
/** Batches per worker that a small job is cut into. */
const SHARES = 8;

interface Open {
  batch: ExtractionRequest[];
  bytes: number;
}

/**
 * Keeps the order of the requests. A file larger than a batch is one of its own. Files that are `apart` are in batches
 * without others; then batches are in the order of their first files.
 */
export function splitIntoBatches(
  requests: readonly ExtractionRequest[],
  workers: number,
  apart?: (request: ExtractionRequest) => boolean,
): readonly (readonly ExtractionRequest[])[] {
  let total = 0;
  for (const request of requests) total += bytesOf(request);
  const limit = Math.min(MAX_BYTES, Math.max(MIN_BYTES, total / (workers * SHARES)));
  const batches: ExtractionRequest[][] = [];
  const ordinary: Open = { batch: [], bytes: 0 };
  const special: Open = { batch: [], bytes: 0 };
  for (const request of requests) {
    const open = apart?.(request) === true ? special : ordinary;
    const size = bytesOf(request);
    if (open.batch.length === 0 || open.bytes + size > limit || open.batch.length === MAX_FILES) {
      open.batch = [];
      open.bytes = 0;
      batches.push(open.batch);
    }
    open.batch.push(request);
    open.bytes += size;
  }
  return batches;
}

function bytesOf({ size, text }: ExtractionRequest): number {
  return size > 0 ? size : (text?.length ?? TYPICAL_BYTES);
}
