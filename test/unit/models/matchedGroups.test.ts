import { describe, expect, test } from 'vitest';
import { matchedParts } from '../../../server/src/taint/models/matchedGroups';

const patterns = (literal: string): (string | undefined)[] | undefined =>
  matchedParts(literal)?.parts.map(({ pattern }) => pattern);

describe('what groups of a regular expression hold', () => {
  test('is told by their part of it', () => {
    expect(patterns('/^a(\\d+)-(?:b|(?<name>\\w+))$/i')).toEqual([
      '/^(?:^a(\\d+)-(?:b|(?<name>\\w+))$)$/i',
      '/^(?:\\d+)$/i',
      '/^(?:\\w+)$/i',
    ]);
    expect(matchedParts('/(?<name>x)/')?.parts[1].name).toBe('name');
  });

  test('is not told where it depends on what stands around', () => {
    expect(patterns('/(a)(\\1)(?=b)(\\bc)((?<!d)e)(f$)/')).toEqual([
      undefined,
      '/^(?:a)$/',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('can be short', () => {
    const longest = matchedParts('/(\\d{1,4})(ab?|c)(x{0,2}y*)/')?.parts.map((part) => part.longest);
    expect(longest).toEqual([Infinity, 8, 4, Infinity]);
  });

  test('is not told of what is no expression', () => {
    expect(matchedParts('/(/')).toBeUndefined();
    expect(matchedParts('text')).toBeUndefined();
  });
});
