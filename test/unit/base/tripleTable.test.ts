import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TripleTable } from '../../../server/src/base/tripleTable';

const triple = fc.tuple(fc.integer({ min: -3, max: 300 }), fc.nat(5), fc.integer());

describe('triple table', () => {
  it('numbers triples in the order in which they come, also when used again', () => {
    const table = new TripleTable();
    fc.assert(
      fc.property(fc.array(triple, { maxLength: 900 }), (triples) => {
        table.clear();
        const known = new Map<string, number>();
        for (const [a, b, c] of triples) {
          const key = `${String(a)} ${String(b)} ${String(c)}`;
          const expected = known.get(key);
          expect(table.find(a, b, c)).toBe(expected ?? -1);
          expect(table.add(a, b, c)).toBe(expected ?? known.size);
          if (expected === undefined) known.set(key, known.size);
        }
        expect(table.size).toBe(known.size);
        for (const [a, b, c] of triples) {
          const number = table.find(a, b, c);
          expect([table.first[number], table.second[number], table.third[number]]).toEqual([a, b, c]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
