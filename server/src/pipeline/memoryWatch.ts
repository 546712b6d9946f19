/**
 * Keeps an analysis within the memory that its thread may take (`tributary.maxMemory`, or what Node.js gives the command line). Caches are sized by
 * it. From a fifth on garbage is collected the more often the more is in use, above all until a first index is done; from three quarters on caches are
 * emptied, and from nine tenths on work that can wait waits. The last two are told in the log.
 */
import { getHeapStatistics } from 'node:v8';
import { collectGarbage, limitHeapGrowth } from '../base/collector';
import type { Logger } from '../model/analysis';

/** From these shares of the limit on, the percent by which the heap may grow before garbage is collected; the largest share first. */
const GROWTH: readonly (readonly [share: number, percent: number])[] = [
  [0.42, 8],
  [0.3, 15],
  [0.2, 60],
];
/**
 * The same once a first index is done. What is in use then stays: to look through all of it costs more than an update does, and one that makes
 * little garbage would be held up every few keys for what needs no more room than the first index did.
 */
const GROWTH_LATER: typeof GROWTH = [
  [0.6, 15],
  [0.45, 30],
  [0.2, 60],
];
/** Shares of the limit. */
const SHED_AT = 0.75;
const PAUSE_AT = 0.9;
/** From this share on it is worth the time to collect garbage when caches were emptied because nobody needs them for a while. */
const COLLECT_AT = 0.2;
/** Of the limit, all caches together; and what they never need more than. */
const CACHE_SHARE = 0.08;
const MOST_CACHE = 400 * 1024 * 1024;
/** Of the limit, what an update may keep open of the files that it links. */
const WORKING_SHARE = 0.12;
/** Milliseconds between two looks, and between two times that caches are emptied: filling them again takes its time. */
const LOOK_EVERY = 250;
const SHED_EVERY = 10_000;

export interface HeapUse {
  /** Bytes; garbage that was not collected yet counts. */
  readonly used: number;
  readonly limit: number;
}

/** What the thread that asks takes, and may take. */
export function heapUse(): HeapUse {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { used, limit };
}

/** Bytes for a share of all caches of an analysis; a whole number. */
export function cacheBytes(share: number, { limit }: HeapUse = heapUse()): number {
  return Math.floor(Math.min(MOST_CACHE, limit * CACHE_SHARE) * share);
}

/** Bytes for what an update keeps open of the files that it links. */
export function workingBytes({ limit }: HeapUse = heapUse()): number {
  return Math.floor(limit * WORKING_SHARE);
}

export class MemoryWatch {
  private lookedAt = -Infinity;
  private shedAt = -Infinity;
  private isFull = false;
  /** Percent; 0 leaves it to V8. */
  private growth = 0;
  private growths = GROWTH;

  constructor(
    /** Empties all caches. */
    private readonly shed: () => void,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
    private readonly use: () => HeapUse = heapUse,
    private readonly now: () => number = () => performance.now(),
    private readonly limitGrowth: (percent: number) => void = limitHeapGrowth,
    private readonly collect: () => void = collectGarbage,
  ) {}

  /** Empties all caches, because what comes next needs little of what they hold, and gives back what they took. */
  relieve(): void {
    const { used, limit } = this.use();
    this.shed();
    if (used / limit >= COLLECT_AT) this.collect();
  }

  /** What comes from now on are updates, which make little garbage. */
  firstIndexDone(): void {
    this.growths = GROWTH_LATER;
  }

  /** To be called often, where caches may be emptied. True when work that can wait has to wait. */
  look(): boolean {
    const now = this.now();
    if (now - this.lookedAt < LOOK_EVERY) return this.isFull;
    this.lookedAt = now;
    const { used, limit } = this.use();
    const share = used / limit;
    const growth = this.growths.find(([from]) => share >= from)?.[1] ?? 0;
    if (growth !== this.growth) {
      this.growth = growth;
      this.limitGrowth(growth);
    }
    if (share >= SHED_AT && now - this.shedAt >= SHED_EVERY) {
      this.shedAt = now;
      this.shed();
      this.log.info(`Memory: ${percent(share)} of ${megabytes(limit)} are in use; caches were emptied.`);
    }
    if (share >= PAUSE_AT !== this.isFull) {
      this.isFull = !this.isFull;
      if (this.isFull)
        this.log.warn(
          `Memory: ${percent(share)} of ${megabytes(limit)} are in use; work in the background waits. tributary.maxMemory sets the limit.`,
        );
      else
        this.log.info(`Memory: ${percent(share)} of ${megabytes(limit)} are in use; work in the background goes on.`);
    }
    return this.isFull;
  }
}

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;
const megabytes = (bytes: number): string => `${String(Math.round(bytes / 1024 / 1024))} MB`;
