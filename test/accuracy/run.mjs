/**
 * `npm run accuracy [-- options]`: measures detection on published packages with known vulnerabilities. Builds what it
 * needs of the product and runs it. `--help` lists the options.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { buildPrograms, root } from '../tools/buildPrograms.mjs';

const { folder, exports } = await buildPrograms({
  name: 'accuracy',
  main: 'test/accuracy/main.ts',
  programs: ['test/accuracy/scanChild.ts', 'server/src/extractWorker.ts'],
});
copyFileSync(path.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), path.join(folder, 'sql-wasm.wasm'));
const modelFolder = path.join(root, 'server/models');
const models = readdirSync(modelFolder, { recursive: true })
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map((file) => ({
    name: file.replace(/\.yaml$/, ''),
    document: parseYaml(readFileSync(path.join(modelFolder, file), 'utf8')),
  }));
writeFileSync(path.join(folder, 'models.json'), JSON.stringify(models));

process.exitCode = await exports.main(process.argv.slice(2), {
  table: path.join(import.meta.dirname, 'packages.json'),
  heldout: path.join(import.meta.dirname, 'heldout.json'),
  triage: path.join(import.meta.dirname, 'triage.json'),
  labels: path.join(import.meta.dirname, 'labels.json'),
  child: path.join(folder, 'scanChild.js'),
  dist: folder,
});
