/**
 * `npm run bench [-- options]`: speed and memory on a pinned corpus of published packages. Builds the product (as it is
 * shipped) and this program, then runs it. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { typescriptParser } from '../../server/tools/typescriptParser.mjs';

const root = path.join(import.meta.dirname, '../..');
mkdirSync(path.join(root, 'dist-test'), { recursive: true });
const output = mkdtempSync(path.join(root, 'dist-test/bench-'));

if (!process.argv.includes('--no-build')) {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(2);
}
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  outdir: output,
  absWorkingDir: root,
};
await build({
  ...common,
  entryPoints: ['test/bench/main.ts'],
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  packages: 'external',
});
const measured = ['parseRun', 'parseWorker', 'indexRun'].map((name) => `test/bench/${name}.ts`);
await build({
  ...common,
  entryPoints: measured,
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [typescriptParser],
});
// A copy, so that no other build disturbs a run.
const dist = path.join(output, 'dist');
cpSync(path.join(root, 'dist'), dist, { recursive: true });
process.on('exit', () => rmSync(output, { recursive: true, force: true }));
const { main } = await import(pathToFileURL(path.join(output, 'main.mjs')).href);
process.exitCode = await main(
  process.argv.slice(2).filter((argument) => argument !== '--no-build'),
  { corpus: path.join(import.meta.dirname, 'corpus.json'), programs: output, dist },
);
