/**
 * A day of editing in fast-forward: `npm run endurance -- [--edits 100000] [--seed 1] [--every 5000]`. Prints what the server holds as it goes; ends with 1
 * when something grew beyond its bound.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPrograms, root } from '../tools/buildPrograms.mjs';

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '5000' },
  },
});
const [edits, seed, every] = [values.edits, values.seed, values.every].map(Number);
if (![edits, seed, every].every(Number.isInteger) || edits < 1 || every < 1) {
  console.error('--edits, --seed and --every take whole numbers.');
  process.exit(2);
}
const { status } = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(2);
const { folder, exports } = await buildPrograms({
  name: 'endurance',
  main: 'test/durability/endurance.ts',
  programs: [],
});
// A copy, so that no other build disturbs the run.
const dist = path.join(folder, 'dist');
cpSync(path.join(root, 'dist'), dist, { recursive: true });
cpSync(path.join(import.meta.dirname, 'measureThread.mjs'), path.join(folder, 'measureThread.mjs'));
const work = mkdtempSync(path.join(tmpdir(), 'tributary-endurance-'));
const packages = ['eslint/lib', 'ajv/dist', 'yaml/dist', 'commander/lib', 'mocha/lib', 'js-yaml/lib'];
try {
  const { problems, samples } = await exports.endure({
    server: path.join(dist, 'server.js'),
    folder: work,
    sources: Object.fromEntries(packages.map((name) => [name.split('/')[0], path.join(root, 'node_modules', name)])),
    edits,
    seed,
    every,
    print: (line) => {
      console.log(line);
    },
  });
  for (const problem of problems) console.log(problem);
  console.log(
    `${samples.at(-1)?.edits ?? 0} edits, ${problems.length === 0 ? 'all bounds held' : 'bounds were broken'}`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
