/**
 * Growable array of 32-bit integers that keeps its memory when emptied. `items` is replaced when it grows, so hold
 * the IntArray, not its items.
 */
export class IntArray {
  items: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.items = new Int32Array(capacity);
  }

  push(value: number): number {
    if (this.length === this.items.length) this.grow(this.length + 1);
    this.items[this.length] = value;
    return this.length++;
  }

  pop(): number {
    return this.items[--this.length];
  }

  /** Makes positions below `size` writable; new ones hold what they held before. */
  reserve(size: number): void {
    if (size > this.items.length) this.grow(size);
  }

  private grow(size: number): void {
    const larger = new Int32Array(Math.max(size, this.items.length * 2));
    larger.set(this.items);
    this.items = larger;
  }
}
