/**
 * What other files (and a file's own calls) contribute to a file: values of parameters, properties written from
 * elsewhere, subclasses. Built from all contributions to the file at once, so that it is a pure function of them; too
 * many different values for one slot count as none.
 */
import { EMPTY } from './intSets';
import type { IntSets, SetId } from './intSets';
import type { Content } from './reads';
import { ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

/** Slots of an entity: parameters count up from here (the receiver is one below), the others lie below. */
export const PARAMETER_BASE = 1;
export const ELEMENT_SLOT = -1;
/** Objects whose properties are copied to the entity, or which it inherits from. */
export const COPY_SLOT = -2;
export const SUBCLASS_SLOT = -3;
/** Named properties are at `NAME_BASE - number of the name`. */
export const NAME_BASE = -16;

/** Different values that are not functions, for one parameter. */
const MAX_PARAMETER_VALUES = 8;
const MAX_FUNCTIONS = 64;

/** Rows of a contribution: entity, slot, value. */
export const ROW = 3;

/** Rows in one order, without duplicates. */
export function sortRows(rows: ArrayLike<number>): Int32Array {
  const order = Array.from({ length: rows.length / ROW }, (_, i) => i * ROW);
  order.sort((x, y) => rows[x] - rows[y] || rows[x + 1] - rows[y + 1] || rows[x + 2] - rows[y + 2]);
  const result: number[] = [];
  let last = -1;
  for (const at of order) {
    if (last >= 0 && rows[last] === rows[at] && rows[last + 1] === rows[at + 1] && rows[last + 2] === rows[at + 2])
      continue;
    result.push(rows[at], rows[at + 1], rows[at + 2]);
    last = at;
  }
  return Int32Array.from(result);
}

interface Bound {
  /** Pairs of slot and set of values. */
  readonly slots: number[];
  /** Of the parameters. */
  content: Content;
}

export class Bindings {
  /** Of all properties of all entities. */
  properties: Content = 0;
  /** Slots that had too many values. */
  overflows = 0;
  private readonly table = new Map<ValueId, Bound>();

  private constructor() {}

  /** What is passed to a function, as a number. */
  parametersOf(fn: ValueId): Content {
    return this.table.get(fn)?.content ?? 0;
  }

  get entities(): IterableIterator<ValueId> {
    return this.table.keys();
  }

  /** Values of a slot of an entity. */
  get(entity: ValueId, slot: number): SetId {
    const slots = this.table.get(entity)?.slots;
    if (slots === undefined) return EMPTY;
    for (let i = 0; i < slots.length; i += 2) if (slots[i] === slot) return slots[i + 1];
    return EMPTY;
  }

  /** Values of all slots from one on: of a rest parameter. */
  from(entity: ValueId, first: number, sets: IntSets): SetId {
    let result = EMPTY;
    const slots = this.table.get(entity)?.slots ?? [];
    for (let i = 0; i < slots.length; i += 2) if (slots[i] >= first) result = sets.union(result, slots[i + 1]);
    return result;
  }

  /** Values of all properties of an entity. */
  allProperties(entity: ValueId, sets: IntSets): SetId {
    let result = EMPTY;
    const slots = this.table.get(entity)?.slots ?? [];
    for (let i = 0; i < slots.length; i += 2) {
      if (slots[i] === ELEMENT_SLOT || slots[i] <= NAME_BASE) result = sets.union(result, slots[i + 1]);
    }
    return result;
  }

  /** Named and unnamed properties of an entity; the slot tells which. */
  eachProperty(entity: ValueId, visit: (slot: number, values: SetId) => void): void {
    const slots = this.table.get(entity)?.slots ?? [];
    for (let i = 0; i < slots.length; i += 2)
      if (slots[i] === ELEMENT_SLOT || slots[i] <= NAME_BASE) visit(slots[i], slots[i + 1]);
  }

  /** From contributed rows; undefined when there are none. */
  static of(rows: readonly number[], values: ValueTable, sets: IntSets): Bindings | undefined {
    if (rows.length === 0) return undefined;
    const found = new Map<ValueId, Map<number, ValueId[]>>();
    for (let i = 0; i < rows.length; i += ROW) {
      let slots = found.get(rows[i]);
      if (slots === undefined) found.set(rows[i], (slots = new Map<number, ValueId[]>()));
      const known = slots.get(rows[i + 1]);
      if (known === undefined) slots.set(rows[i + 1], [rows[i + 2]]);
      else known.push(rows[i + 2]);
    }
    const result = new Bindings();
    for (const [entity, slots] of found) {
      const bound: Bound = { slots: [], content: 0 };
      for (const [slot, members] of slots) {
        const { set, overflow } = bounded(members, slot >= PARAMETER_BASE - 1, values, sets);
        if (overflow) result.overflows++;
        if (set === EMPTY) continue;
        bound.slots.push(slot, set);
        // A sum does not depend on the order.
        const row = mix(entity, slot, set);
        if (slot >= PARAMETER_BASE - 1) bound.content += row;
        else result.properties += row;
      }
      if (bound.slots.length > 0) result.table.set(entity, bound);
    }
    return result;
  }
}

function bounded(
  members: readonly ValueId[],
  isParameter: boolean,
  values: ValueTable,
  sets: IntSets,
): { set: SetId; overflow: boolean } {
  const distinct = [...new Set(members)];
  const functions = distinct.filter(
    (value) => values.kind(value) === ValueKind.Function || values.kind(value) === ValueKind.Bound,
  );
  const others = distinct.filter(
    (value) => values.kind(value) !== ValueKind.Function && values.kind(value) !== ValueKind.Bound,
  );
  const keepFunctions = functions.length <= MAX_FUNCTIONS;
  const keepOthers = others.length <= (isParameter ? MAX_PARAMETER_VALUES : MAX_FUNCTIONS);
  let set = EMPTY;
  if (keepFunctions) set = sets.of(functions);
  if (keepOthers) set = sets.union(set, sets.of(others));
  // Both together may still be more than a set holds.
  if (set === 1) return { set: EMPTY, overflow: true };
  return { set, overflow: !keepFunctions || !keepOthers };
}

/** 46 bits, so that a hundred of them add up exactly. */
function mix(a: number, b: number, c: number): Content {
  let high =
    Math.imul(a ^ 0x9e3779b1, 0x85ebca6b) ^
    Math.imul(b ^ 0x7f4a7c15, 0xc2b2ae35) ^
    Math.imul(c ^ 0x165667b1, 0x27d4eb2f);
  high ^= high >>> 15;
  high = Math.imul(high, 0x2c1b3c6d);
  let low =
    Math.imul(a + 0x1b873593, 0xcc9e2d51) ^
    Math.imul(b + 0x38495ab5, 0xe6546b64) ^
    Math.imul(c + 0x52dce729, 0x9e3779b1);
  low ^= low >>> 13;
  low = Math.imul(low, 0x297a2d39);
  return (high >>> 0) * 16384 + (low >>> 18);
}
