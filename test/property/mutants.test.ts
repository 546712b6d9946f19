/** The sequences of edits, or the test that it names, notice each of the planted bugs. */
import { describe, expect, it } from 'vitest';
import { runBundled } from './bundled';
import { MUTANTS } from './mutants';

/** More than any of them needs. */
const SEQUENCES = '120';

describe('a planted bug is noticed', () => {
  it.each(MUTANTS.map(({ name }, number) => ({ name, number })))('$name', { timeout: 600_000 }, async ({ number }) => {
    const { test = 'test/property/editSequences.ts', file, from, to } = MUTANTS[number];
    const { code, output } = await runBundled(test, {
      TRIBUTARY_PLANTED: JSON.stringify({ file, from, to }),
      TRIBUTARY_SEQUENCES: SEQUENCES,
    });
    expect(output).toMatch(
      MUTANTS[number].test === undefined ? /Property failed after/ : /AssertionError|Property failed after/,
    );
    expect(output).not.toContain('does not hold the place of the bug');
    expect(code).not.toBe(0);
  });
});
