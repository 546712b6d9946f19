/**
 * Which keys can't lead to the prototype of all objects: because the key was compared with the names that lead there, because
 * the object it reads of has the property itself, or has no prototype. All found in the graph, backward from a read.
 */
import {
  CONSTRUCTOR,
  CONSTRUCTOR_KEYS,
  NONE,
  Op,
  PROTO_KEYS,
  PROTOTYPE_KEYS,
  RECEIVER,
  TESTED_ELEMENT,
  Test,
  type FunctionGraph,
  type NodeId,
} from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { KindSet, ModelView } from '../model/summary';
import { EMPTY } from './accessPaths';
import { givenBack } from './aliases';
import { conditionHolds } from './conditions';
import { cellNode, holdsConstant, isFunctionGivenConstants, isOtherKey, isPositionParameter } from './constants';
import { isListedKey } from './listedKeys';
import { holdsBareObjects, wasPutBefore } from './enclosingObjects';
import { isSameElement, isSameKey, isSameObject, isVersionOf, sameObject, sameValue } from './sameValues';
import { predicateOwner } from './predicates';
import { throughConstructor, throughProto } from './prototypeKinds';
import { operandAt, shiftOf } from './conventions';
import type { FunctionView } from './functionView';

/** Kinds that a key is harmless for which is not this text: the name `__proto__` leads to a prototype by itself, the others only together. */
export function refusalOf(models: ModelView, text: string): KindSet {
  if (PROTO_KEYS.has(text)) return throughProto(models);
  return CONSTRUCTOR_KEYS.has(text) ? throughConstructor(models) : 0;
}

/** The same for a key that is none of the texts of a collection. */
export function refusalOfList(p: FunctionView, collection: NodeId): KindSet {
  const { models } = p.environment;
  const byName = holdsConstant(p.body, collection, PROTO_KEYS) ? throughProto(models) : 0;
  return holdsConstant(p.body, collection, CONSTRUCTOR_KEYS) ? byName | throughConstructor(models) : byName;
}

/** Methods that the prototype of all objects has; others can't be called on it. */
export const PROTOTYPE_METHODS: ReadonlySet<string> = new Set([
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
]);

/** Joins that one question goes through; more are not looked at, and the key counts as free. */
const MAX_DEPTH = 12;
/** Versions of one object that are looked through on one way. */
const MAX_STEPS = 200;

/**
 * True when what a `LoadElement` reads is surely no prototype object: its key is a number or otherwise no such name, the object
 * has the property itself (tested, or just written), or it was made without a prototype. On several ways to a join all of them
 * have to say so.
 */
export function readsOwnProperty(p: FunctionView, load: NodeId): boolean {
  if (isOtherKey(p.body, p.operand(load, 1), PROTOTYPE_KEYS)) return true;
  return isOwn(p, p.operand(load, 0), p.operand(load, 1), MAX_DEPTH);
}

function isOwn(p: FunctionView, base: NodeId, key: NodeId, depth: number): boolean {
  const { op } = p.body.graph;
  if (depth === 0) return false;
  const keyOrigin = sameValue(p, key);
  if (isTestedKey(p, base, key) || isListedKey(p, keyOrigin, base)) return true;
  let node = base;
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.StoreElement:
        if (isSameKey(p, p.operand(node, 1), keyOrigin)) return isNoPrototype(p, p.operand(node, 2), depth - 1);
        node = p.operand(node, 0);
        break;
      case Op.Guard:
        if (isOwnerTestedFor(p, node, keyOrigin)) return true;
        node = p.operand(node, 0);
        break;
      case Op.Store:
        if (isWithoutPrototype(p, node)) return true;
        node = p.operand(node, 0);
        break;
      case Op.Copy:
      case Op.Typed:
        node = p.operand(node, 0);
        break;
      case Op.Call:
        return isMadeWithoutPrototype(p, node);
      case Op.Captured:
        return holdsBareObjects(p, node) || wasPutBefore(p, node, keyOrigin);
      case Op.Load:
        return isOwnIn(p, p.operand(node, 0), node, key, depth);
      case Op.Phi: {
        const count = p.operandCount(node);
        // The key has another version on each way, with what was tested there.
        const isAlongside = op[key] === Op.Phi && p.operandCount(key) === count;
        for (let i = 0; i < count; i++) {
          const version = p.operand(node, i);
          if (version >= node) {
            // Around a loop: the object itself again, or another one, of which nothing is known.
            if (!isVersionOf(p, version, node)) return isBare(p, node, [], MAX_DEPTH);
            continue;
          }
          if (!isOwn(p, version, isAlongside ? p.operand(key, i) : key, depth - 1)) return false;
        }
        return count > 0;
      }
      default:
        return false;
    }
  }
  return false;
}

/** The same of an object that a property of another one holds, which a load reads: `this.table`. By what was last written to, or tested of, the property. */
function isOwnIn(p: FunctionView, start: NodeId, load: NodeId, key: NodeId, depth: number): boolean {
  const { op, aux } = p.body.graph;
  if (depth === 0) return false;
  let node = start;
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.Guard:
        if (isOwnerTestedFor(p, node, sameValue(p, key), aux[load])) return true;
        node = p.operand(node, 0);
        break;
      case Op.Store:
        if (aux[node] === aux[load]) return isOwn(p, p.operand(node, 1), key, depth - 1);
        node = p.operand(node, 0);
        break;
      case Op.StoreElement:
      case Op.Copy:
      case Op.Typed:
        node = p.operand(node, 0);
        break;
      case Op.Phi: {
        const count = p.operandCount(node);
        const isAlongside = op[key] === Op.Phi && p.operandCount(key) === count;
        for (let i = 0; i < count; i++) {
          const version = p.operand(node, i);
          if (version >= node) {
            if (!isVersionOf(p, version, node)) return false;
          } else if (!isOwnIn(p, version, load, isAlongside ? p.operand(key, i) : key, depth - 1)) return false;
        }
        return count > 0;
      }
      default:
        return false;
    }
  }
  return false;
}

/** True for a value that is surely no prototype object that a key selected. */
function isNoPrototype(p: FunctionView, value: NodeId, depth: number): boolean {
  if (depth <= 0) return false;
  if (value === NONE) return true;
  switch (p.body.graph.op[value] as Op) {
    case Op.LoadElement:
      return isOwn(p, p.operand(value, 0), p.operand(value, 1), depth - 1);
    case Op.Guard:
    case Op.Typed:
    case Op.StoreElement:
    case Op.Store:
      return isNoPrototype(p, p.operand(value, 0), depth - 1);
    case Op.Phi:
      for (let i = 0; i < p.operandCount(value); i++) {
        const operand = p.operand(value, i);
        if (operand >= value || !isNoPrototype(p, operand, depth - 1)) return false;
      }
      return true;
    case Op.ObjectLiteral:
    case Op.ArrayLiteral:
    case Op.New:
    case Op.Const:
    case Op.StringConst:
    case Op.Closure:
    case Op.Class:
      return true;
    case Op.Param:
      // Whatever callers hand over: if a key selected it, that was theirs.
      return p.body.graph.aux[value] !== RECEIVER;
    case Op.Call:
      return (
        isMadeWithoutPrototype(p, value) || givesNoPrototype(p, value, depth - 1) || isMadeByCaller(p, value, depth - 1)
      );
    default:
      return false;
  }
}

/** True for a call of functions that give back nothing but what they make, and what they are handed that is no prototype: `table[key] = merge({}, table[key])`. */
function givesNoPrototype(p: FunctionView, call: NodeId, depth: number): boolean {
  const given = givenBack(p, call);
  return given?.every(({ node, path }) => path === EMPTY && isNoPrototype(p, node, depth)) === true;
}

/** True for what a function gives that was handed over, of values that are no prototypes: as with what callers hand over, that is theirs. */
function isMadeByCaller(p: FunctionView, call: NodeId, depth: number): boolean {
  const { op } = p.body.graph;
  const callee = p.operand(call, 0);
  if (callee === NONE || !isParameter(p, callee)) return false;
  for (let operand = 1; operand < p.operandCount(call); operand++) {
    const given = p.operand(call, operand);
    if (given !== NONE && op[given] === Op.Spread) return false;
    if (given !== NONE && op[sameValue(p, given)] === Op.LoadElement && !isNoPrototype(p, given, depth)) return false;
  }
  return true;
}

/** A parameter of this function, or of one around it that nobody assigns. */
function isParameter(p: FunctionView, value: NodeId): boolean {
  const { graph } = p.body;
  if (graph.op[value] === Op.Param) return graph.aux[value] !== RECEIVER;
  if (graph.op[value] !== Op.Captured) return false;
  const { owner, cell } = graph.captures[graph.aux[value]];
  const place = p.body.graphOf(owner);
  const node = cellNode(place, cell);
  if (node === NONE || place.operandStart[node + 1] - place.operandStart[node] !== 1) return false;
  const held = place.operands[place.operandStart[node]];
  return held !== NONE && place.op[held] === Op.Param && place.aux[held] !== RECEIVER;
}

/**
 * True for an object that was made without a prototype, or lies in one: who builds a tree of such objects puts nothing else there. `loops` are joins
 * that are being looked at: what comes round to one is what it is.
 */
function isBare(p: FunctionView, value: NodeId, loops: readonly NodeId[], depth: number): boolean {
  if (depth <= 0 || value === NONE) return false;
  switch (p.body.graph.op[value] as Op) {
    case Op.Guard:
    case Op.Typed:
    case Op.Store:
    case Op.StoreElement:
    case Op.Copy:
    case Op.Load:
    case Op.LoadElement:
      return isBare(p, p.operand(value, 0), loops, depth - 1);
    case Op.Phi: {
      if (loops.includes(value)) return true;
      const inside = [...loops, value];
      for (let i = 0; i < p.operandCount(value); i++)
        if (!isBare(p, p.operand(value, i), inside, depth - 1)) return false;
      return true;
    }
    case Op.Call:
      return isMadeWithoutPrototype(p, value);
    case Op.Captured:
      return holdsBareObjects(p, value);
    default:
      return false;
  }
}

function isMadeWithoutPrototype(p: FunctionView, call: NodeId): boolean {
  const { models, shift } = p.callAt(call);
  return models.some(
    ({ withoutPrototype }) => withoutPrototype !== undefined && conditionHolds(p, call, withoutPrototype, shift),
  );
}

/** True when guards over the key say that the object has that property itself. */
function isTestedKey(p: FunctionView, base: NodeId, key: NodeId): boolean {
  const { graph } = p.body;
  for (let node = key; node !== NONE; node = p.operand(node, 0)) {
    if (graph.op[node] === Op.Typed) continue;
    if (graph.op[node] === Op.LoadElement) return isTestedElement(p, base, node);
    if (graph.op[node] !== Op.Guard) return false;
    const owner = ownerTestedBy(p, node);
    if (owner !== NONE && isSameObject(p, owner, base)) return true;
  }
  return false;
}

/** The same where the key is an element of a list: guards over the list then tell of the element that was tested. */
function isTestedElement(p: FunctionView, base: NodeId, element: NodeId): boolean {
  const { graph } = p.body;
  let node = p.operand(element, 0);
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    if (graph.op[node] === Op.Guard) {
      const owner = ownerTestedBy(p, node, element);
      if (owner !== NONE && isSameObject(p, owner, base)) return true;
    } else if (graph.op[node] !== Op.Typed) return false;
    node = p.operand(node, 0);
  }
  return false;
}

/** True for a guard over a list that asks about the very element that is read at a node, or about the constructor of it. No other element was written in between. */
export function isAboutElement(p: FunctionView, guard: NodeId, element: NodeId): boolean {
  const { graph } = p.body;
  const { path, test, argument } = graph.guards[graph.aux[guard]];
  const isOfConstructor = path.length === 2 && p.text(path[1]) === CONSTRUCTOR;
  if ((path.length !== 1 && !isOfConstructor) || p.text(path[0]) !== TESTED_ELEMENT) return false;
  const asked = p.operand(guard, 1);
  if (asked === NONE) return false;
  const isIt = (tested: NodeId): boolean => isSameKey(p, tested, element) || isSameElement(p, tested, element);
  if (test === Test.Call && graph.op[asked] === Op.Call) return argument >= 0 && isIt(p.operand(asked, argument + 2));
  for (let i = 0; i < p.operandCount(asked); i++) {
    const operand = p.operand(asked, i);
    if (operand === NONE) continue;
    switch (graph.op[operand] as Op) {
      // `typeof table[key] === 'object'`
      case Op.Unary:
        if (test === Test.Typeof && isIt(p.operand(operand, 0))) return true;
        break;
      // `table[key].constructor === Object`
      case Op.Load:
        if (isIt(isOfConstructor ? p.operand(operand, 0) : operand)) return true;
        break;
      // `toString.call(table[key]) === '[object Object]'`
      case Op.Call:
        if (test === Test.Behind)
          for (let j = 1; j < p.operandCount(operand); j++) if (isIt(p.operand(operand, j))) return true;
        break;
      default:
        if (isIt(operand)) return true;
    }
  }
  return false;
}

/** True for a guard over an object of which (or of a `property` of which) it says that the key is one of its own. */
function isOwnerTestedFor(p: FunctionView, guard: NodeId, key: NodeId, property: number = NONE): boolean {
  const { graph } = p.body;
  const facts = graph.guards[graph.aux[guard]];
  const call = p.operand(guard, 1);
  if (facts.test !== Test.Call || call === NONE || graph.op[call] !== Op.Call) return false;
  if (property === NONE ? facts.path.length > 0 : facts.path.length !== 1 || facts.path[0] !== property) return false;
  for (let i = 2; i < p.operandCount(call); i++) {
    if (!isSameKey(p, p.operand(call, i), key)) continue;
    let owner = ownerOf(p, call, i - 2, facts.polarity);
    if (property !== NONE && owner !== NONE) {
      owner = sameObject(p, owner);
      owner = graph.op[owner] === Op.Load && graph.aux[owner] === property ? p.operand(owner, 0) : NONE;
    }
    if (owner !== NONE && isSameObject(p, owner, guard)) return true;
  }
  return false;
}

/** `{ __proto__: null }` */
function isWithoutPrototype(p: FunctionView, store: NodeId): boolean {
  const { graph } = p.body;
  if (p.text(graph.aux[store]) !== '__proto__' || graph.op[p.operand(store, 0)] !== Op.ObjectLiteral) return false;
  const value = p.operand(store, 1);
  return graph.op[value] === Op.Const && p.text(graph.aux[value]) === 'null';
}

/** The object of which a guard says that the guarded value (or an `element` of it) is a key of its own; NONE when it says no such thing. */
function ownerTestedBy(p: FunctionView, guard: NodeId, element: NodeId = NONE): NodeId {
  const { graph } = p.body;
  const facts = graph.guards[graph.aux[guard]];
  const call = p.operand(guard, 1);
  if (facts.test !== Test.Call || call === NONE || graph.op[call] !== Op.Call) return NONE;
  if (element === NONE ? facts.path.length > 0 : !isAboutElement(p, guard, element)) return NONE;
  return ownerOf(p, call, facts.argument, facts.polarity);
}

/** The object of which a call's result says that an argument is a key of its own; NONE when it says no such thing. */
export function ownerOf(p: FunctionView, call: NodeId, argument: number, polarity: boolean): NodeId {
  const models = p.modelsOf(call);
  const shift = models.length === 0 ? 0 : shiftOf(p, call);
  for (const { guards } of models) {
    for (const { at, keyOf, result } of guards) {
      if (keyOf === undefined || result !== polarity || at.root !== 'argument') continue;
      if (argument - shift < at.from || argument - shift > at.to) continue;
      return operandAt(p, call, keyOf, shift);
    }
  }
  return predicateOwner(p, call, argument, polarity);
}

/**
 * True when what an object's own keys are may be up to who sends data: a parameter, what lies in one, a result. Not so for an object
 * that the program made or imported, and for what `this` holds.
 */
export function isGiven(p: FunctionView, object: NodeId): boolean {
  const { graph } = p.body;
  const seen = new Set<NodeId>();
  const stack = [object];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === NONE || seen.has(node)) continue;
    if (seen.size > MAX_STEPS) return true;
    seen.add(node);
    switch (graph.op[node] as Op) {
      case Op.Load:
      case Op.LoadElement:
      case Op.Iterate:
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
      case Op.Store:
      case Op.StoreElement:
      case Op.Copy:
        stack.push(p.operand(node, 0));
        break;
      case Op.Phi:
      case Op.Cell:
        for (let i = 0; i < p.operandCount(node); i++) stack.push(p.operand(node, i));
        break;
      case Op.Param:
        if (graph.aux[node] !== RECEIVER) return true;
        break;
      case Op.Captured:
        if (!isOfModule(p, node)) return true;
        break;
      case Op.RestParam:
      case Op.Call:
      case Op.Unknown:
        return true;
      default:
        break;
    }
  }
  return false;
}

/** True for a call of a method that a prototype object does not have, so that it fails where the receiver is one. */
export function isOtherMethod(p: FunctionView, call: NodeId): boolean {
  const { graph } = p.body;
  const callee = p.operand(call, 0);
  return callee !== NONE && graph.op[callee] === Op.Load && !PROTOTYPE_METHODS.has(p.text(graph.aux[callee]));
}

/**
 * True when which key this is may be up to who sends data. Not so for what the program keeps in its own variables and objects:
 * names made once, fields of `this`.
 */
export function isGivenKey(p: FunctionView, key: NodeId): boolean {
  const { body } = p;
  if (isOneOfFew(p, key)) return false;
  const seen = new Map<FunctionGraph, Set<NodeId>>();
  const ids = new Map<FunctionGraph, FunctionId>([[body.graph, body.id]]);
  const stack: [FunctionGraph, NodeId][] = [[body.graph, key]];
  let steps = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [graph, node] = next;
    let known = seen.get(graph);
    if (known === undefined) seen.set(graph, (known = new Set()));
    if (node === NONE || known.has(node)) continue;
    if (++steps > MAX_STEPS) return true;
    known.add(node);
    switch (graph.op[node] as Op) {
      case Op.Param:
        if (
          graph.aux[node] !== RECEIVER &&
          !(graph.aux[node] === 0 && isFunctionGivenConstants(body, graph, ids.get(graph) ?? body.id)) &&
          !(graph === body.graph && isPositionParameter(body, graph.aux[node]))
        )
          return true;
        break;
      // What a list holds that begins empty was added to it: `keys.push(match[0])`.
      case Op.ArrayLiteral:
        if (graph.aux[node] === 0) return true;
        break;
      case Op.RestParam:
      case Op.Unknown:
      case Op.Catch:
        return true;
      case Op.Captured: {
        const { owner, cell } = graph.captures[graph.aux[node]];
        const place = body.graphOf(owner);
        ids.set(place, body.functionIds(owner));
        stack.push([place, cellNode(place, cell)]);
        break;
      }
      case Op.Load:
        if (graph === body.graph && p.apisOf(node).length > 0) return true;
        for (const value of writtenAs(graph, node)) stack.push([graph, value]);
        break;
      default:
        if (graph === body.graph && graph.op[node] === Op.Call && givesNothingFree(p, node)) break;
        // What APIs give may be anything.
        if (graph === body.graph && p.apisOf(node).length > 0) return true;
        for (let i = graph.operandStart[node]; i < graph.operandStart[node + 1]; i++)
          stack.push([graph, graph.operands[i]]);
    }
  }
  return false;
}

/** True for a key of which a test says that it is one of few texts, or a number. */
function isOneOfFew(p: FunctionView, key: NodeId): boolean {
  const { op } = p.body.graph;
  const { allKinds } = p.environment.models;
  let node = key;
  while (node !== NONE && (op[node] === Op.Guard || op[node] === Op.Typed)) {
    if (op[node] === Op.Guard && (p.kindsRemovedBy(node) & allKinds) === allKinds) return true;
    node = p.operand(node, 0);
  }
  return false;
}

/** True for a call whose result is no text that somebody may choose, whatever it is given: a number, a date, a digest. */
function givesNothingFree(p: FunctionView, call: NodeId): boolean {
  const { models, targets } = p.callAt(call);
  const { models: view } = p.environment;
  const { allKinds } = view;
  if (models.length === 0 || targets.some(({ kind }) => kind === 'function')) return false;
  if (p.apisOf(call).some((state) => view.valueSources(state).length > 0)) return false;
  return models.every(
    ({ known, flows, sources }) =>
      known && sources.length === 0 && flows.every(({ removes }) => (removes & allKinds) === allKinds),
  );
}

/** What a property may have been written as before it is read; the object it is read of where nobody wrote it here. What else was written into that has no say. */
function writtenAs(graph: FunctionGraph, load: NodeId): readonly NodeId[] {
  const { op, aux, operands, operandStart } = graph;
  const found: NodeId[] = [];
  const seen = new Set<NodeId>();
  const stack = [operands[operandStart[load]]];
  for (let object = stack.pop(); object !== undefined; object = stack.pop()) {
    if (object === NONE || seen.has(object)) continue;
    seen.add(object);
    const first = operandStart[object];
    switch (seen.size > MAX_STEPS ? Op.Unknown : (op[object] as Op)) {
      case Op.Guard:
      case Op.Typed:
        stack.push(operands[first]);
        break;
      case Op.Store:
        if (aux[object] === aux[load]) found.push(operands[first + 1]);
        else stack.push(operands[first]);
        break;
      case Op.StoreElement:
        found.push(operands[first + 2]);
        stack.push(operands[first]);
        break;
      case Op.Phi:
        for (let i = first; i < operandStart[object + 1]; i++) stack.push(operands[i]);
        break;
      default:
        found.push(object);
    }
  }
  return found;
}

/** A variable of the module itself, whose value was made here or imported. */
function isOfModule(p: FunctionView, captured: NodeId): boolean {
  const { graph } = p.body;
  return p.body.graphOf(graph.captures[graph.aux[captured]].owner).parent === NONE;
}

/** True for a comparison that says, where it does not hold, that a value is not the prototype of all objects. */
export function comparesWithPrototype(p: FunctionView, comparison: NodeId): boolean {
  if (comparison === NONE) return false;
  for (let i = 0; i < p.operandCount(comparison); i++) if (isPrototypeOfAll(p, p.operand(comparison, i))) return true;
  return false;
}

/** `Object.prototype` */
export function isPrototypeOfAll(p: FunctionView, node: NodeId): boolean {
  const { graph } = p.body;
  if (node === NONE || graph.op[node] !== Op.Load || p.text(graph.aux[node]) !== 'prototype') return false;
  const owner = p.operand(node, 0);
  return owner !== NONE && graph.op[owner] === Op.Global && p.text(graph.aux[owner]) === 'Object';
}
