/**
 * The file below SQLite. sql.js keeps a database as a file in memory, and an index of 50,000 files is some hundreds of megabytes that are hardly
 * ever looked at again. Here only a part of it is in memory, in extents of 64 KB; the others are in the checkpoint that the database was opened from,
 * or last saved to, or in a scratch file that no other process knows. Where there is no disk, everything stays in memory.
 *
 * That rests on what sql.js does with what it is given to open: it takes what `slice` gives as the content of the file, reads by `subarray` and writes by
 * `set`, both a page at a time, and asks for `length` to know whether there is room. When it cuts the file (a transaction that had made it longer was rolled
 * back) it copies it to an array of its own. `pagedFile.test.ts` holds it to that.
 */
import { closeSync, readSync, writeSync } from 'node:fs';

/** What can be read in portions: an array, or a database that goes on changing. */
export interface ByteSource {
  readonly length: number;
  /** Bytes as they were when the source was made; not to be kept, and each portion is to be asked for once, in order. */
  subarray(from: number, to: number): Uint8Array;
}

/** A database on disk that nobody changes in place. The descriptor belongs to whoever is given it. */
export interface StoredDatabase {
  readonly descriptor: number;
  readonly bytes: number;
}

/** A place on disk for what is not in memory. `open` may be called once, and throws the file system's error. */
export interface Scratch {
  open(): number;
  close(descriptor: number): void;
}

export interface PagedFileOptions {
  /** What the file holds at first; nothing when undefined. */
  readonly stored?: StoredDatabase | undefined;
  /** Undefined: everything that is not in `stored` stays in memory. */
  readonly scratch?: Scratch | undefined;
  /** Bytes to keep in memory. */
  readonly cacheBytes: number;
  /** Called each time the disk turns out to take no more; what did not get there is in memory. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** SQLite writes whole pages, whose size divides this, or is a multiple of it. */
const PAGE = 4096;
const EXTENT = 64 * 1024;
/** With less than this there would be nothing but reading. */
const FEWEST_BUFFERS = 16;
/** After the scratch file took no more, it is tried again when so many more extents are in memory. */
const RETRY_AFTER = 256;

/** Where an extent is that is not in memory. */
const NOWHERE = 0;
const STORED = 1;
const SCRATCH = 2;

export class PagedFile {
  /** What sql.js takes for an array. */
  readonly array: Uint8Array;
  private isTaken = false;
  private isCut = false;
  private bytes: number;
  private stored: StoredDatabase | undefined;
  private scratchDescriptor: number | undefined;
  private snapshotted: Snapshot | undefined;
  /** What went wrong with reading: then SQLite was left in the middle of something. */
  private broken: Error | undefined;

  /** By extent: its buffer, or -1. */
  private readonly bufferOf: number[] = [];
  /** By extent, where it is when it has no buffer. */
  private readonly placeOf: number[] = [];
  /** By buffer. */
  private readonly buffers: Uint8Array[] = [];
  private readonly extentOf: number[] = [];
  private readonly isChanged: boolean[] = [];
  private readonly isUsed: boolean[] = [];
  private hand = 0;
  private readonly limit: number;
  private retryAt = 0;

  constructor(private readonly options: PagedFileOptions) {
    this.stored = options.stored;
    this.bytes = options.stored?.bytes ?? 0;
    this.limit =
      options.scratch === undefined ? Infinity : Math.max(FEWEST_BUFFERS, Math.floor(options.cacheBytes / EXTENT));
    for (let extent = 0; extent * EXTENT < this.bytes; extent++) {
      this.bufferOf.push(-1);
      this.placeOf.push(STORED);
    }
    const array = {
      slice: (): unknown => {
        this.isTaken = true;
        return array;
      },
      subarray: (from: number, to: number) => this.read(from, to),
      set: (source: Uint8Array, position = 0) => {
        this.write(source, position);
      },
    };
    // Once it is sql.js's there is always room.
    Object.defineProperty(array, 'length', { get: () => (this.isTaken ? Number.MAX_SAFE_INTEGER : this.bytes) });
    this.array = array as unknown as Uint8Array;
  }

  /** False when sql.js has cut the file: what it goes on with is an array of its own. */
  get isCurrent(): boolean {
    return !this.isCut;
  }

  /** Bytes of what is in memory. */
  get memoryBytes(): number {
    return this.buffers.length * EXTENT;
  }

  /** Bytes at a place, at most to the end of the file; to be read at once: they may be gone with the next call. */
  read(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.bytes);
    // SQLite reads by the page. Only what cuts the file asks for all that will be left of it.
    if (end - from > PAGE) {
      this.isCut ||= this.isTaken;
      return this.copy(from, end);
    }
    const extent = Math.floor(from / EXTENT);
    return this.load(extent).subarray(from - extent * EXTENT, end - extent * EXTENT);
  }

  /** Writes bytes, and makes the file longer where they lie behind its end. */
  write(source: Uint8Array, position: number): void {
    this.snapshotted?.keep(position, source.length);
    for (let done = 0; done < source.length;) {
      const at = position + done;
      const extent = Math.floor(at / EXTENT);
      const count = Math.min(source.length - done, (extent + 1) * EXTENT - at);
      this.load(extent).set(source.subarray(done, done + count), at - extent * EXTENT);
      this.isChanged[this.bufferOf[extent]] = true;
      done += count;
    }
    this.bytes = Math.max(this.bytes, position + source.length);
  }

  /** A copy of bytes that lie in several extents; those that are on disk stay there. */
  copy(from: number, to: number): Uint8Array {
    const result = new Uint8Array(to - from);
    for (let at = from; at < to;) {
      const extent = Math.floor(at / EXTENT);
      const end = Math.min(to, (extent + 1) * EXTENT);
      const buffer = this.bufferOf[extent] ?? -1;
      const target = result.subarray(at - from, end - from);
      if (buffer < 0) this.readFrom(extent, target, at);
      else target.set(this.buffers[buffer].subarray(at - extent * EXTENT, end - extent * EXTENT));
      at = end;
    }
    return result;
  }

  /** The database as it is now, of so many bytes, outside of a transaction. Only the last snapshot can be read. */
  snapshot(bytes: number): DatabaseSnapshot {
    const made = new Snapshot(this, bytes, () => {
      if (this.snapshotted === made) this.snapshotted = undefined;
    });
    this.snapshotted = made;
    return made;
  }

  /** Lets go of what it is stored in; `putBack` or `replace` has to follow at once. */
  letGo(): void {
    if (this.stored !== undefined) closeSync(this.stored.descriptor);
  }

  /** Takes the same stored database again, by another descriptor. */
  putBack(descriptor: number): void {
    if (this.stored === undefined) closeSync(descriptor);
    else this.stored = { ...this.stored, descriptor };
  }

  /** From now on what was not written since a snapshot is in what the snapshot was saved to. */
  replace(snapshot: DatabaseSnapshot, stored: StoredDatabase): void {
    this.stored = stored;
    const whole = Math.ceil(stored.bytes / EXTENT);
    for (let extent = 0; extent < whole; extent++) {
      if (snapshot.isTouched(extent)) continue;
      const buffer = this.bufferOf[extent];
      if (buffer >= 0) this.isChanged[buffer] = false;
      this.placeOf[extent] = STORED;
    }
  }

  /** Gives the disk free; nothing can be read any more. */
  close(): void {
    this.letGo();
    this.stored = undefined;
    if (this.scratchDescriptor !== undefined) this.options.scratch?.close(this.scratchDescriptor);
    this.scratchDescriptor = undefined;
    this.buffers.length = 0;
  }

  /** The extent in memory. */
  private load(extent: number): Uint8Array {
    const present = this.bufferOf[extent] ?? -1;
    if (present >= 0) {
      this.isUsed[present] = true;
      return this.buffers[present];
    }
    for (let next = this.bufferOf.length; next <= extent; next++) {
      this.bufferOf.push(-1);
      this.placeOf.push(NOWHERE);
    }
    const buffer = this.freeBuffer();
    const content = this.buffers[buffer];
    this.readFrom(extent, content, extent * EXTENT);
    this.bufferOf[extent] = buffer;
    this.extentOf[buffer] = extent;
    this.isUsed[buffer] = true;
    return content;
  }

  /** Fills `target` with what is at a place inside of an extent that has no buffer. */
  private readFrom(extent: number, target: Uint8Array, position: number): void {
    const place = this.placeOf[extent] ?? NOWHERE;
    const descriptor = place === STORED ? this.stored?.descriptor : this.scratchDescriptor;
    const end = place === STORED ? (this.stored?.bytes ?? 0) : Infinity;
    let done = 0;
    if (this.broken !== undefined) throw this.broken;
    try {
      while (place !== NOWHERE && descriptor !== undefined && done < target.length && position + done < end) {
        const count = Math.min(target.length - done, end - position - done);
        const read = readSync(descriptor, target, done, count, position + done);
        if (read === 0) break;
        done += read;
      }
    } catch (error) {
      this.broken = error instanceof Error ? error : new Error(String(error));
      throw this.broken;
    }
    // Behind the end of what was ever written.
    target.fill(0, done);
  }

  /** A buffer that holds nothing, of which nothing is wanted any more. */
  private freeBuffer(): number {
    if (this.buffers.length >= this.limit) {
      while (this.buffers.length > this.limit && this.leave(this.buffers.length - 1)) this.dropLast();
      const found = this.evict();
      if (found !== undefined) return found;
    }
    this.buffers.push(new Uint8Array(EXTENT));
    this.extentOf.push(-1);
    this.isChanged.push(false);
    this.isUsed.push(true);
    return this.buffers.length - 1;
  }

  /** Frees a buffer that was not used since the hand last came by; undefined when the disk takes no more. */
  private evict(): number | undefined {
    for (let steps = 2 * this.buffers.length; steps > 0; steps--) {
      const buffer = this.hand;
      this.hand = (this.hand + 1) % this.buffers.length;
      if (this.isUsed[buffer]) this.isUsed[buffer] = false;
      else if (this.leave(buffer)) return buffer;
    }
    return undefined;
  }

  /** Brings the content of a buffer to disk if need be. False when that is not possible now. */
  private leave(buffer: number): boolean {
    const extent = this.extentOf[buffer];
    if (this.isChanged[buffer]) {
      if (this.buffers.length < this.retryAt) return false;
      try {
        this.writeOut(this.buffers[buffer], extent * EXTENT);
      } catch (error) {
        this.retryAt = this.buffers.length + RETRY_AFTER;
        this.options.onTrouble?.(error);
        return false;
      }
      this.retryAt = 0;
      this.placeOf[extent] = SCRATCH;
      this.isChanged[buffer] = false;
    }
    if (extent >= 0) this.bufferOf[extent] = -1;
    this.extentOf[buffer] = -1;
    return true;
  }

  private dropLast(): void {
    this.buffers.pop();
    this.extentOf.pop();
    this.isChanged.pop();
    this.isUsed.pop();
    this.hand %= this.buffers.length;
  }

  private writeOut(bytes: Uint8Array, position: number): void {
    const { scratch } = this.options;
    if (scratch === undefined) throw new Error('There is no scratch file.');
    this.scratchDescriptor ??= scratch.open();
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.scratchDescriptor, bytes, done, bytes.length - done, position + done);
    }
  }
}

export interface DatabaseSnapshot extends ByteSource {
  /** Whether an extent was written since. */
  isTouched(extent: number): boolean;
  /** Nobody will read it any more. */
  release(): void;
}

/** Keeps what is about to be overwritten and was not read yet. */
class Snapshot implements DatabaseSnapshot {
  /** By number: pages as they were. */
  private readonly pages = new Map<number, Uint8Array>();
  private readonly touched = new Set<number>();
  private position = 0;

  constructor(
    private readonly file: PagedFile,
    readonly length: number,
    readonly release: () => void,
  ) {}

  isTouched(extent: number): boolean {
    return this.touched.has(extent);
  }

  keep(position: number, count: number): void {
    const last = Math.floor((position + count - 1) / EXTENT);
    for (let extent = Math.floor(position / EXTENT); extent <= last; extent++) this.touched.add(extent);
    const end = Math.min(position + count, this.length);
    for (let page = Math.floor(Math.max(position, this.position) / PAGE); page * PAGE < end; page++) {
      if (!this.pages.has(page))
        this.pages.set(page, this.file.copy(page * PAGE, Math.min((page + 1) * PAGE, this.length)));
    }
  }

  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.length);
    const portion = this.file.copy(from, end);
    for (const [page, bytes] of this.pages) {
      const at = page * PAGE;
      if (at >= end) continue;
      if (at >= from) portion.set(bytes.subarray(0, end - at), at - from);
      this.pages.delete(page);
    }
    this.position = end;
    return portion;
  }
}
