/**
 * What was asked and what is known: answers by question, what each was made of and who made use of it, and which are to be
 * computed. Says nothing about the order in which that is done.
 */
import type { FunctionId } from '../model/ids';
import { QuestionTable, type QuestionId } from './questions';
import { RootKind, kindOf, type Root } from './references';
import { EMPTY_SUMMARY, type RootText, type SummaryTable } from './summaryTable';

const NOBODY: readonly QuestionId[] = [];
const NO_ROOTS: readonly Root[] = [];
const NONE: ReadonlySet<QuestionId> = new Set();

/** What a stable order of questions is made of. */
export interface QuestionOrder {
  readonly rootText: RootText;
  /** Stable order of functions: by file path and key. */
  compare(a: FunctionId, b: FunctionId): number;
}

export class AnswerTable {
  readonly questions = new QuestionTable();
  /** To be computed; survives a cancelled run. */
  readonly dirty = new Set<QuestionId>();
  private readonly answers = new Map<QuestionId, SummaryTable>();
  private readonly dependencies = new Map<QuestionId, readonly QuestionId[]>();
  private readonly dependents = new Map<QuestionId, Set<QuestionId>>();
  private readonly activated = new Map<QuestionId, readonly Root[]>();

  constructor(private readonly host: QuestionOrder) {}

  answer(id: FunctionId, root: Root): SummaryTable {
    const question = this.questions.ask(id, root);
    return (question === undefined ? undefined : this.answers.get(question)) ?? EMPTY_SUMMARY;
  }

  get(question: QuestionId): SummaryTable | undefined {
    return this.answers.get(question);
  }

  /** Empty where nothing is known yet. */
  hashOf(question: QuestionId): string {
    return this.answers.get(question)?.hash ?? '';
  }

  has(question: QuestionId): boolean {
    return this.answers.has(question);
  }

  answered(): Iterable<QuestionId> {
    return this.answers.keys();
  }

  get size(): number {
    return this.answers.size;
  }

  /** Without an answer, the question is as if it had never been answered. */
  set(question: QuestionId, summary: SummaryTable | undefined): void {
    if (summary === undefined) this.answers.delete(question);
    else this.answers.set(question, summary);
  }

  /** Questions that the answer was made of. */
  readonly dependenciesOf = (question: QuestionId): readonly QuestionId[] => this.dependencies.get(question) ?? NOBODY;

  /** Questions whose answers were made of this one. */
  dependentsOf(question: QuestionId): ReadonlySet<QuestionId> {
    return this.dependents.get(question) ?? NONE;
  }

  /** Captured variables that something comes to in the function, as the answer found: their readers are asked. */
  activatedBy(question: QuestionId): readonly Root[] {
    return this.activated.get(question) ?? NO_ROOTS;
  }

  activates(question: QuestionId, cells: readonly Root[]): void {
    if (cells.length > 0) this.activated.set(question, cells);
    else this.activated.delete(question);
  }

  depend(question: QuestionId, dependencies: readonly QuestionId[]): void {
    const before = this.dependencies.get(question) ?? NOBODY;
    if (before.length === dependencies.length && before.every((other, i) => other === dependencies[i])) return;
    for (const old of before) this.dependents.get(old)?.delete(question);
    this.dependencies.set(question, dependencies.length === 0 ? NOBODY : dependencies);
    for (const other of dependencies) {
      const set = this.dependents.get(other);
      if (set === undefined) this.dependents.set(other, new Set([question]));
      else set.add(question);
    }
  }

  /** The question is no longer asked; who asked it has to ask again. */
  remove(question: QuestionId): void {
    this.answers.delete(question);
    this.dirty.delete(question);
    for (const dependent of this.dependentsOf(question)) this.dirty.add(dependent);
    this.depend(question, NOBODY);
    this.dependencies.delete(question);
    this.activated.delete(question);
  }

  /** What the function does with all that was asked of it, in a stable order. */
  flowsOf(id: FunctionId): SummaryTable[] {
    const flows: (readonly [text: string, summary: SummaryTable])[] = [];
    for (const [root, summary] of this.answersOf(id))
      if (kindOf(root) !== RootKind.Facet && summary !== EMPTY_SUMMARY) flows.push([this.host.rootText(root), summary]);
    if (flows.length > 1) flows.sort(([a], [b]) => (a < b ? -1 : 1));
    return flows.map(([, summary]) => summary);
  }

  /** All answers about a function, by root. */
  *answersOf(id: FunctionId): Generator<readonly [root: Root, summary: SummaryTable]> {
    for (const [root, question] of this.questions.of(id)) {
      const summary = this.answers.get(question);
      if (summary !== undefined) yield [root, summary];
    }
  }

  /** Whether anything was ever asked of a function and is still answered. */
  isAsked(id: FunctionId): boolean {
    for (const question of this.questions.of(id).values())
      if (this.answers.has(question) || this.dirty.has(question)) return true;
    return false;
  }

  /** Functions with answers. */
  functions(): ReadonlySet<FunctionId> {
    const result = new Set<FunctionId>();
    for (const question of this.answers.keys()) result.add(this.questions.functionOf(question));
    return result;
  }

  /** Functions first, then roots; the same in every run. */
  readonly compare = (a: QuestionId, b: QuestionId): number => {
    const byFunction = this.host.compare(this.questions.functionOf(a), this.questions.functionOf(b));
    if (byFunction !== 0) return byFunction;
    const [x, y] = [this.questions.rootOf(a), this.questions.rootOf(b)];
    if (x === y) return 0;
    return this.host.rootText(x) < this.host.rootText(y) ? -1 : 1;
  };
}
