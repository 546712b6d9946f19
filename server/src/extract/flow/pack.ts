/**
 * From a builder to a FunctionGraph, in one pass each: trivial phis are removed, dead nodes dropped, the rest
 * renumbered into exact typed arrays, and the structure hashed.
 */
import { IntArray } from '../../base/intArray';
import { NONE, Op, type CaptureFacts, type FunctionGraph, type GuardFacts, type ImportFacts } from '../../model/graph';
import type { FunctionBuilder } from './functionBuilder';
import type { OpenClass, OpenDecorator } from './fileBuilder';
import { StreamHash } from './hash';
import { CLOSED } from './nodes';
import type { StringTable } from './strings';

/** What packing needs of the file. */
export interface PackContext {
  readonly strings: StringTable;
  readonly functionKeys: readonly string[];
  readonly classes: readonly OpenClass[];
  readonly imports: readonly ImportFacts[];
  readonly decorators: readonly OpenDecorator[];
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
  [Op.Catch]: { root: false, aux: AuxKind.None },
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

/** Rounds of phi simplification; what is left after them is correct, only larger. */
const MAX_ROUNDS = 6;

// Scratch, shared by all packing on this thread (packing never nests).
let forward = new Int32Array(1024);
let renumbered = new Int32Array(1024);
const work = new IntArray(256);
const packedOperands = new IntArray(2048);
const hash = new StreamHash();

export function packFunction(builder: FunctionBuilder, file: PackContext): FunctionGraph {
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

function emitLive(builder: FunctionBuilder, file: PackContext): FunctionGraph {
  let live = 0;
  for (let node = 0; node < builder.count; node++) if (renumbered[node] === 0) renumbered[node] = live++;

  const op = new Uint8Array(live);
  const aux = new Int32Array(live);
  const start = new Uint32Array(live);
  const end = new Uint32Array(live);
  const operandStart = new Uint32Array(live + 1);
  const guards: GuardFacts[] = [];
  const captures: CaptureFacts[] = [];
  const captureNumber = new Map<number, number>();
  packedOperands.length = 0;
  hash.reset();
  hashHead(builder, file);

  for (let node = 0; node < builder.count; node++) {
    const number = renumbered[node];
    if (number === NONE) continue;
    const kind = builder.op[node] as Op;
    op[number] = kind;
    start[number] = builder.start[node];
    end[number] = builder.end[node];
    operandStart[number] = packedOperands.length;
    hash.add(kind);
    switch (auxKind[kind] as AuxKind) {
      case AuxKind.Guard:
        aux[number] = guards.push(guardFacts(builder, builder.aux[node])) - 1;
        hashGuard(file.strings, guards[guards.length - 1]);
        break;
      case AuxKind.Capture: {
        const before = builder.aux[node];
        let index = captureNumber.get(before);
        if (index === undefined) {
          const capture = { owner: builder.captureOwner.items[before], cell: builder.captureCell.items[before] };
          index = captures.push(capture) - 1;
          captureNumber.set(before, index);
          hashText(file.functionKeys[capture.owner]);
          hash.add(capture.cell);
        }
        aux[number] = index;
        hash.add(index);
        break;
      }
      case AuxKind.None:
        aux[number] = 0;
        break;
      default:
        aux[number] = builder.aux[node];
        hashAux(file, kind, aux[number]);
    }
    packOperands(builder, node);
    hash.add(packedOperands.length - operandStart[number]);
  }
  operandStart[live] = packedOperands.length;
  for (let i = 0; i < packedOperands.length; i++) hash.add(packedOperands.items[i]);
  renumberReferences(builder, file);

  return {
    key: builder.key,
    name: builder.name,
    flags: builder.flags,
    parent: builder.parent,
    classIndex: builder.classIndex,
    parameters: builder.parameters.slice(),
    cells: builder.cells.slice(),
    captures,
    guards,
    op,
    aux,
    operandStart,
    operands: packedOperands.items.slice(0, packedOperands.length),
    start,
    end,
    range: [builder.rangeStart, builder.rangeEnd],
    nameRange: [builder.nameStart, builder.nameEnd],
    structureHash: hash.digest(),
  };
}

function packOperands(builder: FunctionBuilder, node: number): void {
  const from = packedOperands.length;
  const isJoin = builder.op[node] === Op.Phi || builder.op[node] === Op.Cell || builder.op[node] === Op.Catch;
  const operands = builder.operandCount(node);
  for (let i = 0; i < operands; i++) {
    const operand = builder.operand(node, i);
    if (operand === NONE) packedOperands.push(NONE);
    else if (isJoin) packJoinOperand(builder, node, operand, from);
    else packedOperands.push(renumbered[resolve(builder, operand)]);
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
  for (let i = packedOperands.length - 1; i >= from && i >= packedOperands.length - 16; i--) {
    if (packedOperands.items[i] === value) return;
  }
  packedOperands.push(value);
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
  hashText(builder.key);
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
      hashText(file.functionKeys[aux]);
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
  hashText(open.constructorIndex === NONE ? '' : file.functionKeys[open.constructorIndex]);
  for (const member of open.members) {
    hashString(file.strings, member.name);
    hash.add(member.isStatic ? 1 : 0);
    hashText(file.functionKeys[member.functionIndex]);
  }
}
