/**
 * `npm run accuracy [-- options]`: measures detection on published packages with known vulnerabilities. Builds what it
 * needs of the product into a folder of its own, so that no other build or run disturbs it, and runs it.
 * `--help` lists the options.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { parse as parseYaml } from 'yaml';
import { typescriptParser } from '../../server/tools/typescriptParser.mjs';

const root = path.join(import.meta.dirname, '../..');
mkdirSync(path.join(root, 'dist-test'), { recursive: true });
const output = mkdtempSync(path.join(root, 'dist-test/accuracy-'));

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
  packages: 'external',
});
await build({
  ...common,
  entryPoints: ['test/accuracy/scanChild.ts', 'server/src/extractWorker.ts'],
  entryNames: '[name]',
  format: 'cjs',
  plugins: [typescriptParser],
});
copyFileSync(path.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), path.join(output, 'sql-wasm.wasm'));
const modelFolder = path.join(root, 'server/models');
const models = readdirSync(modelFolder, { recursive: true })
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map((file) => ({
    name: file.replace(/\.yaml$/, ''),
    document: parseYaml(readFileSync(path.join(modelFolder, file), 'utf8')),
  }));
writeFileSync(path.join(output, 'models.json'), JSON.stringify(models));

const { main } = await import(pathToFileURL(path.join(output, 'main.mjs')).href);
process.on('exit', () => rmSync(output, { recursive: true, force: true }));
process.exitCode = await main(process.argv.slice(2), {
  table: path.join(import.meta.dirname, 'packages.json'),
  child: path.join(output, 'scanChild.js'),
  dist: output,
});
