/**
 * The state of the index as the client shows it, and when it is told: changes of state at once, everything else at
 * most ten times a second.
 */
import type { Progress } from '../model/analysis';
import type { IndexState, IndexStatus } from '../protocol/messages';
import type { IndexCounts } from './analysisMessages';

const INTERVAL = 100;

export class StatusTracker {
  #status: IndexStatus = {
    state: 'starting',
    generation: 0,
    files: 0,
    findings: 0,
    partialFiles: 0,
    failedFiles: 0,
    pendingEdits: 0,
    message: '',
  };
  readonly #notify: (status: IndexStatus) => void;
  #lastSent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(notify: (status: IndexStatus) => void) {
    this.#notify = notify;
  }

  get current(): IndexStatus {
    return this.#status;
  }

  state(state: IndexState, message = ''): void {
    if (state === this.#status.state && message === this.#status.message) return;
    const { progress: _gone, ...rest } = this.#status;
    this.#status = { ...rest, state, message };
    this.#send();
  }

  progress({ stage, done, total, detail }: Progress): void {
    if (this.#status.state !== 'indexing') return;
    this.#status = { ...this.#status, progress: { stage, done, total, detail } };
    this.#soon();
  }

  updated(generation: number, counts: IndexCounts, findings: number): void {
    const { files, partial, failed } = counts;
    this.#status = { ...this.#status, generation, files, partialFiles: partial, failedFiles: failed, findings };
    this.#soon();
  }

  findings(findings: number): void {
    if (findings === this.#status.findings) return;
    this.#status = { ...this.#status, findings };
    this.#soon();
  }

  pendingEdits(pendingEdits: number): void {
    if (pendingEdits === this.#status.pendingEdits) return;
    this.#status = { ...this.#status, pendingEdits };
    this.#soon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #soon(): void {
    const wait = this.#lastSent + INTERVAL - performance.now();
    if (wait <= 0) this.#send();
    else if (this.#timer === undefined) this.#timer = setTimeout(() => this.#send(), wait).unref();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastSent = performance.now();
    this.#notify(this.#status);
  }
}
