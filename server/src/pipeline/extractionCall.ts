/**
 * One call of a pool's `extract`: its files in batches, who has which, and the results in the order of the batches.
 * That order is kept whoever does a batch and however long it takes, so that an index built twice of the same files is
 * the same, ids included. A batch may be done in parts: what its first owner could not do comes in later.
 */
import type { ExtractionError, ExtractionOptions, ExtractionRequest, ExtractionResult } from './extraction';
import { splitIntoBatches } from './extractionBatches';

/** Batches under way or waiting for the reader, a worker. */
const AHEAD_PER_WORKER = 3;

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
  private readonly ahead: number;
  /** The next batch for the reader; those before it were read. */
  private head = 0;
  /** The next batch for a worker. */
  private free = 0;

  constructor(requests: readonly ExtractionRequest[], parallelism: number, { urgent = false }: ExtractionOptions) {
    this.urgent = urgent;
    this.ahead = parallelism * AHEAD_PER_WORKER;
    this.shares = splitIntoBatches(requests, parallelism).map((batch) => ({ requests: batch, results: [] }));
  }

  /** The next batch for a worker, when it is time for one. */
  takeForWorker(): Share | undefined {
    return this.free < Math.min(this.shares.length, this.head + this.ahead) ? this.shares[this.free++] : undefined;
  }

  /** Results of a part of a batch. */
  deliver(share: Share, results: readonly ExtractionResult[]): void {
    share.results.push(...results);
    this.wake?.();
  }

  /** The next batch for the reader in the order of its requests, as soon as it is whole. */
  next(): readonly ExtractionResult[] | undefined {
    if (this.isDone) return undefined;
    const { requests, results } = this.shares[this.head];
    if (results.length < requests.length) return undefined;
    this.head++;
    const byId = new Map(results.map((result) => [result.id, result]));
    results.length = 0;
    return requests.flatMap(({ id }) => byId.get(id) ?? []);
  }

  get isDone(): boolean {
    return this.head >= this.shares.length;
  }
}
