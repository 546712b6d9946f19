/** The link stage: keeps the linker in line with the index, and its results in the store. */
import { createHash } from 'node:crypto';
import { CodecError } from '../base/bytes';
import { AskedPaths } from '../documents';
import { isReadable, rootsIn } from '../link/linkCodec';
import { Linker, type FileChange, type LinkReason, type LinkUpdate } from '../link/linker';
import { JavaScriptResolver } from '../link/resolve/javascript';
import type { IndexStatistics } from '../model/analysis';
import type { FileId } from '../model/ids';
import { openGraph } from '../model/graphCodec';
import { decodeImports, decodeSkeleton } from '../model/skeleton';
import type { PendingRow } from '../store/rows';
import type { ApiChange } from '../taint/models';
import { cacheBytes, workingBytes } from './memoryWatch';
import { joinPath, type Workspace } from './workspace';

export const NOTHING_LINKED: LinkUpdate = { relinked: [], removed: [], reviewed: [], files: [] };
/** Of the bytes for caches, those of files opened for linking. */
const LINK_SHARE = 0.28;
const NO_BYTES = new Uint8Array(0);

export class Linking {
  readonly linker: Linker;
  /** Files that were linked again and whose rows are older, cancelled updates included. */
  private readonly unwritten = new Set<FileId>();
  /** Where files were that went before an earlier process could deal with it. */
  private readonly removed = new Map<FileId, string>();

  /** Packed, during an update, which asks for most of them twice. */
  private skeletons: Map<FileId, Uint8Array> | undefined;

  /** Pending files that are linked already, and what linking them did that was not told yet. */
  private ahead = nothingAhead();

  /** What links depend on beside the files of the index. */
  private readonly asked: AskedPaths;

  constructor(private readonly workspace: Workspace) {
    const { models, documents } = workspace;
    this.asked = new AskedPaths(documents.view);
    const pathOf = (file: FileId): string | undefined => workspace.pathOf(file)?.absolute ?? this.removed.get(file);
    const skeletonOf = (file: FileId): Uint8Array | undefined => this.skeletonOf(file);
    const library = models.sourceKindBit('library');
    this.linker = new Linker({
      skeletonOf: (file) => {
        const bytes = skeletonOf(file);
        return bytes === undefined ? undefined : decodeSkeleton(bytes);
      },
      importsOf: (file) => {
        const bytes = skeletonOf(file);
        return bytes === undefined ? undefined : decodeImports(bytes);
      },
      pathOf,
      idOf: (path) => workspace.idOf(path),
      resolver: new JavaScriptResolver({
        host: this.asked,
        isIndexed: (path) => workspace.idOf(path) !== undefined,
      }),
      isDevelopment: (file) => (models.uncountedIn(workspace.relativePathOf(file)) & library) !== 0,
      automaton: models,
      growthLimit: workspace.growthLimit,
      effects: models.callEffects,
      cacheBytes: cacheBytes(LINK_SHARE),
      workingBytes: workingBytes(),
    });
  }

  private skeletonOf(file: FileId): Uint8Array | undefined {
    const known = this.skeletons?.get(file);
    if (known !== undefined) return known;
    const bytes = this.workspace.store.facts.skeleton(file);
    if (bytes !== undefined) this.skeletons?.set(file, bytes);
    return bytes;
  }

  /** Nothing is linked ahead: an update begins, or has come to its end. */
  begin(): void {
    this.ahead = nothingAhead();
  }

  /** The file's facts are others than those that it was linked with. */
  changed(file: FileId): void {
    this.ahead.files.delete(file);
  }

  /** Whether a pending file is linked already. */
  isAhead(file: FileId): boolean {
    return this.ahead.files.has(file);
  }

  /** Links new files before the update that they belong to is complete. What that does is told by `update`, unless the caller tells it. */
  linkAhead(files: readonly FileId[], isTold = false): LinkUpdate {
    const changes = files.map((id): FileChange => ({ id, kind: this.linker.functionsOf(id) ? 'changed' : 'added' }));
    const update = this.link(changes, []);
    for (const file of files) this.ahead.files.add(file);
    if (!isTold) this.ahead.updates.push(update);
    return update;
  }

  /**
   * Links what changed, and what reads it; `reviewed` are files that use APIs of which models say something else now. `configuration` are paths of
   * changed package.json, tsconfig.json and the like. When the update is left before its end, the next call links, and tells, what came since.
   */
  update(
    pending: readonly PendingRow[],
    configuration: readonly string[],
    reviewed: ReadonlySet<FileId>,
    reasons?: LinkReason[],
  ): LinkUpdate {
    const { ahead } = this;
    const changes: FileChange[] = [];
    for (const { file, change } of pending) {
      if (ahead.files.has(file)) {
        if (!ahead.isTold) reasons?.push({ file, kind: 'new' });
        continue;
      }
      if (change === 'modified') changes.push({ id: file, kind: reviewed.has(file) ? 'reviewed' : 'changed' });
      else changes.push({ id: file, kind: change === 'new' ? 'added' : 'removed' });
    }
    const update = this.link(changes, configuration, reasons);
    // Also those that have no links any more.
    for (const { file } of pending) {
      this.unwritten.add(file);
      ahead.files.add(file);
    }
    this.removed.clear();
    const updates = ahead.updates.splice(0);
    ahead.isTold = true;
    return updates.length === 0 ? update : together([...updates, update]);
  }

  /** What was linked ahead so far is solved: `update` does not tell it any more, but `takeSolved` does. */
  solvedAhead(): void {
    const { updates, solved } = this.ahead;
    solved.push(...updates.splice(0));
  }

  /** An update, and before it what was solved ahead, which is told once. */
  withSolved(update: LinkUpdate): LinkUpdate {
    const solved = this.ahead.solved.splice(0);
    return solved.length === 0 ? update : together([...solved, update]);
  }

  private link(changes: readonly FileChange[], configuration: readonly string[], reasons?: LinkReason[]): LinkUpdate {
    this.skeletons = new Map();
    this.asked.forget(configuration);
    try {
      const update = this.linker.update(changes, configuration, reasons);
      for (const file of update.files) this.unwritten.add(file);
      return update;
    } finally {
      this.skeletons = undefined;
    }
  }

  /** Writes the links that changed, of so many files, inside a batch; true when there are more. */
  write(limit = Infinity): boolean {
    const { store } = this.workspace;
    for (const { path, answer } of this.asked.takeUnwritten()) store.answers.set(path, answer);
    let left = limit;
    for (const file of this.unwritten) {
      if (left-- <= 0) return true;
      this.unwritten.delete(file);
      const data = this.linker.encodeFileLinks(file);
      if (data === undefined) store.links.remove(file);
      else {
        const hash = createHash('sha1').update(data).digest('hex').slice(0, 16);
        store.links.replace(file, { data, hash, deps: NO_BYTES, dependsOn: [] });
      }
    }
    return false;
  }

  /** Whether the store has links in a form that can be read. */
  get isReadable(): boolean {
    for (const [, { data }] of this.workspace.store.links.each()) return isReadable(data);
    return true;
  }

  /** Files that have to do with these APIs, as far as what is stored of them tells. */
  filesUsing({ packages, names }: ApiChange): ReadonlySet<FileId> {
    const { store } = this.workspace;
    const found = new Set<FileId>();
    const isMeant = (root: string): boolean => {
      const name = root.replace(/^node:/, '');
      for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1))
        if (packages.has(name.slice(0, end))) return true;
      return names.has(root);
    };
    for (const [file, { data }] of store.links.each())
      for (const root of rootsIn(data)) if (isMeant(root)) found.add(file);
    if (names.size === 0) return found;
    for (const { id } of store.files.manifest()) {
      const graph = store.facts.graph(id);
      if (graph !== undefined && openGraph(graph).strings.some((text) => names.has(text))) found.add(id);
    }
    return found;
  }

  /** Configuration, and folders of packages, that are not any more what they were when the links were made. */
  changedConfiguration(): Promise<readonly string[]> {
    return this.asked.changed();
  }

  /** What the stored links depend on. */
  restoreAsked(): void {
    this.asked.takeUp(() => this.workspace.store.answers.all());
  }

  /** Takes up what the store has, in many small steps. Ends with false when it is damaged: then everything has to be linked anew. */
  *restore(): Generator<void, boolean, undefined> {
    const { store } = this.workspace;
    for (const { file, change, root, path } of store.files.pending())
      if (change === 'removed') this.removed.set(file, joinPath(root, path));
    yield* store.files.readPlaces();
    const rows = function* (): Generator<readonly [FileId, Uint8Array]> {
      for (const [file, row] of store.links.each()) yield [file, row.data];
    };
    try {
      yield* this.linker.restore(rows());
      return true;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.workspace.log.warn(`The stored links are damaged (${error.message}); all files are linked again.`);
      return false;
    }
  }

  /** What every function of a file is linked to, as lines without ids. */
  *dump(file: FileId, path: string): Generator<string, void, undefined> {
    const receivers = this.linker.receiversIn(file);
    for (const [index, id] of (this.linker.functionsOf(file) ?? []).entries())
      yield `link\t${path}\t${String(index)}\t${this.linker.linksOf(id).hash}\t${receivers.get(id) ?? '-'}`;
  }

  /** How calls are resolved, counted over all functions. */
  callSites(): IndexStatistics['callSites'] & { readonly functions: number } {
    let functions = 0;
    let total = 0;
    let toFunctions = 0;
    let toModels = 0;
    for (const { id } of this.workspace.store.files.manifest()) {
      const file = this.workspace.bodies.file(id);
      if (file === undefined) continue;
      functions += file.ids.length;
      for (const target of file.ids) {
        for (const targets of this.linker.linksOf(target).calls.values()) {
          total++;
          if (targets.some(({ kind }) => kind === 'function')) toFunctions++;
          else if (targets.some(({ kind }) => kind === 'api')) toModels++;
        }
      }
    }
    return { functions, total, toFunctions, toModels, unknown: total - toFunctions - toModels };
  }
}

interface Ahead {
  readonly files: Set<FileId>;
  readonly updates: LinkUpdate[];
  readonly solved: LinkUpdate[];
  /** That the files are linked was told. */
  isTold: boolean;
}

const nothingAhead = (): Ahead => ({ files: new Set(), updates: [], solved: [], isTold: false });

/** What updates one after the other did, as if they had been one. */
function together(updates: readonly LinkUpdate[]): LinkUpdate {
  const all = <T>(part: (update: LinkUpdate) => readonly T[]): T[] => [...new Set(updates.flatMap(part))];
  return {
    relinked: all(({ relinked }) => relinked),
    removed: all(({ removed }) => removed),
    reviewed: all(({ reviewed }) => reviewed),
    files: all(({ files }) => files),
  };
}
