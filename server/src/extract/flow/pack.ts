/**
 * From a builder to a function of the file's flat graph, in one pass each: trivial phis are removed, dead nodes
 * dropped, the rest renumbered behind the functions before it, and the structure hashed.
 */
import { IntArray } from '../../base/intArray';
import type { FlatFunction, FlatGraph } from '../../model/flatGraph';
import { NONE, Op, type GuardFacts, type ImportFacts, type StringId } from '../../model/graph';
import { GIVEN_COUNT, type ParameterBranch } from '../../model/parameterBranches';
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
/** By capture of the function: its number after packing, or NONE. */
let captureNumber = new Int32Array(64);
/** The packed functions of the file that is being built, as in `FlatGraph`. */
const slab = {
  nodes: 0,
  op: new Uint8Array(4096),
  aux: new Int32Array(4096),
  start: new Int32Array(4096),
  end: new Int32Array(4096),
  operandStart: new Int32Array(4097),
  operands: new IntArray(8192),
  names: new IntArray(1024),
  captures: new IntArray(1024),
};

export function resetSlab(): void {
  slab.nodes = 0;
  slab.operandStart[0] = 0;
  slab.operands.length = 0;
  slab.names.length = 0;
  slab.captures.length = 0;
}

export type Slab = Pick<FlatGraph, 'op' | 'aux' | 'operandStart' | 'operands' | 'start' | 'end' | 'names' | 'captures'>;

/** What was packed since `resetSlab`. The arrays are used again for the next file. */
export function slabOfFile(): Slab {
  const { op, aux, operandStart, operands, start, end, names, captures } = slab;
  return {
    op,
    aux,
    operandStart,
    operands: operands.items,
    start,
    end,
    names: names.items,
    captures: captures.items,
  };
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
  slab.operandStart = grown(slab.operandStart, capacity + 1);
}

export function packFunction(builder: FunctionBuilder, file: PackContext): FlatFunction {
  const count = builder.count;
  builder.closeOperands();
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
  const to = builder.operandStart[phi + 1];
  for (let i = builder.operandStart[phi]; i < to; i++) {
    const value = resolve(builder, builder.operands.items[i]);
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
  const { count, op, operandStart } = builder;
  work.length = 0;
  for (let node = 0; node < count; node++) {
    if (isRoot[op[node]] === 1) {
      renumbered[node] = 0;
      work.push(node);
    } else renumbered[node] = NONE;
  }
  for (let i = 0; i < builder.pinned.length; i++) mark(builder, builder.pinned[i]);
  for (let i = 0; i < builder.ownClasses.length; i++) mark(builder, file.classes[builder.ownClasses[i]].superNode);
  for (let i = 0; i < builder.ownDecorators.length; i++) {
    mark(builder, file.decorators[builder.ownDecorators[i]].node);
  }
  const { items } = builder.operands;
  while (work.length > 0) {
    const node = work.pop();
    const to = operandStart[node + 1];
    for (let i = operandStart[node]; i < to; i++) mark(builder, items[i]);
    const kind = op[node];
    if (kind !== Op.Phi && kind !== Op.Catch && kind !== Op.Cell) continue;
    const list = listOf(builder, node);
    if (list === NONE) continue;
    for (let item = builder.firstItem(list); item !== NONE; item = builder.nextItem(item)) {
      mark(builder, builder.valueOfItem(item));
    }
  }
}

function mark(builder: FunctionBuilder, operand: number): void {
  if (operand === NONE) return;
  const node = builder.op[operand] === Op.Phi ? resolve(builder, operand) : operand;
  if (renumbered[node] === 0) return;
  renumbered[node] = 0;
  work.push(node);
}

function emitLive(builder: FunctionBuilder, file: PackContext): FlatFunction {
  const { count } = builder;
  let live = 0;
  for (let node = 0; node < count; node++) if (renumbered[node] === 0) renumbered[node] = live++;
  const nodeFrom = slab.nodes;
  const nodeTo = nodeFrom + live;
  const capturesFrom = slab.captures.length;
  reserveNodes(nodeTo);
  slab.nodes = nodeTo;
  const { op, aux, start, end, operandStart } = slab;
  const operandFrom = slab.operands.length;
  let guards: GuardFacts[] | undefined;
  resetCaptures(builder);
  hash.reset();
  hashHead(builder, file);

  for (let node = 0, at = nodeFrom; node < count; node++) {
    if (renumbered[node] === NONE) continue;
    const kind = builder.op[node] as Op;
    op[at] = kind;
    start[at] = builder.start[node];
    end[at] = builder.end[node];
    const operands = slab.operands.length;
    operandStart[at] = operands;
    let value = builder.aux[node];
    hash.add(kind);
    switch (auxKind[kind] as AuxKind) {
      case AuxKind.Guard:
        guards ??= [];
        value = guards.push(guardFacts(builder, value)) - 1;
        hashGuard(file.strings, guards[value]);
        break;
      case AuxKind.Capture:
        value = packCapture(builder, file, value, capturesFrom);
        hash.add(value);
        break;
      case AuxKind.None:
        value = 0;
        break;
      case AuxKind.Text:
        hashString(file.strings, value);
        break;
      default:
        hashAux(file, kind, value);
    }
    aux[at++] = value;
    if (kind === Op.Phi || kind === Op.Cell || kind === Op.Catch) packJoin(builder, node);
    else packOperands(builder, node);
    hash.add(slab.operands.length - operands);
  }
  const operandTo = slab.operands.length;
  operandStart[nodeTo] = operandTo;
  const { items } = slab.operands;
  for (let i = operandFrom; i < operandTo; i++) hash.add(items[i]);
  renumberReferences(builder, file);
  const branches = packBranches(builder, live);
  const namesFrom = slab.names.length;
  pushAll(builder.parameters);
  const cellsFrom = slab.names.length;
  pushAll(builder.cells);
  hash.finish();

  return {
    key: builder.key,
    keyHash: file.keyHashes[builder.index],
    name: builder.name,
    flags: builder.flags,
    parent: builder.parent,
    classIndex: builder.classIndex,
    guards: guards ?? EMPTY,
    branches,
    nodeFrom,
    nodeTo,
    namesFrom,
    cellsFrom,
    namesTo: slab.names.length,
    capturesFrom,
    capturesTo: slab.captures.length,
    rangeStart: builder.rangeStart,
    rangeEnd: builder.rangeEnd,
    nameStart: builder.nameStart,
    nameEnd: builder.nameEnd,
    hashFirst: hash.first,
    hashSecond: hash.second,
    hashText: undefined,
  };
}

/** Branches by the nodes that stay; those that hold none are left out. */
function packBranches(builder: FunctionBuilder, live: number): readonly ParameterBranch[] {
  const { branches } = builder;
  if (branches.length === 0) return EMPTY;
  const packed: ParameterBranch[] = [];
  for (const branch of branches) {
    const from = firstLive(builder, branch.from, live);
    const to = firstLive(builder, branch.to, live);
    if (from === to) continue;
    packed.push({ ...branch, from, to });
    hash.add(branch.parameter);
    hash.add((branch.test * GIVEN_COUNT + branch.instead) * 2 + (branch.polarity ? 1 : 0));
    hash.add(from);
    hash.add(to);
  }
  return packed;
}

/** New number of the first node from `node` on that stays. */
function firstLive(builder: FunctionBuilder, node: number, live: number): number {
  for (let next = node; next < builder.count; next++) if (renumbered[next] !== NONE) return renumbered[next];
  return live;
}

function pushAll(names: IntArray): void {
  for (let i = 0; i < names.length; i++) slab.names.push(names.items[i]);
}

function resetCaptures(builder: FunctionBuilder): void {
  const count = builder.captureOwner.length;
  if (captureNumber.length < count) captureNumber = new Int32Array(count * 2);
  captureNumber.fill(NONE, 0, count);
}

/** Captures are numbered anew, by the nodes that stay. */
function packCapture(builder: FunctionBuilder, file: PackContext, before: number, capturesFrom: number): number {
  const known = captureNumber[before];
  if (known !== NONE) return known;
  const owner = builder.captureOwner.items[before];
  const cell = builder.captureCell.items[before];
  hashKey(file, owner);
  hash.add(cell);
  hashString(file.strings, file.cellName(owner, cell));
  const { captures } = slab;
  const index = (captures.length - capturesFrom) >> 1;
  captures.push(owner);
  captures.push(cell);
  captureNumber[before] = index;
  return index;
}

function packOperands(builder: FunctionBuilder, node: number): void {
  const packed = slab.operands;
  const { op } = builder;
  const { items } = builder.operands;
  const to = builder.operandStart[node + 1];
  for (let i = builder.operandStart[node]; i < to; i++) {
    const operand = items[i];
    if (operand === NONE) packed.push(NONE);
    else packed.push(renumbered[op[operand] === Op.Phi ? resolve(builder, operand) : operand]);
  }
}

function packJoin(builder: FunctionBuilder, node: number): void {
  const packed = slab.operands;
  const from = packed.length;
  const to = builder.operandStart[node + 1];
  for (let i = builder.operandStart[node]; i < to; i++) {
    const operand = builder.operands.items[i];
    if (operand === NONE) packed.push(NONE);
    else packJoinOperand(builder, node, operand, from);
  }
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
  for (let i = 0; i < builder.ownClasses.length; i++) {
    const open = file.classes[builder.ownClasses[i]];
    open.node = finalNumber(builder, open.node);
    open.superNode = finalNumber(builder, open.superNode);
  }
  for (let i = 0; i < builder.ownDecorators.length; i++) {
    const decorator = file.decorators[builder.ownDecorators[i]];
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
  for (let i = 0; i < builder.parameters.length; i++) hashString(file.strings, builder.parameters.items[i]);
  hash.add(builder.cells.length);
  for (let i = 0; i < builder.cells.length; i++) hashString(file.strings, builder.cells.items[i]);
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
