/**
 * Who is to be asked because somebody below has something to tell: sources and captured variables are told from callee to
 * caller. A captured variable is asked of those who read it, and of who calls these, up to a distance; files other than its own hear
 * of it only when something comes to it from elsewhere.
 */
import { fileOf, type FunctionId } from '../model/ids';
import { AskingEnvironment, type Answering } from './asking';
import type { SolverEnvironment } from './environment';
import { FunctionView } from './functionView';
import { isToldUpward, type QuestionId, type QuestionSet, type QuestionTable } from './questions';
import { EXPORTS_CELL, RootKind, isEnd, kindOf, type Root } from './references';
import { Reads } from './reads';
import type { SolverHost } from './solverHost';
import { EMPTY_SUMMARY, type SummaryTable } from './summaryTable';
import type { Undo } from './undo';

/** How far from its readers functions are asked what they do with a captured variable: who calls a reader, who calls that one, … */
const MAX_DISTANCE = 2;
const NO_ROOTS: readonly number[] = [];

/** What is asked, and answered so far. */
export interface AskedTable {
  readonly questions: QuestionTable;
  /** Asked, and not answered yet. */
  readonly dirty: { has(question: QuestionId): boolean; add(question: QuestionId): unknown };
  has(question: QuestionId): boolean;
  get(question: QuestionId): SummaryTable | undefined;
}

/** For looking at code only. */
const NOTHING_KNOWN: Answering = { read: () => EMPTY_SUMMARY, activate: () => undefined };

export class Upward {
  /** Captured variables whose readers are asked. */
  private active = new Set<Root>();
  /** Those among them that something comes to from elsewhere: then functions of other files are told what they hold. */
  private shared = new Set<Root>();
  /** Answers about captured variables that callers in other files were not told of. */
  private untold = new Map<Root, Set<QuestionId>>();
  /** Calls between a function that is asked about a captured variable and the nearest that reads it; absent for those that do. */
  private distances = new Map<QuestionId, number>();
  /**
   * Captured variables of the function itself of which its callees were asked while another question was answered, and the other way round. Who asks
   * callees its own question again is not noted: the calls tell.
   */
  private askedCells = new Map<QuestionId, Set<Root>>();
  private askers = new Map<Root, Set<QuestionId>>();
  /** Who asked last in vain, and about what: that is noted. */
  private lastAsker: QuestionId = -1;
  private lastRoot: Root = -1;
  /** While questions are asked on trial: how to take it back. */
  private undo: Undo | undefined;

  /** For looking at code; nothing is asked. */
  private readonly environment: SolverEnvironment;

  constructor(
    private readonly host: SolverHost,
    private readonly table: AskedTable,
    /** Questions that are being computed. */
    private readonly running: Pick<QuestionSet, 'has'>,
  ) {
    this.environment = new AskingEnvironment(host.environment, NOTHING_KNOWN, 0, new Reads());
  }

  /** What comes to be known from now on can be taken back. */
  beginTrial(undo: Undo): void {
    this.undo = undo;
    undo.add(() => {
      this.undo = undefined;
      this.lastAsker = -1;
    });
  }

  /** Asks a question from outside; it is answered by the next `solve`. False when it was asked before. */
  demand(id: FunctionId, root: Root): boolean {
    const question = this.table.questions.intern(id, root);
    const distance = this.distances.get(question);
    const isNearer = distance !== undefined;
    if (isNearer) {
      this.distances.delete(question);
      this.undo?.add(() => this.distances.set(question, distance));
    }
    if (this.table.has(question) || this.table.dirty.has(question)) {
      if (isNearer && isOutward(root, this.table.get(question) ?? EMPTY_SUMMARY)) this.tellCallers(question, root);
      return false;
    }
    this.table.dirty.add(question);
    return true;
  }

  /** Something comes to a captured variable from elsewhere: all who come to hold its value are asked. False when they were asked before. */
  share(cell: Root): boolean {
    if (this.shared.has(cell)) return false;
    this.shared.add(cell);
    this.undo?.add(() => this.shared.delete(cell));
    this.activate(cell);
    this.demand(this.host.environment.references.cellOf(cell).owner, cell);
    const untold = this.untold.get(cell);
    if (untold === undefined) return true;
    for (const question of untold) this.tellCallers(question, cell);
    this.untold.delete(cell);
    this.undo?.add(() => this.untold.set(cell, untold));
    return true;
  }

  /** Asks the readers of a captured variable what they do with it. False when they were asked before. */
  activate(cell: Root): boolean {
    if (this.active.has(cell)) return false;
    this.active.add(cell);
    this.undo?.add(() => this.active.delete(cell));
    for (const reader of this.host.readersOf(cell)) this.demand(reader, cell);
    return true;
  }

  /** Somebody asked a callee about a root of which nobody has asked that one. This is no dependency: most such questions never have an answer. */
  askedInVain(reader: QuestionId, root: Root): void {
    // A function asks all whom it calls about the same root, one after the other.
    if (reader === this.lastAsker && root === this.lastRoot) return;
    if (this.table.questions.rootOf(reader) === root) return;
    this.lastAsker = reader;
    this.lastRoot = root;
    let cells = this.askedCells.get(reader);
    if (cells === undefined) this.askedCells.set(reader, (cells = new Set<Root>()));
    else if (cells.has(root)) return;
    cells.add(root);
    const readers = this.askers.get(root);
    if (readers === undefined) this.askers.set(root, new Set([reader]));
    else readers.add(reader);
    this.undo?.add(() => {
      this.askedCells.get(reader)?.delete(root);
      this.askers.get(root)?.delete(reader);
    });
  }

  /** Captured variables that callees were asked about in vain. */
  askedInVainBy(reader: QuestionId): Iterable<Root> {
    return this.askedCells.get(reader) ?? NO_ROOTS;
  }

  /** Questions that may have asked this one in vain. */
  askersOf(question: QuestionId): QuestionId[] {
    const { questions } = this.table;
    const root = questions.rootOf(question);
    const owner = kindOf(root) === RootKind.Cell ? this.host.environment.references.cellOf(root).owner : undefined;
    const result: QuestionId[] = [];
    const callee = questions.functionOf(question);
    for (const caller of this.host.callersOf(callee)) {
      const same = questions.find(caller, root);
      const others = caller === owner ? this.askers.get(root) : undefined;
      // Who is to be computed anyway need not be told.
      if (others === undefined && (same < 0 || this.table.dirty.has(same))) continue;
      if (!this.meets(caller, callee)) continue;
      if (same >= 0) result.push(same);
      if (others !== undefined) result.push(...others);
    }
    return result;
  }

  /** Whether a function asks another one about roots of its own questions. */
  private meets(caller: FunctionId, callee: FunctionId): boolean {
    const body = this.host.bodyOf(caller);
    if (body === undefined) return false;
    return new FunctionView(body, this.environment).sites().some((site) => site.callee === callee);
  }

  /** The question is gone. */
  forget(question: QuestionId): void {
    for (const root of this.askedInVainBy(question)) this.askers.get(root)?.delete(question);
    this.askedCells.delete(question);
    this.lastAsker = -1;
  }

  /** Of a captured variable: calls between the function and the nearest that reads it. */
  distanceOf(question: QuestionId): number {
    return this.distances.get(question) ?? 0;
  }

  /** Takes over what another one came to know; that one must not be used any more. */
  become(other: Upward): void {
    this.active = other.active;
    this.shared = other.shared;
    this.untold = other.untold;
    this.distances = other.distances;
    this.askedCells = other.askedCells;
    this.askers = other.askers;
    this.lastAsker = -1;
  }

  /** An answer of an earlier process was put back. */
  restored(question: QuestionId, root: Root, summary: SummaryTable, distance: number): void {
    if (distance > 0) this.distances.set(question, distance);
    if (kindOf(root) !== RootKind.Cell) return;
    this.active.add(root);
    if (isOutward(root, summary)) this.leaveUntold(question, root);
  }

  /** The earlier process had shared this captured variable: everybody was asked then. */
  restoredShared(cell: Root): void {
    this.active.add(cell);
    this.shared.add(cell);
    this.untold.delete(cell);
  }

  /** An answer is another one than before. */
  answered(question: QuestionId, summary: SummaryTable): void {
    const root = this.table.questions.rootOf(question);
    if (isToldUpward(root) && isOutward(root, summary)) this.tellCallers(question, root);
  }

  /** A function is new, or its code or links changed: it is asked what those it calls now have to tell, and about captured variables that it names. */
  listen(id: FunctionId): void {
    const { questions } = this.table;
    const { references } = this.host.environment;
    for (const callee of this.host.calleesOf(id)) {
      // Who imports a module reads its exports, whether or not the module itself does anything with them.
      const exported = references.knownCell(callee, EXPORTS_CELL);
      if (exported !== undefined && this.active.has(exported)) this.demand(id, exported);
      for (const question of questions.of(callee)) {
        const root = questions.rootOf(question);
        const summary = this.table.get(question);
        if (summary === undefined) continue;
        if (isToldUpward(root) && isOutward(root, summary) && this.mayHear(id, root))
          this.tellCaller(id, root, this.distanceOf(question) + 1);
      }
    }
    const body = this.host.bodyOf(id);
    if (body === undefined) return;
    for (const { owner, cell } of body.graph.captures) {
      const root = references.cell(body.functionIds(owner), cell);
      if (this.active.has(root)) this.demand(id, root);
    }
  }

  private tellCallers(question: QuestionId, root: Root): void {
    if (kindOf(root) === RootKind.Cell && !this.shared.has(root)) this.leaveUntold(question, root);
    const distance = this.distances.get(question) ?? 0;
    if (kindOf(root) === RootKind.Cell && distance >= MAX_DISTANCE) return;
    for (const caller of this.host.callersOf(this.table.questions.functionOf(question)))
      if (this.mayHear(caller, root)) this.tellCaller(caller, root, distance + 1);
  }

  private leaveUntold(question: QuestionId, cell: Root): void {
    const untold = this.untold.get(cell);
    if (untold?.has(question) === true) return;
    if (untold === undefined) this.untold.set(cell, new Set([question]));
    else untold.add(question);
    this.undo?.add(() => this.untold.get(cell)?.delete(question));
  }

  /** Someone this function calls or makes has something to tell: the function is asked too. */
  private tellCaller(caller: FunctionId, root: Root, distance: number): void {
    if (kindOf(root) === RootKind.Cell) {
      if (distance > MAX_DISTANCE) return;
      // The function whose variable it is asks by itself, where something reaches the variable.
      const { owner, cell } = this.host.environment.references.cellOf(root);
      if (owner === caller && cell !== EXPORTS_CELL) return;
    }
    const question = this.table.questions.intern(caller, root);
    const isNew = !this.table.has(question) && !this.table.dirty.has(question) && !this.running.has(question);
    const known = this.distances.get(question);
    if (kindOf(root) === RootKind.Cell && distance < (known ?? (isNew ? Infinity : 0))) {
      this.distances.set(question, distance);
      this.undo?.add(() => {
        if (known === undefined) this.distances.delete(question);
        else this.distances.set(question, known);
      });
      // Nearer than was known: its callers are nearer, too.
      if (this.table.has(question) && isOutward(root, this.table.get(question) ?? EMPTY_SUMMARY))
        this.tellCallers(question, root);
    }
    if (isNew) this.table.dirty.add(question);
  }

  /** As long as nothing comes to a captured variable from elsewhere, only the function whose variable it is wants to know, from those that it made. */
  private mayHear(caller: FunctionId, root: Root): boolean {
    return (
      kindOf(root) !== RootKind.Cell ||
      this.shared.has(root) ||
      fileOf(caller) === fileOf(this.host.environment.references.cellOf(root).owner)
    );
  }
}

/** Whether callers, or the function that makes the closure, have to be told. What ends in a sink was told where it is found. */
function isOutward(root: Root, { outRoot }: SummaryTable): boolean {
  return kindOf(root) === RootKind.Cell ? outRoot.length > 0 : outRoot.some((out) => !isEnd(out));
}
