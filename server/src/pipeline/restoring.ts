/**
 * Takes up what the last process left: findings at once, links and summaries in small steps, since nothing needs them before something changes. What was
 * made with other models is reviewed, and what can't be taken up is derived anew from the facts.
 */
import type { CancellationToken } from '../model/analysis';
import type { FileId } from '../model/ids';
import { Background } from './background';
import type { FindingBook } from './findingBook';
import type { Generation } from './generation';
import { IS_DERIVED, areModelsOther, filesToReview, noteModels } from './modelReview';
import { CancelledError } from './options';
import type { Workspace } from './workspace';

const NO_FILES: ReadonlySet<FileId> = new Set();

export interface RestoringHost {
  readonly workspace: Workspace;
  readonly book: FindingBook;
  readonly derived: () => Generation;
  /** From now on all is derived anew. */
  readonly startOver: () => void;
  readonly token: () => CancellationToken | undefined;
  /** For what can wait, and for what an update waits for, however full the memory is. */
  readonly background: Background;
}

export class Restoring {
  /** Steps that are left. */
  private left: Generator<void, void, undefined> | undefined;
  private ofOtherModels: ReadonlySet<FileId> = NO_FILES;
  private readonly awaited = new Background();

  constructor(private readonly host: RestoringHost) {}

  get isDone(): boolean {
    return this.left === undefined;
  }

  /** Files that use APIs of which models say something else than when their results were saved. */
  get reviewed(): ReadonlySet<FileId> {
    return this.ofOtherModels;
  }

  /** What was to be reviewed is analysed again; after the batch that says so. */
  reviewDone(): void {
    this.ofOtherModels = NO_FILES;
  }

  /** Takes up what there is, unless it was made with other models; false when there is nothing, and a first index is due. */
  begin(): boolean {
    const { workspace, book, derived } = this.host;
    const { store, log } = workspace;
    if (store.isEmpty) {
      store.batch(() => {
        noteModels(workspace);
      });
      return false;
    }
    const isOther = areModelsOther(workspace);
    const { linking, solving, presenting } = derived();
    if (store.meta.get(IS_DERIVED) === 'yes' && linking.isReadable) {
      const reviewed = isOther ? filesToReview(workspace, linking) : NO_FILES;
      if (reviewed !== undefined) {
        if (isOther) this.review(reviewed);
        book.takeOver(presenting.stored(store));
        linking.restoreAsked();
        solving.restoreAsked(store);
        this.left = this.takeUp();
        return true;
      }
    }
    if (isOther) log.info('The models changed: links and summaries are computed anew.');
    // Otherwise the last process ended before what is derived was saved once, with nothing but the facts of files kept.
    this.deriveAnew();
    return false;
  }

  /** All of it, before something changes, in steps that let hovers and the like be answered in between. */
  async whenDone(): Promise<void> {
    const { left } = this;
    if (left === undefined) return;
    const token = this.host.token();
    const steps = function* (): Generator<void, void, undefined> {
      while (token?.isCancelled !== true && left.next().done !== true) yield;
    };
    await this.awaited.start(steps());
    if (token?.isCancelled === true) throw new CancelledError();
    this.left = undefined;
  }

  /** All of it at once. */
  finish(): void {
    const { left } = this;
    if (left === undefined) return;
    this.host.background.stop();
    while (left.next().done !== true);
    this.left = undefined;
  }

  /** In the background, while nothing else is to be done. */
  goOn(): void {
    const { left } = this;
    if (left === undefined) return;
    void this.host.background.start(left, () => {
      this.left = undefined;
    });
  }

  private review(files: ReadonlySet<FileId>): void {
    const { workspace } = this.host;
    const { store, log } = workspace;
    this.ofOtherModels = files;
    store.batch(() => {
      store.files.markPending(files);
      if (files.size === 0) noteModels(workspace);
    });
    log.info(`The models changed: ${String(files.size)} files that use what they speak of are analysed again.`);
  }

  private deriveAnew(): void {
    const { workspace, startOver } = this.host;
    const { store } = workspace;
    startOver();
    store.batch(() => {
      store.links.removeAll();
      store.answers.removeAll();
      store.summaries.removeAll();
      store.findings.removeAll();
      store.files.markPending(Array.from(store.files.manifest(), ({ id }) => id));
      noteModels(workspace);
    });
    this.ofOtherModels = NO_FILES;
  }

  /** Links, summaries and what is joined of them, as the last process left them. */
  private *takeUp(): Generator<void, void, undefined> {
    const { workspace, book, derived } = this.host;
    const { linking, solving, presenting } = derived();
    try {
      if (!(yield* linking.restore())) {
        this.deriveAnew();
        return;
      }
      yield* solving.restoreAll(workspace.store);
      // Where something is to be done anew, findings are compared when it is done.
      if (!workspace.store.files.hasPending()) yield* presenting.compare(book);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      workspace.log.error(`The stored links and summaries can't be taken up: ${reason}`);
      this.deriveAnew();
    }
  }
}
