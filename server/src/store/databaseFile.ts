/**
 * The memory of the file below SQLite. sql.js keeps a database as a file in memory, copies what it is given to open, grows the file by copying it whole,
 * and gives it out as another copy. An index of 50,000 files is some hundreds of megabytes, so here the memory is this class's: sql.js
 * takes it over as it is, room to grow included (which costs nothing until it is used), and a checkpoint reads it while it goes on changing.
 *
 * That rests on two things sql.js does with an array: it takes what `slice` gives as the content of the file, and writes to it
 * by `set`. `databaseFile.test.ts` holds it to that.
 */

/** What can be read in portions: an array, or a database that goes on changing. */
export interface ByteSource {
  readonly length: number;
  /** Bytes as they were when the source was made; not to be kept, and each portion is to be asked for once, in order. */
  subarray(from: number, to: number): Uint8Array;
}

/** SQLite writes whole pages, whose size divides this, or is a multiple of it. */
const PAGE = 4096;
/** Of a database file, before its first table. */
const HEADER_BYTES = 100;
/** Room to grow: one in so many bytes, and so many. */
const ROOM_SHARE = 4;
const ROOM = 8 << 20;

/** Bytes of memory for a database of so many, with room to grow; it costs nothing until it is used. */
export const withRoom = (bytes: number): number => bytes + Math.ceil(bytes / ROOM_SHARE) + ROOM;

export class DatabaseFile {
  /** To be opened by sql.js, once. */
  readonly memory: Uint8Array;
  private snapshotted: Snapshot | undefined;

  private constructor(memory: Uint8Array) {
    this.memory = memory;
    Object.defineProperties(memory, {
      slice: { value: () => memory },
      set: {
        value: (source: Uint8Array, position = 0) => {
          this.snapshotted?.keep(position, source.length);
          Uint8Array.prototype.set.call(memory, source, position);
        },
      },
    });
  }

  /**
   * Takes over a database (an exported one, say) with all the memory behind it in its buffer. Undefined where its header does not count its pages:
   * then the size of the file does, and it can have no room (https://www.sqlite.org/fileformat2.html, section 1.3.7).
   */
  static over(image: Uint8Array): DatabaseFile | undefined {
    if (image.byteOffset !== 0 || image.length < HEADER_BYTES) return undefined;
    const header = new DataView(image.buffer, 0, HEADER_BYTES);
    const pageSize = header.getUint16(16);
    const isCounted = header.getUint32(24) === header.getUint32(92) && header.getUint32(28) * pageSize === image.length;
    return isCounted ? new DatabaseFile(new Uint8Array(image.buffer)) : undefined;
  }

  /**
   * Whether a database of so many bytes is still in this memory: with more, sql.js has moved it. So it has, maybe, when a transaction was rolled back: then
   * SQLite cuts the file, and whoever has this one has to let go of it.
   */
  holds(bytes: number): boolean {
    return bytes <= this.memory.length;
  }

  /** The database as it is now, of so many bytes, outside of a transaction. Only the last snapshot can be read. */
  snapshot(bytes: number): ByteSource & { release(): void } {
    const made = new Snapshot(this.memory, bytes, () => {
      if (this.snapshotted === made) this.snapshotted = undefined;
    });
    this.snapshotted = made;
    return made;
  }
}

/** Keeps what is about to be overwritten and was not read yet. */
class Snapshot implements ByteSource {
  /** By number: pages as they were. */
  private readonly pages = new Map<number, Uint8Array>();
  private read = 0;

  constructor(
    private readonly memory: Uint8Array,
    readonly length: number,
    readonly release: () => void,
  ) {}

  keep(position: number, count: number): void {
    const end = Math.min(position + count, this.length);
    for (let page = Math.floor(Math.max(position, this.read) / PAGE); page * PAGE < end; page++) {
      if (!this.pages.has(page))
        this.pages.set(page, Uint8Array.from(this.memory.subarray(page * PAGE, (page + 1) * PAGE)));
    }
  }

  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.length);
    const portion = new Uint8Array(end - from);
    portion.set(this.memory.subarray(from, end));
    for (const [page, bytes] of this.pages) {
      const at = page * PAGE;
      if (at >= end) continue;
      if (at >= from) portion.set(bytes.subarray(0, end - at), at - from);
      this.pages.delete(page);
    }
    this.read = end;
    return portion;
  }
}
