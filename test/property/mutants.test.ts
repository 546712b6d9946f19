/** The sequences of edits, or the test that it names, notice each of the planted bugs. `TRIBUTARY_MUTANT` says which one is planted in a run. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
/** More than any of them needs. */
const SEQUENCES = '120';

function run(mutant: number): Promise<{ readonly code: unknown; readonly output: string }> {
  const environment = {
    ...process.env,
    TRIBUTARY_MUTANT: String(mutant),
    TRIBUTARY_SEQUENCES: SEQUENCES,
    NO_COLOR: '1',
  };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [
        resolve(ROOT, 'node_modules/vitest/vitest.mjs'),
        'run',
        MUTANTS[mutant].test ?? 'test/property/incremental.test.ts',
      ],
      { cwd: ROOT, env: environment, maxBuffer: 1 << 26 },
      (error, out, problems) => {
        done({ code: error === null ? 0 : error.code, output: out + problems });
      },
    );
  });
}

describe('a planted bug is noticed', () => {
  it.each(MUTANTS.map(({ name }, number) => ({ name, number })))('$name', { timeout: 600_000 }, async ({ number }) => {
    const { code, output } = await run(number);
    expect(output).toMatch(
      MUTANTS[number].test === undefined ? /Property failed after/ : /AssertionError|Property failed after/,
    );
    expect(output).not.toContain('does not hold the place of the bug');
    expect(code).not.toBe(0);
  });
});
