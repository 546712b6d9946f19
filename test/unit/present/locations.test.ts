import { describe, expect, it } from 'vitest';
import { contains, pathOf, shortNameIn, uriOf } from '../../../server/src/present/locations';

describe('uris', () => {
  it('come back as the path they were made of', () => {
    for (const path of ['/w/a b.ts', '/w/ä#1%.ts', '/w/😀/x.ts', "/w/it's.ts"]) expect(pathOf(uriOf(path))).toBe(path);
  });
  it('of folders have no slash at the end', () => {
    expect(pathOf('file:///w/src/')).toBe('/w/src');
    expect(pathOf('file:///')).toBe('/');
  });
  it('are paths only for files', () => {
    expect(pathOf('untitled:Untitled-1')).toBeUndefined();
    expect(pathOf('git:/w/a.ts?x')).toBeUndefined();
  });
});

describe('shortNameIn', () => {
  it('is relative to the innermost root, with its name when there are several', () => {
    expect(shortNameIn(['/w'], '/w/src/a.ts')).toBe('src/a.ts');
    expect(shortNameIn(['/w', '/w/pkg'], '/w/pkg/a.ts')).toBe('pkg/a.ts');
    expect(shortNameIn(['/w'], '/world/a.ts')).toBe('/world/a.ts');
  });
});

describe('contains', () => {
  it('includes both ends', () => {
    const range = { start: { line: 1, character: 4 }, end: { line: 2, character: 3 } };
    const at = (line: number, character: number): boolean => contains(range, line, character);
    expect([at(1, 4), at(1, 99), at(2, 3)]).toEqual([true, true, true]);
    expect([at(1, 3), at(2, 4), at(0, 5), at(3, 0)]).toEqual([false, false, false, false]);
  });
});
