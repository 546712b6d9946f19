import { describe, expect, it } from 'vitest';
import { hasClassOf, hasRelatedClass, percentile, windowOf } from './score';

function linesOf(text: string, line: number, column?: number): number[] {
  const window = windowOf(text, 'a.js', line, column);
  return text.split('\n').flatMap((_, index) => (window.has(index + 1) ? [index + 1] : []));
}

describe('where a sink counts', () => {
  const filler = (count: number): string => Array.from({ length: count }, (_, i) => `x${String(i)};`).join('\n');

  it('is within two lines', () => {
    expect(linesOf(filler(10), 5)).toEqual([3, 4, 5, 6, 7]);
    expect(linesOf(filler(10), 1)).toEqual([1, 2, 3]);
  });

  it('is anywhere in the same statement', () => {
    const text = `${filler(3)}\nexec(\n  a,\n  b,\n  c,\n  d,\n  e\n);\n${filler(3)}`;
    expect(linesOf(text, 4)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(linesOf(text, 9)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('is not in functions that the statement happens to hold', () => {
    const text = `module.exports = function () {\n${filler(8)}\nexec(a);\n${filler(8)}\n};`;
    expect(linesOf(text, 1)).toEqual([1, 2, 3, 19]);
    expect(linesOf(text, 10)).toEqual([8, 9, 10, 11, 12]);
  });

  it('counts the callback that holds the line, down to the inner statement', () => {
    const text = `run(function () {\n${filler(6)}\n  go(\n    1,\n    2,\n    3,\n    4);\n${filler(6)}\n});`;
    expect(linesOf(text, 8)).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });

  it('follows the column where one line holds several statements', () => {
    const text = `a(); exec(\n1,\n2,\n3,\n4);\n${filler(4)}`;
    expect(linesOf(text, 1, 1)).toEqual([1, 2, 3]);
    expect(linesOf(text, 1, 6)).toEqual([1, 2, 3, 4, 5]);
  });

  it('survives a line that the file does not have', () => {
    expect(linesOf('a;', 99)).toEqual([]);
  });
});

describe('classes', () => {
  it('go by rule, and by CWE where the table has no class', () => {
    expect(hasClassOf({ rule: 'regex-injection', cwe: [730] }, { class: 'redos', cwe: 'CWE-1333' })).toBe(true);
    expect(hasClassOf({ rule: 'code-injection', cwe: [94] }, { class: 'command-injection', cwe: 'CWE-94' })).toBe(
      false,
    );
    expect(hasClassOf({ rule: 'code-injection', cwe: [94] }, { class: 'other', cwe: 'CWE-94' })).toBe(true);
    expect(hasClassOf({ rule: 'code-injection', cwe: [94] }, { class: 'other', cwe: 'CWE-20' })).toBe(false);
  });
});

describe('related classes', () => {
  it('tell of the same flaw under another name', () => {
    const found = (rule: string, row: { class: string; cwe: string }): boolean => hasRelatedClass({ rule }, row);
    expect(found('code-injection', { class: 'command-injection', cwe: 'CWE-77' })).toBe(true);
    expect(found('path-traversal', { class: 'command-injection', cwe: 'CWE-77' })).toBe(false);
    expect(found('code-injection', { class: 'other', cwe: 'CWE-693' })).toBe(true);
    expect(found('path-traversal', { class: 'other', cwe: 'CWE-693' })).toBe(false);
    expect(found('command-injection', { class: 'other', cwe: 'CWE-20' })).toBe(true);
    expect(found('code-injection', { class: 'path-traversal', cwe: 'CWE-20' })).toBe(false);
  });
});

describe('percentile', () => {
  it('takes the nearest rank', () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(percentile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(percentile([7], 0.5)).toBe(7);
    expect(percentile([], 0.5)).toBe(0);
  });
});
