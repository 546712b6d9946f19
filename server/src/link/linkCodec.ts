/**
 * The stored form of a file's link state: where its imports lead, what it asked for, and its results by round. Values
 * are written out, API values by how they are reached, so that nothing depends on numbers of the process that wrote
 * it. File ids are the store's and stay valid with it.
 */
import { ByteReader, ByteWriter, CodecError } from '../base/bytes';
import { NO_API } from '../model/ids';
import type { ApiState, FileId } from '../model/ids';
import type { ApiAutomaton } from '../model/links';
import { NAME_BASE, ROW, sortRows } from './bindings';
import { inOneBlock } from './fileLinker';
import type { FileVersion, LinkedFunctions } from './fileLinker';
import { packageNumber } from './files';
import type { FileState } from './files';
import { nameSlot, slotName } from './names';
import { mapLinks, NO_RECEIVER } from './packedLinks';
import { functionOfSlot, isParametersSlot, parametersSlot } from './reads';
import type { Slot } from './reads';
import { ValueKind } from './values';
import type { Derivation, ValueId, ValueTable } from './values';

const VERSION = 12;
/** Stands for APIs that models spoke of once. */
const GONE = '(not described any more)';
const STEPS: readonly Derivation['step'][] = [
  'package',
  'global',
  'member',
  'element',
  'return',
  'instance',
  'awaited',
  'callback',
  'argument',
  'parameter',
];

/** `slots` are what the file read of others. */
export function encodeLinks(state: FileState, values: ValueTable, slots: readonly Slot[]): Uint8Array {
  const dictionary = new ValueWriter(values);
  const body = new ByteWriter(1024);
  body.varint(state.targets.length);
  for (const target of state.targets) {
    if (target < 0) body.varint(0);
    else if (target % 2 === 0) body.safeInteger(target / 2 + 2);
    else {
      body.varint(1);
      body.text(values.packageName((target - 1) / 2));
    }
  }
  body.varint(state.probes.length);
  for (const probe of state.probes) body.varint(probe);
  body.zigzag(state.packageHash);
  body.varint(state.conventions.length);
  for (const convention of state.conventions) body.varint(convention);
  body.safeInteger(state.interfaceContent);
  body.safeInteger(state.argumentContent);
  body.varint(state.returns.length);
  for (const content of state.returns) body.safeInteger(content);
  body.varint(slots.length);
  for (const slot of slots) {
    if (isParametersSlot(slot)) {
      body.safeInteger(0);
      body.varint(dictionary.add(functionOfSlot(slot)));
    } else body.safeInteger(slot + 1);
  }
  const distinct = [...new Set(state.versions)];
  body.varint(state.versions.length);
  for (const version of state.versions) body.varint(distinct.indexOf(version));
  body.varint(distinct.length);
  for (const version of distinct) writeVersion(body, version, dictionary);
  const out = new ByteWriter(body.position + 256);
  out.byte(VERSION);
  dictionary.write(out);
  out.append(body);
  return out.toBytes();
}

/** Whether stored links are of this version. */
export function isReadable(data: Uint8Array): boolean {
  return data[0] === VERSION;
}

/** Fills the state, except for its slots, which are returned. Throws `CodecError` when the data is damaged. */
export function decodeLinks(
  data: Uint8Array,
  state: FileState,
  values: ValueTable,
  automaton: ApiAutomaton,
): readonly Slot[] {
  const reader = new ByteReader(data);
  const version = reader.byte();
  if (version !== VERSION) throw new CodecError(`stored links have version ${String(version)}, not ${String(VERSION)}`);
  const known = readValues(reader, values, automaton);
  const value = (): ValueId => pick(known, reader.varint());
  const targets = new Int32Array(reader.count());
  for (let i = 0; i < targets.length; i++) {
    const packed = reader.safeInteger();
    if (packed === 1) targets[i] = packageNumber(reader.text(), values, automaton) * 2 + 1;
    else targets[i] = packed === 0 ? -1 : (packed - 2) * 2;
  }
  state.targets = targets;
  const probes = new Int32Array(reader.count());
  for (let i = 0; i < probes.length; i++) probes[i] = reader.varint() | 0;
  state.probes = probes;
  state.packageHash = reader.zigzag();
  state.conventions = Array.from({ length: reader.count() }, () => reader.varint());
  state.interfaceContent = reader.safeInteger();
  state.argumentContent = reader.safeInteger();
  const returns = reader.count();
  if (returns > 0) state.returns = Array.from({ length: returns }, () => reader.safeInteger());
  const slots = Array.from({ length: reader.count() }, () => {
    const slot = reader.safeInteger();
    return slot === 0 ? parametersSlot(value()) : slot - 1;
  });
  const rounds = Array.from({ length: reader.count() }, () => reader.varint());
  const versions = Array.from({ length: reader.count() }, () => readVersion(reader, known));
  reader.end();
  state.versions = rounds.map((round) => pick(versions, round));
  return slots;
}

function writeVersion(out: ByteWriter, version: FileVersion, dictionary: ValueWriter): void {
  const rows = version.contributions;
  out.varint(rows.length / ROW);
  for (let i = 0; i < rows.length; i += ROW) {
    out.varint(dictionary.add(rows[i]));
    const slot = rows[i + 1];
    out.zigzag(slot <= NAME_BASE ? NAME_BASE : slot);
    if (slot <= NAME_BASE) out.text(slotName(slot));
    out.varint(dictionary.add(rows[i + 2]));
  }
  out.byte(version.functions === undefined ? 0 : 1);
  if (version.functions === undefined) return;
  const { keys, hashes, receivers, made, links } = version.functions;
  out.varint(keys.length);
  for (let f = 0; f < keys.length; f++) {
    out.varint(keys[f]);
    out.varint(hashes[f * 2]);
    out.varint(hashes[f * 2 + 1]);
    out.varint(receivers[f] === NO_RECEIVER ? 0 : dictionary.add(receivers[f]) + 1);
    out.varint(made[f] === NO_RECEIVER ? 0 : dictionary.add(made[f]) + 1);
  }
  out.block(mapLinks(links, (value) => dictionary.add(value)));
}

function readVersion(reader: ByteReader, known: readonly ValueId[]): FileVersion {
  const contributions = new Int32Array(reader.count(3) * ROW);
  for (let i = 0; i < contributions.length; i += ROW) {
    contributions[i] = pick(known, reader.varint());
    const slot = reader.zigzag();
    contributions[i + 1] = slot <= NAME_BASE ? nameSlot(reader.text()) : slot;
    contributions[i + 2] = pick(known, reader.varint());
  }
  const functions = reader.byte() === 0 ? undefined : readFunctions(reader, known);
  return { contributions: sortRows(contributions), functions };
}

function readFunctions(reader: ByteReader, known: readonly ValueId[]): LinkedFunctions {
  const count = reader.count(5);
  const keys = new Uint32Array(count);
  const hashes = new Int32Array(count * 2);
  const receivers = new Int32Array(count);
  const made = new Int32Array(count);
  for (let f = 0; f < count; f++) {
    keys[f] = reader.varint();
    hashes[f * 2] = reader.varint();
    hashes[f * 2 + 1] = reader.varint();
    const receiver = reader.varint();
    receivers[f] = receiver === 0 ? NO_RECEIVER : pick(known, receiver - 1);
    const makes = reader.varint();
    made[f] = makes === 0 ? NO_RECEIVER : pick(known, makes - 1);
  }
  return inOneBlock(
    keys,
    hashes,
    receivers,
    made,
    mapLinks(reader.block(), (index) => pick(known, index)),
  );
}

function pick<T>(items: readonly T[], index: number): T {
  if (index >= items.length) throw new CodecError('stored links point outside of their tables');
  return items[index];
}

/** Numbers values in the order they are met, what they are made of first. */
class ValueWriter {
  private readonly numbers = new Map<ValueId, number>();
  private readonly out = new ByteWriter(256);

  constructor(private readonly values: ValueTable) {}

  add(value: ValueId): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    this.put(value);
    const number = this.numbers.size;
    this.numbers.set(value, number);
    return number;
  }

  write(out: ByteWriter): void {
    out.varint(this.numbers.size);
    out.append(this.out);
  }

  private put(value: ValueId): void {
    const { values, out } = this;
    const kind = values.kind(value);
    switch (kind) {
      case ValueKind.Function:
      case ValueKind.Class:
      case ValueKind.Object:
        out.byte(kind);
        out.safeInteger(values.fileOf(value));
        out.varint(values.keyOf(value));
        break;
      case ValueKind.Allocated: {
        const object = this.add(values.inner(value));
        out.byte(kind);
        out.varint(object);
        out.safeInteger(values.siteFile(value));
        out.varint(values.siteKey(value));
        break;
      }
      case ValueKind.Instance:
      case ValueKind.Prototype: {
        const of = this.add(values.inner(value));
        out.byte(kind);
        out.varint(of);
        break;
      }
      case ValueKind.Bound: {
        const fn = this.add(values.inner(value));
        out.byte(kind);
        out.varint(fn);
        out.varint(values.boundCount(value));
        break;
      }
      case ValueKind.Unmodelled:
        out.byte(kind);
        out.text(values.name(value));
        break;
      case ValueKind.Api:
        this.putApi(value);
        break;
    }
  }

  private putApi(value: ValueId): void {
    const { values, out } = this;
    const derivation = values.derivation(value);
    if (derivation === undefined) throw new CodecError('an API value without a way to reach it cannot be stored');
    const from = derivation.from < 0 ? 0 : this.add(derivation.from) + 1;
    out.byte(ValueKind.Api);
    out.byte(STEPS.indexOf(derivation.step));
    out.varint(from);
    out.text(derivation.name);
    out.varint(derivation.numbers.length);
    for (const number of derivation.numbers) out.zigzag(number);
  }
}

function readValues(reader: ByteReader, values: ValueTable, automaton: ApiAutomaton): ValueId[] {
  const count = reader.count(2);
  const known: ValueId[] = [];
  for (let i = 0; i < count; i++) known.push(readValue(reader, known, values, automaton));
  return known;
}

/** Names of the packages and globals that stored links have something to do with. Throws `CodecError` when the data is damaged. */
export function rootsIn(data: Uint8Array): ReadonlySet<string> {
  const reader = new ByteReader(data, 1);
  const names = new Set<string>();
  for (let left = reader.count(2); left > 0; left--) {
    const kind: ValueKind = reader.byte();
    switch (kind) {
      case ValueKind.Function:
      case ValueKind.Class:
      case ValueKind.Object:
        reader.safeInteger();
        reader.varint();
        break;
      case ValueKind.Allocated:
        reader.varint();
        reader.safeInteger();
        reader.varint();
        break;
      case ValueKind.Instance:
      case ValueKind.Prototype:
        reader.varint();
        break;
      case ValueKind.Bound:
        reader.varint();
        reader.varint();
        break;
      case ValueKind.Unmodelled:
        names.add(reader.text());
        break;
      case ValueKind.Api: {
        const step = pick(STEPS, reader.byte());
        reader.varint();
        const name = reader.text();
        if (step === 'package' || step === 'global') names.add(name);
        for (let numbers = reader.count(); numbers > 0; numbers--) reader.zigzag();
        break;
      }
      default:
        throw new CodecError('stored links hold an unknown kind of value');
    }
  }
  for (let left = reader.count(); left > 0; left--) if (reader.safeInteger() === 1) names.add(reader.text());
  return names;
}

function readValue(
  reader: ByteReader,
  known: readonly ValueId[],
  values: ValueTable,
  automaton: ApiAutomaton,
): ValueId {
  const kind: ValueKind = reader.byte();
  switch (kind) {
    case ValueKind.Function:
      return values.function(reader.safeInteger() as FileId, reader.varint());
    case ValueKind.Class:
      return values.class(reader.safeInteger() as FileId, reader.varint());
    case ValueKind.Object:
      return values.object(reader.safeInteger() as FileId, reader.varint());
    case ValueKind.Allocated:
      return values.allocation(pick(known, reader.varint()), reader.safeInteger() as FileId, reader.varint());
    case ValueKind.Instance:
      return values.instance(pick(known, reader.varint()));
    case ValueKind.Prototype:
      return values.prototype(pick(known, reader.varint()));
    case ValueKind.Bound:
      return values.bound(pick(known, reader.varint()), reader.varint());
    case ValueKind.Unmodelled:
      return values.unmodelled(reader.text());
    case ValueKind.Api: {
      const step = pick(STEPS, reader.byte());
      const packed = reader.varint();
      const from = packed === 0 ? -1 : pick(known, packed - 1);
      const name = reader.text();
      const numbers = Array.from({ length: reader.count() }, () => reader.zigzag());
      const derivation: Derivation = { step, from, name, numbers };
      const state = replay(derivation, values, automaton);
      // No model speaks of it any more: whatever has to do with it is linked again.
      return state === NO_API ? values.unmodelled(GONE) : values.api(state, derivation);
    }
    default:
      throw new CodecError('stored links hold an unknown kind of value');
  }
}

/** Reaches an API state again, in the way it was reached. */
function replay({ step, from, name, numbers }: Derivation, values: ValueTable, automaton: ApiAutomaton): ApiState {
  switch (step) {
    case 'package':
      return automaton.packageRoot(name);
    case 'global':
      return automaton.global(name);
    default:
      break;
  }
  if (from < 0 || (values.kind(from) !== ValueKind.Api && values.kind(from) !== ValueKind.Unmodelled))
    throw new CodecError('an API value is reached from nothing');
  if (values.kind(from) === ValueKind.Unmodelled) return NO_API;
  const state = values.state(from);
  switch (step) {
    case 'member':
      return automaton.member(state, name);
    case 'element':
      return automaton.element(state);
    case 'return':
      return automaton.returnValue(state);
    case 'instance':
      return automaton.instance(state);
    case 'awaited':
      return automaton.awaited(state);
    case 'callback':
      return automaton.callbackParameter(state, numbers[0], numbers[1], numbers[2], numbers[3]);
    case 'argument':
      return automaton.argument(state, numbers[0], numbers[1]);
    case 'parameter':
      return automaton.parameter(state, numbers[0]);
  }
}
