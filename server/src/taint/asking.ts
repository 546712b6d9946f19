/** What one question's analysis may ask, with who is asking: one small object for each, because most questions are answered in microseconds. */
import type { FunctionId } from '../model/ids';
import type { SolverEnvironment } from './environment';
import type { QuestionId } from './questions';
import type { Reads } from './reads';
import type { Root } from './references';
import type { SummaryTable } from './summaryTable';

export interface Answering {
  /** What is known of a function by now, or of its effects only; noted in `reads`. */
  read(reader: QuestionId, callee: FunctionId, root: Root, effectsOnly: boolean, reads: Reads): SummaryTable;
  /** Something comes to a captured variable; noted in `reads`. */
  activate(cell: Root, reads: Reads): void;
}

type Base = Omit<SolverEnvironment, 'answer' | 'activate' | 'leaveOut'>;

export class AskingEnvironment implements SolverEnvironment {
  readonly paths: Base['paths'];
  readonly references: Base['references'];
  readonly links: Base['links'];
  readonly models: Base['models'];
  readonly automaton: Base['automaton'];
  readonly folderOf: Base['folderOf'];

  constructor(
    base: Base,
    private readonly answering: Answering,
    private readonly reader: QuestionId,
    private readonly reads: Reads,
  ) {
    this.paths = base.paths;
    this.references = base.references;
    this.links = base.links;
    this.models = base.models;
    this.automaton = base.automaton;
    this.folderOf = base.folderOf;
  }

  answer(callee: FunctionId, root: Root, effectsOnly = false): SummaryTable {
    return this.answering.read(this.reader, callee, root, effectsOnly, this.reads);
  }

  activate(cell: Root): void {
    this.answering.activate(cell, this.reads);
  }

  leaveOut(): void {
    this.reads.isLimited = true;
  }
}
