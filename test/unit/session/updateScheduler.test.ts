import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Update } from '../../../server/src/model/analysis';
import { SCHEDULE, UpdateScheduler, type Batch } from '../../../server/src/session/updateScheduler';

interface Run {
  readonly batch: Batch;
  finish(part?: Partial<Update>): Promise<void>;
  fail(): Promise<void>;
}

let runs: Run[];
let cancels: number;
let pending: number[];
let failures: unknown[];
let scheduler: UpdateScheduler;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  runs = [];
  cancels = 0;
  pending = [];
  failures = [];
  scheduler = new UpdateScheduler({
    run: (batch) =>
      new Promise((resolve, reject) => {
        const settle = async (act: () => void): Promise<void> => {
          act();
          await vi.advanceTimersByTimeAsync(0);
        };
        runs.push({
          batch,
          finish: (part) => settle(() => resolve({ cancelled: false, ...part } as Update)),
          fail: () => settle(() => reject(new Error('no'))),
        });
      }),
    cancel: () => cancels++,
    onFailed: (_batch, error) => failures.push(error),
    onPending: (count) => pending.push(count),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const started = (): Promise<void> => scheduler.resume([]);
const batches = (): Batch[] => runs.map(({ batch }) => batch);

describe('UpdateScheduler', () => {
  it('runs a key after a short wait, and keys in a burst together', async () => {
    await started();
    scheduler.document('/a');
    expect(runs).toHaveLength(0);
    scheduler.document('/a');
    scheduler.document('/b');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    expect(batches()).toEqual([{ documents: ['/a', '/b'], closed: [], files: [] }]);
  });

  it('waits no longer than its patience however fast keys come', async () => {
    await started();
    for (let time = 0; time < SCHEDULE.patience; time += 4) {
      scheduler.document('/a');
      await vi.advanceTimersByTimeAsync(4);
    }
    expect(runs).toHaveLength(1);
  });

  it('has one update under way, cancels it for a newer version, and runs the newest after it', async () => {
    await started();
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    scheduler.document('/a');
    scheduler.document('/a');
    expect(cancels).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(runs).toHaveLength(1);
    await runs[0]?.finish({ cancelled: true });
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    expect(batches()).toHaveLength(2);
    expect(batches()[1]?.documents).toEqual(['/a']);
  });

  it('does not cancel an update for another document, and brings back what a cancelled one left', async () => {
    await started();
    scheduler.document('/a');
    scheduler.document('/b');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    scheduler.document('/c');
    expect(cancels).toBe(0);
    scheduler.document('/a');
    expect(cancels).toBe(1);
    await runs[0]?.finish({ cancelled: true });
    await vi.advanceTimersByTimeAsync(SCHEDULE.longestDelay);
    expect(new Set(batches()[1]?.documents)).toEqual(new Set(['/a', '/b', '/c']));
  });

  it('stops cancelling when too much work was thrown away', async () => {
    await started();
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    for (let wasted = 0; wasted < SCHEDULE.wasteLimit; wasted += 400) {
      scheduler.published('/a');
      await vi.advanceTimersByTimeAsync(400);
      scheduler.document('/a');
      await runs.at(-1)?.finish({ cancelled: true });
      await vi.advanceTimersByTimeAsync(SCHEDULE.patience);
    }
    expect(cancels).toBeGreaterThan(2);
    const before = cancels;
    scheduler.published('/a');
    await vi.advanceTimersByTimeAsync(400);
    scheduler.document('/a');
    expect(cancels).toBe(before);
  });

  it('does not cancel for long what would be the first to be seen of the document', async () => {
    await started();
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay + SCHEDULE.unseenLimit - 20);
    scheduler.document('/a');
    expect(cancels).toBe(1);
    await runs[0]?.finish({ cancelled: true });
    await vi.advanceTimersByTimeAsync(SCHEDULE.longestDelay + 40);
    scheduler.document('/a');
    expect(cancels).toBe(1);
    await runs[1]?.finish();
    await vi.advanceTimersByTimeAsync(SCHEDULE.longestDelay + 40);
    scheduler.document('/a');
    expect(cancels).toBe(2);
  });

  it('lets documents go before files, and gathers files for longer', async () => {
    await started();
    scheduler.files(['/x', '/y']);
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    expect(batches()).toEqual([{ documents: ['/a'], closed: [], files: [] }]);
    scheduler.files(['/z']);
    await runs[0]?.finish();
    await vi.advanceTimersByTimeAsync(SCHEDULE.files.quiet);
    expect(batches()[1]).toEqual({ documents: [], closed: [], files: ['/x', '/y', '/z'] });
  });

  it('a document that was closed is not sent as open, and the other way round', async () => {
    await started();
    scheduler.document('/a');
    scheduler.closed('/a');
    scheduler.closed('/b');
    scheduler.document('/b');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    expect(batches()).toEqual([{ documents: ['/b'], closed: ['/a'], files: [] }]);
  });

  it('does nothing while paused, and everything that waited on resume', async () => {
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toHaveLength(0);
    const resumed = scheduler.resume(['/b']);
    expect(new Set(batches()[0]?.documents)).toEqual(new Set(['/a', '/b']));
    await runs[0]?.finish();
    await resumed;
    expect(scheduler.pending).toBe(0);
  });

  it('goes on after a failure without trying it again', async () => {
    await started();
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    await runs[0]?.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(failures).toHaveLength(1);
    expect(runs).toHaveLength(1);
    scheduler.document('/a');
    await vi.advanceTimersByTimeAsync(SCHEDULE.longestDelay);
    expect(runs).toHaveLength(2);
  });

  it('tells how much waits', async () => {
    await started();
    scheduler.document('/a');
    scheduler.files(['/x']);
    expect(pending.at(-1)).toBe(2);
    await vi.advanceTimersByTimeAsync(SCHEDULE.shortestDelay);
    await runs[0]?.finish();
    expect(pending.at(-1)).toBe(1);
  });
});
