/**
 * Interned sets of small integers: equal sets have equal numbers, so comparing and memoizing are comparisons of
 * integers. Sets never change. With a capacity, a larger set becomes `TOO_MANY`, which absorbs everything: the bound is
 * a monotone function and does not depend on the order in which members arrive.
 */
export type SetId = number;
export const EMPTY: SetId = 0;
/** More members than the capacity. */
export const TOO_MANY: SetId = 1;

const NO_MEMBERS = new Int32Array(0);
const MEMO_LIMIT = 400_000;

export class IntSets {
  private readonly sets: Int32Array[] = [NO_MEMBERS, NO_MEMBERS];
  private readonly byHash = new Map<number, SetId | SetId[]>();
  private readonly singles = new Map<number, SetId>();
  private readonly unions = new Map<number, SetId>();
  /** By member: the union that met it last. */
  private marks = new Uint32Array(1024);
  private stamp = 0;

  constructor(private readonly capacity: number) {}

  /** Number of sets ever made; their ids are below. */
  get size(): number {
    return this.sets.length;
  }

  /** Sorted members. */
  members(id: SetId): Int32Array {
    return this.sets[id];
  }

  single(member: number): SetId {
    let id = this.singles.get(member);
    if (id === undefined) this.singles.set(member, (id = this.intern(Int32Array.of(member))));
    return id;
  }

  of(members: readonly number[]): SetId {
    if (members.length === 0) return EMPTY;
    if (members.length === 1) return this.single(members[0]);
    const sorted = Int32Array.from(members).sort();
    let count = 1;
    for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i];
    return this.intern(sorted.slice(0, count));
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
    if (a === TOO_MANY || b === TOO_MANY) return TOO_MANY;
    const key = a < b ? a * 0x4000000 + b : b * 0x4000000 + a;
    const known = this.unions.get(key);
    if (known !== undefined) return known;
    const result = this.merge(this.sets[a], this.sets[b], a, b);
    if (this.unions.size > MEMO_LIMIT) this.unions.clear();
    this.unions.set(key, result);
    return result;
  }

  /** Union of many sets, without making those in between. Reorders the list. */
  unionAll(list: SetId[]): SetId {
    list.sort((a, b) => a - b);
    const distinct: SetId[] = [];
    for (const id of list) {
      if (id === TOO_MANY && this.capacity !== Infinity) return TOO_MANY;
      if (id !== EMPTY && id !== distinct[distinct.length - 1]) distinct.push(id);
    }
    if (distinct.length === 0) return EMPTY;
    if (distinct.length === 1) return distinct[0];
    if (distinct.length === 2) return this.union(distinct[0], distinct[1]);
    const found: number[] = [];
    const stamp = ++this.stamp;
    for (const id of distinct) {
      const members = this.sets[id];
      const highest = members[members.length - 1];
      if (highest >= this.marks.length) {
        const larger = new Uint32Array(Math.max(this.marks.length * 2, highest + 1));
        larger.set(this.marks);
        this.marks = larger;
      }
      for (let i = 0; i < members.length; i++) {
        const member = members[i];
        if (this.marks[member] === stamp) continue;
        this.marks[member] = stamp;
        found.push(member);
      }
    }
    for (const id of distinct) if (this.sets[id].length === found.length) return id;
    return this.intern(Int32Array.from(found).sort());
  }

  private merge(left: Int32Array, right: Int32Array, a: SetId, b: SetId): SetId {
    const merged = new Int32Array(left.length + right.length);
    let count = 0;
    let i = 0;
    let j = 0;
    while (i < left.length || j < right.length) {
      const x = i < left.length ? left[i] : Infinity;
      const y = j < right.length ? right[j] : Infinity;
      if (x <= y) i++;
      if (y <= x) j++;
      merged[count++] = Math.min(x, y);
    }
    if (count === left.length) return a;
    if (count === right.length) return b;
    return this.intern(merged.slice(0, count));
  }

  private intern(members: Int32Array): SetId {
    if (members.length > this.capacity) return TOO_MANY;
    let hash = members.length;
    for (let i = 0; i < members.length; i++) hash = (Math.imul(hash ^ members[i], 0x9e3779b1) + 0x7f4a7c15) | 0;
    const found = this.byHash.get(hash);
    if (found === undefined) {
      const id = this.add(members);
      this.byHash.set(hash, id);
      return id;
    }
    if (typeof found === 'number') {
      if (equal(this.sets[found], members)) return found;
      const id = this.add(members);
      this.byHash.set(hash, [found, id]);
      return id;
    }
    for (const candidate of found) if (equal(this.sets[candidate], members)) return candidate;
    const id = this.add(members);
    found.push(id);
    return id;
  }

  private add(members: Int32Array): SetId {
    this.sets.push(members);
    return this.sets.length - 1;
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
