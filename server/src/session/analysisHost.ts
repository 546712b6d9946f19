/**
 * The analysis thread's side of the conversation: owns the `Analysis`, carries out what the protocol thread asks for,
 * and publishes findings as they become final. Knows nothing of threads itself: messages come in by `receive` and go
 * out by a function, so that tests run it in process.
 */
import { existsSync } from 'node:fs';
import { setImmediate as pause, setTimeout as after } from 'node:timers/promises';
import type { CancellationToken, Counts, Logger, Update } from '../model/analysis';
import type { FileStatus } from '../model/finding';
import type { MonitoredAnalysis } from '../model/health';
import type { SliceRequest, SliceResult } from '../model/slice';
import type { Digested } from './analysisClient';
import {
  LANE,
  WANTED,
  type FromAnalysis,
  type IndexCounts,
  type Lane,
  type PublishedFile,
  type StartOptions,
  type ToAnalysis,
} from './analysisMessages';
import { Publisher } from './publisher';

/** Files a message: enough to be cheap, few enough that the protocol thread never stalls on one. */
const FILES_PER_MESSAGE = 200;
const PROGRESS_INTERVAL = 100;
/** Milliseconds that what is stored waits, all in all, for updates of documents that somebody looks at, before it is published as a whole. */
const LONGEST_WAIT = 500;
/** Quiet time after which the analysis may write a checkpoint. */
const IDLE_DELAY = 5_000;
/** Some housekeeping is due after a day, whether anything happened or not. */
const IDLE_INTERVAL = 60 * 60 * 1000;

export type OpenAnalysis = (options: StartOptions, log: Logger) => Promise<MonitoredAnalysis>;
type Send = (message: FromAnalysis) => void;

export class AnalysisHost {
  readonly #open: OpenAnalysis;
  readonly #send: Send;
  readonly #log: Logger;
  #started: Promise<Opened> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #running = 0;
  #isClosing = false;

  constructor(open: OpenAnalysis, send: Send) {
    this.#open = open;
    this.#send = send;
    const line = (level: 'error' | 'warn' | 'info' | 'debug') => (message: string) => {
      send({ type: 'log', level, message });
    };
    this.#log = {
      error: line('error'),
      warn: line('warn'),
      notice: (message) => {
        send({ type: 'notice', message });
      },
      info: line('info'),
      debug: line('debug'),
    };
  }

  receive(message: ToAnalysis): void {
    if (message.type === 'start') {
      this.#start(message.options);
      return;
    }
    void this.#answer(message);
  }

  #start(options: StartOptions): void {
    this.#started = this.#open(options, this.#log).then(
      (analysis) => new Opened(analysis, options, this.#send, (work) => void this.#during(work)),
    );
    this.#started.then(
      () => this.#send({ type: 'started' }),
      (error: unknown) => this.#send({ type: 'startFailed', message: messageOf(error) }),
    );
  }

  async #answer(message: Exclude<ToAnalysis, { type: 'start' }>): Promise<void> {
    const answer = async (): Promise<void> => {
      try {
        if (this.#started === undefined) throw new Error('The analysis was asked before it was started.');
        await this.#dispatch(await this.#started, message);
      } catch (error) {
        const stack = error instanceof Error ? (error.stack ?? '') : '';
        this.#send({ type: 'failed', id: message.id, message: messageOf(error), stack });
      }
    };
    if (message.type === 'close') this.#isClosing = true;
    await this.#during(answer());
  }

  /** There is something to do until this is done. */
  async #during(work: Promise<void>): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#running++;
    await work;
    this.#running--;
    if (this.#running === 0 && !this.#isClosing) this.#scheduleIdle(IDLE_DELAY);
  }

  async #dispatch(opened: Opened, message: Exclude<ToAnalysis, { type: 'start' }>): Promise<void> {
    const { id } = message;
    switch (message.type) {
      case 'update':
        this.#finish(id, await opened.update(message), opened);
        return;
      case 'scan':
        this.#finish(id, await opened.scan(id, message.paths), opened);
        return;
      case 'rebuild':
        this.#finish(id, await opened.rebuild(id), opened);
        return;
      case 'settings': {
        const update = await opened.analysis.changeSettings(message.settings);
        opened.publish(update.affected);
        this.#finish(id, update, opened);
        return;
      }
      case 'health':
        this.#send({ type: 'health', id, health: await opened.analysis.health() });
        return;
      case 'slice':
        this.#send({ type: 'slice', id, result: await opened.slice(id, message.request) });
        return;
      case 'digest':
        this.#send({ type: 'digest', id, ...(await opened.digest(id)) });
        return;
      case 'close':
        opened.stop();
        await opened.analysis.close();
        this.#send({ type: 'closed', id });
        return;
    }
  }

  #finish(id: number, update: Update, opened: Opened): void {
    this.#send({ type: 'updated', id, update, counts: opened.counts() });
  }

  #scheduleIdle(delay: number): void {
    this.#idleTimer = setTimeout(() => {
      void this.#started
        ?.then(async (opened) => {
          if (this.#running > 0) return;
          opened.publish(await opened.analysis.idle());
          if (this.#running === 0) this.#scheduleIdle(IDLE_INTERVAL);
        })
        .catch((error: unknown) => {
          this.#log.error(`Housekeeping of the index failed: ${messageOf(error)}`);
        });
    }, delay);
    this.#idleTimer.unref();
  }
}

type RunOptions = Required<Omit<Parameters<MonitoredAnalysis['scan']>[0], 'paths'>>;

/** An open analysis with what is known of its front end: document versions and what was published. */
class Opened {
  readonly analysis: MonitoredAnalysis;
  readonly #cancelled: Int32Array;
  readonly #send: Send;
  readonly #publisher: Publisher;
  /** Versions of open documents that are analysed, or being analysed by the update under way. */
  readonly #versions = new Map<string, number>();
  #allPublished = false;
  /** Updates under way. */
  readonly #updating = new Set<Promise<Update>>();
  /** Number of the newest update that was asked for and has arrived. */
  #newestUpdate = 0;
  readonly #roots: readonly string[];
  /** Paths analysed because someone named them. */
  readonly #named = new Set<string>();
  /** Documents of which something was shown that an update has not completed yet; and the update that does, when it is under way. */
  readonly #previewed = new Set<string>();
  #completion: { isCancelled: boolean } | undefined;
  readonly #during: (work: Promise<void>) => void;

  /** `during` is told of work that goes on after the message that it began with was answered. */
  constructor(analysis: MonitoredAnalysis, options: StartOptions, send: Send, during: (work: Promise<void>) => void) {
    this.analysis = analysis;
    this.#roots = options.roots;
    this.#cancelled = new Int32Array(options.cancelled);
    this.#send = send;
    this.#publisher = new Publisher(analysis);
    this.#during = during;
  }

  /** What is still to be completed is not worth waiting for. */
  stop(): void {
    if (this.#completion !== undefined) this.#completion.isCancelled = true;
  }

  async update(message: Extract<ToAnalysis, { type: 'update' }>): Promise<Update> {
    this.#newestUpdate = message.id;
    const versions = new Map<string, number>();
    const changed: string[] = [];
    for (const document of message.documents) {
      this.analysis.setOverlay(document.path, document.text, document.languageId);
      versions.set(document.path, document.version);
      changed.push(document.path);
    }
    for (const path of message.closed) {
      this.analysis.removeOverlay(path);
      this.#versions.delete(path);
      changed.push(path);
    }
    for (const path of message.files) changed.push(path);
    for (const path of versions.keys()) this.#versions.delete(path);
    const confirm = (published: Iterable<string>): void => {
      const paths = [...published];
      for (const path of paths) {
        const version = versions.get(path);
        if (version !== undefined) this.#versions.set(path, version);
      }
      this.publish(paths);
    };
    for (const path of message.closed) this.#named.delete(path);
    for (const path of versions.keys()) if (!this.#roots.some((root) => isInside(root, path))) this.#named.add(path);
    // What was shown before is completed together with this.
    this.stop();
    const paths = [...new Set([...changed, ...this.#previewed])];
    if (changed.length === versions.size && versions.size > 0) {
      const preview = this.analysis.preview(changed);
      if (preview !== undefined) {
        for (const path of changed) this.#previewed.add(path);
        confirm(changed);
        this.#during(this.#complete(paths, confirm));
        return preview;
      }
    }
    const updating = this.#updateOrScan(paths, { onPublish: confirm, token: this.#token('edit', message.id) });
    this.#updating.add(updating);
    const update = await updating.finally(() => this.#updating.delete(updating));
    // In a message of their own, and first: someone is waiting for them, and an edit may concern very many other files.
    if (!update.cancelled) this.#confirmAll(update, [...versions.keys()], confirm);
    return update;
  }

  /** Does what was put off for showing something at once; left to the next update when that comes earlier. */
  async #complete(paths: readonly string[], confirm: (paths: Iterable<string>) => void): Promise<void> {
    const completion = { isCancelled: false };
    this.#completion = completion;
    try {
      const update = await this.#updateOrScan(paths, { onPublish: confirm, token: completion });
      if (!update.cancelled) this.#confirmAll(update, paths, confirm);
    } catch (error) {
      this.#send({ type: 'log', level: 'error', message: `An update failed: ${messageOf(error)}` });
    } finally {
      if (this.#completion === completion) this.#completion = undefined;
    }
  }

  /** Publishes what an update did, these documents first. */
  #confirmAll(update: Update, documents: readonly string[], confirm: (paths: Iterable<string>) => void): void {
    confirm(documents);
    const concerned = this.#concerned(update);
    for (const path of this.#previewed) concerned.add(path);
    this.#previewed.clear();
    for (const path of documents) concerned.delete(path);
    this.publish(concerned);
  }

  async scan(id: number, paths: readonly string[] | undefined): Promise<Update> {
    if (!this.#allPublished) await this.#publishAll();
    const options = this.#run(id);
    for (const path of paths ?? []) this.#named.add(path);
    if (paths !== undefined) return this.#published(await this.analysis.scan({ paths, ...options }));
    const update = this.#published(await this.analysis.scan(options));
    if (update.cancelled || this.#named.size === 0) return update;
    const named = this.#published(await this.analysis.scan({ paths: [...this.#named], ...options }));
    return named.cancelled ? named : combine(update, named);
  }

  async rebuild(id: number): Promise<Update> {
    const { onProgress, awaited, token } = this.#run(id);
    const update = await this.analysis.rebuild({ onProgress, awaited, token });
    if (!update.cancelled) await this.#publishAll();
    return update;
  }

  slice(id: number, request: SliceRequest): Promise<SliceResult> {
    return this.analysis.slice(request, { token: this.#token('slice', id), awaited: () => this.#isUpdateAwaited() });
  }

  async digest(id: number): Promise<Digested> {
    const digest = await this.analysis.digest(this.#token('run', id));
    return { digest, named: [...this.#named] };
  }

  publish(paths: Iterable<string>): void {
    let batch: PublishedFile[] = [];
    for (const path of paths) {
      const file = this.#publisher.publish(path, this.#versions.get(path));
      if (file === undefined) continue;
      // What lies outside of all roots has no status of its own; being named is what makes it belong.
      const isNamed = file.version !== undefined && file.status === undefined && this.#isNamed(path);
      batch.push(isNamed ? { ...file, status: wholeFile(path) } : file);
      if (batch.length < FILES_PER_MESSAGE) continue;
      this.#send({ type: 'published', files: batch });
      batch = [];
    }
    if (batch.length > 0) this.#send({ type: 'published', files: batch });
  }

  counts(): IndexCounts {
    const { indexed, partial, failed } = this.analysis.fileCounts();
    return { files: indexed + partial, partial, failed };
  }

  /**
   * Everything the index holds: what a warm start shows at once, and the new state after a rebuild. Lets edits in
   * between, and documents that were opened meanwhile go first, because resolving every finding of a large workspace takes longer than they may wait.
   */
  async #publishAll(): Promise<void> {
    const patience = after(LONGEST_WAIT, undefined, { ref: false });
    const giveWay = async (): Promise<void> => {
      await pause();
      if (this.#updating.size > 0) await Promise.race([Promise.allSettled(this.#updating), patience]);
    };
    await giveWay();
    for (const _step of this.analysis.readFindings()) await giveWay();
    const paths = new Set(this.#publisher.known());
    for (const finding of this.analysis.allFindings()) paths.add(finding.sink.path);
    for (const status of this.analysis.statuses()) {
      if (status.state !== 'indexed' || status.limits.length > 0) paths.add(status.path);
    }
    const all = [...paths];
    for (let i = 0; i < all.length; i += FILES_PER_MESSAGE) {
      this.publish(all.slice(i, i + FILES_PER_MESSAGE));
      await pause();
    }
    this.#allPublished = true;
  }

  /**
   * What was named on purpose (a folder to scan, an open document outside of the workspace) is not part of the
   * workspace: an update would take it for excluded, a scan that names it again does not.
   */
  async #updateOrScan(
    paths: readonly string[],
    options: { onPublish: (paths: readonly string[]) => void; token: CancellationToken },
  ): Promise<Update> {
    const named = paths.filter((path) => this.#isNamed(path) && existsSync(path));
    if (named.length === 0) return this.analysis.update(paths, options);
    const update = await this.analysis.scan({ paths: named, ...options });
    const others = paths.filter((path) => !named.includes(path));
    if (update.cancelled || others.length === 0) return update;
    return combine(update, await this.analysis.update(others, options));
  }

  #isNamed(path: string): boolean {
    for (const name of this.#named) if (isInside(name, path)) return true;
    return false;
  }

  #published(update: Update): Update {
    if (!update.cancelled) this.publish(this.#concerned(update));
    return update;
  }

  #concerned({ affected, indexed, removed }: Update): Set<string> {
    return this.#publisher.concerned([...affected, ...indexed, ...removed]);
  }

  #run(id: number): RunOptions {
    let last = 0;
    let stage = '';
    return {
      onProgress: (progress) => {
        const now = performance.now();
        if (progress.stage === stage && now - last < PROGRESS_INTERVAL) return;
        last = now;
        stage = progress.stage;
        this.#send({ type: 'progress', id, progress });
      },
      onPublish: (paths) => {
        this.publish(paths);
      },
      awaited: () => this.#isUpdateAwaited(),
      token: this.#token('run', id),
    };
  }

  /** An update was asked for by a message that has not been read yet. */
  #isUpdateAwaited(): boolean {
    return Atomics.load(this.#cancelled, WANTED) > this.#newestUpdate;
  }

  #token(lane: Lane, id: number): CancellationToken {
    const flags = this.#cancelled;
    const index = LANE[lane];
    return {
      get isCancelled() {
        return Atomics.load(flags, index) >= id;
      },
    };
  }
}

function wholeFile(path: string): FileStatus {
  return { path, state: 'indexed', reason: '', lost: [], limits: [] };
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Two updates that were asked for as one; counts of the index are those of the later one. */
function combine(first: Update, second: Update): Update {
  return {
    ...second,
    indexed: [...first.indexed, ...second.indexed],
    removed: [...first.removed, ...second.removed],
    failed: [...first.failed, ...second.failed],
    affected: [...new Set([...first.affected, ...second.affected])],
    relinkedFunctions: first.relinkedFunctions + second.relinkedFunctions,
    summarizedFunctions: first.summarizedFunctions + second.summarizedFunctions,
    files: { ...sum(first.files, second.files), renamed: first.files.renamed + second.files.renamed },
    functions: sum(first.functions, second.functions),
    summaries: sum(first.summaries, second.summaries),
    findings: { ...sum(first.findings, second.findings), total: second.findings.total },
    queries: [...first.queries, ...second.queries],
    milliseconds: first.milliseconds + second.milliseconds,
  };
}

function sum(a: Counts, b: Counts): Counts {
  return { added: a.added + b.added, changed: a.changed + b.changed, removed: a.removed + b.removed };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
