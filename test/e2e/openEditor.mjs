/**
 * `npm start`: builds the extension and opens an editor with it on the sample shop (or the folder given). The desktop
 * VS Code if `code` is on the PATH; otherwise a VS Code served on the loopback interface, whose address is printed.
 *
 *     node test/e2e/openEditor.mjs [FOLDER]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demo } from './tour.mjs';
import { packageExtension } from '../tools/packageExtension.mjs';
import { installEditor, installExtension, openedAt, startServer, workbenchUrl } from './workbench.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const shop = path.join(root, 'test/workspaces/shop');
const folder = path.resolve(process.argv[2] ?? shop);
/** Of the sample shop a file with a finding is shown, and of another folder what was shown last. */
const place = folder === shop ? demo : undefined;
if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
  console.error(`${folder} is not a folder.`);
  process.exit(2);
}

const desktop = process.env['VSCODE_EXECUTABLE'] ?? 'code';
if (spawnSync(desktop, ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0) {
  execFileSync('node', [path.join(root, 'esbuild.mjs')], { stdio: 'inherit' });
  const args = [`--extensionDevelopmentPath=${root}`, '--new-window', folder];
  if (place !== undefined) args.push('--goto', `${path.join(folder, place.file)}:${place.line}:1`);
  execFileSync(desktop, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`VS Code is opening ${folder} with Tributary.`);
} else {
  await serve();
}

async function serve() {
  console.log('There is no `code` on the PATH: starting a VS Code for the browser instead.');
  const editor = await installEditor();
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'tributary-editor-'));
  const cleanUp = () => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  let server;
  try {
    const vsix = path.join(dataFolder, 'tributary.vsix');
    await packageExtension(vsix);
    await installExtension(editor, dataFolder, vsix);
    server = await startServer(editor, { dataFolder });
  } catch (error) {
    cleanUp();
    throw error;
  }
  const opened = place === undefined ? [] : openedAt(server.authority, folder, place);
  console.log(`\nOpen ${workbenchUrl(server.authority, folder, opened)}\nPress Ctrl+C to stop.`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      void server.stop().then(() => {
        cleanUp();
        process.exit(0);
      });
    });
  }
}
