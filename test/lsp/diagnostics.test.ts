import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource, type WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { FakeWorld } from './fakeAnalysis';
import { fakeOpen, InProcessThreads, PULL, PUSH, TestClient, type StartOptions } from './harness';

let world: FakeWorld;
let threads: InProcessThreads;
let client: TestClient | undefined;

beforeEach(() => {
  world = new FakeWorld();
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

const insert = (line: number, character: number, text: string) => ({
  range: { start: { line, character }, end: { line, character } },
  text,
});
const replaceLine = (line: number, text: string) => ({
  range: { start: { line, character: 0 }, end: { line, character: 1000 } },
  text,
});

describe('pulled diagnostics', () => {
  it('appear with an edit and vanish with the next, always of the newest version', async () => {
    const lsp = await start({ capabilities: PULL });
    await lsp.open('/w/a.ts', 'SOURCE\nsafe');
    expect(await lsp.pull('/w/a.ts')).toEqual([]);
    await lsp.change('/w/a.ts', replaceLine(1, 'SINK'));
    const [diagnostic] = await lsp.pull('/w/a.ts');
    expect(diagnostic).toMatchObject({ code: 'command-injection', range: { start: { line: 1, character: 0 } } });
    expect(diagnostic?.relatedInformation).toHaveLength(2);
    await lsp.change('/w/a.ts', replaceLine(1, 'safe again'));
    expect(await lsp.pull('/w/a.ts')).toEqual([]);
    expect(lsp.pushes).toEqual([]);
  });

  it('are unchanged while nothing changes', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK');
    const first = await lsp.pullReport('/w/a.ts');
    expect(first.kind).toBe('full');
    const second = await lsp.pullReport('/w/a.ts', first.resultId);
    expect(second).toEqual({ kind: 'unchanged', resultId: first.resultId });
  });

  it('answer a request that is cancelled at once', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE');
    await lsp.pull('/w/a.ts');
    const go = world.pause('update');
    await lsp.change('/w/a.ts', insert(0, 6, '\nSINK'));
    const source = new CancellationTokenSource();
    const params = { textDocument: { uri: uriOf('/w/a.ts') } };
    const pulled = lsp.connection.sendRequest('textDocument/diagnostic', params, source.token);
    source.cancel();
    await expect(pulled).rejects.toMatchObject({ code: -32800 });
    go();
    expect(await lsp.pull('/w/a.ts')).toHaveLength(1);
  });

  it('are asked for again when an edit elsewhere changed them', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE');
    await lsp.open('/w/b.ts', 'SINK');
    expect(await lsp.pull('/w/b.ts')).toHaveLength(1);
    await lsp.pull('/w/a.ts');
    await lsp.until('the first refreshes are over', async () => {
      const before = lsp.refreshes.length;
      await new Promise((resolve) => setTimeout(resolve, 120));
      return lsp.refreshes.length === before;
    });
    lsp.refreshes.length = 0;
    await lsp.change('/w/a.ts', replaceLine(0, 'nothing'));
    await lsp.pull('/w/a.ts');
    await lsp.until('a refresh', () => lsp.refreshes.includes('workspace/diagnostic/refresh'));
    expect(lsp.refreshes).toContain('workspace/codeLens/refresh');
    expect(await lsp.pull('/w/b.ts')).toEqual([]);
  });

  it('stand where the code is now while an edit waits for a slow analysis', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK');
    await lsp.pull('/w/a.ts');
    const go = world.pause('update');
    await lsp.change('/w/a.ts', insert(0, 0, '\n\n'));
    const [diagnostic] = await lsp.pull('/w/a.ts');
    expect(diagnostic?.range.start.line).toBe(3);
    go();
  });

  it('tell of all files, and wait when there is nothing new', async () => {
    world.disk.set('/w/a.ts', 'SOURCE');
    world.disk.set('/w/b.ts', 'SINK');
    const lsp = await start();
    const ask = (previousResultIds: { uri: string; value: string }[]): Promise<WorkspaceDiagnosticReport> =>
      lsp.connection.sendRequest('workspace/diagnostic', { previousResultIds });
    const first = await ask([]);
    expect(first.items.map(({ uri }) => uri)).toEqual([uriOf('/w/b.ts')]);
    const known = first.items.map(({ uri, resultId }) => ({ uri, value: resultId ?? '' }));
    let isAnswered = false;
    const second = ask(known).finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    await lsp.open('/w/a.ts', 'harmless');
    expect((await second).items).toMatchObject([{ uri: uriOf('/w/b.ts'), kind: 'full', items: [] }]);
  });

  it('say what is lost of a broken file while it is open', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nBROKEN\nSINK');
    const lsp = await start();
    expect((await lsp.pull('/w/a.ts')).map(({ code }) => code)).toEqual(['command-injection']);
    await lsp.open('/w/a.ts', 'SOURCE\nBROKEN\nSINK');
    expect((await lsp.pull('/w/a.ts')).map(({ code }) => code)).toEqual(['partial-file', 'command-injection']);
  });
});

describe('pushed diagnostics', () => {
  it('appear and vanish with edits, with the version they are about', async () => {
    const lsp = await start({ capabilities: PUSH });
    await lsp.open('/w/a.ts', 'SOURCE');
    await lsp.until('version 1', () => lsp.pushed('/w/a.ts')?.version === 1);
    await lsp.change('/w/a.ts', insert(0, 6, '\nSINK'));
    await lsp.until('a finding', () => lsp.pushed('/w/a.ts')?.diagnostics.length === 1);
    expect(lsp.pushed('/w/a.ts')).toMatchObject({ version: 2, diagnostics: [{ range: { start: { line: 1 } } }] });
    await lsp.change('/w/a.ts', replaceLine(1, 'safe'));
    await lsp.until('no finding', () => lsp.pushed('/w/a.ts')?.diagnostics.length === 0);
    expect(lsp.refreshes).toEqual([]);
  });

  it('come for files that are not open', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nSINK');
    const lsp = await start({ capabilities: PUSH });
    await lsp.until('a finding', () => lsp.pushed('/w/a.ts')?.diagnostics.length === 1);
    expect(lsp.pushed('/w/a.ts')).not.toHaveProperty('version');
  });

  it('lose the notices when the document is closed, not the findings', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nBROKEN\nSINK');
    const lsp = await start({ capabilities: PUSH });
    await lsp.open('/w/a.ts', 'SOURCE\nBROKEN\nSINK');
    await lsp.until('both', () => lsp.pushed('/w/a.ts')?.diagnostics.length === 2);
    await lsp.close('/w/a.ts');
    await lsp.until('the finding only', () => lsp.pushed('/w/a.ts')?.diagnostics.length === 1);
  });
});

describe('edits', () => {
  it('come back to the disk when a document is closed without saving', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nSINK');
    const lsp = await start();
    await lsp.open('/w/a.ts', 'harmless');
    expect(await lsp.pull('/w/a.ts')).toEqual([]);
    await lsp.close('/w/a.ts');
    await lsp.until('the finding is back', async () => (await lsp.pull('/w/a.ts')).length === 1);
  });

  it('do not starve under fast typing', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE\n');
    await lsp.pull('/w/a.ts');
    for (const key of 'SINK SINK SINK') {
      await lsp.change('/w/a.ts', insert(1, 0, key === 'S' ? 'SINK\n' : ''));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect(await lsp.pull('/w/a.ts')).toHaveLength(3);
    const updates = world.calls.filter((call) => call.startsWith('update'));
    expect(updates.length).toBeLessThan(15);
  });

  it('of a document that is not part of the index say so', async () => {
    world.excluded = (path) => path.includes('/vendor/');
    const lsp = await start();
    await lsp.open('/w/vendor/a.ts', 'SOURCE\nSINK');
    const [notice, ...others] = await lsp.pull('/w/vendor/a.ts');
    expect(notice).toMatchObject({ code: 'skipped-file', severity: 4 });
    expect(others).toEqual([]);
  });

  it('that are too large are not copied to the analysis', async () => {
    const lsp = await start({ settings: { maxFileSize: 1 } });
    await lsp.open('/w/a.ts', `SOURCE\nSINK\n${'x'.repeat(2000)}`);
    expect(await lsp.pull('/w/a.ts')).toEqual([]);
    expect(world.indexed.has('/w/a.ts')).toBe(false);
  });

  it('survive a failure of the analysis', async () => {
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK');
    await lsp.pull('/w/a.ts');
    world.failure = new Error('this file is too much');
    await lsp.change('/w/a.ts', insert(1, 4, '\nSINK'));
    // What was known before stays, where it is now; nobody waits for what does not come.
    expect(await lsp.pull('/w/a.ts')).toHaveLength(1);
    await lsp.until('the failure is logged', () => lsp.logs.some((line) => line.includes('this file is too much')));
    await lsp.change('/w/a.ts', insert(2, 4, '\nSINK'));
    expect(await lsp.pull('/w/a.ts')).toHaveLength(3);
  });
});
