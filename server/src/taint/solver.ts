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
import { fileOf, type FunctionId } from '../model/ids';
import { answerQuestion } from './answering';
import type { Budgets, FunctionBody, SolverEnvironment } from './environment';
import { Propagation } from './propagation';
import { QuestionTable, isToldUpward, type QuestionId } from './questions';
import { EXPORTS_CELL, RootKind, kindOf, type Root } from './references';
import { EMPTY_SUMMARY, type RootText, type SummaryTable } from './summaryTable';

/** Rounds over one recursive component. The lattice is finite; what does not settle by then is told. */
const MAX_ROUNDS = 8;

/** How far from its readers functions are asked what they do with a captured variable: who calls a reader, who calls that one, … */
const MAX_DISTANCE = 2;

/** With more questions to answer than these, who asks whom is found out first. */
const MANY = 50;
/** Runs of one question while that is found out. */
const GROWTH_RUNS = 4;

/** Questions answered while others wait for them; deeper ones are put off. */
const MAX_DEPTH = 40;

export interface SolverHost {
  bodyOf(id: FunctionId): FunctionBody | undefined;
  /** Functions that call this one, import the module it is the body of, or make it as a closure; more than these do no harm. */
  callersOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that this one calls, imports or makes, by link; asked of changed functions only. */
  calleesOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that name a captured variable, or import the module whose exports it stands for. */
  readersOf(cell: Root): Iterable<FunctionId>;
  /** Source questions that a function has to be asked because of what it holds itself. */
  sourceRootsOf(id: FunctionId): Iterable<Root>;
  readonly environment: Omit<SolverEnvironment, 'answer' | 'activate'>;
  readonly rootText: RootText;
  /** Stable order of functions: by file path and key. */
  compare(a: FunctionId, b: FunctionId): number;
  /** Called between functions; may throw to cancel. */
  checkpoint?(): void;
}

/** Functions to be solved ahead of those that depend on them: what someone is looking at. */
export interface FirstPart {
  has(id: FunctionId): boolean;
  /** Called once, when these are solved and others are left; `solved` grows while those are. */
  done(solved: ReadonlySet<FunctionId>, left: number): void;
}

/** An answer as it is kept from one process to the next. */
export interface StoredAnswer {
  readonly root: Root;
  /** Of a captured variable: calls between the function and the nearest that reads it. */
  readonly distance: number;
  readonly summary: SummaryTable;
  readonly dependencies: readonly { readonly function: FunctionId; readonly root: Root }[];
}

const NOBODY: readonly QuestionId[] = [];

export class Solver {
  readonly questions = new QuestionTable();
  private readonly answers = new Map<QuestionId, SummaryTable>();
  private readonly dependencies = new Map<QuestionId, readonly QuestionId[]>();
  private readonly dependents = new Map<QuestionId, Set<QuestionId>>();
  /** To be computed; survives a cancelled run. */
  private readonly dirty = new Set<QuestionId>();
  /** Captured variables whose readers are asked. */
  private readonly active = new Set<Root>();
  /** Those among them that something comes to from elsewhere: then functions of other files are told what they hold. */
  private readonly shared = new Set<Root>();
  /** Answers about captured variables that callers in other files were not told of. */
  private readonly untold = new Map<Root, Set<QuestionId>>();
  /** Calls between a function that is asked about a captured variable and the nearest that reads it; absent for those that do. */
  private readonly distances = new Map<QuestionId, number>();
  private recomputed = new Set<FunctionId>();

  // Of the run that is going on.
  /** Being computed, with others waiting for each but the last. */
  private readonly running = new Set<QuestionId>();
  /** The component that is being solved; its answers are approximations that grow. */
  private members = new Set<QuestionId>();
  /** Answered since the outermost of those that run began: each is run once, and again only when that one is done. */
  private readonly wave = new Set<QuestionId>();
  /**
   * Where much is new, recursion is left aside at first: how often each question ran since. Undefined otherwise.
   */
  private grown: Map<QuestionId, number> | undefined;
  private isGrowing = false;
  private isSettling = false;
  /** Who read the answer of a question that was not computed yet. */
  private readonly readTooEarly = new Map<QuestionId, Set<QuestionId>>();
  /** Answered while a component is being solved, in the order in which they were done. */
  private readonly aside: QuestionId[] = [];
  /** Number of the component that a question was solved in, since new cycles were last looked for. */
  private readonly solvedIn = new Map<QuestionId, number>();
  /** Answered anew and asking for more than before: they may have become part of a cycle. */
  private readonly suspects = new Set<QuestionId>();

  constructor(
    private readonly host: SolverHost,
    private readonly budgets: Budgets,
  ) {}

  answer(id: FunctionId, root: Root): SummaryTable {
    const question = this.questions.ask(id, root);
    return (question === undefined ? undefined : this.answers.get(question)) ?? EMPTY_SUMMARY;
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

  /** Everything about a function that is worth keeping. */
  storedAnswers(id: FunctionId): StoredAnswer[] {
    const result: StoredAnswer[] = [];
    for (const [root, question] of this.questions.of(id)) {
      const summary = this.answers.get(question);
      if (summary === undefined) continue;
      const dependencies = (this.dependencies.get(question) ?? NOBODY).map((other) => ({
        function: this.questions.functionOf(other),
        root: this.questions.rootOf(other),
      }));
      result.push({ root, summary, dependencies, distance: this.distances.get(question) ?? 0 });
    }
    return result;
  }

  /** Puts back what was computed in an earlier process. */
  restore(id: FunctionId, { root, summary, dependencies, distance }: StoredAnswer): void {
    const question = this.questions.intern(id, root);
    if (distance > 0) this.distances.set(question, distance);
    this.answers.set(question, summary);
    if (kindOf(root) === RootKind.Cell) this.active.add(root);
    this.depend(
      question,
      dependencies.map((other) => this.questions.intern(other.function, other.root)),
    );
  }

  /** Asks a question from outside; it is answered by the next `solve`. False when it was asked before. */
  demand(id: FunctionId, root: Root): boolean {
    const question = this.questions.intern(id, root);
    const isNearer = this.distances.delete(question);
    if (this.answers.has(question) || this.dirty.has(question)) {
      if (isNearer && isOutward(root, this.answers.get(question) ?? EMPTY_SUMMARY)) this.tellCallers(question, root);
      return false;
    }
    this.dirty.add(question);
    return true;
  }

  /** Something comes to a captured variable from elsewhere: all who come to hold its value are asked. False when they were asked before. */
  share(cell: Root): boolean {
    if (this.shared.has(cell)) return false;
    this.shared.add(cell);
    this.activate(cell);
    this.demand(this.host.environment.references.cellOf(cell).owner, cell);
    for (const question of this.untold.get(cell) ?? NOBODY) this.tellCallers(question, cell);
    this.untold.delete(cell);
    return true;
  }

  /** Asks the readers of a captured variable what they do with it. False when they were asked before. */
  activate(cell: Root): boolean {
    if (this.active.has(cell)) return false;
    this.active.add(cell);
    for (const reader of this.host.readersOf(cell)) this.demand(reader, cell);
    return true;
  }

  /**
   * Recomputes what the given functions' changes make necessary, and what was demanded since; returns the functions that
   * were recomputed. When the host's checkpoint throws, what is left to do is kept and done by the next call, which returns both parts.
   */
  solve(changed: Iterable<FunctionId>, removed: Iterable<FunctionId>, first?: FirstPart): ReadonlySet<FunctionId> {
    const { dirty } = this;
    for (const id of removed) this.remove(id);
    const isFirstTime = this.answers.size === 0;
    for (const id of changed) this.changed(id, isFirstTime);
    if (first !== undefined) {
      this.solveFrom(() => [...dirty].filter((question) => first.has(this.questions.functionOf(question))));
      if (dirty.size > 0) first.done(this.recomputed, dirty.size);
    }
    if (dirty.size > MANY && !this.isSettling) this.grown ??= new Map<QuestionId, number>();
    if (this.grown === undefined) this.solveFrom(() => [...dirty]);
    else this.grow(this.grown);
    this.isSettling = false;
    const recomputed = this.recomputed;
    this.recomputed = new Set();
    return recomputed;
  }

  /** Runs one question again with predecessors kept, to tell paths. */
  trace(id: FunctionId, root: Root): Propagation | undefined {
    const body = this.host.bodyOf(id);
    if (body === undefined) return undefined;
    const environment: SolverEnvironment = {
      ...this.host.environment,
      answer: (callee, asked) => this.answer(callee, asked),
      activate: () => undefined,
    };
    return new Propagation(body, environment, this.budgets, true).run(root);
  }

  private remove(id: FunctionId): void {
    for (const question of this.questions.of(id).values()) {
      this.answers.delete(question);
      this.dirty.delete(question);
      for (const dependent of this.dependents.get(question) ?? NOBODY) this.dirty.add(dependent);
      this.depend(question, NOBODY);
      this.dependencies.delete(question);
    }
    this.recomputed.delete(id);
  }

  /** A function is new, or its code or links changed: what was asked of it, and what it has to be asked now. */
  private changed(id: FunctionId, isFirstTime: boolean): void {
    for (const [root, question] of this.questions.of(id)) {
      const isWanted = !isToldUpward(root) && (this.dependents.get(question)?.size ?? 0) > 0;
      if (isWanted || this.answers.has(question)) this.dirty.add(question);
    }
    for (const root of this.host.sourceRootsOf(id)) this.demand(id, root);
    if (isFirstTime) return;
    for (const callee of this.host.calleesOf(id)) {
      for (const [root, summary] of this.answersOf(callee))
        if (isToldUpward(root) && isOutward(root, summary) && this.mayHear(id, root))
          this.tellCaller(id, root, this.distanceOf(callee, root) + 1);
    }
    const body = this.host.bodyOf(id);
    for (const { owner, cell } of body?.graph.captures ?? []) {
      const root = body === undefined ? 0 : this.host.environment.references.cell(body.functionIds(owner), cell);
      if (this.active.has(root)) this.demand(id, root);
    }
  }

  /**
   * Answers questions without regard to recursion. From nothing, this ends at the same answers as solving component by component; only where
   * a limit was hit, these are left to `settleGrown`.
   */
  private grow(runs: ReadonlyMap<QuestionId, number>): void {
    this.isGrowing = true;
    try {
      for (let roots = [...this.dirty]; roots.length > 0; roots = [...this.dirty]) {
        roots.sort((a, b) => this.compare(a, b));
        for (const question of roots) {
          if (!this.dirty.has(question)) continue;
          if (
            (runs.get(question) ?? 0) >= GROWTH_RUNS ||
            this.host.bodyOf(this.questions.functionOf(question)) === undefined
          )
            this.dirty.delete(question);
          else {
            this.host.checkpoint?.();
            this.evaluate(question);
          }
        }
      }
    } finally {
      this.isGrowing = false;
      this.suspects.clear();
    }
  }

  /** Ends what growing began; the next `solve` answers what is left. False when nothing is. */
  settleGrown(): boolean {
    const runs = this.grown;
    this.grown = undefined;
    if (runs === undefined) return false;
    const dependencies = (question: QuestionId): readonly QuestionId[] => this.dependencies.get(question) ?? NOBODY;
    for (const component of stronglyConnectedComponents(runs.keys(), dependencies)) {
      const isLimited = component.some(
        (question) =>
          (runs.get(question) ?? 0) >= GROWTH_RUNS || (this.answers.get(question)?.truncated.length ?? 0) > 0,
      );
      const isRecursive = component.length > 1 || dependencies(component[0]).includes(component[0]);
      if (isLimited && isRecursive) for (const question of component) this.dirty.add(question);
    }
    this.isSettling = this.dirty.size > 0;
    return this.isSettling;
  }

  private isGrown(question: QuestionId): boolean {
    return (this.grown?.get(question) ?? 0) >= GROWTH_RUNS;
  }

  /** Solves these questions, which are to be answered, and what they need, until there are none. */
  private solveFrom(rootsLeft: () => QuestionId[]): void {
    const { dirty } = this;
    for (let roots = rootsLeft(); roots.length > 0; roots = rootsLeft()) {
      roots.sort((a, b) => this.compare(a, b));
      const components = stronglyConnectedComponents(roots, (question) => this.dependencies.get(question) ?? NOBODY);
      for (const component of components) {
        for (const question of component)
          if (this.host.bodyOf(this.questions.functionOf(question)) === undefined) this.dirty.delete(question);
        if (!component.some((question) => dirty.has(question))) continue;
        this.host.checkpoint?.();
        const [only] = component;
        if (component.length > 1 || (this.dependencies.get(only) ?? NOBODY).includes(only))
          this.solveComponent(component);
        else this.evaluate(only);
      }
      this.findNewCycles();
      this.solvedIn.clear();
    }
  }

  /**
   * What an answer asks for now, and did not before, may lead back to it: then each may hold what only the other once
   * said, and all are computed again, from bottom.
   */
  private findNewCycles(): void {
    if (this.suspects.size === 0) return;
    const suspects = [...this.suspects];
    this.suspects.clear();
    for (const component of stronglyConnectedComponents(
      suspects,
      (question) => this.dependencies.get(question) ?? NOBODY,
    ))
      if (component.length > 1 && !this.areSolvedTogether(component))
        for (const question of component) this.dirty.add(question);
  }

  private areSolvedTogether(component: readonly QuestionId[]): boolean {
    const number = this.solvedIn.get(component[0]);
    return number !== undefined && component.every((question) => this.solvedIn.get(question) === number);
  }

  /** Answers one question; what it needs and nobody knows yet is answered on the way. */
  private evaluate(question: QuestionId): void {
    const before = this.answers.get(question);
    if (this.running.size === 0 && this.members.size === 0) this.wave.clear();
    this.wave.add(question);
    this.grown?.set(question, (this.grown.get(question) ?? 0) + 1);
    this.dirty.delete(question);
    this.running.add(question);
    const observed = new Map<QuestionId, string>();
    let summary: SummaryTable;
    try {
      summary = this.summarize(question, observed);
    } catch (error) {
      // Cancelled: still to be done.
      this.dirty.add(question);
      throw error;
    } finally {
      this.running.delete(question);
    }
    if (before !== undefined) this.suspect(question, observed);
    if (this.members.size > 0) this.aside.push(question);
    this.settle(question, summary, observed);
    this.announce(question, before);
  }

  private suspect(question: QuestionId, observed: ReadonlyMap<QuestionId, string>): void {
    const known = new Set(this.dependencies.get(question));
    for (const other of observed.keys()) {
      if (known.has(other)) continue;
      this.suspects.add(question);
      return;
    }
  }

  private settle(question: QuestionId, summary: SummaryTable, observed: ReadonlyMap<QuestionId, string>): void {
    this.answers.set(question, summary);
    this.depend(question, [...observed.keys()]);
    this.recomputed.add(this.questions.functionOf(question));
    // What it read may have changed while it ran.
    for (const [other, hash] of observed) {
      if (other === question || this.running.has(other) || this.members.has(other)) continue;
      if ((this.answers.get(other)?.hash ?? '') !== hash) {
        this.dirty.add(question);
        return;
      }
    }
  }

  /** An answer is known; who read another one reads again. */
  private announce(question: QuestionId, before: SummaryTable | undefined): void {
    const summary = this.answers.get(question) ?? EMPTY_SUMMARY;
    const early = this.readTooEarly.get(question);
    if (early !== undefined) {
      this.readTooEarly.delete(question);
      if (summary.hash !== (before?.hash ?? ''))
        for (const reader of early) if (!this.members.has(reader)) this.dirty.add(reader);
    }
    if (summary.hash === (before?.hash ?? '')) return;
    for (const dependent of this.dependents.get(question) ?? NOBODY)
      if (!this.running.has(dependent) && !this.members.has(dependent)) this.dirty.add(dependent);
    const root = this.questions.rootOf(question);
    if (!isToldUpward(root) || !isOutward(root, summary)) return;
    this.tellCallers(question, root);
  }

  /** As long as nothing comes to a captured variable from elsewhere, only the function whose variable it is wants to know, from those that it made. */
  private mayHear(caller: FunctionId, root: Root): boolean {
    return (
      kindOf(root) !== RootKind.Cell ||
      this.shared.has(root) ||
      fileOf(caller) === fileOf(this.host.environment.references.cellOf(root).owner)
    );
  }

  private tellCallers(question: QuestionId, root: Root): void {
    if (kindOf(root) === RootKind.Cell && !this.shared.has(root)) {
      const untold = this.untold.get(root);
      if (untold === undefined) this.untold.set(root, new Set([question]));
      else untold.add(question);
    }
    const distance = this.distances.get(question) ?? 0;
    if (kindOf(root) === RootKind.Cell && distance >= MAX_DISTANCE) return;
    for (const caller of this.host.callersOf(this.questions.functionOf(question)))
      if (this.mayHear(caller, root)) this.tellCaller(caller, root, distance + 1);
  }

  /** Someone this function calls or makes has something to tell: the function is asked too. */
  private tellCaller(caller: FunctionId, root: Root, distance: number): void {
    if (kindOf(root) === RootKind.Cell) {
      if (distance > MAX_DISTANCE) return;
      // The function whose variable it is asks by itself, where something reaches the variable.
      const { owner, cell } = this.host.environment.references.cellOf(root);
      if (owner === caller && cell !== EXPORTS_CELL) return;
    }
    const question = this.questions.intern(caller, root);
    const isNew = !this.answers.has(question) && !this.dirty.has(question) && !this.running.has(question);
    if (kindOf(root) === RootKind.Cell && distance < (this.distances.get(question) ?? (isNew ? Infinity : 0))) {
      this.distances.set(question, distance);
      // Nearer than was known: its callers are nearer, too.
      if (this.answers.has(question) && isOutward(root, this.answers.get(question) ?? EMPTY_SUMMARY))
        this.tellCallers(question, root);
    }
    if (isNew) this.dirty.add(question);
  }

  private distanceOf(id: FunctionId, root: Root): number {
    const question = this.questions.ask(id, root);
    return question === undefined ? 0 : (this.distances.get(question) ?? 0);
  }

  private solveComponent(component: readonly QuestionId[]): void {
    const before = new Map(component.map((question) => [question, this.answers.get(question)]));
    const { members } = this;
    this.wave.clear();
    for (const question of component) {
      this.answers.delete(question);
      this.dirty.delete(question);
      members.add(question);
    }
    const ordered = component.length === 1 ? [...component] : this.calleesFirst(component);
    let pending = new Set(ordered);
    const asked = new Map<QuestionId, Map<QuestionId, string>>();
    const askers = new Map<QuestionId, Set<QuestionId>>();
    try {
      for (let round = 0; pending.size > 0 && round < MAX_ROUNDS; round++) {
        const next = new Set<QuestionId>();
        for (const question of ordered) {
          if (!pending.has(question)) continue;
          let observed = asked.get(question);
          if (observed === undefined) asked.set(question, (observed = new Map<QuestionId, string>()));
          const old = this.answers.get(question)?.hash ?? '';
          const summary = this.summarize(question, observed);
          this.answers.set(question, summary);
          for (const other of observed.keys()) {
            if (!members.has(other)) continue;
            const known = askers.get(other);
            if (known === undefined) askers.set(other, new Set([question]));
            else known.add(question);
          }
          if (summary.hash !== old) for (const asker of askers.get(question) ?? NOBODY) next.add(asker);
          // Who was asked on the way, and asked members in turn, belongs to the component.
          for (const other of this.aside.splice(0)) {
            const known = this.dependencies.get(other) ?? NOBODY;
            if (members.has(other) || !known.some((dependency) => members.has(dependency))) continue;
            members.add(other);
            ordered.push(other);
            next.add(other);
            this.dirty.delete(other);
            asked.set(other, new Map(known.map((dependency) => [dependency, ''])));
            for (const dependency of known) {
              const others = askers.get(dependency);
              if (others === undefined) askers.set(dependency, new Set([other]));
              else others.add(other);
            }
            const others = askers.get(other);
            if (others === undefined) askers.set(other, new Set([question]));
            else others.add(question);
          }
        }
        pending = next;
      }
    } catch (error) {
      for (const question of members) this.dirty.add(question);
      members.clear();
      this.aside.length = 0;
      for (const [question, summary] of before) {
        if (summary === undefined) this.answers.delete(question);
        else this.answers.set(question, summary);
        this.dirty.add(question);
      }
      throw error;
    }
    for (const question of pending) {
      const summary = this.answers.get(question) ?? EMPTY_SUMMARY;
      const note = `recursion through ${String(component.length)} flows was cut after ${String(MAX_ROUNDS)} rounds`;
      this.answers.set(question, { ...summary, truncated: [...summary.truncated, note] });
    }
    for (const question of members) {
      const observed = asked.get(question);
      const known = new Set(this.dependencies.get(question));
      if (observed !== undefined && [...observed.keys()].some((other) => !known.has(other) && !members.has(other)))
        this.suspects.add(question);
      this.settle(question, this.answers.get(question) ?? EMPTY_SUMMARY, observed ?? new Map<QuestionId, string>());
    }
    const solved = [...members];
    const number = this.solvedIn.size;
    for (const question of solved) this.solvedIn.set(question, number);
    for (const question of solved) this.announce(question, before.get(question));
    members.clear();
  }

  /** An order of a recursive component in which most callees come first; the same whoever was reached first. */
  private calleesFirst(component: readonly QuestionId[]): QuestionId[] {
    const sorted = [...component].sort((a, b) => this.compare(a, b));
    const rank = new Map(sorted.map((question, index) => [question, index]));
    const inside = (question: QuestionId): QuestionId[] =>
      (this.dependencies.get(question) ?? NOBODY)
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

  private summarize(question: QuestionId, observed: Map<QuestionId, string>): SummaryTable {
    const body = this.host.bodyOf(this.questions.functionOf(question));
    if (body === undefined) return EMPTY_SUMMARY;
    const environment: SolverEnvironment = {
      ...this.host.environment,
      answer: (callee, root) => this.read(question, callee, root, observed),
      activate: (cell) => void this.activate(cell),
    };
    return answerQuestion(body, this.questions.rootOf(question), environment, this.budgets, this.host.rootText);
  }

  /** What one analysis gets when it asks. */
  private read(reader: QuestionId, callee: FunctionId, root: Root, observed: Map<QuestionId, string>): SummaryTable {
    const question = this.questions.intern(callee, root);
    let summary = this.answers.get(question);
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
          this.host.checkpoint?.();
          this.evaluate(question);
          summary = this.answers.get(question);
        }
      }
    } else if (!this.members.has(reader)) {
      // It reads an approximation of a component that is still being solved: it will run again.
      this.tooEarly(question, reader);
    }
    summary ??= EMPTY_SUMMARY;
    // What it read first counts: an answer that changed while it ran is read again by the next run.
    if (!observed.has(question) || this.members.has(question)) observed.set(question, summary.hash);
    return summary;
  }

  private tooEarly(question: QuestionId, reader: QuestionId): void {
    const readers = this.readTooEarly.get(question);
    if (readers === undefined) this.readTooEarly.set(question, new Set([reader]));
    else readers.add(reader);
  }

  private depend(question: QuestionId, dependencies: readonly QuestionId[]): void {
    for (const old of this.dependencies.get(question) ?? NOBODY) this.dependents.get(old)?.delete(question);
    this.dependencies.set(question, dependencies);
    for (const other of dependencies) {
      const set = this.dependents.get(other);
      if (set === undefined) this.dependents.set(other, new Set([question]));
      else set.add(question);
    }
  }

  /** Functions first, then roots; the same in every run. */
  private compare(a: QuestionId, b: QuestionId): number {
    const byFunction = this.host.compare(this.questions.functionOf(a), this.questions.functionOf(b));
    if (byFunction !== 0) return byFunction;
    const [x, y] = [this.questions.rootOf(a), this.questions.rootOf(b)];
    if (x === y) return 0;
    return this.host.rootText(x) < this.host.rootText(y) ? -1 : 1;
  }
}

/** Whether callers, or the function that makes the closure, have to be told. What ends in a sink was told where it is found. */
function isOutward(root: Root, { outRoot }: SummaryTable): boolean {
  return kindOf(root) === RootKind.Cell ? outRoot.length > 0 : outRoot.some((out) => kindOf(out) !== RootKind.Sink);
}
