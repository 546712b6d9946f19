/** Sequences of edits that once did not lead to the index of a clean run, each with what it was. */
import { describe, it } from 'vitest';
import { checkSequence, type Step } from './sequence';

const KNOWN: Readonly<Record<string, readonly [seed: number, steps: readonly Step[]]>> = {
  'an export is dropped, and the process ends before that is saved': [
    4,
    [
      { kind: 11, seed: 575780, edits: [21513, 63115, 26569] },
      { kind: 4, seed: 924812, edits: [18008] },
      { kind: 8, seed: 328898, edits: [34499, 53940] },
      { kind: 11, seed: 458115, edits: [30356, 49283, 54342] },
      { kind: 14, seed: 625488, edits: [49408, 15761] },
      { kind: 10, seed: 427564, edits: [51411, 42489, 3796] },
      { kind: 11, seed: 859830, edits: [45341] },
      { kind: 10, seed: 583971, edits: [48576] },
      { kind: 2, seed: 61495, edits: [6706, 61081] },
      { kind: 13, seed: 1029368, edits: [46557, 11553, 31699] },
    ],
  ],
};

describe('a sequence that once led elsewhere', () => {
  it.each(Object.entries(KNOWN))('%s', { timeout: 0 }, async (_what, [seed, steps]) => {
    await checkSequence(seed, steps);
  });
});
