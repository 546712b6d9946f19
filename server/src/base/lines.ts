/**
 * Line starts of a text, for turning offsets into lines and columns.
 */

/** Kept from text to text. */
let starts = new Uint32Array(1024);
let count = 0;

function push(start: number): void {
  if (count === starts.length) {
    const larger = new Uint32Array(count * 2);
    larger.set(starts);
    starts = larger;
  }
  starts[count++] = start;
}

/** UTF-16 offsets of the first character of each line; `\n`, `\r\n`, `\r`, U+2028 and U+2029 end a line. */
export function lineStartsOf(text: string): Uint32Array {
  return text.includes('\r') || text.includes('\u2028') || text.includes('\u2029')
    ? mixedLineStarts(text)
    : plainLineStarts(text);
}

function plainLineStarts(text: string): Uint32Array {
  count = 0;
  push(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) push(at + 1);
  return starts.slice(0, count);
}

function mixedLineStarts(text: string): Uint32Array {
  count = 0;
  push(0);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 13 && unit < 0x2028) continue;
    if (unit === 10 || unit === 0x2028 || unit === 0x2029) push(i + 1);
    else if (unit === 13 && text.charCodeAt(i + 1) !== 10) push(i + 1);
  }
  return starts.slice(0, count);
}
