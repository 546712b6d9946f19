import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { REQUEST, type RunResult, type TaintTree } from '../../server/src/protocol/messages';
import { FakeWorld } from './fakeAnalysis';
import { fakeOpen, InProcessThreads, PULL, TestClient, type StartOptions } from './harness';

const QUICK = { firstDelay: 5, longestDelay: 20, attempts: 3, forgetAfter: 60_000 };

let world: FakeWorld;
let threads: InProcessThreads;
let client: TestClient | undefined;

beforeEach(() => {
  world = new FakeWorld();
  world.disk.set('/w/a.ts', 'SOURCE\nSINK');
  threads = new InProcessThreads(fakeOpen(world));
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

async function start(options: Partial<StartOptions> = {}): Promise<TestClient> {
  client = await TestClient.start({ spawn: threads.spawn, roots: ['/w'], backOff: QUICK, ...options });
  return client;
}

async function startReady(options: Partial<StartOptions> = {}): Promise<TestClient> {
  const lsp = await start(options);
  await lsp.ready();
  return lsp;
}

const total = async (lsp: TestClient): Promise<number> =>
  (await lsp.connection.sendRequest<TaintTree>(REQUEST.taintTree, {})).total;

describe('rebuild', () => {
  it('keeps the findings until the new ones are there', async () => {
    const lsp = await startReady();
    const go = world.pause('rebuild');
    const rebuild = lsp.connection.sendRequest<RunResult>(REQUEST.rebuildIndex);
    await lsp.until('it runs', () => world.calls.includes('rebuild'));
    expect(await total(lsp)).toBe(1);
    world.disk.set('/w/b.ts', 'SINK');
    go();
    await rebuild;
    await lsp.until('indexed', async () => (await total(lsp)) >= 1);
    expect(lsp.statuses.at(-1)?.state).toBe('ready');
    expect(lsp.logs.some((line) => line.includes('Rebuilding the index'))).toBe(true);
  });

  it('can be cancelled as a request: the findings stay, the state says incomplete', async () => {
    const lsp = await startReady();
    world.pause('rebuild');
    const source = new CancellationTokenSource();
    const rebuild = lsp.connection.sendRequest<RunResult>(REQUEST.rebuildIndex, {}, source.token);
    await lsp.until('it runs', () => world.calls.includes('rebuild'));
    source.cancel();
    expect((await rebuild.catch((error: unknown) => error)) as RunResult).toMatchObject({ outcome: 'cancelled' });
    expect(lsp.statuses.at(-1)?.state).toBe('incomplete');
    expect(await total(lsp)).toBe(1);
  });

  it('can be cancelled in its progress, and continued', async () => {
    const go = world.pause('scan');
    const lsp = await start();
    await lsp.until('progress is shown', () => lsp.progress.some(({ value }) => value.kind === 'begin'));
    const token = lsp.progress[0]?.token;
    await lsp.connection.sendNotification('window/workDoneProgress/cancel', { token });
    await lsp.until('incomplete', () => lsp.statuses.at(-1)?.state === 'incomplete');
    await lsp.until('the progress ends', () => lsp.progress.at(-1)?.value.kind === 'end');
    go();
    const result = await lsp.connection.sendRequest<RunResult>(REQUEST.refreshIndex);
    expect(result).toMatchObject({ outcome: 'done', indexed: 1, findings: 1 });
    expect(lsp.statuses.at(-1)?.state).toBe('ready');
  });

  it('waits for a server that is starting', async () => {
    const go = world.pause('open');
    const lsp = await start();
    const rebuild = lsp.connection.sendRequest<RunResult>(REQUEST.rebuildIndex);
    go();
    expect(await rebuild).toMatchObject({ outcome: 'done' });
  });

  it('lets edits through while it runs', async () => {
    const lsp = await startReady();
    const go = world.pause('rebuild');
    const rebuild = lsp.connection.sendRequest(REQUEST.rebuildIndex);
    await lsp.open('/w/a.ts', 'SOURCE\nSINK\nSINK');
    expect(await lsp.pull('/w/a.ts')).toHaveLength(2);
    go();
    await rebuild;
  });
});

describe('scanning a folder', () => {
  it('analyses what is left out otherwise', async () => {
    world.disk.set('/w/node_modules/x/i.js', 'SINK');
    const lsp = await startReady();
    expect(await total(lsp)).toBe(1);
    const uri = uriOf('/w/node_modules/x');
    const result = await lsp.connection.sendRequest<RunResult>(REQUEST.scanFolder, { uri });
    expect(result).toMatchObject({ outcome: 'done', findings: 2, indexed: 1 });
    expect(await total(lsp)).toBe(2);
  });

  it('keeps its files in the index when they are edited and when the workspace is compared with the disk', async () => {
    const folder = realpathSync(mkdtempSync(nodePath.join(tmpdir(), 'tributary-named-')));
    try {
      const path = nodePath.join(folder, 'a.js');
      writeFileSync(path, 'SINK');
      world.disk.set(path, 'SINK');
      const lsp = await startReady();
      await lsp.connection.sendRequest(REQUEST.scanFolder, { uri: uriOf(folder) });
      expect(await total(lsp)).toBe(2);
      world.calls.length = 0;
      await lsp.open(path, 'SINK\nSINK');
      expect(await lsp.pull(path)).toHaveLength(2);
      expect(world.calls).toEqual([`scan ${path}`]);
      await lsp.connection.sendRequest(REQUEST.refreshIndex);
      expect(world.calls.slice(1)).toEqual(['scan', `scan ${folder} ${path}`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what it cannot scan', async () => {
    const lsp = await startReady();
    for (const params of [{}, { uri: 'https://example.org/x' }]) {
      expect(await lsp.connection.sendRequest(REQUEST.scanFolder, params)).toMatchObject({ outcome: 'failed' });
    }
  });
});

describe('watched files', () => {
  it('are re-indexed, those that are open are not', async () => {
    const lsp = await startReady();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK');
    await lsp.pull('/w/a.ts');
    world.calls.length = 0;
    world.disk.set('/w/b.ts', 'SINK');
    world.disk.set('/w/a.ts', 'on disk');
    await lsp.watched(['/w/b.ts', 1], ['/w/a.ts', 2], ['/w/notes.txt', 1], ['/w/.git/index', 2]);
    await lsp.until('the finding', async () => (await total(lsp)) === 2);
    expect(world.calls).toEqual(['update /w/b.ts']);
    world.disk.delete('/w/b.ts');
    await lsp.watched(['/w/b.ts', 3]);
    await lsp.until('it is gone', async () => (await total(lsp)) === 1);
  });

  it('of a deleted folder go with it', async () => {
    world.disk.set('/w/sub/b.ts', 'SINK');
    const lsp = await startReady();
    expect(await total(lsp)).toBe(2);
    world.disk.delete('/w/sub/b.ts');
    await lsp.watched(['/w/sub', 3]);
    await lsp.until('its findings are gone', async () => (await total(lsp)) === 1);
  });

  it('are one update however many there are, with folders that come and go, and ignore files', async () => {
    const folder = realpathSync(mkdtempSync(nodePath.join(tmpdir(), 'tributary-watch-')));
    try {
      mkdirSync(nodePath.join(folder, 'v1.2'));
      const lsp = await startReady();
      const updates = (): string[] => world.calls.filter((call) => call.startsWith('update '));
      const before = updates().length;
      const paths = Array.from({ length: 500 }, (_, i) => `/w/src/file${String(i)}.ts`);
      // As a checkout comes: in portions, with what nobody analyses among it.
      for (let i = 0; i < 500; i += 50) {
        await lsp.watched(...paths.slice(i, i + 50).map((path): [string, 2] => [path, 2]));
        await lsp.watched(
          ['/w/picture.png', 1],
          [nodePath.join(folder, 'v1.2'), 1],
          ['/w/gone.d', 3],
          ['/w/.git/x', 3],
        );
      }
      await lsp.watched(['/w/.gitignore', 2]);
      await lsp.until('the update', () => updates().length > before);
      expect(
        updates()
          .slice(before)
          .map((call) => call.split(' ').slice(1).sort()),
      ).toEqual([[...paths, nodePath.join(folder, 'v1.2'), '/w/gone.d', '/w/.gitignore'].sort()]);
      expect(world.calls.filter((call) => call === 'scan')).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that are own models start the analysis anew, and findings stay meanwhile', async () => {
    const lsp = await startReady();
    const go = world.pause('open');
    await lsp.watched(['/w/.tributary/models/mine.yaml', 2]);
    await lsp.until('it is opened again', () => world.calls.filter((call) => call === 'open').length === 2);
    expect(await total(lsp)).toBe(1);
    world.disk.set('/w/a.ts', 'harmless');
    go();
    await lsp.until('the new state', async () => (await total(lsp)) === 0);
  });
});

describe('settings', () => {
  const changed = (lsp: TestClient, settings: unknown): Promise<void> => {
    lsp.settings = settings;
    return lsp.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  };

  it('filter findings without indexing anything', async () => {
    const lsp = await startReady();
    world.calls.length = 0;
    await changed(lsp, { minSeverity: 'critical' });
    await lsp.until('filtered', async () => (await total(lsp)) === 0);
    await changed(lsp, {});
    await lsp.until('back', async () => (await total(lsp)) === 1);
    expect(world.calls).toEqual([]);
  });

  it('about which files count make the index compare itself with the disk', async () => {
    world.disk.set('/w/node_modules/x/i.js', 'SINK');
    const lsp = await startReady();
    await changed(lsp, { includeDependencies: true });
    await lsp.until('included', async () => (await total(lsp)) === 2);
  });

  it('switch everything off and on', async () => {
    const lsp = await startReady();
    await changed(lsp, { enable: false });
    await lsp.until('off', () => lsp.statuses.at(-1)?.state === 'disabled');
    expect(await total(lsp)).toBe(0);
    expect(await lsp.connection.sendRequest(REQUEST.rebuildIndex)).toMatchObject({ outcome: 'disabled' });
    await lsp.open('/w/b.ts', 'SOURCE\nSINK');
    expect(await lsp.pull('/w/b.ts')).toEqual([]);
    await changed(lsp, { enable: true });
    await lsp.until('on', async () => (await total(lsp)) === 2);
  });

  it('that are wrong are named in the log', async () => {
    const lsp = await startReady({ settings: { minSeverity: 'worst' } });
    expect(lsp.logs.some((line) => line.includes('tributary.minSeverity'))).toBe(true);
    expect(await total(lsp)).toBe(1);
  });

  it('reach a client without workspace/configuration through its own means', async () => {
    const { workspace: _none, ...capabilities } = PULL;
    const lsp = await startReady({ capabilities, settings: { minSeverity: 'critical' } });
    expect(await total(lsp)).toBe(0);
    await lsp.connection.sendNotification('workspace/didChangeConfiguration', { settings: { tributary: {} } });
    await lsp.until('changed', async () => (await total(lsp)) === 1);
  });
});

describe('several folders', () => {
  it('are analysed together, and come and go', async () => {
    world.disk.set('/v/b.ts', 'SINK');
    const lsp = await startReady({ roots: ['/w', '/v'] });
    expect(await total(lsp)).toBe(2);
    expect(world.opened[0]?.roots).toEqual(['/w', '/v']);
    const folder = (path: string) => ({ uri: uriOf(path), name: path });
    const change = (added: string[], removed: string[]): Promise<void> =>
      lsp.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
        event: { added: added.map(folder), removed: removed.map(folder) },
      });
    await change([], ['/v']);
    await lsp.until('the folder is gone', async () => (await total(lsp)) === 1);
    expect(world.opened.at(-1)?.roots).toEqual(['/w']);
    world.disk.set('/u/c.ts', 'SINK\nSINK');
    await change(['/u'], []);
    await lsp.until('another has come', async () => (await total(lsp)) === 3);
  });

  it('may be none: open documents are analysed all the same', async () => {
    const lsp = await startReady({ roots: [] });
    await lsp.open('/elsewhere/a.ts', 'SOURCE\nSINK');
    expect(await lsp.pull('/elsewhere/a.ts')).toHaveLength(1);
  });
});

describe('an analysis that dies', () => {
  it('is started again with the open documents, the user is told once, the findings stay meanwhile', async () => {
    const lsp = await startReady();
    await lsp.open('/w/a.ts', 'SOURCE\nSINK\nSINK');
    expect(await lsp.pull('/w/a.ts')).toHaveLength(2);
    threads.kill('out of memory.');
    await lsp.until('it recovers', () => lsp.statuses.some(({ state }) => state === 'recovering'));
    expect(await total(lsp)).toBe(2);
    await lsp.until('it is back', () => lsp.statuses.at(-1)?.state === 'ready');
    await lsp.change('/w/a.ts', { text: 'SOURCE\nSINK' });
    expect(await lsp.pull('/w/a.ts')).toHaveLength(1);
    threads.kill('again.');
    await lsp.until('back again', () => threads.started === 3 && lsp.statuses.at(-1)?.state === 'ready');
    expect(lsp.messages).toHaveLength(1);
    expect(lsp.logs.some((line) => line.includes('out of memory'))).toBe(true);
  });

  it('ends the run under way with a sensible answer', async () => {
    const lsp = await startReady();
    world.pause('rebuild');
    const rebuild = lsp.connection.sendRequest<RunResult>(REQUEST.rebuildIndex);
    await lsp.until('it runs', () => world.calls.includes('rebuild'));
    threads.kill();
    expect(await rebuild).toMatchObject({ outcome: 'failed' });
    await lsp.until('it is back', () => lsp.statuses.at(-1)?.state === 'ready');
  });

  it('too often stays down, says so, and is started by the rebuild command', async () => {
    const lsp = await startReady();
    for (let death = 1; death <= QUICK.attempts; death++) {
      threads.kill();
      await lsp.until('started again', () => threads.started === death + 1);
    }
    threads.kill('for good.');
    await lsp.until('down', () => lsp.statuses.at(-1)?.state === 'failed');
    expect(lsp.messages).toHaveLength(2);
    expect(await total(lsp)).toBe(1);
    expect(await lsp.connection.sendRequest(REQUEST.rebuildIndex)).toMatchObject({ outcome: 'done' });
    expect(lsp.statuses.at(-1)?.state).toBe('ready');
  });
});
