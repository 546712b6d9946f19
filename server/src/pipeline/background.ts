/**
 * Work that can wait, done in small steps while nothing else is to be done: a message that comes in meanwhile is answered
 * after a few milliseconds. One piece of work at a time.
 */
import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of work between two looks at what came in. */
const SLICE = 8;
/** Milliseconds until it is asked again whether work has to wait. */
const WAIT = 1_000;

export class Background {
  private current: Generator<void, unknown, undefined> | undefined;

  /** `hasToWait` tells whether there is no room for work that can wait. */
  constructor(private readonly hasToWait: () => boolean = () => false) {}

  /** Works until it is done, stopped, or other work is started. `done` is called in the first case. */
  async start(work: Generator<void, unknown, undefined>, done?: () => void): Promise<void> {
    this.current = work;
    for (;;) {
      await pause();
      if (this.current !== work) return;
      if (this.hasToWait()) {
        await sleep(WAIT, undefined, { ref: false });
        continue;
      }
      const end = performance.now() + SLICE;
      while (performance.now() < end) {
        if (work.next().done !== true) continue;
        this.current = undefined;
        done?.();
        return;
      }
    }
  }

  /** What is under way is left where it is. */
  stop(): void {
    this.current = undefined;
  }
}
