/**
 * A map from integers below 2^53 to 32-bit integers, by open addressing in typed arrays. JavaScript's own map makes an
 * object of every key above 2^30, which costs more than all the rest of a look-up.
 */

const EMPTY_KEY = -1;
/** A table is made larger when this share of it is used. */
const LOAD = 0.6;
/** Smaller tables grow faster. */
const FEW = 1 << 12;

export class NumberMap {
  private keys: Float64Array;
  private values: Int32Array;
  private count = 0;
  private limit: number;

  /** `capacity` is a power of two. */
  constructor(capacity = 16) {
    this.keys = new Float64Array(capacity).fill(EMPTY_KEY);
    this.values = new Int32Array(capacity);
    this.limit = Math.floor(capacity * LOAD);
  }

  get size(): number {
    return this.count;
  }

  /** The value of a key (zero or more), or `missing`. */
  get(key: number, missing: number): number {
    const { keys } = this;
    const last = keys.length - 1;
    for (let slot = hashOfNumber(key) & last; ; slot = (slot + 1) & last) {
      const found = keys[slot];
      if (found === key) return this.values[slot];
      if (found === EMPTY_KEY) return missing;
    }
  }

  set(key: number, value: number): void {
    const { keys } = this;
    const last = keys.length - 1;
    for (let slot = hashOfNumber(key) & last; ; slot = (slot + 1) & last) {
      const found = keys[slot];
      if (found === key) {
        this.values[slot] = value;
        return;
      }
      if (found !== EMPTY_KEY) continue;
      keys[slot] = key;
      this.values[slot] = value;
      if (++this.count > this.limit) this.grow();
      return;
    }
  }

  private grow(): void {
    const { keys, values } = this;
    const capacity = keys.length * (keys.length < FEW ? 4 : 2);
    const last = capacity - 1;
    const nextKeys = new Float64Array(capacity).fill(EMPTY_KEY);
    const nextValues = new Int32Array(capacity);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === EMPTY_KEY) continue;
      let slot = hashOfNumber(keys[i]) & last;
      while (nextKeys[slot] !== EMPTY_KEY) slot = (slot + 1) & last;
      nextKeys[slot] = keys[i];
      nextValues[slot] = values[i];
    }
    this.keys = nextKeys;
    this.values = nextValues;
    this.limit = Math.floor(capacity * LOAD);
  }
}

/** 32 bits of an integer below 2^53. */
export function hashOfNumber(key: number): number {
  let mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key / 0x100000000) | 0, 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
