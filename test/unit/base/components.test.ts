import { describe, expect, it } from 'vitest';
import { stronglyConnectedComponents } from '../../../server/src/base/components';

const components = (edges: Record<string, string[]>, roots = Object.keys(edges)): string[][] =>
  stronglyConnectedComponents(roots, (node: string) => edges[node] ?? []).map((members) => members.sort());

describe('stronglyConnectedComponents', () => {
  it('gives callees before callers', () => {
    expect(components({ a: ['b'], b: ['c'], c: [] })).toEqual([['c'], ['b'], ['a']]);
  });

  it('keeps cycles together', () => {
    expect(components({ a: ['b'], b: ['c', 'd'], c: ['a'], d: [] })).toEqual([['d'], ['a', 'b', 'c']]);
  });

  it('only visits what the roots reach', () => {
    expect(components({ a: ['b'], b: [], x: ['a'] }, ['a'])).toEqual([['b'], ['a']]);
  });

  it('does not overflow on long chains', () => {
    const result = stronglyConnectedComponents([0], (n) => (n < 200_000 ? [n + 1] : []));
    expect(result.length).toBe(200_001);
  });
});
