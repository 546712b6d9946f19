/** Where files are, by id and the other way round, as far as it was asked or written: linking asks for each file many times. */
import type { FileId } from '../model/ids';

export interface StoredPlace {
  readonly id: FileId;
  readonly root: string;
  /** Below the root, with `/`. */
  readonly path: string;
}

export class Places {
  private readonly byId = new Map<FileId, StoredPlace>();
  private readonly byRoot = new Map<string, Map<string, StoredPlace>>();
  /** All files are here: what is not here is not in the database. */
  isWhole = false;

  get size(): number {
    return this.byId.size;
  }

  at(root: string, path: string): StoredPlace | undefined {
    return this.byRoot.get(root)?.get(path);
  }

  of(id: FileId): StoredPlace | undefined {
    return this.byId.get(id);
  }

  set(place: StoredPlace): void {
    this.byId.set(place.id, place);
    const paths = this.byRoot.get(place.root) ?? new Map<string, StoredPlace>();
    this.byRoot.set(place.root, paths);
    paths.set(place.path, place);
  }

  forget(id: FileId): void {
    const place = this.byId.get(id);
    if (place === undefined) return;
    this.byId.delete(id);
    this.byRoot.get(place.root)?.delete(place.path);
  }

  clear(): void {
    this.isWhole = false;
    this.byId.clear();
    this.byRoot.clear();
  }
}
