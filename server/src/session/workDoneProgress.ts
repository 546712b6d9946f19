/**
 * Work-done progress of a long run, with cancel. Shown only for runs that take a moment, so that a start on a warm index
 * does not flash a notification; the percentage never goes back, whatever stage is running.
 */
import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver';
import type { Progress, StageId } from '../model/analysis';
import type { RunProgress } from './analysisSession';

const DELAY = 400;

/** Where each stage begins and ends on the way from 0 to 100. */
const SHARE: Readonly<Record<StageId, readonly [number, number]>> = {
  discover: [0, 4],
  parse: [4, 70],
  extract: [4, 70],
  store: [4, 70],
  link: [70, 82],
  solve: [82, 98],
  present: [98, 100],
};

export function percentage({ stage, done, total }: Progress): number {
  const [from, to] = SHARE[stage];
  return Math.round(from + (total > 0 ? Math.min(1, done / total) : 0) * (to - from));
}

export function describeProgress({ stage, done, total, detail }: Progress): string {
  const part = total > 0 ? `${String(done)} of ${String(total)}` : '';
  return [stage, part, detail].filter((text) => text !== '').join(' ');
}

export function showProgress(connection: Connection, title: string, onCancel: () => void): RunProgress {
  let reporter: WorkDoneProgressServerReporter | undefined;
  let isDone = false;
  let latest: Progress | undefined;
  let reached = 0;
  const report = (progress: Progress): void => {
    reached = Math.max(reached, percentage(progress));
    reporter?.report(reached, describeProgress(progress));
  };
  const begin = async (): Promise<void> => {
    const created = await connection.window.createWorkDoneProgress();
    if (isDone) return;
    reporter = created;
    created.begin(title, 0, latest === undefined ? undefined : describeProgress(latest), true);
    created.token.onCancellationRequested(onCancel);
    if (latest !== undefined) report(latest);
  };
  const timer = setTimeout(() => {
    begin().catch((error: unknown) => {
      connection.tracer.log(`The client shows no progress: ${String(error)}`);
    });
  }, DELAY);
  return {
    report(progress) {
      latest = progress;
      report(progress);
    },
    done() {
      isDone = true;
      clearTimeout(timer);
      reporter?.done();
    },
  };
}
