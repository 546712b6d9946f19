/**
 * Turns keystrokes and file events into updates of the index: the newest text of each document wins, one update is
 * under way at a time, and one that works on an older version of a document is cancelled. Open documents go first,
 * files changed on disk wait for a burst to end.
 */
import { endOfBurst, FILE_BURST, type BurstLimits } from '../base/burst';
import type { Update } from '../model/analysis';

export interface Batch {
  /** Open documents with new text. */
  readonly documents: readonly string[];
  readonly closed: readonly string[];
  /** Changed on disk. */
  readonly files: readonly string[];
}

export interface SchedulerOptions {
  /** Shortest and longest wait after the last key; in between, as long as updates have been taking. */
  readonly shortestDelay: number;
  readonly longestDelay: number;
  /** Longest wait after the first key that is not analysed. */
  readonly patience: number;
  readonly files: BurstLimits;
  /** Updates are not cancelled any more when this much work was thrown away in a row: typing must not starve them. */
  readonly wasteLimit: number;
  /** The same as long as nothing was published of the document meanwhile: who types waits for that. */
  readonly unseenLimit: number;
}
export const SCHEDULE: SchedulerOptions = {
  shortestDelay: 8,
  longestDelay: 20,
  patience: 100,
  files: FILE_BURST,
  wasteLimit: 1_500,
  unseenLimit: 120,
};

export interface SchedulerCallbacks {
  run(batch: Batch): Promise<Update>;
  cancel(): void;
  /** The batch failed; it is not tried again until one of its documents changes. */
  onFailed(batch: Batch, error: unknown): void;
  /** Called when the number of documents and files that wait changes. */
  onPending(count: number): void;
}

export class UpdateScheduler {
  readonly #callbacks: SchedulerCallbacks;
  readonly #options: SchedulerOptions;
  readonly #documents = new Set<string>();
  readonly #closed = new Set<string>();
  readonly #files = new Set<string>();
  #isPaused = true;
  #inFlight: Batch | undefined;
  #inFlightSince = 0;
  #isCancelling = false;
  #wasted = 0;
  /** What was thrown away since a document of the update under way was published last. */
  #unseen = 0;
  /** What the update under way has to say of its documents was published; the rest is about others. */
  #isSeen = false;
  /** Moving average of what an update takes, in milliseconds. */
  #cost = 0;
  #timer: NodeJS.Timeout | undefined;
  #documentsDue = Infinity;
  #filesDue = Infinity;
  #firstDocument = 0;
  #firstFile = 0;
  #idle: (() => void)[] = [];

  constructor(callbacks: SchedulerCallbacks, options: SchedulerOptions = SCHEDULE) {
    this.#callbacks = callbacks;
    this.#options = options;
  }

  /** The document has new text. Its text is read when the update starts. */
  document(path: string): void {
    const now = performance.now();
    if (this.#documents.size === 0 && this.#closed.size === 0) this.#firstDocument = now;
    this.#closed.delete(path);
    this.#documents.add(path);
    if (this.#inFlight?.documents.includes(path)) this.#cancelStale(now);
    this.#documentsDue = this.#dueAfterKey(now);
    this.#arm();
    this.#report();
  }

  closed(path: string): void {
    const now = performance.now();
    if (this.#documents.size === 0 && this.#closed.size === 0) this.#firstDocument = now;
    this.#documents.delete(path);
    this.#closed.add(path);
    this.#documentsDue = this.#dueAfterKey(now);
    this.#arm();
    this.#report();
  }

  /** The newest text of the document that was sent is analysed, and its findings are published. */
  published(path: string): void {
    if (this.#inFlight?.documents.includes(path) !== true) return;
    this.#isSeen = true;
    this.#unseen = 0;
  }

  files(paths: Iterable<string>): void {
    const now = performance.now();
    if (this.#files.size === 0) this.#firstFile = now;
    for (const path of paths) this.#files.add(path);
    if (this.#files.size === 0) return;
    this.#filesDue = endOfBurst(this.#firstFile, now, this.#options.files);
    this.#arm();
    this.#report();
  }

  /** Nothing runs until `resume`; what was under way is forgotten (the thread that did it is gone). */
  pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
  }

  /** Starts over with these open documents. Settles when they are analysed. */
  async resume(documents: Iterable<string>): Promise<void> {
    this.#isPaused = false;
    this.#closed.clear();
    for (const path of documents) this.#documents.add(path);
    this.#flush();
    await this.whenIdle();
  }

  /** Settles when nothing waits and nothing is under way. */
  whenIdle(): Promise<void> {
    if (this.#isPaused || this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  get pending(): number {
    const inFlight = this.#inFlight;
    const running = inFlight === undefined ? 0 : inFlight.documents.filter((path) => !this.#documents.has(path)).length;
    return this.#documents.size + this.#closed.size + this.#files.size + running;
  }

  #dueAfterKey(now: number): number {
    const { shortestDelay, longestDelay, patience } = this.#options;
    const delay = Math.min(longestDelay, Math.max(shortestDelay, this.#cost));
    return Math.min(now + delay, this.#firstDocument + patience);
  }

  #cancelStale(now: number): void {
    const { wasteLimit, unseenLimit } = this.#options;
    const took = now - this.#inFlightSince;
    if (this.#isCancelling || this.#wasted + took > wasteLimit) return;
    if (!this.#isSeen && this.#unseen + took > unseenLimit) return;
    this.#isCancelling = true;
    this.#callbacks.cancel();
  }

  /** Sets the timer for whatever is due first. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isPaused || this.#inFlight !== undefined || this.#isIdle()) return;
    const hasDocuments = this.#documents.size > 0 || this.#closed.size > 0;
    const due = hasDocuments ? this.#documentsDue : this.#filesDue;
    const wait = Math.max(0, due - performance.now());
    this.#timer = setTimeout(() => {
      this.#flush();
    }, wait);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (this.#isPaused || this.#inFlight !== undefined) return;
    const batch = this.#nextBatch();
    if (batch === undefined) {
      this.#settle();
      return;
    }
    this.#inFlight = batch;
    this.#inFlightSince = performance.now();
    this.#isCancelling = false;
    this.#isSeen = false;
    this.#callbacks.run(batch).then(
      (update) => {
        this.#finished(batch, update.cancelled);
      },
      (error: unknown) => {
        this.#callbacks.onFailed(batch, error);
        this.#finished(batch, false);
      },
    );
  }

  #nextBatch(): Batch | undefined {
    if (this.#documents.size > 0 || this.#closed.size > 0) {
      const batch = { documents: [...this.#documents], closed: [...this.#closed], files: [] };
      this.#documents.clear();
      this.#closed.clear();
      return batch;
    }
    if (this.#files.size === 0) return undefined;
    const batch = { documents: [], closed: [], files: [...this.#files] };
    this.#files.clear();
    return batch;
  }

  #finished(batch: Batch, cancelled: boolean): void {
    const now = performance.now();
    const took = now - this.#inFlightSince;
    this.#inFlight = undefined;
    if (cancelled) {
      this.#wasted += took;
      if (!this.#isSeen) this.#unseen += took;
      // What was not done comes again, unless something newer was said about it meanwhile.
      for (const path of batch.documents) if (!this.#closed.has(path)) this.#documents.add(path);
      for (const path of batch.closed) if (!this.#documents.has(path)) this.#closed.add(path);
      for (const path of batch.files) this.#files.add(path);
    } else {
      this.#wasted = 0;
      this.#unseen = 0;
      if (batch.documents.length > 0) this.#cost = this.#cost * 0.7 + took * 0.3;
    }
    if (this.#documents.size > 0 || this.#closed.size > 0) {
      // They waited while the update ran; now they wait no longer than a key that came just now would.
      this.#documentsDue = Math.min(this.#documentsDue, now + this.#options.shortestDelay);
    }
    if (this.#isPaused || this.#isIdle()) this.#settle();
    else this.#arm();
    this.#report();
  }

  #isIdle(): boolean {
    return (
      this.#inFlight === undefined && this.#documents.size === 0 && this.#closed.size === 0 && this.#files.size === 0
    );
  }

  #settle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #report(): void {
    this.#callbacks.onPending(this.pending);
  }
}
