/**
 * Runs of recursive questions while their components are solved. A component with limits is solved several times from bottom, until members and
 * order are what its own answers make, and goes the same way each time as long as it reads the same. A run depends on nothing but the
 * answers that it reads: one that would read what an earlier one read need not be made.
 */
import type { QuestionId } from './questions';
import type { Reads } from './reads';
import type { SummaryTable } from './summaryTable';

/** Things read by the runs that are kept: then they are forgotten, and gathered anew. */
const MOST_READS = 1_500_000;

interface KnownRun {
  readonly reads: Reads;
  readonly summary: SummaryTable;
}

export class KnownRuns {
  private readonly runs = new Map<QuestionId, KnownRun[]>();
  private size = 0;

  /** To be called with runs only during which no other question was answered: what they read was so from their beginning to their end. */
  note(question: QuestionId, reads: Reads, summary: SummaryTable): void {
    this.size += reads.size;
    if (this.size > MOST_READS) {
      this.clear();
      this.size = reads.size;
    }
    const runs = this.runs.get(question);
    if (runs === undefined) this.runs.set(question, [{ reads, summary }]);
    else runs.push({ reads, summary });
  }

  /** A run that read what there is to read now. */
  find(question: QuestionId, isSoNow: (reads: Reads) => boolean): KnownRun | undefined {
    return this.runs.get(question)?.find(({ reads }) => isSoNow(reads));
  }

  clear(): void {
    this.runs.clear();
    this.size = 0;
  }
}
