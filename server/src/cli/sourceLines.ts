/** Lines of the scanned files, to quote in reports. */
import { readFileSync, statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { decodeText } from '../base/decodeText';
import type { LineReader } from '../present/report';

/** Larger files are not quoted from. */
const MAX_BYTES = 8 << 20;

export function sourceLines(): LineReader {
  const files = new LRUCache<string, readonly string[]>({ max: 64 });
  return (path, line) => {
    let lines = files.get(path);
    if (lines === undefined) {
      lines = readLines(path);
      files.set(path, lines);
    }
    return lines[line];
  };
}

/** None for a file that is gone or cannot be read by now: a report without the quotation is still a report. */
function readLines(path: string): readonly string[] {
  try {
    if (statSync(path).size > MAX_BYTES) return [];
    return decodeText(readFileSync(path))?.text.split(/\r\n|\r|\n/) ?? [];
  } catch {
    return [];
  }
}
