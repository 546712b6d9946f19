/**
 * A 64-bit hash over a stream of integers, as two 32-bit lanes. Not cryptographic: it tells versions of a function
 * apart, nobody gains by forging it.
 */
export class StreamHash {
  /** The two halves of the hash, 32 bits each. */
  first = 0;
  second = 0;
  private low = 0;
  private high = 0;

  reset(): void {
    this.low = 0x2545f491;
    this.high = 0x9e3779b9 | 0;
  }

  add(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x85ebca6b);
    this.low ^= this.low >>> 15;
    this.high = Math.imul(this.high + value, 0xc2b2ae35) ^ (this.high >>> 13);
  }

  /** Makes `first` and `second` of what was added. */
  finish(): void {
    this.first = finish(this.low ^ Math.imul(this.high, 0x27d4eb2f));
    this.second = finish(this.high);
  }
}

function finish(lane: number): number {
  let hash = lane ^ (lane >>> 16);
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
