/**
 * After any sequence of edits the whole index, and all findings, are those of a clean run over the same files. `TRIBUTARY_SEQUENCES` says how
 * many sequences are tried, `TRIBUTARY_SEED` with which numbers they begin.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSequence, STEP_KINDS, type Step } from './sequence';

const SEQUENCES = Number(process.env['TRIBUTARY_SEQUENCES'] ?? 200);
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 1);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat({ max: STEP_KINDS.length - 1 }),
  seed: fc.nat({ max: 1 << 20 }),
  edits: fc.array(fc.nat({ max: 1 << 16 }), { minLength: 1, maxLength: 3 }),
});

describe('a sequence of edits', () => {
  it(`leads to the index of a clean run (${String(SEQUENCES)} sequences)`, { timeout: 0 }, async () => {
    let steps = 0;
    let withFindings = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 1 << 24 }),
        fc.array(step, { minLength: 4, maxLength: 12 }),
        async (seed, sequence) => {
          const seen = await checkSequence(seed, sequence);
          steps += seen.steps;
          withFindings += seen.withFindings;
        },
      ),
      { numRuns: SEQUENCES, seed: SEED, endOnFailure: process.env['TRIBUTARY_SHRINK'] !== '1' },
    );
    expect(withFindings / steps).toBeGreaterThan(0.5);
  });
});
