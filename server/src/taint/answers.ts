/**
 * Finds what a function answers about its parameters: from the values it returns comes, for each parameter, which kinds
 * are harmless where the function returns something true (or something false), and where it returns at all.
 */
import { FunctionFlag, NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { callRemoves, comparisonRemoves } from './guards';
import { NO_PREDICATES, Outcome, type Predicate } from './predicates';
import { ownerOf } from './prototypeKeys';
import type { FunctionView } from './functionView';

/** More parameters than that are not tested by one function. */
const MAX_PARAMETERS = 4;
/** How far a returned value is followed through joins, negations and guards. */
const MAX_DEPTH = 12;

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
      return true;
    default:
      return false;
  }
}

function returnRemoves(p: FunctionView, node: NodeId, parameter: number, whenTrue: boolean): KindSet {
  const value = p.operand(node, 0);
  // Nothing is returned: that is like false.
  if (value === NONE) return whenTrue ? p.environment.models.allKinds : heldAt(p, node, parameter);
  return valueRemoves(p, value, parameter, whenTrue, MAX_DEPTH) | heldAt(p, node, parameter);
}

/** What is known of a parameter where the function is left. */
function heldAt(p: FunctionView, node: NodeId, parameter: number): KindSet {
  let held = 0;
  for (let i = 1; i < p.operandCount(node); i++) held |= guardedAs(p, p.operand(node, i), parameter) ?? 0;
  return held;
}

/** What follows for a parameter from a value being true (or false). All kinds where it can't be. */
function valueRemoves(p: FunctionView, node: NodeId, parameter: number, whenTrue: boolean, depth: number): KindSet {
  const { graph } = p.body;
  if (depth === 0 || node === NONE) return 0;
  switch (graph.op[node] as Op) {
    case Op.Const:
      return FALSY.has(p.text(graph.aux[node])) === whenTrue ? p.environment.models.allKinds : 0;
    case Op.Unary:
      return p.text(graph.aux[node]) === '!' ? valueRemoves(p, p.operand(node, 0), parameter, !whenTrue, depth - 1) : 0;
    case Op.Phi: {
      let removes = p.environment.models.allKinds;
      for (let i = 0; i < p.operandCount(node) && removes !== 0; i++) {
        const value = p.operand(node, i);
        removes &= value >= node ? 0 : valueRemoves(p, value, parameter, whenTrue, depth - 1);
      }
      return removes;
    }
    case Op.Call: {
      let removes = 0;
      for (let i = 1; i < p.operandCount(node); i++) {
        const value = p.operand(node, i);
        const known = value === NONE ? undefined : guardedAs(p, value, parameter);
        if (known !== undefined)
          removes |= (whenTrue ? known : 0) | callRemoves(p, node, i === 1 ? RECEIVER : i - 2, whenTrue);
      }
      return removes;
    }
    case Op.Binary: {
      let removes = 0;
      for (let i = 0; i < 2; i++) {
        const value = p.operand(node, i);
        const tested =
          graph.op[value] === Op.Unary && p.text(graph.aux[value]) === 'typeof' ? p.operand(value, 0) : value;
        const known = guardedAs(p, tested, parameter);
        if (known !== undefined) removes |= (whenTrue ? known : 0) | comparisonRemoves(p, node, i, whenTrue);
      }
      return removes;
    }
    default:
      return 0;
  }
}

/** Anything follows from a value that can't be. */
const ANY_OWNER = -2;

/** The parameter that has another one's value as a key of its own where the function returns something true (or false); NONE if there is none. */
function ownerWhere(p: FunctionView, returns: readonly NodeId[], parameter: number, whenTrue: boolean): number {
  let owner = ANY_OWNER;
  for (const node of returns) {
    const found = ownerIn(p, p.operand(node, 0), parameter, whenTrue, MAX_DEPTH);
    if (found === ANY_OWNER) continue;
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

/** Position of the parameter whose value a node has, or a negative number. */
function parameterAt(p: FunctionView, start: NodeId): number {
  const { graph } = p.body;
  let node = start;
  while (node !== NONE && (graph.op[node] === Op.Guard || graph.op[node] === Op.Typed)) node = p.operand(node, 0);
  return node !== NONE && graph.op[node] === Op.Param ? graph.aux[node] : NONE;
}

/** Kinds that guards over a node removed, when it is the parameter's value; undefined when it is another. */
function guardedAs(p: FunctionView, start: NodeId, parameter: number): KindSet | undefined {
  const { graph } = p.body;
  let removes = 0;
  for (let node = start, depth = MAX_DEPTH; node !== NONE && depth > 0; depth--) {
    switch (graph.op[node] as Op) {
      case Op.Guard:
        if (graph.guards[graph.aux[node]].path.length === 0) removes |= p.kindsRemovedBy(node);
        node = p.operand(node, 0);
        break;
      case Op.Typed:
        node = p.operand(node, 0);
        break;
      case Op.Param:
        return graph.aux[node] === parameter ? removes : undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}
