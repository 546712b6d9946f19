import { expect, it } from 'vitest';
import { EMPTY, PathTable } from '../../../server/src/taint/accessPaths';
import { maskOf, parameterRoot } from '../../../server/src/taint/references';
import { Mode, widen, type Entry } from '../../../server/src/taint/summaryTable';

const paths = new PathTable();

function entry(outPath: readonly string[]): Entry {
  return {
    inRoot: parameterRoot(0),
    inPath: EMPTY,
    inMode: Mode.Identity,
    outRoot: parameterRoot(1),
    outPath: paths.of(outPath),
    mask: maskOf(1, 3),
  };
}

const told = (entries: readonly Entry[]): string[] =>
  widen(entries, 2, paths, () => undefined).map(({ outPath }) => paths.textOf(outPath));

it('keeps changed properties of an object apart, and not what is below them', () => {
  expect(told([entry(['a']), entry(['b', 'x']), entry(['b', 'y'])])).toEqual(['a', 'b.*']);
});

it('merges very many changed properties of an object into anything in it', () => {
  const names = Array.from({ length: 9 }, (_, i) => `p${String(i)}`);
  expect(told(names.slice(1).map((name) => entry([name])))).toEqual(names.slice(1));
  expect(told(names.map((name) => entry([name])))).toEqual(['*']);
});

it('does not take functions that are called with a value for objects that hold it', () => {
  expect(told([entry(['a', '(0)']), entry(['b', '(0)']), entry(['c', '(0)'])])).toEqual(['a.(0)', 'b.(0)']);
});

it('keeps nothing apart in objects that are changed once a function does very much', () => {
  const ofInput = (input: number, count: number): Entry[] =>
    Array.from({ length: count }, (_, i) => ({ ...entry([`p${String(i)}`]), inRoot: parameterRoot(input) }));
  const few = Array.from({ length: 25 }, (_, input) => ofInput(input + 2, 2)).flat();
  expect(told(few)).toEqual(few.map(({ outPath }) => paths.textOf(outPath)));
  const many = [...few, ...ofInput(1, 1)];
  expect(told(many)).toEqual([...Array.from({ length: 25 }, () => '*'), 'p0']);
});
