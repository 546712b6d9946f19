/** The text of a file as editors show it: without a byte order mark, which also tells UTF-16, and otherwise from UTF-8. */
import { isAscii, isUtf8 } from 'node:buffer';

export interface DecodedText {
  readonly text: string;
  /** Something was not UTF-8, and is U+FFFD in the text. */
  readonly isRepaired: boolean;
}

/** Undefined for binary content. */
export function decodeText(bytes: Buffer): DecodedText | undefined {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2));
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
    return utf16(Buffer.from(even).swap16());
  }
  if (bytes.includes(0)) return undefined;
  const hasMark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = hasMark ? bytes.subarray(3) : bytes;
  if (isAscii(content)) return { text: content.toString('latin1'), isRepaired: false };
  return { text: content.toString('utf8'), isRepaired: !isUtf8(content) };
}

function utf16(bytes: Buffer): DecodedText {
  return { text: bytes.toString('utf16le'), isRepaired: false };
}
