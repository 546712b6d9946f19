/** Sources and sinks that stand in a function, whether or not anything comes from one or to the other. */
import type { FunctionId } from '../model/ids';
import type { Propagation } from './propagation';
import { VALUES_ROOT } from './questions';
import { RootKind, kindOf, type ReferenceTable, type Root } from './references';
import type { RootText, SummaryTable } from './summaryTable';

export interface SliceEndsHost {
  readonly references: ReferenceTable;
  readonly rootText: RootText;
  /** Follows what enters at a root, without asking anybody. */
  trace(id: FunctionId, root: Root): Propagation | undefined;
  /** Questions after the sources of all kinds that a function holds itself. */
  sourcesOf(id: FunctionId): Iterable<Root>;
  parametersOf(id: FunctionId): Iterable<Root>;
  /** What is answered to all that was asked of a function. */
  flowsOf(id: FunctionId): readonly SummaryTable[];
}

export interface FoundSource {
  readonly root: Root;
  /** The question that tells of it. */
  readonly question: Root;
}

export function sourcesIn(id: FunctionId, host: SliceEndsHost): readonly FoundSource[] {
  const found = new Map<Root, FoundSource>();
  for (const question of host.sourcesOf(id)) {
    const origins = host.trace(id, question)?.origins;
    if (origins === undefined) continue;
    for (let origin = 0; origin < origins.size; origin++) {
      const root = origins.rootOf(origin);
      if (kindOf(root) !== RootKind.Source || host.references.sourceOf(root).function !== id) continue;
      found.set(root, { root, question });
    }
  }
  return [...found.values()];
}

export function sinksIn(id: FunctionId, host: SliceEndsHost): readonly Root[] {
  const found = new Set<Root>();
  const note = (roots: readonly Root[]): void => {
    for (const root of roots)
      if (kindOf(root) === RootKind.Sink && host.references.sinkOf(root).function === id) found.add(root);
  };
  for (const root of [VALUES_ROOT, ...host.parametersOf(id)])
    note(host.trace(id, root)?.summary(host.rootText).outRoot ?? []);
  // Some sinks take what no value of the function is: what a callback gives back.
  for (const { outRoot } of host.flowsOf(id)) note(outRoot);
  return [...found];
}
