/**
 * Which files read a slot in any round of any update. There are several slots and readers to every file of the index, so lists are kept in
 * tables of numbers: as arrays of their own they would take several times as much.
 */
import type { FileId } from '../model/ids';
import { IntArray } from '../base/intArray';
import { NumberMap } from '../base/numberMap';
import type { Slot } from './reads';

const END = -1;

/** The table takes no numbers below zero. */
const keyOf = (slot: Slot): number => (slot < 0 ? -1 - slot * 2 : slot * 2);

export class SlotReaders {
  /** By slot, the item that came last. */
  private readonly last = new NumberMap(1024);
  /** Items by number: the reader, and the item that came before it. */
  private readonly file = new IntArray();
  private readonly before = new IntArray();

  /** To be called once for a slot and a reader. */
  add(slot: Slot, file: FileId): void {
    const item = this.file.push(file);
    this.before.push(this.last.get(keyOf(slot), END));
    this.last.set(keyOf(slot), item);
  }

  has(slot: Slot): boolean {
    return this.last.get(keyOf(slot), END) !== END;
  }

  /** Calls `visit` with each reader of a slot, in no order that means anything. */
  each(slot: Slot, visit: (file: FileId) => void): void {
    for (let item = this.last.get(keyOf(slot), END); item !== END; item = this.before.items[item])
      visit(this.file.items[item] as FileId);
  }
}
