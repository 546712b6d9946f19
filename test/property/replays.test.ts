/** Sequences of edits that once led to another index than a clean run has. */
import { describe, it } from 'vitest';
import { checkSequence, type Step } from './sequence';

const REPLAYS: readonly { readonly name: string; readonly seed: number; readonly steps: readonly Step[] }[] = [
  {
    name: 'recursion that swings',
    seed: 3_914_427,
    steps: [
      { kind: 1, seed: 947_652, edits: [30_216] },
      { kind: 3, seed: 980_501, edits: [14, 22_073] },
      { kind: 0, seed: 476_264, edits: [41_636, 65_525, 14_473] },
      { kind: 9, seed: 263_751, edits: [65_522, 61_271] },
      { kind: 10, seed: 901_259, edits: [62_093] },
      { kind: 8, seed: 13, edits: [51_362, 36_912, 49_575] },
    ],
  },
  {
    name: 'recursion with two ends',
    seed: 16_777_208,
    steps: [
      { kind: 5, seed: 194_701, edits: [23_574, 28_648, 35_583] },
      { kind: 3, seed: 112_480, edits: [22_300, 42_032, 29_340] },
      { kind: 7, seed: 291_372, edits: [64_924] },
      { kind: 12, seed: 74_406, edits: [54_531] },
      { kind: 3, seed: 1_002_296, edits: [56_045, 13_085, 32_939] },
      { kind: 4, seed: 111_697, edits: [31_427, 5_366, 28_238] },
      { kind: 9, seed: 164_101, edits: [63_966] },
      { kind: 4, seed: 196_841, edits: [19_622] },
    ],
  },
];

describe('a sequence of edits that was once not followed right', () => {
  it.each(REPLAYS)('$name', async ({ seed, steps }) => {
    await checkSequence(seed, steps);
  });
});
