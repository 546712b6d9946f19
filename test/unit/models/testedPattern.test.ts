import { describe, expect, it } from 'vitest';
import { readPattern } from '../../../server/src/taint/models/testedPattern';

const PROBES = Array.from(`aZ5_-./\\ ;'"<>$\n`);
const held = (has: ((character: string) => boolean) | undefined): string | undefined =>
  has === undefined ? undefined : PROBES.filter(has).join('');

describe('what a match lets through', () => {
  it.each([
    ['/^[a-z0-9]+$/', 'a5'],
    ['/^[a-z0-9]+$/i', 'aZ5'],
    ['/^(?:png|[0-9]{2,4})$/', '5'],
    ['/^\\w+(?:\\.\\w+)*$/', 'aZ5_.'],
    ['/^[^<>]*$/', `aZ5_-./\\ ;'"$\n`],
    ['/(?:^\\d+$)|(?:^x$)/', '5'],
    ['/^(?!\\.)[\\w.]+$/', 'aZ5_.'],
    ['/^.+$/', `aZ5_-./\\ ;'"<>$`],
    ['/^[\\w]+(?=x)$/', 'aZ5_'],
  ])('%s holds %j', (pattern, expected) => {
    expect(held(readPattern(pattern)?.allowed)).toBe(expected);
  });

  it.each(['/^\\w+/', '/\\w+$/', '/^a|b$/', '/^\\w+$/m', '/\\w/', '/^\\w+$|;/'])(
    '%s need not be all of it',
    (pattern) => {
      expect(readPattern(pattern)?.allowed).toBeUndefined();
    },
  );

  it('is nothing for what is no expression', () => {
    expect(readPattern('/[/')).toBeUndefined();
    expect(readPattern('text')).toBeUndefined();
  });
});

describe('what a miss rules out', () => {
  it.each([
    ['/[^a-z0-9]/', `Z_-./\\ ;'"<>$\n`],
    ['/[<>]/', '<>'],
    ["/[;&|`$]|'/", `;'$`],
    ['/(?:<|>)+/', '<>'],
    ['/\\s*<\\s*/', '<'],
    ['/^[<>]/', ''],
    ['/<\\w+>/', ''],
    ['/\\.\\./', ''],
    ['/;{2}/', ''],
  ])('%s: %j', (pattern, expected) => {
    expect(held(readPattern(pattern)?.forbidden)).toBe(expected);
  });
});

describe('what a match begins with', () => {
  it.each([
    ['/^https?:\\/\\/shop\\.example\\//', ['http://shop.example/', 'https://shop.example/']],
    ['/^https:\\/\\/shop.example\\//', ['https://shop']],
    ['/^(?:a|b)\\/\\w+$/', ['a/', 'b/']],
    ['/^\\w+$/', ['']],
    ['/^\\/(?!\\/)/', ['/']],
    ['/https:\\/\\//', []],
  ])('%s: %j', (pattern, expected) => {
    expect(readPattern(pattern)?.beginnings).toEqual(expected);
  });
});
