/**
 * A hash of texts and numbers, for telling whether something is what it was: 64 bits, the same in every process, and quick for the short
 * texts that come in great numbers. Not for what somebody might forge.
 */

export class TextHash {
  private high = 0x811c9dc5 | 0;
  private low = 0x9e3779b1 | 0;

  /** Two texts are not the same as one made of both. */
  text(text: string): void {
    // An empty text is not the number zero.
    let high = this.high ^ 0x5bd1e995;
    let low = (this.low + 0x1b873593) | 0;
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ unit, 0x85ebca6b);
      low ^= low >>> 15;
    }
    this.high = high;
    this.low = low;
    this.number(length);
  }

  /** 32 bits count. */
  number(value: number): void {
    let high = Math.imul(this.high ^ value, 0xc2b2ae35);
    high ^= high >>> 13;
    let low = Math.imul(this.low ^ (value + 0x7f4a7c15), 0x27d4eb2f);
    low ^= low >>> 16;
    this.high = high;
    this.low = low;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const high = (this.high >>> 0).toString(16).padStart(8, '0');
    return high + (this.low >>> 0).toString(16).padStart(8, '0');
  }
}
