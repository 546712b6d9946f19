/**
 * Solves packages of a first index when they are linked, while the workers extract the next ones. Each is an update like any other, so what comes
 * of it at the end does not depend on what was known when. Where many files have to be looked at again, because packages import each other, the
 * rest is left to the end.
 */
import type { LinkUpdate } from '../link/linker';
import { fileOf, type FileId } from '../model/ids';
import type { EarlyResults } from './earlyResults';
import { InterruptedError } from './firstIndex';
import type { Generation } from './generation';

/** Solved files that may be linked again on the whole: so many, and one for so many that were solved. */
const AGAIN = 200;
const AGAIN_ONE_IN = 4;

export interface SolvingAheadHost {
  readonly early: EarlyResults;
  readonly derived: () => Generation;
  /** The solver has to start from nothing. */
  readonly solveAnew: () => void;
  /** Runs the stage; throws `InterruptedError` when somebody waits. */
  readonly run: (files: number, work: () => void) => void;
}

export class SolvingAhead {
  private solved = 0;
  private again = 0;

  constructor(private readonly host: SolvingAheadHost) {}

  /** `links` is what linking these files did. What is left of it when somebody waits is gone on with by the next call. */
  solve(files: readonly FileId[], links: LinkUpdate): void {
    const { early, derived, solveAnew, run } = this.host;
    this.again += links.files.filter((file) => early.isTold(file)).length;
    if (this.again > AGAIN + this.solved / AGAIN_ONE_IN) return;
    if (early.takeUsed()) solveAnew();
    const { linking, solving } = derived();
    solving.review(links);
    // Others are new to the solver when their turn comes.
    const relinked = links.relinked.filter((id) => early.isTold(fileOf(id)));
    try {
      run(files.length, () => {
        // Left before its end, it is gone on with, and not begun again.
        linking.solvedAhead();
        early.tell(files);
        this.solved += files.length;
        solving.solveAhead(files, relinked);
      });
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
    }
  }
}
