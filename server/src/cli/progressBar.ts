/** The progress bar of a scan, on a terminal only, and log lines that don't tear it. */
import { Presets, SingleBar } from 'cli-progress';
import type { Progress, StageId } from '../model/analysis';

const STAGE_NAMES: Readonly<Record<StageId, string>> = {
  discover: 'Looking for files',
  parse: 'Parsing',
  extract: 'Extracting',
  store: 'Storing',
  link: 'Linking',
  solve: 'Solving',
  present: 'Reporting',
};

export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Writes a whole line above the bar. */
  line(text: string): void;
  stop(): void;
}

/** No bar: lines are written as they come. */
export function plainDisplay(write: (text: string) => void): ProgressDisplay {
  return {
    show: () => undefined,
    line: (text) => write(`${text}\n`),
    stop: () => undefined,
  };
}

export function barDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const bar = new SingleBar(
    {
      stream,
      format: '{stage} [{bar}] {percentage}% {value}/{total} {detail}',
      hideCursor: true,
      clearOnComplete: true,
      fps: 10,
      barsize: 24,
      stopOnComplete: false,
    },
    Presets.rect,
  );
  let stage: StageId | undefined;
  return {
    show: (progress) => {
      const total = Math.max(1, progress.total);
      const payload = {
        stage: STAGE_NAMES[progress.stage].padEnd(17),
        detail: shorten(progress.detail, stream.columns),
      };
      if (progress.stage !== stage) {
        if (stage !== undefined) bar.stop();
        stage = progress.stage;
        bar.start(total, progress.done, payload);
      } else {
        bar.setTotal(total);
        bar.update(progress.done, payload);
      }
    },
    line: (text) => {
      const clear = stage === undefined ? '' : '\r\u001b[K';
      stream.write(`${clear}${text}\n`);
    },
    stop: () => {
      if (stage !== undefined) bar.stop();
      stage = undefined;
    },
  };
}

/** The end of a path says more than its beginning. */
function shorten(detail: string, columns: number): string {
  const room = Math.max(10, columns - 72);
  return detail.length <= room ? detail : `…${detail.slice(detail.length - room + 1)}`;
}
