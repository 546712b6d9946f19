/**
 * Sets of characters as sorted, disjoint intervals of code points (code units, where the expression has no `u` flag), and
 * the division of all characters into *atoms*: the largest sets that no character class of an expression divides.
 */

/** `[from, to]` pairs in order, as one list: from, to, from, to, … */
export type CharSet = readonly number[];

export const MAX_CHARACTER = 0x10ffff;
export const NOTHING: CharSet = [];
export const EVERYTHING: CharSet = [0, MAX_CHARACTER];
export const DIGITS: CharSet = [48, 57];
export const WORD: CharSet = [48, 57, 65, 90, 95, 95, 97, 122];
export const SPACES: CharSet = [
  9, 13, 32, 32, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000,
  0x3000, 0xfeff, 0xfeff,
];
export const LINE_ENDS: CharSet = [10, 10, 13, 13, 0x2028, 0x2029];

/** From intervals in any order. */
export function charSet(intervals: readonly (readonly [from: number, to: number])[]): CharSet {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [from, to] of sorted) {
    const last = result.length - 1;
    if (last >= 0 && from <= result[last] + 1) result[last] = Math.max(result[last], to);
    else result.push(from, to);
  }
  return result;
}

export function union(...sets: readonly CharSet[]): CharSet {
  const intervals: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) intervals.push([set[i], set[i + 1]]);
  return charSet(intervals);
}

export function complement(set: CharSet): CharSet {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > next) result.push(next, set[i] - 1);
    next = set[i + 1] + 1;
  }
  if (next <= MAX_CHARACTER) result.push(next, MAX_CHARACTER);
  return result;
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  return complement(union(complement(a), complement(b)));
}

export function contains(set: CharSet, character: number): boolean {
  for (let i = 0; i < set.length && set[i] <= character; i += 2) if (character <= set[i + 1]) return true;
  return false;
}

/** So many characters of one class are looked at one by one for their other case, and none of larger intervals: those hold both. */
const MAX_CASED = 700;
const MAX_CASED_INTERVAL = 2_000;

/** With the other case of each letter, as the `i` flag has it (letters of large classes beyond the first few hundred left out). */
export function inBothCases(set: CharSet): CharSet {
  const more: [number, number][] = [];
  let left = MAX_CASED;
  for (let i = 0; i < set.length && left > 0; i += 2) {
    if (set[i + 1] - set[i] > MAX_CASED_INTERVAL) continue;
    for (let c = set[i]; c <= set[i + 1] && left-- > 0; c++) {
      const character = String.fromCodePoint(c);
      for (const other of [character.toLowerCase(), character.toUpperCase()]) {
        const code = other.codePointAt(0) ?? c;
        if (code !== c && other.length === character.length) more.push([code, code]);
      }
    }
  }
  return more.length === 0 ? set : union(set, charSet(more));
}

/** The atoms of some sets: for each atom one character that is easy to read where there is one, and for each set its atoms. */
export interface Atoms {
  /** By atom. */
  readonly characters: readonly number[];
  /** By set, in the order given: bits of its atoms, 32 a number. */
  readonly members: readonly Int32Array[];
  /** Numbers that hold the bits of all atoms. */
  readonly words: number;
}

/** Characters by which attack strings are best to read. */
const READABLE = [97, 48, 32, 45, 46, 47, 95, 65, 9, 33];

export function atomsOf(sets: readonly CharSet[]): Atoms {
  const bounds = new Set<number>([0]);
  for (const set of sets) {
    for (let i = 0; i < set.length; i += 2) {
      bounds.add(set[i]);
      if (set[i + 1] < MAX_CHARACTER) bounds.add(set[i + 1] + 1);
    }
  }
  const starts = [...bounds].sort((a, b) => a - b);
  const membership = starts.map((start) => sets.map((set) => (contains(set, start) ? '1' : '0')).join(''));
  const atoms = new Map<string, number>();
  const characters: number[] = [];
  for (const [i, key] of membership.entries()) {
    const first = starts[i];
    const last = (starts[i + 1] ?? MAX_CHARACTER + 1) - 1;
    const best = READABLE.find((character) => character >= first && character <= last) ?? readableIn(first, last);
    const atom = atoms.get(key);
    if (atom === undefined) {
      atoms.set(key, characters.length);
      characters.push(best);
    } else if (rank(best) < rank(characters[atom])) characters[atom] = best;
  }
  const words = Math.ceil(characters.length / 32);
  const members = sets.map(() => new Int32Array(words));
  for (const [key, atom] of atoms)
    for (let set = 0; set < sets.length; set++) if (key[set] === '1') members[set][atom >> 5] |= 1 << (atom & 31);
  return { characters, members, words };
}

const readableIn = (first: number, last: number): number => (first < 33 && last >= 33 ? 33 : first);

function rank(character: number): number {
  const place = READABLE.indexOf(character);
  if (place >= 0) return place;
  return character > 32 && character < 127 ? 50 : 100;
}
