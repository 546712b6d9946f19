/** An analysis thread with the fake analysis, for tests of the real process. A document with `CRASH` ends the thread. */
import { parentPort } from 'node:worker_threads';
import type { ToAnalysis } from '../../server/src/session/analysisMessages';
import { AnalysisHost } from '../../server/src/session/analysisHost';
import { FakeAnalysis, FakeWorld } from './fakeAnalysis';

const port = parentPort;
if (port === null) throw new Error('not a worker thread');
const world = new FakeWorld();
const host = new AnalysisHost(
  async ({ roots, storage, settings }) => new FakeAnalysis(world, roots, storage, settings),
  (message) => {
    port.postMessage(message);
  },
);
port.on('message', (message: ToAnalysis) => {
  if (message.type === 'update' && message.documents.some(({ text }) => text.includes('CRASH'))) process.exit(7);
  host.receive(message);
});
