/**
 * Compares the index with a clean build of the same files: a second analysis, in memory, on a thread of its own, with its
 * own workers and nothing shared, that reads the disk and the texts of open documents as the first one had them when its
 * digest was made. Edits go on meanwhile; they are not part of either. Costs as much memory as the index once more.
 */
import type { Progress } from '../model/analysis';
import { compareDigests, hasOtherFiles } from '../model/digest';
import type { Verification } from '../present/health';
import {
  AnalysisClient,
  AnalysisStoppedError,
  type BackOff,
  type ClientOptions,
  type SpawnAnalysis,
} from './analysisClient';

export interface ComparisonParts {
  /** Of the index. */
  readonly live: AnalysisClient;
  readonly spawn: SpawnAnalysis;
  /** Of the clean build. */
  readonly options: ClientOptions;
  /** Brings the index in line with the disk; true when it was not. */
  readonly refresh: () => Promise<boolean>;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** A clean build that dies is not started again. */
const ONCE: BackOff = { firstDelay: 0, longestDelay: 0, attempts: 0, forgetAfter: 0 };

/** Undefined when it was cancelled. Rejects when one of the two analyses fails. */
export async function compareWithCleanBuild(parts: ComparisonParts): Promise<Verification | undefined> {
  const { live, signal, refresh } = parts;
  const stopDigest = (): void => {
    live.cancel('run');
  };
  signal.addEventListener('abort', stopDigest, { once: true });
  const { digest, named } = await live.digest().finally(() => {
    signal.removeEventListener('abort', stopDigest);
  });
  if (signal.aborted) return undefined;
  if (digest === undefined) throw new Error('The index did not come to rest; try again when nobody types.');
  const build = new CleanBuild(parts);
  const stop = (): void => void build.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const client = await build.started;
    const documents = digest.documents.map((document) => ({ ...document, version: 0 }));
    if (documents.length > 0) await client.update(documents, [], []);
    await client.scan();
    if (named.length > 0) await client.scan(named);
    const clean = await client.digest();
    if (clean.digest === undefined) return undefined;
    const comparison = compareDigests(digest, clean.digest);
    const at = Date.now();
    if (comparison.different === 0) return { kind: 'equal', at, comparison };
    const isChanged = hasOtherFiles(comparison) && (await refresh());
    return isChanged ? { kind: 'changed', at } : { kind: 'different', at, comparison };
  } catch (error) {
    // Stopping the thread is how it is cancelled.
    if (signal.aborted && error instanceof AnalysisStoppedError) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await build.stop();
  }
}

class CleanBuild {
  readonly started: Promise<AnalysisClient>;
  readonly #client: AnalysisClient;
  #fail: (error: Error) => void = () => undefined;

  constructor({ spawn, options, onProgress }: ComparisonParts) {
    let ready: (client: AnalysisClient) => void = () => undefined;
    this.started = new Promise((resolve, reject) => {
      ready = resolve;
      this.#fail = reject;
    });
    this.#client = new AnalysisClient(
      spawn,
      {
        onStarted: () => {
          ready(this.#client);
        },
        onPublished: () => undefined,
        onNotice: () => undefined,
        onModelProblems: () => undefined,
        onProgress,
        // The first analysis has told of the same files already.
        onLog: () => undefined,
        onCrashed: () => undefined,
        onGaveUp: (reason) => {
          this.#fail(new Error(`The clean build stopped: ${reason}`));
        },
      },
      ONCE,
    );
    this.#client.start(options).catch(this.#fail);
  }

  async stop(): Promise<void> {
    this.#fail(new AnalysisStoppedError('The clean build was stopped.'));
    await this.#client.stop(0);
  }
}
