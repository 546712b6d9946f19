/**
 * Interned roots: parameters, cells, sources and sinks as small integers, shared by all functions of one solver.
 * The kind stands in the high bits, so that a root's kind is one shift away.
 */
import type { FunctionId } from '../model/ids';
import type { KindSet, SinkRef, SourceRef, StoredPlace, StoreRef } from '../model/summary';

/** An input or output root. */
export type Root = number;

export const enum RootKind {
  Parameter = 0,
  Return = 1,
  Throw = 2,
  Cell = 3,
  Source = 4,
  Sink = 5,
  /** Input of a question: all sources of one set of kinds that a function or its callees hold. */
  Sources = 6,
  /** Input of a question that is not about a flow; see `questions.ts`. */
  Facet = 7,
  /** Output: a place outside of the program that keeps data under a name. */
  Store = 8,
  /** Input: what is taken out of such a place. Asked for like a source; what it is made of, the places tell. */
  Retrieved = 9,
}

const SHIFT = 26;
const INDEX = (1 << SHIFT) - 1;
/** Of the root of a parameter, which one it is; what stands above is the context. */
const CONTEXT_SHIFT = 13;
const PARAMETER = (1 << CONTEXT_SHIFT) - 1;
/** Parameter numbers start at -2 (`arguments`), stored from 0. */
const FIRST_PARAMETER = 2;

/** A rest parameter whose first element is argument n has index `REST + n`: what it holds are elements of an array. */
export const REST = 4096;

/** Number of the cell that stands for a module's exports object as its importers share it. */
export const EXPORTS_CELL = 0xffff;

export const kindOf = (root: Root): RootKind => root >>> SHIFT;
export const parameterRoot = (index: number): Root => index + FIRST_PARAMETER;
/** The receiver, `this`. */
export const RECEIVER_ROOT: Root = parameterRoot(-1);
export const parameterIndex = (root: Root): number => (root & PARAMETER) - FIRST_PARAMETER;
/** Position and context of a parameter in one number, which `parameterRoot` takes, too. */
export const parameterNumber = (root: Root): number => (root & INDEX) - FIRST_PARAMETER;
/** The parameter where others are given something that decides about branches (`givenBranches.ts`). Only questions, and what their answers say comes in, have such roots. */
export const rootInContext = (root: Root, context: number): Root => root | (context << CONTEXT_SHIFT);
export const contextOf = (root: Root): number => (kindOf(root) === RootKind.Parameter ? root >> CONTEXT_SHIFT : 0);
export const withoutContext = (root: Root): Root => (kindOf(root) === RootKind.Parameter ? root & PARAMETER : root);
export const RETURN_ROOT: Root = RootKind.Return << SHIFT;
export const THROW_ROOT: Root = RootKind.Throw << SHIFT;
/** The sources whose kinds are exactly these. */
export const sourcesRoot = (kinds: number): Root => (RootKind.Sources << SHIFT) | kinds;
export const sourceKindsOf = (root: Root): number => root & INDEX;
export const facetOf = (root: Root): number => root & INDEX;
export const facetRoot = (index: number): Root => (RootKind.Facet << SHIFT) | index;

export interface CellRef {
  readonly owner: FunctionId;
  readonly cell: number;
}

export class ReferenceTable {
  /** By owner and number. */
  private readonly cellIds = new Map<FunctionId, Map<number, Root>>();
  private readonly cells: CellRef[] = [];
  /** Functions that own cells, or may, as small numbers: whose a cell is, is asked all the time. */
  private readonly ownerIds = new Map<FunctionId, number>();
  /** Numbers of the owners, by cell. */
  private readonly owners: number[] = [];
  private readonly sourceIds = new Map<string, Root>();
  private readonly sources: SourceRef[] = [];
  private readonly sinkIds = new Map<string, Root>();
  private readonly sinks: SinkRef[] = [];
  private readonly storeIds = new Map<string, Root>();
  private readonly stores: StoreRef[] = [];

  get size(): number {
    return this.cells.length + this.sources.length + this.sinks.length + this.stores.length;
  }

  cell(owner: FunctionId, cell: number): Root {
    let roots = this.cellIds.get(owner);
    if (roots === undefined) this.cellIds.set(owner, (roots = new Map<number, Root>()));
    let root = roots.get(cell);
    if (root === undefined) {
      root = (RootKind.Cell << SHIFT) | this.cells.length;
      this.cells.push({ owner, cell });
      this.owners.push(this.ownerNumber(owner));
      roots.set(cell, root);
    }
    return root;
  }

  /** The root of a captured variable if anybody has named it. */
  knownCell(owner: FunctionId, cell: number): Root | undefined {
    return this.cellIds.get(owner)?.get(cell);
  }

  source(ref: SourceRef): Root {
    const { stored } = ref;
    const key = `${String(ref.function)}:${String(ref.node)}:${String(ref.kinds)}:${ref.label}${stored === undefined ? '' : `\n${stored.key}`}`;
    let root = this.sourceIds.get(key);
    if (root === undefined) {
      root = ((stored === undefined ? RootKind.Source : RootKind.Retrieved) << SHIFT) | this.sources.length;
      this.sources.push(ref);
      this.sourceIds.set(key, root);
    }
    return root;
  }

  sink(ref: SinkRef): Root {
    const key = `${String(ref.function)}:${String(ref.node)}:${String(ref.operand)}:${String(ref.kind)}:${ref.label}`;
    let root = this.sinkIds.get(key);
    if (root === undefined) {
      root = (RootKind.Sink << SHIFT) | this.sinks.length;
      this.sinks.push(ref);
      this.sinkIds.set(key, root);
    }
    return root;
  }

  store(ref: StoreRef): Root {
    const key = `${String(ref.function)}:${String(ref.node)}:${String(ref.operand)}:${ref.place.key}`;
    let root = this.storeIds.get(key);
    if (root === undefined) {
      root = (RootKind.Store << SHIFT) | this.stores.length;
      this.stores.push(ref);
      this.storeIds.set(key, root);
    }
    return root;
  }

  storeOf(root: Root): StoreRef {
    return this.stores[root & INDEX];
  }

  cellOf(root: Root): CellRef {
    return this.cells[root & INDEX];
  }

  /** Number of a function, for comparing with those of cells' owners. */
  ownerNumber(id: FunctionId): number {
    let number = this.ownerIds.get(id);
    if (number === undefined) this.ownerIds.set(id, (number = this.ownerIds.size));
    return number;
  }

  /** Number of the function whose cell it is. */
  ownerNumberOf(root: Root): number {
    return this.owners[root & INDEX];
  }

  /** Also of what is retrieved. */
  sourceOf(root: Root): SourceRef {
    return this.sources[root & INDEX];
  }

  sinkOf(root: Root): SinkRef {
    return this.sinks[root & INDEX];
  }
}

/** The stored place that a root is, or is taken from; undefined for all others. */
export function storedAt(references: ReferenceTable, root: Root): StoredPlace | undefined {
  switch (kindOf(root)) {
    case RootKind.Store:
      return references.storeOf(root).place;
    case RootKind.Retrieved:
      return references.sourceOf(root).stored;
    default:
      return undefined;
  }
}

const STORED = 'stored ';
/** Name of such a place among all places that have names; no class has such a one. */
export const storedName = ({ key }: StoredPlace): string => STORED + key;
export const isStoredName = (name: string): boolean => name.startsWith(STORED);

/** Nothing comes back from there to a caller: whoever finds it tells it. */
export const isEnd = (root: Root): boolean => kindOf(root) === RootKind.Sink || kindOf(root) === RootKind.Store;

export const kindBits = (mask: number): KindSet => mask & KIND_MASK;

/** A fact's value: sink kinds it is still dangerous for, and confidence, in one integer. Joins are monotone. */
export type Mask = number;
export const KIND_MASK = (1 << 30) - 1;
const CONFIDENCE_SHIFT = 30;
export const maskOf = (kinds: KindSet, confidence: number): Mask =>
  (kinds & KIND_MASK) | (confidence << CONFIDENCE_SHIFT);
export const confidenceOf = (mask: Mask): number => mask >>> CONFIDENCE_SHIFT;
export function joinMasks(a: Mask, b: Mask): Mask {
  const confidence = Math.max(a >>> CONFIDENCE_SHIFT, b >>> CONFIDENCE_SHIFT);
  return ((a | b) & KIND_MASK) | (confidence << CONFIDENCE_SHIFT);
}
/** Both must hold: the kinds common to both, the lower confidence. */
export function meetMasks(a: Mask, b: Mask): Mask {
  const confidence = Math.min(a >>> CONFIDENCE_SHIFT, b >>> CONFIDENCE_SHIFT);
  return (a & b & KIND_MASK) | (confidence << CONFIDENCE_SHIFT);
}
export const limitConfidence = (mask: Mask, confidence: number): Mask =>
  mask >>> CONFIDENCE_SHIFT <= confidence ? mask : (mask & KIND_MASK) | (confidence << CONFIDENCE_SHIFT);
