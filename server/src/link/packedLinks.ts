/**
 * Link results of a file in packed form: for each function with any, its call targets and the API states of its nodes,
 * as variable-length integers over value numbers. Held in memory for every file, so it is small; `LinkReader` makes
 * the objects the solver reads, one function at a time.
 */
import { ByteReader, ByteWriter } from '../base/bytes';
import { functionId } from '../model/ids';
import type { ApiState, FileId } from '../model/ids';
import type { CallTarget, Convention, FunctionLinks, LinkVisitor } from '../model/links';
import type { NodeId } from '../model/graph';
import { sortNumbers } from './intSets';
import type { StableNames } from './stableNames';
import { ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

export const CONVENTIONS: readonly Convention[] = ['direct', 'construct', 'call', 'apply', 'bound', 'accessor'];

/** Numbers of a row: node, how (convention index, or `STATE` for API states of the node itself), value. */
const ROW = 3;

/** Beyond the conventions: the value is a state of the node. */
const STATE = 7;
/** The value is a state of a parameter that functions share; its position stands for the node. */
const SHARED = 6;

/** A function whose `this` has no fields that others share. */
export const NO_RECEIVER = -1;

const NO_ROWS: readonly number[] = [];

/** Gathers links. */
export class LinkWriter {
  /** Rows of node, how and value, as they came. */
  rows: number[] = [];
  private extra = 0;

  constructor(private readonly values: ValueTable) {}

  functionTarget(node: NodeId, value: ValueId, convention: Convention): void {
    const fn = this.values.kind(value) === ValueKind.Bound ? this.values.inner(value) : value;
    this.rows.push(node, CONVENTIONS.indexOf(convention), fn);
  }

  apiTarget(node: NodeId, value: ValueId, convention: Convention): void {
    this.rows.push(node, CONVENTIONS.indexOf(convention), value);
  }

  unmodelledTarget(node: NodeId, name: string): void {
    this.rows.push(node, 0, this.values.unmodelled(name));
  }

  state(node: NodeId, value: ValueId): void {
    this.rows.push(node, STATE, value);
  }

  /** A parameter is a value that functions share, those of one package. */
  shared(position: number, value: ValueId, packageHash: number): void {
    this.rows.push(position, SHARED, value);
    this.extra = (Math.imul(this.extra, 31) + packageHash) | 0;
  }

  /** Goes into the hash only. */
  shape(hash: number, node: NodeId): void {
    if (hash !== 0) this.extra = (Math.imul(this.extra, 31) + Math.imul(hash ^ node, 0x85ebca6b)) | 0;
  }

  /** Goes into the hash; of the class whose methods share fields through `this` with a function, or of which it gives back a new instance. */
  receiver(hash: number): void {
    this.extra = (Math.imul(this.extra, 31) + hash) | 0;
  }

  /** Whether some of the rows so far are calls of an API. */
  get callsApis(): boolean {
    const { rows, values } = this;
    for (let at = 0; at < rows.length; at += ROW)
      if (rows[at + 1] < SHARED && values.kind(rows[at + 2]) === ValueKind.Api) return true;
    return false;
  }

  /** Rows since the last call. */
  take(): readonly number[] {
    const { rows } = this;
    if (rows.length === 0) return NO_ROWS;
    this.rows = [];
    return rows;
  }

  /** What went into the hash only, since the last call. */
  takeExtra(): number {
    const { extra } = this;
    this.extra = 0;
    return extra;
  }
}

/** Packs the links of a file, function by function: index + 1 and links of each that has any, ended by 0. */
export class LinkPacker {
  private readonly out = new ByteWriter(1024);

  constructor(private readonly stable: StableNames) {}

  /** Packs a function: its rows, and what goes into its hash beside them. The hash goes to `hashes[2 * f]` and the one behind. */
  add(f: number, rows: readonly number[], extra: number, hashes: Int32Array): void {
    const { out, stable } = this;
    let high = extra;
    let low = Math.imul(extra, 0x9e3779b1) | 0;
    if (rows.length > 0) {
      const order = this.inOrder(rows);
      const count = distinct(rows, order);
      out.varint(f + 1);
      out.varint(count);
      let before = 0;
      for (let i = 0; i < count; i++) {
        const at = order[i];
        const node = rows[at];
        const how = rows[at + 1];
        out.varint(node - before);
        out.byte(how);
        out.varint(rows[at + 2]);
        before = node;
        const hash = stable.hash(rows[at + 2]);
        high = Math.imul(high ^ hash, 0x85ebca6b) + node;
        high ^= high >>> 15;
        low = Math.imul(low ^ (how + node * 8), 0xc2b2ae35) + hash;
        low ^= low >>> 13;
      }
    }
    hashes[f * 2] = high;
    hashes[f * 2 + 1] = low;
  }

  /** The links of all functions since the last call. */
  take(): Uint8Array {
    const { out } = this;
    out.varint(0);
    const links = out.toBytes();
    out.clear();
    return links;
  }

  /** Where rows start, by node, targets before states, then in the stable order of values. */
  private inOrder(rows: readonly number[]): number[] {
    const { stable } = this;
    const order: number[] = [];
    for (let at = 0; at < rows.length; at += ROW) order.push(at);
    if (order.length === 1) return order;
    return sortNumbers(
      order,
      (a, b) =>
        rows[a] - rows[b] ||
        Number(rows[a + 1] === STATE) - Number(rows[b + 1] === STATE) ||
        stable.compare(rows[a + 2], rows[b + 2]) ||
        rows[a + 1] - rows[b + 1],
    );
  }
}

/** Moves the starts of different rows to the front; answers their number. */
function distinct(rows: readonly number[], order: number[]): number {
  let count = 0;
  let last = -1;
  for (let i = 0; i < order.length; i++) {
    const at = order[i];
    if (last >= 0 && rows[at] === rows[last] && rows[at + 1] === rows[last + 1] && rows[at + 2] === rows[last + 2])
      continue;
    order[count++] = last = at;
  }
  return count;
}

const NO_CALLS: ReadonlyMap<NodeId, readonly CallTarget[]> = new Map();
const NO_STATES: ReadonlyMap<NodeId, readonly ApiState[]> = new Map();
export const NO_LINKS: FunctionLinks = { calls: NO_CALLS, apis: NO_STATES, shared: NO_STATES, hash: '0'.repeat(16) };

/** Reads packed links, one function at a time; remembers where functions start in the file read last. */
export class LinkReader {
  private links: Uint8Array | undefined;
  private starts = new Map<number, number>();

  private keys: Uint32Array | undefined;
  private readonly indices = new Map<number, number>();

  constructor(private readonly values: ValueTable) {}

  /** Index of a function by its key; -1 where there is none. */
  indexOf({ keys }: { readonly keys: Uint32Array }, key: number): number {
    if (this.keys !== keys) {
      this.indices.clear();
      for (let f = keys.length - 1; f >= 0; f--) this.indices.set(keys[f], f);
      this.keys = keys;
    }
    return this.indices.get(key) ?? -1;
  }

  /** Goes through all links of a file. */
  each(
    file: FileId,
    { keys, links }: { readonly keys: Uint32Array; readonly links: Uint8Array },
    visit: LinkVisitor,
  ): void {
    const reader = new ByteReader(links);
    const { values } = this;
    for (let current = reader.varint(); current !== 0; current = reader.varint()) {
      const id = functionId(file, keys[current - 1]);
      let node = 0;
      for (let i = reader.varint(); i > 0; i--) {
        node += reader.varint();
        const how = reader.byte();
        const value = reader.varint();
        if (how === SHARED) visit.shared?.(id, node, values.state(value));
        else if (how === STATE) visit.state?.(id, values.state(value));
        else if (values.kind(value) === ValueKind.Function) visit.call?.(id, values.functionOf(value), node);
        else if (values.kind(value) === ValueKind.Api) visit.apiCall?.(id, values.state(value));
      }
    }
  }

  read(version: { readonly links: Uint8Array; readonly hashes: Int32Array }, f: number): FunctionLinks {
    if (this.links !== version.links) this.index(version.links);
    const hash = hashText(version.hashes, f);
    const calls = new Map<NodeId, CallTarget[]>();
    const apis = new Map<NodeId, ApiState[]>();
    const start = this.starts.get(f);
    let shared: Map<number, ApiState[]> | undefined;
    if (start === undefined) return { calls, apis, shared: NO_STATES, hash };
    const reader = new ByteReader(version.links, start);
    let node = 0;
    for (let i = reader.varint(); i > 0; i--) {
      node += reader.varint();
      const how = reader.byte();
      const value = reader.varint();
      if (how === SHARED) push((shared ??= new Map<number, ApiState[]>()), node, this.values.state(value));
      else if (how === STATE) push(apis, node, this.values.state(value));
      else push(calls, node, target(this.values, value, CONVENTIONS[how]));
    }
    return { calls, apis, shared: shared ?? NO_STATES, hash };
  }

  private index(links: Uint8Array): void {
    const reader = new ByteReader(links);
    this.starts.clear();
    for (let current = reader.varint(); current !== 0; current = reader.varint()) {
      this.starts.set(current - 1, reader.position);
      for (let i = reader.varint(); i > 0; i--) {
        reader.varint();
        reader.byte();
        reader.varint();
      }
    }
    this.links = links;
  }
}

/** Calls `visit` for every value in packed links, in order, and packs its answers instead. */
export function mapLinks(links: Uint8Array, visit: (value: ValueId) => number): Uint8Array {
  const reader = new ByteReader(links);
  const out = new ByteWriter(links.length + 16);
  for (;;) {
    const current = reader.varint();
    out.varint(current);
    if (current === 0) return out.toBytes();
    const count = reader.varint();
    out.varint(count);
    for (let i = 0; i < count; i++) {
      out.varint(reader.varint());
      out.byte(reader.byte());
      out.varint(visit(reader.varint()));
    }
  }
}

function push<T>(map: Map<NodeId, T[]>, node: NodeId, item: T): void {
  const known = map.get(node);
  if (known === undefined) map.set(node, [item]);
  else known.push(item);
}

function target(values: ValueTable, value: ValueId, convention: Convention): CallTarget {
  switch (values.kind(value)) {
    case ValueKind.Function:
      return { kind: 'function', function: values.functionOf(value), convention };
    case ValueKind.Api:
      return { kind: 'api', state: values.state(value), convention };
    default:
      return { kind: 'unmodelled', name: values.name(value) };
  }
}

export function hashText(hashes: Int32Array, f: number): string {
  const high = (hashes[f * 2] >>> 0).toString(16).padStart(8, '0');
  return high + (hashes[f * 2 + 1] >>> 0).toString(16).padStart(8, '0');
}
