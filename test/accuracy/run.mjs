/**
 * `npm run accuracy [-- options]`: measures detection on published packages with known vulnerabilities. Builds the
 * product and this program, then runs it. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { typescriptParser } from '../../server/tools/typescriptParser.mjs';

const root = path.join(import.meta.dirname, '../..');
const output = path.join(root, 'dist-test/accuracy');

if (!process.argv.includes('--no-build')) {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
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
  entryPoints: ['test/accuracy/main.ts'],
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  external: ['typescript'],
});
await build({ ...common, entryPoints: ['test/accuracy/scanChild.ts'], format: 'cjs', plugins: [typescriptParser] });
const { main } = await import(pathToFileURL(path.join(output, 'main.mjs')).href);
process.exitCode = await main(
  process.argv.slice(2).filter((argument) => argument !== '--no-build'),
  {
    table: path.join(import.meta.dirname, 'packages.json'),
    child: path.join(output, 'scanChild.js'),
    dist: path.join(root, 'dist'),
  },
);
