/**
 * The packed form of a file's flow graph. One byte per node for the operation, with flags for what follows; operands
 * as distances to their node, positions relative to their neighbours, every string once. A table of function lengths lets a reader
 * take out one function without looking at the others. The exact inverse: `decodeGraph(encodeGraph(g))` equals `g`.
 *
 * Layout: magic, version, flags, dialect; lengths of the five sections; strings; function keys (each as its common
 * prefix with the one before and the rest); tables (classes, imports, decorators, lines, losses); function lengths;
 * functions. Integers are unsigned varints modulo 2³²; those that may be NONE are stored plus one.
 */
import { ByteReader, ByteWriter, CodecError, MAX_VARINT, putVarint } from '../base/bytes';
import { flatten } from './flatGraph';
import type { FlatFunction, FlatGraph } from './flatGraph';
import { readCaptures, readFunction, readStructureHash, wholeFunction, writeFunction } from './functionCodec';
import type {
  CaptureFacts,
  ClassFacts,
  ClassMember,
  DecoratorFacts,
  Dialect,
  FileGraph,
  FunctionGraph,
  ImportFacts,
  ImportKind,
} from './graph';

export { CodecError } from '../base/bytes';

/** Grows whenever the bytes change meaning; part of the key that stored facts are found by. */
export const GRAPH_FORMAT = 2;

/** A packed graph, taken apart only where it is asked. Everything but `function` is decoded once and kept. */
export interface GraphReader {
  readonly dialect: Dialect;
  readonly isEsm: boolean;
  readonly functionCount: number;
  readonly strings: readonly string[];
  /** Function keys by index. */
  readonly keys: readonly string[];
  readonly classes: readonly ClassFacts[];
  readonly imports: readonly ImportFacts[];
  readonly decorators: readonly DecoratorFacts[];
  readonly lineStarts: Uint32Array;
  readonly lost: readonly (readonly [start: number, end: number])[];
  readonly limits: readonly string[];
  /** Decodes one function; a new object with each call. Throws `CodecError` when there is no such function. */
  function(index: number): FunctionGraph;
  /** A function's structure hash, without the rest of it. */
  structureHash(index: number): string;
  /** The captured variables that a function names, without the rest of it. */
  captures(index: number): readonly CaptureFacts[];
  /** The whole file. */
  graph(): FileGraph;
}

const MAGIC_0 = 0x54;
const MAGIC_1 = 0x47;
const ESM = 1;

const DIALECTS: readonly Dialect[] = [
  'js',
  'jsx',
  'ts',
  'tsx',
  'mjs',
  'cjs',
  'mts',
  'cts',
  'dts',
  'py',
  'vue',
  'svelte',
  'astro',
  'html',
];
const IMPORT_KINDS: readonly ImportKind[] = ['import', 'require', 'dynamic', 'reexport'];
const DECORATOR_TARGETS: readonly DecoratorFacts['target'][] = ['class', 'member', 'parameter'];

/** The sections of a file and the whole, kept from file to file. */
const strings = new ByteWriter();
const keys = new ByteWriter();
const tables = new ByteWriter();
const lengths = new ByteWriter();
const functions = new ByteWriter(4096);
const sections = [strings, keys, tables, lengths, functions];
const out = new ByteWriter(8192);

/** Throws `CodecError` where the graph can't be represented (an operation beyond the codec's range). */
export function encodeGraph(graph: FileGraph): Uint8Array {
  return encodeFlatGraph(flatten(graph));
}

/** `encodeGraph` for a graph as extraction builds it. */
export function encodeFlatGraph(graph: FlatGraph): Uint8Array {
  for (const section of sections) section.clear();
  out.clear();
  strings.texts(graph.strings);
  writeKeys(keys, graph.functions);
  writeTables(tables, graph);
  for (const fn of graph.functions) {
    const from = functions.position;
    writeFunction(functions, graph, fn);
    lengths.varint(functions.position - from);
  }
  out.byte(MAGIC_0);
  out.byte(MAGIC_1);
  out.byte(GRAPH_FORMAT);
  out.byte(graph.isEsm ? ESM : 0);
  out.byte(DIALECTS.indexOf(graph.dialect));
  out.varint(graph.functions.length);
  for (const section of sections) out.varint(section.position);
  for (const section of sections) out.append(section);
  return out.toBytes();
}

/** Throws `CodecError` for bytes that `encodeGraph` of this version did not make. */
export function decodeGraph(bytes: Uint8Array): FileGraph {
  return openGraph(bytes).graph();
}

/** Checks the header and reads the table of functions; the rest is decoded on demand. Throws `CodecError` as `decodeGraph` does, here or later. */
export function openGraph(bytes: Uint8Array): GraphReader {
  return new PackedGraph(bytes);
}

class PackedGraph implements GraphReader {
  readonly dialect: Dialect;
  readonly isEsm: boolean;
  readonly functionCount: number;
  /** Where each section starts, and the end: strings, keys, tables, lengths, functions. */
  private readonly sections: readonly number[];
  private readonly offsets: Uint32Array;
  private stringsCache: readonly string[] | undefined;
  private keysCache: readonly string[] | undefined;
  private tablesCache: Tables | undefined;

  constructor(private readonly data: Uint8Array) {
    const reader = new ByteReader(data);
    if (data.length < 5 || reader.byte() !== MAGIC_0 || reader.byte() !== MAGIC_1) {
      throw new CodecError('these bytes are not a packed flow graph');
    }
    const version = reader.byte();
    if (version !== GRAPH_FORMAT) {
      throw new CodecError(`the packed flow graph has format ${version}, not ${GRAPH_FORMAT}`);
    }
    this.isEsm = (reader.byte() & ESM) !== 0;
    this.dialect = choice(DIALECTS, reader.byte());
    this.functionCount = reader.count();
    const lengths = [reader.varint(), reader.varint(), reader.varint(), reader.varint(), reader.varint()];
    const sections = [reader.position];
    for (const [index, length] of lengths.entries()) sections.push(sections[index] + length);
    if (sections[5] !== data.length) throw new CodecError('a packed flow graph was cut short or extended');
    this.sections = sections;
    this.offsets = readOffsets(this.section(3), this.functionCount, sections[4], sections[5]);
  }

  get strings(): readonly string[] {
    return (this.stringsCache ??= readAll(this.section(0), (reader) => reader.texts()));
  }

  get keys(): readonly string[] {
    return (this.keysCache ??= readAll(this.section(1), (reader) => readKeys(reader, this.functionCount)));
  }

  get classes(): readonly ClassFacts[] {
    return this.tables.classes;
  }

  get imports(): readonly ImportFacts[] {
    return this.tables.imports;
  }

  get decorators(): readonly DecoratorFacts[] {
    return this.tables.decorators;
  }

  get lineStarts(): Uint32Array {
    return this.tables.lineStarts;
  }

  get lost(): readonly (readonly [start: number, end: number])[] {
    return this.tables.lost;
  }

  get limits(): readonly string[] {
    return this.tables.limits;
  }

  structureHash(index: number): string {
    return readStructureHash(this.packedFunction(index));
  }

  captures(index: number): readonly CaptureFacts[] {
    return readCaptures(this.packedFunction(index));
  }

  private packedFunction(index: number): ByteReader {
    if (!(index >= 0 && index < this.functionCount)) {
      throw new CodecError(`there is no function ${index} in this file of ${this.functionCount}`);
    }
    return new ByteReader(this.data, this.offsets[index], this.offsets[index + 1]);
  }

  function(index: number): FunctionGraph {
    return readFunction(this.packedFunction(index), this.keys[index]);
  }

  graph(): FileGraph {
    const functions = new Array<FunctionGraph>(this.functionCount);
    for (let i = 0; i < functions.length; i++) functions[i] = wholeFunction(this.function(i));
    const { dialect, strings, isEsm, tables } = this;
    return { dialect, strings, functions, isEsm, ...tables };
  }

  private get tables(): Tables {
    return (this.tablesCache ??= readAll(this.section(2), readTables));
  }

  private section(index: number): ByteReader {
    return new ByteReader(this.data, this.sections[index], this.sections[index + 1]);
  }
}

function readAll<T>(reader: ByteReader, read: (reader: ByteReader) => T): T {
  const result = read(reader);
  reader.end();
  return result;
}

function choice<T>(values: readonly T[], index: number): T {
  if (index >= values.length) throw new CodecError(`unknown code ${index} in a packed flow graph`);
  return values[index];
}

function readOffsets(reader: ByteReader, count: number, from: number, to: number): Uint32Array {
  const offsets = new Uint32Array(count + 1);
  let offset = from;
  for (let i = 0; i < count; i++) {
    offsets[i] = offset;
    offset += reader.varint();
  }
  offsets[count] = offset;
  reader.end();
  if (offset !== to) throw new CodecError('the functions of a packed flow graph do not add up');
  return offsets;
}

/** Keys of neighbours are alike (a method starts with its class), so each stores only where it departs from the last. */
function writeKeys(out: ByteWriter, functions: readonly FlatFunction[]): void {
  const rests: string[] = [];
  let previous = '';
  for (const { key } of functions) {
    const most = Math.min(previous.length, key.length);
    let shared = 0;
    while (shared < most && previous.charCodeAt(shared) === key.charCodeAt(shared)) shared++;
    out.varint(shared);
    rests.push(key.slice(shared));
    previous = key;
  }
  out.texts(rests);
}

function readKeys(reader: ByteReader, count: number): readonly string[] {
  const shared = new Uint32Array(count);
  for (let i = 0; i < count; i++) shared[i] = reader.varint();
  const rests = reader.texts();
  if (rests.length !== count) throw new CodecError('the function keys of a packed flow graph do not add up');
  let previous = '';
  return rests.map((rest, index) => (previous = previous.slice(0, shared[index]) + rest));
}

type Tables = Pick<FileGraph, 'classes' | 'imports' | 'decorators' | 'lineStarts' | 'lost' | 'limits'>;

function writeTables(out: ByteWriter, graph: Tables): void {
  out.varint(graph.lineStarts.length);
  writeGrowing(out, graph.lineStarts);
  out.varint(graph.classes.length);
  for (const facts of graph.classes) {
    out.varint(facts.name + 1);
    out.varint(facts.functionIndex + 1);
    out.varint(facts.node + 1);
    out.varint(facts.constructorIndex + 1);
    out.varint(facts.superNode + 1);
    out.varint(facts.members.length);
    for (const member of facts.members) {
      out.varint(member.name + 1);
      out.varint((member.functionIndex + 1) * 2 + (member.isStatic ? 1 : 0));
    }
  }
  out.varint(graph.imports.length);
  for (const facts of graph.imports) {
    out.varint(facts.specifier + 1);
    out.byte(IMPORT_KINDS.indexOf(facts.kind) * 2 + (facts.typeOnly ? 1 : 0));
    out.varint(facts.start);
    out.varint(facts.end - facts.start);
  }
  out.varint(graph.decorators.length);
  for (const facts of graph.decorators) {
    out.byte(DECORATOR_TARGETS.indexOf(facts.target));
    out.varint(facts.functionIndex + 1);
    out.varint(facts.node + 1);
    out.varint(facts.classIndex + 1);
    out.varint(facts.targetFunction + 1);
    out.varint(facts.parameter + 1);
  }
  out.varint(graph.lost.length);
  for (const [start, end] of graph.lost) {
    out.varint(start);
    out.varint(end - start);
  }
  out.texts(graph.limits);
}

function writeGrowing(out: ByteWriter, values: Uint32Array): void {
  const buffer = out.reserve(values.length * MAX_VARINT);
  let at = out.position;
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    at = putVarint(buffer, at, values[i] - previous);
    previous = values[i];
  }
  out.advance(at);
}

function readTables(reader: ByteReader): Tables {
  const lineStarts = new Uint32Array(reader.count());
  let line = 0;
  for (let i = 0; i < lineStarts.length; i++) lineStarts[i] = line = line + reader.varint();
  const classes = list(reader, 6, readClass);
  const imports = list(reader, 4, readImport);
  const decorators = list(reader, 6, readDecorator);
  const lost = list(reader, 2, readRange);
  return { classes, imports, decorators, lineStarts, lost, limits: reader.texts() };
}

function list<T>(reader: ByteReader, bytesEach: number, read: (reader: ByteReader) => T): readonly T[] {
  const result = new Array<T>(reader.count(bytesEach));
  for (let i = 0; i < result.length; i++) result[i] = read(reader);
  return result;
}

/** A number that may be NONE. */
function optional(reader: ByteReader): number {
  return (reader.varint() - 1) | 0;
}

function readClass(reader: ByteReader): ClassFacts {
  return {
    name: optional(reader),
    functionIndex: optional(reader),
    node: optional(reader),
    constructorIndex: optional(reader),
    superNode: optional(reader),
    members: list(reader, 2, readMember),
  };
}

function readMember(reader: ByteReader): ClassMember {
  const name = optional(reader);
  const packed = reader.varint();
  return { name, isStatic: (packed & 1) === 1, functionIndex: (packed >>> 1) - 1 };
}

function readImport(reader: ByteReader): ImportFacts {
  const specifier = optional(reader);
  const packed = reader.byte();
  const [start, end] = readRange(reader);
  return { specifier, kind: choice(IMPORT_KINDS, packed >> 1), typeOnly: (packed & 1) === 1, start, end };
}

function readDecorator(reader: ByteReader): DecoratorFacts {
  const target = choice(DECORATOR_TARGETS, reader.byte());
  return {
    functionIndex: optional(reader),
    node: optional(reader),
    target,
    classIndex: optional(reader),
    targetFunction: optional(reader),
    parameter: optional(reader),
  };
}

function readRange(reader: ByteReader): readonly [number, number] {
  const start = reader.varint();
  return [start, (start + reader.varint()) >>> 0];
}
