/**
 * Line starts of a text, for turning offsets into lines and columns.
 */

import { IntArray } from './intArray';

const starts = new IntArray(1024);

/** UTF-16 offsets of the first character of each line; `\n`, `\r\n` and `\r` end a line, as editors count them; to JavaScript there are more. */
export function lineStartsOf(text: string): Uint32Array {
  return text.includes('\r') ? mixedLineStarts(text) : plainLineStarts(text);
}

function plainLineStarts(text: string): Uint32Array {
  starts.length = 0;
  starts.push(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return new Uint32Array(starts.items.subarray(0, starts.length));
}

function mixedLineStarts(text: string): Uint32Array {
  starts.length = 0;
  starts.push(0);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 13) continue;
    if (unit === 10) starts.push(i + 1);
    else if (unit === 13 && text.charCodeAt(i + 1) !== 10) starts.push(i + 1);
  }
  return new Uint32Array(starts.items.subarray(0, starts.length));
}
