/** What the analysis thread tells of an update, and in which order. */
import { describe, expect, it, vi } from 'vitest';
import { AnalysisHost } from '../../../server/src/session/analysisHost';
import {
  LANES,
  type FromAnalysis,
  type PublishedFile,
  type ToAnalysis,
} from '../../../server/src/session/analysisMessages';
import { DEFAULT_SETTINGS } from '../../../server/src/session/settings';
import { FakeWorld } from '../../lsp/fakeAnalysis';
import { fakeOpen } from '../../lsp/harness';

interface Conversation {
  readonly host: AnalysisHost;
  readonly messages: FromAnalysis[];
  /** Settles when the message was answered. */
  readonly ask: (message: Extract<ToAnalysis, { id: number }>) => Promise<void>;
  /** Files as they were published since the last call, message by message. */
  readonly published: () => PublishedFile[][];
}

function startOn(world: FakeWorld): Conversation {
  const messages: FromAnalysis[] = [];
  const answers = new Map<number, () => void>();
  const host = new AnalysisHost(fakeOpen(world), (message) => {
    messages.push(message);
    if (message.type === 'updated' || message.type === 'closed') answers.get(message.id)?.();
  });
  host.receive({
    type: 'start',
    options: {
      roots: ['/w'],
      storage: undefined,
      settings: DEFAULT_SETTINGS.analysis,
      workspaceModels: false,
      cancelled: new SharedArrayBuffer((LANES + 1) * 4),
    },
  });
  return {
    host,
    messages,
    ask: (message) =>
      new Promise((resolve) => {
        answers.set(message.id, resolve);
        host.receive(message);
      }),
    published: () =>
      messages
        .splice(0)
        .flatMap((message): PublishedFile[][] => (message.type === 'published' ? [[...message.files]] : [])),
  };
}

const typed = (id: number, path: string, text: string): Extract<ToAnalysis, { type: 'update' }> => ({
  type: 'update',
  id,
  documents: [{ path, version: id, languageId: 'typescript', text }],
  closed: [],
  files: [],
});

it('tells of the document that was typed into before the files that this concerns, and of each once', async () => {
  const world = new FakeWorld();
  world.disk.set('/w/in.ts', 'SOURCE');
  for (let i = 0; i < 30; i++) world.disk.set(`/w/${String(i)}.ts`, 'SINK');
  const { ask, messages, published: take } = startOn(world);
  await ask({ type: 'scan', id: 1, paths: undefined });

  messages.length = 0;
  await ask(typed(2, '/w/in.ts', '\nSOURCE\nSINK'));
  expect(messages.at(-1)?.type).toBe('updated');
  const published = take();
  expect(published[0]).toMatchObject([{ path: '/w/in.ts', version: 2, findings: [{ sink: { path: '/w/in.ts' } }] }]);
  const others = published.slice(1).flat();
  expect(others.map(({ path }) => path).sort()).toEqual(
    Array.from({ length: 30 }, (_, i) => `/w/${String(i)}.ts`).sort(),
  );
});

it('shows the document that was opened at a start before all that is stored', async () => {
  const world = new FakeWorld();
  for (const name of ['one', 'two', 'three']) world.disk.set(`/w/${name}.ts`, 'SOURCE\nSINK');
  await startOn(world).ask({ type: 'scan', id: 1, paths: undefined });
  const { ask, published } = startOn(world);
  await Promise.all([ask({ type: 'scan', id: 1, paths: undefined }), ask(typed(2, '/w/two.ts', 'SOURCE\nSINK'))]);
  const messages = published();
  expect(messages[0]).toMatchObject([{ path: '/w/two.ts', version: 2, findings: [{ sinkLabel: 'SINK' }] }]);
  expect(messages.flat().map(({ path }) => path)).toEqual(expect.arrayContaining(['/w/one.ts', '/w/three.ts']));
});

describe('while what an earlier process left is being taken up', () => {
  const start = async (): Promise<Conversation & { readonly world: FakeWorld; readonly go: () => void }> => {
    const world = new FakeWorld();
    for (const name of ['one', 'two', 'other']) world.disk.set(`/w/${name}.ts`, 'SINK');
    const conversation = startOn(world);
    await conversation.ask({ type: 'scan', id: 1, paths: undefined });
    conversation.messages.length = 0;
    world.calls.length = 0;
    world.isTakingUp = true;
    return { ...conversation, world, go: world.pause('update') };
  };

  it('shows what is known of a document at once, and all when it is there', async () => {
    const { ask, published, world, go } = await start();
    await ask(typed(2, '/w/one.ts', 'SOURCE\nSINK'));
    expect(published()).toMatchObject([[{ path: '/w/one.ts', version: 2, findings: [{ sinkLabel: 'SINK' }] }]]);
    go();
    await vi.waitFor(() => expect(world.indexed.get('/w/one.ts')).toBe('SOURCE\nSINK'));
    await vi.waitFor(() => {
      const files = published().flat();
      expect(files[0]).toMatchObject({ path: '/w/one.ts', version: 2 });
      expect(files.map(({ path }) => path).sort()).toEqual(['/w/one.ts', '/w/other.ts', '/w/two.ts']);
    });
  });

  it('completes with the newest text all that it showed', async () => {
    const { ask, published, world, go } = await start();
    await ask(typed(2, '/w/one.ts', 'SOURCE\nSINK'));
    await ask(typed(3, '/w/two.ts', 'SOURCE\nSINK'));
    await ask(typed(4, '/w/two.ts', 'SOURCE\nSINK\nSINK'));
    expect(published().map(([{ path, version }]) => [path, version])).toEqual([
      ['/w/one.ts', 2],
      ['/w/two.ts', 3],
      ['/w/two.ts', 4],
    ]);
    go();
    await vi.waitFor(() => expect(world.indexed.get('/w/two.ts')).toBe('SOURCE\nSINK\nSINK'));
    expect(world.indexed.get('/w/one.ts')).toBe('SOURCE\nSINK');
    expect(world.calls.filter((call) => call.startsWith('update')).at(-1)).toBe('update /w/two.ts /w/one.ts');
    // The texts between were left.
    world.isTakingUp = false;
    world.calls.length = 0;
    await ask(typed(5, '/w/two.ts', 'SINK'));
    expect(world.calls).toEqual(['update /w/two.ts']);
  });

  it('leaves nothing undone when the update that was to complete it is cut off by another one', async () => {
    const { ask, world, go } = await start();
    await ask(typed(2, '/w/one.ts', 'SOURCE\nSINK'));
    world.isTakingUp = false;
    const answered = ask(typed(3, '/w/two.ts', 'SINK'));
    go();
    await answered;
    expect(world.indexed.get('/w/one.ts')).toBe('SOURCE\nSINK');
  });

  it('does not wait for it to close', async () => {
    const { ask, world } = await start();
    await ask(typed(2, '/w/one.ts', 'SOURCE\nSINK'));
    await ask({ type: 'close', id: 3 });
    expect(world.calls.at(-1)).toBe('close');
    expect(world.indexed.get('/w/one.ts')).toBe('SINK');
  });
});
