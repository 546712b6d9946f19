/**
 * From a builder to a FunctionGraph, in one pass each: trivial phis are removed, dead nodes dropped, the rest
 * renumbered into exact typed arrays, and the structure hashed.
 */
import { IntArray } from '../../base/intArray';
import {
  NONE,
  Op,
  type CaptureFacts,
  type FunctionGraph,
  type GuardFacts,
  type ImportFacts,
  type StringId,
} from '../../model/graph';
import type { FunctionBuilder } from './functionBuilder';
import type { OpenClass, OpenDecorator } from './fileBuilder';
import { StreamHash } from './hash';
import { CLOSED, grown } from './nodes';
import type { StringTable } from './strings';

/** What packing needs of the file. */
export interface PackContext {
  readonly strings: StringTable;
  /** 32-bit hash of each function's key, by index. */
  readonly keyHashes: readonly number[];
  readonly classes: readonly OpenClass[];
  readonly imports: readonly ImportFacts[];
  readonly decorators: readonly OpenDecorator[];
  /** Name of a cell of an enclosing function. */
  cellName(owner: number, cell: number): StringId;
}

enum AuxKind {
  Number,
  Text,
  Function,
  Class,
  Import,
  Capture,
  Guard,
  /** Used while building only; 0 in the result. */
  None,
}

interface OpFacts {
  /** Has an effect, so it stays without being used. */
  readonly root: boolean;
  readonly aux: AuxKind;
}

const facts: Readonly<Record<Op, OpFacts>> = {
  [Op.Param]: { root: false, aux: AuxKind.Number },
  [Op.RestParam]: { root: false, aux: AuxKind.Number },
  [Op.Cell]: { root: true, aux: AuxKind.Number },
  [Op.Captured]: { root: false, aux: AuxKind.Capture },
  [Op.CapturedWrite]: { root: true, aux: AuxKind.Capture },
  [Op.Global]: { root: false, aux: AuxKind.Text },
  [Op.Import]: { root: false, aux: AuxKind.Import },
  [Op.StringConst]: { root: false, aux: AuxKind.Text },
  [Op.Const]: { root: false, aux: AuxKind.Text },
  [Op.Regex]: { root: false, aux: AuxKind.Text },
  [Op.Phi]: { root: false, aux: AuxKind.None },
  [Op.Guard]: { root: false, aux: AuxKind.Guard },
  [Op.Load]: { root: false, aux: AuxKind.Text },
  [Op.LoadElement]: { root: false, aux: AuxKind.Number },
  [Op.Store]: { root: true, aux: AuxKind.Text },
  [Op.StoreElement]: { root: true, aux: AuxKind.Number },
  [Op.Copy]: { root: false, aux: AuxKind.Number },
  [Op.ObjectLiteral]: { root: false, aux: AuxKind.Number },
  [Op.ArrayLiteral]: { root: false, aux: AuxKind.Number },
  [Op.Concat]: { root: false, aux: AuxKind.Number },
  [Op.Binary]: { root: false, aux: AuxKind.Text },
  [Op.Unary]: { root: false, aux: AuxKind.Text },
  [Op.Call]: { root: true, aux: AuxKind.Number },
  [Op.New]: { root: true, aux: AuxKind.Number },
  [Op.Spread]: { root: false, aux: AuxKind.Number },
  [Op.Rest]: { root: false, aux: AuxKind.Number },
  [Op.Closure]: { root: true, aux: AuxKind.Function },
  [Op.Class]: { root: true, aux: AuxKind.Class },
  [Op.Super]: { root: false, aux: AuxKind.Class },
  [Op.Await]: { root: false, aux: AuxKind.Number },
  [Op.Yield]: { root: true, aux: AuxKind.Number },
  [Op.Return]: { root: true, aux: AuxKind.Number },
  [Op.Throw]: { root: true, aux: AuxKind.Number },
  [Op.Catch]: { root: true, aux: AuxKind.None },
  [Op.ForInKey]: { root: false, aux: AuxKind.Number },
  [Op.Iterate]: { root: false, aux: AuxKind.Number },
  [Op.Typed]: { root: false, aux: AuxKind.Number },
  [Op.Unknown]: { root: false, aux: AuxKind.Number },
};

const OP_COUNT = Object.keys(facts).length;
const isRoot = new Uint8Array(OP_COUNT);
const auxKind = new Uint8Array(OP_COUNT);
for (const [op, { root, aux }] of Object.entries(facts)) {
  isRoot[Number(op)] = root ? 1 : 0;
  auxKind[Number(op)] = aux;
}

/** Shared by all functions that have none of something. */
const EMPTY: readonly never[] = [];

/** Rounds of phi simplification; what is left after them is correct, only larger. */
const MAX_ROUNDS = 6;

// Scratch, shared by all packing on this thread (packing never nests).
let forward = new Int32Array(1024);
let renumbered = new Int32Array(1024);
const work = new IntArray(256);
const hash = new StreamHash();
const captureNumber = new Map<number, number>();
/** The packed nodes of the file that is being built; `sliceSlab` takes them out. */
const slab = {
  nodes: 0,
  op: new Uint8Array(4096),
  aux: new Int32Array(4096),
  start: new Int32Array(4096),
  end: new Int32Array(4096),
  /** One more entry per function than it has nodes. */
  operandStart: new IntArray(4096),
  operands: new IntArray(8192),
};

/** A packed function whose arrays still lie in the slab. */
export interface OpenGraph {
  readonly facts: Omit<FunctionGraph, 'op' | 'aux' | 'operandStart' | 'operands' | 'start' | 'end'>;
  readonly nodeFrom: number;
  readonly nodeTo: number;
  readonly operandFrom: number;
  readonly operandTo: number;
  readonly startsFrom: number;
}

export function resetSlab(): void {
  slab.nodes = 0;
  slab.operandStart.length = 0;
  slab.operands.length = 0;
}

/** The graphs of a file. Their arrays are views of one buffer: thousands of small buffers are what garbage collectors like least. */
export function sliceSlab(open: readonly OpenGraph[]): FunctionGraph[] {
  const { nodes } = slab;
  const starts = slab.operandStart.length;
  const operands = slab.operands.length;
  const buffer = new ArrayBuffer((nodes * 3 + starts + operands) * 4 + nodes);
  const auxAt = 0;
  const startAt = nodes * 4;
  const endAt = nodes * 8;
  const startsAt = nodes * 12;
  const operandsAt = startsAt + starts * 4;
  const opAt = operandsAt + operands * 4;
  new Int32Array(buffer, auxAt, nodes).set(slab.aux.subarray(0, nodes));
  new Int32Array(buffer, startAt, nodes).set(slab.start.subarray(0, nodes));
  new Int32Array(buffer, endAt, nodes).set(slab.end.subarray(0, nodes));
  new Int32Array(buffer, startsAt, starts).set(slab.operandStart.items.subarray(0, starts));
  new Int32Array(buffer, operandsAt, operands).set(slab.operands.items.subarray(0, operands));
  new Uint8Array(buffer, opAt, nodes).set(slab.op.subarray(0, nodes));
  return open.map(({ facts: known, nodeFrom, nodeTo, operandFrom, operandTo, startsFrom }) => {
    const count = nodeTo - nodeFrom;
    return {
      key: known.key,
      name: known.name,
      flags: known.flags,
      parent: known.parent,
      classIndex: known.classIndex,
      parameters: known.parameters,
      cells: known.cells,
      captures: known.captures,
      guards: known.guards,
      op: new Uint8Array(buffer, opAt + nodeFrom, count),
      aux: new Int32Array(buffer, auxAt + nodeFrom * 4, count),
      operandStart: new Uint32Array(buffer, startsAt + startsFrom * 4, count + 1),
      operands: new Int32Array(buffer, operandsAt + operandFrom * 4, operandTo - operandFrom),
      start: new Uint32Array(buffer, startAt + nodeFrom * 4, count),
      end: new Uint32Array(buffer, endAt + nodeFrom * 4, count),
      range: known.range,
      nameRange: known.nameRange,
      structureHash: known.structureHash,
    };
  });
}

function reserveNodes(size: number): void {
  if (size <= slab.op.length) return;
  const capacity = Math.max(size, slab.op.length * 2);
  const op = new Uint8Array(capacity);
  op.set(slab.op);
  slab.op = op;
  slab.aux = grown(slab.aux, capacity);
  slab.start = grown(slab.start, capacity);
  slab.end = grown(slab.end, capacity);
}

export function packFunction(builder: FunctionBuilder, file: PackContext): OpenGraph {
  const count = builder.count;
  if (forward.length < count) {
    forward = new Int32Array(count * 2);
    renumbered = new Int32Array(count * 2);
  }
  simplifyPhis(builder);
  markLive(builder, file);
  return emitLive(builder, file);
}

function resolve(builder: FunctionBuilder, node: number): number {
  let target = node;
  while (builder.op[target] === Op.Phi && forward[target] !== target) target = forward[target];
  let step = node;
  while (step !== target) {
    const next = forward[step];
    forward[step] = target;
    step = next;
  }
  return target;
}

/** A phi of one value (and itself) is that value. Removing one can make another trivial; loops are why it takes rounds. */
function simplifyPhis(builder: FunctionBuilder): void {
  const phis = builder.phis;
  for (let i = 0; i < phis.length; i++) forward[phis.items[i]] = phis.items[i];
  let changed = phis.length > 0;
  for (let round = 0; changed && round < MAX_ROUNDS; round++) {
    changed = false;
    for (let i = 0; i < phis.length; i++) {
      const phi = phis.items[round % 2 === 0 ? phis.length - 1 - i : i];
      if (builder.op[phi] !== Op.Phi || forward[phi] !== phi) continue;
      const only = onlyValue(builder, phi);
      // A loop phi whose only value comes later stays, so that all other operands look back.
      if (only === MANY || only > phi) continue;
      if (only === NONE) {
        builder.op[phi] = Op.Unknown;
        builder.aux[phi] = 0;
      } else forward[phi] = only;
      changed = true;
    }
  }
}

const MANY = -2;

/** The one value of a phi apart from itself, NONE when there is none, MANY when there are several. */
function onlyValue(builder: FunctionBuilder, phi: number): number {
  let only = NONE;
  const operands = builder.operandCount(phi);
  for (let i = 0; i < operands; i++) {
    const value = resolve(builder, builder.operand(phi, i));
    if (value === phi || value === only) continue;
    if (only !== NONE) return MANY;
    only = value;
  }
  if (builder.aux[phi] === CLOSED) return only;
  for (let item = builder.firstItem(builder.aux[phi]); item !== NONE; item = builder.nextItem(item)) {
    const value = resolve(builder, builder.valueOfItem(item));
    if (value === phi || value === only) continue;
    if (only !== NONE) return MANY;
    only = value;
  }
  return only;
}

/** The open list of a node, or NONE. */
function listOf(builder: FunctionBuilder, node: number): number {
  const op = builder.op[node];
  if (op === Op.Phi || op === Op.Catch) return builder.aux[node] === CLOSED ? NONE : builder.aux[node];
  return op === Op.Cell ? builder.cellLists.items[builder.aux[node]] : NONE;
}

/** Sets `renumbered` to 0 for nodes that stay, NONE for others. */
function markLive(builder: FunctionBuilder, file: PackContext): void {
  const count = builder.count;
  work.length = 0;
  for (let node = 0; node < count; node++) {
    if (isRoot[builder.op[node]] === 1) {
      renumbered[node] = 0;
      work.push(node);
    } else renumbered[node] = NONE;
  }
  for (const pinned of builder.pinned) mark(builder, pinned);
  for (const index of builder.ownClasses) mark(builder, file.classes[index].superNode);
  for (const index of builder.ownDecorators) mark(builder, file.decorators[index].node);
  while (work.length > 0) {
    const node = work.pop();
    const operands = builder.operandCount(node);
    for (let i = 0; i < operands; i++) mark(builder, builder.operand(node, i));
    const list = listOf(builder, node);
    if (list === NONE) continue;
    for (let item = builder.firstItem(list); item !== NONE; item = builder.nextItem(item)) {
      mark(builder, builder.valueOfItem(item));
    }
  }
}

function mark(builder: FunctionBuilder, operand: number): void {
  if (operand === NONE) return;
  const node = resolve(builder, operand);
  if (renumbered[node] === 0) return;
  renumbered[node] = 0;
  work.push(node);
}

function emitLive(builder: FunctionBuilder, file: PackContext): OpenGraph {
  const { count } = builder;
  let live = 0;
  for (let node = 0; node < count; node++) if (renumbered[node] === 0) renumbered[node] = live++;
  const nodeFrom = slab.nodes;
  const operandFrom = slab.operands.length;
  const startsFrom = slab.operandStart.length;
  reserveNodes(nodeFrom + live);
  slab.operandStart.reserve(startsFrom + live + 1);
  slab.nodes = nodeFrom + live;
  slab.operandStart.length = startsFrom + live + 1;
  const { op, aux, start, end } = slab;
  const starts = slab.operandStart.items;
  const guards: GuardFacts[] = [];
  const captures: CaptureFacts[] = [];
  if (captureNumber.size > 0) captureNumber.clear();
  hash.reset();
  hashHead(builder, file);

  for (let node = 0; node < count; node++) {
    const number = renumbered[node];
    if (number === NONE) continue;
    const at = nodeFrom + number;
    const kind = builder.op[node] as Op;
    op[at] = kind;
    start[at] = builder.start[node];
    end[at] = builder.end[node];
    const operands = slab.operands.length;
    starts[startsFrom + number] = operands - operandFrom;
    let value = builder.aux[node];
    hash.add(kind);
    switch (auxKind[kind] as AuxKind) {
      case AuxKind.Guard:
        value = guards.push(guardFacts(builder, value)) - 1;
        hashGuard(file.strings, guards[value]);
        break;
      case AuxKind.Capture:
        value = packCapture(builder, file, value, captures);
        hash.add(value);
        break;
      case AuxKind.None:
        value = 0;
        break;
      default:
        hashAux(file, kind, value);
    }
    aux[at] = value;
    packOperands(builder, node, kind);
    hash.add(slab.operands.length - operands);
  }
  const operandTo = slab.operands.length;
  starts[startsFrom + live] = operandTo - operandFrom;
  const { items } = slab.operands;
  for (let i = operandFrom; i < operandTo; i++) hash.add(items[i]);
  renumberReferences(builder, file);

  return {
    facts: {
      key: builder.key,
      name: builder.name,
      flags: builder.flags,
      parent: builder.parent,
      classIndex: builder.classIndex,
      parameters: builder.parameters.length === 0 ? EMPTY : builder.parameters.slice(),
      cells: builder.cells.length === 0 ? EMPTY : builder.cells.slice(),
      captures: captures.length === 0 ? EMPTY : captures,
      guards: guards.length === 0 ? EMPTY : guards,
      range: [builder.rangeStart, builder.rangeEnd],
      nameRange: [builder.nameStart, builder.nameEnd],
      structureHash: hash.digest(),
    },
    nodeFrom,
    nodeTo: nodeFrom + live,
    operandFrom,
    operandTo,
    startsFrom,
  };
}

/** Captures are numbered anew, by the nodes that stay. */
function packCapture(builder: FunctionBuilder, file: PackContext, before: number, captures: CaptureFacts[]): number {
  const known = captureNumber.get(before);
  if (known !== undefined) return known;
  const owner = builder.captureOwner.items[before];
  const cell = builder.captureCell.items[before];
  hashKey(file, owner);
  hash.add(cell);
  hashString(file.strings, file.cellName(owner, cell));
  const index = captures.push({ owner, cell }) - 1;
  captureNumber.set(before, index);
  return index;
}

function packOperands(builder: FunctionBuilder, node: number, op: Op): void {
  const packed = slab.operands;
  const from = packed.length;
  const isJoin = op === Op.Phi || op === Op.Cell || op === Op.Catch;
  const operands = builder.operandCount(node);
  for (let i = 0; i < operands; i++) {
    const operand = builder.operand(node, i);
    if (operand === NONE) packed.push(NONE);
    else if (isJoin) packJoinOperand(builder, node, operand, from);
    else packed.push(renumbered[resolve(builder, operand)]);
  }
  if (!isJoin) return;
  const list = listOf(builder, node);
  if (list === NONE) return;
  for (let item = builder.firstItem(list); item !== NONE; item = builder.nextItem(item)) {
    packJoinOperand(builder, node, builder.valueOfItem(item), from);
  }
}

/** Joins have no use for the same value twice, nor for themselves. Only the last few are compared, so that huge joins stay linear. */
function packJoinOperand(builder: FunctionBuilder, node: number, operand: number, from: number): void {
  const resolved = resolve(builder, operand);
  if (resolved === node) return;
  const value = renumbered[resolved];
  for (let i = slab.operands.length - 1; i >= from && i >= slab.operands.length - 16; i--) {
    if (slab.operands.items[i] === value) return;
  }
  slab.operands.push(value);
}

function renumberReferences(builder: FunctionBuilder, file: PackContext): void {
  for (const index of builder.ownClasses) {
    const open = file.classes[index];
    open.node = finalNumber(builder, open.node);
    open.superNode = finalNumber(builder, open.superNode);
  }
  for (const index of builder.ownDecorators) {
    const decorator = file.decorators[index];
    decorator.node = finalNumber(builder, decorator.node);
  }
}

function finalNumber(builder: FunctionBuilder, node: number): number {
  return node === NONE ? NONE : renumbered[resolve(builder, node)];
}

function guardFacts(builder: FunctionBuilder, index: number): GuardFacts {
  return {
    test: builder.guardTest.items[index],
    polarity: builder.guardPolarity.items[index] === 1,
    path: builder.guardPath[index],
    argument: builder.guardArgument.items[index],
    constant: builder.guardConstant.items[index],
  };
}

// Hashing: by content of strings and keys of functions and classes, never by their numbers in the file.

function hashHead(builder: FunctionBuilder, file: PackContext): void {
  hashKey(file, builder.index);
  hashString(file.strings, builder.name);
  hash.add(builder.flags);
  hash.add(builder.parameters.length);
  for (const parameter of builder.parameters) hashString(file.strings, parameter);
  hash.add(builder.cells.length);
  for (const cell of builder.cells) hashString(file.strings, cell);
  if (builder.classIndex !== NONE) hashText(file.classes[builder.classIndex].key);
}

function hashString(strings: StringTable, id: number): void {
  hash.add(strings.hashLow(id));
  hash.add(strings.hashHigh(id));
}

function hashKey(file: PackContext, functionIndex: number): void {
  hash.add(file.keyHashes[functionIndex]);
}

/** For keys, which are not in the string table. */
function hashText(text: string): void {
  hash.add(text.length);
  for (let i = 0; i < text.length; i++) hash.add(text.charCodeAt(i));
}

function hashGuard(strings: StringTable, guard: GuardFacts): void {
  hash.add(guard.test * 2 + (guard.polarity ? 1 : 0));
  hash.add(guard.argument);
  hash.add(guard.path.length);
  for (const part of guard.path) hashString(strings, part);
  if (guard.constant === NONE) hash.add(NONE);
  else hashString(strings, guard.constant);
}

function hashAux(file: PackContext, op: Op, aux: number): void {
  switch (auxKind[op] as AuxKind) {
    case AuxKind.Text:
      hashString(file.strings, aux);
      break;
    case AuxKind.Function:
      hashKey(file, aux);
      break;
    case AuxKind.Class:
      hashClass(file, file.classes[aux]);
      break;
    case AuxKind.Import: {
      const imported = file.imports[aux];
      hashString(file.strings, imported.specifier);
      hashText(imported.kind);
      hash.add(imported.typeOnly ? 1 : 0);
      break;
    }
    default:
      hash.add(aux);
  }
}

function hashClass(file: PackContext, open: OpenClass): void {
  hashText(open.key);
  if (open.constructorIndex !== NONE) hashKey(file, open.constructorIndex);
  for (const member of open.members) {
    hashString(file.strings, member.name);
    hash.add(member.isStatic ? 1 : 0);
    hashKey(file, member.functionIndex);
  }
}
