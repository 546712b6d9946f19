#!/usr/bin/env node
/**
 * Stands in for the `code` executable where no desktop VS Code can be had: takes the part of its command line that
 * @vscode/test-electron uses, runs the tests inside the extension host of a real VS Code, and exits with their result.
 *
 *     run.mjs --extensionDevelopmentPath=DIR --extensionTestsPath=MODULE [--user-data-dir=DIR] [folder]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { installEditor, openBrowser, startServer, workbenchUrl } from './workbench.mjs';

const timeLimit = 600_000;

/** Lines every start of VS Code prints and that say nothing about the tests. */
const noise =
  /^(Ignoring fetching|Updating additional|Creating a socket|Resolv(ing|ed) connection|Timed out waiting for authentication|\[(Service Worker|AgentHost|AccountPolicyGate|reconnection))|Canceled: Canceled/;

const parameters = process.argv.slice(2);
const option = (name) => parameters.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
const extension = option('extensionDevelopmentPath');
const tests = option('extensionTestsPath');
const folder = parameters.find((text) => !text.startsWith('-'));
if (!extension || !tests || !folder) {
  console.error(
    'usage: run.mjs --extensionDevelopmentPath=DIR --extensionTestsPath=MODULE [--user-data-dir=DIR] FOLDER',
  );
  process.exit(2);
}
const givenData = option('user-data-dir');
const dataFolder = givenData ?? mkdtempSync(path.join(tmpdir(), 'tributary-editor-'));

let server;
let browser;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(1)));
let exitCode = 1;
try {
  server = await startServer(await installEditor(), { dataFolder, automation: true });
  browser = await openBrowser({ width: 1280, height: 800 });
  exitCode = await runTests(server.authority, browser.page);
} catch (error) {
  console.error(error);
} finally {
  await stop();
}
process.exit(exitCode);

async function runTests(authority, page) {
  // VS Code's own automation hooks: console output and exit code of the extension host.
  await page.exposeFunction('codeAutomationLog', (type, values) => {
    const line = format(...values);
    if (process.env['E2E_VERBOSE'] || !noise.test(line)) console.log(type === 'error' ? '  E|' : '  |', line);
  });
  const ended = new Promise((resolve) => {
    void page.exposeFunction('codeAutomationExit', (code) => resolve(code));
  });
  const remote = (file) => `vscode-remote://${authority}${path.resolve(file)}`;
  await page.goto(
    workbenchUrl(authority, path.resolve(folder), [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(tests)],
      ['skipWelcome', 'true'],
    ]),
  );
  const late = new Promise((resolve) => setTimeout(resolve, timeLimit, 'late').unref());
  const code = await Promise.race([ended, late]);
  if (code === 'late') console.error(`The tests did not end within ${timeLimit / 1000} s.`);
  if (code !== 0 && process.env['E2E_FAILURE_PICTURE']) {
    await page.screenshot({ path: process.env['E2E_FAILURE_PICTURE'] });
  }
  return code === 0 ? 0 : 1;
}

async function stop() {
  await browser?.close();
  await server?.stop();
  if (!givenData) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
}
