/**
 * Sets of slots for one walk through the term graph, by numbers of their own: equal sets are one. Members are in no order,
 * so that a union costs what it adds: its hash is a sum over its members, and whether it is there already is told by marks.
 */
import type { IntArray } from '../base/intArray';

export type SlotSet = number;
export const NO_SLOTS: SlotSet = 0;

export class SlotSets {
  private readonly sets: (readonly number[])[] = [[]];
  private readonly hashes: number[] = [0];
  /** Open addressing over the sets' hashes; 0 is free. */
  private table = new Int32Array(1024);
  /** By member: the union that met it last. */
  private marks = new Uint32Array(1024);
  private stamp = 0;

  members(set: SlotSet): readonly number[] {
    return this.sets[set];
  }

  single(member: number): SlotSet {
    if (member >= this.marks.length) {
      const larger = new Uint32Array(Math.max(this.marks.length * 2, member + 1));
      larger.set(this.marks);
      this.marks = larger;
    }
    const stamp = ++this.stamp;
    this.marks[member] = stamp;
    return this.find(NO_SLOTS, [member], mix(member), stamp);
  }

  /** Union of the sets in a list from a position on. */
  union({ items, length }: IntArray, first: number): SlotSet {
    if (length - first < 2) return length === first ? NO_SLOTS : items[first];
    let largest = items[first];
    let isOne = true;
    for (let i = first + 1; i < length; i++) {
      if (items[i] !== items[first]) isOne = false;
      if (this.sets[items[i]].length > this.sets[largest].length) largest = items[i];
    }
    if (isOne) return largest;
    const stamp = ++this.stamp;
    this.mark(largest, stamp);
    const added: number[] = [];
    let hash = this.hashes[largest];
    const { sets, marks } = this;
    let before = largest;
    for (let i = first; i < length; i++) {
      if (items[i] === before) continue;
      before = items[i];
      const members = sets[before];
      for (let m = 0; m < members.length; m++) {
        const member = members[m];
        if (marks[member] === stamp) continue;
        marks[member] = stamp;
        added.push(member);
        hash = (hash + mix(member)) | 0;
      }
    }
    return added.length === 0 ? largest : this.find(largest, added, hash, stamp);
  }

  private mark(set: SlotSet, stamp: number): void {
    const { marks } = this;
    const members = this.sets[set];
    for (let i = 0; i < members.length; i++) marks[members[i]] = stamp;
  }

  /** The set of what is marked: the members of one set, and others. */
  private find(base: SlotSet, added: readonly number[], hash: number, stamp: number): SlotSet {
    const { table, hashes, sets } = this;
    const size = sets[base].length + added.length;
    const last = table.length - 1;
    let slot = spread(hash) & last;
    for (let set = table[slot]; set !== 0; set = table[slot]) {
      if (hashes[set] === hash && sets[set].length === size && this.isMarked(set, stamp)) return set;
      slot = (slot + 1) & last;
    }
    const set = sets.length;
    sets.push(sets[base].concat(added));
    hashes.push(hash);
    table[slot] = set;
    if (set * 2 > table.length) this.grow();
    return set;
  }

  private isMarked(set: SlotSet, stamp: number): boolean {
    const { marks } = this;
    const members = this.sets[set];
    for (let i = 0; i < members.length; i++) if (marks[members[i]] !== stamp) return false;
    return true;
  }

  private grow(): void {
    const table = new Int32Array(this.table.length * 4);
    const last = table.length - 1;
    for (let set = 1; set < this.sets.length; set++) {
      let slot = spread(this.hashes[set]) & last;
      while (table[slot] !== 0) slot = (slot + 1) & last;
      table[slot] = set;
    }
    this.table = table;
  }
}

function mix(member: number): number {
  let hash = Math.imul(member + 1, 0x9e3779b1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}
