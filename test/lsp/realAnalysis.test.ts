/** The session over the real pipeline, on a small workspace on disk: what a person at an editor sees. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource, type CodeLens, type Hover } from 'vscode-languageserver/node';
import { openAnalysis } from '../../server/src/pipeline';
import { uriOf } from '../../server/src/present/locations';
import {
  REQUEST,
  type IndexHealth,
  type RunResult,
  type TaintPaths,
  type TaintTree,
  type VerifyResult,
} from '../../server/src/protocol/messages';
import type { OpenAnalysis } from '../../server/src/session/analysisHost';
import { readWorkspaceModels } from '../../server/src/session/workspaceModels';
import { readModels } from '../taint/analyseCase';
import { InProcessThreads, PUSH, TestClient, type StartOptions } from './harness';

const wasmPath = nodePath.resolve(import.meta.dirname, '../../node_modules/sql.js/dist/sql-wasm.wasm');

const SERVER = `const express = require('express');
const { createReport } = require('./report');

const app = express();
app.get('/report', function handleReport(req, res) {
  createReport(req.query.name);
  res.end();
});
`;
const REPORT = `const { exec } = require('child_process');

function createReport(name) {
  exec('report --name ' + name);
}

module.exports = { createReport };
`;

let folder: string;
let threads: InProcessThreads;
let client: TestClient | undefined;

const open: OpenAnalysis = ({ roots, storage, settings, workspaceModels }, log) => {
  const models = [...readModels(), ...(workspaceModels ? readWorkspaceModels(roots, log) : [])];
  return openAnalysis({ roots, storage, settings, models, log, wasmPath, extractor: 'inline' });
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(nodePath.join(tmpdir(), 'tributary-workspace-')));
  mkdirSync(file('src'));
  writeFileSync(file('src/server.js'), SERVER);
  writeFileSync(file('src/report.js'), REPORT);
  threads = new InProcessThreads(open);
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
  rmSync(folder, { recursive: true });
});

function file(name: string): string {
  return nodePath.join(folder, name);
}

async function start(options: Partial<StartOptions> = {}): Promise<TestClient> {
  client = await TestClient.start({ spawn: threads.spawn, roots: [folder], ...options });
  await client.ready();
  return client;
}

const line = (number: number, text: string) => ({
  range: { start: { line: number, character: 0 }, end: { line: number, character: 1000 } },
  text,
});
const codes = async (lsp: TestClient, path: string): Promise<unknown[]> =>
  (await lsp.pull(path)).map(({ code }) => code);

describe('the real analysis behind the protocol', () => {
  it('shows a flow across files at its sink, with every step', async () => {
    const lsp = await start();
    const [finding, ...others] = await lsp.pull(file('src/report.js'));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'command-injection', range: { start: { line: 3 } }, severity: 1 });
    const steps = finding?.relatedInformation ?? [];
    expect(steps[0]?.location).toMatchObject({ uri: uriOf(file('src/server.js')), range: { start: { line: 5 } } });
    expect(steps.at(-1)?.location).toMatchObject({ uri: uriOf(file('src/report.js')), range: { start: { line: 3 } } });
  });

  it('follows edits: across files, away and back', async () => {
    const lsp = await start();
    await lsp.open(file('src/server.js'), SERVER);
    await lsp.change(file('src/server.js'), line(5, '  createReport("fixed");'));
    await lsp.pull(file('src/server.js'));
    expect(await codes(lsp, file('src/report.js'))).toEqual([]);
    await lsp.change(file('src/server.js'), line(5, '  createReport(req.body.title);'));
    await lsp.pull(file('src/server.js'));
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
  });

  it('pushes the same to a client that does not pull', async () => {
    const lsp = await start({ capabilities: PUSH });
    await lsp.open(file('src/report.js'), REPORT);
    await lsp.until('a finding', () => lsp.pushed(file('src/report.js'))?.diagnostics.length === 1);
    await lsp.change(file('src/report.js'), line(3, '  exec("report --name " + Number(name));'));
    await lsp.until('none', () => lsp.pushed(file('src/report.js'))?.diagnostics.length === 0);
  });

  it('keeps what is intact of a broken file', async () => {
    const lsp = await start();
    const route = "app.get('/x', (req) => require('child_process').exec(req.query.x));";
    const broken = `${SERVER}\n${route}\napp.get('/y', (req, res) => {\n  const total = (1 + ;\n});\n`;
    await lsp.open(file('src/server.js'), broken);
    const found = await codes(lsp, file('src/server.js'));
    expect(found).toContain('command-injection');
    expect(found).toContain('partial-file');
  });

  it('answers hover, lenses and the tree', async () => {
    const lsp = await start();
    const hover = await lsp.at<Hover>('textDocument/hover', file('src/report.js'), 3, 4);
    expect((hover.contents as { value: string }).value).toContain('CWE-78');
    const lenses = async (path: string): Promise<unknown[]> => {
      const list = await lsp.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
        textDocument: { uri: uriOf(path) },
      });
      return list.map(({ command }) => command?.title);
    };
    expect(await lenses(file('src/report.js'))).toEqual(['1 taint path reaches this']);
    expect(await lenses(file('src/server.js'))).toEqual(['untrusted input flows to 1 sink']);
    const tree = await lsp.connection.sendRequest<TaintTree>(REQUEST.taintTree, { grouping: 'file' });
    expect(tree.groups.map(({ label }) => label)).toEqual(['src/report.js']);
    const paths = await lsp.connection.sendRequest<TaintPaths>(REQUEST.taintPaths, {
      finding: tree.groups[0]?.findings[0]?.id,
    });
    expect(paths.paths[0]?.steps.at(0)?.kind).toBe('source');
    expect(paths.paths[0]?.steps.at(-1)?.kind).toBe('sink');
  });

  it('rebuilds to the same findings', async () => {
    const lsp = await start();
    const result = await lsp.connection.sendRequest<RunResult>(REQUEST.rebuildIndex);
    expect(result).toMatchObject({ outcome: 'done', indexed: 2, findings: 1, failedFiles: 0 });
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
  });

  it('follows files on disk', async () => {
    const lsp = await start();
    writeFileSync(
      file('src/new.js'),
      `require('express')().get('/', (req) => require('child_process').exec(req.query.x));\n`,
    );
    await lsp.watched([file('src/new.js'), 1]);
    await lsp.until('the finding', async () => (await codes(lsp, file('src/new.js'))).length === 1);
    rmSync(file('src/new.js'));
    await lsp.watched([file('src/new.js'), 3]);
    await lsp.until('gone', async () => (await codes(lsp, file('src/new.js'))).length === 0);
  });

  it('follows folders that are moved as a whole', async () => {
    const lsp = await start();
    renameSync(file('src'), file('lib.d'));
    await lsp.watched([file('src'), 3], [file('lib.d'), 1]);
    await lsp.until('the finding', async () => (await codes(lsp, file('lib.d/report.js'))).length === 1);
    expect(await codes(lsp, file('src/report.js'))).toEqual([]);
    expect(lsp.logs.filter((text) => text.includes('lib.d')).length).toBeGreaterThan(0);
    // What does not belong is not looked at when it comes.
    mkdirSync(file('node_modules/x'), { recursive: true });
    writeFileSync(file('node_modules/x/index.js'), SERVER);
    await lsp.watched([file('node_modules'), 1], [file('node_modules/x'), 1]);
    await lsp.until('quiet', () => lsp.statuses.at(-1)?.pendingEdits === 0);
    expect(await codes(lsp, file('node_modules/x/index.js'))).toEqual([]);
  });

  it('tells how the index is doing, with links to what is remarkable', async () => {
    writeFileSync(file('src/broken.js'), 'exports.a = 1;\nfunction (((\n');
    const lsp = await start();
    const { text, links, data } = await lsp.connection.sendRequest<IndexHealth>(REQUEST.indexHealth);
    expect(text).toMatch(/^files: +2 indexed, 1 partial, 0 failed, 0 skipped$/m);
    const lines = text.split('\n');
    expect(links.map(({ line, from, to, uri }) => [lines[line]?.slice(from, to), uri])).toEqual([
      ['src/broken.js', `${uriOf(file('src/broken.js'))}#L2`],
    ]);
    expect(data).toMatchObject({ files: { indexed: 2, partial: 1 }, findings: 1 });
  });

  it('compares the index with a clean build, with what is typed and not saved, while edits go on', async () => {
    const lsp = await start();
    const typed = REPORT.replace('createReport(name)', 'createReport(name, more)');
    await lsp.open(file('src/report.js'), typed);
    await lsp.pull(file('src/report.js'));
    const verifying = lsp.connection.sendRequest<VerifyResult>(REQUEST.verifyIndex);
    const second = lsp.connection.sendRequest<VerifyResult>(REQUEST.verifyIndex);
    await lsp.change(file('src/report.js'), { text: REPORT });
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
    expect((await second).outcome).toBe('failed');
    expect(await verifying).toMatchObject({
      outcome: 'equal',
      message: expect.stringMatching(/^The index equals a clean build: \d+ lines/) as string,
    });
    // The index, the clean build, and nothing that goes on.
    expect(threads.started).toBe(2);
    const { text } = await lsp.connection.sendRequest<IndexHealth>(REQUEST.indexHealth);
    expect(text).toContain('## Compared with a clean build');
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
  });

  it('stops comparing when that is cancelled', async () => {
    const lsp = await start();
    const source = new CancellationTokenSource();
    const verifying = lsp.connection.sendRequest<VerifyResult>(REQUEST.verifyIndex, {}, source.token);
    await lsp.until('the clean build', () => threads.started === 2);
    source.cancel();
    expect(await verifying).toMatchObject({ outcome: 'cancelled' });
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
  });

  it('analyses everything anew for each change when told to, with the same findings', async () => {
    const storagePath = file('.index');
    const lsp = await start({ settings: { incremental: false }, initializationOptions: { storagePath } });
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
    await lsp.open(file('src/report.js'), REPORT.replace("'report --name ' + name", "'report'"));
    expect(await codes(lsp, file('src/report.js'))).toEqual([]);
    await lsp.change(file('src/report.js'), { text: REPORT });
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
    expect(existsSync(storagePath)).toBe(false);
    lsp.settings = { incremental: true };
    await lsp.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    await lsp.until('started again', () => threads.started === 2);
    await lsp.until('the finding', async () => (await codes(lsp, file('src/report.js'))).length === 1);
    expect(existsSync(storagePath)).toBe(true);
  });

  it('scans a dependency when asked to, and an edit there keeps it', async () => {
    const inside = file('node_modules/tool/index.js');
    mkdirSync(nodePath.dirname(inside), { recursive: true });
    const text = SERVER.replace('createReport(req.query.name)', "require('child_process').exec(req.query.name)");
    writeFileSync(inside, text);
    const lsp = await start();
    expect(await codes(lsp, inside)).toEqual([]);
    const uri = uriOf(nodePath.dirname(inside));
    expect(await lsp.connection.sendRequest<RunResult>(REQUEST.scanFolder, { uri })).toMatchObject({
      outcome: 'done',
      indexed: 1,
    });
    expect(await codes(lsp, inside)).toEqual(['command-injection']);
    await lsp.open(inside, `// edited\n${text}`);
    expect((await lsp.pull(inside)).map(({ range }) => range.start.line)).toEqual([6]);
  });

  it('analyses a document outside of all folders', async () => {
    const lsp = await start({ roots: [] });
    const text = SERVER.replace('createReport(req.query.name)', "require('child_process').exec(req.query.name)");
    await lsp.open(file('src/server.js'), text);
    expect(await codes(lsp, file('src/server.js'))).toEqual(['command-injection']);
    await lsp.change(file('src/server.js'), line(5, ''));
    expect(await codes(lsp, file('src/server.js'))).toEqual([]);
  });

  it('starts on a kept index without indexing anything', async () => {
    const storagePath = file('.index');
    await start({ initializationOptions: { storagePath } });
    await client?.stop();
    expect(existsSync(storagePath)).toBe(true);
    const lsp = await start({ initializationOptions: { storagePath } });
    expect(lsp.logs.some((text) => text.includes('re-indexed: nothing'))).toBe(true);
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
  });

  it('uses models of the workspace, and those that change', async () => {
    const models = file('.tributary/models');
    const lsp = await start();
    mkdirSync(models, { recursive: true });
    const sanitizer = [
      'library: clean-name',
      'packages: [clean-name]',
      'apis:',
      '  - path: Member[clean]',
      '    flow: Argument[0] -> ReturnValue',
      '    removes: command',
    ];
    writeFileSync(nodePath.join(models, 'clean-name.yaml'), sanitizer.join('\n'));
    await lsp.open(file('src/report.js'), REPORT.replace('+ name)', "+ require('clean-name').clean(name))"));
    expect(await codes(lsp, file('src/report.js'))).toEqual(['command-injection']);
    await lsp.watched([nodePath.join(models, 'clean-name.yaml'), 1]);
    await lsp.until('the model counts', async () => (await codes(lsp, file('src/report.js'))).length === 0);
  });
});
