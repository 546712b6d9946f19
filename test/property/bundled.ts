/** Runs files of tests as bundles (`bundledTest.mjs`). */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Outcome {
  /** Of the process; null when a signal ended it. */
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** `file` is a path below the repository. */
export function runBundled(file: string, environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [resolve(ROOT, 'test/tools/bundledTest.mjs'), file],
      { cwd: ROOT, env: { ...process.env, NO_COLOR: '1', ...environment }, maxBuffer: 1 << 26 },
      (_error, out, problems) => {
        done({ code: child.exitCode, output: out + problems });
      },
    );
  });
}
