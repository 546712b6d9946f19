/** Pairs of a source (or entry point) and a sink, as forward and as backward slices have them, as text that does not depend on ids. */
import { Op } from '../../../server/src/model/graph';
import type { FunctionId } from '../../../server/src/model/ids';
import type { SourceRef } from '../../../server/src/model/summary';
import type { FunctionBodies } from '../../../server/src/pipeline/functionBodies';
import type { Solving } from '../../../server/src/pipeline/solving';
import { BackwardSlicing } from '../../../server/src/taint/backwardSlice';
import { ForwardSlicing, type SliceStart } from '../../../server/src/taint/forwardSlice';
import { sinksIn, sourcesIn, type SliceEndsHost } from '../../../server/src/taint/sliceEnds';
import { REST, RootKind, kindOf, parameterRoot, type Root } from '../../../server/src/taint/references';

export interface SlicePairs {
  readonly forward: ReadonlySet<string>;
  readonly backward: ReadonlySet<string>;
  readonly isCut: boolean;
}

export function slicePairs(solving: Solving, functions: readonly FunctionId[]): SlicePairs {
  const host = solving.sliceHost();
  const ends: SliceEndsHost = {
    references: solving.references,
    rootText: (root) => solving.names.rootText(root),
    trace: (id, root) => solving.solver.trace(id, root),
    sourcesOf: (id) => host.sourcesOf(id),
    parametersOf: (id) => host.parametersOf(id),
    flowsOf: (id) => host.flowsOf(id),
  };
  const nameOf = (id: FunctionId, root: Root): string =>
    kindOf(root) === RootKind.Source ? solving.names.rootText(root) : `${solving.names.stableName(id)} ${String(root)}`;
  const starts: SliceStart[] = functions.flatMap((id) => [
    ...sourcesIn(id, ends).map(({ root, question }) => ({ function: id, root, question })),
    ...[...host.parametersOf(id)]
      .filter((root) => host.isEntryPoint(id, root))
      .map((root) => ({ function: id, root, question: root })),
  ]);
  const sinks = new Set(functions.flatMap((id) => sinksIn(id, ends)));
  let isCut = false;
  const forward = new Set<string>();
  for (const start of starts) {
    const slicing = new ForwardSlicing(start, host);
    const result = onTrial(solving, slicing.find(), () => slicing.result());
    isCut ||= result.isCut;
    for (const sink of result.sinks.keys()) {
      sinks.add(sink);
      forward.add(`${nameOf(start.function, start.root)} > ${solving.names.rootText(sink)}`);
    }
  }
  const backward = new Set<string>();
  for (const sink of sinks) {
    const { function: id } = solving.references.sinkOf(sink);
    const slicing = new BackwardSlicing(id, new Set([sink]), host);
    const result = onTrial(solving, slicing.find(), () => slicing.result());
    isCut ||= result.isCut;
    for (const origin of result.origins)
      backward.add(`${nameOf(origin.function, origin.root)} > ${solving.names.rootText(origin.sink)}`);
  }
  return { forward, backward, isCut };
}

/** What a slice comes to; afterwards everything is as if it had never been asked. */
export function onTrial<T>(solving: Solving, steps: Generator<void, void, undefined>, result: () => T): T {
  const end = solving.solver.beginTrial();
  if (end === undefined) throw new Error('something is left to solve');
  try {
    while (steps.next().done !== true);
    return result();
  } finally {
    end();
  }
}

/** The root of a parameter that is a source. */
export function parameterRootOf(bodies: FunctionBodies, { function: id, node }: SourceRef): Root | undefined {
  const graph = bodies.body(id)?.graph;
  if (graph === undefined) return undefined;
  return parameterRoot(graph.op[node] === Op.RestParam ? REST + graph.aux[node] : graph.aux[node]);
}
