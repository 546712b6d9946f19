import type { QuestionId } from './questions';

/** How often questions ran. */
export class Runs {
  private readonly counts: number[] = [];

  of(question: QuestionId): number {
    return question < this.counts.length ? this.counts[question] : 0;
  }

  note(question: QuestionId): void {
    while (this.counts.length <= question) this.counts.push(0);
    this.counts[question]++;
  }

  /** Those that ran at all. */
  questions(): QuestionId[] {
    const result: QuestionId[] = [];
    for (const [question, count] of this.counts.entries()) if (count > 0) result.push(question);
    return result;
  }
}
