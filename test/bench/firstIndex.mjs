/**
 * `npm run bench:first [-- options]`: what a first index of the benchmark's corpus is like while it runs. Builds the
 * product and this program, then runs it. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { buildPrograms, root } from '../tools/buildPrograms.mjs';

if (!process.argv.includes('--no-build')) {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(2);
}
const { folder, exports } = await buildPrograms({
  name: 'bench-first',
  main: 'test/bench/firstIndex.ts',
  programs: ['test/bench/commitRun.ts'],
  minify: true,
});
// A copy, so that no other build disturbs a run.
const dist = path.join(folder, 'dist');
cpSync(path.join(root, 'dist'), dist, { recursive: true });
process.exitCode = await exports.main(
  process.argv.slice(2).filter((argument) => argument !== '--no-build'),
  { corpus: path.join(import.meta.dirname, 'corpus.json'), programs: folder, dist },
);
