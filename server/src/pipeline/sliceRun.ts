/**
 * One request for a slice among the updates: done when nothing else is, and begun again after an update that comes in meanwhile. So who types
 * does not wait for it, and it speaks of one state of the index.
 */
import { setImmediate as pause, setTimeout as wait } from 'node:timers/promises';
import type { CancellationToken } from '../model/analysis';
import type { SliceOptions, SliceRequest, SliceResult } from '../model/slice';
import { CancelledError } from './options';
import { Slicing } from './slicing';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** Milliseconds that a slice may take; what was found by then is told. */
const MAX_TIME = 20_000;
/** Milliseconds of work between two looks at what came in. */
const SLICE = 20;
/** So often it begins again, or waits for an update to be completed, after so many milliseconds. */
const TRIES = 100;
const PAUSE = 50;

export interface SliceRunHost {
  readonly workspace: Workspace;
  solving(): Solving;
  /** Source kinds that the threat model of the settings takes in, as a mask. */
  wantedSources(): number;
  /** Whether everything that changed is settled; `never` during a first index, which is not waited for. */
  isReady(): Promise<boolean | 'never'>;
  /** What long work polls from now on. */
  setToken(token: CancellationToken | undefined): void;
}

export class SliceRun {
  private readonly end = performance.now() + MAX_TIME;

  constructor(
    private readonly request: SliceRequest,
    private readonly options: SliceOptions,
    private readonly host: SliceRunHost,
  ) {}

  /** `alone` does something while nothing else is done. */
  async inTurn(
    alone: (work: () => Promise<SliceResult | undefined>) => Promise<SliceResult | undefined>,
  ): Promise<SliceResult> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (this.isCancelled) break;
      if (!this.isAwaited) {
        const result = await alone(() => this.attempt());
        if (result !== undefined) return result;
      }
      // An update that is wanted is asked for by a message, and these are read now.
      await wait(PAUSE);
    }
    return this.isCancelled
      ? { outcome: 'cancelled', message: 'Cancelled.' }
      : { outcome: 'notReady', message: 'The index is not up to date yet; ask again when it is.' };
  }

  private get isCancelled(): boolean {
    return this.options.token?.isCancelled === true;
  }

  private get isAwaited(): boolean {
    return this.options.awaited?.() === true;
  }

  private get isLate(): boolean {
    return performance.now() > this.end;
  }

  /** Undefined when it gives way, or nothing can be said yet. */
  private async attempt(): Promise<SliceResult | undefined> {
    const isReady = await this.host.isReady();
    if (isReady === 'never')
      return {
        outcome: 'notReady',
        message: 'The workspace is being indexed for the first time; ask again when it is.',
      };
    if (!isReady) return undefined;
    const isToEnd = (): boolean => this.isCancelled || this.isAwaited || (isFollowing && this.isLate);
    let isFollowing = true;
    const checkpoint = (): void => {
      if (isToEnd()) throw new CancelledError();
    };
    this.host.setToken({
      get isCancelled() {
        return isToEnd();
      },
    });
    const slicing = new Slicing(this.host.workspace, this.host.solving(), {
      wanted: this.host.wantedSources(),
      checkpoint,
      interruption: (error) => {
        if (!(error instanceof CancelledError) || this.isCancelled || this.isAwaited) return 'other';
        // What is known by now is told, whatever the time.
        isFollowing = false;
        return 'time';
      },
    });
    const steps = slicing.answer(this.request);
    try {
      for (;;) {
        const until = performance.now() + SLICE;
        while (performance.now() < until) {
          const step = steps.next();
          if (step.done === true) return step.value;
        }
        await pause();
        checkpoint();
      }
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      return undefined;
    } finally {
      steps.return(undefined);
      this.host.setToken(undefined);
    }
  }
}
