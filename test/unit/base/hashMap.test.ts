import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { HashMap } from '../../../server/src/base/hashMap';

describe('HashMap', () => {
  it('does what a map does, whatever is set and deleted', () => {
    const key = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
    const step = fc.record({ key, value: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const map = new HashMap();
        const expected = new Map<number, number>();
        for (const { key, value } of steps) {
          if (value % 3 === 1) {
            map.delete(key);
            expected.delete(key);
          } else {
            map.set(key, value);
            expected.set(key, value);
          }
          expect(map.size).toBe(expected.size);
        }
        for (const { key } of steps) {
          expect(map.get(key)).toBe(expected.get(key) ?? 0);
          expect(map.has(key)).toBe(expected.has(key));
        }
      }),
    );
  });

  it('does not grow by keys that come and go', () => {
    const map = new HashMap();
    for (let key = 1; key < 100_000; key++) {
      map.set(key, key);
      if (key > 10) map.delete(key - 10);
    }
    expect(map.size).toBe(10);
    expect(map).toHaveProperty('keys.length', 32);
  });
});
