import { describe, expect, it } from 'vitest';
import { C_ELEMENT, EMPTY, MAX_LENGTH, PathTable } from '../../../server/src/taint/accessPaths';
import { meet } from '../../../server/src/taint/facts';

describe('PathTable', () => {
  it('interns equal paths once', () => {
    const paths = new PathTable();
    expect(paths.of(['a', 'b'])).toBe(paths.cons(paths.property('a'), paths.of(['b'])));
  });

  it('cuts what is too deep to "anything below"', () => {
    const paths = new PathTable();
    let path = EMPTY;
    for (const name of ['e', 'd', 'c', 'b', 'a']) path = paths.cons(paths.property(name), path);
    expect(paths.components(path)).toEqual(['a', 'b', '*']);
    expect(paths.length(path)).toBe(MAX_LENGTH);
  });

  it('keeps property names apart from components that look alike', () => {
    const paths = new PathTable();
    expect(paths.property('[]')).not.toBe(C_ELEMENT);
    expect(paths.isArgument(paths.property('(0)'))).toBe(false);
    expect(paths.isArgument(paths.component('(0)'))).toBe(true);
  });
});

describe('meet', () => {
  const paths = new PathTable();
  const result = (written: string[], read: string[]): unknown => {
    const found = meet(paths, paths.of(written), paths.of(read));
    return found === undefined
      ? undefined
      : { rest: paths.components(found.rest), wanted: paths.components(found.wanted), certain: found.certain };
  };

  it('leaves what the longer side has more', () => {
    expect(result(['a', 'b'], ['a'])).toEqual({ rest: ['b'], wanted: [], certain: true });
    expect(result(['a'], ['a', 'b'])).toEqual({ rest: [], wanted: ['b'], certain: true });
  });

  it('separates different properties', () => {
    expect(result(['a'], ['b'])).toBeUndefined();
    expect(result(['()'], ['a'])).toBeUndefined();
    expect(result(['[]'], ['()'])).toBeUndefined();
  });

  it('lets unknown keys meet properties, without certainty', () => {
    expect(result(['[]'], ['name'])).toEqual({ rest: [], wanted: [], certain: false });
    expect(result(['0'], ['[]'])).toEqual({ rest: [], wanted: [], certain: true });
  });

  it('keeps "anything below" until the read is satisfied', () => {
    expect(result(['a', '*'], ['a', 'b', 'c'])).toEqual({ rest: ['*'], wanted: [], certain: false });
  });
});
