/**
 * What a guard makes harmless: the kinds removed from a value in the branch where a test held (or did not).
 */
import {
  CONSTRUCTOR,
  FIRST,
  NONE,
  Op,
  RECEIVER,
  TESTED_ELEMENT,
  Test,
  TEXT,
  type GuardFacts,
  type NodeId,
} from '../model/graph';
import { ELEMENT, type GuardResult, type KindSet, type ModelGuard } from '../model/summary';
import { behindRemoves, equalRemoves, guardsBehind, removedByEquality, type Tested } from './behind';
import { refusedBeginnings } from './beginnings';
import { operandAt, shiftOf } from './conventions';
import { conditionHolds } from './conditions';
import { constantText, isFixed } from './constants';
import { Outcome, predicateRemoves, testRemoves, type CallOutcome } from './predicates';
import { isAboutElement, isGiven, isPrototypeOfAll, refusalOf } from './prototypeKeys';
import { throughConstructor } from './prototypeKinds';
import { ANY, both, removedAt, type Schema } from './schema';
import { patternRemovesAt, schemaAtPlace } from './schemas';
import type { FunctionView } from './functionView';
import { equalToFolder } from './folders';
import { isListedKey } from './listedKeys';
import { isMadeHere, isSameKey, sameValue } from './sameValues';
import { isListOfConstants, refusedBy } from './yardsticks';

/** `typeof` results that leave nothing an attacker could shape. */
const HARMLESS_TYPES = new Set(['number', 'boolean', 'bigint', 'symbol', 'undefined']);
/** Classes of the language of whose instances the same is true. */
const HARMLESS_CLASSES = new Set(['Number', 'Boolean', 'BigInt', 'Symbol', 'Date']);
/** Classes of which prototypes, and constructors, are instances, too. */
const COMMON_CLASSES = new Set(['Object', 'Function']);
/** Those of which constructors are no instances. */
const PLAIN_CLASSES = new Set(['Object', 'Array']);
/** The class of expressions, whose text is the program's own. */
const EXPRESSION = 'RegExp';
const FUNCTION = 'function';
const OBJECT = 'object';

/** How far a load looks back for guards. */
const LOOK_BACK = 24;

/**
 * Kinds removed from what a load reads, because guards over its base tested that very property path
 * (`if (isSafe(req.query.x)) use(req.query.x)`). On several ways to a join, what all of them remove.
 */
export function kindsGuardedOver(p: FunctionView, load: NodeId): KindSet {
  const { graph } = p.body;
  return guardedBelow(p, p.operand(load, 0), [graph.aux[load]], LOOK_BACK);
}

function guardedBelow(p: FunctionView, start: NodeId, below: readonly number[], steps: number): KindSet {
  const { graph } = p.body;
  const path = [...below];
  let removed = 0;
  let base = start;
  for (let step = steps; step > 0; step--) {
    switch (graph.op[base] as Op) {
      case Op.Guard: {
        const guarded = graph.guards[graph.aux[base]].path;
        if (guarded.length < path.length) removed |= schemaRemoves(p, base, guarded, path);
        else if (path.every((name, i) => name === guarded[path.length - 1 - i])) {
          if (guarded.length === path.length) removed |= p.kindsRemovedBy(base);
          else if (guarded.length === path.length + 1) removed |= ownerRemoves(p, base);
        }
        break;
      }
      case Op.Load:
        path.push(graph.aux[base]);
        break;
      case Op.Store:
        // A store to the guarded property ends the guard's hold; any other leaves it.
        if (graph.aux[base] === path[path.length - 1]) return removed;
        break;
      case Op.Typed:
        break;
      case Op.Phi: {
        let common = p.environment.models.allKinds;
        for (let i = 0; i < p.operandCount(base) && common !== 0; i++) {
          const operand = p.operand(base, i);
          // Around a loop nothing is known yet.
          common = operand >= base ? 0 : common & guardedBelow(p, operand, path, step >> 1);
        }
        return removed | common;
      }
      default:
        return removed;
    }
    base = p.operand(base, 0);
  }
  return removed;
}

/** The same for an element read at a position that varies: `if (isSafe(keys[i])) use(keys[i])`. */
export function kindsGuardedOverElement(p: FunctionView, load: NodeId): KindSet {
  return guardedElement(p, p.operand(load, 0), load, LOOK_BACK);
}

function guardedElement(p: FunctionView, start: NodeId, load: NodeId, steps: number): KindSet {
  const { graph } = p.body;
  let removed = 0;
  let base = start;
  for (let step = steps; step > 0 && base !== NONE; step--) {
    switch (graph.op[base] as Op) {
      case Op.Guard:
        if (isAboutElement(p, base, load))
          removed |=
            graph.guards[graph.aux[base]].path.length > 1 ? constructorRemoves(p, base) : p.kindsRemovedBy(base);
        break;
      case Op.Typed:
        break;
      case Op.StoreElement:
        // What was made here was put there: `if (!isObject(table[key])) table[key] = {};`. It is no constructor; what it was filled with since is anything.
        return isSameKey(p, p.operand(base, 1), p.operand(load, 1)) && isMadeHere(p, p.operand(base, 2))
          ? removed | throughConstructor(p.environment.models)
          : removed;
      case Op.Phi: {
        let common = p.environment.models.allKinds;
        for (let i = 0; i < p.operandCount(base) && common !== 0; i++) {
          const operand = p.operand(base, i);
          common = operand >= base ? 0 : common & guardedElement(p, operand, load, step >> 1);
        }
        return removed | common;
      }
      default:
        return removed;
    }
    base = p.operand(base, 0);
  }
  return removed;
}

/**
 * Kinds that a join removes from one of its operands, because another one is the same value under a guard that refuses the names that lead
 * to a prototype. So the refusal depended on something else: the type of the object, or a switch by which a caller does without it.
 */
export function refusedAlongside(p: FunctionView, phi: NodeId, operand: number): KindSet {
  const { graph } = p.body;
  const prototype = p.environment.models.kindBit('prototype');
  const value = p.operand(phi, operand);
  for (let i = 0; i < p.operandCount(phi); i++) {
    let other = i === operand ? NONE : p.operand(phi, i);
    let removes = 0;
    for (let step = 0; step < LOOK_BACK && other !== NONE && graph.op[other] === Op.Guard; step++) {
      if (graph.guards[graph.aux[other]].path.length === 0)
        removes |= p.kindsRemovedBy(other) | p.elementKindsRemovedBy(other);
      other = p.operand(other, 0);
      if (other === value && (removes & prototype) !== 0) return removes & prototype;
    }
  }
  return 0;
}

/** Kinds that a guard, which held the value at `guarded` against a schema, took from what lies at `path` (innermost name first) below it. */
function schemaRemoves(p: FunctionView, guard: NodeId, guarded: readonly number[], path: readonly number[]): KindSet {
  const schema = p.guardSchema(guard);
  if (schema === undefined || !guarded.every((name, i) => name === path[path.length - 1 - i])) return 0;
  const below = path.slice(0, path.length - guarded.length).reverse();
  return removedAt(
    p,
    schema,
    below.map((name) => p.property(name)),
  );
}

/** The schema that a value conforms to where a guard stands. */
export function guardSchema(p: FunctionView, guard: NodeId): Schema | undefined {
  const { graph } = p.body;
  const facts = graph.guards[graph.aux[guard]];
  const call = p.operand(guard, 1);
  let schema: Schema | undefined;
  if (facts.test === Test.Behind) {
    for (const { call: maker, guard: behind, shift } of guardsBehind(p, guard)) {
      const found = behind.schema === undefined ? undefined : schemaAtPlace(p, maker, behind.schema, shift);
      if (found !== undefined) schema = both(schema ?? ANY, found);
    }
    return schema;
  }
  if (facts.test !== Test.Call && facts.test !== Test.Returned) return undefined;
  if (call === NONE || graph.op[call] !== Op.Call || p.operandCount(guard) > 2) return undefined;
  const result = facts.test === Test.Returned ? 'returned' : resultOf(facts, p);
  const { models, shift } = p.callAt(call);
  for (const model of models) {
    for (const guarded of model.guards) {
      if (
        guarded.schema === undefined ||
        guarded.property !== undefined ||
        guarded.result !== result ||
        !isAtPlace(guarded, facts.argument - shift)
      )
        continue;
      const found = schemaAtPlace(p, call, guarded.schema, shift);
      if (found !== undefined) schema = both(schema ?? ANY, found);
    }
  }
  return schema;
}

const isAtPlace = ({ at }: ModelGuard, position: number): boolean =>
  at.root === 'receiver' ? position === RECEIVER : at.root === 'argument' && position >= at.from && position <= at.to;

/** Kinds that a guard removes from the value it is over, or from its `elements`. */
export function guardRemoves(p: FunctionView, guard: NodeId, elements = false): KindSet {
  const { graph } = p.body;
  const { models } = p.environment;
  const facts = graph.guards[graph.aux[guard]];
  const test = p.operand(guard, 1);
  if (p.operandCount(guard) > 2 && !asserts(p, p.operand(guard, 2))) return 0;
  if (elements) return elementsRemoved(p, facts, test);
  switch (facts.test) {
    case Test.Equals:
      if (facts.polarity) return models.allKinds;
      return facts.constant !== NONE ? refusalOf(models, p.text(facts.constant)) : 0;
    case Test.Typeof:
      return typeofRemoves(p, facts.constant === NONE ? '' : p.text(facts.constant), facts.polarity);
    case Test.In: {
      if (test === NONE) return 0;
      return membershipRemoves(p, test, facts.polarity);
    }
    case Test.Call: {
      const result = resultOf(facts, p);
      return result === 'equal'
        ? removedByEquality(p, test, (found, _call, shift) => isAtPlace(found, facts.argument - shift))
        : callRemoves(p, test, facts.argument, result) | refusedBeginnings(p, guard);
    }
    case Test.Returned:
      return returnedRemoves(p, test, facts.argument, facts.polarity);
    case Test.Each:
      return 0;
    case Test.Behind: {
      let removes = test === NONE ? 0 : behindRemoves(p, guard, testedBy(p, test, facts));
      if (facts.polarity) removes |= equalRemoves(p, guard, test);
      for (const { call, guard: found, shift } of guardsBehind(p, guard))
        removes |= found.removes | judged(p, call, found, true, shift);
      return removes;
    }
    case Test.EqualsValue:
      if (!facts.polarity || test === NONE) return 0;
      return [0, 1].some((side) => isFixed(p.body, p.operand(test, side))) ? models.allKinds : ofFolder(p, guard, test);
    case Test.Instanceof:
      return facts.polarity ? instanceRemoves(p, facts.constant === NONE ? '' : p.text(facts.constant)) : 0;
    case Test.Compare:
      return 0;
    case Test.NoConstructor:
      return noConstructorRemoves(p, p.operand(guard, 0), test);
  }
}

/** Kinds that a key is harmless for because what an object has under the name `constructor` is no function, by a comparison of its type. */
export function noConstructorRemoves(p: FunctionView, key: NodeId, comparison: NodeId): KindSet {
  const { graph } = p.body;
  for (let side = 0; comparison !== NONE && side < p.operandCount(comparison); side++) {
    const type = p.operand(comparison, side);
    if (type === NONE || graph.op[type] !== Op.Unary) continue;
    const other = p.operand(comparison, 1 - side);
    if (other === NONE || constantText(p.body, other) !== FUNCTION) return 0;
    const read = p.operand(type, 0);
    if (read === NONE || (graph.op[read] !== Op.LoadElement && graph.op[read] !== Op.Load)) return 0;
    return isListedKey(p, sameValue(p, key), p.operand(read, 0)) ? 0 : throughConstructor(p.environment.models);
  }
  return 0;
}

/** Kinds that follow from being equal to a folder. */
function ofFolder(p: FunctionView, guard: NodeId, comparison: NodeId): KindSet {
  const { graph } = p.body;
  if (graph.op[comparison] !== Op.Binary || graph.guards[graph.aux[guard]].path.length > 0) return 0;
  const value = sameValue(p, p.operand(guard, 0));
  const side = [0, 1].find(
    (i) => p.operand(comparison, i) !== NONE && sameValue(p, p.operand(comparison, i)) === value,
  );
  return side === undefined ? 0 : equalToFolder(p, comparison, side, callRemoves);
}

/** What follows for a key from its being one of an object or not: `key in table`, `table[key]` as a condition. */
export function membershipRemoves(p: FunctionView, test: NodeId, isMember: boolean): KindSet {
  const collection = p.operand(test, p.body.graph.op[test] === Op.LoadElement ? 0 : 1);
  if (!isMember)
    return isPrototypeOfAll(p, collection) ? p.environment.models.kindBit('prototype') : refusedBy(p, collection);
  return isListOfConstants(p, collection) ? p.environment.models.allKinds : 0;
}

/** Kinds that a test removes from the elements of the value that it asks about. */
function elementsRemoved(p: FunctionView, facts: GuardFacts, test: NodeId): KindSet {
  if (facts.test === Test.Each) return eachRemoved(p, test);
  if (test === NONE || p.body.graph.op[test] !== Op.Call) return 0;
  if (facts.test === Test.Returned) {
    const outcomes: readonly CallOutcome[] = facts.polarity ? [Outcome.Returned, Outcome.Resolved] : [Outcome.Returned];
    return outcomes.reduce(
      (removes, outcome) => removes | predicateRemoves(p, test, facts.argument, outcome, true),
      facts.argument === RECEIVER ? calledRemoves(p, test) : 0,
    );
  }
  return facts.test === Test.Call ? callRemoves(p, test, facts.argument, resultOf(facts, p), true) : 0;
}

/** `keys.forEach((key) => { if (isReserved(key)) throw … })` */
function calledRemoves(p: FunctionView, call: NodeId): KindSet {
  const callee = p.operand(call, 0);
  if (callee === NONE || p.body.graph.op[callee] !== Op.Load || p.operandCount(call) < 3) return 0;
  if (p.text(p.body.graph.aux[callee]) !== 'forEach') return 0;
  return testRemoves(p, p.operand(call, 2), Outcome.Returned);
}

/** What a loop found out about each element: guards over the element itself, or over the list where that says which element was read. */
function eachRemoved(p: FunctionView, last: NodeId): KindSet {
  const { graph } = p.body;
  let removes = 0;
  for (let node = last; node !== NONE && graph.op[node] === Op.Guard; node = p.operand(node, 0)) {
    const { path, test } = graph.guards[graph.aux[node]];
    const isOfElement =
      path.length === 0 ? test !== Test.Each : path.length === 1 && p.text(path[0]) === TESTED_ELEMENT;
    if (isOfElement) removes |= p.kindsRemovedBy(node);
  }
  return removes;
}

/** The operands of a test with what its outcome says of them. */
function testedBy(p: FunctionView, test: NodeId, facts: GuardFacts): Tested[] {
  const { graph } = p.body;
  const tested: Tested[] = [];
  const op: Op = graph.op[test];
  if (op === Op.Binary) {
    const isEquality = !p.text(graph.aux[test]).startsWith('!');
    for (const side of [0, 1])
      tested.push({
        node: p.operand(test, side),
        kinds:
          comparisonRemoves(p, test, side, facts.polarity === isEquality) |
          (facts.polarity ? equalToFolder(p, test, side, callRemoves) : 0),
      });
  } else if (op === Op.Call) {
    const result = resultOf(facts, p);
    for (let operand = 1; operand < p.operandCount(test); operand++) {
      const node = p.operand(test, operand);
      if (node === NONE) continue;
      tested.push({ node, kinds: callRemoves(p, test, operand === 1 ? RECEIVER : operand - 2, result) });
    }
  }
  return tested.filter(({ kinds }) => kinds !== 0);
}

/** A longer text than this is no shorter for what takes long. */
const MAX_LIMIT = 20_000;

/** Kinds that a value is harmless for because of what a guard says of a property of it: its length, the host of an address. */
export function ownerRemoves(p: FunctionView, guard: NodeId): KindSet {
  const { path } = p.body.graph.guards[p.body.graph.aux[guard]];
  const removes = limitRemoves(p, guard) | constructorRemoves(p, guard);
  if (path.length === 0) return removes;
  const decided = p.environment.models.decidedBy?.(p.text(path[path.length - 1])) ?? 0;
  return decided === 0 ? removes : removes | (decided & p.kindsRemovedBy(guard));
}

/** `x.constructor === Object`: then it is no constructor, whose own one is `Function`. */
export function constructorRemoves(p: FunctionView, guard: NodeId): KindSet {
  const { graph } = p.body;
  const { path, test, polarity } = graph.guards[graph.aux[guard]];
  const comparison = p.operand(guard, 1);
  if (test !== Test.EqualsValue || !polarity || path.length === 0 || comparison === NONE) return 0;
  return p.text(path[path.length - 1]) === CONSTRUCTOR ? classRemoves(p, comparison) : 0;
}

/** The same for a comparison of the constructor, which says that both sides are equal. */
export function classRemoves(p: FunctionView, comparison: NodeId): KindSet {
  const { graph } = p.body;
  for (let side = 0; side < p.operandCount(comparison); side++) {
    const node = p.operand(comparison, side);
    if (node !== NONE && graph.op[node] === Op.Global && PLAIN_CLASSES.has(p.text(graph.aux[node])))
      return throughConstructor(p.environment.models);
  }
  return 0;
}

/** Kinds that a value is harmless for because a guard tested that a property of it (its length) is not above something. */
function limitRemoves(p: FunctionView, guard: NodeId): KindSet {
  const { graph } = p.body;
  const { path, test, polarity } = graph.guards[graph.aux[guard]];
  if (path.length === 0) return 0;
  const property = path[path.length - 1];
  const removes = p.environment.models.limitRemoves(p.text(property));
  if (removes === 0 || test === Test.Equals) return polarity ? removes : 0;
  const comparison = p.operand(guard, 1);
  if (test !== Test.Compare || comparison === NONE || graph.op[comparison] !== Op.Binary) return 0;
  const operator = p.text(graph.aux[comparison]);
  const isTested = (operand: NodeId): boolean =>
    operand !== NONE && graph.op[operand] === Op.Load && graph.aux[operand] === property;
  const [left, right] = [p.operand(comparison, 0), p.operand(comparison, 1)];
  const isLeft = isTested(left);
  if (isLeft === isTested(right)) return 0;
  const isBelow = operator.startsWith('<') === isLeft;
  return isBelow === polarity && isLimit(p, isLeft ? right : left) ? removes : 0;
}

/** A number that is not too large, or a setting. */
function isLimit(p: FunctionView, node: NodeId): boolean {
  if (node === NONE) return false;
  const text = constantText(p.body, node);
  if (text !== undefined) return Number(text.replaceAll('_', '')) <= MAX_LIMIT;
  const op: Op = p.body.graph.op[node];
  return op === Op.Load && p.environment.models.limitRemoves(p.text(p.body.graph.aux[node])) === 0;
}

function typeofRemoves(p: FunctionView, type: string, polarity: boolean): KindSet {
  const { models } = p.environment;
  // What a constructor's name leads to is a function.
  if (type === FUNCTION) return polarity ? models.allKinds & ~throughConstructor(models) : throughConstructor(models);
  if (polarity && HARMLESS_TYPES.has(type)) return models.allKinds;
  // Only of texts it takes long to match them.
  if (type === TEXT) return polarity ? 0 : models.kindBit('redos');
  if (type === OBJECT) return polarity ? throughConstructor(models) : models.kindBit('nosql');
  // A string can't carry a query operator.
  return polarity && type === 'string' ? models.kindBit('nosql') : 0;
}

/** What follows from being an instance of a class: of the language by its name, or of another one. */
function instanceRemoves({ environment: { models } }: FunctionView, name: string): KindSet {
  if (name === EXPRESSION) return models.kindBit('redos');
  if (HARMLESS_CLASSES.has(name)) return models.allKinds;
  // No prototype that a key leads to is an instance of a class other than these two.
  return COMMON_CLASSES.has(name) ? 0 : models.kindBit('prototype');
}

/** What follows for one side of a comparison with a constant from its outcome. */
export function comparisonRemoves(p: FunctionView, comparison: NodeId, side: number, outcome: boolean): KindSet {
  const { graph } = p.body;
  const operator = p.text(graph.aux[comparison]);
  const isEqual = operator === '===' || operator === '==';
  if (!isEqual && operator !== '!==' && operator !== '!=') return 0;
  const constant = constantText(p.body, p.operand(comparison, 1 - side));
  if (constant === undefined) return 0;
  const holds = isEqual === outcome;
  if (graph.op[p.operand(comparison, side)] === Op.Unary) return typeofRemoves(p, constant, holds);
  if (holds) return p.environment.models.allKinds;
  return refusalOf(p.environment.models, constant);
}

/** Which outcome of a tested call a guard stands for. */
function resultOf({ constant, polarity }: GuardFacts, p: FunctionView): GuardResult {
  if (constant === NONE) return polarity;
  return p.text(constant) === FIRST ? 'first' : 'equal';
}

/** Kinds removed from an argument (or the receiver) of a call that came back, or (`awaited`) whose promise did. */
function returnedRemoves(p: FunctionView, call: NodeId, argument: number, awaited: boolean): KindSet {
  if (call === NONE || p.body.graph.op[call] !== Op.Call) return 0;
  let removes = predicateRemoves(p, call, argument, Outcome.Returned);
  if (awaited) removes |= predicateRemoves(p, call, argument, Outcome.Resolved);
  return removes | modelGuards(p, call, argument, 'returned');
}

/** Kinds removed from an argument (or the receiver) of a call with this outcome, or from its `elements`. */
export function callRemoves(
  p: FunctionView,
  call: NodeId,
  argument: number,
  result: GuardResult,
  elements = false,
): KindSet {
  if (call === NONE || p.body.graph.op[call] !== Op.Call) return 0;
  const removes =
    typeof result === 'boolean'
      ? predicateRemoves(p, call, argument, result ? Outcome.True : Outcome.False, elements)
      : 0;
  return removes | modelGuards(p, call, argument, result, elements);
}

/** True for a call that only comes back if its first argument is true. */
function asserts(p: FunctionView, call: NodeId): boolean {
  return (
    p.body.graph.op[call] === Op.Call &&
    p
      .modelsOf(call)
      .some(({ guards }) =>
        guards.some(({ at, asserts }) => asserts === true && at.root === 'argument' && at.from === 0),
      )
  );
}

/** `elements`: only what is said of the elements of the tested value. */
function modelGuards(p: FunctionView, call: NodeId, argument: number, result: GuardResult, elements = false): KindSet {
  if (call === NONE || p.body.graph.op[call] !== Op.Call) return 0;
  let removes = 0;
  const called = p.modelsOf(call);
  const shift = called.length === 0 ? 0 : shiftOf(p, call);
  const position = argument - shift;
  for (const model of called) {
    for (const guard of model.guards) {
      if (!isAtPlace(guard, position) || guard.property !== undefined || guard.result === 'same') continue;
      const collection = collectionOf(p, call, guard, shift);
      // A pattern says something both ways; that something was found first, that it was found.
      const isMeant =
        guard.result === result ||
        (guard.pattern !== undefined && typeof result === 'boolean') ||
        (guard.result === true && result === 'first' && guard.at.root === 'argument');
      if (!isMeant) {
        const isOpposite = typeof result === 'boolean' && guard.result === !result;
        if (collection !== undefined && isOpposite && !elements) removes |= refusedBy(p, collection);
        continue;
      }
      if (guard.asserts === true) continue;
      if (elements && (guard.at.path.length !== 1 || guard.at.path[0] !== ELEMENT)) continue;
      if (collection !== undefined && !isListOfConstants(p, collection)) continue;
      // Of a key of what came along with it nothing follows; of what it reads of that object, see `prototypeKeys.ts`.
      if (guard.keyOf !== undefined && isGiven(p, operandAt(p, call, guard.keyOf, shift))) continue;
      if (guard.when !== undefined && !conditionHolds(p, call, guard.when, shift)) continue;
      removes |= guard.removes | judged(p, call, guard, result, shift);
    }
  }
  return removes;
}

/** Of a guard that tests whether something is in a collection: that collection. */
function collectionOf(p: FunctionView, call: NodeId, guard: ModelGuard, shift: number): NodeId | undefined {
  if (guard.constantReceiver === true) return p.operand(call, 1 + shift);
  if (guard.constantArgument === undefined) return undefined;
  const operand = guard.constantArgument + shift + 2;
  return operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
}

/** What a constant at the call, or a function given to it, says beside the kinds that the model names. */
function judged(p: FunctionView, call: NodeId, guard: ModelGuard, result: GuardResult, shift: number): KindSet {
  const { models } = p.environment;
  let removes = 0;
  if (guard.pattern !== undefined) {
    removes |= patternRemovesAt(p, operandAt(p, call, guard.pattern, shift), result !== false);
  }
  if (guard.prefix !== undefined) {
    const prefix = constantText(p.body, operandAt(p, call, guard.prefix, shift));
    if (prefix !== undefined) removes |= models.beginningRemoves?.(prefix) ?? 0;
  }
  if (guard.schema !== undefined) {
    const schema = schemaAtPlace(p, call, guard.schema, shift);
    if (schema !== undefined) removes |= removedAt(p, schema, []);
  }
  if (guard.test !== undefined)
    removes |= testRemoves(p, operandAt(p, call, guard.test, shift), result !== false ? Outcome.True : Outcome.False);
  return removes;
}
