/**
 * The position automaton of an expression (Glushkov 1961; McNaughton and Yamada 1960): a state for each character class
 * as it stands in the expression, a transition where one may follow another. Beside that two may follow one another it
 * keeps whether they do in more than one way, because a backtracking engine tries each (`(a*)*`: from `a` to `a` by the
 * inner repetition and by the outer one).
 *
 * It accepts at least what the expression does: assertions and back references are empty, look-arounds may be passed or
 * left out. What follows from it is tried out afterwards (`matcher.ts`).
 */
import { atomsOf, EVERYTHING, type CharSet } from './charSet';
import type { Expression, ParsedExpression } from './expression';

/** State before the first character. With `isSearch` the engine tries each position of the text, as by a loop over everything. */
export const START = 0;

export interface Automaton {
  /** Number of states, `START` included. */
  readonly size: number;
  /** States that may follow each. */
  readonly next: readonly (readonly number[])[];
  /** Parallel to `next`: true where there are several ways. */
  readonly isManifold: readonly (readonly boolean[])[];
  /** By state: bits of the atoms it takes. That of `START` are all. */
  readonly takes: readonly Int32Array[];
  /** By atom: a character of it. */
  readonly characters: readonly number[];
  /** By atom: states that take it. */
  readonly popularity: readonly number[];
  readonly isSearch: boolean;
}

/** Limits of what is analysed. Larger expressions are left undecided. */
const MAX_STATES = 1_500;
const MAX_TRANSITIONS = 12_000;
/** Optional iterations of a counted repetition are written out so often; more than that behave alike. */
const MAX_COPIES = 6;
/** So many that are needed, because a text that leads behind them has to hold them all: of single characters, and of all else. */
const MAX_CHARACTERS = 100;
const MAX_NEEDED = 10;
/** More iterations than this are as good as any number: a text of some thousand characters is enough to hold them all. */
const UNBOUNDED = 1_000;

/** Whether a repetition ends, though not so soon that all of it is written out. */
export const isCounted = (max: number): boolean => max > MAX_COPIES && max <= UNBOUNDED;

class TooLarge extends Error {}

/** States and in how many ways (1, or 2 for more than one). */
type Ends = ReadonlyMap<number, number>;

interface Part {
  readonly first: Ends;
  readonly last: Ends;
  /** Ways to match nothing: 0, 1, or 2 for more than one. */
  readonly empty: number;
}

const NO_ENDS: Ends = new Map();
const EMPTY_PART: Part = { first: NO_ENDS, last: NO_ENDS, empty: 1 };
const atMost2 = (count: number): number => (count > 2 ? 2 : count);

function added(a: Ends, b: Ends, times: number): Ends {
  if (times === 0 || b.size === 0) return a;
  const sum = new Map(a);
  for (const [state, ways] of b) sum.set(state, atMost2((sum.get(state) ?? 0) + ways * times));
  return sum;
}

/** Counted repetitions of at least so many iterations are unbounded in the relaxed automaton. */
const MANY = 5;

class Builder {
  /** True once a counted repetition was taken for an unbounded one. */
  hasRelaxed = false;
  readonly sets: CharSet[] = [EVERYTHING];
  readonly edges: Map<number, number>[] = [new Map<number, number>()];
  private transitions = 0;

  constructor(private readonly isRelaxed: boolean) {}

  build(expression: Expression): Part {
    switch (expression.kind) {
      case 'character': {
        const state = this.sets.push(expression.set) - 1;
        this.edges.push(new Map());
        if (state > MAX_STATES) throw new TooLarge();
        const ends: Ends = new Map([[state, 1]]);
        return { first: ends, last: ends, empty: 0 };
      }
      case 'sequence': {
        let part = EMPTY_PART;
        for (const item of expression.items) part = this.concatenate(part, this.build(item));
        return part;
      }
      case 'choice': {
        let part: Part = { first: NO_ENDS, last: NO_ENDS, empty: 0 };
        for (const item of expression.items) part = either(part, this.build(item));
        return part;
      }
      case 'group':
        return this.build(expression.body);
      case 'look':
        return either(this.build(expression.body), EMPTY_PART);
      case 'assertion':
      case 'reference':
        return EMPTY_PART;
      case 'repetition':
        return this.repeat(expression.body, expression.min, expression.max);
    }
  }

  connect(from: Ends, to: Ends): void {
    for (const [a, waysOut] of from) {
      const edges = this.edges[a];
      for (const [b, waysIn] of to) {
        const known = edges.get(b) ?? 0;
        if (known === 0 && ++this.transitions > MAX_TRANSITIONS) throw new TooLarge();
        edges.set(b, atMost2(known + waysOut * waysIn));
      }
    }
  }

  private concatenate(a: Part, b: Part): Part {
    this.connect(a.last, b.first);
    return {
      first: added(a.first, b.first, a.empty),
      last: added(b.last, a.last, b.empty),
      empty: atMost2(a.empty * b.empty),
    };
  }

  private repeat(body: Expression, min: number, max: number): Part {
    const isRelaxed = this.isRelaxed && max >= MANY && max <= UNBOUNDED && max > min && body.kind !== 'character';
    if (isRelaxed) this.hasRelaxed = true;
    const isUnbounded = isRelaxed || max > UNBOUNDED;
    let part = EMPTY_PART;
    const needed = Math.min(min, body.kind === 'character' ? MAX_CHARACTERS : MAX_NEEDED);
    for (let i = isUnbounded && needed > 0 ? 1 : 0; i < needed; i++) part = this.concatenate(part, this.build(body));
    if (isUnbounded) {
      const loop = this.build(body);
      this.connect(loop.last, loop.first);
      // An iteration that matches nothing ends the repetition, so the body counts as one way at most.
      return this.concatenate(part, { ...loop, empty: min > 0 ? Math.min(loop.empty, 1) : 1 });
    }
    const optional = Math.min(max - min, MAX_COPIES);
    let rest = EMPTY_PART;
    for (let i = 0; i < optional; i++) {
      const more = this.concatenate(this.build(body), rest);
      rest = { first: more.first, last: more.last, empty: 1 };
    }
    return this.concatenate(part, rest);
  }
}

const either = (a: Part, b: Part): Part => ({
  first: added(a.first, b.first, 1),
  last: added(a.last, b.last, 1),
  empty: atMost2(a.empty + b.empty),
});

/**
 * Undefined when the expression is too large. *Relaxed*, counted repetitions of more than single characters are taken for
 * unbounded ones, so that what is ambiguous in them shows; undefined then, too, where there are none. `dividing` are more sets that characters
 * are told apart by.
 */
export function automatonOf(
  { body, flags }: ParsedExpression,
  isRelaxed = false,
  dividing: readonly CharSet[] = [],
): Automaton | undefined {
  const builder = new Builder(isRelaxed);
  try {
    builder.connect(new Map([[START, 1]]), builder.build(body).first);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
  if (isRelaxed && !builder.hasRelaxed) return undefined;
  const all = distinctAtoms([...builder.sets, ...dividing]);
  const members = all.members.slice(0, builder.sets.length);
  const { characters } = all;
  const popularity = characters.map((_, atom) => members.filter((bits) => hasAtom(bits, atom)).length);
  return {
    size: builder.sets.length,
    next: builder.edges.map((edges) => [...edges.keys()]),
    isManifold: builder.edges.map((edges) => [...edges.values()].map((ways) => ways > 1)),
    takes: members,
    characters,
    popularity,
    isSearch: !flags.isSticky && (flags.isMultiline || !startsAtStart(body)),
  };
}

/** Atoms of sets, many of which are equal. */
function distinctAtoms(sets: readonly CharSet[]): { members: Int32Array[]; characters: readonly number[] } {
  const numbers = new Map<string, number>();
  const distinct: CharSet[] = [];
  const numberOf = sets.map((set) => {
    const key = set.join();
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = distinct.push(set) - 1));
    return number;
  });
  const { members, characters } = atomsOf(distinct);
  return { members: numberOf.map((number) => members[number]), characters };
}

export const hasAtom = (bits: Int32Array, atom: number): boolean => (bits[atom >> 5] & (1 << (atom & 31))) !== 0;

/** Lengths of dead ends that are looked for, and sets of states on the way. */
const MAX_DEAD_END = 3;
const MAX_SETS = 120;

/**
 * The shortest text after which no state is left that `text` led to, so that every match begun in it has failed; undefined
 * when there is none that short. Both in characters that stand for atoms.
 */
export function deadEnd(automaton: Automaton, text: readonly number[]): readonly number[] | undefined {
  const { characters, isSearch } = automaton;
  let states: ReadonlySet<number> = new Set([START]);
  for (const character of text) {
    const reached = step(automaton, states, characters.indexOf(character));
    if (isSearch) reached.add(START);
    states = reached;
  }
  const first = [...states].filter((state) => state !== START);
  const seen = new Set([first.join()]);
  let ways: { readonly states: readonly number[]; readonly text: readonly number[] }[] = [{ states: first, text: [] }];
  for (let length = 0; length < MAX_DEAD_END; length++) {
    const longer: typeof ways = [];
    for (const way of ways) {
      for (const [atom, character] of characters.entries()) {
        const left = [...step(automaton, way.states, atom)].sort((a, b) => a - b);
        const found = [...way.text, character];
        if (left.length === 0) return found;
        const key = left.join();
        if (seen.has(key) || seen.size >= MAX_SETS) continue;
        seen.add(key);
        longer.push({ states: left, text: found });
      }
    }
    ways = longer;
  }
  return undefined;
}

function step({ next, takes }: Automaton, states: Iterable<number>, atom: number): Set<number> {
  const reached = new Set<number>();
  for (const state of states)
    for (const successor of next[state]) if (hasAtom(takes[successor], atom)) reached.add(successor);
  return reached;
}

/** True where every match begins with `^`. */
function startsAtStart(expression: Expression): boolean {
  switch (expression.kind) {
    case 'assertion':
      return expression.at === 'start';
    case 'sequence': {
      const first = expression.items.find((item) => item.kind !== 'look');
      return first !== undefined && startsAtStart(first);
    }
    case 'choice':
      return expression.items.every(startsAtStart);
    case 'group':
      return startsAtStart(expression.body);
    case 'repetition':
      return expression.min > 0 && startsAtStart(expression.body);
    case 'character':
    case 'look':
    case 'reference':
      return false;
  }
}
