/** Lists the properties of an object, instance or class, with copies and superclasses followed. */
import { STORE_COPY, STORE_ELEMENT } from '../model/skeleton';
import { COPY_SLOT, ELEMENT_SLOT } from './bindings';
import { PROTOTYPE } from './builtins';
import type { Evaluator, FileContext } from './evaluator';
import { entity, EntityKind, STORE_INHERIT } from './fileIndex';
import type { Entity, FileIndex } from './fileIndex';
import { EMPTY, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { slotName } from './names';
import { openOwner } from './members';
import { Part } from './reads';
import { ValueKind } from './values';
import type { ValueId } from './values';

/** Objects, copies and superclasses that one list goes through. */
const MAX_OBJECTS = 100;

export type Property = readonly [name: string | undefined, values: SetId];

/** Properties of a value; elements and unknown names come without name. A name may come more than once. */
export function propertiesOf(evaluator: Evaluator, value: ValueId): readonly Property[] {
  const found: Property[] = [];
  collect(evaluator, value, found, new Set());
  return found;
}

function collect(evaluator: Evaluator, value: ValueId, found: Property[], seen: Set<ValueId>): void {
  const { values, sets } = evaluator;
  if (seen.size >= MAX_OBJECTS || seen.has(value)) return;
  const kind = values.kind(value);
  const isInstance = kind === ValueKind.Instance || kind === ValueKind.Prototype;
  const of = kind === ValueKind.Allocated || isInstance ? values.inner(value) : value;
  const ofKind = values.kind(of);
  if (ofKind !== ValueKind.Object && ofKind !== ValueKind.Class && ofKind !== ValueKind.Function) return;
  const context = openOwner(evaluator, of);
  if (context === undefined) return;
  seen.add(value);
  const { index } = context;
  const { skeleton } = index;
  const key = values.keyOf(of);
  if (ofKind === ValueKind.Class) {
    const c = index.classByKey(key);
    if (c >= 0) {
      for (let m = skeleton.memberStart[c]; m < skeleton.memberStart[c + 1]; m++) {
        if ((skeleton.memberIsStatic[m] === 1) === isInstance) continue;
        found.push([
          skeleton.strings[skeleton.memberName[m]],
          sets.single(evaluator.functionValue(context, skeleton.memberFunction[m])),
        ]);
      }
      for (const base of membersIn(evaluator, evaluator.read(context, skeleton.classSuper[c]))) {
        const baseKind = values.kind(base);
        if (baseKind !== ValueKind.Class && baseKind !== ValueKind.Function) continue;
        collect(evaluator, isInstance ? values.prototype(base) : base, found, seen);
      }
    }
  }
  if (ofKind === ValueKind.Function && isInstance) prototypesOf(evaluator, context, key, found, seen);
  const target = entityOf(index, ofKind, key, isInstance);
  for (let link = target < 0 ? -1 : index.firstOf(target); link >= 0; link = index.nextOf(link)) {
    const w = index.write(link);
    const name = index.writeName[w];
    if (name === STORE_COPY) {
      for (const source of membersIn(evaluator, evaluator.read(context, index.writeValue[w])))
        collect(evaluator, source, found, seen);
    } else if (name !== STORE_INHERIT) {
      found.push([
        name === STORE_ELEMENT ? undefined : skeleton.strings[name],
        evaluator.read(context, index.writeValue[w]),
      ]);
    }
  }
  const entityValue = isInstance ? values.prototype(of) : of;
  const contributed = evaluator.contributed(entityValue, context.file);
  contributed?.eachProperty(entityValue, (slot, set) => {
    found.push([slot === ELEMENT_SLOT ? undefined : slotName(slot), set]);
  });
  // What a helper copied to a prototype that was handed both: `mixin(Shape.prototype, methods)`. Exports and settings are copied from one to
  // the next in long chains: to follow these takes far too long for what it brings.
  if (!isInstance || contributed === undefined) return;
  for (const source of membersIn(evaluator, contributed.get(entityValue, COPY_SLOT)))
    collect(evaluator, source, found, seen);
}

/** What instances have by `F.prototype = { … }`, and by what F inherits from. */
function prototypesOf(
  evaluator: Evaluator,
  context: FileContext,
  key: number,
  found: Property[],
  seen: Set<ValueId>,
): void {
  const { index } = context;
  const { values } = evaluator;
  const target = entityOf(index, ValueKind.Function, key, false);
  for (let link = target < 0 ? -1 : index.firstOf(target); link >= 0; link = index.nextOf(link)) {
    const w = index.write(link);
    const name = index.writeName[w];
    if (name === STORE_INHERIT) {
      for (const base of membersIn(evaluator, evaluator.read(context, index.writeValue[w]))) {
        const kind = values.kind(base);
        if (kind === ValueKind.Class || kind === ValueKind.Function)
          collect(evaluator, values.prototype(base), found, seen);
      }
    } else if (name >= 0 && index.skeleton.strings[name] === PROTOTYPE) {
      for (const prototype of membersIn(evaluator, evaluator.read(context, index.writeValue[w])))
        collect(evaluator, prototype, found, seen);
    }
  }
}

/** Whether any property of an object literal has a value that linking can speak of. */
export function holdsAnything(evaluator: Evaluator, value: ValueId): boolean {
  const { values } = evaluator;
  const object = values.kind(value) === ValueKind.Allocated ? values.inner(value) : value;
  const context = openOwner(evaluator, object);
  const o = evaluator.place(context, object);
  if (context === undefined || o < 0) return false;
  const { index } = context;
  for (let link = index.firstOf(entity(EntityKind.Object, o)); link >= 0; link = index.nextOf(link)) {
    if (evaluator.read(context, index.writeValue[index.write(link)]) !== EMPTY) return true;
  }
  return false;
}

/** Whether an object is what its file exports: a wrapper that is handed it fills it. */
export function isExportsObject(evaluator: Evaluator, value: ValueId): boolean {
  const { values, sets } = evaluator;
  if (values.kind(value) !== ValueKind.Object) return false;
  // What a file exports is part of its interface, whatever the object is.
  const context = evaluator.open(values.fileOf(value), Part.Interface);
  if (context === undefined) return false;
  const exports = evaluator.read(context, context.index.skeleton.exports);
  return exports !== TOO_MANY && sets.has(exports, value);
}

export function membersIn(evaluator: Evaluator, set: SetId): Int32Array | readonly ValueId[] {
  return set === TOO_MANY || set === EMPTY ? [] : evaluator.sets.members(set);
}

/** The entity of a function, class or object of a file; -1 when there is none with this key. */
export function entityOf(index: FileIndex, kind: ValueKind, key: number, isInstance: boolean): Entity {
  switch (kind) {
    case ValueKind.Object: {
      const o = index.objectByKey(key);
      return o < 0 ? -1 : entity(EntityKind.Object, o);
    }
    case ValueKind.Class: {
      const c = index.classByKey(key);
      return c < 0 ? -1 : entity(isInstance ? EntityKind.ClassInstance : EntityKind.ClassStatic, c);
    }
    case ValueKind.Function: {
      const f = index.functionByKey(key);
      return f < 0 ? -1 : entity(isInstance ? EntityKind.FunctionInstance : EntityKind.FunctionStatic, f);
    }
    default:
      return -1;
  }
}
