/**
 * Builds `dist/`: the client, the server, its workers and the command line as bundles, and beside them what they
 * load at run time: SQLite as WASM, the models and rules compiled from YAML to one JSON file, and the licences of
 * everything bundled.
 *
 *     node esbuild.mjs [--watch] [--production]
 *
 * `--production` minifies and leaves source maps out; it is what goes into the VSIX.
 */
import { build, context } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { lateExtraction } from './server/tools/lateExtraction.mjs';
import { sqlBlobs } from './server/tools/sqlBlobs.mjs';
import { typescriptParser } from './server/tools/typescriptParser.mjs';

const root = import.meta.dirname;
const outputFolder = path.join(root, 'dist');
const modelsFolder = path.join(root, 'server/models');
const production = process.argv.includes('--production');
const watching = process.argv.includes('--watch');

/** Name in `dist/` → entry point. */
const entryPoints = {
  client: 'client/src/extension.ts',
  server: 'server/src/main.ts',
  analysisWorker: 'server/src/analysisWorker.ts',
  extractWorker: 'server/src/extractWorker.ts',
  checksumWorker: 'server/src/checksumWorker.ts',
  extraction: 'server/src/extraction.ts',
  cli: 'server/src/cli.ts',
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Names stay: they make the stack traces users send readable, and cost little beside the parser.
  minifySyntax: production,
  minifyWhitespace: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  metafile: true,
  // A name that the parser's part of the typescript package does not have would be undefined at run time.
  logOverride: { 'import-is-undefined': 'error' },
  logLevel: 'warning',
};

function presentEntryPoints() {
  const present = {};
  for (const [name, file] of Object.entries(entryPoints)) {
    if (existsSync(path.join(root, file))) present[name] = file;
    else console.warn(`esbuild: ${file} does not exist, dist/${name}.js is not built`);
  }
  return present;
}

/** Writes `dist/models.json`: every YAML document under `server/models/`, as `{name, document, isShipped: true}`, sorted by name. */
function compileModels() {
  if (!existsSync(modelsFolder)) {
    console.warn('esbuild: server/models does not exist, dist/models.json is not built');
    return;
  }
  const files = readdirSync(modelsFolder, { recursive: true })
    .map((file) => String(file).replaceAll(path.sep, '/'))
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
  const documents = files.map((file) => {
    const text = readFileSync(path.join(modelsFolder, file), 'utf8');
    try {
      return { name: file.replace(/\.ya?ml$/, ''), document: parseYaml(text), isShipped: true };
    } catch (error) {
      throw new Error(`server/models/${file} is not valid YAML: ${error.message}`, { cause: error });
    }
  });
  writeFileSync(path.join(outputFolder, 'models.json'), JSON.stringify(documents));
}

function packageFolder(name) {
  return path.join(root, 'node_modules', name);
}

/** Copies what the bundles load at run time. */
function copyRuntimeFiles() {
  copyFileSync(path.join(packageFolder('sql.js'), 'dist/sql-wasm.wasm'), path.join(outputFolder, 'sql-wasm.wasm'));
}

/** Writes the licence of every package of which code is in `dist/` to `dist/LICENSES.txt`. */
function writeLicences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input)?.[1];
    if (name) packages.add(name);
  }
  const sections = [...packages].sort().map((name) => {
    const folder = packageFolder(name);
    if (!existsSync(folder)) return undefined;
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|thirdpartynotice|notice)/i.test(file))
      .map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
  });
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  writeFileSync(path.join(outputFolder, 'LICENSES.txt'), `${sections.filter(Boolean).join(line)}\n`);
}

/** Removes what an earlier build left, such as source maps. Last, so that `dist/` is usable all the while. */
function removeStaleFiles(metafile) {
  const current = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
  for (const file of ['sql-wasm.wasm', 'models.json', 'LICENSES.txt']) current.add(file);
  for (const file of readdirSync(outputFolder)) {
    if (!current.has(file)) rmSync(path.join(outputFolder, file), { recursive: true });
  }
}

mkdirSync(outputFolder, { recursive: true });
const options = {
  ...common,
  entryPoints: presentEntryPoints(),
  outdir: 'dist',
  external: ['vscode'],
  plugins: [typescriptParser, sqlBlobs, lateExtraction],
};
if (watching) {
  const bundles = await context({ ...options, logLevel: 'info' });
  copyRuntimeFiles();
  compileModels();
  await bundles.watch();
  if (existsSync(modelsFolder)) {
    watch(modelsFolder, { recursive: true }, () => {
      try {
        compileModels();
      } catch (error) {
        console.error(error.message);
      }
    });
  }
} else {
  copyRuntimeFiles();
  compileModels();
  const { metafile } = await build(options).catch((error) => {
    // esbuild has printed what is wrong and where.
    console.error(error.message.split('\n')[0]);
    process.exit(1);
  });
  writeLicences(metafile);
  removeStaleFiles(metafile);
}
