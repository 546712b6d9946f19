import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  return client;
}

describe('life cycle', () => {
  it('initializes with pull diagnostics for a client that pulls', async () => {
    const { result } = await start({ capabilities: PULL });
    expect(result.serverInfo).toEqual({ name: 'Tributary', version: '1.2.3' });
    expect(result.capabilities.positionEncoding).toBe('utf-16');
    expect(result.capabilities.textDocumentSync).toMatchObject({ change: 2 });
    expect(result.capabilities.diagnosticProvider).toMatchObject({
      interFileDependencies: true,
      workspaceDiagnostics: true,
    });
  });

  it('initializes without pull diagnostics for a client that does not', async () => {
    const { result } = await start({ capabilities: PUSH });
    expect(result.capabilities.diagnosticProvider).toBeUndefined();
  });

  it('registers for settings and files, and indexes the workspace in the background', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nSINK');
    const lsp = await start();
    await lsp.ready();
    expect(lsp.registrations).toEqual(['workspace/didChangeConfiguration', 'workspace/didChangeWatchedFiles']);
    expect(lsp.statuses.map(({ state }) => state)).toContain('indexing');
    expect(lsp.statuses.at(-1)).toMatchObject({ state: 'ready', files: 1, findings: 1 });
    expect(lsp.logs.some((line) => line.includes('indexed 1 file (a.ts)'))).toBe(true);
  });

  it('says on a warm start that nothing was re-indexed, and shows the findings', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nSINK');
    world.indexed.set('/w/a.ts', 'SOURCE\nSINK');
    const lsp = await start({ initializationOptions: { storagePath: '/storage' } });
    await lsp.ready();
    expect(world.opened[0]?.storage).toBe('/storage');
    expect(lsp.logs.filter((line) => line.includes('re-indexed: nothing'))).toHaveLength(1);
    expect(lsp.logs.some((line) => /indexed \d+ file/.test(line))).toBe(false);
    expect(await lsp.pull('/w/a.ts')).toHaveLength(1);
  });

  it('analyses open documents before the workspace', async () => {
    world.disk.set('/w/a.ts', 'SOURCE\nSINK');
    world.disk.set('/w/b.ts', '');
    const go = world.pause('open');
    const lsp = await start();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK\nSINK');
    const pulled = lsp.pull('/w/a.ts');
    await lsp.until('the analysis is opened', () => world.calls.includes('open'));
    go();
    expect(await pulled).toHaveLength(2);
    await lsp.ready();
    expect(world.calls.filter((call) => call !== 'idle').slice(0, 3)).toEqual(['open', 'update /w/a.ts', 'scan']);
  });

  it('closes the index on shutdown', async () => {
    const lsp = await start();
    await lsp.ready();
    await lsp.stop();
    client = undefined;
    expect(world.calls.at(-1)).toBe('close');
  });

  it('tells when the index cannot be opened, and opens it again on demand', async () => {
    let isBroken = true;
    const open = fakeOpen(world);
    threads = new InProcessThreads((options, log) =>
      isBroken ? Promise.reject(new Error('no room')) : open(options, log),
    );
    const lsp = await start();
    await lsp.until('failed', () => lsp.statuses.at(-1)?.state === 'failed');
    expect(lsp.messages).toHaveLength(1);
    expect(lsp.messages[0]?.message).toContain('no room');
    isBroken = false;
    const result = await lsp.connection.sendRequest('tributary/rebuildIndex');
    expect(result).toMatchObject({ outcome: 'done' });
    expect(lsp.statuses.at(-1)?.state).toBe('ready');
  });
});
