import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodeLens, Hover } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import {
  REQUEST,
  type IndexHealth,
  type IndexStatus,
  type TaintFindings,
  type TaintPaths,
  type TaintTree,
} from '../../server/src/protocol/messages';
import { FakeWorld } from './fakeAnalysis';
import { fakeOpen, InProcessThreads, PUSH, TestClient, type StartOptions } from './harness';

let world: FakeWorld;
let threads: InProcessThreads;
let client: TestClient | undefined;

beforeEach(() => {
  world = new FakeWorld();
  world.disk.set('/w/in.ts', 'run(SOURCE)');
  world.disk.set('/w/mid.ts', 'x\nVIA');
  world.disk.set('/w/out.ts', 'function run() {\n  SINK\n}');
  threads = new InProcessThreads(fakeOpen(world));
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

async function start(options: Partial<StartOptions> = {}): Promise<TestClient> {
  client = await TestClient.start({ spawn: threads.spawn, roots: ['/w'], ...options });
  await client.ready();
  return client;
}

const lenses = async (lsp: TestClient, path: string): Promise<CodeLens[]> =>
  lsp.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: uriOf(path) } });

describe('hover', () => {
  it('explains sink, source and steps in every file of the path', async () => {
    const lsp = await start();
    for (const [path, line, character] of [
      ['/w/out.ts', 1, 3],
      ['/w/in.ts', 0, 5],
      ['/w/mid.ts', 1, 1],
    ] as const) {
      const hover = await lsp.at<Hover>('textDocument/hover', path, line, character);
      const { kind, value } = hover.contents as { kind: string; value: string };
      expect(kind).toBe('markdown');
      expect(value).toContain('CWE-78');
      expect(value).toContain(`${uriOf('/w/in.ts')}#L1,5`);
      expect(value).toContain('What would make it safe');
    }
    expect(await lsp.at('textDocument/hover', '/w/out.ts', 0, 0)).toBeNull();
    expect(await lsp.at('textDocument/hover', '/w/nowhere.ts', 0, 0)).toBeNull();
  });

  it('is plain text for clients that want it plain', async () => {
    const capabilities = { textDocument: { hover: { contentFormat: ['plaintext' as const] } } };
    const lsp = await start({ capabilities });
    const hover = await lsp.at<Hover>('textDocument/hover', '/w/out.ts', 1, 3);
    expect(hover.contents).toMatchObject({ kind: 'plaintext' });
    expect((hover.contents as { value: string }).value).not.toMatch(/\*\*|\]\(/);
  });

  it('answers from memory while the analysis is held up, moved with the text', async () => {
    const lsp = await start();
    await lsp.open('/w/out.ts', 'function run() {\n  SINK\n}');
    await lsp.pull('/w/out.ts');
    const go = world.pause('update');
    await lsp.change('/w/out.ts', {
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      text: '\n\n',
    });
    const hover = await lsp.at<Hover>('textDocument/hover', '/w/out.ts', 3, 3);
    expect(hover.range?.start.line).toBe(3);
    expect((await lenses(lsp, '/w/out.ts')).length).toBe(1);
    go();
  });
});

describe('code lenses', () => {
  it('stand above the function with the sink and above the entry point', async () => {
    const lsp = await start();
    const titles = async (path: string): Promise<(string | undefined)[]> =>
      (await lenses(lsp, path)).map((lens) => lens.command?.title);
    expect(await titles('/w/out.ts')).toEqual(['1 taint path reaches this']);
    expect(await titles('/w/in.ts')).toEqual(['untrusted input flows to 1 sink']);
    expect(await titles('/w/mid.ts')).toEqual([]);
  });

  it('have a command that the server carries out for clients that do not', async () => {
    const lsp = await start({ initializationOptions: { clientCommands: false } });
    expect(lsp.result.capabilities.executeCommandProvider?.commands).toContain('tributary.showPaths');
    const [lens] = await lenses(lsp, '/w/out.ts');
    await lsp.connection.sendRequest('workspace/executeCommand', {
      command: lens?.command?.command,
      arguments: lens?.command?.arguments,
    });
    expect(lsp.messages.at(-1)?.message).toBe('Command injection: in.ts:1 → mid.ts:2 → out.ts:2');
    expect(lsp.shown).toEqual([uriOf('/w/in.ts')]);
  });

  it('leave the command to clients that have it', async () => {
    const lsp = await start({ initializationOptions: { clientCommands: true } });
    expect(lsp.result.capabilities.executeCommandProvider).toBeUndefined();
  });

  it('tell when the paths are gone, and refuse unknown commands', async () => {
    const lsp = await start({ capabilities: PUSH });
    const run = (command: string, ...args: unknown[]): Promise<unknown> =>
      lsp.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
    await run('tributary.showPaths', { findings: ['no such'] });
    expect(lsp.messages.at(-1)?.message).toContain('gone');
    await expect(run('format.disk')).rejects.toThrow('Unknown command');
  });
});

describe('the tree', () => {
  it('has findings in groups, and the steps of one', async () => {
    const lsp = await start();
    const tree = await lsp.connection.sendRequest<TaintTree>(REQUEST.taintTree, { grouping: 'rule' });
    expect(tree).toMatchObject({ total: 1, groups: [{ id: 'rule:command-injection', findings: [{ pathCount: 1 }] }] });
    const id = tree.groups[0]?.findings[0]?.id;
    const paths = await lsp.connection.sendRequest<TaintPaths>(REQUEST.taintPaths, { finding: id });
    expect(paths.paths[0]?.steps.map(({ kind, uri }) => [kind, uri])).toEqual([
      ['source', uriOf('/w/in.ts')],
      ['call', uriOf('/w/mid.ts')],
      ['sink', uriOf('/w/out.ts')],
    ]);
  });

  it('comes in parts that are asked for one by one', async () => {
    const lsp = await start();
    world.disk.set('/w/many.ts', 'SINK\n'.repeat(300));
    await lsp.connection.sendRequest(REQUEST.rebuildIndex);
    const tree = await lsp.connection.sendRequest<TaintTree>(REQUEST.taintTree, { grouping: 'file' });
    expect(tree).toMatchObject({ total: 301, moreGroups: 0 });
    expect(tree.groups.map(({ label, count, findings }) => [label, count, findings.length])).toEqual([
      ['many.ts', 300, 250],
      ['out.ts', 1, 0],
    ]);
    const group = tree.groups[0]?.id;
    const params = { grouping: 'file', group, start: 250 };
    const rest = await lsp.connection.sendRequest<TaintFindings>(REQUEST.taintFindings, params);
    expect([rest.count, rest.findings.length, rest.findings[49]?.description]).toEqual([300, 50, 'line 300 ← SOURCE']);
    const finding = rest.findings[49]?.id;
    expect(await lsp.connection.sendRequest(REQUEST.taintPlace, { grouping: 'file', finding })).toEqual({
      group,
      groupIndex: 0,
      findingIndex: 299,
    });
    const first = await lsp.connection.sendRequest<TaintTree>(REQUEST.taintTree, { grouping: 'file', groups: 1 });
    expect(first).toMatchObject({ moreGroups: 1, groups: [{ id: group }] });
  });

  it('is asked for again when findings change', async () => {
    const lsp = await start();
    const before = lsp.findingsChanged;
    await lsp.open('/w/in.ts', 'nothing');
    await lsp.until('a notification', () => lsp.findingsChanged > before);
    expect(await lsp.connection.sendRequest(REQUEST.taintTree, {})).toMatchObject({ total: 0, groups: [] });
  });

  it('answers wrong questions with something sensible', async () => {
    const lsp = await start();
    expect(await lsp.connection.sendRequest(REQUEST.taintTree, { grouping: 'colour' })).toMatchObject({ total: 1 });
    expect(await lsp.connection.sendRequest(REQUEST.taintTree)).toMatchObject({ total: 1 });
    expect(await lsp.connection.sendRequest(REQUEST.taintTree, { groups: -1 })).toMatchObject({ moreGroups: 0 });
    expect(await lsp.connection.sendRequest(REQUEST.taintFindings, { start: 'x' })).toEqual({ findings: [], count: 0 });
    expect(await lsp.connection.sendRequest(REQUEST.taintPlace, { finding: 12 })).toBeNull();
    expect(await lsp.connection.sendRequest(REQUEST.taintPaths, { finding: 12 })).toBeNull();
    expect(await lsp.connection.sendRequest(REQUEST.taintPaths, { finding: 'gone' })).toBeNull();
  });
});

describe('status and statistics', () => {
  it('are there for the asking', async () => {
    const lsp = await start();
    expect(await lsp.connection.sendRequest<IndexStatus>(REQUEST.status)).toMatchObject({ state: 'ready', files: 3 });
    const health = await lsp.connection.sendRequest<IndexHealth>(REQUEST.indexHealth);
    expect(health.data).toMatchObject({ files: { indexed: 3 }, findings: 1 });
    expect(health.text).toMatch(/^# Index health\n\nThe server is ready\.\n/);
    expect(health.text).toMatch(/^findings: +1$/m);
  });
});
