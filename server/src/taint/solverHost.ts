/** What the solver asks of the rest of the program, and the form in which its answers are kept. */
import type { FunctionId } from '../model/ids';
import type { QuestionOrder } from './answerTable';
import type { FunctionBody, SolverEnvironment } from './environment';
import type { Root } from './references';
import type { SummaryTable } from './summaryTable';

export interface SolverHost extends QuestionOrder {
  bodyOf(id: FunctionId): FunctionBody | undefined;
  /** Functions that call this one, import the module it is the body of, or make it as a closure; more than these do no harm. */
  callersOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that this one calls, imports or makes, by link; asked of changed functions only. */
  calleesOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that name a captured variable, or import the module whose exports it stands for. */
  readersOf(cell: Root): Iterable<FunctionId>;
  /** Source questions that a function has to be asked because of what it holds itself. */
  sourceRootsOf(id: FunctionId): Iterable<Root>;
  readonly environment: Omit<SolverEnvironment, 'answer' | 'activate' | 'leaveOut'>;
  /** Called between functions, `isBetween` when none that was begun is lost by stopping here; may throw to cancel. */
  checkpoint?(isBetween: boolean): void;
}

/** Functions to be solved ahead of those that depend on them: what someone is looking at. */
export interface FirstPart {
  has(id: FunctionId): boolean;
  /** Called once, when these are solved and others are left; `solved` grows while those are. */
  done(solved: ReadonlySet<FunctionId>, left: number): void;
}

/** An answer as it is kept from one process to the next. */
export interface StoredAnswer {
  readonly root: Root;
  /** Of a captured variable: calls between the function and the nearest that reads it. */
  readonly distance: number;
  readonly summary: SummaryTable;
  /** Captured variables of the function itself of which callees were asked that had nothing to tell. */
  readonly askedInVain: readonly Root[];
  /** Captured variables that something comes to in the function. */
  readonly activated: readonly Root[];
  readonly dependencies: readonly StoredDependency[];
}

/** What an answer was made of; with `effectsOnly`, without what that says of the function's result. */
export interface StoredDependency {
  readonly function: FunctionId;
  readonly root: Root;
  readonly effectsOnly: boolean;
}
