/**
 * Positions in the encoding the client chose. Inside, columns are UTF-16 code units; UTF-16 is also what nearly every
 * client speaks, so the other encodings (bytes of UTF-8, code points) are converted line by line when asked for.
 */
export type Encoding = 'utf-8' | 'utf-16' | 'utf-32';

/** UTF-16 when the client offers it (every client must), because then nothing has to be converted. */
export function chooseEncoding(offered: readonly string[] | undefined): Encoding {
  if (offered === undefined || offered.length === 0 || offered.includes('utf-16')) return 'utf-16';
  if (offered.includes('utf-8')) return 'utf-8';
  return offered.includes('utf-32') ? 'utf-32' : 'utf-16';
}

/** UTF-16 column → column in `encoding`. Past the end of the line the end is meant. */
export function encodeColumn(line: string, column: number, encoding: Encoding): number {
  if (encoding === 'utf-16') return column;
  let result = 0;
  const end = Math.min(column, line.length);
  for (let i = 0; i < end;) {
    const point = line.codePointAt(i) ?? 0;
    result += unitsOf(point, encoding);
    i += point > 0xffff ? 2 : 1;
  }
  return result;
}

/** Column in `encoding` → UTF-16 column. */
export function decodeColumn(line: string, column: number, encoding: Encoding): number {
  if (encoding === 'utf-16') return column;
  let seen = 0;
  let i = 0;
  while (i < line.length && seen < column) {
    const point = line.codePointAt(i) ?? 0;
    seen += unitsOf(point, encoding);
    i += point > 0xffff ? 2 : 1;
  }
  return i;
}

function unitsOf(point: number, encoding: 'utf-8' | 'utf-32'): number {
  if (encoding === 'utf-32') return 1;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
