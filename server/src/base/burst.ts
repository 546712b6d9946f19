/**
 * Changes of files come in bursts: a save is one event or three, a checkout is hundreds. A burst gathers what comes in
 * and is over when nothing came for a while, or when it has lasted long enough. One burst is dealt with at a time; what
 * comes meanwhile belongs to the next.
 */

export interface BurstLimits {
  /** Milliseconds without a change that end a burst. */
  readonly quiet: number;
  /** Milliseconds after its first change at which a burst ends, whatever still comes. */
  readonly longest: number;
}

/** Of files on disk, in the editor and on the command line alike. */
export const FILE_BURST: BurstLimits = { quiet: 1_000, longest: 5_000 };

/** When a burst is over whose last change came just now; times in milliseconds of any one clock. */
export function endOfBurst(first: number, now: number, { quiet, longest }: BurstLimits): number {
  return Math.min(now + quiet, first + longest);
}

export class Burst<T> {
  private items = new Set<T>();
  private first = 0;
  private end = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isClosed = false;

  /** `deal` takes a burst; it must not reject. */
  constructor(
    private readonly deal: (items: readonly T[]) => Promise<void>,
    private readonly limits: BurstLimits = FILE_BURST,
  ) {}

  add(item: T): void {
    if (this.isClosed) return;
    const now = performance.now();
    if (this.items.size === 0) this.first = now;
    this.items.add(item);
    this.end = endOfBurst(this.first, now, this.limits);
    // A timer that is set already looks again when it fires: a checkout would set hundreds.
    if (this.running === undefined) this.timer ??= setTimeout(() => this.look(), this.limits.quiet);
  }

  /** What was gathered is forgotten. Settles when the burst that is being dealt with is done. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.items.clear();
    clearTimeout(this.timer);
    await this.running;
  }

  private look(): void {
    this.timer = undefined;
    if (this.items.size === 0 || this.running !== undefined) return;
    const wait = this.end - performance.now();
    if (wait > 0) {
      this.timer = setTimeout(() => this.look(), wait);
      return;
    }
    const items = [...this.items];
    this.items.clear();
    this.running = this.deal(items).finally(() => {
      this.running = undefined;
      this.look();
    });
  }
}
