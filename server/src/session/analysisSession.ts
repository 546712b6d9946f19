/**
 * The life of one analysis behind one client: start, first index, edits, settings, rebuild, recovery. Ties the analysis
 * thread, the open documents and the published findings together; speaks to the user only through `SessionUi`, so it
 * knows nothing of the connection.
 */
import type { Progress } from '../model/analysis';
import type { IndexHealth } from '../model/health';
import type { SliceRequest, SliceResult } from '../model/slice';
import { describeVerification, type Verification } from '../present/health';
import type { IndexStatus, RunResult, VerifyResult } from '../protocol/messages';
import { count } from '../present/wording';
import {
  AnalysisClient,
  AnalysisRequestError,
  AnalysisStoppedError,
  BACK_OFF,
  type BackOff,
  type ClientOptions,
  type SpawnAnalysis,
  type Updated,
} from './analysisClient';
import type { LogLevel, ModelFileProblem } from './analysisMessages';
import type { Documents } from './documents';
import type { PublishedFindings } from './published';
import type { Settings } from './settings';
import { StatusTracker } from './statusTracker';
import { describeQueries, describeUpdate } from './updateLog';
import { compareWithCleanBuild } from './verification';
import { SCHEDULE, UpdateScheduler, type Batch, type SchedulerOptions } from './updateScheduler';

export interface RunProgress {
  report(progress: Progress): void;
  done(): void;
}
export interface SessionUi {
  log(level: LogLevel, message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Shows work-done progress; `onCancel` is called when the user cancels it. */
  progress(title: string, onCancel: () => void): RunProgress;
  statusChanged(status: IndexStatus): void;
  /** All that is wrong in model files of the workspace. */
  modelProblems(problems: readonly ModelFileProblem[]): void;
}
export interface SessionOptions {
  readonly spawn: SpawnAnalysis;
  readonly ui: SessionUi;
  readonly backOff?: BackOff;
  readonly schedule?: SchedulerOptions;
}
export interface SessionStart {
  readonly roots: readonly string[];
  readonly storage: string | undefined;
  readonly workspaceModels: boolean;
  readonly settings: Settings;
}
export interface Cancellation {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

const OWN_MODELS = /[\\/]\.tributary[\\/]models[\\/][^\\/]+\.ya?ml$/;

export class AnalysisSession {
  readonly status: StatusTracker;
  readonly #documents: Documents;
  readonly #published: PublishedFindings;
  readonly #ui: SessionUi;
  readonly #client: AnalysisClient;
  readonly #scheduler: UpdateScheduler;
  readonly #spawn: SpawnAnalysis;
  #roots: readonly string[] = [];
  #storage: string | undefined;
  #workspaceModels = true;
  #settings: Settings | undefined;
  /** Long runs, one after the other. */
  #runs: Promise<unknown> = Promise.resolve();
  #onProgress: ((progress: Progress) => void) | undefined;
  #ready = deferred();
  #wasToldOfCrash = false;
  /** What the analysis said last for the user to see: one that is started again after a crash says the same. */
  #lastNotice = '';
  #isDisposed = false;
  #verification: Verification | undefined;
  #isVerifying = false;
  #stopVerifying: () => void = () => undefined;
  #restarts = 0;

  constructor(documents: Documents, published: PublishedFindings, { spawn, ui, backOff, schedule }: SessionOptions) {
    this.#documents = documents;
    this.#published = published;
    this.#ui = ui;
    this.#spawn = spawn;
    this.status = new StatusTracker((status) => {
      ui.statusChanged(status);
    });
    this.#client = new AnalysisClient(
      spawn,
      {
        onStarted: () => void this.#started(),
        onPublished: (files) => {
          published.apply(files);
          for (const { path, version } of files) if (version !== undefined) this.#scheduler.published(path);
        },
        onProgress: (progress) => {
          this.status.progress(progress);
          this.#onProgress?.(progress);
        },
        onLog: (level, message) => {
          ui.log(level, message);
        },
        onNotice: (message) => {
          this.#notice(message);
        },
        onModelProblems: (problems) => {
          ui.modelProblems(problems);
        },
        onCrashed: (reason, retryIn) => {
          this.#crashed(reason, retryIn);
        },
        onGaveUp: (reason) => {
          this.#gaveUp(reason);
        },
      },
      backOff ?? BACK_OFF,
    );
    this.#scheduler = new UpdateScheduler(
      {
        run: (batch) => this.#update(batch),
        cancel: () => {
          this.#client.cancel('edit');
        },
        onFailed: (batch, error) => {
          this.#updateFailed(batch, error);
        },
        onPending: (pending) => {
          this.status.pendingEdits(pending);
        },
      },
      schedule ?? SCHEDULE,
    );
  }

  async start({ roots, storage, workspaceModels, settings }: SessionStart): Promise<void> {
    this.#roots = roots;
    this.#storage = storage;
    this.#workspaceModels = workspaceModels;
    this.#settings = settings;
    this.#documents.roots = roots;
    await this.#restart();
  }

  documentChanged(path: string): void {
    if (this.#isTooLarge(path)) this.#scheduler.closed(path);
    else this.#scheduler.document(path);
  }

  documentClosed(path: string): void {
    this.#published.forgetVersion(path);
    this.#scheduler.closed(path);
  }

  /** Files created, changed or deleted on disk. Open documents are left out: their text in the editor counts. */
  filesChanged(paths: readonly string[]): void {
    if (paths.some((path) => OWN_MODELS.test(path))) {
      this.#ui.log('info', 'Models of the workspace changed; the analysis is restarted with them.');
      void this.#restart();
      return;
    }
    this.#documents.changedOnDisk(paths);
    this.#scheduler.files(paths.filter((path) => !this.#documents.isOpen(path)));
  }

  async changeSettings(settings: Settings): Promise<void> {
    const previous = this.#settings;
    this.#settings = settings;
    if (previous === undefined || JSON.stringify(previous) === JSON.stringify(settings)) return;
    const isOther =
      previous.enable !== settings.enable ||
      previous.maxMemory !== settings.maxMemory ||
      previous.analysis.incremental !== settings.analysis.incremental;
    if (isOther || !this.#client.isStarted) {
      await this.#restart();
      return;
    }
    await this.#client.changeSettings(settings.analysis);
    this.#ui.log('info', `Settings changed: ${count(this.#published.total, 'finding')}.`);
    const before = previous.analysis;
    const after = settings.analysis;
    const sameFiles =
      before.includeDependencies === after.includeDependencies &&
      before.maxFileSize === after.maxFileSize &&
      before.exclude.join('\n') === after.exclude.join('\n');
    if (!sameFiles) await this.refresh();
  }

  async changeRoots(roots: readonly string[]): Promise<void> {
    this.#roots = roots;
    this.#documents.roots = roots;
    await this.#restart();
  }

  refresh(token?: Cancellation): Promise<RunResult> {
    return this.#run('Tributary: updating the index', () => this.#client.scan(), token);
  }

  /** A rebuild makes a scan under way pointless: that is cancelled first. */
  async rebuild(token?: Cancellation): Promise<RunResult> {
    if (this.status.current.state === 'failed') await this.#restart();
    this.#client.cancel('run');
    this.#ui.log('info', 'Rebuilding the index.');
    return this.#run('Tributary: rebuilding the index', () => this.#client.rebuild(), token);
  }

  scanFolder(path: string, token?: Cancellation): Promise<RunResult> {
    return this.#run('Tributary: scanning folder', () => this.#client.scan([path]), token);
  }

  /** What can reach a sink, or what a source reaches. */
  async slice(request: SliceRequest, token: Cancellation): Promise<SliceResult> {
    if (this.status.current.state === 'disabled')
      return { outcome: 'notReady', message: 'Tributary is switched off (tributary.enable).' };
    if (!(await this.#ready.promise))
      return { outcome: 'notReady', message: 'The analysis is not running; see the output for the reason.' };
    if (token.isCancellationRequested) return { outcome: 'cancelled', message: 'Cancelled.' };
    let cancelled: { dispose(): void } | undefined;
    try {
      return await this.#client.slice(request, (cancel) => {
        cancelled = token.onCancellationRequested(cancel);
      });
    } finally {
      cancelled?.dispose();
    }
  }

  health(): Promise<IndexHealth> {
    return this.#client.health();
  }

  /** Of the last comparison with a clean build. */
  get verification(): Verification | undefined {
    return this.#verification;
  }

  /** Compares the index with a clean build on a thread of its own. One at a time. */
  async verify(token?: Cancellation): Promise<VerifyResult> {
    const settings = this.#settings;
    if (settings?.enable !== true) {
      return { outcome: 'disabled', message: 'Tributary is switched off (tributary.enable).' };
    }
    if (this.#isVerifying) return { outcome: 'failed', message: 'The index is being compared already.' };
    this.#isVerifying = true;
    const abort = new AbortController();
    const cancel = (): void => {
      abort.abort();
    };
    const cancelled = token?.onCancellationRequested(cancel);
    this.#stopVerifying = cancel;
    const progress = this.#ui.progress('Tributary: comparing the index with a clean build', cancel);
    try {
      const before = await this.refresh(token);
      if (before.outcome !== 'done') return { outcome: before.outcome, message: before.message };
      const verification = await compareWithCleanBuild({
        live: this.#client,
        spawn: this.#spawn,
        options: { ...this.#analysisOptions(settings), storage: undefined, extractionThreads: 1 },
        refresh: async () => (await this.refresh()).indexed > 0,
        onProgress: (each) => {
          progress.report(each);
        },
        signal: abort.signal,
      });
      if (verification === undefined) return { outcome: 'cancelled', message: 'The comparison was cancelled.' };
      return this.#verified(verification);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#logError(`The index could not be compared with a clean build: ${message}`, error);
      return { outcome: 'failed', message };
    } finally {
      this.#isVerifying = false;
      cancelled?.dispose();
      progress.done();
    }
  }

  #verified(verification: Verification): VerifyResult {
    this.#verification = verification;
    const message = describeVerification(verification);
    this.#ui.log(verification.kind === 'different' ? 'error' : 'info', message);
    if (verification.kind === 'different') {
      for (const { subject, kinds } of verification.comparison.first)
        this.#ui.log('error', `  ${subject}: ${kinds.join(', ')}`);
    }
    return { outcome: verification.kind, message };
  }

  /** Settles when the analysis has seen this version of the document, or cannot come to see it. */
  async whenAnalysed(path: string, version: number, longest: number, token: Cancellation): Promise<void> {
    const { events } = this.#published;
    const isDone = (): boolean => (this.#published.analysedVersion(path) ?? -1) >= version;
    // A token that is cancelled already fires no event any more.
    if (isDone() || token.isCancellationRequested || !this.#canAnalyse() || this.#isTooLarge(path)) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        cancelled.dispose();
        events.off('analysed', onAnalysed);
        events.off('abandoned', onAbandoned);
        resolve();
      };
      const onAnalysed = (which: string, seen: number): void => {
        if (which === path && seen >= version) finish();
      };
      const onAbandoned = (which: string): void => {
        if (which === path) finish();
      };
      const timer = setTimeout(finish, longest);
      const cancelled = token.onCancellationRequested(finish);
      events.on('analysed', onAnalysed);
      events.on('abandoned', onAbandoned);
    });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#stopVerifying();
    this.#scheduler.pause();
    this.status.dispose();
    this.#ready.resolve(false);
    await this.#client.stop();
  }

  /** Such a text is skipped by the analysis; copying it on every key would only slow the editor down. */
  #isTooLarge(path: string): boolean {
    const limit = this.#settings?.analysis.maxFileSize ?? Infinity;
    return (this.#documents.get(path)?.text.length ?? 0) > limit;
  }

  /** Who comes now, or waits already, waits for the next start. */
  #notReady(): void {
    if (this.#ready.isSettled) this.#ready = deferred();
  }

  #canAnalyse(): boolean {
    const { state } = this.status.current;
    return state !== 'disabled' && state !== 'failed' && !this.#isDisposed;
  }

  async #restart(): Promise<void> {
    const settings = this.#settings;
    if (settings === undefined || this.#isDisposed) return;
    const restart = ++this.#restarts;
    this.#scheduler.pause();
    this.#notReady();
    await this.#client.stop();
    // Another restart may have begun meanwhile; the last one wins.
    if (restart !== this.#restarts) return;
    if (!settings.enable) {
      this.#published.clear();
      this.#ready.resolve(false);
      this.status.state('disabled', 'Tributary is switched off by the setting tributary.enable.');
      return;
    }
    this.status.state('starting');
    await this.#client.start(this.#analysisOptions(settings));
  }

  #analysisOptions(settings: Settings): ClientOptions {
    return {
      roots: this.#roots,
      storage: this.#storage,
      settings: settings.analysis,
      workspaceModels: this.#workspaceModels,
      memoryMegabytes: settings.maxMemory,
    };
  }

  /** Open documents first, then the workspace in the background. */
  async #started(): Promise<void> {
    const restart = this.#restarts;
    this.#published.startEpoch();
    this.status.state('indexing');
    this.#ready.resolve(true);
    await this.#scheduler.resume([...this.#documents.paths()].filter((path) => !this.#isTooLarge(path)));
    if (restart !== this.#restarts || this.#isDisposed) return;
    const result = await this.refresh();
    if (result.outcome === 'done' && restart === this.#restarts) this.#published.endEpoch();
  }

  #run(title: string, work: () => Promise<Updated>, token?: Cancellation): Promise<RunResult> {
    const result = this.#runs.then(() => this.#runNow(title, work, token));
    this.#runs = result.catch(() => undefined);
    return result;
  }

  async #runNow(title: string, work: () => Promise<Updated>, token: Cancellation | undefined): Promise<RunResult> {
    if (this.status.current.state === 'disabled')
      return ended('disabled', 'Tributary is switched off (tributary.enable).');
    if (!(await this.#ready.promise))
      return ended('failed', 'The analysis is not running; see the output for the reason.');
    if (token?.isCancellationRequested === true) return ended('cancelled', 'Cancelled.');
    const cancel = (): void => {
      this.#client.cancel('run');
    };
    const cancelled = token?.onCancellationRequested(cancel);
    this.status.state('indexing');
    const progress = this.#ui.progress(title, cancel);
    this.#onProgress = (each) => {
      progress.report(each);
    };
    try {
      const { update } = this.#took(await work());
      if (update.cancelled) {
        this.status.state('incomplete', 'Indexing was cancelled. The index is usable but not complete.');
        return ended('cancelled', 'Indexing was cancelled; the findings shown are those of the last complete run.');
      }
      this.status.state('ready');
      return {
        outcome: 'done',
        message: `${count(update.indexed.length, 'file')} indexed, ${count(this.#published.total, 'finding')}.`,
        findings: this.#published.total,
        indexed: update.indexed.length,
        failedFiles: update.failed.length,
      };
    } catch (error) {
      return this.#runFailed(title, error);
    } finally {
      this.#onProgress = undefined;
      cancelled?.dispose();
      progress.done();
    }
  }

  #runFailed(title: string, error: unknown): RunResult {
    const message = error instanceof Error ? error.message : String(error);
    // A thread that stopped is reported where it is started again.
    if (!(error instanceof AnalysisStoppedError)) {
      this.#logError(`${title} failed: ${message}`, error);
      this.status.state('incomplete', `Indexing failed: ${message}`);
    }
    return ended('failed', message);
  }

  async #update({ documents, closed, files }: Batch): Promise<Updated['update']> {
    const texts = [];
    for (const path of documents) {
      const document = this.#documents.get(path);
      if (document !== undefined) {
        texts.push({ path, version: document.version, languageId: document.languageId, text: document.text });
      }
    }
    return this.#took(await this.#client.update(texts, closed, files)).update;
  }

  #updateFailed({ documents, files }: Batch, error: unknown): void {
    if (error instanceof AnalysisStoppedError) return;
    for (const path of documents) this.#published.events.emit('abandoned', path);
    const [first] = [...documents, ...files];
    const which = first === undefined ? '' : ` (${this.#documents.shortName(first)})`;
    this.#logError(`An update failed${which}: ${error instanceof Error ? error.message : String(error)}`, error);
  }

  #took(updated: Updated): Updated {
    const { update, counts } = updated;
    const name = (path: string): string => this.#documents.shortName(path);
    this.#ui.log('info', describeUpdate(update, name));
    for (const line of describeQueries(update)) this.#ui.log('info', line);
    for (const { path, reason } of update.failed)
      this.#ui.log('warn', `${name(path)} could not be analysed: ${reason}`);
    this.status.updated(update.generation, counts, this.#published.total);
    return updated;
  }

  #crashed(reason: string, retryIn: number): void {
    this.#scheduler.pause();
    this.#notReady();
    this.#ui.log('error', `The analysis stopped: ${reason} It is started again in ${String(retryIn)} ms.`);
    this.status.state('recovering', 'The analysis stopped and is being started again; findings may be out of date.');
    if (this.#wasToldOfCrash) return;
    this.#wasToldOfCrash = true;
    this.#ui.warn(
      'Tributary: the analysis stopped and is being started again. Findings may be out of date meanwhile; the output has the reason.',
    );
  }

  #notice(message: string): void {
    this.#ui.log('warn', message);
    if (!this.#wasToldOfCrash || message !== this.#lastNotice) this.#ui.warn(`Tributary: ${message}`);
    this.#lastNotice = message;
  }

  #gaveUp(reason: string): void {
    this.#scheduler.pause();
    this.#ready.resolve(false);
    this.#ui.log('error', `The analysis is not started again: ${reason}`);
    this.status.state('failed', reason);
    this.#ui.error(`Tributary: the analysis could not be started: ${reason} "Tributary: Rebuild Index" tries again.`);
  }

  #logError(message: string, error: unknown): void {
    this.#ui.log('error', message);
    const stack =
      error instanceof AnalysisRequestError ? error.remoteStack : error instanceof Error ? error.stack : undefined;
    if (stack !== undefined && stack !== '') this.#ui.log('debug', stack);
  }
}

function ended(outcome: RunResult['outcome'], message: string): RunResult {
  return { outcome, message, findings: 0, indexed: 0, failedFiles: 0 };
}

interface Deferred {
  readonly promise: Promise<boolean>;
  readonly isSettled: boolean;
  resolve(isReady: boolean): void;
}

function deferred(): Deferred {
  let settle: (isReady: boolean) => void = () => undefined;
  let isSettled = false;
  const promise = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve: (isReady) => {
      isSettled = true;
      settle(isReady);
    },
  };
}
