/**
 * Whether somebody wants it to end: Ctrl+C and the like. Signals are heard between two turns of the thread only, and a first index keeps the
 * thread for as long as it takes, so it is asked to give way now and then.
 */
import type { CommandLine } from './machine';

/**
 * Milliseconds between two times of listening: a share of the time that has passed, but at least and at most so many. Solving that is gone on with does not find
 * the order again in which it would have had least to do.
 */
const LISTEN_SHARE = 0.25;
const LISTEN_EVERY = 300;
const LISTEN_AT_LEAST_EVERY = 5000;

export class Interruption {
  readonly token = { isCancelled: false };
  /** Ends listening. */
  readonly end: () => void;
  private readonly startedAt: number;
  private listenedAt: number;

  constructor(
    machine: Pick<CommandLine, 'onInterrupt'>,
    onInterrupt: () => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startedAt = now();
    this.listenedAt = this.startedAt;
    this.end = machine.onInterrupt(() => {
      this.token.isCancelled = true;
      onInterrupt();
    });
  }

  /** For `scan` and `rebuild`: true when it is time to listen again. Work is not begun again for that. */
  readonly awaited = (isBetween = true): boolean => {
    if (!isBetween) return false;
    const now = this.now();
    const patience = Math.min(LISTEN_AT_LEAST_EVERY, (now - this.startedAt) * LISTEN_SHARE);
    if (now - this.listenedAt < Math.max(LISTEN_EVERY, patience)) return false;
    this.listenedAt = now;
    return true;
  };
}
