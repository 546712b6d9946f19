/**
 * What can be said of open documents before a first index is complete: they are linked with what is indexed so far, and
 * solved with what they need of it. What comes of it is shown, and completed by the first index later. That starts from nothing, to have no more to
 * do than without; once it has solved packages itself, these are updates of what it did.
 */
import type { FileId, FunctionId } from '../model/ids';
import { fileOf } from '../model/ids';
import type { PublishListener } from '../model/analysis';
import type { FirstPart } from '../taint/solverHost';
import type { BookChange, FindingBook } from './findingBook';
import type { Generation } from './generation';

/** The open documents are solved; what else could be is the first index's to do. */
class EnoughError extends Error {
  override readonly name = 'EnoughError';
}

export class EarlyResults {
  /** Files whose present state the solver knows. */
  private readonly told = new Set<FileId>();
  private wasUsed = false;

  /** The file has other facts, or none any more. */
  changed(file: FileId): void {
    this.told.delete(file);
  }

  /** The solver knows these files now. */
  tell(files: Iterable<FileId>): void {
    for (const file of files) this.told.add(file);
  }

  isTold(file: FileId): boolean {
    return this.told.has(file);
  }

  /** True when the solver has to start from nothing to have no more to do than in a first index without early results; once. */
  takeUsed(): boolean {
    const { wasUsed } = this;
    this.wasUsed = false;
    if (wasUsed) this.told.clear();
    return wasUsed;
  }

  /** All is settled. */
  clear(): void {
    this.told.clear();
    this.wasUsed = false;
  }

  /** Links files that changed, and solves and publishes the open ones among them; `gone` are files that are not there any more. */
  update(
    files: readonly FileId[],
    gone: readonly FileId[],
    open: ReadonlyMap<FileId, string>,
    host: Generation,
    book: FindingBook,
    onPublish: PublishListener | undefined,
  ): { readonly change: BookChange; readonly relinked: readonly FunctionId[] } {
    const { linking, solving, presenting } = host;
    const links = linking.linkAhead(files, true);
    solving.review(links);
    if (!this.wasUsed && this.told.size === 0) this.wasUsed = true;
    this.tell(files);
    // Those that the solver does not know yet are new to it when their turn comes.
    const relinked = links.relinked.filter((id) => this.told.has(fileOf(id)));
    let solved: ReadonlySet<FunctionId> = new Set();
    const first: FirstPart = {
      has: (id) => open.has(fileOf(id)),
      done: (recomputed) => {
        solved = recomputed;
        throw new EnoughError();
      },
    };
    try {
      solved = solving.update(files, gone, relinked, first).recomputed;
    } catch (error) {
      if (!(error instanceof EnoughError)) throw error;
    }
    const change = presenting.updateFirst(book, new Set(open.keys()), solved, (id) => solving.isSolved(id));
    onPublish?.([...open.values()]);
    return { change, relinked };
  }
}
