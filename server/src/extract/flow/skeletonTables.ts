/**
 * Growable integer tables for building skeletons: plain lists, lists of lists, and the hash-consed term table. Kept
 * between files by the builder so that building allocates little more than the result.
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

  toInt32(): Int32Array {
    return this.values.slice(0, this.length);
  }

  toUint32(): Uint32Array {
    return new Uint32Array(this.values.subarray(0, this.length));
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.values.subarray(0, this.length));
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
    this.kind.clear();
    this.a.clear();
    this.b.clear();
    this.slots.fill(0);
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
