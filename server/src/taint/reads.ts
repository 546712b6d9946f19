/** What one analysis asked of others on its way: which answers it got, as they were first read, and where nobody had anything to tell. */
import type { FunctionId } from '../model/ids';
import type { QuestionId } from './questions';
import type { Root } from './references';
import { EMPTY_SUMMARY, haveSameEffects, sameSummary, type SummaryTable } from './summaryTable';

/** So many are looked through one by one. */
const FEW = 12;

export class Reads {
  /** What was asked, each once. */
  readonly questions: QuestionId[] = [];
  /** What the answer was then. */
  readonly answers: SummaryTable[] = [];
  /** Those questions of whose answers the results were left out wherever they were read; undefined for none. */
  effectsOnly: Set<QuestionId> | undefined;
  private places: Map<QuestionId, number> | undefined;
  /** Who was asked and had never been asked before, and about what. */
  readonly vainCallees: FunctionId[] = [];
  readonly vainRoots: Root[] = [];
  /** Captured variables that something comes to; undefined for none. */
  activated: Set<Root> | undefined;
  /** The answer left out what was beyond a limit. */
  isLimited = false;

  /** `earlier` is what earlier runs for the same answer read. */
  constructor(private readonly earlier?: Reads) {}

  /** Takes over what is known to have been asked, whatever the answers were. */
  static of(questions: Iterable<QuestionId>, activated: Iterable<Root>): Reads {
    const reads = new Reads();
    for (const cell of activated) reads.activates(cell);
    for (const question of questions) reads.note(question, EMPTY_SUMMARY, false, false);
    return reads;
  }

  get size(): number {
    return this.questions.length + this.vainRoots.length;
  }

  /** Takes over what another one read after this. */
  add(later: Reads, isNewer: (question: QuestionId) => boolean): void {
    for (const [i, question] of later.questions.entries())
      this.note(question, later.answers[i], isNewer(question), later.readsEffectsOnly(question));
    for (const [i, root] of later.vainRoots.entries()) this.noteInVain(later.vainCallees[i], root);
    for (const cell of later.activated ?? []) this.activates(cell);
    this.isLimited ||= later.isLimited;
  }

  /** What was read first counts, unless it is only an approximation. */
  note(question: QuestionId, answer: SummaryTable, isNewer: boolean, effectsOnly: boolean): void {
    const { questions, answers } = this;
    const place = this.placeOf(question);
    if (place >= 0) {
      if (isNewer) answers[place] = answer;
      if (!effectsOnly) this.effectsOnly?.delete(question);
      return;
    }
    if (effectsOnly) (this.effectsOnly ??= new Set()).add(question);
    this.places?.set(question, questions.length);
    questions.push(question);
    answers.push(answer);
  }

  readsEffectsOnly(question: QuestionId): boolean {
    return this.effectsOnly?.has(question) === true;
  }

  /** Whether an answer says what was read, at this place among the questions. */
  isAsRead(place: number, now: SummaryTable): boolean {
    const read = this.answers[place];
    if (sameSummary(now, read)) return true;
    return this.readsEffectsOnly(this.questions[place]) && haveSameEffects(now, read);
  }

  private placeOf(question: QuestionId): number {
    const { questions } = this;
    if (questions.length <= FEW) return questions.indexOf(question);
    this.places ??= new Map(questions.map((known, place) => [known, place]));
    return this.places.get(question) ?? -1;
  }

  activates(cell: Root): void {
    (this.activated ??= new Set()).add(cell);
  }

  noteInVain(callee: FunctionId, root: Root): void {
    this.vainCallees.push(callee);
    this.vainRoots.push(root);
  }

  isInVain(callee: FunctionId, root: Root): boolean {
    const { vainCallees, vainRoots } = this;
    for (let at = vainRoots.indexOf(root); at >= 0; at = vainRoots.indexOf(root, at + 1))
      if (vainCallees[at] === callee) return true;
    return this.earlier?.isInVain(callee, root) === true;
  }
}
