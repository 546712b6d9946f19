import { expect, it } from 'vitest';
import { isUnlikely as isUnlikelyFinding } from '../../../server/src/pipeline/likelihood';

type Finding = Parameters<typeof isUnlikelyFinding>[0];
const isUnlikely = (finding: Pick<Finding, 'confidence'> & Partial<Finding>): boolean =>
  isUnlikelyFinding({ sourceKinds: ['library'], rule: {}, ...finding });

it('finds a sure way likely however long it is', () => {
  expect(isUnlikely({ confidence: 3, crossings: 40 })).toBe(false);
});

it('finds a way unlikely that is not sure and crosses many functions', () => {
  expect(isUnlikely({ confidence: 2, crossings: 7 })).toBe(false);
  expect(isUnlikely({ confidence: 2, crossings: 8 })).toBe(true);
  expect(isUnlikely({ confidence: 1, crossings: 10 })).toBe(true);
});

it('finds it unlikely sooner where the rule says so', () => {
  const rule = { unsureCrossings: 4 };
  expect(isUnlikely({ confidence: 2, crossings: 4, rule })).toBe(false);
  expect(isUnlikely({ confidence: 2, crossings: 5, rule })).toBe(true);
  expect(isUnlikely({ confidence: 1, crossings: 9, rule })).toBe(false);
  expect(isUnlikely({ confidence: 3, crossings: 40, rule })).toBe(false);
});

it('counts ways through a package that nobody describes for themselves', () => {
  const rule = { guessedCrossings: 1 };
  expect(isUnlikely({ confidence: 1, crossings: 1, rule })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 2, rule })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 2, rule })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 2, rule, sourceKinds: ['remote'] })).toBe(false);
});

it('but not what others send, which has to be followed exactly whatever the rule', () => {
  const rule = { unsureCrossings: 4 };
  expect(isUnlikely({ confidence: 2, crossings: 5, rule, sourceKinds: ['library', 'remote'] })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 3, rule, sourceKinds: ['remote'] })).toBe(false);
  expect(isUnlikely({ confidence: 2, crossings: 4, sourceKinds: ['remote'] })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 4, sharedPlaces: 1, sourceKinds: ['remote'] })).toBe(false);
});

it('asks for more where the rule says so of others than callers', () => {
  const rule = { unsureCrossings: 4, unsureCrossingsOfOthers: 0 };
  expect(isUnlikely({ confidence: 2, crossings: 1, rule, sourceKinds: ['remote'] })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 0, rule, sourceKinds: ['remote'] })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 1, rule, sourceKinds: ['remote'] })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 2, rule, sourceKinds: ['remote'] })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 1, rule })).toBe(false);
  expect(isUnlikely({ confidence: 3, crossings: 9, rule, sourceKinds: ['remote'] })).toBe(false);
});

it('counts ways of others through a package that nobody describes for themselves, where the rule does', () => {
  const rule = { unsureCrossingsOfOthers: 0, guessedCrossingsOfOthers: 0 };
  expect(isUnlikely({ confidence: 1, crossings: 0, rule, sourceKinds: ['remote'] })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 1, rule, sourceKinds: ['remote'] })).toBe(true);
  expect(isUnlikely({ confidence: 1, crossings: 1, rule })).toBe(false);
  expect(isUnlikely({ confidence: 1, crossings: 1, rule, sourceKinds: ['remote'], storedIn: ['file'] })).toBe(false);
});

it('finds unlikely what is hardly ever chosen by others', () => {
  const rule = { seldom: ['local'] };
  expect(isUnlikely({ confidence: 3, rule, sourceKinds: ['local'] })).toBe(true);
  expect(isUnlikely({ confidence: 3, rule, sourceKinds: ['local', 'remote'] })).toBe(false);
  expect(isUnlikely({ confidence: 3, sourceKinds: ['local'] })).toBe(false);
});

it('finds unlikely what is some part of what came in, kept in a shared place', () => {
  expect(isUnlikely({ confidence: 3, crossings: 1, hasGap: true })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 1, sharedPlaces: 1, sharesParts: true })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 1, sharedPlaces: 1 })).toBe(false);
});

it('takes shared places for less likely than calls', () => {
  expect(isUnlikely({ confidence: 2, crossings: 4, sharedPlaces: 2 })).toBe(false);
  expect(isUnlikely({ confidence: 2, crossings: 5, sharedPlaces: 1 })).toBe(true);
  expect(isUnlikely({ confidence: 2, crossings: 3, sharedPlaces: 3 })).toBe(true);
  expect(isUnlikely({ confidence: 1, crossings: 1, sharedPlaces: 1 })).toBe(true);
});
