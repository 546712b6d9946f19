/**
 * What one function's analysis may ask of the rest of the world. Callee summaries come in as a function, so that
 * nothing here knows where they are kept or in which order they are made.
 */
import type { FunctionGraph } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { ApiAutomaton, LinkView } from '../model/links';
import type { ModelView } from '../model/summary';
import type { PathTable } from './accessPaths';
import type { CodeView } from './codeView';
import type { ReferenceTable, Root } from './references';
import type { SummaryTable } from './summaryTable';

/** A function's graph with what of its file is needed to read it. */
export interface FunctionBody {
  readonly id: FunctionId;
  readonly graph: FunctionGraph;
  readonly strings: readonly string[];
  /** What the analysis worked out of it last; see `codeViewOf`. */
  code: CodeView | undefined;
  /** Ids of the file's functions by index: for closures and owners of captured variables. */
  functionIds(index: number): FunctionId;
  /** Graphs of the file's other functions by index: enclosing functions are asked for constants. */
  graphOf(index: number): FunctionGraph;
}

export interface SolverEnvironment {
  readonly paths: PathTable;
  readonly references: ReferenceTable;
  readonly links: Pick<LinkView, 'linksOf' | 'linkVersionOf' | 'functionsAt'> & Partial<Pick<LinkView, 'packageOf'>>;
  readonly models: ModelView;
  readonly automaton: ApiAutomaton;
  /** Folder of the function's file, below the root of the workspace, with `/`. */
  readonly folderOf?: ((id: FunctionId) => string) | undefined;
  /** What a function does with what enters at a root; see `questions.ts`. With `effectsOnly`, what it says of its result is left out: nobody uses that. */
  answer(id: FunctionId, root: Root, effectsOnly?: boolean): SummaryTable;
  /** Something reached a captured variable of the function that asks: its readers are to be asked what they do with it. */
  activate(cell: Root): void;
  /** The answer leaves out what is beyond a limit: with more to tell it may say less. */
  leaveOut(): void;
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

/** Budgets that let so many times as much through; what is merged stays merged. */
export const timesAsMuch = (budgets: Budgets, times: number): Budgets => ({
  factsPerFunction: budgets.factsPerFunction * times,
  originsPerFunction: budgets.originsPerFunction * times,
  entriesPerFunction: budgets.entriesPerFunction * times,
  stepsPerFunction: budgets.stepsPerFunction * times,
  pathsPerFlow: budgets.pathsPerFlow,
});

/**
 * The same for all questions, so that an answer does not depend on whether it was found to be recursive. Small, because each question follows
 * one input: on real programs, few need more.
 */
export const DEFAULT_BUDGETS: Budgets = {
  factsPerFunction: 3_000,
  originsPerFunction: 150,
  entriesPerFunction: 200,
  stepsPerFunction: 8_000,
  pathsPerFlow: 4,
};
