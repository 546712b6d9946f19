/**
 * Tries many random sequences of edits: `npm run sequences -- [--count 10000] [--seed 1] [--processes 2]`. Ends with 1 when one of them does not lead to
 * the index of a clean run; what fast-check prints then names the sequence.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
  },
});
const [count, seed, processes] = [values.count, values.seed, values.processes].map(Number);
if (![count, seed, processes].every(Number.isInteger) || count < 1 || processes < 1) {
  console.error('--count, --seed and --processes take whole numbers.');
  process.exit(2);
}

/** Sequences a process tries before it is replaced by another one: memory of the tests' runner stays small. */
const PORTION = 250;
const portions = [];
for (let from = 0; from < count; from += PORTION) {
  portions.push({ seed: seed + portions.length, count: Math.min(PORTION, count - from) });
}

const total = portions.length;
let done = 0;
let failed = 0;

function run(portion) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/property/incremental.test.ts'],
      {
        cwd: root,
        env: {
          ...process.env,
          TRIBUTARY_SEQUENCES: String(portion.count),
          TRIBUTARY_SEED: String(portion.seed),
          NO_COLOR: '1',
        },
      },
    );
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('close', (code) => {
      done += portion.count;
      if (code !== 0) {
        failed++;
        console.log(output);
      }
      console.log(`${done} of ${count} sequences, ${failed} of ${total} portions failed (seed ${portion.seed})`);
      resolve();
    });
  });
}

await Promise.all(
  Array.from({ length: processes }, async () => {
    for (let portion = portions.shift(); portion !== undefined; portion = portions.shift()) await run(portion);
  }),
);
process.exitCode = failed === 0 ? 0 : 1;
