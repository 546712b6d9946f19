import { describe, expect, it } from 'vitest';
import { isAllowListPattern } from '../../../server/src/taint/patterns';

describe('isAllowListPattern', () => {
  it.each([
    '/^[a-z0-9]+$/i',
    '/^\\w+$/',
    '/^\\d{4}-\\d{2}$/',
    '/^(?:asc|desc)$/',
    '/^[\\w.-]{1,64}$/',
    '/^(red|green)$/',
  ])('accepts %s', (pattern) => {
    expect(isAllowListPattern(pattern)).toBe(true);
  });

  it.each([
    ['/[a-z]+/', 'is not anchored'],
    ['/^[a-z]+/', 'is open at the end'],
    ['/[a-z]+$/', 'is open at the beginning'],
    ['/^.*$/', 'lets everything through'],
    ['/^[^;]+$/', 'only forbids'],
    ['/^\\S+$/', 'lets metacharacters through'],
    ['/^[a-z ;]+$/', 'has a metacharacter in its class'],
    ['/^a|b$/', 'has an alternative outside the anchors'],
    ['/^[a-z]+$/m', 'matches single lines'],
    ['/^[!-z]+$/', 'has a range over punctuation'],
    ['/^(?!x)\\w+$/', 'has a look-ahead'],
  ])('refuses %s, which %s', (pattern) => {
    expect(isAllowListPattern(pattern)).toBe(false);
  });
});
