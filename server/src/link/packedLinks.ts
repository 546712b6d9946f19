/**
 * Link results of a file in packed form: for each function with any, its call targets and the API states of its nodes,
 * as variable-length integers over value numbers. Held in memory for every file, so it is small; `LinkReader` makes
 * the objects the solver reads, one function at a time.
 */
import { ByteReader, ByteWriter } from '../base/bytes';
import type { ApiState } from '../model/ids';
import type { CallTarget, Convention, FunctionLinks } from '../model/links';
import type { NodeId } from '../model/graph';
import type { StableNames } from './stableNames';
import { ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

export const CONVENTIONS: readonly Convention[] = ['direct', 'construct', 'call', 'apply', 'bound', 'accessor'];

interface Row {
  readonly node: NodeId;
  /** Convention index for targets, `STATE` for API states of the node itself. */
  readonly how: number;
  readonly value: ValueId;
}

/** Beyond the conventions: the value is a state of the node. */
const STATE = 7;

/** Links of one function, packed, and their hash. */
export interface PackedFunction {
  /** Undefined where there are none. */
  readonly links: Uint8Array | undefined;
  readonly high: number;
  readonly low: number;
}

export class LinkPacker {
  private readonly out = new ByteWriter(1024);
  private rows: Row[] = [];
  private extra = 0;

  constructor(
    private readonly values: ValueTable,
    private readonly stable: StableNames,
  ) {}

  functionTarget(node: NodeId, value: ValueId, convention: Convention): void {
    const fn = this.values.kind(value) === ValueKind.Bound ? this.values.inner(value) : value;
    this.rows.push({ node, how: CONVENTIONS.indexOf(convention), value: fn });
  }

  apiTarget(node: NodeId, value: ValueId, convention: Convention): void {
    this.rows.push({ node, how: CONVENTIONS.indexOf(convention), value });
  }

  unmodelledTarget(node: NodeId, name: string): void {
    this.rows.push({ node, how: 0, value: this.values.unmodelled(name) });
  }

  state(node: NodeId, value: ValueId): void {
    this.rows.push({ node, how: STATE, value });
  }

  /** Goes into the hash only. */
  shape(hash: number, node: NodeId): void {
    if (hash !== 0) this.extra = (Math.imul(this.extra, 31) + Math.imul(hash ^ node, 0x85ebca6b)) | 0;
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.extra = (Math.imul(this.extra, 31) + text.charCodeAt(i)) | 0;
  }

  /** What was added since the last call. */
  take(): PackedFunction {
    const { rows, out, stable } = this;
    let high = this.extra | 0;
    let low = Math.imul(this.extra, 0x9e3779b1) | 0;
    this.extra = 0;
    if (rows.length === 0) return { links: undefined, high, low };
    rows.sort(
      (a, b) =>
        a.node - b.node ||
        Number(a.how === STATE) - Number(b.how === STATE) ||
        stable.compare(a.value, b.value) ||
        a.how - b.how,
    );
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const last = rows[count - 1];
      const row = rows[i];
      if (count > 0 && row.node === last.node && row.how === last.how && row.value === last.value) continue;
      rows[count++] = row;
    }
    out.clear();
    out.varint(count);
    let node = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      out.varint(row.node - node);
      out.byte(row.how);
      out.varint(row.value);
      node = row.node;
      const hash = stable.hash(row.value);
      high = Math.imul(high ^ hash, 0x85ebca6b) + row.node;
      high ^= high >>> 15;
      low = Math.imul(low ^ (row.how + row.node * 8), 0xc2b2ae35) + hash;
      low ^= low >>> 13;
    }
    this.rows = [];
    return { links: out.toBytes(), high: high | 0, low: low | 0 };
  }
}

/** Packed functions of a file as one: index + 1 and links of each that has any, ended by 0. */
export function packFile(functions: readonly PackedFunction[]): {
  readonly hashes: Int32Array;
  readonly links: Uint8Array;
} {
  const hashes = new Int32Array(functions.length * 2);
  const out = new ByteWriter(512);
  for (const [f, packed] of functions.entries()) {
    hashes[f * 2] = packed.high;
    hashes[f * 2 + 1] = packed.low;
    if (packed.links === undefined) continue;
    out.varint(f + 1);
    out.bytes(packed.links);
  }
  out.varint(0);
  return { hashes, links: out.toBytes() };
}

const NO_CALLS: ReadonlyMap<NodeId, readonly CallTarget[]> = new Map();
const NO_STATES: ReadonlyMap<NodeId, readonly ApiState[]> = new Map();
export const NO_LINKS: FunctionLinks = { calls: NO_CALLS, apis: NO_STATES, hash: '0'.repeat(16) };

/** Reads packed links, one function at a time; remembers where functions start in the file read last. */
export class LinkReader {
  private links: Uint8Array | undefined;
  private starts = new Map<number, number>();

  constructor(private readonly values: ValueTable) {}

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
