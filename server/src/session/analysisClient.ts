/**
 * The protocol thread's side of the conversation: starts the analysis thread, matches answers to requests, cancels, and
 * starts a thread that died again with growing pauses. What it knows is lost with the thread; the owner sends the state
 * (settings, documents) again when `onStarted` fires.
 */
import type { AnalysisSettings, Progress, Update } from '../model/analysis';
import type { IndexDigest } from '../model/digest';
import type { IndexHealth } from '../model/health';
import type { SliceRequest, SliceResult } from '../model/slice';
import {
  LANE,
  LANES,
  WANTED,
  type DocumentText,
  type FromAnalysis,
  type IndexCounts,
  type Lane,
  type LogLevel,
  type PublishedFile,
  type StartOptions,
  type ToAnalysis,
  type ModelFileProblem,
} from './analysisMessages';

/** A running thread, or something that behaves like one. */
export interface AnalysisThread {
  post(message: ToAnalysis): void;
  terminate(): Promise<void>;
}
export interface ThreadListener {
  onMessage(message: FromAnalysis): void;
  /** Called once, also after `terminate`. */
  onExit(reason: string): void;
}
/** `storage` is the folder of the index that it will open. */
export type SpawnAnalysis = (
  listener: ThreadListener,
  memoryMegabytes: number,
  storage: string | undefined,
) => AnalysisThread;

export interface AnalysisClientEvents {
  onStarted(): void;
  onPublished(files: readonly PublishedFile[]): void;
  onProgress(progress: Progress): void;
  onLog(level: LogLevel, message: string): void;
  /** A sentence or two that the user has to see. */
  onNotice(message: string): void;
  onModelProblems(problems: readonly ModelFileProblem[]): void;
  /** The thread died and will be started again in so many milliseconds. */
  onCrashed(reason: string, retryIn: number): void;
  /** It died too often, or could not be opened; only `start` tries again. */
  onGaveUp(reason: string): void;
}

/** The analysis thread ended before it answered. */
export class AnalysisStoppedError extends Error {
  override readonly name = 'AnalysisStoppedError';
}

/** The analysis answered with an error; the stack is the other thread's, for the log. */
export class AnalysisRequestError extends Error {
  override readonly name = 'AnalysisRequestError';
  constructor(
    message: string,
    readonly remoteStack: string,
  ) {
    super(message);
  }
}

export interface Updated {
  readonly update: Update;
  readonly counts: IndexCounts;
}
export interface Digested {
  /** Undefined when it was cancelled, or the index never came to rest. */
  readonly digest: IndexDigest | undefined;
  readonly named: readonly string[];
}
export interface ClientOptions extends Omit<StartOptions, 'cancelled'> {
  readonly memoryMegabytes: number;
}

export interface BackOff {
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** Deaths in a row, each within `forgetAfter` milliseconds of the last, after which we give up. */
  readonly attempts: number;
  readonly forgetAfter: number;
}
export const BACK_OFF: BackOff = { firstDelay: 500, longestDelay: 30_000, attempts: 5, forgetAfter: 180_000 };

interface Pending {
  readonly resolve: (message: FromAnalysis) => void;
  readonly reject: (error: Error) => void;
}

type Body<M> = M extends { id: number } ? Omit<M, 'id'> : never;

export class AnalysisClient {
  readonly #spawn: SpawnAnalysis;
  readonly #events: AnalysisClientEvents;
  readonly #backOff: BackOff;
  readonly #pending = new Map<number, Pending>();
  /** The number of the newest request of each lane. */
  readonly #newest: Record<Lane, number> = { edit: 0, run: 0, slice: 0 };
  #cancelled = new Int32Array(new SharedArrayBuffer((LANES + 1) * 4));
  #options: ClientOptions | undefined;
  #thread: AnalysisThread | undefined;
  /** Tells messages and exits of the present thread from those of one that was replaced. */
  #incarnation = 0;
  #nextId = 1;
  #deaths = 0;
  #lastDeath = 0;
  #retry: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(spawn: SpawnAnalysis, events: AnalysisClientEvents, backOff: BackOff = BACK_OFF) {
    this.#spawn = spawn;
    this.#events = events;
    this.#backOff = backOff;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Starts the thread, in place of the one that runs. `onStarted` fires when the index is open. */
  async start(options: ClientOptions): Promise<void> {
    await this.stop();
    this.#options = options;
    this.#deaths = 0;
    this.#launch(options);
  }

  /** Closes the index and ends the thread; after `graceMilliseconds` without an answer it is ended anyway. */
  async stop(graceMilliseconds = 1_500): Promise<void> {
    clearTimeout(this.#retry);
    this.#options = undefined;
    const thread = this.#thread;
    if (thread === undefined) return;
    this.cancel('run');
    this.cancel('edit');
    this.cancel('slice');
    if (this.#isStarted) await within(this.#request({ type: 'close' }), graceMilliseconds);
    this.#forgetThread('The analysis was stopped.');
    await thread.terminate();
  }

  async update(
    documents: readonly DocumentText[],
    closed: readonly string[],
    files: readonly string[],
  ): Promise<Updated> {
    return this.#updated(this.#request({ type: 'update', documents, closed, files }, 'edit'));
  }

  async scan(paths?: readonly string[]): Promise<Updated> {
    return this.#updated(this.#request({ type: 'scan', paths }, 'run'));
  }

  async rebuild(): Promise<Updated> {
    return this.#updated(this.#request({ type: 'rebuild' }, 'run'));
  }

  async changeSettings(settings: AnalysisSettings): Promise<Updated> {
    return this.#updated(this.#request({ type: 'settings', settings }));
  }

  async health(): Promise<IndexHealth> {
    const answer = await this.#request({ type: 'health' });
    if (answer.type !== 'health') throw unexpected(answer);
    return answer.health;
  }

  /** `onAsked` gets what cancels it. */
  async slice(request: SliceRequest, onAsked: (cancel: () => void) => void): Promise<SliceResult> {
    const asked = this.#request({ type: 'slice', request }, 'slice');
    const id = this.#newest.slice;
    const cancelled = this.#cancelled;
    onAsked(() => {
      Atomics.store(cancelled, LANE.slice, Math.max(id, Atomics.load(cancelled, LANE.slice)));
    });
    const answer = await asked;
    if (answer.type !== 'slice') throw unexpected(answer);
    return answer.result;
  }

  /** Is cancelled like a long run. */
  async digest(): Promise<Digested> {
    const answer = await this.#request({ type: 'digest' }, 'run');
    if (answer.type !== 'digest') throw unexpected(answer);
    return answer;
  }

  /** Asks the requests of a lane that are under way to stop; they answer with a cancelled update. */
  cancel(lane: Lane): void {
    Atomics.store(this.#cancelled, LANE[lane], this.#newest[lane]);
  }

  #launch(options: ClientOptions): void {
    const incarnation = ++this.#incarnation;
    const buffer = new SharedArrayBuffer((LANES + 1) * 4);
    this.#cancelled = new Int32Array(buffer);
    const isCurrent = (): boolean => incarnation === this.#incarnation;
    const { memoryMegabytes, ...start } = options;
    this.#thread = this.#spawn(
      {
        onMessage: (message) => {
          if (isCurrent()) this.#receive(message);
        },
        onExit: (reason) => {
          if (isCurrent()) this.#died(reason);
        },
      },
      memoryMegabytes,
      start.storage,
    );
    this.#thread.post({ type: 'start', options: { ...start, cancelled: buffer } });
  }

  #receive(message: FromAnalysis): void {
    switch (message.type) {
      case 'started':
        this.#isStarted = true;
        this.#events.onStarted();
        return;
      case 'startFailed': {
        const thread = this.#thread;
        this.#forgetThread(message.message);
        void thread?.terminate();
        this.#events.onGaveUp(message.message);
        return;
      }
      case 'published':
        this.#events.onPublished(message.files);
        return;
      case 'progress':
        this.#events.onProgress(message.progress);
        return;
      case 'log':
        this.#events.onLog(message.level, message.message);
        return;
      case 'notice':
        this.#events.onNotice(message.message);
        return;
      case 'modelProblems':
        this.#events.onModelProblems(message.problems);
        return;
      case 'failed':
        this.#take(message.id)?.reject(new AnalysisRequestError(message.message, message.stack));
        return;
      case 'updated':
      case 'health':
      case 'slice':
      case 'digest':
      case 'closed':
        this.#take(message.id)?.resolve(message);
        return;
    }
  }

  #died(reason: string): void {
    const options = this.#options;
    this.#forgetThread(reason);
    if (options === undefined) return;
    const now = Date.now();
    this.#deaths = now - this.#lastDeath > this.#backOff.forgetAfter ? 1 : this.#deaths + 1;
    this.#lastDeath = now;
    if (this.#deaths > this.#backOff.attempts) {
      this.#events.onGaveUp(reason);
      return;
    }
    const delay = Math.min(this.#backOff.longestDelay, this.#backOff.firstDelay * 2 ** (this.#deaths - 1));
    this.#events.onCrashed(reason, delay);
    this.#retry = setTimeout(() => {
      this.#launch(options);
    }, delay);
  }

  #forgetThread(reason: string): void {
    this.#incarnation++;
    this.#thread = undefined;
    this.#isStarted = false;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new AnalysisStoppedError(reason));
  }

  #request(body: Body<ToAnalysis>, lane?: Lane): Promise<FromAnalysis> {
    const thread = this.#thread;
    if (thread === undefined) return Promise.reject(new AnalysisStoppedError('The analysis is not running.'));
    const id = this.#nextId++;
    if (lane !== undefined) this.#newest[lane] = id;
    if (body.type === 'update') Atomics.store(this.#cancelled, WANTED, id);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      thread.post({ ...body, id });
    });
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #updated(request: Promise<FromAnalysis>): Promise<Updated> {
    const answer = await request;
    if (answer.type !== 'updated') throw unexpected(answer);
    return answer;
  }
}

function unexpected(answer: FromAnalysis): Error {
  return new Error(`The analysis thread gave an answer of the wrong kind: ${answer.type}.`);
}

/** Waits for the promise, however it ends, but not longer. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, timeout]);
  clearTimeout(timer);
}
