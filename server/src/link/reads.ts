/**
 * What an answer depends on. A *slot* is one observable part of a file, or what is passed to one function. A link
 * result is looked at again when a slot that it read holds something else.
 */
import type { FileId } from '../model/ids';
import { RETURN_GROUPS } from '../model/skeleton';
import type { ValueId } from './values';

export enum Part {
  /** Exports, classes, property writes, and returns that are more than what `Skeleton.returns` tells; and where its imports lead. */
  Interface,
  /** Objects and functions that others see only as arguments. */
  Arguments,
  /** What other files write on its objects, and which classes extend its own. */
  Properties,
}

/** Parts of a file; after the named ones come what its functions return, in `RETURN_GROUPS` groups by the functions' keys. */
const NAMED_PARTS = 3;
const PARTS = NAMED_PARTS + RETURN_GROUPS;

export type Slot = number;
export const slotOf = (file: FileId, part: Part): Slot => file * PARTS + part;

/** What the functions of one group return. */
export const returnSlot = (file: FileId, group: number): Slot => file * PARTS + NAMED_PARTS + group;

/** Of slots that are parts of files. */
export const fileOfSlot = (slot: Slot): FileId => Math.floor(slot / PARTS) as FileId;
/** Undefined for what functions return. */
export const partOfSlot = (slot: Slot): Part | undefined => (slot % PARTS < NAMED_PARTS ? slot % PARTS : undefined);

/** What callers pass to a function: its value, below zero. */
export const parametersSlot = (fn: ValueId): Slot => -1 - fn;
export const isParametersSlot = (slot: Slot): boolean => slot < 0;
export const functionOfSlot = (slot: Slot): ValueId => -1 - slot;

/** What others can see of a file, as a number that is equal for equal content. 0: nothing. */
export type Content = number;
