/**
 * Runs a test that tries something many times over, in portions: each is a process of its own, so that the memory of the tests' runner stays small.
 * The test reads how many it is to try, and the number to begin with, from the environment.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Takes `--count`, `--seed` and `--processes` from the command line. `test` is a path below the repository, `variable` what the count is passed in,
 * `what` a plural for messages; `isBundled` says that the test is run as a bundle. Sets the exit code: 1 when a portion failed, whose output is then printed.
 */
export async function runPortions({
  test,
  isBundled = false,
  variable,
  what,
  count: usual,
  portion: size,
  processes: usually = 1,
}) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: String(usual) },
      seed: { type: 'string', default: '1' },
      processes: { type: 'string', default: String(usually) },
    },
  });
  const [count, seed, processes] = [values.count, values.seed, values.processes].map(Number);
  if (![count, seed, processes].every(Number.isInteger) || count < 1 || processes < 1) {
    console.error('--count, --seed and --processes take whole numbers.');
    process.exit(2);
  }
  const portions = [];
  for (let from = 0; from < count; from += size) {
    portions.push({ seed: seed + portions.length, count: Math.min(size, count - from) });
  }
  const total = portions.length;
  let done = 0;
  let failed = 0;
  const command = isBundled
    ? [path.join(root, 'test/tools/bundledTest.mjs'), test]
    : [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', test];
  const run = (portion) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, command, {
        cwd: root,
        env: {
          ...process.env,
          [variable]: String(portion.count),
          TRIBUTARY_SEED: String(portion.seed),
          NO_COLOR: '1',
        },
      });
      let output = '';
      child.stdout.on('data', (text) => (output += text));
      child.stderr.on('data', (text) => (output += text));
      child.on('close', (code) => {
        done += portion.count;
        if (code !== 0) {
          failed++;
          console.log(output);
        } else for (const line of output.split('\n')) if (line.startsWith('{')) console.log(line);
        console.log(`${done} of ${count} ${what}, ${failed} of ${total} portions failed (seed ${portion.seed})`);
        resolve();
      });
    });
  await Promise.all(
    Array.from({ length: processes }, async () => {
      for (let portion = portions.shift(); portion !== undefined; portion = portions.shift()) await run(portion);
    }),
  );
  process.exitCode = failed === 0 ? 0 : 1;
}
