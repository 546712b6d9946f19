/**
 * What one function's analysis may ask of the rest of the world. Callee summaries come in as a function, so that
 * nothing here knows where they are kept or in which order they are made.
 */
import type { FunctionGraph } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { ApiAutomaton, LinkView } from '../model/links';
import type { ModelView } from '../model/summary';
import type { PathTable } from './accessPaths';
import type { ReferenceTable } from './references';
import type { SummaryTable } from './summaryTable';

/** A function's graph with what of its file is needed to read it. */
export interface FunctionBody {
  readonly id: FunctionId;
  readonly graph: FunctionGraph;
  readonly strings: readonly string[];
  /** Ids of the file's functions by index: for closures and owners of captured variables. */
  readonly functionIds: (index: number) => FunctionId;
  /** Graphs of the file's other functions by index: enclosing functions are asked for constants. */
  readonly graphOf: (index: number) => FunctionGraph;
}

export interface SolverEnvironment {
  readonly paths: PathTable;
  readonly references: ReferenceTable;
  readonly links: Pick<LinkView, 'linksOf' | 'functionsAt'>;
  readonly models: ModelView;
  readonly automaton: ApiAutomaton;
  readonly summaryOf: (id: FunctionId) => SummaryTable;
}

/** Budgets. Each is a pure limit on what one function may hold, reported when hit. */
export interface Budgets {
  readonly factsPerFunction: number;
  readonly originsPerFunction: number;
  readonly entriesPerFunction: number;
  /** Uses visited, callee entries applied and aliases walked. */
  readonly stepsPerFunction: number;
  /** Distinct field paths between one input and one output before they are merged to "anything below". */
  readonly pathsPerFlow: number;
}

export const DEFAULT_BUDGETS: Budgets = {
  factsPerFunction: 12_000,
  originsPerFunction: 400,
  entriesPerFunction: 300,
  stepsPerFunction: 60_000,
  pathsPerFlow: 12,
};

/** For members of large recursive components, each of which runs several times over summaries of all the others. */
export const LARGE_COMPONENT_BUDGETS: Budgets = {
  factsPerFunction: 2_500,
  originsPerFunction: 120,
  entriesPerFunction: 80,
  stepsPerFunction: 20_000,
  pathsPerFlow: 1,
};
