/**
 * One call of a pool's `extract`: its files in batches, who has which, and the results in the order of the batches.
 * That order is kept whoever does a batch and however long it takes, so that an index built twice of the same files is
 * the same, ids included. A batch may be done in parts: what its first owner could not do comes in later.
 */
import type { ExtractionError, ExtractionOptions, ExtractionRequest, ExtractionResult, Help } from './extraction';
import { splitIntoBatches } from './extractionBatches';

/** Batches under way or waiting for the reader, a worker; so many more when the calling thread takes some out of their turn. */
const AHEAD_PER_WORKER = 3;
const AHEAD_WITH_HELP = 128;
/**
 * The calling thread takes no file larger than this: it answers others in between, and a file that takes too long, or
 * too much memory, costs nothing but itself only in a worker.
 */
const HELP_BYTES = 32 << 10;
/** Milliseconds after which the calling thread looks whether somebody wants something else. */
const HELP_PORTION_MS = 8;

/** A batch with what is known of it. */
export interface Share {
  readonly requests: readonly ExtractionRequest[];
  readonly results: ExtractionResult[];
  isTaken: boolean;
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
  private readonly help: Help | undefined;
  private readonly ahead: number;
  /** The next batch for the reader; those before it were read. */
  private head = 0;
  /** All batches before this one are taken. */
  private free = 0;
  /** What the calling thread is at, and how far it is. */
  private helping: { readonly share: Share; next: number } | undefined;

  constructor(
    requests: readonly ExtractionRequest[],
    private readonly parallelism: number,
    { urgent = false, help }: ExtractionOptions,
  ) {
    this.urgent = urgent;
    this.help = help;
    this.ahead = parallelism * AHEAD_PER_WORKER + (help === undefined ? 0 : AHEAD_WITH_HELP);
    const batches = splitIntoBatches(requests, parallelism, help === undefined ? undefined : isLarge);
    this.shares = batches.map((batch) => ({ requests: batch, results: [], isTaken: false }));
  }

  /** The next batch for a worker, when it is time for one. */
  takeForWorker(): Share | undefined {
    while (this.free < this.shares.length && this.shares[this.free].isTaken) this.free++;
    if (this.outstanding >= this.parallelism * AHEAD_PER_WORKER || this.free >= this.limit) return undefined;
    const share = this.shares[this.free];
    share.isTaken = true;
    return share;
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

  /**
   * Does a few files in the calling thread. What does not come out whole is for a worker, which has the larger stack
   * and can be ended: `leave` is given it. False when there is nothing to do for this thread.
   */
  helpOut(leave: (share: Share, request: ExtractionRequest) => void): boolean {
    const { help } = this;
    if (help === undefined) return false;
    this.helping ??= this.takeForHelp();
    if (this.helping === undefined) return false;
    const { share } = this.helping;
    const until = performance.now() + HELP_PORTION_MS;
    do {
      const request = share.requests[this.helping.next++];
      const result = help(request);
      if (isWhole(result)) share.results.push(result);
      else leave(share, request);
    } while (this.helping.next < share.requests.length && performance.now() < until);
    if (this.helping.next >= share.requests.length) this.helping = undefined;
    return true;
  }

  /** The first free batch of small files, with its place in it. */
  private takeForHelp(): { readonly share: Share; next: number } | undefined {
    for (let i = this.free; i < this.limit; i++) {
      const share = this.shares[i];
      if (share.isTaken || isLarge(share.requests[0])) continue;
      share.isTaken = true;
      return { share, next: 0 };
    }
    return undefined;
  }

  private get limit(): number {
    return Math.min(this.shares.length, this.head + this.ahead);
  }
}

function isLarge({ size, text }: ExtractionRequest): boolean {
  return (text?.length ?? size) > HELP_BYTES;
}

/** A limit that was hit, or damage, may be a matter of the thread it happened in. */
function isWhole(result: ExtractionResult): boolean {
  switch (result.state) {
    case 'extracted':
      return result.facts.lost.length === 0 && result.facts.limits.length === 0;
    case 'failed':
      return false;
    case 'unchanged':
    case 'skipped':
    case 'missing':
      return true;
  }
}
