/**
 * Links packages of a first index while the workers extract the next ones. A folder with a package.json that names
 * something is a package, with everything below it that is in no package of its own; it is linked when all its files
 * are stored. Imports that lead out of it, or into it from files that come later, only cost time: linking follows every
 * change exactly. When they cost too much (a package that all others import is linked again for each), the rest is
 * left to the end.
 */
import type { LinkUpdate } from '../link/linker';
import type { FileId } from '../model/ids';

/** Packages are linked together until they have so many files: each step looks at all imports once. */
const STEP_FILES = 128;
/** Files that may be linked again on the whole: so many, and so many for each that was linked. */
const AGAIN = 1_000;
const MAX_AGAIN = 1;

export interface PackageHost {
  isFile(path: string): boolean;
  readJson(path: string): unknown;
}

interface Package {
  /** Files that are not stored yet. */
  missing: number;
  readonly stored: FileId[];
}

export class LinkingAhead {
  private readonly packages = new Map<string, Package>();
  /** By folder: its package. */
  private readonly byFolder = new Map<string, Package>();
  private ready: FileId[] = [];
  private linked = 0;
  private again = 0;

  /** `paths` are the absolute paths of all files that will be stored. */
  constructor(
    paths: Iterable<string>,
    private readonly host: PackageHost,
    private readonly link: (files: readonly FileId[]) => LinkUpdate,
    private readonly stepFiles = STEP_FILES,
  ) {
    for (const path of paths) this.packageOf(folderOf(path)).missing++;
  }

  /** A file that is stored and not linked, beside those that will be stored. */
  add(path: string, file: FileId): void {
    const found = this.packageOf(folderOf(path));
    if (found.missing > 0) found.stored.push(file);
    else this.ready.push(file);
  }

  /** A file was dealt with; `file` when it has facts. */
  stored(path: string, file: FileId | undefined): void {
    const found = this.packageOf(folderOf(path));
    if (file !== undefined) found.stored.push(file);
    if (--found.missing > 0) return;
    for (const id of found.stored) this.ready.push(id);
    found.stored.length = 0;
  }

  /** Links what is complete, when it is worth a step. */
  step(): void {
    const { ready } = this;
    if (ready.length < this.stepFiles || this.again > AGAIN + this.linked * MAX_AGAIN) return;
    this.ready = [];
    const { files } = this.link(ready);
    this.linked += ready.length;
    this.again += Math.max(0, files.length - ready.length);
  }

  private packageOf(folder: string): Package {
    const known = this.byFolder.get(folder);
    if (known !== undefined) return known;
    const parent = folderOf(folder);
    const found = parent === folder || this.isPackage(folder) ? this.packageAt(folder) : this.packageOf(parent);
    this.byFolder.set(folder, found);
    return found;
  }

  private packageAt(folder: string): Package {
    let found = this.packages.get(folder);
    if (found === undefined) this.packages.set(folder, (found = { missing: 0, stored: [] }));
    return found;
  }

  private isPackage(folder: string): boolean {
    const path = `${folder}/package.json`;
    if (!this.host.isFile(path)) return false;
    const manifest = this.host.readJson(path);
    return typeof manifest === 'object' && manifest !== null && 'name' in manifest && typeof manifest.name === 'string';
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
