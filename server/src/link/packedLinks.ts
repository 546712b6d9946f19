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

/** A function whose `this` has no fields that others share. */
export const NO_RECEIVER = -1;

/** Links of one function, packed, and their hash. */
export interface PackedFunction {
  /** The class whose methods share fields through `this` with it, or `NO_RECEIVER`. */
  readonly receiver: ValueId;
  /** Undefined where there are none. */
  readonly links: Uint8Array | undefined;
  readonly high: number;
  readonly low: number;
}

/** Links of a part of a function, as they were found. */
export interface FoundLinks {
  readonly rows: readonly number[];
  /** What goes into the hash only. */
  readonly extra: number;
  /** As `PackedFunction` has it, in the first part of a function. */
  readonly receiver: ValueId;
}

const NO_ROWS: readonly number[] = [];

/** Gathers links. */
export class LinkWriter {
  private rows: number[] = [];
  private extra = 0;
  private receiverValue: ValueId = NO_RECEIVER;

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

  /** Goes into the hash only. */
  shape(hash: number, node: NodeId): void {
    if (hash !== 0) this.extra = (Math.imul(this.extra, 31) + Math.imul(hash ^ node, 0x85ebca6b)) | 0;
  }

  receiver(value: ValueId, hash: number): void {
    this.receiverValue = value;
    this.extra = (Math.imul(this.extra, 31) + hash) | 0;
  }

  /** What was added since the last call. */
  take(): FoundLinks {
    const { rows, extra, receiverValue: receiver } = this;
    this.extra = 0;
    this.receiverValue = NO_RECEIVER;
    if (rows.length === 0) return { rows: NO_ROWS, extra, receiver };
    this.rows = [];
    return { rows, extra, receiver };
  }
}

/** Packs the links of a function, found in parts. */
export class LinkPacker {
  private readonly out = new ByteWriter(1024);

  constructor(private readonly stable: StableNames) {}

  pack(parts: readonly FoundLinks[]): PackedFunction {
    const { out, stable } = this;
    let extra = 0;
    let rows = NO_ROWS;
    const { receiver } = parts[0];
    for (const part of parts) {
      extra = (Math.imul(extra, 31) + part.extra) | 0;
      if (part.rows.length > 0) rows = rows.length === 0 ? part.rows : rows.concat(part.rows);
    }
    let high = extra;
    let low = Math.imul(extra, 0x9e3779b1) | 0;
    if (rows.length === 0) return { links: undefined, high, low, receiver };
    const order = this.inOrder(rows);
    let count = 0;
    let last = -1;
    for (let i = 0; i < order.length; i++) {
      const at = order[i];
      if (last >= 0 && rows[at] === rows[last] && rows[at + 1] === rows[last + 1] && rows[at + 2] === rows[last + 2])
        continue;
      order[count++] = last = at;
    }
    out.clear();
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
    return { links: out.toBytes(), high: high | 0, low: low | 0, receiver };
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

/** Packed functions of a file as one: index + 1 and links of each that has any, ended by 0. */
export function packFile(functions: readonly PackedFunction[]): {
  readonly hashes: Int32Array;
  readonly receivers: Int32Array;
  readonly links: Uint8Array;
} {
  const hashes = new Int32Array(functions.length * 2);
  const receivers = new Int32Array(functions.length);
  const out = new ByteWriter(512);
  for (const [f, packed] of functions.entries()) {
    hashes[f * 2] = packed.high;
    hashes[f * 2 + 1] = packed.low;
    receivers[f] = packed.receiver;
    if (packed.links === undefined) continue;
    out.varint(f + 1);
    out.bytes(packed.links);
  }
  out.varint(0);
  return { hashes, receivers, links: out.toBytes() };
}

const NO_CALLS: ReadonlyMap<NodeId, readonly CallTarget[]> = new Map();
const NO_STATES: ReadonlyMap<NodeId, readonly ApiState[]> = new Map();
export const NO_LINKS: FunctionLinks = { calls: NO_CALLS, apis: NO_STATES, hash: '0'.repeat(16) };

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
      for (let i = reader.varint(); i > 0; i--) {
        reader.varint();
        const how = reader.byte();
        const value = reader.varint();
        if (how === STATE) visit.state?.(id, values.state(value));
        else if (values.kind(value) === ValueKind.Function) visit.call?.(id, values.functionOf(value));
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
    if (start === undefined) return { calls, apis, hash };
    const reader = new ByteReader(version.links, start);
    let node = 0;
    for (let i = reader.varint(); i > 0; i--) {
      node += reader.varint();
      const how = reader.byte();
      const value = reader.varint();
      if (how === STATE) push(apis, node, this.values.state(value));
      else push(calls, node, target(this.values, value, CONVENTIONS[how]));
    }
    return { calls, apis, hash };
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
