/**
 * Answers that were made of each other. A cycle that comes into being while its members are solved one by one has to be solved
 * again as one, because each may hold what only the other once said.
 */
import { stronglyConnectedComponents } from '../base/components';
import type { AnswerTable } from './answerTable';
import type { QuestionId, QuestionSet } from './questions';

/** Times that a component whose members change with each solution is solved again. */
const MAX_AGAIN = 6;

/** How a component was solved: its members in the order in which they were answered. */
type Solution = readonly QuestionId[];

export class NewCycles {
  /** Answered anew and asking for more than before: they may have become part of a cycle. */
  private readonly suspects = new Set<QuestionId>();
  /** Of what a question was solved as a part, since new cycles were last looked for. */
  private readonly solvedIn = new Map<QuestionId, Solution>();
  /** How often a component with limits was not what its own answers make. */
  private readonly again = new Map<QuestionId, number>();

  /** `limited` are questions of which more to tell may lead to less: what a cycle of them comes to depends on its members and their order. */
  constructor(
    private readonly table: AnswerTable,
    private readonly limited: Pick<QuestionSet, 'has'>,
  ) {}

  /** A question is answered by itself: whatever it was solved together with, maybe in an update that was cancelled since, it is not any more. */
  answeredAlone(question: QuestionId): void {
    this.solvedIn.delete(question);
  }

  /** A question is answered with the help of these; to be called before they become its dependencies. */
  asks(question: QuestionId, others: Iterable<QuestionId>, component?: Pick<QuestionSet, 'has'>): void {
    if (this.limited.has(question)) {
      this.suspects.add(question);
      return;
    }
    const known = new Set(this.table.dependenciesOf(question));
    for (const other of others) {
      if (known.has(other) || component?.has(other) === true) continue;
      this.suspects.add(question);
      return;
    }
  }

  solvedTogether(solution: Solution): void {
    for (const question of solution) this.solvedIn.set(question, solution);
  }

  /** Forgets what was noted so far. */
  clear(): void {
    this.suspects.clear();
    this.solvedIn.clear();
  }

  /** All that had to be solved is solved. */
  settled(): void {
    this.again.clear();
  }

  /**
   * The members of cycles that came into being since the last call, and of those with limits that were solved with other members, or in another order, than
   * they have by their answers.
   */
  take(): readonly QuestionId[] {
    const suspects = [...this.suspects];
    const found = new Set<QuestionId>();
    if (suspects.length > 0) {
      for (const component of stronglyConnectedComponents(suspects, this.table.dependenciesOf)) {
        // What is only asked by suspects is as it was when it was looked at last.
        if (!component.some((question) => this.suspects.has(question))) continue;
        if (this.isCycle(component) && !this.areSolvedTogether(component))
          for (const question of component) found.add(question);
        else if (component.some((question) => this.limited.has(question)) && !this.isSolvedAsItIs(component)) {
          for (const question of component) found.add(question);
          for (const question of this.solvedIn.get(component[0]) ?? []) found.add(question);
        }
      }
    }
    this.clear();
    return [...found];
  }

  private isCycle(component: readonly QuestionId[]): boolean {
    return component.length > 1 || this.table.dependenciesOf(component[0]).includes(component[0]);
  }

  private areSolvedTogether(component: readonly QuestionId[]): boolean {
    const solution = this.solvedIn.get(component[0]);
    return solution !== undefined && component.every((question) => this.solvedIn.get(question) === solution);
  }

  private isSolvedAsItIs(component: readonly QuestionId[]): boolean {
    const solution = this.solvedIn.get(component[0]);
    // Answered by itself.
    if (solution === undefined) return true;
    const order = calleesFirst(component, this.table);
    if (order.length === solution.length && order.every((question, i) => question === solution[i])) return true;
    const times = this.again.get(order[0]) ?? 0;
    this.again.set(order[0], times + 1);
    return times >= MAX_AGAIN;
  }
}

/** An order of a recursive component in which most callees come first; the same whoever was reached first. */
export function calleesFirst(component: readonly QuestionId[], { compare, dependenciesOf }: AnswerTable): QuestionId[] {
  const sorted = [...component].sort(compare);
  const rank = new Map(sorted.map((question, index) => [question, index]));
  const inside = (question: QuestionId): QuestionId[] =>
    dependenciesOf(question)
      .filter((other) => rank.has(other))
      .sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  const seen = new Set<QuestionId>();
  const order: QuestionId[] = [];
  for (const root of sorted) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ question: root, rest: inside(root), next: 0 }];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      if (frame.next === frame.rest.length) {
        order.push(frame.question);
        stack.pop();
        continue;
      }
      const callee = frame.rest[frame.next++];
      if (seen.has(callee)) continue;
      seen.add(callee);
      stack.push({ question: callee, rest: inside(callee), next: 0 });
    }
  }
  return order;
}
