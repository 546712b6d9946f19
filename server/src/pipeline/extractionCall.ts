/**
 * One call of a pool's `extract`: its files in batches, who has which, and the results in the order of the batches.
 * That order is kept whoever does a batch and however long it takes, so that an index built twice of the same files is
 * the same, ids included. A batch may be done in parts: what its first owner could not do comes in later.
 */
import type { ExtractionError, ExtractionOptions, ExtractionRequest, ExtractionResult } from './extraction';
import { bytesOf, splitIntoBatches } from './extractionBatches';

/**
 * Batches under way or waiting for the reader, a worker: so many at least, and at most, and in between while they are
 * no more than so many bytes. The reader may be away for a while, which is no reason for the workers to wait.
 */
const MIN_AHEAD = 3;
const MAX_AHEAD = 16;
const AHEAD_BYTES = 4 << 20;

/** A batch with what is known of it. */
export interface Share {
  readonly requests: readonly ExtractionRequest[];
  readonly results: ExtractionResult[];
}

export class ExtractionCall {
  readonly urgent: boolean;
  /** Set when the pool can't go on. */
  error: ExtractionError | undefined;
  ended = false;
  /** Batches and parts of batches that workers have. */
  outstanding = 0;
  wake: (() => void) | undefined;
  private readonly shares: readonly Share[];
  /** The next batch for the reader; those before it were read. */
  private head = 0;
  /** The next batch for a worker. */
  private free = 0;
  /** Of the batches between the two. */
  private bytesAhead = 0;

  constructor(
    requests: readonly ExtractionRequest[],
    private readonly parallelism: number,
    { urgent = false }: ExtractionOptions,
  ) {
    this.urgent = urgent;
    this.shares = splitIntoBatches(requests, parallelism).map((batch) => ({ requests: batch, results: [] }));
  }

  /** The next batch for a worker, when it is time for one. */
  takeForWorker(): Share | undefined {
    const { free, head, parallelism, shares } = this;
    const ahead = free - head;
    const isEnough =
      ahead >= MIN_AHEAD * parallelism &&
      (ahead >= MAX_AHEAD * parallelism || this.bytesAhead >= AHEAD_BYTES * parallelism);
    if (isEnough || free >= shares.length) return undefined;
    this.free++;
    this.bytesAhead += sizeOf(shares[free]);
    return shares[free];
  }

  /** Results of a part of a batch. */
  deliver(share: Share, results: readonly ExtractionResult[]): void {
    share.results.push(...results);
    this.wake?.();
  }

  /** The next batch for the reader in the order of its requests, as soon as it is whole. */
  next(): readonly ExtractionResult[] | undefined {
    if (this.isDone) return undefined;
    const share = this.shares[this.head];
    const { requests, results } = share;
    if (results.length < requests.length) return undefined;
    this.head++;
    this.bytesAhead -= sizeOf(share);
    const byId = new Map(results.map((result) => [result.id, result]));
    results.length = 0;
    return requests.flatMap(({ id }) => byId.get(id) ?? []);
  }

  get isDone(): boolean {
    return this.head >= this.shares.length;
  }
}

function sizeOf({ requests }: Share): number {
  return requests.reduce((sum, request) => sum + bytesOf(request), 0);
}
