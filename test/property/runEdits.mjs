/**
 * Edits real code at random and puts it back, in memory: `npm run edits -- FOLDER... [--edits 40] [--seed 1]`. Ends with 1 when anything that is known of a
 * folder afterwards is not what it was, or differs in between from what a clean run finds.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  options: { edits: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
if (![values.edits, values.seed].every((value) => Number.isInteger(Number(value)))) {
  console.error('--edits and --seed take whole numbers.');
  process.exit(2);
}
const folders = positionals.map((folder) => path.resolve(folder)).join(path.delimiter);
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/property/realCode.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      TRIBUTARY_EDITS: values.edits,
      TRIBUTARY_SEED: values.seed,
      ...(folders === '' ? {} : { TRIBUTARY_FOLDERS: folders }),
    },
  },
);
process.exitCode = status ?? 1;
