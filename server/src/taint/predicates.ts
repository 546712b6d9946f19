/**
 * Functions that answer a test: `isSlug(x)` returns what a pattern says of its parameter, and a caller who asks
 * `if (isSlug(x))` may rely on it; `assertSlug(x)` throws, and who comes back from it may rely on it, too. What a function
 * answers is part of its summary; `answers.ts` finds it.
 */
import { NONE, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import type { PathId } from './accessPaths';
import type { FunctionView } from './functionView';
import { FALSE_TESTS_ROOT, RETURNED_ROOT, TRUE_TESTS_ROOT } from './questions';

/** What came of calling a function. */
export const enum Outcome {
  /** Its result is false, or like false. */
  False = 0,
  True = 1,
  /** It did not throw. */
  Returned = 2,
  /** The promise it gave was fulfilled. */
  Resolved = 3,

  // Not of a call of the function, but of a value that is held against something the function returns, or keeps in a variable.

  /** It is one of the constants there. */
  Listed = 4,
  /** It is none of them. */
  Unlisted = 5,
  /** The regular expression there matches it. */
  Matched = 6,
  Unmatched = 7,
  /** It conforms to the schema there. */
  Conforms = 8,

  // Not held against anything: a name under which something is kept; see `storedNames.ts`. The name stands where the part of the value does.

  /** The value is this text. */
  Named = 9,
  /** The value was made by this method, which was given this name. */
  MadeBy = 10,

  // Not held against anything either: what a middleware, or one that the function returns, demands of a request; see `demands.ts`.

  /** The part of the request at the place conforms to this. */
  Demanded = 11,
  /** It conforms to the schema that is given as the parameter. */
  DemandedOf = 12,
}

/** How many outcomes there are room for in the packed form. */
export const OUTCOMES = 16;

/** Where the thing lies that a value is held against, and which part of the value is spoken of. */
export interface Yardstick {
  /** Below what the function returns, or below its variable. */
  readonly at: PathId;
  readonly below: PathId;
}

/** With this outcome, these kinds can no longer be served with the parameter's value. */
export interface Predicate {
  /** Of a yardstick: 0 when it is returned, n + 1 when it is in the captured variable n. */
  readonly parameter: number;
  readonly outcome: Outcome;
  readonly removes: KindSet;
  /** Position of the parameter that then has the parameter's value as a key of its own; absent when none is known to. */
  readonly keyOf?: number;
  /** It is said of the elements of the parameter's value. */
  readonly elements?: true;
  readonly yardstick?: Yardstick;
}

/** True where two say something of the same parameter and outcome. */
export const isAboutTheSame = (a: Predicate, b: Predicate): boolean =>
  a.parameter === b.parameter &&
  a.outcome === b.outcome &&
  a.keyOf === b.keyOf &&
  a.elements === b.elements &&
  a.yardstick?.at === b.yardstick?.at &&
  a.yardstick?.below === b.yardstick?.below;

/** What came of a call. */
export type CallOutcome = Outcome.False | Outcome.True | Outcome.Returned | Outcome.Resolved;

/** What is asked about an outcome. */
const ROOTS = [FALSE_TESTS_ROOT, TRUE_TESTS_ROOT, RETURNED_ROOT, RETURNED_ROOT] as const;

export const NO_PREDICATES: readonly Predicate[] = [];

/** Kinds that all functions a call may reach make harmless for an argument, or for its `elements`, where this came of the call. */
export function predicateRemoves(
  p: FunctionView,
  call: NodeId,
  argument: number,
  outcome: CallOutcome,
  elements = false,
): KindSet {
  let removes: KindSet | undefined;
  for (const target of p.targets(call)) {
    if (target.kind !== 'function') return 0;
    const parameter = target.convention === 'call' ? argument - 1 : argument;
    if (target.convention !== 'call' && target.convention !== 'direct') return 0;
    const { predicates } = p.environment.answer(target.function, ROOTS[outcome]);
    const found = removedBy(predicates, parameter, outcome, elements);
    removes = removes === undefined ? found : removes & found;
  }
  return removes ?? 0;
}

/**
 * The object of which all functions a call may reach say that an argument is a key of its own, where the call's result is `polarity`:
 * `hasOwn(object, key)`. NONE when they don't.
 */
export function predicateOwner(p: FunctionView, call: NodeId, argument: number, polarity: boolean): NodeId {
  const outcome = polarity ? Outcome.True : Outcome.False;
  let owner = NONE;
  for (const target of p.targets(call)) {
    if (target.kind !== 'function') return NONE;
    const shift = target.convention === 'call' ? 1 : 0;
    if (shift === 0 && target.convention !== 'direct') return NONE;
    const found = p.environment
      .answer(target.function, ROOTS[outcome])
      .predicates.find(
        (predicate) =>
          predicate.keyOf !== undefined && predicate.parameter === argument - shift && predicate.outcome === outcome,
      );
    if (found?.keyOf === undefined) return NONE;
    const operand = found.keyOf + 2 + shift;
    const object = operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
    if (object === NONE || (owner !== NONE && owner !== object)) return NONE;
    owner = object;
  }
  return owner;
}

/** Kinds made harmless for a value that a function, given as a node's value, was called with first: `list.every(isSlug)`. */
export function testRemoves(
  p: FunctionView,
  test: NodeId,
  outcome: Outcome.True | Outcome.False | Outcome.Returned,
): KindSet {
  if (test === NONE) return 0;
  let removes: KindSet | undefined;
  for (const id of p.functionsOf(test)) {
    const found = removedBy(p.environment.answer(id, ROOTS[outcome]).predicates, 0, outcome);
    removes = removes === undefined ? found : removes & found;
  }
  for (const state of p.apisOf(test)) {
    let found = 0;
    for (const { at, result, removes: kinds } of p.environment.models.callModel(state, false).guards)
      if (at.root === 'argument' && at.from === 0 && result === (outcome === Outcome.True)) found |= kinds;
    removes = removes === undefined ? found : removes & found;
  }
  return removes ?? 0;
}

function removedBy(predicates: readonly Predicate[], parameter: number, outcome: Outcome, elements = false): KindSet {
  let found = 0;
  for (const predicate of predicates)
    if (
      predicate.parameter === parameter &&
      predicate.outcome === outcome &&
      predicate.keyOf === undefined &&
      (predicate.elements === true) === elements
    )
      found |= predicate.removes;
  return found;
}
