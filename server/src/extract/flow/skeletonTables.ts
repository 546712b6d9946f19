/**
 * Tables for building skeletons: lists of integers, and the hash-consed term table. Kept between files by the builder
 * so that building allocates next to nothing.
 */
import { IntArray } from '../../base/intArray';
import { TermKind } from '../../model/skeleton';
import type { Term } from '../../model/skeleton';

/** What is in a list, until it is emptied. */
export function int32Of({ items, length }: IntArray): Int32Array {
  return new Int32Array(items.buffer, 0, length);
}

/** As `int32Of`, for numbers that are not negative. */
export function uint32Of({ items, length }: IntArray): Uint32Array {
  return new Uint32Array(items.buffer, 0, length);
}

/** As `int32Of`, for numbers below 256. */
export function bytesOf({ items, length }: IntArray, arena: Arena): Uint8Array {
  const bytes = arena.bytes(length);
  for (let i = 0; i < length; i++) bytes[i] = items[i];
  return bytes;
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

const SMALL_TABLE = 1024;
const LARGE_TABLE = 8192;

/** An emptied table of slots. After a large file it is too large for the next ones: emptying it would take longer than filling it. */
function emptied(slots: Int32Array, used: number): Int32Array {
  if (slots.length > LARGE_TABLE && used * 8 < slots.length) return new Int32Array(SMALL_TABLE);
  return slots.fill(0);
}

/** Lists of integers, equal ones shared. */
export class NumberLists {
  readonly start = new IntArray();
  readonly values = new IntArray();
  /** Lists by hash, plus one; 0 where there is none. */
  private slots: Int32Array = new Int32Array(SMALL_TABLE);

  constructor() {
    this.start.push(0);
  }

  clear(): void {
    this.slots = emptied(this.slots, this.start.length);
    this.start.length = 1;
    this.values.length = 0;
  }

  /** Index of the list with these values. */
  add({ items, length }: IntArray): number {
    const last = this.slots.length - 1;
    let slot = hashOf(items, length) & last;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & last) {
      if (this.equals(this.slots[slot] - 1, items, length)) return this.slots[slot] - 1;
    }
    const index = this.start.length - 1;
    for (let i = 0; i < length; i++) this.values.push(items[i]);
    this.start.push(this.values.length);
    this.slots[slot] = index + 1;
    if (index * 2 > this.slots.length) this.rehash();
    return index;
  }

  private equals(index: number, items: Int32Array, length: number): boolean {
    const from = this.start.items[index];
    if (this.start.items[index + 1] - from !== length) return false;
    const values = this.values.items;
    for (let i = 0; i < length; i++) if (values[from + i] !== items[i]) return false;
    return true;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const last = slots.length - 1;
    for (let index = 0; index < this.start.length - 1; index++) {
      const from = this.start.items[index];
      const to = this.start.items[index + 1];
      let slot = hashOf(this.values.items.subarray(from, to), to - from) & last;
      while (slots[slot] !== 0) slot = (slot + 1) & last;
      slots[slot] = index + 1;
    }
    this.slots = slots;
  }
}

function hashOf(items: Int32Array, length: number): number {
  let hash = length;
  for (let i = 0; i < length; i++) hash = Math.imul(hash, 0x9e3779b1) + items[i];
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 1;
}

/** Terms; equal ones are one. */
export class TermTable {
  readonly kind = new IntArray(256);
  readonly a = new IntArray(256);
  readonly b = new IntArray(256);
  /** How many properties, elements and the like a term is away from its root. */
  readonly depth = new IntArray(256);
  private slots: Int32Array = new Int32Array(SMALL_TABLE);

  constructor() {
    this.clear();
  }

  get length(): number {
    return this.kind.length;
  }

  clear(): void {
    this.slots = emptied(this.slots, this.length);
    this.kind.length = 0;
    this.a.length = 0;
    this.b.length = 0;
    this.depth.length = 0;
    this.append(TermKind.None, 0, 0);
  }

  /** A term of its own, not shared with equal ones. */
  append(kind: TermKind, a: number, b: number): Term {
    this.a.push(a);
    this.b.push(b);
    this.depth.push(0);
    return this.kind.push(kind);
  }

  intern(kind: TermKind, a: number, b: number): Term {
    const { slots } = this;
    const last = slots.length - 1;
    let slot = hash(kind, a, b) & last;
    for (let term = slots[slot]; term !== 0; term = slots[slot]) {
      if (this.a.items[term] === a && this.kind.items[term] === kind && this.b.items[term] === b) return term;
      slot = (slot + 1) & last;
    }
    const term = this.append(kind, a, b);
    slots[slot] = term;
    if (term * 2 > slots.length) this.rehash();
    return term;
  }

  private rehash(): void {
    const old = this.slots;
    const slots = new Int32Array(old.length * 2);
    const last = slots.length - 1;
    for (let i = 0; i < old.length; i++) {
      const term = old[i];
      if (term === 0) continue;
      let slot = hash(this.kind.items[term], this.a.items[term], this.b.items[term]) & last;
      while (slots[slot] !== 0) slot = (slot + 1) & last;
      slots[slot] = term;
    }
    this.slots = slots;
  }
}

function hash(kind: number, a: number, b: number): number {
  let value = Math.imul(kind + 1, 0x9e3779b1) ^ Math.imul(a + 1, 0x85ebca6b) ^ Math.imul(b + 3, 0xc2b2ae35);
  value ^= value >>> 15;
  return Math.imul(value, 0x2c1b3c6d) >>> 0;
}

/** Growing lists of terms in which no term stands twice; a list is a number. */
export class TermLists {
  private readonly head = new IntArray();
  private readonly tail = new IntArray();
  private readonly size = new IntArray();
  private readonly value = new IntArray();
  private readonly next = new IntArray();

  get count(): number {
    return this.head.length;
  }

  clear(): void {
    this.head.length = 0;
    this.tail.length = 0;
    this.size.length = 0;
    this.value.length = 0;
    this.next.length = 0;
  }

  open(): number {
    this.tail.push(-1);
    this.size.push(0);
    return this.head.push(-1);
  }

  sizeOf(list: number): number {
    return this.size.items[list];
  }

  add(list: number, term: Term): void {
    for (let item = this.head.items[list]; item >= 0; item = this.next.items[item]) {
      if (this.value.items[item] === term) return;
    }
    const item = this.value.push(term);
    this.next.push(-1);
    const tail = this.tail.items[list];
    if (tail < 0) this.head.items[list] = item;
    else this.next.items[tail] = item;
    this.tail.items[list] = item;
    this.size.items[list]++;
  }

  copyTo(list: number, out: IntArray): void {
    out.length = 0;
    for (let item = this.head.items[list]; item >= 0; item = this.next.items[item]) out.push(this.value.items[item]);
  }
}
