/**
 * The functions that a node's value holds, as far as the caller of a function may look them up
 * (`LinkView.functionsAt`): not those that came in as parameters, which are for the callers to know.
 */
import { NodeFlag, NO_TERM, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import { CALLEE } from './builtins';
import type { Evaluator, FileContext } from './evaluator';
import { EMPTY } from './intSets';
import type { SetId } from './intSets';

/** True for (properties of) parameters of the function itself. */
export function isGiven(context: FileContext, term: Term, f: number): boolean {
  const { termKind, termA, termB, strings } = context.index.skeleton;
  let at = term;
  for (;;) {
    // `arguments.callee` is the function itself.
    const isOwnName = termKind[at] === TermKind.Member && strings[termB[at]] === CALLEE;
    if (isOwnName && termKind[termA[at]] === TermKind.RestParam) return false;
    const kind: TermKind = termKind[at];
    if (kind !== TermKind.Member && kind !== TermKind.Typed && kind !== TermKind.Await && kind !== TermKind.Element)
      break;
    at = termA[at];
  }
  const kind: TermKind = termKind[at];
  if (kind !== TermKind.RestParam && (kind !== TermKind.Param || termB[at] < 0)) return false;
  return termA[at] === f;
}

/** Values of row `n` of the node tables, which is one of function `f`, without what callers gave. */
export function findableFunctions(evaluator: Evaluator, context: FileContext, f: number, n: number): SetId {
  const { index } = context;
  const { skeleton } = index;
  const term = skeleton.nodeTerm[n];
  const kind: TermKind = skeleton.termKind[term];
  // Everything a module exports is looked into only where it is handed on as a whole.
  if (kind === TermKind.Import && (skeleton.nodeFlags[n] & NodeFlag.Handed) === 0) return EMPTY;
  return valuesNotGiven(evaluator, context, term, f, 0);
}

function valuesNotGiven(evaluator: Evaluator, context: FileContext, term: Term, f: number, depth: number): SetId {
  if (term === NO_TERM || isGiven(context, term, f)) return EMPTY;
  const { termKind, termA, listStart, lists } = context.index.skeleton;
  const kind: TermKind = termKind[term];
  if ((kind !== TermKind.Union && kind !== TermKind.Variable) || depth > 4) return evaluator.read(context, term);
  let result = EMPTY;
  for (let i = listStart[termA[term]]; i < listStart[termA[term] + 1]; i++) {
    result = evaluator.sets.union(result, valuesNotGiven(evaluator, context, lists[i], f, depth + 1));
  }
  return result;
}
