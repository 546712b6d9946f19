/**
 * The time in which the folder of the index can't be written: a full disk, a folder that was removed or became another's. It is told once, saving
 * is tried again after growing pauses, and it ends with the first checkpoint that succeeds.
 */
import { statfsSync } from 'node:fs';
import { StoreError, codeOf, messageOf } from './errors';

/** Milliseconds before the first new attempt; then twice as many each time, up to the second. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;
/** Beside the database: a journal, and what the file system needs for itself. */
const MARGIN = 1 << 20;

const NO_ROOM = ['ENOSPC', 'EDQUOT'];

export class DiskTrouble {
  private timer: NodeJS.Timeout | undefined;
  private retryIn = FIRST_RETRY;
  /** The last thing that failed was for want of room. */
  private lacksRoom = false;

  constructor(private readonly retry: () => void) {}

  /** An attempt now would come too early. */
  get isWaiting(): boolean {
    return this.timer !== undefined;
  }

  /** Something could not be written; there will be another attempt. True for the first time in a row. */
  began(error: unknown): boolean {
    const isFirst = this.retryIn === FIRST_RETRY;
    this.lacksRoom = NO_ROOM.includes(codeOf(error));
    this.wait();
    return isFirst;
  }

  /** For another attempt, as far as that can be told without trying. */
  hasRoom(path: string, databaseBytes: number): boolean {
    if (!this.lacksRoom) return true;
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize >= neededFor(databaseBytes);
    } catch {
      // Not every file system tells, and the folder may be gone; then the attempt shows.
      return true;
    }
  }

  /** Nothing has changed; there will be another attempt. */
  wait(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.retry();
    }, this.retryIn).unref();
    this.retryIn = Math.min(LONGEST_RETRY, this.retryIn * 2);
  }

  /** Everything is saved. True when it was not before. */
  ended(): boolean {
    const hadBegun = this.retryIn > FIRST_RETRY;
    this.stop();
    this.retryIn = FIRST_RETRY;
    return hadBegun;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** In words for the person at the screen: which folder, why, and what to do. */
export function describeTrouble(path: string, error: unknown, databaseBytes: number): string {
  const kept = 'Until then it is kept in memory.';
  if (error instanceof StoreError)
    return `${error.message} The index is kept in memory, and saved when that is possible.`;
  if (NO_ROOM.includes(codeOf(error))) {
    const needed = Math.ceil(neededFor(databaseBytes) / 1e6);
    return `The index can't be saved in ${path}: the disk is full. Free about ${needed} MB on that disk; the index is saved by itself as soon as there is room. ${kept}`;
  }
  const why = codeOf(error) === 'EFBIG' ? 'files may not become so large there' : messageOf(error);
  return `The index can't be saved in ${path}: ${why}. It is saved by itself as soon as that is possible. ${kept}`;
}

/** A checkpoint is written beside the one that it replaces. */
function neededFor(databaseBytes: number): number {
  return databaseBytes + MARGIN;
}
