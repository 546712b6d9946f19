import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEncoding, decodeColumn, encodeColumn } from '../../../server/src/session/positionEncoding';

describe('chooseEncoding', () => {
  it('is UTF-16 whenever it may be', () => {
    expect(chooseEncoding(undefined)).toBe('utf-16');
    expect(chooseEncoding(['utf-8', 'utf-16'])).toBe('utf-16');
    expect(chooseEncoding(['latin-1'])).toBe('utf-16');
  });
  it('honours a client that has no UTF-16', () => {
    expect(chooseEncoding(['utf-32', 'utf-8'])).toBe('utf-8');
    expect(chooseEncoding(['utf-32'])).toBe('utf-32');
  });
});

describe('columns', () => {
  it('count bytes, code units and code points', () => {
    const line = 'aé😀b';
    expect([0, 1, 2, 4, 5].map((column) => encodeColumn(line, column, 'utf-8'))).toEqual([0, 1, 3, 7, 8]);
    expect([0, 1, 2, 4, 5].map((column) => encodeColumn(line, column, 'utf-32'))).toEqual([0, 1, 2, 3, 4]);
    expect(encodeColumn(line, 99, 'utf-8')).toBe(8);
  });
  it('come back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('utf-8' as const, 'utf-32' as const),
        (line, encoding) => {
          for (let column = 0, i = 0; i <= line.length; i = column) {
            expect(decodeColumn(line, encodeColumn(line, column, encoding), encoding)).toBe(column);
            column += (line.codePointAt(column) ?? 0) > 0xffff ? 2 : 1;
          }
        },
      ),
    );
  });
});
