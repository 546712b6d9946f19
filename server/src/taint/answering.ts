/** Answers one question about one function: runs the propagation, or looks at the graph where that is enough. */
import { Op, type FunctionGraph } from '../model/graph';
import { EMPTY } from './accessPaths';
import { aliasesOf } from './aliases';
import { predicatesOf } from './answers';
import type { Budgets, FunctionBody, SolverEnvironment } from './environment';
import { FunctionView } from './functionView';
import { decisionsOf } from './givenBranches';
import { Propagation } from './propagation';
import {
  ALIASES_ROOT,
  FALSE_TESTS_ROOT,
  NAMES_ROOT,
  RETURNED_ROOT,
  SHAPE_ROOT,
  TRUE_TESTS_ROOT,
  YARDSTICKS_ROOT,
} from './questions';
import { REST, RETURN_ROOT, maskOf, parameterIndex, parameterRoot, type Root } from './references';
import type { ScratchPool } from './scratch';
import { namesOf } from './storedNames';
import { Mode, makeSummary, type Entry, type RootText, type SummaryTable } from './summaryTable';
import { yardsticksOf } from './yardsticks';

export function answerQuestion(
  body: FunctionBody,
  root: Root,
  environment: SolverEnvironment,
  budgets: Budgets,
  rootText: RootText,
  pool: ScratchPool,
): SummaryTable {
  const { paths } = environment;
  switch (root) {
    case SHAPE_ROOT:
      return makeSummary(parameterUses(body), paths, rootText, Infinity, []);
    case ALIASES_ROOT: {
      const entries = aliasesOf(new FunctionView(body, environment));
      return makeSummary(entries, paths, rootText, budgets.entriesPerFunction, []);
    }
    case TRUE_TESTS_ROOT:
    case FALSE_TESTS_ROOT:
    case RETURNED_ROOT: {
      const asked = root === TRUE_TESTS_ROOT ? 'true' : root === FALSE_TESTS_ROOT ? 'false' : 'returned';
      const predicates = predicatesOf(new FunctionView(body, environment), asked);
      return makeSummary([], paths, rootText, 0, [], predicates);
    }
    case NAMES_ROOT:
      return makeSummary([], paths, rootText, 0, [], namesOf(new FunctionView(body, environment)));
    case YARDSTICKS_ROOT:
      return makeSummary([], paths, rootText, 0, [], yardsticksOf(new FunctionView(body, environment)));
    default: {
      const scratch = pool.take();
      try {
        return new Propagation(body, environment, budgets, scratch).run(root).summary(rootText);
      } finally {
        pool.give(scratch);
      }
    }
  }
}

/** Roots of the parameters (the receiver and `arguments` among them) that a function has nodes of. */
export function parameterRoots({ op, aux }: FunctionGraph): ReadonlySet<Root> {
  const roots = new Set<Root>();
  for (let node = 0; node < op.length; node++) {
    if (op[node] === Op.Param) roots.add(parameterRoot(aux[node]));
    else if (op[node] === Op.RestParam) roots.add(parameterRoot(REST + aux[node]));
  }
  return roots;
}

function parameterUses({ graph }: FunctionBody): Entry[] {
  const roots = new Set(parameterRoots(graph));
  // A parameter that is only tested has no node.
  for (const { parameter } of graph.branches ?? []) roots.add(parameterRoot(parameter));
  return Array.from(roots, (inRoot) => ({
    inRoot,
    inPath: EMPTY,
    inMode: Mode.Identity,
    outRoot: RETURN_ROOT,
    outPath: EMPTY,
    mask: maskOf(decisionsOf(graph, parameterIndex(inRoot)), 3),
  }));
}
