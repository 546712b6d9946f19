import { describe, expect, it } from 'vitest';
import {
  codeSpan,
  escapeMarkdown,
  sentenceToMarkdown,
  toPlainText,
  withoutImages,
} from '../../../server/src/present/markdown';

describe('escapeMarkdown', () => {
  it('leaves nothing that is markup', () => {
    expect(escapeMarkdown('![x](http://evil) <img> *a*')).toBe('\\!\\[x\\]\\(http://evil\\) \\<img\\> \\*a\\*');
  });
  it('makes one line of many', () => {
    expect(escapeMarkdown('a\n\n# b')).toBe('a \\# b');
  });
});

describe('codeSpan', () => {
  it('fences text that holds backticks', () => {
    expect(codeSpan('a`b')).toBe('``a`b``');
    expect(codeSpan('`a')).toBe('`` `a ``');
  });
  it('is empty for nothing', () => {
    expect(codeSpan('  \n ')).toBe('');
  });
});

describe('sentenceToMarkdown', () => {
  it('keeps code and escapes the rest', () => {
    expect(sentenceToMarkdown('passed to `a*b` as [x]')).toBe('passed to `a*b` as \\[x\\]');
  });
  it('escapes a backtick that closes nothing', () => {
    expect(sentenceToMarkdown('a ` b')).toBe('a \\` b');
  });
});

describe('withoutImages', () => {
  it('turns images into links, outside code only', () => {
    expect(withoutImages('![x](y) `![a]` ```\nif (![1].x)\n```')).toBe('[x](y) `![a]` ```\nif (![1].x)\n```');
  });
});

describe('toPlainText', () => {
  it('drops markup and keeps addresses that are not files', () => {
    expect(toPlainText('**A** [CWE\\-78](https://cwe) [`a.ts:1`](file:///a.ts#L1,1) \\(x\\)')).toBe(
      'A CWE-78 (https://cwe) a.ts:1 (x)',
    );
  });
});
