import { beforeEach, describe, expect, it } from 'vitest';
import { AnalysisClient, AnalysisStoppedError, type ThreadListener } from '../../../server/src/session/analysisClient';
import { LANE, type ToAnalysis } from '../../../server/src/session/analysisMessages';
import { DEFAULT_SETTINGS } from '../../../server/src/session/settings';

const OPTIONS = {
  roots: ['/w'],
  storage: undefined,
  workspaceModels: true,
  settings: DEFAULT_SETTINGS.analysis,
  memoryMegabytes: 512,
};
const UPDATE = { generation: 1 } as never;

class FakeThread {
  readonly posted: ToAnalysis[] = [];
  terminated = false;
  constructor(
    readonly listener: ThreadListener,
    readonly memory: number,
  ) {}
  post(message: ToAnalysis): void {
    this.posted.push(message);
  }
  async terminate(): Promise<void> {
    this.terminated = true;
    this.listener.onExit('terminated');
  }
  get flags(): Int32Array {
    const [start] = this.posted;
    if (start?.type !== 'start') throw new Error('not started');
    return new Int32Array(start.options.cancelled);
  }
}

let threads: FakeThread[];
let crashes: [string, number][];
let gaveUp: string[];
let client: AnalysisClient;

beforeEach(() => {
  threads = [];
  crashes = [];
  gaveUp = [];
  client = new AnalysisClient(
    (listener, memory) => {
      const thread = new FakeThread(listener, memory);
      threads.push(thread);
      return thread;
    },
    {
      onStarted: () => {},
      onPublished: () => {},
      onProgress: () => {},
      onLog: () => {},
      onNotice: () => {},
      onModelProblems: () => undefined,
      onCrashed: (reason, retryIn) => crashes.push([reason, retryIn]),
      onGaveUp: (reason) => gaveUp.push(reason),
    },
    { firstDelay: 2, longestDelay: 5, attempts: 3, forgetAfter: 60_000 },
  );
});

const last = (): FakeThread => {
  const thread = threads.at(-1);
  if (thread === undefined) throw new Error('no thread');
  return thread;
};
const settle = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('AnalysisClient', () => {
  it('matches answers to requests, in whatever order they come', async () => {
    await client.start(OPTIONS);
    expect(last().memory).toBe(512);
    const scan = client.scan();
    const rebuild = client.rebuild();
    const [, first, second] = last().posted;
    if (first === undefined || second === undefined || !('id' in first) || !('id' in second)) throw new Error('no ids');
    const counts = { files: 0, partial: 0, failed: 0 };
    last().listener.onMessage({ type: 'updated', id: second.id, update: { generation: 2 } as never, counts });
    last().listener.onMessage({ type: 'updated', id: first.id, update: UPDATE, counts });
    expect((await scan).update.generation).toBe(1);
    expect((await rebuild).update.generation).toBe(2);
  });

  it('passes errors on with the stack of the other side', async () => {
    await client.start(OPTIONS);
    const scan = client.scan();
    last().listener.onMessage({ type: 'failed', id: 1, message: 'no room', stack: 'there' });
    await expect(scan).rejects.toMatchObject({
      name: 'AnalysisRequestError',
      message: 'no room',
      remoteStack: 'there',
    });
  });

  it('cancels the requests of a lane that are under way, and later ones not', async () => {
    await client.start(OPTIONS);
    const ended = [client.update([], [], []), client.scan()].map((request) => request.catch(() => undefined));
    client.cancel('edit');
    expect(Atomics.load(last().flags, LANE.edit)).toBe(1);
    expect(Atomics.load(last().flags, LANE.run)).toBe(0);
    ended.push(client.update([], [], []).catch(() => undefined));
    const newest = last().posted.at(-1);
    expect(newest).toMatchObject({ type: 'update', id: 3 });
    expect(Atomics.load(last().flags, LANE.edit)).toBeLessThan(3);
    await client.stop(0);
    await Promise.all(ended);
  });

  it('starts a thread that died again, with growing pauses, and fails what it was asked', async () => {
    await client.start(OPTIONS);
    const scan = client.scan();
    last().listener.onExit('out of memory');
    await expect(scan).rejects.toBeInstanceOf(AnalysisStoppedError);
    expect(crashes).toEqual([['out of memory', 2]]);
    await expect(client.scan()).rejects.toBeInstanceOf(AnalysisStoppedError);
    await expect.poll(() => threads.length).toBe(2);
    last().listener.onExit('again');
    expect(crashes.at(-1)).toEqual(['again', 4]);
    await expect.poll(() => threads.length).toBe(3);
    last().listener.onExit('again');
    expect(crashes.at(-1)).toEqual(['again', 5]);
    await expect.poll(() => threads.length).toBe(4);
    last().listener.onExit('for good');
    expect(gaveUp).toEqual(['for good']);
    expect(threads).toHaveLength(4);
  });

  it('gives up at once when the index cannot be opened', async () => {
    await client.start(OPTIONS);
    last().listener.onMessage({ type: 'startFailed', message: 'read-only' });
    await settle(10);
    expect(gaveUp).toEqual(['read-only']);
    expect(last().terminated).toBe(true);
    expect(crashes).toEqual([]);
  });

  it('does not listen to a thread it has replaced', async () => {
    await client.start(OPTIONS);
    const old = last();
    await client.start(OPTIONS);
    old.listener.onExit('late');
    old.listener.onMessage({ type: 'started' });
    expect(crashes).toEqual([]);
    expect(client.isStarted).toBe(false);
  });

  it('closes the index when it stops, and ends a thread that does not answer', async () => {
    await client.start(OPTIONS);
    last().listener.onMessage({ type: 'started' });
    await client.stop(5);
    expect(last().posted.at(-1)).toMatchObject({ type: 'close' });
    expect(last().terminated).toBe(true);
    expect(crashes).toEqual([]);
  });
});
