/** What an editor shows of files without a tab, after edits in other files: always what the analysis says in the end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { FakeWorld } from './fakeAnalysis';
import { fakeOpen, InProcessThreads, TestClient } from './harness';
import { PullingEditor } from './pullingEditor';

const SOURCE = '/w/source.ts';
const SINKS = ['/w/one.ts', '/w/two.ts'] as const;

async function startIn(world: FakeWorld): Promise<TestClient> {
  world.disk.set(SOURCE, 'SOURCE');
  for (const path of SINKS) world.disk.set(path, 'SINK');
  const client = await TestClient.start({ spawn: new InProcessThreads(fakeOpen(world)).spawn, roots: ['/w'] });
  await client.ready();
  return client;
}

/** Numbers in [0, 1), the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('workspace reports', () => {
  let world: FakeWorld;
  let client: TestClient;

  beforeEach(async () => {
    world = new FakeWorld();
    client = await startIn(world);
  });
  afterEach(async () => {
    await client.stop();
  });

  const ask = (...known: { uri: string; value: string }[]): Promise<WorkspaceDiagnosticReport> =>
    client.connection.sendRequest('workspace/diagnostic', { previousResultIds: known });
  const idsIn = ({ items }: WorkspaceDiagnosticReport): { uri: string; value: string }[] =>
    items.map(({ uri, resultId }) => ({ uri, value: resultId ?? '' }));
  const itemOf = ({ items }: WorkspaceDiagnosticReport, path: string): unknown =>
    items.find(({ uri }) => uri === uriOf(path));

  it('take back what a closed document showed, also when the client forgot its result id', async () => {
    const [one, two] = SINKS;
    const known = idsIn(await ask());
    await client.open(one, 'SINK');
    expect(await client.pull(one)).toHaveLength(1);
    await client.close(one);
    await client.open(SOURCE, 'harmless');
    await client.pull(SOURCE);
    // Between two requests the finding went, and closing the document has made the client forget the id.
    const report = await ask(...known.filter(({ uri }) => uri === uriOf(two)));
    expect(itemOf(report, one)).toMatchObject({ kind: 'full', items: [] });
    expect(itemOf(report, two)).toMatchObject({ kind: 'full', items: [] });
  });

  it('come again when the client was asking about the document itself when the last one came', async () => {
    const [one] = SINKS;
    await client.open(one, 'SINK');
    await client.pull(one);
    const known = idsIn(await ask());
    const next = ask(...known);
    await client.open(SOURCE, 'harmless');
    // As for the last time before its tab is gone: the answer counts for nothing.
    const pulled = client.pull(one);
    const first = await next;
    await pulled;
    expect(itemOf(first, one)).toMatchObject({ kind: 'full', items: [] });
    const again = await ask(...idsIn(first));
    expect(itemOf(again, one)).toMatchObject({ kind: 'full', items: [] });
    // Once is enough: now the client has it.
    let isAnswered = false;
    const waiting = ask(...idsIn(first)).finally(() => (isAnswered = true));
    await client.pull(SOURCE);
    expect(isAnswered).toBe(false);
    await client.open(SOURCE, 'SOURCE');
    expect(itemOf(await waiting, one)).toMatchObject({ items: [{ code: 'command-injection' }] });
  });

  it('take back what is said of a broken file while it is open', async () => {
    const broken = '/w/broken.ts';
    await client.open(broken, 'SOURCE\nBROKEN\nSINK');
    expect((await client.pull(broken)).map(({ code }) => code)).toEqual(['partial-file', 'command-injection']);
    world.disk.set(broken, 'SOURCE\nBROKEN\nSINK');
    const next = ask(...idsIn(await ask()));
    await client.close(broken);
    expect(itemOf(await next, broken)).toMatchObject({ kind: 'full', items: [{ code: 'command-injection' }] });
  });

  it('say nothing of files that never had anything to show', async () => {
    const clean = '/w/clean.ts';
    await client.open(clean, 'safe');
    expect(await client.pull(clean)).toEqual([]);
    expect(itemOf(await ask(), clean)).toBeUndefined();
  });
});

describe('an editor', () => {
  const seeds = Array.from({ length: 24 }, (_, seed) => seed + 1);

  it.each(seeds)(
    'shows what is so in the end, whatever came in between (order %i)',
    { concurrent: true },
    async (seed) => {
      const random = randomNumbers(seed);
      const client = await startIn(new FakeWorld());
      const editor = new PullingEditor(client, 30 + random() * 200);
      const tabs = new Map<string, 'closed' | 'hidden' | 'shown'>();
      await editor.open(SOURCE, 'SOURCE');
      let hasSource = true;
      for (let step = 0; step < 14; step++) {
        const path = SINKS[Math.floor(random() * SINKS.length)] ?? SOURCE;
        const state = tabs.get(path) ?? 'closed';
        const dice = random();
        if (dice < 0.35) {
          hasSource = !hasSource;
          await editor.type(SOURCE, hasSource ? 'SOURCE' : 'harmless');
        } else if (state === 'closed') {
          await editor.open(path, 'SINK');
          tabs.set(path, 'shown');
        } else if (state === 'hidden') {
          if (dice < 0.7) {
            editor.show(path);
            tabs.set(path, 'shown');
          } else {
            await editor.close(path);
            tabs.set(path, 'closed');
          }
        } else if (dice < 0.75) {
          editor.hide(path);
          tabs.set(path, 'hidden');
        } else {
          await editor.close(path);
          tabs.set(path, 'closed');
        }
        // Long waits come upon a request that waits for a change, short ones upon one that has just come.
        await new Promise((resolve) => setTimeout(resolve, random() < 0.5 ? random() * 20 : random() * 350));
      }
      const expected = hasSource ? 1 : 0;
      await client.until(`${String(expected)} finding in each file`, () =>
        SINKS.every((path) => editor.count(path) === expected),
      );
      editor.stop();
      await client.stop();
    },
  );
});
