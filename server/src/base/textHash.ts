/**
 * A hash of texts and numbers, for telling whether something is what it was: 64 bits, the same in every process, and quick for the short
 * texts that come in great numbers. Not for what somebody might forge.
 */

/** Character codes of hexadecimal digits. */
const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const codes = new Array<number>(16).fill(0);

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

  /** From one to 2^52: where very many are kept, a number takes less room than a text. */
  toNumber(): number {
    return (this.high >>> 12) * 0x100000000 + (this.low >>> 0) + 1;
  }

  /** 16 hexadecimal digits. Made at once: many are kept, and a text that is put together of parts keeps these. */
  digest(): string {
    const { high, low } = this;
    for (let i = 0; i < 8; i++) {
      codes[i] = DIGITS[(high >>> (28 - 4 * i)) & 15];
      codes[i + 8] = DIGITS[(low >>> (28 - 4 * i)) & 15];
    }
    return String.fromCharCode(...codes);
  }
}
