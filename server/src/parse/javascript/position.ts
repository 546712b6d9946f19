/**
 * Where a node's first token starts. The parser's `pos` includes white space and comments before the node;
 * `getStart` is exact but slow on hot paths, and this scan is both.
 */

/** Offset of the first character at or after `pos` that is neither white space nor inside a comment. */
export function tokenStart(text: string, pos: number): number {
  for (;;) {
    const unit = text.charCodeAt(pos);
    if (unit > 47 && unit < 0x85) return pos;
    if (unit === 32 || (unit >= 9 && unit <= 13)) {
      pos++;
    } else if (unit === 47) {
      const next = text.charCodeAt(pos + 1);
      if (next === 47) {
        pos = endOfLine(text, pos + 2);
      } else if (next === 42) {
        const close = text.indexOf('*/', pos + 2);
        pos = close < 0 ? text.length : close + 2;
      } else {
        return pos;
      }
    } else if (unit === 35 && pos === 0 && text.charCodeAt(1) === 33) {
      pos = endOfLine(text, 2);
    } else if (unit >= 0x85 && isWideSpace(unit)) {
      pos++;
    } else {
      return pos;
    }
  }
}

function endOfLine(text: string, pos: number): number {
  while (pos < text.length && !isLineBreak(text.charCodeAt(pos))) pos++;
  return pos;
}

function isLineBreak(unit: number): boolean {
  return unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029;
}

function isWideSpace(unit: number): boolean {
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200b) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000 ||
    unit === 0xfeff
  );
}
