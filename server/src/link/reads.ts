/**
 * What an answer depends on. A *slot* is one observable part of a file, or what is passed to one function. A link
 * result is looked at again when a slot that it read holds something else.
 */
import type { FileId } from '../model/ids';
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

/** What callers pass to a function: its value, below zero. */
export const parametersSlot = (fn: ValueId): Slot => -1 - fn;
export const isParametersSlot = (slot: Slot): boolean => slot < 0;
export const functionOfSlot = (slot: Slot): ValueId => -1 - slot;

/** What others can see of a file, as a number that is equal for equal content. 0: nothing. */
export type Content = number;
