/**
 * Workers of a large first index: let go of before everything is solved, because their memory is needed then, and
 * replaced in a pause after it. Who has extracted nothing yet takes some twenty times as long for a file as who has
 * extracted many, so that the fresh ones extract files of the index, for nothing but to have their code compiled.
 */
import type { ManifestRow } from '../store/rows';
import { ExtractionError, type Extractor, type ExtractionRequest } from './extraction';
import { joinPath } from './workspace';

/** The memory of who extracted so many files is worth more than to have them at hand. */
const MANY_FILES = 10_000;
/** For each worker: after so many files there is little left to compile. */
const FILES = 320;
/** Of a worker, between two looks whether an update came in, which has to wait for them. */
const FILES_AT_ONCE = 4;
/** Larger ones would be waited for, and most are smaller. */
const LARGEST = 48 * 1024;
/** What a worker takes, in bytes, beside what is in use. */
const WORKER_BYTES = 160 * 1024 * 1024;

export interface WarmWorkersHost {
  readonly extractor: Extractor;
  readonly manifest: () => Iterable<ManifestRow>;
  /** From how many files on workers are let go of; there is a default. */
  readonly from?: number | undefined;
  /** Whether so many bytes more would leave the process below what it has taken before. */
  readonly hasRoom?: (bytes: number) => boolean;
}

export class WarmWorkers {
  private readonly extractor: Extractor;
  private readonly from: number;
  private readonly hasRoom: (bytes: number) => boolean;
  /** What is left to extract; none when the workers are those of before. */
  private left: ExtractionRequest[] | undefined;
  /** So many there is room for. */
  private workers = 0;
  private areGone = false;

  constructor(private readonly host: WarmWorkersHost) {
    this.extractor = host.extractor;
    this.from = host.from ?? MANY_FILES;
    this.hasRoom = host.hasRoom ?? isBelowPeak;
  }

  /** Lets workers that extracted so many files go. */
  rest(files: number): void {
    if (files < this.from || this.extractor.rest === undefined) return;
    this.extractor.rest();
    this.areGone = true;
    this.left = undefined;
  }

  /** In a pause: starts workers again, as many as there is room for, and has them compile their code. Left where it is when `isOver`, and gone on with by the next call. */
  async replace(isOver: () => boolean): Promise<void> {
    if (!this.areGone) return;
    if (this.left === undefined) {
      let workers = this.extractor.parallelism;
      // One is enough for a file that is saved; the others are started when there is more to do.
      while (workers > 0 && !this.hasRoom(workers * WORKER_BYTES)) workers--;
      if (workers === 0) return;
      this.workers = workers;
      this.left = this.choose(workers * FILES);
    }
    const { left } = this;
    try {
      while (left.length > 0) {
        if (isOver()) return;
        // Each for itself, so that each worker gets one.
        const parts = Array.from({ length: this.workers }, () => left.splice(0, FILES_AT_ONCE));
        await Promise.all(parts.map((requests) => this.extract(requests)));
      }
    } catch (error) {
      // No worker can work, or all were stopped: whoever needs one next is told.
      if (!(error instanceof ExtractionError)) throw error;
    }
    this.left = undefined;
    this.areGone = false;
  }

  /** What comes of it is known already. */
  private async extract(requests: readonly ExtractionRequest[]): Promise<void> {
    const batches = this.extractor.extract(requests)[Symbol.asyncIterator]();
    while ((await batches.next()).done !== true);
  }

  /** Files from all over the index. */
  private choose(count: number): ExtractionRequest[] {
    const small: ManifestRow[] = [];
    for (const row of this.host.manifest()) if (row.state === 'indexed' && row.size <= LARGEST) small.push(row);
    const step = Math.max(1, small.length / count);
    const requests: ExtractionRequest[] = [];
    for (let at = 0; at < small.length; at += step) {
      const { root, path, dialect, size } = small[Math.floor(at)];
      requests.push({ id: requests.length, path: joinPath(root, path), dialect, size });
    }
    return requests;
  }
}

/** Memory that the process had once is not what its peak grows by. */
function isBelowPeak(bytes: number): boolean {
  return process.memoryUsage.rss() + bytes <= process.resourceUsage().maxRSS * 1024;
}
