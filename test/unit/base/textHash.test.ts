import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextHash } from '../../../server/src/base/textHash';

function hashOf(parts: readonly (string | number)[]): string {
  const hash = new TextHash();
  for (const part of parts) {
    if (typeof part === 'string') hash.text(part);
    else hash.number(part);
  }
  return hash.digest();
}

describe('text hash', () => {
  it('is the same in every process', () => {
    expect(hashOf(['a', 1, 'näme'])).toBe(hashOf(['a', 1, 'näme']));
    expect(hashOf(['a', 1, 'näme'])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells texts from each other wherever they are cut', () => {
    const part = fc.oneof(fc.string({ maxLength: 4 }), fc.integer());
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const key = JSON.stringify(parts);
        const hash = hashOf(parts);
        expect(seen.get(hash) ?? key).toBe(key);
        seen.set(hash, key);
      }),
      { numRuns: 2_000 },
    );
  });
});
