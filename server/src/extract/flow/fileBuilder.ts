/**
 * Builds the flow graphs of one file: function and class numbers, keys, imports, decorators, limits. Language-neutral.
 * A lowering opens a function, works on its FunctionBuilder and finishes it; functions nest.
 */
import { IntArray } from '../../base/intArray';
import { NumberMap } from '../../base/numberMap';
import {
  FunctionFlag,
  NONE,
  type ClassFacts,
  type ClassMember,
  type DecoratorFacts,
  type Dialect,
  type ImportFacts,
  type NodeId,
  type StringId,
} from '../../model/graph';
import type { FlatFunction, FlatGraph } from '../../model/flatGraph';
import { hashKey } from '../../model/ids';
import { FunctionBuilder } from './functionBuilder';
import { packFunction, resetSlab, slabOfFile, type PackContext } from './pack';
import { StringTable } from './strings';
import { MAX_NODES } from './nodes';

/** A class while its declaring function is being built: `node` and `superNode` are numbers before packing. */
export interface OpenClass {
  key: string;
  name: string;
  functionIndex: number;
  node: NodeId;
  superNode: NodeId;
  constructorIndex: number;
  readonly members: ClassMember[];
}

export type OpenDecorator = { -readonly [K in keyof DecoratorFacts]: DecoratorFacts[K] };

export interface FunctionStart {
  /** Last part of the key: `method add`, `arrow items`. */
  readonly role: string;
  readonly name: string;
  readonly flags: number;
  readonly classIndex: number;
  readonly range: readonly [start: number, end: number];
  readonly nameRange: readonly [start: number, end: number];
}

/** One builder for each depth of nesting, kept from file to file: files are built one after the other on a thread. */
const builders: FunctionBuilder[] = [];
const MAX_KEPT_BUILDERS = 32;
const stringHashes = new IntArray(1024);

/** How often each key was asked for. Its hash is known, so that comparing long keys is needed only for twins. */
class KeyCounts {
  private readonly keys: string[] = [];
  private readonly counts: number[] = [];
  private readonly byHash = new NumberMap(64);

  /** Returns the number of this key among equal ones, from 1. */
  add(key: string, hash: number): number {
    const { keys } = this;
    // Another key of the same hash has its place behind, under the hash of a longer one; there are hardly any.
    let place = hash;
    for (let index = this.byHash.get(place, NONE); index !== NONE; index = this.byHash.get(place, NONE)) {
      if (keys[index] === key) return ++this.counts[index];
      place += 0x100000000;
    }
    this.byHash.set(place, keys.push(key) - 1);
    this.counts.push(1);
    return 1;
  }
}

export class FileBuilder implements PackContext {
  readonly strings = new StringTable(stringHashes);
  readonly keyHashes: number[] = [];
  readonly classes: OpenClass[] = [];
  readonly imports: ImportFacts[] = [];
  readonly decorators: OpenDecorator[] = [];
  readonly limits: string[] = [];
  /** Container path of what is being lowered. */
  path = '';
  private readonly keys = new KeyCounts();
  /** Hashes of the paths that keys were made under. */
  private readonly pathHashes = new Map<string, number>();
  /** Of the last key that was made. */
  private lastKeyHash = 0;
  private readonly functions: (FlatFunction | undefined)[] = [];
  private depth = 0;

  constructor() {
    resetSlab();
  }

  /** The builder of the innermost open function. */
  get current(): FunctionBuilder {
    return builders[this.depth - 1];
  }

  get openFunctions(): number {
    return this.depth;
  }

  begin(start: FunctionStart): FunctionBuilder {
    const parent = this.depth === 0 ? NONE : this.current.index;
    const builder = (builders[this.depth++] ??= new FunctionBuilder());
    const index = this.functions.push(undefined) - 1;
    builder.reset(index, this.strings);
    builder.key = this.uniqueKey(start.role);
    builder.name = this.strings.intern(start.name);
    builder.flags = start.flags;
    builder.parent = parent;
    builder.classIndex = start.classIndex;
    builder.rangeStart = start.range[0];
    builder.rangeEnd = start.range[1];
    builder.nameStart = start.nameRange[0];
    builder.nameEnd = start.nameRange[1];
    this.keyHashes.push(this.lastKeyHash);
    return builder;
  }

  /** Packs the innermost open function. */
  finish(): void {
    const builder = this.current;
    builder.close();
    if (builder.truncated) {
      builder.flags |= FunctionFlag.Truncated;
      const name = this.strings.list[builder.name] || builder.key;
      this.limits.push(`Function ${name} has more than ${MAX_NODES} operations; the rest of it was left out.`);
    }
    this.functions[builder.index] = packFunction(builder, this);
    this.depth--;
  }

  /** Gives up the innermost open functions down to `depth`, keeping what they have. */
  finishDownTo(depth: number): void {
    while (this.depth > depth) this.finish();
  }

  /** A class declared in the innermost open function; its nodes are set later, before that function is finished. */
  addClass(name: string, role: string): number {
    const builder = this.current;
    const index =
      this.classes.push({
        key: this.uniqueKey(role),
        name,
        functionIndex: builder.index,
        node: NONE,
        superNode: NONE,
        constructorIndex: NONE,
        members: [],
      }) - 1;
    builder.ownClasses.push(index);
    return index;
  }

  /** A decorator evaluated in the innermost open function. */
  addDecorator(decorator: Omit<DecoratorFacts, 'functionIndex'>): void {
    const builder = this.current;
    builder.ownDecorators.push(this.decorators.push({ ...decorator, functionIndex: builder.index }) - 1);
  }

  cellName(owner: number, cell: number): StringId {
    for (let i = this.depth - 1; i >= 0; i--) if (builders[i].index === owner) return builders[i].cells.items[cell];
    return this.strings.intern('');
  }

  /** The file's graphs. They hold until the next file is built on this thread. */
  build(
    dialect: Dialect,
    isEsm: boolean,
    lineStarts: Uint32Array,
    lost: readonly (readonly [number, number])[],
  ): FlatGraph {
    const classes: ClassFacts[] = this.classes.map((open) => ({
      name: this.strings.intern(open.name),
      functionIndex: open.functionIndex,
      node: open.node,
      constructorIndex: open.constructorIndex,
      superNode: open.superNode,
      members: open.members,
    }));
    if (builders.length > MAX_KEPT_BUILDERS) builders.length = MAX_KEPT_BUILDERS;
    const { op, aux, operandStart, operands, start, end, names, captures } = slabOfFile();
    return {
      dialect,
      strings: this.strings.list,
      functions: this.functions.filter((fn) => fn !== undefined),
      op,
      aux,
      operandStart,
      operands,
      start,
      end,
      names,
      captures,
      classes,
      imports: this.imports,
      decorators: this.decorators,
      isEsm,
      lineStarts,
      lost,
      limits: this.limits,
    };
  }

  /** `path / role`, with an ordinal among twins. */
  private uniqueKey(role: string): string {
    const { path } = this;
    const key = path === '' ? role : `${path} / ${role}`;
    const hash = path === '' ? hashKey(role) : hashKey(role, this.hashUnder(path));
    const count = this.keys.add(key, hash);
    this.lastKeyHash = count === 1 ? hash : hashKey(`#${count}`, hash);
    return count === 1 ? key : `${key}#${count}`;
  }

  /** Hash of a path and what separates it from a role. */
  private hashUnder(path: string): number {
    let hash = this.pathHashes.get(path);
    if (hash === undefined) {
      hash = hashKey(' / ', hashKey(path));
      this.pathHashes.set(path, hash);
    }
    return hash;
  }
}
