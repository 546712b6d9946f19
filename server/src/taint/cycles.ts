/**
 * Answers that were made of each other. A cycle that comes into being while its members are solved one by one has to be solved
 * again as one, because each may hold what only the other once said.
 */
import { stronglyConnectedComponents } from '../base/components';
import type { AnswerTable } from './answerTable';
import type { QuestionId, QuestionSet } from './questions';

export class NewCycles {
  /** Answered anew and asking for more than before: they may have become part of a cycle. */
  private readonly suspects = new Set<QuestionId>();
  /** Number of the component that a question was solved in, since new cycles were last looked for. */
  private readonly solvedIn = new Map<QuestionId, number>();
  private components = 0;

  constructor(private readonly table: AnswerTable) {}

  /** A question is answered with the help of these; to be called before they become its dependencies. */
  asks(question: QuestionId, others: Iterable<QuestionId>, component?: Pick<QuestionSet, 'has'>): void {
    const known = new Set(this.table.dependenciesOf(question));
    for (const other of others) {
      if (known.has(other) || component?.has(other) === true) continue;
      this.suspects.add(question);
      return;
    }
  }

  solvedTogether(component: Iterable<QuestionId>): void {
    const number = this.components++;
    for (const question of component) this.solvedIn.set(question, number);
  }

  /** Forgets what was noted so far. */
  clear(): void {
    this.suspects.clear();
    this.solvedIn.clear();
  }

  /** The members of cycles that came into being since the last call. */
  take(): QuestionId[] {
    const suspects = [...this.suspects];
    const found: QuestionId[] = [];
    if (suspects.length > 0) {
      for (const component of stronglyConnectedComponents(suspects, this.table.dependenciesOf))
        if (this.isCycle(component) && !this.areSolvedTogether(component)) found.push(...component);
    }
    this.clear();
    return found;
  }

  private isCycle(component: readonly QuestionId[]): boolean {
    return component.length > 1 || this.table.dependenciesOf(component[0]).includes(component[0]);
  }

  private areSolvedTogether(component: readonly QuestionId[]): boolean {
    const number = this.solvedIn.get(component[0]);
    return number !== undefined && component.every((question) => this.solvedIn.get(question) === number);
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
