/**
 * Tries many random sequences of edits: `npm run sequences -- [--count 10000] [--seed 1] [--processes 2]`. Ends with 1 when one of them does not lead to
 * the index of a clean run; what fast-check prints then names the sequence.
 */
import { availableParallelism } from 'node:os';
import { runPortions } from '../tools/runPortions.mjs';

await runPortions({
  test: 'test/property/editSequences.ts',
  isBundled: true,
  variable: 'TRIBUTARY_SEQUENCES',
  what: 'sequences',
  count: 10_000,
  portion: 250,
  processes: availableParallelism(),
});
