/** What became of the questions that were answered or dropped since somebody looked last. */
import type { FunctionId } from '../model/ids';
import type { AnswerTable } from './answerTable';
import type { QuestionId } from './questions';
import type { Root } from './references';
import { EMPTY_SUMMARY, haveSameEffects, sameSummary } from './summaryTable';

export interface Answered {
  readonly question: QuestionId;
  readonly function: FunctionId;
  readonly root: Root;
  readonly result: 'new' | 'changed' | 'same' | 'gone';
  readonly isFunctionGone: boolean;
  /** Questions that it asks now, without those whose answers changed in what does not count for it, and that ask it. */
  readonly dependencies: readonly QuestionId[];
  readonly dependents: readonly QuestionId[];
}

/** To be looked through before anything else is asked or answered. A first index answers more than should be listed at once. */
export function answeredSince(table: AnswerTable, isThere: (id: FunctionId) => boolean): Iterable<Answered> {
  const all = table.takeBefore();
  const isOther = (dependency: QuestionId): boolean =>
    !haveSameEffects(all.get(dependency) ?? EMPTY_SUMMARY, table.get(dependency) ?? EMPTY_SUMMARY);
  const look = function* (): Generator<Answered> {
    for (const [question, before] of all) {
      const now = table.get(question);
      // Asked and dropped, or never answered: nobody saw it.
      if (before === undefined && now === undefined) continue;
      const id = table.questions.functionOf(question);
      const dependencies = table.dependenciesOf(question);
      const forEffects = table.usedForEffectsBy(question);
      yield {
        question,
        function: id,
        root: table.questions.rootOf(question),
        result:
          now === undefined ? 'gone' : before === undefined ? 'new' : sameSummary(before, now) ? 'same' : 'changed',
        isFunctionGone: now === undefined && !isThere(id),
        dependencies:
          forEffects.length === 0
            ? dependencies
            : dependencies.filter((other) => !forEffects.includes(other) || isOther(other)),
        dependents: table.dependentsOf(question),
      };
    }
  };
  return { [Symbol.iterator]: look };
}
