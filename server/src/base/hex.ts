/** 32-bit numbers as eight hexadecimal digits, and back. */

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower case, zeros in front. */
export function hex32(value: number): string {
  return bytes[value >>> 24] + bytes[(value >>> 16) & 255] + bytes[(value >>> 8) & 255] + bytes[value & 255];
}

/** The signed number that the eight digits of `text` from `from` on stand for. */
export function parseHex32(text: string, from = 0): number {
  let value = 0;
  for (let i = from; i < from + 8; i++) {
    const unit = text.charCodeAt(i);
    value = (value << 4) | (unit <= 57 ? unit - 48 : unit - 87);
  }
  return value;
}
