import { describe, expect, it } from 'vitest';
import { lineStartsOf } from '../../../server/src/base/lines';
import type { Dialect } from '../../../server/src/model/graph';
import { parseJavaScript } from '../../../server/src/parse/javascript';
import { tokenStart } from '../../../server/src/parse/javascript/position';

function lostTexts(text: string, dialect: Dialect = 'js'): string[] {
  return parseJavaScript(text, dialect).lost.map(([start, end]) => text.slice(start, end));
}

describe('parsing', () => {
  it('takes a shebang, a byte order mark and any line ends', () => {
    for (const text of ['#!/usr/bin/env node\nf();', '\uFEFFf();', 'a();\r\nb();\rc();\u2028d();']) {
      const parsed = parseJavaScript(text, 'js');
      expect(parsed.lost).toEqual([]);
      const [first] = parsed.sourceFile.statements;
      expect(text.slice(tokenStart(text, first.pos), first.end)).toMatch(/^\w\(\);$/);
    }
  });

  it('reads each dialect as such', () => {
    expect(lostTexts('const a = <div>{b}</div>;', 'js')).toEqual([]);
    expect(lostTexts('const a = <T>(b: T): T => b;', 'ts')).toEqual([]);
    expect(lostTexts('const a = <div>{b as string}</div>;', 'tsx')).toEqual([]);
    expect(lostTexts('declare function f(a: string): void;', 'dts')).toEqual([]);
    expect(lostTexts('const a = <div>{b}</div>;', 'ts')).not.toEqual([]);
  });

  it('keeps lost ranges tight', () => {
    expect(lostTexts('a();\nlet x = ;\nb();')).toEqual(['let x = ;']);
    expect(lostTexts('function f() { a(); let x = 1 +; b(); }')).toEqual(['let x = 1 +;']);
    expect(lostTexts('class A { m() { a(); } x = = 1; n() {} }')[0]).toMatch(/^x = = 1/);
    expect(lostTexts('(function () { a(); if (b c) { d(); } e(); })();').join()).not.toContain('a()');
  });

  it('says when the parser had to give up', () => {
    const text = '['.repeat(50_000);
    expect(parseJavaScript(text, 'js')).toMatchObject({ useless: true, lost: [[0, text.length]] });
  });
});

describe('positions', () => {
  it('finds the first character of a token behind white space and comments', () => {
    const text = ' \t/* a */ // b\r\n\u00a0\ufeff /**/x / y';
    expect(text[tokenStart(text, 0)]).toBe('x');
    expect(text[tokenStart(text, text.indexOf(' / y'))]).toBe('/');
    expect(tokenStart('// only', 0)).toBe(7);
    expect(tokenStart('/* open', 0)).toBe(7);
  });

  it('knows where lines start', () => {
    expect([...lineStartsOf('a\nb\r\nc\rd\u2028e\n')]).toEqual([0, 2, 5, 7, 11]);
    expect([...lineStartsOf('a\n\nb')]).toEqual([0, 2, 3]);
    expect([...lineStartsOf('')]).toEqual([0]);
  });
});
