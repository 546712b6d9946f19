/**
 * Looks for ambiguity in a position automaton and proposes attack strings: a text that leads to it, and a text to be
 * repeated. Exponential: from a state back to itself in two ways on the same text. Polynomial: two loops over the same
 * text, the second reachable from the first on it (Weber and Seidl 1991; Weideman et al. 2016). That a search is tried
 * from each position of the text is a loop before the expression like others.
 *
 * Texts of one repeated character are looked for first, by components of the states that take it; they are nearly all
 * there is. Longer ones are looked for in products of the automaton with itself, within a budget.
 */
import { stronglyConnectedComponents } from '../base/components';
import { hasAtom, START, type Automaton } from './automaton';

export interface Attack {
  readonly isExponential: boolean;
  readonly prefix: readonly number[];
  readonly pump: readonly number[];
}

/** Products that are visited, for all of one expression. */
const MAX_VISITS = 25_000;
/** And for one pair of loops. */
const MAX_VISITS_PER_LOOP = 3_000;
/** States of a loop from which repeated texts are looked for. */
const MAX_ENTRIES = 5;
/** Attacks through the same loops. */
const MAX_ALIKE = 3;

export class Ambiguity {
  /** True when something was not looked at for lack of budget. */
  isCut = false;
  private readonly components: readonly (readonly number[])[];
  private readonly componentOf: Int32Array;
  /** By component: whether a state of it leads back to itself. */
  private readonly isLoop: readonly boolean[];
  /** Atoms, those that few states take first: they are least likely to lead out of the loops. */
  private readonly atoms: readonly number[];
  private readonly alike = new Map<string, number>();
  private visits = 0;

  constructor(private readonly automaton: Automaton) {
    const { size, characters, popularity } = automaton;
    const all = Array.from({ length: size }, (_, state) => state);
    this.components = stronglyConnectedComponents(all, (state) => this.after(state));
    this.componentOf = new Int32Array(size);
    for (const [number, states] of this.components.entries())
      for (const state of states) this.componentOf[state] = number;
    this.isLoop = this.components.map((states) => states.length > 1 || this.after(states[0]).includes(states[0]));
    this.atoms = characters.map((_, atom) => atom).sort((a, b) => popularity[a] - popularity[b] || a - b);
  }

  /** True where nothing is repeated without end: then there is nothing to look for. */
  get hasNoLoops(): boolean {
    return this.isLoop.every((isLoop, component) => !isLoop || this.components[component].includes(START));
  }

  *attacks(): Generator<Attack, void, undefined> {
    yield* this.manifoldLoops();
    const unary = [...this.unary()];
    yield* unary.filter(({ isExponential }) => isExponential);
    yield* this.branchingLoops();
    yield* unary.filter(({ isExponential }) => !isExponential);
    yield* this.searchBeforeLoops();
    yield* this.consecutiveLoops();
  }

  /** States behind one; `START` is behind itself in a search. */
  private after(state: number): readonly number[] {
    const { next, isSearch } = this.automaton;
    return state === START && isSearch ? [START, ...next[START]] : next[state];
  }

  private isNew(key: string): boolean {
    const count = this.alike.get(key) ?? 0;
    this.alike.set(key, count + 1);
    return count < MAX_ALIKE;
  }

  /** `(a*)*`: from a state to the next in more ways than one. */
  private *manifoldLoops(): Generator<Attack, void, undefined> {
    const { next, isManifold, size } = this.automaton;
    for (let state = 1; state < size; state++) {
      for (const [i, successor] of next[state].entries()) {
        if (!isManifold[state][i] || this.componentOf[state] !== this.componentOf[successor]) continue;
        if (!this.isNew(`manifold ${String(this.componentOf[state])}`)) continue;
        const back = this.pathWithin(successor, state);
        if (back !== undefined) yield this.attack(true, state, [this.characterOf(successor), ...back]);
      }
    }
  }

  /** Texts of one repeated character. */
  private *unary(): Generator<Attack, void, undefined> {
    const { automaton } = this;
    const looping = automaton.next.flatMap((_, state) =>
      state !== START && this.isLoop[this.componentOf[state]] ? [state] : [],
    );
    for (const atom of this.atoms) {
      if (!looping.some((state) => hasAtom(automaton.takes[state], atom))) continue;
      const states: number[] = [];
      for (let state = automaton.isSearch ? START : 1; state < automaton.size; state++)
        if (hasAtom(automaton.takes[state], atom)) states.push(state);
      const after = (state: number): readonly number[] =>
        this.after(state).filter((successor) => hasAtom(automaton.takes[successor], atom));
      const components = stronglyConnectedComponents(states, after);
      const numberOf = new Map<number, number>();
      // Loops at each component and behind it; the components that come first are behind those that come later.
      const loops: Set<number>[] = [];
      for (const [number, members] of components.entries()) {
        for (const state of members) numberOf.set(state, number);
        const behind = new Set<number>();
        let edges = 0;
        for (const state of members) {
          for (const successor of after(state)) {
            const other = numberOf.get(successor);
            if (other === number) edges++;
            else if (other !== undefined) for (const loop of loops[other]) behind.add(loop);
          }
        }
        loops.push(behind);
        if (edges === 0) continue;
        const state = Math.min(...members);
        const pump = [automaton.characters[atom]];
        if (edges > members.length && state !== START && this.isNew(`several ${String(this.componentOf[state])}`))
          yield this.attack(true, state, pump);
        const key = [state, ...[...behind].sort((a, b) => a - b)].join();
        if (behind.size > 0 && this.isNew(key)) yield this.attack(false, state, pump);
        behind.add(state);
      }
    }
  }

  /** Within a loop: two ways that part and meet again on the same text. */
  private *branchingLoops(): Generator<Attack, void, undefined> {
    for (const [component, states] of this.components.entries()) {
      if (!this.isLoop[component] || states.length < 2) continue;
      yield* this.branching(states, component);
    }
  }

  private *branching(states: readonly number[], component: number): Generator<Attack, void, undefined> {
    const { size, next } = this.automaton;
    const inside = (state: number): readonly number[] =>
      next[state].filter((successor) => this.componentOf[successor] === component);
    const search = new ProductSearch(this);
    for (const origin of states) {
      const successors = inside(origin);
      for (const [i, a] of successors.entries()) {
        for (const b of successors.slice(i + 1)) {
          const atom = this.common(a, b);
          if (atom >= 0) search.add(Math.min(a, b) * size + Math.max(a, b), atom, -1, origin);
        }
      }
    }
    let found = 0;
    for (let item = search.take(); item !== undefined && found < MAX_ALIKE * 2; item = search.take()) {
      const [x, y] = [Math.floor(item.key / size), item.key % size];
      const after = inside(y);
      for (const a of inside(x)) {
        for (const b of after) {
          const atom = this.common(a, b);
          if (atom < 0) continue;
          if (a !== b) {
            search.add(Math.min(a, b) * size + Math.max(a, b), atom, item.index, item.origin);
            continue;
          }
          const back = this.pathWithin(a, item.origin);
          if (back === undefined || !this.isNew(`branching ${String(item.origin)}`)) continue;
          found++;
          yield this.attack(true, item.origin, [...search.text(item.index), this.automaton.characters[atom], ...back]);
        }
      }
    }
  }

  /** A loop that a search can enter anywhere in what the loop itself takes. */
  private *searchBeforeLoops(): Generator<Attack, void, undefined> {
    const { automaton } = this;
    if (!automaton.isSearch) return;
    const { size } = automaton;
    for (const [component, states] of this.components.entries()) {
      if (!this.isLoop[component] || states.includes(START)) continue;
      for (const entry of states.slice(0, MAX_ENTRIES)) {
        const search = new ProductSearch(this);
        search.add(START * size + entry, -1, -1, entry);
        for (let item = search.take(); item !== undefined; item = search.take()) {
          const [x, y] = [Math.floor(item.key / size), item.key % size];
          let isFound = false;
          for (const b of automaton.next[y]) {
            if (this.componentOf[b] !== component) continue;
            for (const a of this.after(x)) {
              const atom = this.common(a, b);
              if (atom < 0) continue;
              if (a !== entry || b !== entry) {
                search.add(a * size + b, atom, item.index, entry);
                continue;
              }
              yield {
                isExponential: false,
                prefix: [],
                pump: [...search.text(item.index), automaton.characters[atom]],
              };
              isFound = true;
              break;
            }
            if (isFound) break;
          }
          if (isFound) break;
        }
      }
    }
  }

  /** A loop, and another one that is reached from it on the text that both take. */
  private *consecutiveLoops(): Generator<Attack, void, undefined> {
    const loops = this.components.filter((states, number) => this.isLoop[number] && !states.includes(START));
    for (const first of loops) {
      const reached = this.reachedFrom(first[0]);
      for (const second of loops) {
        if (first === second || !reached.has(second[0])) continue;
        for (const p of first.slice(0, MAX_ENTRIES)) {
          for (const q of second.slice(0, MAX_ENTRIES)) {
            const pump = this.consecutive(p, q);
            if (pump !== undefined) yield this.attack(false, p, pump);
          }
        }
      }
    }
  }

  /** A text on which `p` leads to itself and to `q`, and `q` to itself. */
  private consecutive(p: number, q: number): readonly number[] | undefined {
    const { size, next } = this.automaton;
    const [first, second] = [this.componentOf[p], this.componentOf[q]];
    const search = new ProductSearch(this);
    search.add((p * size + p) * size + q, -1, -1, p);
    for (let item = search.take(); item !== undefined; item = search.take()) {
      const z = item.key % size;
      const y = Math.floor(item.key / size) % size;
      const x = Math.floor(item.key / (size * size));
      for (const a of next[x]) {
        if (this.componentOf[a] !== first) continue;
        for (const c of next[z]) {
          if (this.componentOf[c] !== second || this.common(a, c) < 0) continue;
          for (const b of next[y]) {
            const atom = this.common(a, b, c);
            if (atom < 0) continue;
            if (a === p && b === q && c === q) return [...search.text(item.index), this.automaton.characters[atom]];
            search.add((a * size + b) * size + c, atom, item.index, p);
          }
        }
      }
    }
    return undefined;
  }

  /** Counts a visit to a state of a product; false when there were too many. */
  visit(): boolean {
    if (this.visits < MAX_VISITS) {
      this.visits++;
      return true;
    }
    this.isCut = true;
    return false;
  }

  characterOfAtom(atom: number): number {
    return this.automaton.characters[atom];
  }

  /** The atom that states have in common which the fewest others take; -1 for none. */
  private common(a: number, b: number, c = b): number {
    const { takes, popularity } = this.automaton;
    const [x, y, z] = [takes[a], takes[b], takes[c]];
    let best = -1;
    for (let word = 0; word < x.length; word++) {
      for (let bits = x[word] & y[word] & z[word]; bits !== 0; bits &= bits - 1) {
        const atom = word * 32 + (31 - Math.clz32(bits & -bits));
        if (best < 0 || popularity[atom] < popularity[best]) best = atom;
      }
    }
    return best;
  }

  private characterOf(state: number): number {
    const atom = this.common(state, state);
    return atom < 0 ? 0 : this.automaton.characters[atom];
  }

  private attack(isExponential: boolean, state: number, pump: readonly number[]): Attack {
    return { isExponential, prefix: this.path(START, state, () => true) ?? [], pump };
  }

  private pathWithin(from: number, to: number): readonly number[] | undefined {
    const component = this.componentOf[from];
    return from === to ? [] : this.path(from, to, (state) => this.componentOf[state] === component);
  }

  /** The shortest text that leads from a state to another one. */
  private path(from: number, to: number, isAllowed: (state: number) => boolean): readonly number[] | undefined {
    if (from === to) return [];
    const { next } = this.automaton;
    const before = new Map<number, number>([[from, -1]]);
    // Grows while it is gone through.
    const queue = [from];
    for (const state of queue) {
      for (const successor of next[state]) {
        if (before.has(successor) || !isAllowed(successor)) continue;
        before.set(successor, state);
        if (successor !== to) {
          queue.push(successor);
          continue;
        }
        const text: number[] = [];
        for (let at = to; at !== from; at = before.get(at) ?? from) text.push(this.characterOf(at));
        return text.reverse();
      }
    }
    return undefined;
  }

  private reachedFrom(state: number): ReadonlySet<number> {
    const reached = new Set<number>([state]);
    for (const each of reached) for (const successor of this.automaton.next[each]) reached.add(successor);
    return reached;
  }
}

interface ProductState {
  readonly key: number;
  readonly atom: number;
  /** Index of the state before; -1 at the beginning. */
  readonly before: number;
  readonly origin: number;
}

/** States of a product, breadth first, with the text that leads to each. */
class ProductSearch {
  private readonly seen = new Set<number>();
  private readonly items: ProductState[] = [];
  private at = 0;

  constructor(private readonly ambiguity: Ambiguity) {}

  add(key: number, atom: number, before: number, origin: number): void {
    if (this.seen.has(key)) return;
    if (this.items.length >= MAX_VISITS_PER_LOOP) {
      this.ambiguity.isCut = true;
      return;
    }
    if (!this.ambiguity.visit()) return;
    this.seen.add(key);
    this.items.push({ key, atom, before, origin });
  }

  take(): { readonly key: number; readonly index: number; readonly origin: number } | undefined {
    if (this.at >= this.items.length) return undefined;
    const index = this.at++;
    return { key: this.items[index].key, index, origin: this.items[index].origin };
  }

  /** What leads to an item. */
  text(index: number): readonly number[] {
    const text: number[] = [];
    for (let i = index; i >= 0; i = this.items[i].before)
      if (this.items[i].atom >= 0) text.push(this.ambiguity.characterOfAtom(this.items[i].atom));
    return text.reverse();
  }
}
