/**
 * No damage of a stored index leads to a wrong one. `TRIBUTARY_DAMAGES` says how many are tried, `TRIBUTARY_SEED` with which numbers it begins.
 */
import { describe, expect, it } from 'vitest';
import { damageRepeatedly } from './damages';

const DAMAGES = Number(process.env['TRIBUTARY_DAMAGES'] ?? 40);
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 1);

describe('a stored index that is damaged', () => {
  it(`is noticed, told once and never wrong (${String(DAMAGES)} times)`, { timeout: 0 }, async () => {
    const { kinds, untold } = await damageRepeatedly(DAMAGES, SEED);
    if (process.env['TRIBUTARY_DAMAGES'] !== undefined) process.stdout.write(`${JSON.stringify({ kinds, untold })}\n`);
    expect(Object.values(kinds).reduce((sum, each) => sum + each, 0)).toBe(DAMAGES);
    // Single records are dropped without a word to the user; most damages are more than that.
    expect(untold).toBeLessThan(DAMAGES * 0.8);
    expect(untold).toBeGreaterThan(0);
  });
});
