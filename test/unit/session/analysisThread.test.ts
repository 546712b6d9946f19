/** Which thread an analysis gets: the one that was loading meanwhile, as long as it is what was asked for. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnalysisThread } from '../../../server/src/session/analysisClient';
import {
  loadAnalysisThread,
  spawnAnalysisThread,
  type LoadingThread,
} from '../../../server/src/session/analysisThread';

/** A thread that says what it is. */
const SCRIPT = `
const { parentPort, receiveMessageOnPort, resourceLimits, threadId, workerData } = require('node:worker_threads');
parentPort.on('message', (message) => {
  if (message === 'exit') process.exit(5);
  const verdict = receiveMessageOnPort(workerData.start)?.message.verdict;
  verdict?.postMessage('it was looked at');
  parentPort.postMessage({ threadId, memory: resourceLimits.maxOldGenerationSizeMb });
});
`;

let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-thread-'));
  script = join(folder, 'thread.js');
  writeFileSync(script, SCRIPT);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly threadId: number;
  readonly memory: number;
}

/** Starts a thread and has it say what it is. */
async function ask(
  spawn: ReturnType<typeof spawnAnalysisThread>,
  memoryMegabytes: number,
  storage?: string,
): Promise<{ readonly said: Said; readonly thread: AnalysisThread }> {
  let thread: AnalysisThread | undefined;
  const said = await new Promise<unknown>((resolve, reject) => {
    const onExit = (reason: string): void => {
      reject(new Error(reason));
    };
    thread = spawn({ onMessage: resolve, onExit }, memoryMegabytes, storage);
    thread.post('who are you' as never);
  });
  if (thread === undefined) throw new Error('no thread');
  return { said: said as Said, thread };
}

const numberOf = ({ worker }: LoadingThread): number => worker.threadId;

it('is the one that was loading, once', async () => {
  const loading = loadAnalysisThread(script, 512);
  const number = numberOf(loading);
  const spawn = spawnAnalysisThread(script, () => undefined, loading);
  const first = await ask(spawn, 512);
  expect(first.said).toEqual({ threadId: number, memory: 512 });
  const second = await ask(spawn, 512);
  expect(second.said.threadId).not.toBe(number);
  await Promise.all([first.thread.terminate(), second.thread.terminate()]);
});

it('is another one when it may take more memory, and the first ends', async () => {
  const loading = loadAnalysisThread(script, 512);
  const number = numberOf(loading);
  const ended = once(loading.worker, 'exit');
  const { said, thread } = await ask(
    spawnAnalysisThread(script, () => undefined, loading),
    1024,
  );
  expect(said.memory).toBe(1024);
  expect(said.threadId).not.toBe(number);
  await ended;
  await thread.terminate();
});

it('is another one when the first ended by itself', async () => {
  const loading = loadAnalysisThread(script, 512);
  const number = numberOf(loading);
  const spawn = spawnAnalysisThread(script, () => undefined, loading);
  loading.worker.postMessage('exit');
  await once(loading.worker, 'exit');
  const { said, thread } = await ask(spawn, 512);
  expect(said.threadId).not.toBe(number);
  await thread.terminate();
});

it('is told who looks at the index', async () => {
  const { port1, port2 } = new MessageChannel();
  const looked: string[] = [];
  const spawn = spawnAnalysisThread(
    script,
    (storage) => {
      looked.push(storage);
      return port1;
    },
    loadAnalysisThread(script, 512),
  );
  const heard = once(port2, 'message');
  const { thread } = await ask(spawn, 512, '/storage');
  expect((await heard)[0]).toBe('it was looked at');
  expect(looked).toEqual(['/storage']);
  port2.close();
  await thread.terminate();
});
