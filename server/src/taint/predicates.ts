/**
 * Functions that answer a test: `isSlug(x)` returns what a pattern says of its parameter, and a caller who asks
 * `if (isSlug(x))` may rely on it. What a function answers is part of its summary; `answers.ts` finds it.
 */
import { NONE, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import type { FunctionView } from './functionView';
import { FALSE_TESTS_ROOT, TRUE_TESTS_ROOT } from './questions';

/** Where the function's result is true (or false), these kinds can no longer be served with the parameter's value. */
export interface Predicate {
  readonly parameter: number;
  readonly whenTrue: boolean;
  readonly removes: KindSet;
  /** Position of the parameter that then has the parameter's value as a key of its own; absent when none is known to. */
  readonly keyOf?: number;
}

/** True where two say something of the same parameter and outcome. */
export const isAboutTheSame = (a: Predicate, b: Predicate): boolean =>
  a.parameter === b.parameter && a.whenTrue === b.whenTrue && a.keyOf === b.keyOf;

export const NO_PREDICATES: readonly Predicate[] = [];

/** Kinds that all functions a call may reach make harmless for an argument, where the call's result is `polarity`. */
export function predicateRemoves(p: FunctionView, call: NodeId, argument: number, polarity: boolean): KindSet {
  const asked = polarity ? TRUE_TESTS_ROOT : FALSE_TESTS_ROOT;
  let removes: KindSet | undefined;
  for (const target of p.targets(call)) {
    if (target.kind !== 'function') return 0;
    const parameter = target.convention === 'call' ? argument - 1 : argument;
    if (target.convention !== 'call' && target.convention !== 'direct') return 0;
    let found = 0;
    for (const predicate of p.environment.answer(target.function, asked).predicates)
      if (predicate.parameter === parameter && predicate.whenTrue === polarity && predicate.keyOf === undefined)
        found |= predicate.removes;
    removes = removes === undefined ? found : removes & found;
  }
  return removes ?? 0;
}

/**
 * The object of which all functions a call may reach say that an argument is a key of its own, where the call's result is `polarity`:
 * `hasOwn(object, key)`. NONE when they don't.
 */
export function predicateOwner(p: FunctionView, call: NodeId, argument: number, polarity: boolean): NodeId {
  let owner = NONE;
  for (const target of p.targets(call)) {
    if (target.kind !== 'function') return NONE;
    const shift = target.convention === 'call' ? 1 : 0;
    if (shift === 0 && target.convention !== 'direct') return NONE;
    const found = p.environment
      .answer(target.function, polarity ? TRUE_TESTS_ROOT : FALSE_TESTS_ROOT)
      .predicates.find(
        (predicate) =>
          predicate.keyOf !== undefined && predicate.parameter === argument - shift && predicate.whenTrue === polarity,
      );
    if (found?.keyOf === undefined) return NONE;
    const operand = found.keyOf + 2 + shift;
    const object = operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
    if (object === NONE || (owner !== NONE && owner !== object)) return NONE;
    owner = object;
  }
  return owner;
}
