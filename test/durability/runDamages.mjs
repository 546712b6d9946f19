/** Damages a stored index many times: `npm run damages -- [--count 1000] [--seed 1]`. Ends with 1 when one of them leads to a wrong index. */
import { runPortions } from '../tools/runPortions.mjs';

await runPortions({
  test: 'test/durability/damages.test.ts',
  variable: 'TRIBUTARY_DAMAGES',
  what: 'damages',
  count: 1_000,
  portion: 100,
});
