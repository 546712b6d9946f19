import { join } from 'node:path';
import { expect, it } from 'vitest';
import { placeOf, readLabels, readTable } from './table';

const labels = readLabels(join(import.meta.dirname, 'labels.json'));

it('speaks of rows of the table, of each once, and says why', () => {
  const rows = new Set(readTable(join(import.meta.dirname, 'packages.json')).map(placeOf));
  expect(labels.map(placeOf).filter((place) => !rows.has(place))).toEqual([]);
  expect(new Set(labels.map(placeOf)).size).toBe(labels.length);
  expect(labels.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
});
