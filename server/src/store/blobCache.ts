/**
 * A cache of what was read from one packed column, bounded in bytes (`lru-cache`), by file. Whoever changes
 * a file's row makes the cache forget that file; a rolled-back batch clears it.
 */
import { LRUCache } from 'lru-cache';
import type { FileId } from '../model/ids';

/** Bytes that a cache entry costs beside its blob. */
const OVERHEAD = 120;

export class BlobCache<T extends object> {
  private readonly cache: LRUCache<FileId, T>;

  /** `sizeOf` tells the bytes an entry holds on to. */
  constructor(maxBytes: number, sizeOf: (value: T) => number) {
    this.cache = new LRUCache({ maxSize: Math.max(1, maxBytes), sizeCalculation: (value) => sizeOf(value) + OVERHEAD });
  }

  get(file: FileId, read: () => T | undefined): T | undefined {
    const cached = this.cache.get(file);
    if (cached !== undefined) return cached;
    const value = read();
    if (value !== undefined) this.cache.set(file, value);
    return value;
  }

  set(file: FileId, value: T): void {
    this.cache.set(file, value);
  }

  forget(file: FileId): void {
    this.cache.delete(file);
  }

  clear(): void {
    this.cache.clear();
  }

  /** Bytes held at the moment. */
  get bytes(): number {
    return this.cache.calculatedSize;
  }
}
