/** The parent's side of the scanning process: asks for one package after the other, and replaces a process that hangs. */
import { fork, type ChildProcess } from 'node:child_process';
import type { FromChild, ScanAnswer, ScanRequest } from './scanChild';

export type ScanOutcome =
  | { readonly kind: 'scanned'; readonly answer: ScanAnswer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'crash'; readonly reason: string };

export class Scanner {
  /** Milliseconds from the start of a process until it was ready, for each process that was started. */
  readonly startTimes: number[] = [];
  private process: Promise<ChildProcess> | undefined;

  constructor(
    private readonly childFile: string,
    private readonly dist: string,
    private readonly timeoutMs: number,
  ) {}

  async scan(request: ScanRequest): Promise<ScanOutcome> {
    this.process ??= this.start();
    const child = await this.process;
    const outcome = await new Promise<ScanOutcome>((resolve) => {
      const finish = (outcome: ScanOutcome): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit);
        resolve(outcome);
      };
      const onMessage = (message: FromChild): void => {
        if (message.kind === 'answer') finish({ kind: 'scanned', answer: message.answer });
      };
      const onExit = (code: number | null, signal: string | null): void => {
        finish({ kind: 'crash', reason: `the process ended with ${String(signal ?? code)}` });
      };
      const timer = setTimeout(() => finish({ kind: 'timeout' }), this.timeoutMs);
      child.on('message', onMessage).on('exit', onExit);
      child.send(request);
    });
    if (outcome.kind !== 'scanned') {
      child.kill('SIGKILL');
      this.process = undefined;
    }
    return outcome;
  }

  async stop(): Promise<void> {
    const child = await this.process;
    child?.disconnect();
  }

  private start(): Promise<ChildProcess> {
    const started = performance.now();
    const child = fork(this.childFile, [this.dist], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return new Promise((resolve, reject) => {
      child.once('message', () => {
        child.removeAllListeners('exit');
        this.startTimes.push(performance.now() - started);
        resolve(child);
      });
      child.once('exit', (code) =>
        reject(new Error(`the scanning process could not be started (exit code ${String(code)})`)),
      );
    });
  }
}
