import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Burst, FILE_BURST } from '../../../server/src/base/burst';

let bursts: (readonly number[])[];
let finish: () => void;
let burst: Burst<number>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  bursts = [];
  finish = () => undefined;
  burst = new Burst((items) => {
    bursts.push(items);
    return new Promise((resolve) => (finish = resolve));
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Burst', () => {
  it('is over one second after the last change', async () => {
    for (let i = 0; i < 500; i++) burst.add(i % 100);
    await vi.advanceTimersByTimeAsync(FILE_BURST.quiet - 1);
    burst.add(100);
    await vi.advanceTimersByTimeAsync(FILE_BURST.quiet - 1);
    expect(bursts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(bursts).toEqual([Array.from({ length: 101 }, (_, i) => i)]);
  });

  it('is over after five seconds though changes go on', async () => {
    for (let time = 0; time < FILE_BURST.longest + 500; time += 100) {
      burst.add(time);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(bursts).toEqual([Array.from({ length: FILE_BURST.longest / 100 }, (_, i) => i * 100)]);
    finish();
    await vi.advanceTimersByTimeAsync(FILE_BURST.quiet);
    expect(bursts[1]).toEqual([5000, 5100, 5200, 5300, 5400]);
  });

  it('gathers while one is dealt with', async () => {
    burst.add(1);
    await vi.advanceTimersByTimeAsync(FILE_BURST.quiet);
    burst.add(2);
    await vi.advanceTimersByTimeAsync(60_000);
    burst.add(3);
    expect(bursts).toEqual([[1]]);
    finish();
    await vi.advanceTimersByTimeAsync(FILE_BURST.quiet);
    expect(bursts).toEqual([[1], [2, 3]]);
  });

  it('forgets what was gathered when it is closed', async () => {
    burst.add(1);
    await burst.close();
    burst.add(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bursts).toEqual([]);
  });
});
