/**
 * What an answer depends on. A *slot* is one observable part of a file, or what is passed to one function; a *token* is
 * a slot with the content it had when it was read. An answer that read a set of tokens holds as long as every slot still (or again) has the content
 * of its token, whatever happened in between. That makes re-use exact across edits and across rounds.
 */
import type { FileId } from '../model/ids';
import { EMPTY, IntSets } from './intSets';
import type { SetId } from './intSets';
import type { ValueId } from './values';

export enum Part {
  /** Exports, returns, classes, property writes; and where its imports lead. */
  Interface,
  /** Objects and functions that others see only as arguments. */
  Arguments,
  /** What other files write on its objects, and which classes extend its own. */
  Properties,
}

export type Slot = number;
export const slotOf = (file: FileId, part: Part): Slot => file * 4 + part;
export const fileOfSlot = (slot: Slot): FileId => Math.floor(slot / 4) as FileId;
export const partOfSlot = (slot: Slot): Part => slot % 4;

/** What callers pass to a function: its value, below zero. */
export const parametersSlot = (fn: ValueId): Slot => -1 - fn;
export const isParametersSlot = (slot: Slot): boolean => slot < 0;
export const functionOfSlot = (slot: Slot): ValueId => -1 - slot;

/** What a slot holds, as a number that is equal for equal content. 0: nothing. */
export type Content = number;

export class ReadSets {
  private sets = new IntSets(Infinity);
  private slots: Slot[] = [];
  private contents: Content[] = [];
  private readonly tokens = new Map<Slot, Map<Content, number>>();
  /** By set: the stamp of the last check, negative where it did not hold. */
  private checked: number[] = [];
  private stamp = 1;

  /** `current` tells what a slot holds now; call `changed` whenever its answers may differ. */
  constructor(private readonly current: (slot: Slot) => Content) {}

  get size(): number {
    return this.sets.size;
  }

  changed(): void {
    this.stamp++;
  }

  /** The set of one slot with what it holds now. */
  now(slot: Slot): SetId {
    return this.sets.single(this.token(slot, this.current(slot)));
  }

  union(a: SetId, b: SetId): SetId {
    return this.sets.union(a, b);
  }

  /** Union of many sets at once. Reorders the list. */
  unionAll(list: SetId[]): SetId {
    switch (list.length) {
      case 0:
        return EMPTY;
      case 1:
        return list[0];
      case 2:
        return this.sets.union(list[0], list[1]);
      default:
        return this.sets.unionAll(list);
    }
  }

  /** Whether everything read is still as it was. */
  holds(set: SetId): boolean {
    if (set === EMPTY) return true;
    const last = this.checked[set];
    if (last === this.stamp) return true;
    if (last === -this.stamp) return false;
    let holds = true;
    for (const token of this.sets.members(set)) {
      if (this.current(this.slots[token]) === this.contents[token]) continue;
      holds = false;
      break;
    }
    this.checked[set] = holds ? this.stamp : -this.stamp;
    return holds;
  }

  slotsOf(set: SetId): Slot[] {
    return Array.from(this.sets.members(set), (token) => this.slots[token]);
  }

  /** Forgets all sets but those that the holders have, and gives them new numbers. */
  keep(holders: Iterable<{ reads: SetId }>): void {
    const { sets, slots, contents } = this;
    const renumbered = new Map<SetId, SetId>([[EMPTY, EMPTY]]);
    const tokens = new Map<number, number>();
    this.sets = new IntSets(Infinity);
    this.slots = [];
    this.contents = [];
    this.checked = [];
    this.tokens.clear();
    for (const holder of holders) {
      let next = renumbered.get(holder.reads);
      if (next === undefined) {
        next = this.sets.of(
          sets.members(holder.reads).map((token) => this.renumber(token, slots[token], contents[token], tokens)),
        );
        renumbered.set(holder.reads, next);
      }
      holder.reads = next;
    }
  }

  private renumber(old: number, slot: Slot, content: Content, tokens: Map<number, number>): number {
    const known = tokens.get(old);
    if (known !== undefined) return known;
    const token = this.token(slot, content);
    tokens.set(old, token);
    return token;
  }

  private token(slot: Slot, content: Content): number {
    let byContent = this.tokens.get(slot);
    if (byContent === undefined) this.tokens.set(slot, (byContent = new Map<Content, number>()));
    let token = byContent.get(content);
    if (token === undefined) {
      token = this.slots.length;
      this.slots.push(slot);
      this.contents.push(content);
      byContent.set(content, token);
    }
    return token;
  }
}
