/**
 * Every taint fixture, and the sample web shop, against the real pipeline: what must be found is found, nothing else is,
 * and known weaknesses are still what they are said to be.
 */
import { describe, expect, test } from 'vitest';
import { analyseCase, readRuleIds } from './analyseCase';
import { type FixtureCase, findCases, shopCase } from './cases';
import { differences } from './compare';

const CASES = [...findCases(), shopCase()];

async function check(fixture: FixtureCase): Promise<void> {
  const { findings, statusProblems } = await analyseCase(fixture);
  const problems = [...statusProblems, ...differences(fixture, findings)];
  if (problems.length > 0) expect.fail(`\n${problems.join('\n')}\n`);
}

describe('taint fixtures', () => {
  test('name rules that exist', () => {
    const known = readRuleIds();
    const unknown = CASES.flatMap((fixture) => [...fixture.files.values()])
      .flatMap((file) => file.markers)
      .filter((marker) => !known.has(marker.rule));
    expect(unknown).toEqual([]);
  });

  test('are as many as promised', () => {
    const markers = CASES.flatMap((fixture) => [...fixture.files.values()]).flatMap((file) => file.markers);
    expect(markers.filter((marker) => marker.kind === 'flow').length).toBeGreaterThanOrEqual(150);
    expect(markers.filter((marker) => marker.kind === 'safe').length).toBeGreaterThanOrEqual(150);
  });

  for (const fixture of CASES) {
    test(fixture.name, () => check(fixture));
  }
});
