/**
 * The packed form of one function's flow graph, inside a packed file (`graphCodec.ts`). Structure first, positions
 * after it, so that what is read most lies together. Numbers that may be NONE are stored plus one.
 */
import { CodecError, MAX_VARINT, putVarint, putZigzag } from '../base/bytes';
import type { ByteReader, ByteWriter } from '../base/bytes';
import type { FlatFunction, FlatGraph } from './flatGraph';
import { NONE, Op, Test } from './graph';
import type { CaptureFacts, FunctionGraph, GuardFacts, StringId } from './graph';
import { GIVEN_COUNT, ParameterTest, type Given, type ParameterBranch } from './parameterBranches';

/** The operation byte: the operation, and whether its operand count or its aux differ from what is usual. */
const OP_MASK = 0x3f;
const HAS_AUX = 0x40;
const HAS_COUNT = 0x80;

/** Operand codes below 2 are special; a distance `d ≥ 1` to an earlier node is `d + 1`. */
const OPERAND_NONE = 0;
const OPERAND_OTHER = 1;

/** The usual number of operands, by operation; another number is stored. */
const USUAL_OPERANDS = new Uint8Array(64);
for (const [op, count] of [
  [Op.CapturedWrite, 1],
  [Op.Phi, 2],
  [Op.Guard, 2],
  [Op.Load, 1],
  [Op.LoadElement, 2],
  [Op.Store, 2],
  [Op.StoreElement, 3],
  [Op.Copy, 2],
  [Op.Concat, 2],
  [Op.Binary, 2],
  [Op.Unary, 1],
  [Op.Call, 3],
  [Op.New, 3],
  [Op.Spread, 1],
  [Op.Rest, 1],
  [Op.Await, 1],
  [Op.Yield, 1],
  [Op.Return, 1],
  [Op.Throw, 1],
  [Op.ForInKey, 1],
  [Op.Iterate, 1],
  [Op.Typed, 2],
] as const) {
  USUAL_OPERANDS[op] = count;
}

const TESTS: readonly (Test | undefined)[] = [
  Test.Equals,
  Test.Typeof,
  Test.In,
  Test.Instanceof,
  Test.Compare,
  Test.Call,
  Test.EqualsValue,
  Test.Returned,
  Test.Behind,
  Test.Each,
  Test.NoConstructor,
];

const NO_CAPTURES: readonly CaptureFacts[] = [];
const NO_BRANCHES: readonly ParameterBranch[] = [];

/** Throws `CodecError` for an operation beyond the codec's range. */
export function writeFunction(out: ByteWriter, file: FlatGraph, fn: FlatFunction): void {
  if (fn.hashText === undefined) {
    out.varint(fn.flags * 2);
    writeHalfHash(out, fn.hashFirst);
    writeHalfHash(out, fn.hashSecond);
  } else {
    out.varint(fn.flags * 2 + 1);
    out.text(fn.hashText);
  }
  const { names, captures } = file;
  const { namesFrom, cellsFrom, namesTo, capturesFrom, capturesTo } = fn;
  const buffer = out.reserve((12 + namesTo - namesFrom + capturesTo - capturesFrom) * MAX_VARINT);
  let at = putVarint(buffer, out.position, fn.name + 1);
  at = putVarint(buffer, at, fn.parent + 1);
  at = putVarint(buffer, at, fn.classIndex + 1);
  at = putVarint(buffer, at, cellsFrom - namesFrom);
  for (let i = namesFrom; i < cellsFrom; i++) at = putVarint(buffer, at, names[i] + 1);
  at = putVarint(buffer, at, namesTo - cellsFrom);
  for (let i = cellsFrom; i < namesTo; i++) at = putVarint(buffer, at, names[i] + 1);
  at = putVarint(buffer, at, (capturesTo - capturesFrom) >> 1);
  for (let i = capturesFrom; i < capturesTo; i++) at = putVarint(buffer, at, captures[i] + 1);
  at = putVarint(buffer, at, fn.guards.length);
  out.advance(at);
  for (let i = 0; i < fn.guards.length; i++) writeGuard(out, fn.guards[i]);
  out.varint(fn.branches.length);
  for (const branch of fn.branches) writeBranch(out, branch);
  out.varint(fn.rangeStart);
  out.varint(fn.rangeEnd - fn.rangeStart);
  out.zigzag((fn.nameStart - fn.rangeStart) | 0);
  out.varint(fn.nameEnd - fn.nameStart);
  writeNodes(out, file, fn);
  writePositions(out, file, fn);
}

/** `reader` ends with the function. Positions are decoded when they are asked for, which only who tells of a place does; damage in them is noticed then. */
export function readFunction(reader: ByteReader, key: string): FunctionGraph {
  const flags = reader.varint();
  const structureHash = (flags & 1) === 0 ? readHash(reader) : reader.text();
  const name = optional(reader);
  const parent = optional(reader);
  const classIndex = optional(reader);
  const parameters = readNames(reader);
  const cells = readNames(reader);
  const captures = captureFacts(reader);
  const guards = new Array<GuardFacts>(reader.count(4));
  for (let i = 0; i < guards.length; i++) guards[i] = readGuard(reader);
  const branches = readBranches(reader);
  const start = reader.varint();
  const end = (start + reader.varint()) >>> 0;
  const nameStart = (start + reader.zigzag()) >>> 0;
  const nameEnd = (nameStart + reader.varint()) >>> 0;
  const nodes = readNodes(reader);
  const { op, aux, operandStart, operands } = nodes;
  return new DecodedFunction(
    key,
    name,
    flags >>> 1,
    parent,
    classIndex,
    parameters,
    cells,
    captures,
    guards,
    branches,
    op,
    aux,
    operandStart,
    operands,
    [start, end],
    [nameStart, nameEnd],
    structureHash,
    reader,
  );
}

/** A class, so that all graphs have one shape whether their positions were asked for or not. */
class DecodedFunction implements FunctionGraph {
  private positions: Pick<Positions, 'start' | 'end'> | undefined = undefined;

  constructor(
    readonly key: string,
    readonly name: StringId,
    readonly flags: number,
    readonly parent: number,
    readonly classIndex: number,
    readonly parameters: readonly StringId[],
    readonly cells: readonly StringId[],
    readonly captures: readonly CaptureFacts[],
    readonly guards: readonly GuardFacts[],
    readonly branches: readonly ParameterBranch[],
    readonly op: Uint8Array,
    readonly aux: Int32Array,
    readonly operandStart: Uint32Array,
    readonly operands: Int32Array,
    readonly range: readonly [start: number, end: number],
    readonly nameRange: readonly [start: number, end: number],
    readonly structureHash: string,
    /** At the positions, as long as these were not read. */
    private packed: ByteReader | undefined,
  ) {}

  get start(): Uint32Array {
    return (this.positions ?? this.read()).start;
  }

  get end(): Uint32Array {
    return (this.positions ?? this.read()).end;
  }

  private read(): Pick<Positions, 'start' | 'end'> {
    const { packed } = this;
    if (packed === undefined) throw new CodecError(`the positions of ${this.key} can't be read`);
    this.packed = undefined;
    const positions = readPositions(packed, this, this.range[0]);
    packed.end();
    this.positions = positions;
    return positions;
  }
}

/** With everything decoded, as a plain object. */
export function wholeFunction(graph: FunctionGraph): FunctionGraph {
  const { key, name, flags, parent, classIndex, parameters, cells, captures, guards, branches } = graph;
  const { op, aux, operandStart, operands, start, end, range, nameRange, structureHash } = graph;
  const head = { key, name, flags, parent, classIndex, parameters, cells, captures, guards, branches };
  return { ...head, op, aux, operandStart, operands, start, end, range, nameRange, structureHash };
}

/** What `readFunction` says of the structure. */
export function readStructureHash(reader: ByteReader): string {
  return (reader.varint() & 1) === 0 ? readHash(reader) : reader.text();
}

/** What `readFunction` says of captured variables. */
export function readCaptures(reader: ByteReader): readonly CaptureFacts[] {
  const flags = reader.varint();
  if ((flags & 1) === 0) reader.bytes(8);
  else reader.text();
  for (let i = 0; i < 3; i++) reader.varint();
  // Names of parameters and of own variables.
  for (let i = 0; i < 2; i++) for (let left = reader.count(); left > 0; left--) reader.varint();
  return captureFacts(reader);
}

function captureFacts(reader: ByteReader): readonly CaptureFacts[] {
  const count = reader.count(2);
  if (count === 0) return NO_CAPTURES;
  const captures = new Array<CaptureFacts>(count);
  for (let i = 0; i < count; i++) captures[i] = { owner: optional(reader), cell: optional(reader) };
  return captures;
}

function writeBranch(out: ByteWriter, { parameter, test, polarity, instead, from, to }: ParameterBranch): void {
  out.varint(parameter);
  out.varint((test * GIVEN_COUNT + instead) * 2 + (polarity ? 1 : 0));
  out.varint(from);
  out.varint(to - from);
}

function readBranches(reader: ByteReader): readonly ParameterBranch[] {
  const count = reader.count(4);
  if (count === 0) return NO_BRANCHES;
  const branches = new Array<ParameterBranch>(count);
  for (let i = 0; i < count; i++) {
    const parameter = reader.varint();
    const packed = reader.varint();
    const test: ParameterTest = Math.floor((packed >> 1) / GIVEN_COUNT);
    if (test > ParameterTest.True) throw new CodecError('a branch asks nothing that is known');
    const instead: Given = (packed >> 1) % GIVEN_COUNT;
    const from = reader.varint();
    branches[i] = { parameter, test, polarity: (packed & 1) === 1, instead, from, to: from + reader.varint() };
  }
  return branches;
}

type Nodes = Pick<FunctionGraph, 'op' | 'aux' | 'operandStart' | 'operands'>;

function writeNodes(out: ByteWriter, file: FlatGraph, { nodeFrom, nodeTo }: FlatFunction): void {
  const { op, aux, operandStart, operands } = file;
  const count = nodeTo - nodeFrom;
  const operandCount = operandStart[nodeTo] - operandStart[nodeFrom];
  const buffer = out.reserve(2 * MAX_VARINT + count * (1 + 2 * MAX_VARINT) + operandCount * (1 + MAX_VARINT));
  let at = putVarint(buffer, out.position, count);
  at = putVarint(buffer, at, operandCount);
  let next = operandStart[nodeFrom];
  for (let node = 0; node < count; node++) {
    const kind = op[nodeFrom + node];
    if (kind > OP_MASK) throw new CodecError(`operation ${kind} does not fit the packed flow graph`);
    const to = operandStart[nodeFrom + node + 1];
    const value = aux[nodeFrom + node];
    const hasCount = to - next !== USUAL_OPERANDS[kind];
    buffer[at++] = kind | (value === 0 ? 0 : HAS_AUX) | (hasCount ? HAS_COUNT : 0);
    // Only parameters have negative numbers that matter (the receiver, `arguments`).
    if (value !== 0) at = kind === Op.Param ? putZigzag(buffer, at, value) : putVarint(buffer, at, value);
    if (hasCount) at = putVarint(buffer, at, to - next);
    for (; next < to; next++) {
      const operand = operands[next];
      const distance = node - operand;
      if (operand >= 0 && distance >= 1) at = putVarint(buffer, at, distance + 1);
      else if (operand === NONE) buffer[at++] = OPERAND_NONE;
      else {
        buffer[at++] = OPERAND_OTHER;
        at = putZigzag(buffer, at, operand);
      }
    }
  }
  out.advance(at);
}

function readNodes(reader: ByteReader): Nodes {
  const nodeCount = reader.count(2);
  const operandCount = reader.count();
  const op = new Uint8Array(nodeCount);
  const aux = new Int32Array(nodeCount);
  const operandStart = new Uint32Array(nodeCount + 1);
  const operands = new Int32Array(operandCount);
  let next = 0;
  for (let node = 0; node < nodeCount; node++) {
    const packed = reader.byte();
    const kind = packed & OP_MASK;
    op[node] = kind;
    if ((packed & HAS_AUX) !== 0) aux[node] = kind === Op.Param ? reader.zigzag() : reader.varint();
    const count = (packed & HAS_COUNT) === 0 ? USUAL_OPERANDS[kind] : reader.varint();
    const to = next + count;
    if (to > operandCount) throw new CodecError('the operands of a packed function do not add up');
    for (; next < to; next++) {
      const code = reader.varint();
      if (code > OPERAND_OTHER) operands[next] = node + 1 - code;
      else operands[next] = code === OPERAND_NONE ? NONE : reader.zigzag();
    }
    operandStart[node + 1] = next;
  }
  if (next !== operandCount) throw new CodecError('the operands of a packed function do not add up');
  return { op, aux, operandStart, operands };
}

type Positions = Pick<FunctionGraph, 'start' | 'end' | 'range'>;

/**
 * A node's position is one byte when it is near the position of the node before it: four bits say where it starts,
 * four where it ends. Either it follows the one before, then the end is its length; or it takes that one in (as a call
 * its last argument), then the end is a distance from that one's end.
 */
const enum Start {
  /** 0 … 8: so many units behind the end of the node before. */
  LastNear = 8,
  /** As 0 … 8; the distance less 9 is stored. */
  Far = 9,
  /** Where the node before starts. */
  Same = 10,
  /** Where the node's first operand starts. */
  Operand = 11,
  /** Anywhere else; the difference to the start of the node before is stored. */
  Elsewhere = 12,
}

/** Ends up to this are in the four bits. */
const LAST_NEAR_END = 14;
const FAR_END = 15;

function writePositions(out: ByteWriter, file: FlatGraph, { nodeFrom, nodeTo, rangeStart }: FlatFunction): void {
  const { start, end, operandStart, operands } = file;
  const buffer = out.reserve((nodeTo - nodeFrom) * (1 + 2 * MAX_VARINT));
  let at = out.position;
  let lastStart = rangeStart;
  let lastEnd = rangeStart;
  for (let node = nodeFrom; node < nodeTo; node++) {
    const from = start[node];
    const to = end[node];
    const distance = (from - lastEnd) | 0;
    let code: number;
    if (distance >= 0) code = distance <= Start.LastNear ? distance : Start.Far;
    else if (from === lastStart) code = Start.Same;
    else {
      const operand = operandStart[node] === operandStart[node + 1] ? NONE : operands[operandStart[node]];
      const isEarlier = operand >= 0 && operand < node - nodeFrom;
      code = isEarlier && from === start[nodeFrom + operand] ? Start.Operand : Start.Elsewhere;
    }
    const length = (to - (code <= Start.Far ? from : lastEnd)) | 0;
    const isNear = length >= 0 && length <= LAST_NEAR_END;
    buffer[at++] = (code << 4) | (isNear ? length : FAR_END);
    if (code === Start.Far) at = putVarint(buffer, at, distance - Start.LastNear - 1);
    else if (code === Start.Elsewhere) at = putZigzag(buffer, at, (from - lastStart) | 0);
    if (!isNear) at = putZigzag(buffer, at, length);
    lastStart = from;
    lastEnd = to;
  }
  out.advance(at);
}

function readPositions(
  reader: ByteReader,
  { op, operandStart, operands }: Pick<Nodes, 'op' | 'operandStart' | 'operands'>,
  functionStart: number,
): Pick<Positions, 'start' | 'end'> {
  const start = new Uint32Array(op.length);
  const end = new Uint32Array(op.length);
  let lastStart = functionStart;
  let lastEnd = functionStart;
  for (let node = 0; node < op.length; node++) {
    const packed = reader.byte();
    const code = packed >> 4;
    let from: number;
    if (code <= Start.LastNear) from = lastEnd + code;
    else if (code === Start.Far) from = lastEnd + Start.LastNear + 1 + reader.varint();
    else if (code === Start.Same) from = lastStart;
    else if (code === Start.Operand) from = operandPosition(node, start, operandStart, operands);
    else from = lastStart + reader.zigzag();
    const length = (packed & 15) === FAR_END ? reader.zigzag() : packed & 15;
    start[node] = from;
    end[node] = (code <= Start.Far ? from : lastEnd) + length;
    lastStart = start[node];
    lastEnd = end[node];
  }
  return { start, end };
}

/** Start of the first operand, when that is an earlier node; otherwise -1, which is no position. */
function operandPosition(node: number, start: Uint32Array, operandStart: Uint32Array, operands: Int32Array): number {
  const first = operandStart[node];
  if (first === operandStart[node + 1]) return -1;
  const operand = operands[first];
  return operand >= 0 && operand < node ? start[operand] : -1;
}

function writeGuard(out: ByteWriter, guard: GuardFacts): void {
  out.byte(guard.test * 2 + (guard.polarity ? 1 : 0));
  writeNames(out, guard.path);
  out.zigzag(guard.argument);
  out.varint(guard.constant + 1);
}

function readGuard(reader: ByteReader): GuardFacts {
  const packed = reader.byte();
  const test = TESTS[packed >> 1];
  if (test === undefined) throw new CodecError('a packed guard has an unknown test');
  return {
    test,
    polarity: (packed & 1) === 1,
    path: readNames(reader),
    argument: reader.zigzag(),
    constant: optional(reader),
  };
}

function writeNames(out: ByteWriter, names: readonly StringId[]): void {
  out.varint(names.length);
  for (const name of names) out.varint(name + 1);
}

function readNames(reader: ByteReader): readonly StringId[] {
  const names = new Array<StringId>(reader.count());
  for (let i = 0; i < names.length; i++) names[i] = optional(reader);
  return names;
}

/** A number that may be NONE. */
function optional(reader: ByteReader): number {
  return (reader.varint() - 1) | 0;
}

function writeHalfHash(out: ByteWriter, half: number): void {
  out.byte(half >>> 24);
  out.byte((half >>> 16) & 255);
  out.byte((half >>> 8) & 255);
  out.byte(half & 255);
}

function readHash(reader: ByteReader): string {
  const { buffer, byteOffset } = reader.bytes(8);
  return Buffer.from(buffer, byteOffset, 8).toString('hex');
}
