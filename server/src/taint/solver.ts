/**
 * Answers questions about functions on demand, and keeps the answers in line with what changes, no further than results change
 * (early cut-off). Who is asked for depends on where untrusted data enters: a function without sources, which nobody
 * hands anything untrusted, is never looked at.
 *
 * An answer depends on the function's graph, its links, the models and the answers it asked for in turn, never on
 * who asked. So answers can be kept, and what is left over from earlier states of the program does no harm. Recursion is solved one
 * strongly connected component at a time, always from bottom and in canonical order, so that the result does not depend on
 * what was computed before. All transfer is monotone: whoever ran too early runs again.
 */
import { stronglyConnectedComponents } from '../base/components';
import type { FunctionId } from '../model/ids';
import { AnswerTable } from './answerTable';
import { answeredSince, type Answered } from './answered';
import { AskedNow } from './askedNow';
import { answerQuestion } from './answering';
import { AskingEnvironment, type Answering } from './asking';
import { NewCycles, calleesFirst } from './cycles';
import { timesAsMuch, type Budgets } from './environment';
import { FEW_WAYS, type WayLimits } from './facts';
import { KnownRuns } from './knownRuns';
import { Propagation } from './propagation';
import { QuestionSet, isToldUpward, type QuestionId, type QuestionTable } from './questions';
import type { Root } from './references';
import { Reads } from './reads';
import { Scratch, ScratchPool } from './scratch';
import { Runs } from './runs';
import type { FirstPart, SolverHost, StoredAnswer } from './solverHost';
import {
  EMPTY_SUMMARY,
  effectsOf,
  haveSameEffects,
  isGrowth,
  joinSummaries,
  sameSummary,
  type SummaryTable,
} from './summaryTable';
import { Undo } from './undo';
import { Upward } from './upward';

/** Rounds over one recursive component, after which answers keep what they once said: limits can make them swing. */
const SWINGING_ROUNDS = 8;
/** What does not settle by then is told. */
const MAX_ROUNDS = 40;
/** The same where an answer was cut by a limit: what further rounds would bring is little, and no more certain than what they would leave out. */
const MAX_LIMITED_ROUNDS = 12;

/** With more questions to answer than these, who asks whom is found out first. */
const MANY = 50;
/** Runs of one question while that is found out. */
const GROWTH_RUNS = 4;

/** Questions answered while others wait for them; deeper ones are put off. */
const MAX_DEPTH = 40;

/** Turns of solving in which changes go up from answer to answer before all that they may come to is looked up. */
const PATIENT_TURNS = 4;

const NOBODY: readonly QuestionId[] = [];
const NO_QUESTION: QuestionId = -1;
const NO_ROOTS: readonly Root[] = [];

export class Solver implements Answering {
  private readonly table: AnswerTable;
  private readonly questions: QuestionTable;
  /** To be computed; survives a cancelled run. */
  private readonly dirty: QuestionSet;
  private readonly upward: Upward;
  private readonly newCycles: NewCycles;
  /**
   * Questions of which more to tell may have led to less on the way to their answers, because a limit was hit or somebody's tests came to be known. What
   * recursion through them comes to depends on the way.
   */
  private readonly limited = new QuestionSet();
  private recomputed = new Set<FunctionId>();
  private readonly pool = new ScratchPool();

  // Of the run that is going on.
  /** Being computed, with others waiting for each but the last. */
  private readonly running = new QuestionSet();
  /** The component that is being solved; its answers are approximations that grow. */
  private readonly members = new QuestionSet();
  /** Answered since the outermost of those that run began: each is run once, and again only when that one is done. */
  private readonly wave = new QuestionSet();
  /**
   * Where much is new, recursion is left aside at first: how often each question ran since. Undefined otherwise.
   */
  private grown: Runs | undefined;
  /** Not run again while that is found out, though what they read changed. */
  private readonly putOff = new QuestionSet();
  private isGrowing = false;
  private isSettling = false;
  /** Who read the answer of a question that was not computed yet. */
  private readonly readTooEarly = new Map<QuestionId, Set<QuestionId>>();
  /** What those that are being computed have asked so far. */
  private readonly reads: (Reads | undefined)[] = [];
  /** Those among them that asked somebody in vain who has something to tell by now. */
  private readonly missed = new QuestionSet();
  /** Answered while a component is being solved, in the order in which they were done. */
  private readonly aside: QuestionId[] = [];
  /** Of members of components. */
  private readonly knownRuns = new KnownRuns();
  /** Questions that were answered by themselves so far. */
  private evaluations = 0;
  private answered = 0;

  constructor(
    private readonly host: SolverHost,
    private readonly budgets: Budgets,
  ) {
    this.table = new AnswerTable(host);
    this.questions = this.table.questions;
    this.dirty = this.table.dirty;
    this.upward = new Upward(host, this.table, this.running);
    this.newCycles = new NewCycles(this.table, this.limited);
  }

  /** Questions that were ever asked. */
  get tableSize(): number {
    return this.questions.size;
  }

  /** Grows with each answer that is kept when a run is cut off: those of a component that is being solved are not. */
  get progress(): number {
    return this.answered;
  }

  answer(id: FunctionId, root: Root): SummaryTable {
    return this.table.answer(id, root);
  }

  /** What the function does with all that was asked of it, in a stable order. */
  flowsOf(id: FunctionId): SummaryTable[] {
    return this.table.flowsOf(id);
  }

  /** Whether anything was ever asked of a function and is still answered. */
  isAsked(id: FunctionId): boolean {
    return this.table.isAsked(id);
  }

  /** Nothing that was asked of the function is to be answered, or answered again. */
  isSolved(id: FunctionId): boolean {
    return this.questions.of(id).every((question) => !this.dirty.has(question));
  }

  /** Functions with answers. */
  functions(): ReadonlySet<FunctionId> {
    return this.table.functions();
  }

  /** Everything about a function that is worth keeping. */
  storedAnswers(id: FunctionId): StoredAnswer[] {
    const result: StoredAnswer[] = [];
    for (const question of this.questions.of(id)) {
      const root = this.questions.rootOf(question);
      const summary = this.table.get(question);
      if (summary === undefined) continue;
      const dependencies = this.table.dependenciesOf(question).map((other) => ({
        function: this.questions.functionOf(other),
        root: this.questions.rootOf(other),
        effectsOnly: this.table.usesEffectsOnly(question, other),
      }));
      const askedInVain = [...this.upward.askedInVainBy(question)];
      const activated = this.table.activatedBy(question);
      const distance = this.upward.distanceOf(question);
      result.push({ root, summary, dependencies, askedInVain, activated, distance });
    }
    return result;
  }

  /** Puts back what was computed in an earlier process. */
  restore(id: FunctionId, { root, summary, dependencies, askedInVain, activated, distance }: StoredAnswer): void {
    const question = this.questions.intern(id, root);
    this.table.set(question, summary);
    this.table.activates(question, activated);
    this.upward.restored(question, root, summary, distance);
    for (const cell of askedInVain) this.upward.askedInVain(question, cell);
    const effectsOnly = new Set<QuestionId>();
    const asked = dependencies.map((other) => {
      const dependency = this.questions.intern(other.function, other.root);
      if (other.effectsOnly) effectsOnly.add(dependency);
      return dependency;
    });
    this.table.depend(question, asked, effectsOnly);
  }

  /** Something came to a captured variable from elsewhere in the earlier process already. */
  restoredShared(cell: Root): void {
    this.upward.restoredShared(cell);
  }

  /** Asks a question from outside; it is answered by the next `solve`. False when it was asked before. */
  demand(id: FunctionId, root: Root): boolean {
    return this.upward.demand(id, root);
  }

  /** Something comes to a captured variable from elsewhere: all who come to hold its value are asked. False when they were asked before. */
  share(cell: Root): boolean {
    return this.upward.share(cell);
  }

  /** To find out what is asked now; by whom from outside is for the caller to say. */
  askedNow(): AskedNow {
    return new AskedNow(this.host, this.table, this.upward);
  }

  /**
   * Drops the answers that nobody asks for, and has those done again that were made of them, and what is asked but was not answered, by the next `solve`. False when there was nothing to do.
   * `asked` must be whole, and nothing solved since. The functions concerned are returned by that `solve`.
   */
  retain(asked: AskedNow): boolean {
    const unasked = [...asked.unasked()];
    const unanswered = [...asked.unanswered()];
    for (const question of unasked) {
      this.table.remove(question);
      this.recomputed.add(this.questions.functionOf(question));
    }
    for (const question of unasked) this.dirty.delete(question);
    for (const question of unanswered)
      if (this.host.bodyOf(this.questions.functionOf(question)) !== undefined) this.dirty.add(question);
    this.upward.become(asked.upward);
    return unasked.length > 0 || this.dirty.size > 0;
  }

  /**
   * Recomputes what the given functions' changes make necessary, and what was demanded since; returns the functions that
   * were recomputed. When the host's checkpoint throws, what is left to do is kept and done by the next call, which returns both parts.
   */
  solve(changed: Iterable<FunctionId>, removed: Iterable<FunctionId>, first?: FirstPart): ReadonlySet<FunctionId> {
    const { dirty } = this;
    const isFirstTime = this.table.size === 0;
    const growing = this.grown;
    this.knownRuns.clear();
    for (const id of removed) this.remove(id);
    for (const id of changed) this.changed(id, isFirstTime);
    // Growing was cut off, and now there are answers that may lose something.
    if (growing !== undefined && !this.isAllNew()) this.stopGrowing(true);
    if (first !== undefined) {
      this.solveFrom(() => dirty.items.filter((question) => first.has(this.questions.functionOf(question))), false);
      if (dirty.size > 0) first.done(this.recomputed, dirty.size);
    }
    if (dirty.size > MANY && !this.isSettling && this.isAllNew()) this.grown ??= new Runs();
    if (this.grown === undefined) this.solveFrom(() => [...dirty.items], true);
    else this.grow(this.grown);
    this.isSettling = false;
    this.knownRuns.clear();
    const recomputed = this.recomputed;
    this.recomputed = new Set();
    return recomputed;
  }

  /** Whether, since the last call, something came to be known that may leave answers behind which nobody asks for. */
  takeLost(): boolean {
    return this.table.takeLost();
  }

  /** What was answered so far was known before. */
  forgetAnswered(): void {
    this.table.takeBefore();
  }

  /** What was answered or dropped since the last call; to be looked through at once. */
  takeAnswered(): Iterable<Answered> {
    return answeredSince(this.table, (id) => this.host.bodyOf(id) !== undefined);
  }

  /**
   * Begins a trial: whatever is asked and solved from now on is as if it had never been asked once the returned function was called, whether
   * or not it was answered by then. Undefined while something is left to solve.
   */
  beginTrial(): (() => void) | undefined {
    if (this.dirty.size > 0 || this.grown !== undefined) return undefined;
    const undo = new Undo();
    const { recomputed } = this;
    const limited = [...this.limited.items];
    const early = Array.from(this.readTooEarly, ([question, readers]) => [question, new Set(readers)] as const);
    this.recomputed = new Set();
    undo.add(() => {
      this.recomputed = recomputed;
      this.limited.clear();
      for (const question of limited) this.limited.add(question);
      this.grown = undefined;
      this.isSettling = false;
      for (const questions of [this.putOff, this.missed]) questions.clear();
      this.readTooEarly.clear();
      for (const [question, readers] of early) this.readTooEarly.set(question, readers);
      this.knownRuns.clear();
      this.newCycles.clear();
      this.newCycles.settled();
    });
    this.table.beginTrial(undo);
    this.upward.beginTrial(undo);
    return () => {
      undo.takeBack();
    };
  }

  /** Runs one question again with predecessors kept, to tell paths. */
  trace(id: FunctionId, root: Root, limits: WayLimits = FEW_WAYS): Propagation | undefined {
    const body = this.host.bodyOf(id);
    if (body === undefined) return undefined;
    const known: Answering = {
      read: (_reader, callee, asked, effectsOnly) => {
        const summary = this.table.answer(callee, asked);
        return effectsOnly ? effectsOf(summary) : summary;
      },
      activate: () => undefined,
    };
    const environment = new AskingEnvironment(this.host.environment, known, NO_QUESTION, new Reads());
    const budgets = timesAsMuch(this.budgets, limits.patience);
    return new Propagation(body, environment, budgets, new Scratch().keepWays(limits)).run(root);
  }

  private remove(id: FunctionId): void {
    for (const question of this.questions.of(id)) {
      this.table.remove(question);
      this.upward.forget(question);
      this.putOff.delete(question);
    }
    this.recomputed.delete(id);
  }

  /** A function is new, or its code or links changed: what was asked of it, and what it has to be asked now. */
  private changed(id: FunctionId, isFirstTime: boolean): void {
    for (const question of this.questions.of(id)) {
      const isWanted = !isToldUpward(this.questions.rootOf(question)) && this.table.dependentsOf(question).length > 0;
      if (isWanted || this.table.has(question)) this.dirty.add(question);
    }
    const sources = new Set(this.host.sourceRootsOf(id));
    for (const question of this.questions.of(id)) {
      const root = this.questions.rootOf(question);
      // Asked because of what the function held itself, or of what it calls or names: it may not any more.
      if (isToldUpward(root) && !sources.has(root) && this.table.has(question)) this.table.noteLost();
    }
    for (const root of sources) this.upward.demand(id, root);
    if (!isFirstTime) this.upward.listen(id);
  }

  /**
   * Answers questions without regard to recursion. From nothing, this ends at the same answers as solving component by component; only where
   * a limit was hit, these are left to `settleGrown`.
   */
  private grow(runs: Runs): void {
    this.isGrowing = true;
    try {
      for (let roots = [...this.dirty.items]; roots.length > 0; roots = [...this.dirty.items]) {
        roots.sort(this.table.compare);
        for (const question of roots) {
          if (!this.dirty.has(question)) continue;
          if (runs.of(question) >= GROWTH_RUNS) this.putOff.add(question);
          else if (this.host.bodyOf(this.questions.functionOf(question)) !== undefined) {
            this.host.checkpoint?.(true);
            this.evaluate(question);
            continue;
          }
          this.dirty.delete(question);
        }
      }
    } finally {
      this.isGrowing = false;
      this.newCycles.clear();
    }
  }

  /** Ends what growing began; the next `solve` answers what is left. False when nothing is. */
  settleGrown(): boolean {
    this.isSettling = this.stopGrowing(false);
    return this.isSettling;
  }

  /** With `isEdit`, answers may hold what is no longer so: then all recursion is solved again. */
  private stopGrowing(isEdit: boolean): boolean {
    const runs = this.grown;
    this.grown = undefined;
    if (runs === undefined) return false;
    for (const question of this.putOff.items) this.dirty.add(question);
    this.putOff.clear();
    const { dependenciesOf } = this.table;
    const limited = new Set<QuestionId>();
    const ran = runs.questions();
    for (const question of ran)
      if (runs.of(question) >= GROWTH_RUNS || this.limited.has(question)) limited.add(question);
    for (const component of stronglyConnectedComponents(isEdit ? ran : limited, dependenciesOf)) {
      const isRecursive = component.length > 1 || dependenciesOf(component[0]).includes(component[0]);
      if (isRecursive && (isEdit || component.some((question) => limited.has(question))))
        for (const question of component) this.dirty.add(question);
    }
    return this.dirty.size > 0;
  }

  /** Growing answers never lose what they hold, so it is only for questions that nobody has answered before. */
  private isAllNew(): boolean {
    for (const question of this.dirty.items) if (this.table.has(question)) return false;
    return true;
  }

  private isGrown(question: QuestionId): boolean {
    return this.grown !== undefined && this.grown.of(question) >= GROWTH_RUNS;
  }

  /**
   * Solves these questions, which are to be answered, and what they need, until there are none. With `isAll`, nothing is left out because it need not be answered
   * yet.
   */
  private solveFrom(rootsLeft: () => QuestionId[], isAll: boolean): void {
    const { dirty } = this;
    let turns = 0;
    for (let roots = rootsLeft(); roots.length > 0; roots = rootsLeft()) {
      // What changes below goes up a long way one answer a turn; then all that it may come to is taken in the right order at once.
      const isUpward = isAll && turns++ >= PATIENT_TURNS && roots.every((question) => this.table.has(question));
      const components = isUpward ? this.componentsAbove(roots) : this.componentsBelow(roots);
      for (const component of components) {
        for (const question of component)
          if (this.host.bodyOf(this.questions.functionOf(question)) === undefined) this.dirty.delete(question);
        if (!component.some((question) => dirty.has(question))) continue;
        this.host.checkpoint?.(true);
        const [only] = component;
        if (component.length > 1 || this.table.dependenciesOf(only).includes(only)) this.solveComponent(component);
        else this.evaluate(only);
      }
      for (const question of this.newCycles.take()) dirty.add(question);
    }
    this.newCycles.settled();
  }

  private componentsBelow(roots: QuestionId[]): readonly (readonly QuestionId[])[] {
    return stronglyConnectedComponents(roots.sort(this.table.compare), this.table.dependenciesOf);
  }

  /** Components of what was made of these, directly or not, and of these. */
  private componentsAbove(roots: readonly QuestionId[]): readonly (readonly QuestionId[])[] {
    const { table } = this;
    const above = new Set(roots);
    for (const question of above) for (const dependent of table.dependentsOf(question)) above.add(dependent);
    return stronglyConnectedComponents([...above].sort(table.compare), (question) =>
      table.dependenciesOf(question).filter((other) => above.has(other)),
    );
  }

  /** Answers one question; what it needs and nobody knows yet is answered on the way. */
  private evaluate(question: QuestionId): void {
    const before = this.table.get(question);
    if (this.running.size === 0 && this.members.size === 0) this.wave.clear();
    this.evaluations++;
    this.wave.add(question);
    this.grown?.note(question);
    if (!this.isGrowing) this.limited.delete(question);
    this.dirty.delete(question);
    this.running.add(question);
    const reads = new Reads();
    this.setReads(question, reads);
    let summary: SummaryTable;
    try {
      summary = this.summarize(question, reads);
    } catch (error) {
      // Cancelled: still to be done.
      this.dirty.add(question);
      this.missed.delete(question);
      this.setReads(question, undefined);
      throw error;
    } finally {
      this.running.delete(question);
    }
    this.newCycles.answeredAlone(question);
    // Growing looks at recursion when it is done.
    if (!this.isGrowing && (before !== undefined || this.limited.has(question)))
      this.newCycles.asks(question, reads.questions);
    if (this.members.size > 0) this.aside.push(question);
    else this.answered++;
    this.settle(question, summary, reads);
    this.announce(question, before);
  }

  private settle(question: QuestionId, summary: SummaryTable, reads: Reads): void {
    const { questions, answers, activated } = reads;
    this.table.set(question, summary);
    this.table.activates(question, activated === undefined ? NO_ROOTS : [...activated]);
    this.table.depend(question, questions, reads.effectsOnly);
    this.setReads(question, undefined);
    this.recomputed.add(this.questions.functionOf(question));
    if (this.missed.delete(question)) {
      this.dirty.add(question);
      return;
    }
    // What it read may have changed while it ran.
    for (let i = 0; i < questions.length; i++) {
      const other = questions[i];
      if (other === question || this.running.has(other) || this.members.has(other)) continue;
      const now = this.table.get(other) ?? EMPTY_SUMMARY;
      if (reads.isAsRead(i, now)) continue;
      this.dirty.add(question);
      if (!this.isGrowing) return;
      if (!isGrowth(answers[i], now)) this.limited.add(question);
    }
  }

  /** An answer is known; who read another one reads again. */
  private announce(question: QuestionId, before: SummaryTable | undefined): void {
    const summary = this.table.get(question) ?? EMPTY_SUMMARY;
    const isSame = sameSummary(summary, before ?? EMPTY_SUMMARY);
    const hasSameEffects = isSame || haveSameEffects(summary, before ?? EMPTY_SUMMARY);
    const early = this.readTooEarly.get(question);
    if (!isSame && this.isGrowing && !isGrowth(before ?? EMPTY_SUMMARY, summary)) {
      for (const dependent of this.table.dependentsOf(question)) this.limited.add(dependent);
      for (const reader of early ?? NOBODY) this.limited.add(reader);
    }
    if (early !== undefined) {
      this.readTooEarly.delete(question);
      if (!isSame) for (const reader of early) if (!this.members.has(reader)) this.dirty.add(reader);
    }
    if (isSame) return;
    for (const dependent of this.table.dependentsOf(question)) {
      if (this.running.has(dependent) || this.members.has(dependent)) continue;
      if (!hasSameEffects || !this.table.usesEffectsOnly(dependent, question)) this.dirty.add(dependent);
    }
    if ((before ?? EMPTY_SUMMARY).inRoot.length === 0 && isToldUpward(this.questions.rootOf(question))) {
      for (const asker of this.upward.askersOf(question)) {
        const reads = this.readsNow(asker);
        if (reads === undefined) {
          if (this.table.has(asker)) this.dirty.add(asker);
        } else if (reads.isInVain(this.questions.functionOf(question), this.questions.rootOf(question)))
          this.missed.add(asker);
      }
    }
    this.upward.answered(question, summary);
  }

  private solveComponent(component: readonly QuestionId[]): void {
    const { members, table } = this;
    const before = new Map(component.map((question) => [question, table.get(question)]));
    this.wave.clear();
    for (const question of component) {
      table.set(question, undefined);
      this.dirty.delete(question);
      this.limited.delete(question);
      members.add(question);
    }
    const ordered = component.length === 1 ? [...component] : calleesFirst(component, table);
    try {
      this.inRounds(ordered);
    } catch (error) {
      // Cancelled: as it was before, and still to be done.
      for (const question of members.items) this.dirty.add(question);
      for (const question of members.items) this.setReads(question, undefined);
      members.clear();
      this.missed.clear();
      this.aside.length = 0;
      for (const [question, summary] of before) table.set(question, summary);
      throw error;
    }
    for (const question of members.items) {
      const reads = this.readsOf(question);
      this.newCycles.asks(question, reads.questions, members);
      this.settle(question, table.get(question) ?? EMPTY_SUMMARY, reads);
    }
    this.newCycles.solvedTogether(ordered);
    for (const question of ordered) this.announce(question, before.get(question));
    this.answered += ordered.length;
    members.clear();
  }

  private readsOf(question: QuestionId): Reads {
    let reads = this.readsNow(question);
    if (reads === undefined) this.setReads(question, (reads = new Reads()));
    return reads;
  }

  /** Of one that is being computed. */
  private readsNow(question: QuestionId): Reads | undefined {
    return question < this.reads.length ? this.reads[question] : undefined;
  }

  private setReads(question: QuestionId, reads: Reads | undefined): void {
    while (this.reads.length <= question) this.reads.push(undefined);
    this.reads[question] = reads;
  }

  /** Answers the members of a component until nothing changes, and notes what each asked. `ordered` grows by those that turn out to belong to it. */
  private inRounds(ordered: QuestionId[]): void {
    const { members, table } = this;
    const { length } = ordered;
    const askers = new Map<QuestionId, Set<QuestionId>>();
    const note = (question: QuestionId, asker: QuestionId): void => {
      const known = askers.get(question);
      if (known === undefined) askers.set(question, new Set([asker]));
      else known.add(asker);
    };
    let pending = new Set(ordered);
    let [round, mostRounds] = [0, MAX_ROUNDS];
    for (; pending.size > 0 && round < mostRounds; round++) {
      const next = new Set<QuestionId>();
      for (const question of ordered) {
        if (!pending.has(question)) continue;
        const reads = this.readsOf(question);
        const old = table.get(question) ?? EMPTY_SUMMARY;
        const found = this.summarizeMember(question, reads);
        const summary = round < SWINGING_ROUNDS ? found : this.joined(old, found);
        if (!isGrowth(old, found)) this.limited.add(question);
        if (found.truncated.length > 0) mostRounds = MAX_LIMITED_ROUNDS;
        table.set(question, summary);
        for (const other of reads.questions) if (members.has(other)) note(other, question);
        if (!sameSummary(summary, old)) for (const asker of askers.get(question) ?? NOBODY) next.add(asker);
        // Who was asked on the way, and asked members in turn, belongs to the component.
        for (const other of this.aside.splice(0)) {
          const known = table.dependenciesOf(other);
          if (members.has(other) || !known.some((dependency) => members.has(dependency))) continue;
          members.add(other);
          ordered.push(other);
          next.add(other);
          this.dirty.delete(other);
          this.setReads(other, Reads.of(known, table.activatedBy(other)));
          for (const dependency of known) note(dependency, other);
          note(other, question);
        }
      }
      pending = next;
    }
    for (const question of pending) {
      const summary = table.get(question) ?? EMPTY_SUMMARY;
      const cut = `recursion through ${String(length)} flows was cut after ${String(round)} rounds`;
      table.set(question, { ...summary, truncated: [...summary.truncated, cut], isCut: true });
      this.limited.add(question);
    }
  }

  /** Runs a member of the component that is being solved, unless it ran before and would read the same again. `reads` are those of all its runs. */
  private summarizeMember(question: QuestionId, reads: Reads): SummaryTable {
    const known = this.knownRuns.find(question, this.isReadNow);
    if (known !== undefined) {
      this.readAgain(question, known.reads);
      reads.add(known.reads, this.isMember);
      if (reads.isLimited || known.summary.truncated.length > 0) this.limited.add(question);
      return known.summary;
    }
    const { evaluations } = this;
    const run = new Reads(reads);
    this.setReads(question, run);
    const summary = this.summarize(question, run);
    this.setReads(question, reads);
    reads.add(run, this.isMember);
    if (reads.isLimited) this.limited.add(question);
    if (this.evaluations === evaluations) this.knownRuns.note(question, run, summary);
    return summary;
  }

  private readonly isMember = (question: QuestionId): boolean => this.members.has(question);

  /** Whether a run of a member would find the answers that an earlier one read, and nobody would be answered for it. */
  private readonly isReadNow = (reads: Reads): boolean => {
    const { questions, vainCallees, vainRoots } = reads;
    for (let i = 0; i < questions.length; i++) {
      const now = this.table.get(questions[i]);
      if (now === undefined && !this.members.has(questions[i])) return false;
      if (!reads.isAsRead(i, now ?? EMPTY_SUMMARY)) return false;
    }
    return vainRoots.every((root, i) => this.isUnheardOf(vainCallees[i], root));
  };

  /** What reading does beside giving answers. */
  private readAgain(reader: QuestionId, { vainRoots, activated }: Reads): void {
    for (const root of vainRoots) this.upward.askedInVain(reader, root);
    for (const cell of activated ?? NO_ROOTS) this.upward.activate(cell);
  }

  private summarize(question: QuestionId, reads: Reads): SummaryTable {
    const body = this.host.bodyOf(this.questions.functionOf(question));
    if (body === undefined) return EMPTY_SUMMARY;
    const environment = new AskingEnvironment(this.host.environment, this, question, reads);
    const summary = answerQuestion(
      body,
      this.questions.rootOf(question),
      environment,
      this.budgets,
      this.host.rootText,
      this.pool,
    );
    if (reads.isLimited || summary.truncated.length > 0) this.limited.add(question);
    return summary;
  }

  private joined(before: SummaryTable, now: SummaryTable): SummaryTable {
    return joinSummaries(before, now, this.host.environment.paths, this.host.rootText, this.budgets.entriesPerFunction);
  }

  /** Something reached a captured variable: its readers are asked. */
  activate(cell: Root, reads: Reads): void {
    reads.activates(cell);
    this.upward.activate(cell);
  }

  /** What one analysis gets when it asks. */
  read(reader: QuestionId, callee: FunctionId, root: Root, effectsOnly: boolean, reads: Reads): SummaryTable {
    if (isToldUpward(root) && this.isUnheardOf(callee, root)) {
      this.upward.askedInVain(reader, root);
      reads.noteInVain(callee, root);
      return EMPTY_SUMMARY;
    }
    const question = this.questions.intern(callee, root);
    let summary = this.table.get(question);
    if (!this.members.has(question)) {
      if (this.running.has(question)) this.tooEarly(question, reader);
      else if (
        !this.wave.has(question) &&
        !this.isGrown(question) &&
        (summary === undefined
          ? this.dirty.has(question) || !isToldUpward(root)
          : this.isGrowing && this.dirty.has(question))
      ) {
        if (this.running.size >= MAX_DEPTH) {
          this.dirty.add(question);
          this.tooEarly(question, reader);
          summary = undefined;
        } else {
          this.host.checkpoint?.(false);
          this.evaluate(question);
          summary = this.table.get(question);
        }
      }
    } else if (!this.members.has(reader)) {
      // It reads an approximation of a component that is still being solved: it will run again.
      this.tooEarly(question, reader);
    }
    summary ??= EMPTY_SUMMARY;
    // What it read first counts: an answer that changed while it ran is read again by the next run.
    reads.note(question, summary, this.members.has(question), effectsOnly);
    return effectsOnly ? effectsOf(summary) : summary;
  }

  /** Nobody has asked the question yet. */
  private isUnheardOf(callee: FunctionId, root: Root): boolean {
    const question = this.questions.find(callee, root);
    return (
      question < 0 ||
      !(
        this.table.has(question) ||
        this.dirty.has(question) ||
        this.running.has(question) ||
        this.members.has(question)
      )
    );
  }

  private tooEarly(question: QuestionId, reader: QuestionId): void {
    const readers = this.readTooEarly.get(question);
    if (readers === undefined) this.readTooEarly.set(question, new Set([reader]));
    else readers.add(reader);
  }
}
