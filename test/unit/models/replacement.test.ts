import { describe, expect, it } from 'vitest';
import { compileModels } from '../../../server/src/taint/models';
import { strippedBy } from '../../../server/src/taint/models/replacement';
import { shipped } from './shipped';

const stripped = (pattern: string, isRegex = true) => {
  const isStripped = strippedBy(pattern, isRegex);
  return Array.from('<>&"\'\n\r ./\\aZ0_-;').filter(isStripped).join('');
};

describe('what a pattern strips', () => {
  it.each([
    ['/</g', '<'],
    ['/[<>&"\']/g', '<>&"\''],
    ['/[\\r\\n]+/g', '\n\r'],
    ['/\\r|\\n/g', '\n\r'],
    ['/(?:<|>)/g', '<>'],
    ['/([.*+?^${}()|[\\]\\\\\\/])/g', './\\'],
    ['/[^a-z0-9]/gi', '<>&"\'\n\r ./\\_-;'],
    ['/[^\\w.-]+/g', '<>&"\'\n\r /\\;'],
    ['/\\W/g', '<>&"\'\n\r ./\\-;'],
    ['/\\s+/g', '\n\r '],
    ['/[\\w-]/g', 'aZ0_-'],
    ['/\\//g', '/'],
    ['/[+-.]/g', '.-'],
  ])('%s', (pattern, expected) => {
    expect(Array.from(stripped(pattern)).sort()).toEqual(Array.from(expected).sort());
  });

  it.each([
    '/</',
    '/<+?/g',
    '/<*/g',
    '/<\\/script>/g',
    '/\\.\\.\\//g',
    '/^</g',
    '/<$/g',
    '/(<)>/g',
    '/[<]{2}/g',
    '/./g',
    '/<b/g',
    '/(?<!a)</g',
    '/\\p{L}/gu',
    '/',
    '',
  ])('nothing surely: %s', (pattern) => {
    expect(stripped(pattern)).toBe('');
  });

  it('texts, every occurrence of which is replaced', () => {
    expect(stripped('<', false)).toBe('<');
    expect(stripped('..', false)).toBe('');
  });
});

describe('what becomes harmless', () => {
  const models = compileModels(shipped.documents);
  const removes = (pattern: string, by: string | undefined, isRegex = true) =>
    models.kindName(models.replacementRemoves(pattern, isRegex, by));
  const BLANKS = models.kindBit('slow-blanks');

  it('follows from the characters that a kind needs', () => {
    expect(removes('/</g', '&lt;')).toBe('html, dom-html, selector, xxe');
    expect(removes('/[&<>"]/g', undefined)).toBe('html, dom-html, selector, xxe');
    expect(removes('/[\\r\\n]/g', '')).toBe('header, log');
    expect(removes('/\\n/g', ' ')).toBe('log');
    expect(removes('/[.*+?^${}()|[\\]\\\\]/g', '\\$&')).toBe('regex');
    expect(removes('/[^a-zA-Z0-9]/g', '')).toMatch(/command.*code.*sql.*path.*html/);
    expect(removes('/[^\\w.-]/g', '_')).toContain('path');
  });

  it('follows from runs that leave one character', () => {
    const isTidy = (pattern: string, by: string) => models.replacementRemoves(pattern, true, by) & BLANKS;
    for (const pattern of ['/\\s+/g', '/\\s{2,}/g', '/\\s\\s+/g', '/[\\s]{1,}/g', '/[^\\w]+/g'])
      expect(isTidy(pattern, ' '), pattern).toBe(BLANKS);
    for (const pattern of ['/\\s/g', '/\\s+/', '/ +/g', '/\\s+x/g', '/\\n{3,}/g', '/\\s+?/g'])
      expect(isTidy(pattern, ' '), pattern).toBe(0);
    expect(isTidy('/\\s+/g', '  ')).toBe(0);
    expect(isTidy('/\\s/g', '')).toBe(BLANKS);
  });

  it('follows from where a text is split, of runs alone', () => {
    const pieces = (pattern: string, isRegex = true) => models.splitRemoves(pattern, isRegex);
    expect(pieces('/\\s+/')).toBe(BLANKS);
    expect(pieces('/\\s/')).toBe(BLANKS);
    expect(pieces('/[\\s,]+/')).toBe(BLANKS);
    expect(pieces('/[\\\\/]/')).toBe(0);
    expect(pieces(' ', false)).toBe(0);
  });

  it('does not where the match is put back, or the same characters come instead', () => {
    expect(removes('/[&<>]/g', '<b>')).toBe('');
    expect(removes('/</g', '$&')).toBe('');
    expect(removes('/\\n/g', '\r\n')).toBe('');
    expect(removes('/\\s+/g', ' ')).not.toContain('command');
    expect(removes('/\\.\\.\\//g', '')).toBe('');
    expect(removes("/'/g", "''")).toBe('');
    expect(removes('<', '&lt;', false)).toBe('html, dom-html, selector, xxe');
  });
});
