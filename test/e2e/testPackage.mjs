/**
 * The packaged extension: packs it, looks at what is inside, installs it into a fresh VS Code without any source tree
 * around it, runs its command line from there, and takes the tour through the workbench.
 *
 *     node test/e2e/testPackage.mjs [--json FILE] [--pictures FOLDER]
 */
import { deepStrictEqual, ok } from 'node:assert';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { outcomeOf, reportOutcomes } from '../tools/outcomes.mjs';
import { packageExtension } from '../tools/packageExtension.mjs';
import { prepareTour } from './tour.mjs';
import { installEditor, installExtension, startServer } from './workbench.mjs';

const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
const shop = path.resolve(import.meta.dirname, '../workspaces/shop');
const run = promisify(execFile);

/** What has to be in the package; nothing else below `dist` may. */
const built = [
  'LICENSES.txt',
  'analysisWorker.js',
  'checksumWorker.js',
  'cli.js',
  'client.js',
  'extractWorker.js',
  'extraction.js',
  'models.json',
  'server.js',
  'sql-wasm.wasm',
];
const largestMegabytes = 4;

/** The only squiggles on the tour are to be the extension's, and the pictures are to show what matters. */
const tourSettings = {
  'js/ts.validate.enabled': false,
  'typescript.validate.enable': false,
  'javascript.validate.enable': false,
  'editor.minimap.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
};

const at = process.argv.indexOf('--pictures');
const temporary = realpathSync(mkdtempSync(path.join(tmpdir(), 'tributary-package-')));
const pictures = at >= 0 ? path.resolve(process.argv[at + 1]) : path.join(temporary, 'pictures');
const dataFolder = path.join(temporary, 'profile');
const folder = path.join(temporary, 'shop');
const vsix = path.join(temporary, 'tributary.vsix');
const outcomes = [];
const test = async (title, body) => {
  const outcome = await outcomeOf(title, body);
  outcomes.push(outcome);
  return outcome.passed;
};

let server;
let tour;
try {
  mkdirSync(pictures, { recursive: true });
  mkdirSync(dataFolder);
  cpSync(shop, folder, { recursive: true });
  const editor = await installEditor();
  let installed = '';
  await test('the package has everything it needs and nothing else', async () => {
    const { bytes, files } = await packageExtension(vsix);
    const inDist = files.filter((file) => file.startsWith('dist/')).map((file) => file.slice('dist/'.length));
    deepStrictEqual(inDist.sort(), built);
    for (const file of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'media/icon.png']) {
      ok(files.includes(file), `${file} is missing`);
    }
    const named = JSON.stringify(manifest.contributes).matchAll(/"(?:\.\/)?((?:media|syntaxes|server|dist)\/[^"]+)"/g);
    for (const [, file] of named) ok(files.includes(file), `${file}, which package.json names, is missing`);
    const foreign = files.filter((file) => /\.(ts|map|mjs|cjs)$|^(test|client|node_modules)\//.test(file));
    deepStrictEqual(foreign, []);
    ok(bytes < largestMegabytes * 1024 * 1024, `${bytes} bytes`);
  });
  const isInstalled = await test('it installs', async () => {
    await installExtension(editor, dataFolder, vsix);
    const [name] = readdirSync(path.join(dataFolder, 'extensions')).filter((each) => each.startsWith('tributary.'));
    ok(name, 'no extension folder');
    installed = path.join(dataFolder, 'extensions', name);
  });
  if (isInstalled) {
    await test('its command line runs from where it is installed', async () => {
      const args = [path.join(installed, 'dist/cli.js'), 'scan', folder, '--no-storage', '--format', 'json'];
      const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }).catch((error) => {
        // 1: findings at or above the threshold.
        if (error.code === 1) return error;
        throw error;
      });
      ok(JSON.parse(stdout).findings.length > 0, 'findings in the sample shop');
    });
    await test('the workbench starts with it', async () => {
      server = await startServer(editor, { dataFolder, settings: tourSettings });
      tour = await prepareTour({ authority: server.authority, folder, pictures });
    });
    for (const stop of tour?.stops ?? []) {
      // Later stops stand on earlier ones; their failures would say nothing new.
      if (!(await test(stop.title, stop.run))) {
        await tour.page.screenshot({ path: path.join(pictures, 'failure.png') });
        break;
      }
    }
  }
} finally {
  await tour?.close();
  await server?.stop();
  if (process.env['E2E_KEEP']) console.log('kept', temporary);
  else rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
reportOutcomes(outcomes);
