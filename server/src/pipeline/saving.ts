/**
 * When links, summaries and findings come into the database: with each checkpoint, and those of many files soon after, in small steps while nothing
 * else is to be done. Until then the journal has the facts of all files, and what is derived of them can be derived anew.
 */
import type { Store } from '../store/store';
import type { FindingBook } from './findingBook';
import type { Generation } from './generation';
import { IS_DERIVED } from './modelReview';

/** An index of so many new files is saved soon: computing its links and summaries again would take long. */
export const MANY_FILES = 200;
/** When there was no update for so many milliseconds. */
const QUIET = 3_000;
/** Files whose links or summaries are written in one step. */
const STEP = 32;

export interface SavingHost {
  readonly store: () => Store;
  readonly derived: () => Generation;
  readonly book: FindingBook;
  /** What is derived is that of the facts, not what a cancelled update, or a first index under way, left of it. */
  readonly isSettled: () => boolean;
}

export class Saving {
  /** An update was settled whose links, summaries and findings are not all in the database. */
  private hasUnwritten = false;
  /** To be saved as soon as nobody wants anything: taking a checkpoint keeps edits waiting. */
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly host: SavingHost) {}

  /** Whether findings, as far as they are known, are in the database. */
  get isSaved(): boolean {
    return !this.isDue;
  }

  /** Whether the findings of an update of so many files are written with its links and summaries, and not at once. */
  isLater(files: number): boolean {
    return this.isDue || files >= MANY_FILES;
  }

  /** What is derived is not what the database has. */
  noteUnwritten(): void {
    this.hasUnwritten = true;
  }

  /** The folder of another index was taken over; an update that is under way is saved by the next checkpoint. */
  succeeded(isCheckpointed: boolean): void {
    this.isDue = !isCheckpointed || this.hasUnwritten;
  }

  /** What a checkpoint saves beside what is in the database already. */
  write(): void {
    const store = this.host.store();
    if (!this.host.isSettled()) {
      // What a cancelled update left half done stays as it was saved last, and its files stay pending. Those of updates
      // before it do not: whoever takes up what is saved now has to derive it anew.
      if (this.hasUnwritten) store.meta.set(IS_DERIVED, 'no');
      return;
    }
    const { linking, solving, presenting } = this.host.derived();
    linking.write();
    solving.write(store);
    presenting.write(store, this.host.book);
    store.meta.set(IS_DERIVED, 'yes');
    this.hasUnwritten = false;
  }

  /** An update of so many files is done: what is due is saved when it has been quiet for a while. */
  later(files: number): void {
    if (files >= MANY_FILES) this.isDue = true;
    if (this.isDue) this.in(QUIET);
  }

  /** Something else is to be done first. */
  hold(): void {
    clearTimeout(this.timer);
  }

  private in(milliseconds: number): void {
    this.timer = setTimeout(() => {
      this.step();
    }, milliseconds).unref();
  }

  /** One step, short enough for whoever starts to type. */
  private step(): void {
    const store = this.host.store();
    const { linking, solving, presenting } = this.host.derived();
    let isMore = false;
    store.batch(() => {
      isMore = linking.write(STEP) || solving.write(store, STEP) || presenting.write(store, this.host.book, STEP);
    });
    if (isMore) {
      this.in(0);
      return;
    }
    this.isDue = false;
    void store.checkpointIfDue();
  }
}
