/**
 * Summaries bottom-up over the call graph, recomputed where inputs changed and no further than results change
 * (early cut-off). Recursion is solved one strongly connected component at a time, always from bottom and in canonical
 * order, so that the result does not depend on what was computed before.
 *
 * Dependencies are observed, not declared: a function depends on the summaries its analysis asked for. Those it surely
 * asks for (callees by link, closures it makes) are known beforehand and give the order; the rest (callbacks found on the way)
 * are learnt, and whoever ran before them runs again. All transfer is monotone, so the fixed point is the same either way.
 */
import { stronglyConnectedComponents } from '../base/components';
import type { FunctionId } from '../model/ids';
import { LARGE_COMPONENT_BUDGETS, type Budgets, type FunctionBody, type SolverEnvironment } from './environment';
import { Propagation } from './propagation';
import type { RootText } from './summaryTable';
import { EMPTY_SUMMARY, type SummaryTable } from './summaryTable';

/** Rounds over one recursive component. The lattice is finite; what does not settle by then is told. */
const MAX_ROUNDS = 10;

/** From this round on, each input has one flow to each output: recursion that builds ever new paths settles then. */
const STRICT_ROUND = 4;

/** Components of more functions start strict, with fewer rounds: there, paths multiply before anything settles. */
const LARGE_COMPONENT = 20;
const LARGE_ROUNDS = 8;

export interface SolverHost {
  bodyOf(id: FunctionId): FunctionBody | undefined;
  /** Functions whose summaries this one surely asks for. */
  calleesOf(id: FunctionId): readonly FunctionId[];
  readonly environment: Omit<SolverEnvironment, 'summaryOf'>;
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

export class Solver {
  private readonly summaries = new Map<FunctionId, SummaryTable>();
  private readonly dependencies = new Map<FunctionId, readonly FunctionId[]>();
  private readonly dependents = new Map<FunctionId, Set<FunctionId>>();
  /** To be computed; survives a cancelled run. */
  private readonly dirty = new Set<FunctionId>();
  private recomputed = new Set<FunctionId>();

  constructor(
    private readonly host: SolverHost,
    private readonly budgets: Budgets,
  ) {}

  summaryOf(id: FunctionId): SummaryTable {
    return this.summaries.get(id) ?? EMPTY_SUMMARY;
  }

  has(id: FunctionId): boolean {
    return this.summaries.has(id);
  }

  functions(): IterableIterator<FunctionId> {
    return this.summaries.keys();
  }

  dependenciesOf(id: FunctionId): readonly FunctionId[] {
    return this.dependencies.get(id) ?? [];
  }

  /** Puts back what was computed in an earlier process. */
  restore(id: FunctionId, summary: SummaryTable, dependencies: readonly FunctionId[]): void {
    this.summaries.set(id, summary);
    this.depend(id, dependencies);
  }

  /**
   * Recomputes what the given functions' changes make necessary, and returns the functions that were recomputed. When
   * the host's checkpoint throws, what is left to do is kept and done by the next call, which returns both parts.
   */
  solve(changed: Iterable<FunctionId>, removed: Iterable<FunctionId>, first?: FirstPart): ReadonlySet<FunctionId> {
    const { dirty } = this;
    for (const id of removed) {
      this.summaries.delete(id);
      for (const dependent of this.dependents.get(id) ?? []) dirty.add(dependent);
      this.depend(id, []);
      this.dependencies.delete(id);
      dirty.delete(id);
    }
    for (const id of changed) dirty.add(id);
    for (const id of dirty) if (this.host.bodyOf(id) === undefined) dirty.delete(id);
    if (first !== undefined) {
      this.solveFrom(() => [...dirty].filter((id) => first.has(id)));
      if (dirty.size > 0) first.done(this.recomputed, dirty.size);
    }
    this.solveFrom(() => [...dirty]);
    const recomputed = this.recomputed;
    this.recomputed = new Set();
    return recomputed;
  }

  /** Solves these functions, which are to be computed, and what they need, until there are none. */
  private solveFrom(rootsLeft: () => FunctionId[]): void {
    const { dirty } = this;
    for (let roots = rootsLeft(); roots.length > 0; roots = rootsLeft()) {
      roots.sort((a, b) => this.host.compare(a, b));
      for (const component of stronglyConnectedComponents(roots, (id) => this.successors(id))) {
        if (!component.some((id) => dirty.has(id))) continue;
        this.host.checkpoint?.();
        const members = new Set(component);
        for (const id of component) dirty.delete(id);
        for (const id of this.solveComponent(component)) {
          for (const dependent of this.dependents.get(id) ?? []) if (!members.has(dependent)) dirty.add(dependent);
        }
        for (const id of component) this.recomputed.add(id);
      }
    }
  }

  /** Runs one function again with predecessors kept, to tell paths. */
  trace(id: FunctionId): Propagation | undefined {
    const body = this.host.bodyOf(id);
    if (body === undefined) return undefined;
    return new Propagation(
      body,
      { ...this.host.environment, summaryOf: (callee) => this.summaryOf(callee) },
      this.budgets,
      true,
    ).run();
  }

  /** What a function asked for says all about one that did not change; for one that is to be computed, its callees are asked too. */
  private successors(id: FunctionId): Iterable<FunctionId> {
    const observed = this.dependencies.get(id);
    if (observed !== undefined && !this.dirty.has(id)) return observed;
    const declared = this.host.calleesOf(id);
    return observed === undefined || observed.length === 0 ? declared : new Set([...declared, ...observed]);
  }

  /** Members whose summary is not what it was. */
  private solveComponent(component: FunctionId[]): FunctionId[] {
    const before = new Map(component.map((id) => [id, this.summaryOf(id).hash]));
    const members = new Set(component);
    const ordered = component.length === 1 ? component : this.calleesFirst(component);
    const [only] = component;
    const isRecursive =
      component.length > 1 || this.host.calleesOf(only).includes(only) || this.dependenciesOf(only).includes(only);
    if (isRecursive) for (const id of component) this.summaries.delete(id);
    const isLarge = component.length > LARGE_COMPONENT;
    const rounds = isLarge ? LARGE_ROUNDS : MAX_ROUNDS;
    let pending = new Set(ordered);
    const asked = new Map<FunctionId, Set<FunctionId>>();
    const askers = new Map<FunctionId, Set<FunctionId>>();
    for (let round = 0; pending.size > 0 && round < rounds; round++) {
      const next = new Set<FunctionId>();
      for (const id of ordered) {
        if (!pending.has(id)) continue;
        let observed = asked.get(id);
        if (observed === undefined) asked.set(id, (observed = new Set()));
        const old = this.summaryOf(id).hash;
        const budgets = isLarge
          ? LARGE_COMPONENT_BUDGETS
          : round < STRICT_ROUND
            ? this.budgets
            : { ...this.budgets, pathsPerFlow: 1 };
        const summary = this.summarize(id, observed, budgets);
        this.summaries.set(id, summary);
        if (!isRecursive) continue;
        for (const callee of observed) {
          if (!members.has(callee)) continue;
          const known = askers.get(callee);
          if (known === undefined) askers.set(callee, new Set([id]));
          else known.add(id);
        }
        if (summary.hash !== old) for (const member of askers.get(id) ?? []) next.add(member);
      }
      pending = next;
    }
    for (const id of pending) {
      const summary = this.summaryOf(id);
      const note = `recursion through ${String(component.length)} functions was cut after ${String(rounds)} rounds`;
      this.summaries.set(id, { ...summary, truncated: [...summary.truncated, note] });
    }
    for (const id of component) this.depend(id, [...(asked.get(id) ?? members)]);
    // It came out that the function calls itself by way of a callback: what it saw of itself was not from bottom.
    if (!isRecursive && this.dependenciesOf(only).includes(only)) this.solveComponent(component);
    return component.filter((id) => this.summaryOf(id).hash !== before.get(id));
  }

  /** An order of a recursive component in which most callees come first; the same whoever was reached first. */
  private calleesFirst(component: readonly FunctionId[]): FunctionId[] {
    const sorted = [...component].sort((a, b) => this.host.compare(a, b));
    const rank = new Map(sorted.map((id, index) => [id, index]));
    const inside = (id: FunctionId): FunctionId[] =>
      [...this.successors(id)]
        .filter((callee) => rank.has(callee))
        .sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
    const seen = new Set<FunctionId>();
    const order: FunctionId[] = [];
    for (const root of sorted) {
      if (seen.has(root)) continue;
      seen.add(root);
      const stack = [{ id: root, rest: inside(root), next: 0 }];
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        if (frame.next === frame.rest.length) {
          order.push(frame.id);
          stack.pop();
          continue;
        }
        const callee = frame.rest[frame.next++];
        if (seen.has(callee)) continue;
        seen.add(callee);
        stack.push({ id: callee, rest: inside(callee), next: 0 });
      }
    }
    return order;
  }

  private summarize(id: FunctionId, observed: Set<FunctionId>, budgets: Budgets): SummaryTable {
    const body = this.host.bodyOf(id);
    if (body === undefined) return EMPTY_SUMMARY;
    const summaryOf = (callee: FunctionId): SummaryTable => {
      observed.add(callee);
      return this.summaryOf(callee);
    };
    return new Propagation(body, { ...this.host.environment, summaryOf }, budgets, false)
      .run()
      .summary(this.host.rootText);
  }

  private depend(id: FunctionId, dependencies: readonly FunctionId[]): void {
    for (const old of this.dependencies.get(id) ?? []) this.dependents.get(old)?.delete(id);
    this.dependencies.set(id, dependencies);
    for (const callee of dependencies) {
      let set = this.dependents.get(callee);
      if (set === undefined) this.dependents.set(callee, (set = new Set()));
      set.add(id);
    }
  }
}
