/**
 * What was asked and what is known: answers by question, what each was made of and who made use of it, and which are to be
 * computed. Says nothing about the order in which that is done.
 */
import type { FunctionId } from '../model/ids';
import { QuestionSet, QuestionTable, type QuestionId } from './questions';
import { RootKind, kindOf, type Root } from './references';
import { SharedSummaries } from './sharedSummaries';
import type { Undo } from './undo';
import { EMPTY_SUMMARY, isGrowth, type RootText, type SummaryTable } from './summaryTable';

const NOBODY: readonly QuestionId[] = [];
/** Up to so many dependents are kept in lists without room for more: most questions have one or two. */
const FEW_DEPENDENTS = 8;
const NO_ROOTS: readonly Root[] = [];

/** What a stable order of questions is made of. */
export interface QuestionOrder {
  readonly rootText: RootText;
  /** File path and key of a function: what functions are ordered by. */
  nameOf(id: FunctionId): string;
}

export class AnswerTable {
  readonly questions = new QuestionTable();
  /** To be computed; survives a cancelled run. */
  readonly dirty = new QuestionSet();
  // By question.
  private readonly answers: (SummaryTable | undefined)[] = [];
  private readonly dependencies: (readonly QuestionId[])[] = [];
  private readonly dependents: (QuestionId[] | undefined)[] = [];
  /** Of the dependencies, those that the answer would be the same without what they say of results. */
  private readonly effectsOnly = new Map<QuestionId, readonly QuestionId[]>();
  private readonly activated = new Map<QuestionId, readonly Root[]>();
  /** Number of the comparison that a question was last seen in. */
  private readonly seen: number[] = [];
  private comparisons = 0;
  private answered = 0;
  /** Whether anything that was said, asked or told is not any more: somebody may have been asked because of it. */
  private lost = false;
  private readonly summaries = new SharedSummaries();
  /** What the questions said that were answered or dropped since this was taken; undefined where there was no answer. */
  private before = new Map<QuestionId, SummaryTable | undefined>();
  /** While questions are asked on trial: how to take it back, and the questions of which that is noted. */
  private undo: Undo | undefined;
  private readonly kept = new Set<QuestionId>();

  constructor(private readonly host: QuestionOrder) {}

  /** What happens from now on can be taken back. Nothing may be left to compute. */
  beginTrial(undo: Undo): void {
    const { before, lost } = this;
    this.before = new Map();
    this.undo = undo;
    undo.add(() => {
      this.undo = undefined;
      this.kept.clear();
      for (const question of [...this.dirty.items]) this.dirty.delete(question);
      this.before = before;
      this.lost = lost;
    });
  }

  /** Notes what is said of a question before that changes for the first time in a trial. */
  private keep(question: QuestionId): void {
    if (this.undo === undefined || this.kept.has(question)) return;
    this.kept.add(question);
    const summary = this.get(question);
    const dependencies = this.dependenciesOf(question);
    const effectsOnly = new Set(this.usedForEffectsBy(question));
    const activated = this.activatedBy(question);
    this.undo.add(() => {
      this.set(question, summary);
      this.depend(question, dependencies, effectsOnly);
      this.activates(question, activated);
    });
  }

  answer(id: FunctionId, root: Root): SummaryTable {
    return this.get(this.questions.find(id, root)) ?? EMPTY_SUMMARY;
  }

  /** Undefined also for a question that was never asked, -1. */
  get(question: QuestionId): SummaryTable | undefined {
    return question >= 0 && question < this.answers.length ? this.answers[question] : undefined;
  }

  has(question: QuestionId): boolean {
    return this.get(question) !== undefined;
  }

  *questionsAnswered(): Generator<QuestionId, void, undefined> {
    for (const [question, summary] of this.answers.entries()) if (summary !== undefined) yield question;
  }

  get size(): number {
    return this.answered;
  }

  /** Without an answer, the question is as if it had never been answered. */
  set(question: QuestionId, summary: SummaryTable | undefined): void {
    const { answers } = this;
    this.keep(question);
    while (answers.length <= question) answers.push(undefined);
    if (!this.before.has(question)) this.before.set(question, answers[question]);
    const known = answers[question];
    if (known === undefined) {
      if (summary !== undefined) this.answered++;
    } else {
      if (summary === undefined) this.answered--;
      if (!this.lost) this.lost = summary === undefined || !isGrowth(known, summary);
    }
    answers[question] = summary === undefined ? undefined : this.summaries.shared(summary);
  }

  /** Whether questions may be answered since this was last called that nobody asks any more. */
  takeLost(): boolean {
    const { lost } = this;
    this.lost = false;
    return lost;
  }

  /** Something that was asked of outside may not be any more. */
  noteLost(): void {
    this.lost = true;
  }

  /** Questions that were answered or dropped since the last call, equal or not, with what they said then. */
  takeBefore(): ReadonlyMap<QuestionId, SummaryTable | undefined> {
    const { before } = this;
    this.before = new Map();
    return before;
  }

  /** Questions that the answer was made of. */
  readonly dependenciesOf = (question: QuestionId): readonly QuestionId[] =>
    question < this.dependencies.length ? this.dependencies[question] : NOBODY;

  /** Questions whose answers were made of this one. */
  dependentsOf(question: QuestionId): readonly QuestionId[] {
    return (question < this.dependents.length ? this.dependents[question] : undefined) ?? NOBODY;
  }

  /** Captured variables that something comes to in the function, as the answer found: their readers are asked. */
  activatedBy(question: QuestionId): readonly Root[] {
    return this.activated.get(question) ?? NO_ROOTS;
  }

  activates(question: QuestionId, cells: readonly Root[]): void {
    this.keep(question);
    if (!this.lost) this.lost = this.activatedBy(question).some((cell) => !cells.includes(cell));
    if (cells.length > 0) this.activated.set(question, cells);
    else this.activated.delete(question);
  }

  /** Whether an answer was made of another one without what that says of the function's result. */
  usesEffectsOnly(question: QuestionId, dependency: QuestionId): boolean {
    return this.effectsOnly.get(question)?.includes(dependency) === true;
  }

  /** Of the dependencies, those that are used without what they say of results. */
  usedForEffectsBy(question: QuestionId): readonly QuestionId[] {
    return this.effectsOnly.get(question) ?? NOBODY;
  }

  /** `dependencies` names each but once; `effectsOnly` are those among them of which the results did not count. */
  depend(question: QuestionId, dependencies: readonly QuestionId[], effectsOnly?: ReadonlySet<QuestionId>): void {
    this.keep(question);
    if (effectsOnly !== undefined && effectsOnly.size > 0) this.effectsOnly.set(question, [...effectsOnly]);
    else this.effectsOnly.delete(question);
    const before = this.dependenciesOf(question);
    if (before.length === dependencies.length && before.every((other, i) => other === dependencies[i])) return;
    while (this.dependencies.length <= question) this.dependencies.push(NOBODY);
    // A copy has no room for more, unlike a list that grew.
    this.dependencies[question] = dependencies.length === 0 ? NOBODY : dependencies.slice();
    if (before.length === 0) {
      for (const other of dependencies) this.addDependent(other, question);
      return;
    }
    const old = this.mark(before);
    for (const other of dependencies) if (this.seen[other] !== old) this.addDependent(other, question);
    const now = this.mark(dependencies);
    for (const other of before) {
      if (this.seen[other] === now) continue;
      this.lost = true;
      const list = this.dependents[other];
      if (list === undefined) continue;
      const place = list.indexOf(question);
      const last = list.pop();
      if (last !== undefined && last !== question) list[place] = last;
    }
  }

  /** Returns what `seen` says of exactly these questions. */
  private mark(questions: readonly QuestionId[]): number {
    const { seen } = this;
    const comparison = ++this.comparisons;
    for (const question of questions) {
      while (seen.length <= question) seen.push(0);
      seen[question] = comparison;
    }
    return comparison;
  }

  private addDependent(question: QuestionId, dependent: QuestionId): void {
    const { dependents } = this;
    while (dependents.length <= question) dependents.push(undefined);
    const known = dependents[question];
    if (known === undefined) dependents[question] = [dependent];
    else if (known.length < FEW_DEPENDENTS) dependents[question] = [...known, dependent];
    else known.push(dependent);
  }

  /** The question is no longer asked; who asked it has to ask again. */
  remove(question: QuestionId): void {
    this.set(question, undefined);
    this.dirty.delete(question);
    for (const dependent of this.dependentsOf(question)) this.dirty.add(dependent);
    this.depend(question, NOBODY);
    this.activated.delete(question);
  }

  /** What the function does with all that was asked of it, in a stable order. */
  flowsOf(id: FunctionId): SummaryTable[] {
    const flows: (readonly [text: string, summary: SummaryTable])[] = [];
    for (const question of this.questions.of(id)) {
      const summary = this.get(question);
      const root = this.questions.rootOf(question);
      if (summary === undefined || summary === EMPTY_SUMMARY || kindOf(root) === RootKind.Facet) continue;
      flows.push([this.host.rootText(root), summary]);
    }
    if (flows.length > 1) flows.sort(([a], [b]) => (a < b ? -1 : 1));
    return flows.map(([, summary]) => summary);
  }

  /** Whether anything was ever asked of a function and is still answered. */
  isAsked(id: FunctionId): boolean {
    for (const question of this.questions.of(id)) if (this.has(question) || this.dirty.has(question)) return true;
    return false;
  }

  /** Functions with answers. */
  functions(): ReadonlySet<FunctionId> {
    const result = new Set<FunctionId>();
    for (const question of this.questionsAnswered()) result.add(this.questions.functionOf(question));
    return result;
  }

  /** Functions first, then roots; the same in every run. */
  readonly compare = (a: QuestionId, b: QuestionId): number => {
    if (a === b) return 0;
    const one = this.host.nameOf(this.questions.functionOf(a));
    const other = this.host.nameOf(this.questions.functionOf(b));
    if (one !== other) return one < other ? -1 : 1;
    const [x, y] = [this.questions.rootOf(a), this.questions.rootOf(b)];
    if (x === y) return 0;
    return this.host.rootText(x) < this.host.rootText(y) ? -1 : 1;
  };
}
