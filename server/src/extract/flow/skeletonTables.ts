/**
 * Growable integer tables for building skeletons: plain lists, lists of lists, and the hash-consed term table. Kept
 * between files by the builder so that building allocates next to nothing.
 */
import { TermKind } from '../../model/skeleton';
import type { Term } from '../../model/skeleton';

/** A growing list of 32-bit integers. */
export class Numbers {
  private values: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.values = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index];
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  clear(): void {
    this.length = 0;
  }

  /** What is in it, until it is cleared. */
  toInt32(): Int32Array {
    return new Int32Array(this.values.buffer, 0, this.length);
  }

  /** As `toInt32`, for numbers that are not negative. */
  toUint32(): Uint32Array {
    return new Uint32Array(this.values.buffer, 0, this.length);
  }

  toBytes(arena: Arena): Uint8Array {
    const bytes = arena.bytes(this.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.values[i];
    return bytes;
  }
}

/** Zeroed arrays that are all given back at once: files need many small ones, and making each would take longer than filling it. */
export class Arena {
  private buffer = new ArrayBuffer(1 << 16);
  private used = 0;

  /** Whatever was given out is void from here on. */
  clear(): void {
    new Uint8Array(this.buffer, 0, this.used).fill(0);
    this.used = 0;
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    const at = this.take(length * 4);
    return new Int32Array(this.buffer, at, length);
  }

  uint32(length: number): Uint32Array<ArrayBuffer> {
    const at = this.take(length * 4);
    return new Uint32Array(this.buffer, at, length);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const at = this.take(length);
    return new Uint8Array(this.buffer, at, length);
  }

  private take(size: number): number {
    const at = this.used;
    const next = at + ((size + 3) & ~3);
    if (next <= this.buffer.byteLength) {
      this.used = next;
      return at;
    }
    // Arrays that were given out keep the buffer they are in.
    this.buffer = new ArrayBuffer(Math.max(this.buffer.byteLength * 2, size * 2));
    this.used = (size + 3) & ~3;
    return 0;
  }
}

/** Lists of integers, equal ones shared. */
export class NumberLists {
  readonly start = new Numbers();
  readonly values = new Numbers();
  private readonly known = new Map<number, number[]>();

  constructor() {
    this.start.push(0);
  }

  clear(): void {
    this.start.clear();
    this.start.push(0);
    this.values.clear();
    this.known.clear();
  }

  /** Index of the list with these values. */
  add(list: readonly number[]): number {
    let hash = list.length;
    for (const value of list) hash = (Math.imul(hash, 31) + value) | 0;
    const candidates = this.known.get(hash);
    for (const candidate of candidates ?? []) if (this.equals(candidate, list)) return candidate;
    const index = this.start.length - 1;
    for (const value of list) this.values.push(value);
    this.start.push(this.values.length);
    if (candidates === undefined) this.known.set(hash, [index]);
    else candidates.push(index);
    return index;
  }

  private equals(index: number, list: readonly number[]): boolean {
    const from = this.start.at(index);
    if (this.start.at(index + 1) - from !== list.length) return false;
    for (let i = 0; i < list.length; i++) if (this.values.at(from + i) !== list[i]) return false;
    return true;
  }
}

const LARGE_TABLE = 8192;

/** Terms; equal ones are one. */
export class TermTable {
  readonly kind = new Numbers(256);
  readonly a = new Numbers(256);
  readonly b = new Numbers(256);
  private slots = new Int32Array(1024);

  constructor() {
    this.clear();
  }

  get length(): number {
    return this.kind.length;
  }

  clear(): void {
    // After a large file the table is too large for the next ones: emptying it would take longer than filling it.
    if (this.slots.length > LARGE_TABLE && this.length * 8 < this.slots.length) this.slots = new Int32Array(1024);
    else this.slots.fill(0);
    this.kind.clear();
    this.a.clear();
    this.b.clear();
    this.append(TermKind.None, 0, 0);
  }

  /** A term of its own, not shared with equal ones. */
  append(kind: TermKind, a: number, b: number): Term {
    this.kind.push(kind);
    this.a.push(a);
    this.b.push(b);
    return this.kind.length - 1;
  }

  intern(kind: TermKind, a: number, b: number): Term {
    let slot = hash(kind, a, b) & (this.slots.length - 1);
    for (;;) {
      const term = this.slots[slot];
      if (term === 0) break;
      if (this.kind.at(term) === kind && this.a.at(term) === a && this.b.at(term) === b) return term;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    const term = this.append(kind, a, b);
    this.slots[slot] = term;
    if (term * 2 > this.slots.length) this.rehash();
    return term;
  }

  /** The term if there is one, else 0. */
  find(kind: TermKind, a: number, b: number): Term {
    let slot = hash(kind, a, b) & (this.slots.length - 1);
    for (;;) {
      const term = this.slots[slot];
      if (term === 0) return 0;
      if (this.kind.at(term) === kind && this.a.at(term) === a && this.b.at(term) === b) return term;
      slot = (slot + 1) & (this.slots.length - 1);
    }
  }

  private rehash(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i++) {
      const term = old[i];
      if (term === 0) continue;
      let slot = hash(this.kind.at(term), this.a.at(term), this.b.at(term)) & (this.slots.length - 1);
      while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = term;
    }
  }
}

function hash(kind: number, a: number, b: number): number {
  let value = Math.imul(kind + 1, 0x9e3779b1) ^ Math.imul(a + 1, 0x85ebca6b) ^ Math.imul(b + 3, 0xc2b2ae35);
  value ^= value >>> 15;
  return Math.imul(value, 0x2c1b3c6d) >>> 0;
}
