/**
 * Property names as small integers, shared by all linkers of a thread. Only names that some file writes on another
 * file's objects, or that are looked up, get one.
 */
import { NAME_BASE } from './bindings';

const numbers = new Map<string, number>();
const names: string[] = [];

/** Slot of a named property. */
export function nameSlot(name: string): number {
  let number = numbers.get(name);
  if (number === undefined) {
    number = names.length;
    names.push(name);
    numbers.set(name, number);
  }
  return NAME_BASE - number;
}

/** The slot if the name has one: nothing can have been written to it otherwise. */
export function knownNameSlot(name: string): number | undefined {
  const number = numbers.get(name);
  return number === undefined ? undefined : NAME_BASE - number;
}

export function slotName(slot: number): string {
  return names[NAME_BASE - slot];
}
