/** `tributary/slice` over the protocol: asked of the analysis thread while everything else is answered. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { REQUEST, type SliceAnswer, type TaintTree } from '../../server/src/protocol/messages';
import { FakeWorld } from './fakeAnalysis';
import { fakeOpen, InProcessThreads, TestClient } from './harness';

let world: FakeWorld;
let client: TestClient;

beforeEach(async () => {
  world = new FakeWorld();
  world.disk.set('/w/in.ts', 'run(SOURCE)');
  world.disk.set('/w/out.ts', 'function run() {\n  SINK\n}');
  client = await TestClient.start({ spawn: new InProcessThreads(fakeOpen(world)).spawn, roots: ['/w'] });
  await client.ready();
});
afterEach(() => client.stop());

const ask = (path: string, line: number, direction: 'to' | 'from', cancellation?: CancellationTokenSource) =>
  client.connection.sendRequest<SliceAnswer>(
    REQUEST.slice,
    { uri: uriOf(path), position: { line, character: 2 }, direction },
    cancellation?.token,
  );

describe('a slice', () => {
  it('of a sink has its sources, with paths like those of findings', async () => {
    const answer = await ask('/w/out.ts', 1, 'to');
    expect(answer).toMatchObject({
      outcome: 'done',
      title: 'the sink at out.ts:2',
      message: 'What can reach the sink at out.ts:2: 1 source or entry point.',
      groups: [{ label: 'Findings' }],
      isCut: false,
    });
    const [flow] = answer.groups[0].flows;
    expect(flow.finding).toMatchObject({ label: 'the source', uri: uriOf('/w/in.ts'), ruleId: 'command-injection' });
    expect(flow.paths[0].steps.map(({ kind }) => kind)).toEqual(['source', 'sink']);
    expect(flow.tooltip).toContain('Still dangerous as: command');
  });

  it('of a source has its sinks', async () => {
    const answer = await ask('/w/in.ts', 0, 'from');
    expect(answer.message).toBe('What is reached from the source at in.ts:1: 1 sink.');
    expect(answer.groups[0].flows[0].finding.uri).toBe(uriOf('/w/out.ts'));
  });

  it('of a place without a sink says what is near', async () => {
    const answer = await ask('/w/out.ts', 0, 'to');
    expect(answer).toMatchObject({
      outcome: 'nothingThere',
      message: 'There is nothing. Near it: the sink (out.ts:2).',
      near: [{ uri: uriOf('/w/out.ts'), range: { start: { line: 1 } } }],
      groups: [],
    });
  });

  it('is asked about the text that the user sees', async () => {
    await client.open('/w/out.ts', 'function run() {\n  SINK\n}');
    await client.change('/w/out.ts', { text: '// moved\n\nfunction run() {\n  SINK\n}' });
    expect((await ask('/w/out.ts', 3, 'to')).outcome).toBe('done');
  });

  it('keeps nobody waiting, and can be cancelled', async () => {
    const go = world.pause('slice');
    const cancellation = new CancellationTokenSource();
    const answer = ask('/w/out.ts', 1, 'to', cancellation);
    await client.until('the analysis is asked', () => world.calls.some((call) => call.startsWith('slice')));
    const tree = await client.connection.sendRequest<TaintTree>(REQUEST.taintTree, { grouping: 'none' });
    expect(tree.total).toBe(1);
    expect(await client.at('textDocument/hover', '/w/out.ts', 1, 3)).not.toBeNull();
    cancellation.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    go();
    expect((await answer).outcome).toBe('cancelled');
  });

  it('tolerates whatever another client sends', async () => {
    for (const params of [
      {},
      { uri: 7 },
      { uri: uriOf('/w/out.ts') },
      { uri: 'git:/x', position: { line: 0, character: 0 } },
    ]) {
      const answer = await client.connection.sendRequest<SliceAnswer>(REQUEST.slice, params);
      expect(answer.outcome).toBe('nothingThere');
    }
  });
});
