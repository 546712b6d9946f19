/**
 * The facts of one function: *(node, origin, path) → mask*. A fact says that what lies at the origin also lies at
 * `path` below the node's value. An origin is an input root with the path that was read from it, refined lazily as
 * loads are met. Facts, origins and paths are small integers; a fact is a row of a table of triples.
 */
import { resized, TripleTable } from '../base/tripleTable';
import type { FunctionId } from '../model/ids';
import { C_ANYTHING, EMPTY, MAX_LENGTH, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { joinMasks, kindOf, RootKind, type Mask, type Root } from './references';
import { Mode, type SummaryTable } from './summaryTable';

export type OriginId = number;
/** Number of a fact. */
export type FactKey = number;

/** No fact. */
const NO_FACT = -1;

/** Inputs as they were read: root, path and mode. */
export class OriginTable {
  private readonly table = new TripleTable();

  get size(): number {
    return this.table.size;
  }

  clear(): void {
    this.table.clear();
  }

  rootOf(origin: OriginId): Root {
    return this.table.first[origin];
  }

  pathOf(origin: OriginId): PathId {
    return this.table.second[origin];
  }

  modeOf(origin: OriginId): Mode {
    return this.table.third[origin];
  }

  intern(root: Root, path: PathId, mode: Mode): OriginId {
    return this.table.add(root, path, mode);
  }

  isSource(origin: OriginId): boolean {
    return kindOf(this.table.first[origin]) === RootKind.Source;
  }

  /** True for an input that stands for its very value, of which a caller knows more. */
  isSymbolic(origin: OriginId): boolean {
    return this.table.third[origin] === (Mode.Identity as number) && !this.isSource(origin);
  }

  /** The origin of what is read at `component` below this one. */
  extend(origin: OriginId, component: ComponentId, paths: PathTable): OriginId {
    if (!this.isSymbolic(origin)) return origin;
    const root = this.rootOf(origin);
    const path = this.pathOf(origin);
    if (paths.length(path) >= MAX_LENGTH && !paths.isArgument(component)) return this.intern(root, path, Mode.Deep);
    return this.intern(root, paths.append(path, component), Mode.Identity);
  }

  /** The origin of something made from this one. */
  weaken(origin: OriginId, mode: Mode): OriginId {
    if (this.modeOf(origin) >= mode || this.isSource(origin)) return origin;
    return this.intern(this.rootOf(origin), this.pathOf(origin), mode);
  }
}

export interface Predecessor {
  /** Fact it came from; NONE where it starts here. */
  readonly from: FactKey;
  /** Node where the step happened. */
  readonly via: number;
  /** Entry of a callee's summary that carried it, if any. */
  readonly call: CalleeStep | undefined;
}

/** An entry of a callee's answer. */
export interface CalleeStep {
  readonly callee: FunctionId;
  readonly summary: SummaryTable;
  readonly entry: number;
}

/** What is kept of the ways to one fact or output. */
export interface WayLimits {
  /** Steps that lead to it, without calls and with. */
  readonly steps: number;
  /** Steps that the same entry of a callee's answer carried. */
  readonly perEntry: number;
  /** Of an output: steps that reach it, without calls and with. */
  readonly reached: number;
  /** As many times what an answer may take may be taken to find them again. */
  readonly patience: number;
}

/** Enough for alternative paths, few enough to stay small. */
export const FEW_WAYS: WayLimits = { steps: 4, perEntry: 2, reached: 8, patience: 1 };
/**
 * For answers of functions that call each other, where all ways that are kept otherwise may lead in circles: what began them may be among what a budget leaves out by now,
 * since what comes round in the circle comes before it.
 */
export const MANY_WAYS: WayLimits = { steps: 64, perEntry: 16, reached: 64, patience: 8 };
const INITIAL = 64;

export class FactTable {
  private readonly table = new TripleTable();
  private masks = new Int32Array(INITIAL);
  /** Facts whose consequences are to be drawn, from `next` on; one that came to say more stands in it again. */
  private queue = new Int32Array(INITIAL);
  private next = 0;
  private end = 0;
  /** Only kept when a path has to be told. */
  predecessors: Map<FactKey, Predecessor[]> | undefined;
  wayLimits = FEW_WAYS;

  get size(): number {
    return this.table.size;
  }

  clear(): void {
    this.table.clear();
    this.next = 0;
    this.end = 0;
    this.predecessors = undefined;
  }

  node(fact: FactKey): number {
    return this.table.first[fact];
  }

  origin(fact: FactKey): OriginId {
    return this.table.second[fact];
  }

  path(fact: FactKey): PathId {
    return this.table.third[fact];
  }

  maskOf(fact: FactKey): Mask {
    return this.masks[fact];
  }

  add(
    node: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    from: FactKey,
    via: number,
    call: CalleeStep | undefined,
  ): void {
    const { size } = this.table;
    const fact = this.table.add(node, origin, path);
    if (fact === size) {
      if (fact >= this.masks.length) this.masks = resized(this.masks, fact * 2);
      this.masks[fact] = mask;
      this.enqueue(fact);
    } else {
      const old = this.masks[fact];
      const joined = joinMasks(old, mask);
      if (joined !== old) {
        this.masks[fact] = joined;
        this.enqueue(fact);
      }
    }
    if (this.predecessors !== undefined) {
      const list = this.predecessors.get(fact);
      if (list === undefined) this.predecessors.set(fact, [{ from, via, call }]);
      else keepDiverse(list, { from, via, call }, this.wayLimits.steps, this.wayLimits.perEntry);
    }
  }

  /** The next fact whose consequences are to be drawn; -1 when all are. First in, first out, so that the first way found is a shortest one. */
  take(): FactKey {
    return this.next < this.end ? this.queue[this.next++] : NO_FACT;
  }

  private enqueue(fact: FactKey): void {
    if (this.end === this.queue.length) {
      if (this.next * 2 > this.end) {
        this.queue.copyWithin(0, this.next, this.end);
        this.end -= this.next;
        this.next = 0;
      } else this.queue = resized(this.queue, this.end * 2);
    }
    this.queue[this.end++] = fact;
  }
}

/**
 * Adds a step unless there are enough like it. Steps without calls and steps through calls don't crowd each other out: in a recursive function, the
 * only steps that don't lead back to it may come last.
 */
export function keepDiverse(list: Predecessor[], step: Predecessor, limit: number, perEntry: number): void {
  const { from, via, call } = step;
  let alike = 0;
  let sameEntry = 0;
  for (const known of list) {
    if ((known.call === undefined) !== (call === undefined)) continue;
    alike++;
    const isSameEntry =
      call !== undefined &&
      known.call?.callee === call.callee &&
      known.call.summary === call.summary &&
      known.call.entry === call.entry;
    if (isSameEntry) sameEntry++;
    if (known.from === from && known.via === via && (isSameEntry || call === undefined)) return;
  }
  if (alike < limit && sameEntry < perEntry) list.push(step);
}

/** Result of meeting a written path with a read path. */
export interface Match {
  /** What is left of the written path below the read place. */
  rest: PathId;
  /** What the read still asks for below the written place. */
  wanted: PathId;
  certain: boolean;
}

const MATCH: Match = { rest: EMPTY, wanted: EMPTY, certain: true };

/**
 * Meets what lies at `written` with a read of `read`: one must be a prefix of the other. Returns undefined when they
 * differ. The result object is reused by the next call.
 */
export function meet(paths: PathTable, written: PathId, read: PathId): Match | undefined {
  let certain = true;
  while (written !== EMPTY && read !== EMPTY) {
    const head = paths.head(written);
    const match = paths.matches(head, paths.head(read));
    if (match === 0) return undefined;
    if (match === 1) certain = false;
    // `*` stands for any depth: it stays until the read is satisfied.
    if (head !== C_ANYTHING) written = paths.tail(written);
    read = paths.tail(read);
  }
  MATCH.rest = written;
  MATCH.wanted = read;
  MATCH.certain = certain;
  return MATCH;
}
