/**
 * Functions that answer a test: `isSlug(x)` returns what a pattern says of its parameter, and a caller who asks
 * `if (isSlug(x))` may rely on it. What a function answers is part of its summary; `answers.ts` finds it.
 */
import type { NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import type { FunctionView } from './functionView';
import { FALSE_TESTS_ROOT, TRUE_TESTS_ROOT } from './questions';

/** Where the function's result is true (or false), these kinds can no longer be served with the parameter's value. */
export interface Predicate {
  readonly parameter: number;
  readonly whenTrue: boolean;
  readonly removes: KindSet;
}

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
      if (predicate.parameter === parameter && predicate.whenTrue === polarity) found |= predicate.removes;
    removes = removes === undefined ? found : removes & found;
  }
  return removes ?? 0;
}
