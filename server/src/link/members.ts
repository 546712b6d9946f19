/**
 * Properties of abstract values: own writes, writes from other files, copies, prototypes and superclasses across
 * files. Which writes count is decided by names alone, never by what they turned out to hold, so that looking again
 * can only find more.
 */
import { FunctionFlag, GETTER_PREFIX, SETTER_PREFIX } from '../model/graph';
import { NO_API } from '../model/ids';
import { ObjectFlag, SkeletonFunctionFlag, STORE_COPY, STORE_ELEMENT, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import { COPY_SLOT, ELEMENT_SLOT } from './bindings';
import { CONSTRUCTOR, PROTOTYPE } from './builtins';
import type { Evaluator, FileContext } from './evaluator';
import { entity, EntityKind, STORE_INHERIT } from './fileIndex';
import type { Entity, FileIndex } from './fileIndex';
import { EMPTY, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { knownNameSlot } from './names';
import { Part } from './reads';
import { ValueKind } from './values';
import type { ValueId } from './values';

/** Values that one search for a property goes through: prototypes, superclasses and sources of copies. */
const MAX_SEARCH = 200;
/** Longest chain of superclasses that is searched for accessors. */
const MAX_CHAIN = 24;

/** Property `name` of every value in a set. */
export function membersOf(evaluator: Evaluator, bases: SetId, name: string): SetId {
  if (bases === TOO_MANY) return TOO_MANY;
  let result = EMPTY;
  const members = evaluator.sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    const value = members[i];
    result = evaluator.sets.union(result, memberOf(evaluator, value, name));
    // More cannot be found.
    if (result === TOO_MANY) break;
  }
  return result;
}

/** Elements, and properties under unknown names, of every value in a set. */
export function elementsOf(evaluator: Evaluator, bases: SetId): SetId {
  if (bases === TOO_MANY) return TOO_MANY;
  let result = EMPTY;
  const members = evaluator.sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    const value = members[i];
    result = evaluator.sets.union(result, memberOf(evaluator, value, undefined));
    if (result === TOO_MANY) break;
  }
  return result;
}

/** Elements of the object and array literals in a set: what loops over an instance are after are no methods. */
export function keptElements(evaluator: Evaluator, tables: SetId): SetId {
  if (tables === TOO_MANY) return EMPTY;
  const { values, sets } = evaluator;
  let result = EMPTY;
  for (const table of sets.members(tables)) {
    const kind = values.kind(table);
    if (kind === ValueKind.Object || kind === ValueKind.Allocated)
      result = sets.union(result, memberOf(evaluator, table, undefined));
  }
  return result;
}

/** Methods that every list has. */
const LIST_METHODS: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Array.prototype));
/** Writes to one table that are looked through. */
const MAX_TABLE = 2_048;

/**
 * What the elements of large tables have under a name (or anywhere), where they are too many to be told apart: of this, the
 * values of APIs. `patterns[i].expression` is an API's value for however many patterns.
 */
export function tableMembersOf(evaluator: Evaluator, tables: SetId, name: string | undefined): SetId {
  if (tables === TOO_MANY) return TOO_MANY;
  const { values, sets } = evaluator;
  let result = EMPTY;
  for (const table of sets.members(tables)) {
    if (values.kind(table) !== ValueKind.Object) continue;
    const context = openOwner(evaluator, table);
    const o = evaluator.place(context, table);
    if (context === undefined || o < 0) continue;
    const { index } = context;
    let left = MAX_TABLE;
    for (let link = index.firstOf(entity(EntityKind.Object, o)); link >= 0 && left-- > 0; link = index.nextOf(link)) {
      const w = index.write(link);
      if (index.writeName[w] === STORE_INHERIT || index.writeName[w] === STORE_COPY) continue;
      const found = follow(evaluator, writtenValue(evaluator, context, index.writeValue[w], -1), name);
      if (found === TOO_MANY) continue;
      for (const value of sets.members(found))
        if (values.kind(value) === ValueKind.Api) result = sets.union(result, sets.single(value));
    }
  }
  return result;
}

/** One property of one value; all of them where the name is unknown. */
export function memberOf(evaluator: Evaluator, value: ValueId, name: string | undefined): SetId {
  const { values, sets } = evaluator;
  switch (values.kind(value)) {
    case ValueKind.Api:
      return apiMember(evaluator, value, name);
    case ValueKind.Unmodelled:
      return name === undefined ? EMPTY : evaluator.unmodelled(values.name(value), name);
    case ValueKind.Bound:
      return EMPTY;
    case ValueKind.Function:
      if (name === PROTOTYPE) return sets.single(values.prototype(value));
      // An array of functions and a function are told apart by what is done with them.
      if (name === undefined) return sets.single(value);
      break;
    case ValueKind.Class:
      if (name === PROTOTYPE) return sets.single(values.prototype(value));
      if (name === undefined) return sets.single(value);
      break;
    case ValueKind.Prototype:
    case ValueKind.Instance:
      if (name === CONSTRUCTOR) return sets.single(values.inner(value));
      break;
    case ValueKind.Object:
    case ValueKind.Allocated:
      break;
  }
  if (!evaluator.enter(value, name, MAX_SEARCH)) return EMPTY;
  const result = own(evaluator, value, name);
  evaluator.leave();
  return result;
}

function apiMember(evaluator: Evaluator, value: ValueId, name: string | undefined): SetId {
  const { values, automaton } = evaluator;
  const state = values.state(value);
  const next = name === undefined ? automaton.element(state) : automaton.member(state, name);
  return evaluator.reached(next, name === undefined ? 'element' : 'member', value, name);
}

function own(evaluator: Evaluator, value: ValueId, name: string | undefined): SetId {
  const { values } = evaluator;
  const kind = values.kind(value);
  switch (kind) {
    case ValueKind.Object:
    case ValueKind.Allocated: {
      const object = kind === ValueKind.Allocated ? values.inner(value) : value;
      const context = openOwner(evaluator, object);
      const o = evaluator.place(context, object);
      if (context === undefined || o < 0) return EMPTY;
      const allocation = kind === ValueKind.Allocated ? value : -1;
      // Methods of lists are no elements: `list[i] = handlers[i]` puts nothing under `list.concat`.
      const isList = (context.index.skeleton.objectFlags[o] & ObjectFlag.Array) !== 0;
      if (isList && name !== undefined && LIST_METHODS.has(name))
        return writtenByName(evaluator, context, entity(EntityKind.Object, o), object, name, allocation);
      const found = written(evaluator, context, entity(EntityKind.Object, o), object, name, allocation);
      if (name === undefined || found === TOO_MANY || !context.index.hasAccessors) return found;
      // A getter is what it returns.
      let result = found;
      for (const getter of literalAccessors(evaluator, value, GETTER_PREFIX + name)) {
        const owner = openOwner(evaluator, getter);
        const f = evaluator.place(owner, getter);
        if (owner === undefined || f < 0) continue;
        result = evaluator.sets.union(result, evaluator.read(owner, evaluator.returnOf(owner, f)));
      }
      return result;
    }
    case ValueKind.Function: {
      const context = openOwner(evaluator, value);
      const f = evaluator.place(context, value);
      return context === undefined || f < 0
        ? EMPTY
        : written(evaluator, context, entity(EntityKind.FunctionStatic, f), value, name, -1);
    }
    case ValueKind.Class:
      return classMember(evaluator, value, name, true);
    case ValueKind.Instance:
    case ValueKind.Prototype: {
      const of = values.inner(value);
      return values.kind(of) === ValueKind.Class
        ? classMember(evaluator, of, name, false)
        : functionInstance(evaluator, of, name);
    }
    case ValueKind.Api:
    case ValueKind.Bound:
    case ValueKind.Unmodelled:
      return EMPTY;
  }
}

/** Opens the file of a function, class or object literal, noting the part of it that the value belongs to. */
export function openOwner(evaluator: Evaluator, value: ValueId): FileContext | undefined {
  const { values } = evaluator;
  const file = values.fileOf(value);
  const context = evaluator.world.context(file);
  evaluator.touch(
    file,
    context !== undefined && isArgumentOnly(evaluator, context, value) ? Part.Arguments : Part.Interface,
  );
  return context;
}

/** True for values that other files see only as arguments. */
function isArgumentOnly(evaluator: Evaluator, context: FileContext, value: ValueId): boolean {
  const { values } = evaluator;
  const { skeleton } = context.index;
  switch (values.kind(value)) {
    case ValueKind.Function: {
      const f = evaluator.place(context, value);
      return f >= 0 && (skeleton.functionFlags[f] & SkeletonFunctionFlag.ArgumentOnly) !== 0;
    }
    case ValueKind.Object: {
      const o = evaluator.place(context, value);
      return o >= 0 && (skeleton.objectFlags[o] & ObjectFlag.ArgumentOnly) !== 0;
    }
    default:
      return false;
  }
}

/**
 * What was written to a property of an entity, here and elsewhere, or copied to it, or is inherited. What is written under
 * names made at run time is taken for another property where the name itself is written.
 */
function written(
  evaluator: Evaluator,
  context: FileContext,
  target: Entity,
  value: ValueId,
  name: string | undefined,
  allocation: ValueId,
  isDeclared = false,
): SetId {
  const { sets } = evaluator;
  const { index, file } = context;
  let result = EMPTY;
  if (name === undefined) {
    for (let link = index.firstOf(target); link >= 0; link = index.nextOf(link)) {
      const w = index.write(link);
      if (index.writeName[w] === STORE_INHERIT) continue;
      result = sets.union(result, writtenBy(evaluator, context, w, name, allocation));
      if (result === TOO_MANY) return TOO_MANY;
    }
  } else {
    const writes = index.writesOf(target, name);
    const count = writes === undefined ? 0 : writes.length;
    let link = writes === undefined ? index.firstOf(target) : -1;
    for (let i = 0; i < count || link >= 0; i++) {
      const w = writes === undefined ? index.write(link) : writes[i];
      if (writes === undefined) {
        link = index.nextOf(link);
        if (!index.mayWrite(w, target, name)) continue;
      }
      if (isDeclared && index.writeName[w] === STORE_ELEMENT) continue;
      result = sets.union(result, writtenBy(evaluator, context, w, name, allocation));
      if (result === TOO_MANY) return TOO_MANY;
    }
  }
  const bindings = evaluator.contributed(value, file);
  if (bindings === undefined) return result;
  if (name === undefined) result = sets.union(result, bindings.allProperties(value, sets));
  else {
    const slot = knownNameSlot(name);
    if (slot !== undefined) result = sets.union(result, bindings.get(value, slot));
    const elements = bindings.get(value, ELEMENT_SLOT);
    if (elements !== EMPTY && !isDeclared && !index.isWritten(target, name)) result = sets.union(result, elements);
  }
  return sets.union(result, follow(evaluator, bindings.get(value, COPY_SLOT), name));
}

/** What was written to a property where its name is written. */
function writtenByName(
  evaluator: Evaluator,
  context: FileContext,
  target: Entity,
  value: ValueId,
  name: string,
  allocation: ValueId,
): SetId {
  const { sets } = evaluator;
  const { index, file } = context;
  let result = EMPTY;
  const writes = index.writesOf(target, name);
  let link = writes === undefined ? index.firstOf(target) : -1;
  for (let i = 0; i < (writes?.length ?? 0) || link >= 0; i++) {
    const w = writes === undefined ? index.write(link) : writes[i];
    if (writes === undefined) link = index.nextOf(link);
    if (index.writeName[w] < 0 || !index.mayWrite(w, target, name)) continue;
    result = sets.union(result, writtenBy(evaluator, context, w, name, allocation));
  }
  const slot = knownNameSlot(name);
  const bindings = slot === undefined ? undefined : evaluator.contributed(value, file);
  return bindings === undefined || slot === undefined ? result : sets.union(result, bindings.get(value, slot));
}

/** What one write gives a property; of copies, what their source has there. */
function writtenBy(
  evaluator: Evaluator,
  context: FileContext,
  w: number,
  name: string | undefined,
  allocation: ValueId,
): SetId {
  const { writeName, writeValue } = context.index;
  const values = writtenValue(evaluator, context, writeValue[w], allocation);
  return writeName[w] === STORE_COPY ? follow(evaluator, values, name) : values;
}

function writtenValue(evaluator: Evaluator, context: FileContext, term: Term, allocation: ValueId): SetId {
  return allocation < 0 ? evaluator.read(context, term) : evaluator.substitute(context, term, allocation);
}

function follow(evaluator: Evaluator, sources: SetId, name: string | undefined): SetId {
  return name === undefined ? elementsOf(evaluator, sources) : membersOf(evaluator, sources, name);
}

function classMember(evaluator: Evaluator, value: ValueId, name: string | undefined, isStatic: boolean): SetId {
  const { values, sets } = evaluator;
  const context = evaluator.open(values.fileOf(value), Part.Interface);
  const c = evaluator.place(context, value);
  if (context === undefined || c < 0) return EMPTY;
  const { skeleton } = context.index;
  const heap = isStatic ? value : values.prototype(value);
  const target = entity(isStatic ? EntityKind.ClassStatic : EntityKind.ClassInstance, c);
  const declared = name === undefined ? NOTHING : context.index.membersNamed(c, name);
  let isDeclared = false;
  for (let i = 0; i < declared.length; i++)
    if ((skeleton.memberIsStatic[declared[i]] === 1) === isStatic) isDeclared = true;
  let result = written(evaluator, context, target, heap, name, -1, isDeclared);
  if (name === undefined) {
    for (let m = skeleton.memberStart[c]; m < skeleton.memberStart[c + 1]; m++) {
      if (result === TOO_MANY) return TOO_MANY;
      const f = skeleton.memberFunction[m];
      if ((skeleton.memberIsStatic[m] === 1) !== isStatic || !isMethod(context, f)) continue;
      result = sets.union(result, sets.single(evaluator.functionValue(context, f)));
    }
  } else {
    for (const m of declared) {
      if ((skeleton.memberIsStatic[m] === 1) !== isStatic) continue;
      result = sets.union(result, memberFunction(evaluator, context, skeleton.memberFunction[m]));
    }
    if (isDeclared) return result;
  }
  const found = supers(evaluator, evaluator.read(context, skeleton.classSuper[c]));
  for (let i = 0; i < found.length; i++) {
    const base = found[i];
    const from = isStatic ? base : inheritedFrom(evaluator, base);
    if (from >= 0) result = sets.union(result, memberOf(evaluator, from, name));
    if (result === TOO_MANY) break;
  }
  return result;
}

/** Methods are called under names made at run time; getters hardly ever are read so, and what all of them return would be looked into each time. */
function isMethod({ index }: FileContext, f: number): boolean {
  return (index.skeleton.functionFlags[f] & (FunctionFlag.Getter | FunctionFlag.Setter)) === 0;
}

function supers(evaluator: Evaluator, set: SetId): Int32Array | readonly number[] {
  return set === TOO_MANY ? [] : evaluator.sets.members(set);
}

/** The prototype of a superclass, or -1. */
function inheritedFrom(evaluator: Evaluator, base: ValueId): ValueId {
  const { values, automaton } = evaluator;
  switch (values.kind(base)) {
    case ValueKind.Class:
    case ValueKind.Function:
      return values.prototype(base);
    case ValueKind.Api: {
      const state = automaton.instance(values.state(base));
      return state === NO_API ? -1 : values.api(state, { step: 'instance', from: base, name: '', numbers: [] });
    }
    default:
      return -1;
  }
}

/** A method is its function; a getter is what it returns; a setter is not a value. */
function memberFunction(evaluator: Evaluator, context: FileContext, f: number): SetId {
  const { skeleton } = context.index;
  const flags = skeleton.functionFlags[f];
  if ((flags & FunctionFlag.Getter) !== 0) return evaluator.read(context, evaluator.returnOf(context, f));
  if ((flags & FunctionFlag.Setter) !== 0) return EMPTY;
  return evaluator.sets.single(evaluator.functionValue(context, f));
}

/** What `new F` has: what is written on `this` and on the prototype, and what it inherits. */
function functionInstance(evaluator: Evaluator, fn: ValueId, name: string | undefined): SetId {
  const { values, sets } = evaluator;
  const context = openOwner(evaluator, fn);
  const f = evaluator.place(context, fn);
  if (context === undefined || f < 0) return EMPTY;
  const { index } = context;
  const isDeclared = name !== undefined && isInPrototypeLiteral(index, f, name);
  const target = entity(EntityKind.FunctionInstance, f);
  let result = written(evaluator, context, target, values.prototype(fn), name, -1, isDeclared);
  for (let link = index.firstOf(entity(EntityKind.FunctionStatic, f)); link >= 0; link = index.nextOf(link)) {
    const w = index.write(link);
    const property = index.writeName[w];
    if (property === STORE_INHERIT) {
      for (const base of supers(evaluator, evaluator.read(context, index.writeValue[w]))) {
        const from = inheritedFrom(evaluator, base);
        if (from >= 0) result = sets.union(result, memberOf(evaluator, from, name));
      }
    } else if (property >= 0 && index.skeleton.strings[property] === PROTOTYPE) {
      result = sets.union(result, follow(evaluator, evaluator.read(context, index.writeValue[w]), name));
    }
  }
  return result;
}

/** Whether `F.prototype = { name: … }` is written in the file. */
function isInPrototypeLiteral(index: FileIndex, f: number, name: string): boolean {
  const { strings, termKind, termA } = index.skeleton;
  for (let link = index.firstOf(entity(EntityKind.FunctionStatic, f)); link >= 0; link = index.nextOf(link)) {
    const w = index.write(link);
    const property = index.writeName[w];
    if (property < 0 || strings[property] !== PROTOTYPE) continue;
    const value = index.writeValue[w];
    if (termKind[value] === TermKind.Object && index.isWritten(entity(EntityKind.Object, termA[value]), name))
      return true;
  }
  return false;
}

/** Functions that run when the property is read (or written) instead of a plain access. */
export function accessorsOf(
  evaluator: Evaluator,
  bases: SetId,
  name: string,
  flag: FunctionFlag.Getter | FunctionFlag.Setter,
): readonly ValueId[] {
  if (bases === TOO_MANY || bases === EMPTY) return NOTHING;
  let found: ValueId[] | undefined;
  const { values } = evaluator;
  const members = evaluator.sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    const value = members[i];
    const kind = values.kind(value);
    if (kind === ValueKind.Object || kind === ValueKind.Allocated) {
      const prefix = flag === FunctionFlag.Getter ? GETTER_PREFIX : SETTER_PREFIX;
      for (const accessor of literalAccessors(evaluator, value, prefix + name)) (found ??= []).push(accessor);
      continue;
    }
    const isStatic = kind === ValueKind.Class;
    const of = isStatic
      ? value
      : kind === ValueKind.Instance || kind === ValueKind.Prototype
        ? values.inner(value)
        : -1;
    if (of < 0 || values.kind(of) !== ValueKind.Class || !evaluator.hasAccessors(of)) continue;
    accessorOf(evaluator, of, isStatic, name, flag, (found ??= []));
  }
  return found ?? NOTHING;
}

const NOTHING: readonly ValueId[] = [];

/** Accessors that an object literal has under the name that they are kept by. */
function literalAccessors(evaluator: Evaluator, value: ValueId, name: string): readonly ValueId[] {
  const { values, sets } = evaluator;
  const isAllocated = values.kind(value) === ValueKind.Allocated;
  const object = isAllocated ? values.inner(value) : value;
  const context = openOwner(evaluator, object);
  const o = evaluator.place(context, object);
  if (context === undefined || o < 0 || !context.index.hasAccessors) return NOTHING;
  const set = written(evaluator, context, entity(EntityKind.Object, o), object, name, isAllocated ? value : -1, true);
  if (set === TOO_MANY || set === EMPTY) return NOTHING;
  return Array.from(sets.members(set)).filter((member) => values.kind(member) === ValueKind.Function);
}

function accessorOf(
  evaluator: Evaluator,
  of: ValueId,
  isStatic: boolean,
  name: string,
  flag: number,
  found: ValueId[],
): void {
  eachSuperclass(evaluator, of, (context, c) => {
    const { skeleton } = context.index;
    let isDeclared = false;
    for (const m of context.index.membersNamed(c, name)) {
      if ((skeleton.memberIsStatic[m] === 1) !== isStatic) continue;
      isDeclared = true;
      const f = skeleton.memberFunction[m];
      if ((skeleton.functionFlags[f] & flag) !== 0) found.push(evaluator.functionValue(context, f));
    }
    return !isDeclared;
  });
}

/** Whether a class or one it inherits from has any getter or setter. */
export function inheritsAccessors(evaluator: Evaluator, of: ValueId): boolean {
  let isFound = false;
  eachSuperclass(evaluator, of, ({ index: { skeleton } }, c) => {
    for (let m = skeleton.memberStart[c]; m < skeleton.memberStart[c + 1] && !isFound; m++) {
      const flags = skeleton.functionFlags[skeleton.memberFunction[m]];
      isFound = (flags & (FunctionFlag.Getter | FunctionFlag.Setter)) !== 0;
    }
    return !isFound;
  });
  return isFound;
}

/**
 * Visits a class and those it inherits from, nearest first and each once (classes of a name may seem to inherit from one
 * another in circles); where `visit` answers false, what the class inherits from is left out.
 */
function eachSuperclass(evaluator: Evaluator, of: ValueId, visit: (context: FileContext, c: number) => boolean): void {
  const { values } = evaluator;
  let level: readonly ValueId[] = [of];
  const seen = new Set([of]);
  for (let depth = 0; depth <= MAX_CHAIN && level.length > 0; depth++) {
    const next: ValueId[] = [];
    for (const value of level) {
      if (values.kind(value) !== ValueKind.Class) continue;
      const context = evaluator.open(values.fileOf(value), Part.Interface);
      const c = evaluator.place(context, value);
      if (context === undefined || c < 0 || !visit(context, c)) continue;
      const bases = supers(evaluator, evaluator.read(context, context.index.skeleton.classSuper[c]));
      for (let i = 0; i < bases.length; i++) {
        if (seen.has(bases[i])) continue;
        seen.add(bases[i]);
        next.push(bases[i]);
      }
    }
    level = next;
  }
}
