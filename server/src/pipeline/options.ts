/** What a pipeline is opened with. */
import type { GrowthLimit } from '../base/growth';
import type { AnalysisSettings, Logger } from '../model/analysis';
import type { VerifyChunks } from '../store/checkpoint';
import type { CompiledModels, ModelDocument } from '../taint/models';
import type { Extractor } from './extraction';

export interface NamedModel {
  readonly name: string;
  readonly document: unknown;
  /** Nothing is wrong in it, as the tests of the product tell, so that it may wait until a program has to do with it. */
  readonly isShipped?: boolean;
}

export interface AnalysisOptions {
  /** Absolute paths of the workspace folders. */
  readonly roots: readonly string[];
  /** Folder for the index; undefined for an index in memory only. */
  readonly storage: string | undefined;
  readonly settings: AnalysisSettings;
  /** Parsed model documents: the shipped ones, then the user's. */
  readonly models: readonly NamedModel[];
  /** How they are compiled; there is a default. Who opens many analyses with the same models can compile them once (`prepareModels`). */
  readonly compile?: ((documents: readonly ModelDocument[]) => CompiledModels) | undefined;
  readonly log: Logger;
  /** The WebAssembly module of SQLite, or its path. */
  readonly wasmPath: string | Uint8Array;
  /** How a stored index is compared with its checksums; on this thread by default. */
  readonly verify?: VerifyChunks | undefined;
  /** `inline` extracts in the calling thread. The pipeline does not close an extractor it was given. */
  readonly extractor: Extractor | 'inline';
  /** Of tables that only grow while they are used, before they are made anew; there is a default. */
  readonly growthLimit?: GrowthLimit | undefined;
  /** Of a first index of so many files the workers are let go of before it is solved; there is a default. */
  readonly workerLimit?: number | undefined;
  /** So many files of complete packages of a first index are linked and solved together while others are extracted; there is a default. */
  readonly aheadFiles?: number | undefined;
}

export class CancelledError extends Error {
  override readonly name = 'CancelledError';

  constructor() {
    super('the update was cancelled');
  }
}
