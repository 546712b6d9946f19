/**
 * The linker: which function, class, module or API is meant, for every call of every file, kept up to date. This is
 * its outside; the work is done by `LinkCore`, which the linker replaces by a fresh one, with the same answers, when
 * its tables have filled with what nobody needs any more.
 */
import { GROWTH_LIMIT, isOvergrown } from '../base/growth';
import type { FileId, FunctionId } from '../model/ids';
import type { FunctionLinks, FunctionTarget, LinkView, LinkVisitor } from '../model/links';
import type { NodeId } from '../model/graph';
import type { ExportKind } from './exported';
import { LinkCore } from './linkCore';
import type { FileChange, LinkerOptions, LinkReason, LinkUpdate } from './options';

export type { FileChange, LinkerOptions, LinkReason, LinkUpdate } from './options';
export type { ExportKind } from './exported';

export class Linker implements LinkView {
  private readonly options: LinkerOptions;
  private core: LinkCore;
  private compactSize = 0;

  constructor(options: LinkerOptions) {
    this.options = options;
    this.core = new LinkCore(options);
  }

  /**
   * Brings links in line with changed files. `changedPaths` are other files that came, went or changed and may decide
   * where imports lead (package.json, tsconfig.json, links). Skeletons and paths must answer for the new state
   * already; paths of removed files are known from before. To `reasons` is added why each file was linked again.
   */
  update(changes: readonly FileChange[], changedPaths: readonly string[] = [], reasons?: LinkReason[]): LinkUpdate {
    return this.core.update(changes, changedPaths, reasons);
  }

  /** Between updates: lets go of the files that are open, because others need the memory. */
  release(): void {
    this.core.release();
  }

  linksOf(id: FunctionId): FunctionLinks {
    return this.core.linksOf(id);
  }

  eachLink(file: FileId, visit: LinkVisitor): void {
    this.core.eachLink(file, visit);
  }

  linkVersionOf(file: FileId): object | undefined {
    return this.core.linkVersionOf(file);
  }

  /** All that are linked. */
  files(): Iterable<FileId> {
    return this.core.files();
  }

  functionsOf(file: FileId): readonly FunctionId[] | undefined {
    return this.core.functionsOf(file);
  }

  packageOf(file: FileId): number {
    return this.core.packageOf(file);
  }

  receiversIn(file: FileId): ReadonlyMap<FunctionId, string> {
    return this.core.receiversIn(file);
  }

  madeIn(file: FileId): ReadonlyMap<FunctionId, string> {
    return this.core.madeIn(file);
  }

  functionsAt(id: FunctionId, node: NodeId, path: readonly string[]): readonly FunctionTarget[] {
    return this.core.functionsAt(id, node, path);
  }

  isExported(id: FunctionId): boolean {
    return this.core.exportKindOf(id) !== undefined;
  }

  /** How code outside of its package reaches a function: from an entry point, or by requiring the file itself. */
  exportKindOf(id: FunctionId): ExportKind | undefined {
    return this.core.exportKindOf(id);
  }

  /** Functions that code outside of their package can call. */
  exportedFunctions(): Iterable<FunctionId> {
    return this.core.exportedFunctions();
  }

  receiverClassOf(id: FunctionId): string | undefined {
    return this.core.receiverClassOf(id);
  }

  madeClassOf(id: FunctionId): string | undefined {
    return this.core.madeClassOf(id);
  }

  /** Link state of a file in a form that can be stored; undefined for unknown files. Valid with the same models. */
  encodeFileLinks(file: FileId): Uint8Array | undefined {
    return this.core.encodeFile(file);
  }

  /**
   * Takes over stored link states instead of linking, in many small steps. To be done before anything else is asked.
   * Throws `CodecError` for damaged ones, and for those made with other models.
   */
  *restore(stored: Iterable<readonly [file: FileId, data: Uint8Array]>): Generator<void, void, undefined> {
    yield* this.core.restore(stored);
    this.measure();
  }

  /** Notes how large the tables are: they hold what is needed, and little else. */
  measure(): void {
    this.compactSize = this.core.tableSize;
  }

  /** True when enough of the tables is left over from earlier states that `compact` is worth its time. */
  get isCompactionDue(): boolean {
    return isOvergrown(this.core.tableSize, this.compactSize, this.options.growthLimit ?? GROWTH_LIMIT);
  }

  /**
   * Gives memory back that long sessions of edits fill, in many small steps; answers stay the same. Takes as long as
   * `restore`, and is to be left where it is when an update comes in between.
   */
  *compact(): Generator<void, void, undefined> {
    const next = new LinkCore(this.options);
    yield* next.restore(this.core.encodeAll());
    next.takeOver(this.core);
    this.core = next;
    this.measure();
  }
}
