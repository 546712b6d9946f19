/**
 * What other files (and a file's own calls) contribute to a file: values of parameters, properties written from
 * elsewhere, subclasses. Built from all contributions to the file at once, so that it is a pure function of them; too
 * many different values for one slot count as none.
 */
import { EMPTY, sortNumbers, TOO_MANY } from './intSets';
import type { IntSets, SetId } from './intSets';
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
const MAX_FUNCTIONS = 24;

/** Rows of a contribution: entity, slot, value. */
export const ROW = 3;
const NO_ROWS = new Int32Array(0);

/** Rows in one order, without duplicates. */
export function sortRows(rows: ArrayLike<number>): Int32Array {
  if (rows.length === 0) return NO_ROWS;
  const order: number[] = [];
  for (let at = 0; at < rows.length; at += ROW) order.push(at);
  sortNumbers(order, (x, y) => rows[x] - rows[y] || rows[x + 1] - rows[y + 1] || rows[x + 2] - rows[y + 2]);
  const result = new Int32Array(rows.length);
  let length = 0;
  let last = -1;
  for (let i = 0; i < order.length; i++) {
    const at = order[i];
    if (last >= 0 && rows[last] === rows[at] && rows[last + 1] === rows[at + 1] && rows[last + 2] === rows[at + 2])
      continue;
    result[length++] = rows[at];
    result[length++] = rows[at + 1];
    result[length++] = rows[at + 2];
    last = at;
  }
  return length === result.length ? result : result.slice(0, length);
}

export class Bindings {
  private constructor(
    /** Rows of entity, slot, set of values; by entity. */
    private readonly rows: Int32Array,
    /** Rows of entity, slot, what there was too much of; by entity and slot. */
    private readonly overflown: Int32Array,
  ) {}

  /** Values of a slot of an entity. */
  get(entity: ValueId, slot: number): SetId {
    const { rows } = this;
    for (let i = this.first(entity); i < rows.length && rows[i] === entity; i += ROW)
      if (rows[i + 1] === slot) return rows[i + 2];
    return EMPTY;
  }

  /** Values of all slots from one on: of a rest parameter. */
  from(entity: ValueId, first: number, sets: IntSets): SetId {
    const { rows } = this;
    let result = EMPTY;
    for (let i = this.first(entity); i < rows.length && rows[i] === entity; i += ROW) {
      if (rows[i + 1] >= first) result = sets.union(result, rows[i + 2]);
    }
    return result;
  }

  /** Values of all properties of an entity. */
  allProperties(entity: ValueId, sets: IntSets): SetId {
    let result = EMPTY;
    this.eachProperty(entity, (_, values) => (result = sets.union(result, values)));
    return result;
  }

  /** Named and unnamed properties of an entity; the slot tells which. */
  eachProperty(entity: ValueId, visit: (slot: number, values: SetId) => void): void {
    const { rows } = this;
    for (let i = this.first(entity); i < rows.length && rows[i] === entity; i += ROW) {
      const slot = rows[i + 1];
      if (slot === ELEMENT_SLOT || slot <= NAME_BASE) visit(slot, rows[i + 2]);
    }
  }

  /**
   * From contributed rows of entity, slot and value; undefined when there are none. What was too much in the round before
   * stays too much: otherwise the values that follow from a slot would come and go from round to round, and never settle.
   */
  static of(
    contributed: readonly number[],
    values: ValueTable,
    sets: IntSets,
    before: Bindings | undefined,
  ): Bindings | undefined {
    const carried = before?.overflown ?? NO_ROWS;
    if (contributed.length === 0 && carried.length === 0) return undefined;
    const sorted = sortRows(contributed);
    const rows: number[] = [];
    const overflown: number[] = [];
    let c = 0;
    for (let i = 0; i < sorted.length;) {
      const entity = sorted[i];
      const slot = sorted[i + 1];
      for (; c < carried.length && isBefore(carried, c, entity, slot); c += ROW)
        overflown.push(carried[c], carried[c + 1], carried[c + 2]);
      const isCarried = c < carried.length && carried[c] === entity && carried[c + 1] === slot;
      let overflow: Overflow = isCarried ? carried[c + 2] : Overflow.None;
      if (isCarried) c += ROW;
      const members: ValueId[] = [];
      for (; i < sorted.length && sorted[i] === entity && sorted[i + 1] === slot; i += ROW) members.push(sorted[i + 2]);
      const found = bounded(members, slot >= PARAMETER_BASE - 1, values, sets, overflow);
      overflow = found.overflow;
      if (overflow !== Overflow.None) overflown.push(entity, slot, overflow);
      if (found.set === EMPTY) continue;
      rows.push(entity, slot, found.set);
    }
    for (; c < carried.length; c++) overflown.push(carried[c]);
    return new Bindings(Int32Array.from(rows), Int32Array.from(overflown));
  }

  /** Whether the same slots have too many values. */
  static overflowAlike(a: Bindings | undefined, b: Bindings | undefined): boolean {
    return sameNumbers(a?.overflown ?? NO_ROWS, b?.overflown ?? NO_ROWS);
  }

  /** Whether two are the same in everything. */
  static areEqual(a: Bindings | undefined, b: Bindings | undefined): boolean {
    return a === b || (sameNumbers(a?.rows ?? NO_ROWS, b?.rows ?? NO_ROWS) && Bindings.overflowAlike(a, b));
  }

  /** Calls `visit` for every entity with different rows in both, once for its parameters and once for all else. */
  static compare(
    a: Bindings | undefined,
    b: Bindings | undefined,
    visit: (entity: ValueId, areParameters: boolean) => void,
  ): void {
    if (a === b) return;
    const left = a?.rows ?? NO_ROWS;
    const right = b?.rows ?? NO_ROWS;
    let i = 0;
    let j = 0;
    while (i < left.length || j < right.length) {
      const entity = Math.min(i < left.length ? left[i] : Infinity, j < right.length ? right[j] : Infinity);
      let parameters = false;
      let others = false;
      // Slots below the parameters come first.
      for (;;) {
        const x = i < left.length && left[i] === entity ? left[i + 1] : Infinity;
        const y = j < right.length && right[j] === entity ? right[j + 1] : Infinity;
        if (x === Infinity && y === Infinity) break;
        if (x !== y || left[i + 2] !== right[j + 2]) {
          if (Math.min(x, y) >= PARAMETER_BASE - 1) parameters = true;
          else others = true;
        }
        if (x <= y) i += ROW;
        if (y <= x) j += ROW;
      }
      if (parameters) visit(entity, true);
      if (others) visit(entity, false);
    }
  }

  /** Sets of all slots. */
  *sets(): Generator<SetId, void, undefined> {
    for (let i = 2; i < this.rows.length; i += ROW) yield this.rows[i];
  }

  /** Sets have other numbers now, by those they had. */
  renumber(numbers: Int32Array): void {
    for (let i = 2; i < this.rows.length; i += ROW) this.rows[i] = numbers[this.rows[i]];
  }

  /** Position of the first row of an entity (or of the next one). */
  private first(entity: ValueId): number {
    const { rows } = this;
    let low = 0;
    let high = rows.length / ROW;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle * ROW] < entity) low = middle + 1;
      else high = middle;
    }
    return low * ROW;
  }
}

/** What a slot has too many of. */
enum Overflow {
  None = 0,
  Functions = 1,
  Others = 2,
  All = 3,
}

export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function isBefore(rows: Int32Array, at: number, entity: ValueId, slot: number): boolean {
  return rows[at] < entity || (rows[at] === entity && rows[at + 1] < slot);
}

function bounded(
  members: readonly ValueId[],
  isParameter: boolean,
  values: ValueTable,
  sets: IntSets,
  before: Overflow,
): { set: SetId; overflow: Overflow } {
  const functions: ValueId[] = [];
  const others: ValueId[] = [];
  for (let i = 0; i < members.length; i++) {
    const kind = values.kind(members[i]);
    (kind === ValueKind.Function || kind === ValueKind.Bound ? functions : others).push(members[i]);
  }
  let overflow: Overflow = before;
  if (functions.length > MAX_FUNCTIONS) overflow |= Overflow.Functions;
  if (others.length > (isParameter ? MAX_PARAMETER_VALUES : MAX_FUNCTIONS)) overflow |= Overflow.Others;
  let set = EMPTY;
  if ((overflow & Overflow.Functions) === 0) set = sets.ofSorted(functions);
  if ((overflow & Overflow.Others) === 0) set = sets.union(set, sets.ofSorted(others));
  // Both together may still be more than a set holds.
  return set === TOO_MANY ? { set: EMPTY, overflow: Overflow.All } : { set, overflow };
}
