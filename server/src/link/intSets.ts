/**
 * Interned sets of small integers: equal sets have equal numbers, so comparing and memoizing are comparisons of
 * integers. Sets never change. With a capacity, a larger set becomes `TOO_MANY`, which absorbs everything: the bound is
 * a monotone function and does not depend on the order in which members arrive.
 */
export type SetId = number;
export const EMPTY: SetId = 0;
/** More members than the capacity. */
export const TOO_MANY: SetId = 1;

/** Sorted members. */
export type Members = readonly number[];

const NO_MEMBERS: Members = [];

/** Members below have their sets in a table. */
const MAX_SMALL = 1 << 24;

/** Shorter lists are sorted by insertion. */
const FEW = 16;

/** Places of tables at first: a power of two. */
const INITIAL = 1024;

/** Unions remembered: a power of two. Remembering fewer costs time, never a different answer. */
const MEMO_SIZE = 1 << 15;

export class IntSets {
  private sets: Members[] = [NO_MEMBERS, NO_MEMBERS];
  private hashes: number[] = [0, 0];
  /** Open addressing over the sets' hashes; 0 is free. */
  private table = new Int32Array(INITIAL);
  /** Sets of one member: by member where it is small, and the others. */
  private singles = new Int32Array(INITIAL);
  private readonly otherSingles = new Map<number, SetId>();
  /** Last union by hash of its operands: a, b, result. */
  private readonly memo = new Int32Array(MEMO_SIZE * 3);

  constructor(private readonly capacity: number) {}

  /** Number of sets ever made; their ids are below. */
  get size(): number {
    return this.sets.length;
  }

  members(id: SetId): Members {
    return this.sets[id];
  }

  single(member: number): SetId {
    if (member < 0 || member >= MAX_SMALL) {
      let other = this.otherSingles.get(member);
      if (other === undefined) this.otherSingles.set(member, (other = this.intern([member])));
      return other;
    }
    if (member >= this.singles.length) {
      const larger = new Int32Array(Math.max(this.singles.length * 2, member + 1));
      larger.set(this.singles);
      this.singles = larger;
    }
    const known = this.singles[member];
    return known === 0 ? (this.singles[member] = this.intern([member])) : known;
  }

  of(members: Members): SetId {
    if (members.length === 0) return EMPTY;
    if (members.length === 1) return this.single(members[0]);
    const sorted = inOrder([...members]);
    let count = 1;
    for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i];
    sorted.length = count;
    return this.intern(sorted);
  }

  /** The same of sorted members, each there once, in a list that nobody changes any more. */
  ofSorted(members: Members): SetId {
    return members.length === 0 ? EMPTY : members.length === 1 ? this.single(members[0]) : this.intern(members);
  }

  has(id: SetId, member: number): boolean {
    const members = this.sets[id];
    let low = 0;
    let high = members.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (members[middle] === member) return true;
      if (members[middle] < member) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  union(a: SetId, b: SetId): SetId {
    if (a === b || b === EMPTY) return a;
    if (a === EMPTY) return b;
    if (this.capacity !== Infinity && (a === TOO_MANY || b === TOO_MANY)) return TOO_MANY;
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const at = ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 17) * 3;
    const { memo } = this;
    if (memo[at] === low && memo[at + 1] === high) return memo[at + 2];
    const result = this.merge(this.sets[a], this.sets[b], a, b);
    memo[at] = low;
    memo[at + 1] = high;
    memo[at + 2] = result;
    return result;
  }

  /**
   * Forgets all sets but these; answers what number each has now, by the number it had. What is empty or too much stays what it is.
   */
  retain(live: Iterable<SetId>): Int32Array {
    const { sets } = this;
    const numbers = new Int32Array(sets.length);
    numbers[TOO_MANY] = TOO_MANY;
    this.sets = [NO_MEMBERS, NO_MEMBERS];
    this.hashes = [0, 0];
    this.table = new Int32Array(INITIAL);
    this.singles = new Int32Array(INITIAL);
    this.otherSingles.clear();
    this.memo.fill(0);
    for (const id of live) if (numbers[id] === 0 && id !== EMPTY) numbers[id] = this.ofSorted(sets[id]);
    return numbers;
  }

  private merge(left: Members, right: Members, a: SetId, b: SetId): SetId {
    const merged: number[] = [];
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) {
      const x = left[i];
      const y = right[j];
      if (x <= y) i++;
      if (y <= x) j++;
      merged.push(x < y ? x : y);
    }
    while (i < left.length) merged.push(left[i++]);
    while (j < right.length) merged.push(right[j++]);
    if (merged.length === left.length) return a;
    if (merged.length === right.length) return b;
    return this.intern(merged);
  }

  private intern(members: Members): SetId {
    if (members.length > this.capacity) return TOO_MANY;
    const hash = hashOf(members);
    const { table } = this;
    let slot = hash & (table.length - 1);
    for (let id = table[slot]; id !== 0; id = table[slot]) {
      if (this.hashes[id] === hash && equal(this.sets[id], members)) return id;
      slot = (slot + 1) & (table.length - 1);
    }
    const id = this.sets.length;
    this.sets.push(members);
    this.hashes.push(hash);
    table[slot] = id;
    if (id * 2 > table.length) this.grow();
    return id;
  }

  private grow(): void {
    const table = new Int32Array(this.table.length * 4);
    for (let id = 2; id < this.sets.length; id++) {
      let slot = this.hashes[id] & (table.length - 1);
      while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1);
      table[slot] = id;
    }
    this.table = table;
  }
}

function inOrder(list: number[]): number[] {
  return list.length > FEW ? Array.from(Int32Array.from(list).sort()) : sortNumbers(list, ascending);
}

/** Sorts a list in place; most lists here are short, and the language's own sort makes copies. */
export function sortNumbers(list: number[], compare: (a: number, b: number) => number): number[] {
  if (list.length > FEW) return list.sort(compare);
  for (let i = 1; i < list.length; i++) {
    const item = list[i];
    let at = i;
    for (; at > 0 && compare(list[at - 1], item) > 0; at--) list[at] = list[at - 1];
    list[at] = item;
  }
  return list;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function hashOf(members: Members): number {
  let hash = members.length;
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    hash = Math.imul(hash ^ member, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash & 0x3fffffff;
}

function equal(a: Members, b: Members): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
