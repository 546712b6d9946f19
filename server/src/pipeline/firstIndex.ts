/**
 * A first index while it runs. It takes long, and somebody may be typing: where it can be left for a moment, updates that
 * wait go ahead of what is left of it. One thing is done at a time, so there is one writer still.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * What is solved between two times of giving way, in milliseconds: some progress is made however quickly someone types. Where that is too little to
 * bring anything to its end, as with large recursion, the next stretch is twice as long.
 */
const SLICE = 60;

/** Work that is left where it is, to be gone on with, because somebody waits. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface Passing {
  /** Goes ahead of the first index. */
  now(): Promise<void>;
  /** The first index ended before its turn came. */
  later(): void;
}

export interface FirstIndexOptions {
  readonly awaited?: ((isBetween?: boolean) => boolean) | undefined;
  /** Somebody else who wants to go ahead. */
  readonly pause?: (() => Promise<unknown>) | undefined;
}

export class FirstIndex {
  private passing: Passing[] = [];
  private wake: (() => void) | undefined;
  private due = 0;
  private slice = SLICE;
  private beganAt = 0;

  constructor(
    private readonly options: FirstIndexOptions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** An update that does not wait for the end. */
  pass(update: Passing): void {
    this.passing.push(update);
    this.wake?.();
  }

  /** Lets everybody go ahead who waits. */
  async pause(): Promise<void> {
    // Messages come in between two turns only.
    await nextTurn();
    await this.options.pause?.();
    for (let update = this.passing.shift(); update !== undefined; update = this.passing.shift()) await update.now();
  }

  /** Lets updates go ahead while something is waited for that changes nothing. */
  async while<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
      this.wake?.();
    };
    work.then(done, done);
    for (;;) {
      await this.pause();
      if (isDone) return work;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }

  /**
   * Does a stretch of work that cannot be left but by an error. `progress` is a number that grows with what is not lost
   * when it is left.
   */
  stretch<T>(work: () => T, progress: number): T {
    this.beganAt = progress;
    this.due = this.now() + this.slice;
    const result = work();
    this.slice = SLICE;
    return result;
  }

  /** To be called often in such a stretch; `isBetween` when nothing that was begun is lost if it is left here. Throws `InterruptedError` when somebody waits. */
  giveWay(progress: number, isBetween: boolean): void {
    if (this.now() < this.due || this.options.awaited?.(isBetween) !== true) return;
    this.slice = progress === this.beganAt ? this.slice * 2 : SLICE;
    throw new InterruptedError();
  }

  /** No more updates come this way. */
  end(): void {
    for (const update of this.passing.splice(0)) update.later();
  }
}
