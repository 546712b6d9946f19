/**
 * Writing and reading packed bytes: variable-length integers, zigzag for signed ones, and text that survives lone
 * surrogates. Knows nothing of what is packed. The reader never reads past its end and never allocates more than the
 * bytes it was given could describe: damaged input ends in a `CodecError`.
 */

/** Bytes that are not what the reader expected: damaged, cut short, foreign, or of another version. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** How a text is stored. Chosen by the writer, the smallest that keeps every code unit. */
const enum TextForm {
  /** One byte per code unit, all below 128. */
  Ascii = 0,
  Utf8 = 1,
  /** Two bytes per code unit, little-endian: the only form that keeps lone surrogates. */
  Utf16 = 2,
}

const LONE_SURROGATE = /\p{Surrogate}/u;

export class ByteWriter {
  private buffer: Uint8Array;
  private length = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Number of bytes written so far. */
  get position(): number {
    return this.length;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = value;
  }

  /** Unsigned 32-bit integer (a negative one counts modulo 2³²) in 1 to 5 bytes. */
  varint(value: number): void {
    if (this.length + 5 > this.buffer.length) this.grow(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** Signed 32-bit integer; small magnitudes are short. */
  zigzag(value: number): void {
    this.varint((value << 1) ^ (value >> 31));
  }

  /** Non-negative safe integer in 1 to 8 bytes (function ids). Throws `RangeError` for anything else. */
  safeInteger(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a non-negative safe integer: ${value}`);
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Any number, in 8 bytes. */
  float(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    this.bytes(bytes);
  }

  /**
   * Memory with room for `size` more bytes behind `position`, for who writes many small things: they go into it by
   * `putVarint` and the like, and `advance` takes the position behind them. Void with the next other write.
   */
  reserve(size: number): Uint8Array {
    if (this.length + size > this.buffer.length) this.grow(size);
    return this.buffer;
  }

  advance(position: number): void {
    this.length = position;
  }

  bytes(value: Uint8Array): void {
    if (this.length + value.length > this.buffer.length) this.grow(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** What another writer holds. */
  append(other: ByteWriter): void {
    this.bytes(other.buffer.subarray(0, other.length));
  }

  /** Length, then the bytes. */
  block(value: Uint8Array): void {
    this.varint(value.length);
    this.bytes(value);
  }

  text(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    const form = size === value.length ? TextForm.Ascii : LONE_SURROGATE.test(value) ? TextForm.Utf16 : TextForm.Utf8;
    const bytes = form === TextForm.Utf16 ? value.length * 2 : size;
    this.varint(bytes * 4 + form);
    if (this.length + bytes > this.buffer.length) this.grow(bytes);
    const target = Buffer.from(this.buffer.buffer, this.buffer.byteOffset + this.length, bytes);
    target.write(value, form === TextForm.Ascii ? 'latin1' : form === TextForm.Utf8 ? 'utf8' : 'utf16le');
    this.length += bytes;
  }

  /** Many strings as their lengths and one text; cheaper than one `text` each, in bytes and in time. */
  texts(values: readonly string[]): void {
    let total = 0;
    for (let i = 0; i < values.length; i++) total += values[i].length;
    const buffer = this.reserve((values.length + 2) * MAX_VARINT + total);
    let at = putVarint(buffer, this.length, values.length);
    for (let i = 0; i < values.length; i++) at = putVarint(buffer, at, values[i].length);
    this.length = at;
    // Most are short and plain; those go without a detour over one long string.
    at = putVarint(buffer, at, total * 4 + TextForm.Ascii);
    let units = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      for (let j = 0; j < value.length; j++) {
        const unit = value.charCodeAt(j);
        units |= unit;
        buffer[at++] = unit;
      }
    }
    if (units < 0x80) this.length = at;
    else this.text(values.join(''));
  }

  /** What was written; holds until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  /** Starts over, keeping the memory. */
  clear(): void {
    this.length = 0;
  }

  private grow(extra: number): void {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** Bytes that one `putVarint` takes at most. */
export const MAX_VARINT = 5;

/** `ByteWriter.varint` into reserved memory; returns the position behind it. */
export function putVarint(buffer: Uint8Array, position: number, value: number): number {
  let at = position;
  let rest = value >>> 0;
  while (rest >= 0x80) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/** `ByteWriter.zigzag` into reserved memory. */
export function putZigzag(buffer: Uint8Array, position: number, value: number): number {
  return putVarint(buffer, position, (value << 1) ^ (value >> 31));
}

export class ByteReader {
  private readonly buffer: Uint8Array;
  private readonly limit: number;
  private offset: number;

  /** Reads `bytes[from … to)`. */
  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    if (from < 0 || to > bytes.length || from > to) throw new CodecError('a section lies outside of its data');
    this.buffer = bytes;
    this.limit = to;
    this.offset = from;
  }

  get position(): number {
    return this.offset;
  }

  get remaining(): number {
    return this.limit - this.offset;
  }

  byte(): number {
    if (this.offset >= this.limit) throw new CodecError('data ends too early');
    return this.buffer[this.offset++];
  }

  varint(): number {
    const first = this.buffer[this.offset];
    // Past the data `first` is undefined, which is not less than anything; past the section, `end` will notice.
    if (first < 0x80) {
      this.offset++;
      return first;
    }
    return this.longVarint();
  }

  /** Passes over so many variable-length integers. */
  skip(count: number): void {
    const { buffer, limit } = this;
    let at = this.offset;
    for (let left = count; left > 0; left--) {
      while (at < limit && buffer[at] >= 0x80) at++;
      at++;
    }
    if (at > limit) throw new CodecError('data ends too early');
    this.offset = at;
  }

  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  safeInteger(): number {
    let result = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
    }
    if (!Number.isSafeInteger(result)) throw new CodecError('an integer is out of range');
    return result;
  }

  float(): number {
    const { buffer, byteOffset } = this.bytes(8);
    return new DataView(buffer, byteOffset, 8).getFloat64(0);
  }

  /** A number of things that take at least `bytesEach` bytes; refuses a number the rest of the data can't hold. */
  count(bytesEach = 1): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) throw new CodecError('a count is larger than the data');
    return count;
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw new CodecError('data ends too early');
    const result = this.buffer.subarray(this.offset, this.offset + length);
    this.offset += length;
    return result;
  }

  block(): Uint8Array {
    return this.bytes(this.varint());
  }

  text(): string {
    const header = this.varint();
    const size = header >>> 2;
    const form = header & 3;
    if (size > this.remaining) throw new CodecError('a text is longer than the data');
    const bytes = Buffer.from(this.buffer.buffer, this.buffer.byteOffset + this.offset, size);
    this.offset += size;
    switch (form) {
      case TextForm.Ascii:
        return bytes.toString('latin1');
      case TextForm.Utf8:
        return bytes.toString('utf8');
      case TextForm.Utf16:
        return bytes.toString('utf16le');
      default:
        throw new CodecError('a text has an unknown form');
    }
  }

  texts(): string[] {
    const { all, ends } = this.joinedTexts();
    const result = new Array<string>(ends.length);
    let from = 0;
    for (let i = 0; i < result.length; i++) {
      result[i] = all.slice(from, ends[i]);
      from = ends[i];
    }
    return result;
  }

  /** The same for who needs few of them: all strings as one, and where each ends. */
  joinedTexts(): { readonly all: string; readonly ends: Uint32Array } {
    const count = this.count();
    const ends = new Uint32Array(count);
    let end = 0;
    for (let i = 0; i < count; i++) ends[i] = end += this.varint();
    const all = this.text();
    if (end !== all.length) throw new CodecError('texts and their lengths differ');
    return { all, ends };
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.offset !== this.limit) throw new CodecError('data is longer than expected');
  }

  private longVarint(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.offset >= this.limit) throw new CodecError('data ends too early');
      const byte = this.buffer[this.offset++];
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    throw new CodecError('an integer is too long');
  }
}
