/**
 * Whether somebody wants it to end: Ctrl+C and the like. Signals are heard between two turns of the thread only, and a first index keeps the
 * thread for as long as it takes, so it is asked to give way now and then.
 */
import type { CommandLine } from './machine';

/** Milliseconds between two times of listening. */
const LISTEN_EVERY = 300;

export class Interruption {
  readonly token = { isCancelled: false };
  /** Ends listening. */
  readonly end: () => void;
  private listenedAt: number;

  constructor(
    machine: Pick<CommandLine, 'onInterrupt'>,
    onInterrupt: () => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.listenedAt = now();
    this.end = machine.onInterrupt(() => {
      this.token.isCancelled = true;
      onInterrupt();
    });
  }

  /** For `scan` and `rebuild`: true when it is time to listen again. */
  readonly awaited = (): boolean => {
    const now = this.now();
    if (now - this.listenedAt < LISTEN_EVERY) return false;
    this.listenedAt = now;
    return true;
  };
}
