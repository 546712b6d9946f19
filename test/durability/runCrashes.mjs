/** Kills an analysing process many times: `npm run crashes -- [--count 300] [--seed 1]`. Ends with 1 when what one leaves is not whole. */
import { runPortions } from '../tools/runPortions.mjs';

await runPortions({
  test: 'test/durability/crashes.test.ts',
  variable: 'TRIBUTARY_CRASHES',
  what: 'crashes',
  count: 300,
  portion: 30,
});
