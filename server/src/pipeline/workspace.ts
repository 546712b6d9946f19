/** What all stages share: documents, store, models, decoded functions, and the names of files. */
import { GROWTH_LIMIT, type GrowthLimit } from '../base/growth';
import type { Documents } from '../documents';
import type { Logger } from '../model/analysis';
import { type FileId } from '../model/ids';
import type { Store } from '../store/store';
import type { CompiledModels } from '../taint/models';
import type { Extractor } from './extraction';
import { FunctionBodies } from './functionBodies';
import type { InlineExtractor } from './inlineExtractor';
import { cacheBytes, MemoryWatch } from './memoryWatch';

export interface FilePath {
  readonly root: string;
  /** Below the root, with `/`. */
  readonly relative: string;
  readonly absolute: string;
}

/** Of the bytes for caches, those for decoded flow graphs. */
const BODY_SHARE = 0.48;

export interface WorkspaceParts {
  readonly documents: Documents;
  readonly store: Store;
  readonly models: CompiledModels;
  readonly extractor: Extractor;
  /** For the few files of an edit. */
  readonly inline: InlineExtractor;
  readonly log: Logger;
  readonly growthLimit?: GrowthLimit | undefined;
  readonly workerLimit?: number | undefined;
  readonly aheadFiles?: number | undefined;
}

export class Workspace {
  readonly documents: Documents;
  readonly store: Store;
  readonly models: CompiledModels;
  readonly extractor: Extractor;
  readonly inline: InlineExtractor;
  readonly log: Logger;
  /** Of tables that only grow while they are used, before they are made anew. */
  readonly growthLimit: GrowthLimit;
  /** Files of a first index whose workers are let go of before it is solved, when it is not the usual number. */
  readonly workerLimit: number | undefined;
  /** Files of a first index that are linked and solved together while others are extracted, when it is not the usual number. */
  readonly aheadFiles: number | undefined;
  readonly bodies: FunctionBodies;
  readonly memory: MemoryWatch;
  private readonly paths = new Map<FileId, FilePath>();

  constructor(parts: WorkspaceParts) {
    this.documents = parts.documents;
    this.store = parts.store;
    this.models = parts.models;
    this.extractor = parts.extractor;
    this.inline = parts.inline;
    this.log = parts.log;
    this.growthLimit = parts.growthLimit ?? GROWTH_LIMIT;
    this.workerLimit = parts.workerLimit;
    this.aheadFiles = parts.aheadFiles;
    this.memory = new MemoryWatch(() => {
      this.shed();
    }, parts.log);
    this.bodies = new FunctionBodies((file) => this.store.facts.graph(file), cacheBytes(BODY_SHARE));
  }

  /** Where a file is; undefined for one that is not in the index. */
  pathOf(file: FileId): FilePath | undefined {
    let path = this.paths.get(file);
    if (path === undefined) {
      const row = this.store.files.placeOf(file);
      if (row === undefined) return undefined;
      path = { root: row.root, relative: row.path, absolute: joinPath(row.root, row.path) };
      this.paths.set(file, path);
    }
    return path;
  }

  private shed(): void {
    this.bodies.clear();
    this.store.shed();
  }

  relativePathOf(file: FileId): string {
    return this.pathOf(file)?.relative ?? '';
  }

  /** Id of an indexed file by its absolute path. */
  idOf(absolutePath: string): FileId | undefined {
    const place = this.documents.locate(absolutePath);
    return place === undefined ? undefined : this.store.files.idOf(place.root, place.path);
  }

  /** The same documents and models with another index. */
  withStore(store: Store): Workspace {
    const { documents, models, extractor, inline, log, growthLimit, workerLimit, aheadFiles } = this;
    return new Workspace({ documents, store, models, extractor, inline, log, growthLimit, workerLimit, aheadFiles });
  }

  forget(file: FileId): void {
    this.bodies.forget(file);
  }

  forgetRemoved(file: FileId): void {
    this.bodies.forget(file);
    this.paths.delete(file);
  }
}

export function joinPath(root: string, path: string): string {
  return root.endsWith('/') ? root + path : `${root}/${path}`;
}
