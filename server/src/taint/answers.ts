/**
 * Finds what a function answers about its parameters: from the values it returns comes, for each parameter, which kinds
 * are harmless where the function returns something true (or something false), and where it returns at all.
 */
import { CONSTRUCTOR, FunctionFlag, NONE, Op, POSITION_METHODS, RECEIVER, Test, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { madeOfRemoves, placesOf, removedByEquality } from './behind';
import { equalToFolder } from './folders';
import { callRemoves, classRemoves, comparisonRemoves, membershipRemoves, noConstructorRemoves } from './guards';
import { NO_PREDICATES, Outcome, type Predicate } from './predicates';
import { ownerOf } from './prototypeKeys';
import type { FunctionView } from './functionView';

/** More parameters than that are not tested by one function. */
const MAX_PARAMETERS = 4;
/** How far a returned value is followed through joins, negations and guards. */
const MAX_DEPTH = 12;

/** Joins of a parameter with itself, one behind the other. */
const MAX_JOINS = 3;

const FALSY = new Set(['false', 'null', 'undefined', '0', 'NaN', '']);

/** What the function answers where its result is true, where it is false, or where it came back at all. */
export function predicatesOf(p: FunctionView, asked: 'true' | 'false' | 'returned'): readonly Predicate[] {
  const { op, parameters, flags, guards } = p.body.graph;
  if (parameters.length === 0 || (flags & FunctionFlag.Generator) !== 0) return NO_PREDICATES;
  const returns: NodeId[] = [];
  let isTest = true;
  for (let node = 0; node < op.length; node++) {
    if (op[node] !== Op.Return) continue;
    isTest &&= mayAnswer(p, p.operand(node, 0));
    returns.push(node);
  }
  if (returns.length === 0 || (asked === 'returned' ? guards.length === 0 : !isTest)) return NO_PREDICATES;
  const isAsync = (flags & FunctionFlag.Async) !== 0;
  const outcome =
    asked === 'true' ? Outcome.True : asked === 'false' ? Outcome.False : isAsync ? Outcome.Resolved : Outcome.Returned;
  const result: Predicate[] = [];
  for (let parameter = 0; parameter < Math.min(parameters.length, MAX_PARAMETERS); parameter++) {
    let removes = p.environment.models.allKinds;
    for (const node of returns) {
      if (removes === 0) break;
      removes &=
        asked === 'returned' ? heldAt(p, node, parameter) : returnRemoves(p, node, parameter, asked === 'true');
    }
    if (removes !== 0) result.push({ parameter, outcome, removes });
    let elements = p.environment.models.kindBit('prototype');
    for (const node of returns) {
      if (elements === 0) break;
      elements &=
        asked === 'returned'
          ? heldAt(p, node, parameter, true)
          : returnRemoves(p, node, parameter, asked === 'true', true);
    }
    if (elements !== 0) result.push({ parameter, outcome, removes: elements, elements: true });
    const keyOf = asked === 'returned' ? NONE : ownerWhere(p, returns, parameter, asked === 'true');
    if (keyOf >= 0) result.push({ parameter, outcome, removes: p.environment.models.kindBit('prototype'), keyOf });
  }
  return result.length === 0 ? NO_PREDICATES : result;
}

function mayAnswer(p: FunctionView, node: NodeId): boolean {
  if (node === NONE) return true;
  switch (p.body.graph.op[node] as Op) {
    case Op.Call:
    case Op.Binary:
    case Op.Unary:
    case Op.Phi:
    case Op.Const:
    case Op.LoadElement:
      return true;
    default:
      return false;
  }
}

function returnRemoves(p: FunctionView, node: NodeId, parameter: number, whenTrue: boolean, elements = false): KindSet {
  const value = p.operand(node, 0);
  // Nothing is returned: that is like false.
  if (value === NONE) return whenTrue ? p.environment.models.allKinds : heldAt(p, node, parameter, elements);
  return valueRemoves(p, value, parameter, whenTrue, MAX_DEPTH, elements) | heldAt(p, node, parameter, elements);
}

/** What is known of a parameter, or of its `elements`, where the function is left. */
function heldAt(p: FunctionView, node: NodeId, parameter: number, elements = false): KindSet {
  let held = 0;
  for (let i = 1; i < p.operandCount(node); i++) held |= guardedAs(p, p.operand(node, i), parameter, elements) ?? 0;
  return held;
}

/** What follows for a parameter, or for its `elements`, from a value being true (or false). All kinds where it can't be. */
function valueRemoves(
  p: FunctionView,
  node: NodeId,
  parameter: number,
  whenTrue: boolean,
  depth: number,
  elements: boolean,
): KindSet {
  const { graph } = p.body;
  if (depth === 0 || node === NONE) return 0;
  switch (graph.op[node] as Op) {
    case Op.Const:
      return FALSY.has(p.text(graph.aux[node])) === whenTrue ? p.environment.models.allKinds : 0;
    case Op.Unary:
      switch (p.text(graph.aux[node])) {
        case '!':
          return valueRemoves(p, p.operand(node, 0), parameter, !whenTrue, depth - 1, elements);
        // `~list.indexOf(x)` is 0 only where nothing was found.
        case '~':
          return isPositionCall(p, p.operand(node, 0))
            ? valueRemoves(p, p.operand(node, 0), parameter, whenTrue, depth - 1, elements)
            : 0;
        default:
          return 0;
      }
    case Op.Phi: {
      let removes = p.environment.models.allKinds;
      for (let i = 0; i < p.operandCount(node) && removes !== 0; i++) {
        const value = p.operand(node, i);
        if (i + 1 < p.operandCount(node) && decides(p, value, p.operand(node, i + 1), !whenTrue)) continue;
        removes &= value >= node ? 0 : valueRemoves(p, value, parameter, whenTrue, depth - 1, elements);
      }
      return removes;
    }
    case Op.Call: {
      let removes = 0;
      for (let i = 1; i < p.operandCount(node); i++) {
        const value = p.operand(node, i);
        const known = value === NONE ? undefined : guardedAs(p, value, parameter, elements);
        if (known !== undefined)
          removes |= known | callRemoves(p, node, i === 1 ? RECEIVER : i - 2, whenTrue, elements);
        // A text that begins like a number is no name of a prototype: `!isNaN(parseInt(key))`.
        else if (i > 1 && !elements && isConvertedFrom(p, value, parameter))
          removes |= callRemoves(p, node, i - 2, whenTrue) & p.environment.models.kindBit('prototype');
        else if (!elements && value !== NONE) removes |= behindRemoves(p, node, i, parameter, whenTrue);
      }
      return removes;
    }
    // A table that is asked for the key: `table[key]`.
    case Op.LoadElement:
      return !elements && guardedAs(p, p.operand(node, 1), parameter) !== undefined
        ? membershipRemoves(p, node, whenTrue)
        : 0;
    case Op.Binary: {
      const found = comparedCall(p, node);
      if (found !== undefined) {
        const holds = found.holds === whenTrue;
        return valueRemoves(p, found.call, parameter, holds, depth - 1, elements);
      }
      if (elements) return 0;
      const refused = whenTrue ? 0 : constructorRefused(p, node, parameter);
      if (refused !== 0) return refused;
      if (p.text(graph.aux[node]) === 'in')
        return guardedAs(p, p.operand(node, 0), parameter) === undefined ? 0 : membershipRemoves(p, node, whenTrue);
      const isEqual = /^[!=]==?$/.test(p.text(graph.aux[node])) && p.text(graph.aux[node]).startsWith('=') === whenTrue;
      let removes = 0;
      for (let i = 0; i < 2; i++) {
        const value = p.operand(node, i);
        const tested =
          graph.op[value] === Op.Unary && p.text(graph.aux[value]) === 'typeof' ? p.operand(value, 0) : value;
        const isClass = isEqual && graph.op[value] === Op.Load && p.text(graph.aux[value]) === CONSTRUCTOR;
        if (isClass && guardedAs(p, p.operand(value, 0), parameter) !== undefined) removes |= classRemoves(p, node);
        const known = guardedAs(p, tested, parameter);
        if (known === undefined) {
          removes |= knownOfGiven(p, value, parameter);
          continue;
        }
        removes |= known | comparisonRemoves(p, node, i, whenTrue);
        if (isEqual) removes |= equalToFolder(p, node, i, callRemoves);
      }
      if (isEqual)
        removes |= removedByEquality(p, node, ({ at }, call, shift) =>
          placesOf(p, call, at, shift).some((value) => guardedAs(p, value, parameter) !== undefined),
        );
      return removes;
    }
    default:
      return 0;
  }
}

/**
 * What follows for a parameter from a call's result, where it is asked about what was made of the parameter: `!relative(root, file).startsWith('..')`.
 * What was found out about that before holds, too.
 */
function behindRemoves(p: FunctionView, call: NodeId, operand: number, parameter: number, whenTrue: boolean): KindSet {
  const { graph } = p.body;
  const isMeant = (value: NodeId): boolean => guardedAs(p, value, parameter) !== undefined;
  let node = p.operand(call, operand);
  // What is made of nothing that matters is not asked about.
  const handedOn = madeOfRemoves(p, node, p.environment.models.allKinds, isMeant);
  if (handedOn === 0) return 0;
  let kinds = callRemoves(p, call, operand === 1 ? RECEIVER : operand - 2, whenTrue);
  for (let depth = MAX_DEPTH; graph.op[node] === Op.Guard && depth > 0; depth--) {
    if (graph.guards[graph.aux[node]].path.length === 0) kinds |= p.kindsRemovedBy(node);
    node = p.operand(node, 0);
  }
  return kinds & handedOn;
}

/**
 * True for the first part of `a || b`, if what is asked about is where all of it is false, and of `a && b` where it is true: there the second part gave the
 * result. That it is such a part, guards in the second part tell, which hold the outcome of the first.
 */
function decides(p: FunctionView, first: NodeId, second: NodeId, outcome: boolean): boolean {
  const { graph } = p.body;
  if (first === NONE || second === NONE || second <= first) return false;
  if (graph.op[first] === Op.Phi) {
    for (let i = 0; i < p.operandCount(first); i++) {
      const part = p.operand(first, i);
      if (part >= first || !decides(p, part, second, outcome)) return false;
    }
    return true;
  }
  const test = graph.op[second] === Op.Unary ? p.operand(second, 0) : second;
  if (test === NONE) return false;
  for (let i = 0; i < p.operandCount(test); i++) {
    let node = p.operand(test, i);
    if (node !== NONE && graph.op[node] === Op.Unary) node = p.operand(node, 0);
    // `typeof table[key]`
    if (node !== NONE && graph.op[node] === Op.LoadElement) node = p.operand(node, 1);
    for (let depth = MAX_DEPTH; node !== NONE && graph.op[node] === Op.Guard && depth > 0; depth--) {
      if (p.operand(node, 1) === first) {
        // Of comparisons, guards tell whether both sides are equal.
        const isNegated = graph.op[first] === Op.Binary && p.text(graph.aux[first]).startsWith('!');
        return (graph.guards[graph.aux[node]].polarity !== isNegated) !== outcome;
      }
      node = p.operand(node, 0);
    }
  }
  return false;
}

/** What a global function makes of a parameter, of which models say that it is no text any more. */
function isConvertedFrom(p: FunctionView, call: NodeId, parameter: number): boolean {
  const { op } = p.body.graph;
  if (call === NONE || op[call] !== Op.Call || p.operandCount(call) < 3) return false;
  const callee = p.operand(call, 0);
  if (callee === NONE || op[callee] !== Op.Global || parameterAt(p, p.operand(call, 2)) !== parameter) return false;
  const models = p.modelsOf(call);
  return models.length > 0 && models.every(({ known, flows }) => known && flows.length === 0);
}

/** A call whose result is compared with a constant, and whether that says, where it holds, that the call found or affirmed something. */
function comparedCall(p: FunctionView, comparison: NodeId): { call: NodeId; holds: boolean } | undefined {
  const call = p.operand(comparison, 0);
  if (call === NONE || p.body.graph.op[call] !== Op.Call) return undefined;
  const constant = numberOrWord(p, p.operand(comparison, 1));
  if (constant === undefined) return undefined;
  const operator = p.text(p.body.graph.aux[comparison]);
  const isEquality = /^[!=]==?$/.test(operator);
  if (isEquality && (constant === 'true' || constant === 'false'))
    return { call, holds: (constant === 'true') === operator.startsWith('=') };
  if (!isPositionCall(p, call)) return undefined;
  if (isEquality) return constant === '-1' ? { call, holds: operator.startsWith('!') } : undefined;
  switch (operator + constant) {
    case '>=0':
    case '>-1':
      return { call, holds: true };
    case '<0':
    case '<=-1':
      return { call, holds: false };
    default:
      return undefined;
  }
}

/** A constant, as a text; `-1` as it is written. */
function numberOrWord(p: FunctionView, node: NodeId): string | undefined {
  if (node === NONE) return undefined;
  const { op, aux } = p.body.graph;
  if (op[node] === Op.Const) return p.text(aux[node]);
  if (op[node] !== Op.Unary || p.text(aux[node]) !== '-') return undefined;
  const inner = p.operand(node, 0);
  return inner !== NONE && op[inner] === Op.Const ? `-${p.text(aux[inner])}` : undefined;
}

function isPositionCall(p: FunctionView, call: NodeId): boolean {
  const { op, aux } = p.body.graph;
  if (call === NONE || op[call] !== Op.Call) return false;
  const callee = p.operand(call, 0);
  return callee !== NONE && op[callee] === Op.Load && POSITION_METHODS.has(p.text(aux[callee]));
}

/** Anything follows from a value that can't be. */
const ANY_OWNER = -2;

/** The parameter that has another one's value as a key of its own where the function returns something true (or false); NONE if there is none. */
function ownerWhere(p: FunctionView, returns: readonly NodeId[], parameter: number, whenTrue: boolean): number {
  const prototype = p.environment.models.kindBit('prototype');
  let owner = ANY_OWNER;
  for (const node of returns) {
    const found = ownerIn(p, p.operand(node, 0), parameter, whenTrue, MAX_DEPTH);
    // A key that can't lead to a prototype is safe with any object.
    if (found === ANY_OWNER || (found === NONE && (returnRemoves(p, node, parameter, whenTrue) & prototype) !== 0))
      continue;
    if (found === NONE || (owner !== ANY_OWNER && owner !== found)) return NONE;
    owner = found;
  }
  return owner === ANY_OWNER ? NONE : owner;
}

function ownerIn(p: FunctionView, node: NodeId, parameter: number, whenTrue: boolean, depth: number): number {
  const { graph } = p.body;
  if (depth === 0 || node === NONE) return NONE;
  switch (graph.op[node] as Op) {
    case Op.Const:
      return FALSY.has(p.text(graph.aux[node])) === whenTrue ? ANY_OWNER : NONE;
    case Op.Unary:
      return p.text(graph.aux[node]) === '!' ? ownerIn(p, p.operand(node, 0), parameter, !whenTrue, depth - 1) : NONE;
    case Op.Phi: {
      let owner = ANY_OWNER;
      for (let i = 0; i < p.operandCount(node); i++) {
        const value = p.operand(node, i);
        const found = value >= node ? NONE : ownerIn(p, value, parameter, whenTrue, depth - 1);
        if (found === ANY_OWNER) continue;
        if (found === NONE || (owner !== ANY_OWNER && owner !== found)) return NONE;
        owner = found;
      }
      return owner;
    }
    case Op.Binary: {
      // Where nothing is there to be read, nothing is read of a prototype: `object[key] === undefined`.
      if (!/^[!=]==?$/.test(p.text(graph.aux[node])) || p.text(graph.aux[node]).startsWith('=') !== whenTrue)
        return NONE;
      const read = p.operand(node, 0);
      if (read === NONE || graph.op[read] !== Op.LoadElement || !isNothing(p, p.operand(node, 1))) return NONE;
      return parameterAt(p, p.operand(read, 1)) === parameter ? parameterAt(p, p.operand(read, 0)) : NONE;
    }
    case Op.Call:
      for (let i = 2; i < p.operandCount(node); i++) {
        if (parameterAt(p, p.operand(node, i)) !== parameter) continue;
        const owner = parameterAt(p, ownerOf(p, node, i - 2, whenTrue));
        if (owner >= 0) return owner;
      }
      return NONE;
    default:
      return NONE;
  }
}

function isNothing(p: FunctionView, node: NodeId): boolean {
  const { op, aux } = p.body.graph;
  return (
    node !== NONE &&
    (op[node] === Op.Const || op[node] === Op.Global) &&
    (p.text(aux[node]) === 'undefined' || p.text(aux[node]) === 'null')
  );
}

/** Position of the parameter whose value a node has, or a negative number. */
function parameterAt(p: FunctionView, start: NodeId): number {
  const { graph } = p.body;
  let node = start;
  while (node !== NONE && (graph.op[node] === Op.Guard || graph.op[node] === Op.Typed)) node = p.operand(node, 0);
  return node !== NONE && graph.op[node] === Op.Param ? graph.aux[node] : NONE;
}

/** `key === 'constructor' && typeof table[key] === 'function'`, of which the second part is the value, and what was refused before. */
function constructorRefused(p: FunctionView, comparison: NodeId, parameter: number): KindSet {
  const { graph } = p.body;
  for (let side = 0; side < p.operandCount(comparison); side++) {
    const type = p.operand(comparison, side);
    const read = type === NONE || graph.op[type] !== Op.Unary ? NONE : p.operand(type, 0);
    const key = read === NONE || graph.op[read] !== Op.LoadElement ? NONE : p.operand(read, 1);
    if (key === NONE || graph.op[key] !== Op.Guard) continue;
    const { test, polarity, constant, path } = graph.guards[graph.aux[key]];
    if (test !== Test.Equals || !polarity || path.length > 0 || constant === NONE) continue;
    const before = p.text(constant) === CONSTRUCTOR ? guardedAs(p, p.operand(key, 0), parameter) : undefined;
    if (before !== undefined) return before | noConstructorRemoves(p, key, comparison);
  }
  return 0;
}

/** What was known of a parameter when a call was given it: `isObject(x) && Object.getPrototypeOf(x) === Object.prototype`. */
function knownOfGiven(p: FunctionView, value: NodeId, parameter: number): KindSet {
  const { op } = p.body.graph;
  let removes = 0;
  const call = value !== NONE && op[value] === Op.Load ? p.operand(value, 0) : value;
  if (call === NONE || op[call] !== Op.Call) return removes;
  for (let i = 2; i < p.operandCount(call); i++) removes |= guardedAs(p, p.operand(call, i), parameter) ?? 0;
  return removes;
}

/** Kinds that guards over a node removed (from its `elements`), when it is the parameter's value; undefined when it is another. */
function guardedAs(
  p: FunctionView,
  start: NodeId,
  parameter: number,
  elements = false,
  joins = MAX_JOINS,
): KindSet | undefined {
  const { graph } = p.body;
  let removes = 0;
  for (let node = start, depth = MAX_DEPTH; node !== NONE && depth > 0; depth--) {
    switch (graph.op[node] as Op) {
      case Op.Guard:
        if (graph.guards[graph.aux[node]].path.length === 0)
          removes |= elements ? p.elementKindsRemovedBy(node) : p.kindsRemovedBy(node);
        node = p.operand(node, 0);
        break;
      case Op.Typed:
        node = p.operand(node, 0);
        break;
      case Op.Param:
        return graph.aux[node] === parameter ? removes : undefined;
      case Op.Phi: {
        // What was found out on every way to a join.
        let common = p.environment.models.allKinds;
        for (let i = 0; i < p.operandCount(node); i++) {
          const operand = p.operand(node, i);
          const known = operand < node && joins > 0 ? guardedAs(p, operand, parameter, elements, joins - 1) : undefined;
          if (known === undefined) return undefined;
          common &= known;
        }
        return removes | common;
      }
      default:
        return undefined;
    }
  }
  return undefined;
}
