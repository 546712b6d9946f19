/**
 * The facts of one function: *(node, origin, path) → mask*. A fact says that what lies at the origin also lies at
 * `path` below the node's value. An origin is an input root with the path that was read from it, refined lazily as
 * loads are met. Facts, origins and paths are small integers packed into one number, so that a fact is one map entry.
 */
import { NumberMap } from '../base/numberMap';
import type { FunctionId } from '../model/ids';
import { C_ANYTHING, EMPTY, MAX_LENGTH, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { joinMasks, kindOf, RootKind, type Mask, type Root } from './references';
import { Mode, type SummaryTable } from './summaryTable';

export type OriginId = number;
export type FactKey = number;

/** No mask is negative. */
const NO_MASK = -1;

const ORIGINS = 2 ** 12;
const PATHS = 2 ** 21;

export class OriginTable {
  readonly roots: Root[] = [];
  readonly paths: PathId[] = [];
  readonly modes: Mode[] = [];
  private readonly ids = new NumberMap();

  get size(): number {
    return this.roots.length;
  }

  intern(root: Root, path: PathId, mode: Mode): OriginId {
    const key = (root * 4 + mode) * PATHS + path;
    let id = this.ids.get(key, -1);
    if (id < 0) {
      id = this.roots.length;
      this.ids.set(key, id);
      this.roots.push(root);
      this.paths.push(path);
      this.modes.push(mode);
    }
    return id;
  }

  isSource(origin: OriginId): boolean {
    return kindOf(this.roots[origin]) === RootKind.Source;
  }

  /** The origin of what is read at `component` below this one. */
  extend(origin: OriginId, component: ComponentId, paths: PathTable): OriginId {
    if (this.modes[origin] !== Mode.Identity || this.isSource(origin)) return origin;
    const path = this.paths[origin];
    if (paths.length(path) >= MAX_LENGTH && !paths.isArgument(component))
      return this.intern(this.roots[origin], path, Mode.Deep);
    return this.intern(this.roots[origin], paths.append(path, component), Mode.Identity);
  }

  /** The origin of something made from this one. */
  weaken(origin: OriginId, mode: Mode): OriginId {
    if (this.modes[origin] >= mode || this.isSource(origin)) return origin;
    return this.intern(this.roots[origin], this.paths[origin], mode);
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

/** Predecessors kept per fact: enough for alternative paths, few enough to stay small. */
const PREDECESSORS = 4;

export class FactTable {
  private readonly masks = new NumberMap(64);
  private readonly queue: FactKey[] = [];
  private next = 0;
  /** Only kept when a path has to be told. */
  readonly predecessors: Map<FactKey, Predecessor[]> | undefined;

  constructor(trace: boolean) {
    this.predecessors = trace ? new Map() : undefined;
  }

  get size(): number {
    return this.masks.size;
  }

  key(node: number, origin: OriginId, path: PathId): FactKey {
    return (node * ORIGINS + origin) * PATHS + path;
  }

  node(key: FactKey): number {
    return Math.floor(key / (ORIGINS * PATHS));
  }

  origin(key: FactKey): OriginId {
    return Math.floor(key / PATHS) % ORIGINS;
  }

  path(key: FactKey): PathId {
    return key % PATHS;
  }

  maskOf(key: FactKey): Mask {
    return this.masks.get(key, 0);
  }

  add(key: FactKey, mask: Mask, from: FactKey, via: number, call: CalleeStep | undefined): void {
    const old = this.masks.get(key, NO_MASK);
    if (old === NO_MASK) {
      this.masks.set(key, mask);
      this.queue.push(key);
    } else {
      const joined = joinMasks(old, mask);
      if (joined !== old) {
        this.masks.set(key, joined);
        this.queue.push(key);
      }
    }
    if (this.predecessors !== undefined) {
      const list = this.predecessors.get(key);
      if (list === undefined) this.predecessors.set(key, [{ from, via, call }]);
      else if (list.length < PREDECESSORS && !list.some((known) => known.from === from && known.via === via))
        list.push({ from, via, call });
    }
  }

  /** The next fact whose consequences are to be drawn; undefined when all are. First in, first out, so that the first way found is a shortest one. */
  take(): FactKey | undefined {
    if (this.next >= this.queue.length) return undefined;
    const key = this.queue[this.next++];
    if (this.next > 4096 && this.next * 2 > this.queue.length) {
      this.queue.splice(0, this.next);
      this.next = 0;
    }
    return key;
  }
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
