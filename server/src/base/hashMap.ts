/**
 * A map from integers to integers, both from one to 2^53, by open addressing in typed arrays: some 20 to 50 bytes an entry, where JavaScript's own
 * map of numbers above 2^30 and texts takes more than 100. What is deleted leaves its place behind, until the table is made anew.
 */

import { hashOfNumber } from './numberMap';

const EMPTY = 0;
/** A table is made anew when this share of it is used. */
const LOAD = 0.6;
/** A new table has room for so many times what it holds. */
const SPARE = 1.5;

export class HashMap {
  private keys: Float64Array;
  private values: Float64Array;
  /** Places that hold a key, those of deleted entries included. */
  private used = 0;
  private count = 0;
  private limit: number;

  /** `capacity` is a power of two. */
  constructor(capacity = 16) {
    this.keys = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.limit = Math.floor(capacity * LOAD);
  }

  get size(): number {
    return this.count;
  }

  /** The value of a key, 0 when it has none. */
  get(key: number): number {
    const slot = this.slotOf(key);
    return this.keys[slot] === key ? this.values[slot] : 0;
  }

  has(key: number): boolean {
    return this.get(key) !== 0;
  }

  set(key: number, value: number): void {
    if (value === 0) {
      this.delete(key);
      return;
    }
    let slot = this.slotOf(key);
    if (this.keys[slot] !== key) {
      if (this.used === this.limit) {
        this.renew();
        slot = this.slotOf(key);
      }
      this.keys[slot] = key;
      this.used++;
    }
    if (this.values[slot] === 0) this.count++;
    this.values[slot] = value;
  }

  delete(key: number): void {
    const slot = this.slotOf(key);
    if (this.keys[slot] !== key || this.values[slot] === 0) return;
    this.values[slot] = 0;
    this.count--;
  }

  /** Where the key is, or the empty place where it would come. */
  private slotOf(key: number): number {
    const { keys } = this;
    const last = keys.length - 1;
    let slot = hashOfNumber(key) & last;
    while (keys[slot] !== key && keys[slot] !== EMPTY) slot = (slot + 1) & last;
    return slot;
  }

  private renew(): void {
    const { keys, values } = this;
    let capacity = keys.length;
    while (capacity * LOAD < (this.count + 1) * SPARE) capacity *= 2;
    this.keys = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.limit = Math.floor(capacity * LOAD);
    this.used = this.count;
    for (let i = 0; i < keys.length; i++) {
      if (values[i] === 0) continue;
      const slot = this.slotOf(keys[i]);
      this.keys[slot] = keys[i];
      this.values[slot] = values[i];
    }
  }
}
