/** What the analysis thread tells of an update, and in which order. */
import { expect, it } from 'vitest';
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

it('tells of the document that was typed into before the files that this concerns, and of each once', async () => {
  const world = new FakeWorld();
  world.disk.set('/w/in.ts', 'SOURCE');
  for (let i = 0; i < 30; i++) world.disk.set(`/w/${String(i)}.ts`, 'SINK');
  const messages: FromAnalysis[] = [];
  const answers = new Map<number, () => void>();
  const host = new AnalysisHost(fakeOpen(world), (message) => {
    messages.push(message);
    if (message.type === 'updated') answers.get(message.id)?.();
  });
  const ask = (message: Extract<ToAnalysis, { id: number }>): Promise<void> =>
    new Promise((resolve) => {
      answers.set(message.id, resolve);
      host.receive(message);
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
  await ask({ type: 'scan', id: 1, paths: undefined });

  messages.length = 0;
  const document = { path: '/w/in.ts', version: 2, languageId: 'typescript', text: '\nSOURCE\nSINK' };
  await ask({ type: 'update', id: 2, documents: [document], closed: [], files: [] });
  const published = messages.flatMap((message): PublishedFile[][] =>
    message.type === 'published' ? [message.files.map((file) => file)] : [],
  );
  expect(published[0]).toMatchObject([{ path: '/w/in.ts', version: 2, findings: [{ sink: { path: '/w/in.ts' } }] }]);
  const others = published.slice(1).flat();
  expect(others.map(({ path }) => path).sort()).toEqual(
    Array.from({ length: 30 }, (_, i) => `/w/${String(i)}.ts`).sort(),
  );
  expect(messages.at(-1)?.type).toBe('updated');
});
