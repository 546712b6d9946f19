/**
 * `npm run bench:scale [-- options]`: what indexes of 1,000 to 50,000 files cost, on corpora of pinned published packages. Builds the product (as it
 * is shipped) and this program, then runs it. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { buildPrograms, root } from '../../tools/buildPrograms.mjs';

if (!process.argv.includes('--no-build')) {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(2);
}
const programs = ['parseRun', 'parseWorker', 'indexRun', 'scale/updateRun', 'scale/lookUpRun'];
const { folder, exports } = await buildPrograms({
  name: 'scale',
  main: 'test/bench/scale/main.ts',
  programs: programs.map((name) => `test/bench/${name}.ts`),
  minify: true,
});
// A copy, so that no other build disturbs a run.
const dist = path.join(folder, 'dist');
cpSync(path.join(root, 'dist'), dist, { recursive: true });
process.exitCode = await exports.main(
  process.argv.slice(2).filter((argument) => argument !== '--no-build'),
  { packages: path.join(import.meta.dirname, 'packages.json'), programs: folder, dist },
);
