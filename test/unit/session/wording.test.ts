import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_COUNTS, NOTHING_CHANGED, type Progress, type Update } from '../../../server/src/model/analysis';
import type { IndexStatus } from '../../../server/src/protocol/messages';
import { StatusTracker } from '../../../server/src/session/statusTracker';
import { describeQueries, describeUpdate } from '../../../server/src/session/updateLog';
import { describeProgress, percentage } from '../../../server/src/session/workDoneProgress';

const UPDATE: Update = {
  ...NOTHING_CHANGED,
  generation: 3,
  unchangedFiles: 412,
  findings: { ...NO_COUNTS, total: 0 },
  milliseconds: 11.6,
  cancelled: false,
};
const shortName = (path: string): string => path.slice(3);

describe('describeUpdate', () => {
  it('names what was indexed', () => {
    expect(describeUpdate({ ...UPDATE, indexed: ['/w/src/a.ts'], summarizedFunctions: 3 }, shortName)).toBe(
      'generation 3: indexed 1 file (src/a.ts), 412 unchanged, 3 functions summarized, 12 ms',
    );
  });
  it('says so when nothing was', () => {
    expect(describeUpdate(UPDATE, shortName)).toBe('generation 3: re-indexed: nothing, 412 unchanged, 12 ms');
  });
  it('bounds the names, and tells removals, failures, findings and cancellation', () => {
    const update = {
      ...UPDATE,
      indexed: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `/w/${name}`),
      removed: ['/w/old.ts'],
      failed: [{ path: '/w/bad.ts', reason: 'x' }],
      findings: { added: 2, changed: 0, removed: 1, total: 9 },
      cancelled: true,
    };
    expect(describeUpdate(update, shortName)).toBe(
      'generation 3: cancelled after indexed 7 files (a, b, c, d, e and 2 more), removed 1 file (old.ts), failed 1 file (bad.ts), 412 unchanged, findings +2 ±0 −1, 12 ms',
    );
  });
});

it('tells what was worked out again, and why, a line each', () => {
  const query = { query: 'solve', subject: 'a.ts#f', reasons: ['its code', 'its links'], result: 'same' } as const;
  expect(describeQueries({ ...UPDATE, queries: [query] })).toEqual(['solve a.ts#f: its code; its links → same']);
});

describe('progress', () => {
  const at = (stage: Progress['stage'], done: number, total: number): Progress => ({
    stage,
    done,
    total,
    detail: 'a.ts',
  });
  it('goes from 0 to 100 over the stages', () => {
    const all = [
      at('discover', 0, 0),
      at('parse', 0, 10),
      at('parse', 5, 10),
      at('link', 1, 2),
      at('solve', 4, 4),
      at('present', 1, 1),
    ];
    expect(all.map(percentage)).toEqual([0, 4, 37, 76, 98, 100]);
  });
  it('is described', () => {
    expect(describeProgress(at('parse', 5, 10))).toBe('parse 5 of 10 a.ts');
    expect(describeProgress({ ...at('discover', 0, 0), detail: '' })).toBe('discover');
  });
});

describe('StatusTracker', () => {
  let sent: IndexStatus[];
  let tracker: StatusTracker;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    sent = [];
    tracker = new StatusTracker((status) => sent.push(status));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells changes of state at once and the rest at most ten times a second, the newest last', async () => {
    tracker.state('indexing');
    for (let done = 1; done <= 50; done++) tracker.progress({ stage: 'parse', done, total: 50, detail: '' });
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(2);
    expect(sent.at(-1)?.progress?.done).toBe(50);
    tracker.state('ready');
    expect(sent.at(-1)).toMatchObject({ state: 'ready' });
    expect(sent.at(-1)).not.toHaveProperty('progress');
  });

  it('does not repeat itself', async () => {
    tracker.state('ready');
    tracker.state('ready');
    tracker.findings(0);
    tracker.pendingEdits(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(sent).toHaveLength(1);
  });
});
