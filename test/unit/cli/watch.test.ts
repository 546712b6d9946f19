import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CommandLine, WatchRequest } from '../../../server/src/cli/machine';
import { DEFAULT_SETTINGS, EXIT, type WatchOptions } from '../../../server/src/cli/options';
import { WatchRun } from '../../../server/src/cli/watch';
import type { Update } from '../../../server/src/model/analysis';
import type { MonitoredAnalysis } from '../../../server/src/model/health';

const OPTIONS: WatchOptions = {
  folder: '.',
  storage: { kind: 'none' },
  settings: DEFAULT_SETTINGS,
  jobs: 1,
  quiet: false,
  verbose: false,
  action: 'watch',
  typed: ['watch'],
  isDetached: false,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('looks at the disk by itself where the system does not tell of changes, and says so', async () => {
  let scans = 0;
  let interrupt = (): void => undefined;
  let request: WatchRequest | undefined;
  const update = { indexed: [], removed: [], failed: [], unchangedFiles: 3, cancelled: false } as unknown as Update;
  const analysis = {
    scan: () => {
      scans++;
      return Promise.resolve(update);
    },
    allFindings: () => [],
    idle: () => Promise.resolve([]),
  } as unknown as MonitoredAnalysis;
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  let text = '';
  stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const machine = {
    environment: {},
    stderr,
    openAnalysis: () => Promise.resolve({ analysis, close: () => Promise.resolve() }),
    onInterrupt: (listener: () => void) => {
      interrupt = listener;
      return () => undefined;
    },
    watchFolders: (given: WatchRequest) => {
      request = given;
      return Promise.resolve({ close: () => Promise.resolve() });
    },
    isOwnModel: () => false,
  } as unknown as CommandLine;
  const ended = new WatchRun(OPTIONS, { path: '/w', storage: undefined }, machine, undefined).untilStopped();
  await vi.advanceTimersByTimeAsync(1);
  expect(scans).toBe(1);
  request?.onBlind('The system does not let us watch so many files.');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(scans).toBeGreaterThan(10);
  expect(text).toBe(
    [
      '3 files (0 changed), 0 findings (0.0 s).',
      'Watching /w. Ctrl+C ends it.',
      'tributary: The system does not let us watch so many files. The folder is looked at every few seconds instead.',
      '',
    ].join('\n'),
  );
  interrupt();
  expect(await ended).toBe(EXIT.clean);
  const before = scans;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(scans).toBe(before);
});
