/**
 * Which questions would be asked if the program were analysed from nothing as it is now, told by the answers that are there. Edits leave answers
 * behind that nobody asks for any more. They are true, but take space, and who is told of captured variables depends on who was
 * asked about them; without them everything is as after a clean run.
 */
import type { FunctionId } from '../model/ids';
import type { AnswerTable } from './answerTable';
import { isToldUpward, type QuestionId } from './questions';
import type { Root } from './references';
import type { SolverHost } from './solverHost';
import { EMPTY_SUMMARY, type SummaryTable } from './summaryTable';
import { Upward } from './upward';

const NOBODY: ReadonlySet<QuestionId> = new Set();

export class AskedNow {
  /** Who would be told what, by then. */
  readonly upward: Upward;
  private readonly asked = new Set<QuestionId>();
  private readonly queue = new Set<QuestionId>();

  /** `before` knows what was asked in vain. Nothing may be solved while this is at work. */
  constructor(
    host: SolverHost,
    private readonly table: AnswerTable,
    private readonly before: Upward,
  ) {
    const { asked, queue } = this;
    this.upward = new Upward(
      host,
      { questions: table.questions, dirty: queue, has: (question) => asked.has(question), get: (q) => table.get(q) },
      NOBODY,
    );
  }

  /** Asks from outside. */
  demand(id: FunctionId, root: Root): void {
    this.upward.demand(id, root);
  }

  share(cell: Root): void {
    this.upward.share(cell);
  }

  /** Looks at one question that is asked: what is asked because of it. Gives its function and answer, or undefined when there is none left. */
  next(): { readonly function: FunctionId; readonly summary: SummaryTable } | undefined {
    const { table, upward } = this;
    const [question] = this.queue;
    if (question === undefined) return undefined;
    this.queue.delete(question);
    this.asked.add(question);
    const summary = table.get(question);
    if (summary !== undefined) {
      for (const other of table.dependenciesOf(question)) {
        // Sources and captured variables are asked because of what is below them, not by who reads the answers.
        if (!isToldUpward(table.questions.rootOf(other)) && !this.asked.has(other)) this.queue.add(other);
      }
      for (const cell of table.activatedBy(question)) upward.activate(cell);
      for (const root of this.before.askedInVainBy(question)) upward.askedInVain(question, root);
      upward.answered(question, summary);
    }
    return { function: table.questions.functionOf(question), summary: summary ?? EMPTY_SUMMARY };
  }

  /** Answered, but not asked. */
  *unasked(): Generator<QuestionId, void, undefined> {
    for (const question of this.table.questionsAnswered()) if (!this.asked.has(question)) yield question;
  }

  /** Asked, but not answered. */
  *unanswered(): Generator<QuestionId, void, undefined> {
    for (const question of this.asked) if (!this.table.has(question)) yield question;
  }
}
