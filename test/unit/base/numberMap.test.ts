import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberMap } from '../../../server/src/base/numberMap';

it('answers like a Map, for small and for large keys', () => {
  const key = fc.oneof(
    fc.nat(40),
    fc.maxSafeNat(),
    fc.nat(9).map((n) => n * 2 ** 33),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.integer())), (entries) => {
      const map = new NumberMap();
      const expected = new Map<number, number>();
      for (const [k, v] of entries) {
        map.set(k, v);
        expected.set(k, v);
      }
      expect(map.size).toBe(expected.size);
      for (const [k, v] of expected) expect(map.get(k, -7)).toBe(v);
      for (let k = 41; k < 60; k++) if (!expected.has(k)) expect(map.get(k, -7)).toBe(-7);
    }),
  );
});
