/**
 * Numbers by small whole keys in a typed array, 0 where none was set. Forgetting all costs as much as was set, and not as much as there is room for:
 * keys may be numbers of everything in an index, of which an update meets a few.
 */
const INITIAL = 1 << 12;
/** So many keys are known one by one; from there on the whole array is cleared. */
const MOST_KEYS = 1 << 14;

export class SparseNumbers {
  private numbers = new Int32Array(INITIAL);
  private readonly keys: number[] = [];
  private isDense = false;

  get(key: number): number {
    return key < this.numbers.length ? this.numbers[key] : 0;
  }

  set(key: number, number: number): void {
    if (key >= this.numbers.length) {
      const larger = new Int32Array(Math.max(key + 1, this.numbers.length * 2));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[key] = number;
    if (this.keys.length < MOST_KEYS) this.keys.push(key);
    else this.isDense = true;
  }

  /** Forgets all numbers, and keeps the room for them. */
  clear(): void {
    if (this.isDense) this.numbers.fill(0);
    else for (const key of this.keys) this.numbers[key] = 0;
    this.keys.length = 0;
    this.isDense = false;
  }

  /** Forgets all numbers, and gives the room for them back. */
  release(): void {
    this.numbers = new Int32Array(INITIAL);
    this.keys.length = 0;
    this.isDense = false;
  }
}
