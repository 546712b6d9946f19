/** Model files of a workspace, with the server as editors run it: what is wrong in them is shown where it stands. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createProtocolConnection,
  FileChangeType,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { readModels } from '../taint/analyseCase';

const root = nodePath.resolve(import.meta.dirname, '../..');
let folder: string;
let child: ChildProcess;
let connection: ProtocolConnection;
const shown = new Map<string, readonly Diagnostic[]>();

const file = (name: string): string => nodePath.join(folder, name);
const model = (): string => file('work/.tributary/models/shop.yaml');
const CODE = `const { find } = require('shop-database');
require('express')().get('/', (req, res) => find(req.query.word));
`;
const RIGHT = `library: shop-database
packages: [shop-database]
apis:
  - path: Member[find].Argument[0]
    sink: sql
`;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(nodePath.join(tmpdir(), 'tributary-model-files-')));
  await build({
    absWorkingDir: root,
    entryPoints: {
      server: 'server/src/main.ts',
      analysisWorker: 'server/src/analysisWorker.ts',
      extractWorker: 'server/src/extractWorker.ts',
    },
    outdir: file('dist'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  copyFileSync(nodePath.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), file('dist/sql-wasm.wasm'));
  writeFileSync(file('dist/models.json'), JSON.stringify(readModels()));
  mkdirSync(file('work/.tributary/models'), { recursive: true });
  writeFileSync(file('work/shop.js'), CODE);
});

afterAll(async () => {
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true });
});

async function changed(text: string): Promise<void> {
  writeFileSync(model(), text);
  await connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: uriOf(model()), type: FileChangeType.Changed }],
  });
}

const problems = (): readonly string[] =>
  (shown.get(uriOf(model())) ?? []).map(
    ({ range, message }) =>
      `${String(range.start.line + 1)}:${String(range.start.character + 1)} ${typeof message === 'string' ? message : message.value}`,
  );

it('are told of where something is wrong in them, and used when it is put right', { timeout: 300_000 }, async () => {
  writeFileSync(model(), RIGHT.replace('sink:', 'sinks:'));
  child = spawn(process.execPath, [file('dist/server.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null || child.stdin === null) throw new Error('The server has no streams.');
  connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: PublishDiagnosticsParams) => {
    shown.set(uri, diagnostics);
  });
  connection.onUnhandledNotification(() => {});
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: uriOf(file('work')),
    capabilities: {},
  });
  await connection.sendNotification('initialized', {});

  // A wrong key, a kind that does not exist, a text that is no YAML.
  await expect
    .poll(problems, { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/^4:5 "sinks" is not known here\. Did you mean "sink"\?/));
  await changed(RIGHT.replace('sink: sql', 'sink: sqll'));
  await expect
    .poll(problems, { timeout: 60_000 })
    .toEqual([expect.stringMatching(/^5:11 "sqll" is not a sink kind\. Did you mean "sql"\?/)]);
  await changed(RIGHT.replace('Member[find]', 'Membr[find]'));
  await expect.poll(problems, { timeout: 60_000 }).toEqual([expect.stringMatching(/^4:11 /)]);
  await changed('apis: [ {');
  await expect.poll(problems, { timeout: 60_000 }).toContainEqual(expect.stringMatching(/not valid YAML/));

  await changed(RIGHT);
  await expect.poll(problems, { timeout: 60_000 }).toEqual([]);
  await expect
    .poll(() => shown.get(uriOf(file('work/shop.js')))?.map(({ code }) => code), { timeout: 60_000 })
    .toEqual(['sql-injection']);
});
