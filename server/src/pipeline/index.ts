/** Opens an analysis over folders: what front ends start with. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Documents } from '../documents';
import { GRAPH_FORMAT } from '../model/graphCodec';
import type { MonitoredAnalysis } from '../model/health';
import { Store } from '../store/store';
import { prepareInSteps, type CompiledModels, type ModelDocument } from '../taint/models';
import { fileExtractor } from './extractFile';
import { extractText } from './extractText';
import { FINDING_FORMAT } from './findingCodec';
import { EXTRACTOR_VERSION } from './indexing';
import { InlineExtractor } from './inlineExtractor';
import { Monitored } from './monitored';
import type { AnalysisOptions, NamedModel } from './options';
import { cacheBytes } from './memoryWatch';
import { readRequest } from './readRequest';
import { Rebuildable } from './rebuildable';
import { SOLVER_VERSION } from './solving';
import { Workspace } from './workspace';

/** Of the bytes for caches, those of what was read from the index. */
const STORE_SHARE = 0.24;
/** Beside them, of the same bytes, what is kept in memory of the database itself. */
const PAGE_SHARE = 0.4;
/** Milliseconds that models are compiled for at a time. */
const TURN = 3;

export type { AnalysisOptions } from './options';

/**
 * Opens the index in `storage` (or one in memory) and takes up what an earlier process left there. Call `scan` next.
 * Throws `StoreError` when SQLite cannot be loaded; a damaged index is set aside and told in the log.
 */
export async function openAnalysis(options: AnalysisOptions): Promise<MonitoredAnalysis> {
  const { log } = options;
  const documents = new Documents({ roots: options.roots, settings: options.settings });
  // Reading the index from disk takes its time, in which the models are compiled.
  const opening = Store.open({
    // What is built anew each time is not worth keeping.
    folder: options.settings.incremental ? options.storage : undefined,
    wasm: options.wasmPath,
    verify: options.verify,
    formats: storeFormats(),
    cacheBytes: cacheBytes(STORE_SHARE),
    pageBytes: cacheBytes(PAGE_SHARE),
    log,
  });
  const models = await compiled(options, opening);
  const store = await opening;
  const inline = new InlineExtractor(fileExtractor(readRequest, extractText));
  const workspace = new Workspace({
    documents,
    store,
    models,
    extractor: options.extractor === 'inline' ? inline : options.extractor,
    inline,
    log,
    growthLimit: options.growthLimit,
    workerLimit: options.workerLimit,
    aheadFiles: options.aheadFiles,
  });
  return new Monitored(new Rebuildable(workspace, options.settings), options.settings);
}

/** Versions of what the packed columns of an index hold. */
export function storeFormats(): string {
  const versions = {
    graph: GRAPH_FORMAT,
    extractor: EXTRACTOR_VERSION,
    solver: SOLVER_VERSION,
    findings: FINDING_FORMAT,
  };
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${String(version)}`)
    .join(', ');
}

/** What reads the index needs the thread every few milliseconds to go on. */
async function compiledInTurns(models: readonly NamedModel[]): Promise<CompiledModels> {
  const shipped = new Set(models.flatMap(({ document, isShipped }) => (isShipped === true ? [document] : [])));
  const documents = models.map(({ document }) => document as ModelDocument);
  const steps = prepareInSteps(documents, (document) => shipped.has(document));
  let began = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value();
    if (performance.now() - began < TURN) continue;
    await nextTurn();
    began = performance.now();
  }
}

/** Closes the index again when the models can't be used. */
async function compiled(options: AnalysisOptions, opening: Promise<Store>): Promise<CompiledModels> {
  const { log, compile, models } = options;
  try {
    const result =
      compile?.(models.map(({ document }) => document as ModelDocument)) ?? (await compiledInTurns(models));
    for (const problem of result.problems) {
      log.warn(
        `Model ${problem.document}: ${problem.message} ${problem.hint} (at ${problem.at.join('.')}); the entry is left out.`,
      );
    }
    return result;
  } catch (error) {
    await opening.then(
      (store) => store.close(),
      () => undefined,
    );
    throw error;
  }
}
