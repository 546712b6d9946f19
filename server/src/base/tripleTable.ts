/**
 * Triples of 32-bit integers as dense numbers from 0, in the order in which they came: open addressing in typed arrays, without an
 * object or a large number for any of them. Made to be emptied and used again.
 */

const FREE = -1;
const INITIAL = 64;
/** Emptying a larger table would take longer than what is done with a small one. */
const KEPT = 2048;

export class TripleTable {
  /** The parts of each triple. They are other arrays when the table has grown. */
  first = new Int32Array(INITIAL);
  second = new Int32Array(INITIAL);
  third = new Int32Array(INITIAL);
  size = 0;
  /** Twice as long as the parts. */
  private slots = new Int32Array(INITIAL * 2).fill(FREE);

  /** Number of a triple, a new one when it is equal to `size` before. */
  add(a: number, b: number, c: number): number {
    const { slots, first, second, third } = this;
    const last = slots.length - 1;
    for (let slot = hash(a, b, c) & last; ; slot = (slot + 1) & last) {
      const found = slots[slot];
      if (found === FREE) {
        const number = this.size++;
        if (number === first.length) return this.grown(number, a, b, c);
        slots[slot] = number;
        first[number] = a;
        second[number] = b;
        third[number] = c;
        return number;
      }
      if (first[found] === a && second[found] === b && third[found] === c) return found;
    }
  }

  /** Number of a triple, or -1. */
  find(a: number, b: number, c: number): number {
    const { slots, first, second, third } = this;
    const last = slots.length - 1;
    for (let slot = hash(a, b, c) & last; ; slot = (slot + 1) & last) {
      const found = slots[slot];
      if (found === FREE || (first[found] === a && second[found] === b && third[found] === c)) return found;
    }
  }

  clear(): void {
    this.size = 0;
    if (this.slots.length <= KEPT) {
      this.slots.fill(FREE);
      return;
    }
    this.first = new Int32Array(INITIAL);
    this.second = new Int32Array(INITIAL);
    this.third = new Int32Array(INITIAL);
    this.slots = new Int32Array(INITIAL * 2).fill(FREE);
  }

  /** Makes room, with the new triple in it. */
  private grown(number: number, a: number, b: number, c: number): number {
    const length = this.first.length * 2;
    this.first = resized(this.first, length);
    this.second = resized(this.second, length);
    this.third = resized(this.third, length);
    this.first[number] = a;
    this.second[number] = b;
    this.third[number] = c;
    const slots = new Int32Array(length * 2).fill(FREE);
    const last = slots.length - 1;
    for (let i = 0; i <= number; i++) {
      let slot = hash(this.first[i], this.second[i], this.third[i]) & last;
      while (slots[slot] !== FREE) slot = (slot + 1) & last;
      slots[slot] = i;
    }
    this.slots = slots;
    return number;
  }
}

/** A copy with room for more. */
export function resized(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const result = new Int32Array(length);
  result.set(array);
  return result;
}

function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
