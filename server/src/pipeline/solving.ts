/**
 * The solve stage: keeps summaries and findings in line with the facts and links of the current snapshot. What a
 * summary was computed from is its *key*; a function whose key did not change is not looked at again.
 */
import { createHash } from 'node:crypto';
import { CodecError } from '../base/bytes';
import { isOvergrown, type GrowthLimit } from '../base/growth';
import { HashMap } from '../base/hashMap';
import { finish } from '../base/steps';
import type { Logger } from '../model/analysis';
import type { NodeId } from '../model/graph';
import { fileOf, type ApiState, type FileId, type FunctionId } from '../model/ids';
import type { ApiAutomaton, LinkView } from '../model/links';
import type { ModelView, SinkRef } from '../model/summary';
import type { Store } from '../store/store';
import { PathTable } from '../taint/accessPaths';
import type { AskedNow } from '../taint/askedNow';
import type { Answered } from '../taint/answered';
import { parameterRoots } from '../taint/answering';
import { countPaths, type PathCounts } from '../taint/cutPaths';
import { DEFAULT_BUDGETS } from '../taint/environment';
import { Joiner, type JoinChange } from '../taint/join';
import { Reach } from '../taint/reach';
import { SharedParameters } from '../taint/sharedParameters';
import {
  RECEIVER_ROOT,
  ReferenceTable,
  RootKind,
  isStoredName,
  kindOf,
  storedAt,
  storedName,
  type Root,
} from '../taint/references';
import { Solver } from '../taint/solver';
import type { SliceHost } from '../taint/slices';
import type { FirstPart, SolverHost } from '../taint/solverHost';
import { decodeSummaries, encodeSummaries, type StoredSummary } from '../taint/summaryCodec';
import { hashOf } from '../taint/summaryTable';
import { Tracer } from '../taint/trace';
import { AnswerNames } from './answerNames';
import { CallGraph } from './callGraph';
import type { FunctionBodies } from './functionBodies';
import { functionKey } from './functionKey';
import { parameterSource } from './parameterSource';
import { sliceHost } from './sliceHost';

/** Grows when transfer, budgets or the form of summaries change: older summaries are then computed anew. */
export const SOLVER_VERSION = 38;

/** Name of the row that says which source kinds the stored answers were asked for. */
const ASKED = 'askedSources';
/** Name of the row that says whether among the stored answers may be some that nobody asks for. */
const HOLDS_UNASKED = 'holdsUnasked';
const NO_BYTES = new Uint8Array(0);
const NO_FUNCTIONS: readonly FunctionId[] = [];

export interface SolvingHost {
  readonly bodies: FunctionBodies;
  readonly links: LinkView & { files(): Iterable<FileId>; exportedFunctions(): Iterable<FunctionId> };
  readonly models: ModelView & ApiAutomaton;
  readonly log: Logger;
  /** Of the tables of numbers, before they are worth compacting. */
  readonly growthLimit: GrowthLimit;
  /** Path below its root, with `/`: the stable name of a file. */
  relativePathOf(file: FileId): string;
  /** Source kinds that don't count in a file, as a mask. */
  uncountedIn(file: FileId): number;
  /** Source kinds that the threat model of the settings takes in, as a mask. */
  wantedSources(): number;
  /** Called between components; throws to cancel. */
  checkpoint(isBetween: boolean): void;
}

/** What comes of asking all that a clean run asks. */
interface AllAsked {
  readonly reach: Reach;
  readonly asksForStored: boolean;
}

export interface SolveResult {
  readonly recomputed: ReadonlySet<FunctionId>;
  /** Questions that were answered anew, or dropped; to be looked through before anything else is asked. */
  readonly answered: Iterable<Answered>;
}

export const NOTHING_SOLVED: SolveResult = { recomputed: new Set(), answered: [] };

/** A class whose fields functions share, and these functions. Its name is a long text that each of them comes with. */
interface SharedClass {
  readonly name: string;
  readonly methods: Set<FunctionId>;
}

export class Solving {
  readonly paths = new PathTable();
  private readonly parameterKinds: number;
  private readonly storedKind: number;
  readonly references = new ReferenceTable();
  readonly solver: Solver;
  private readonly environment: SolverHost['environment'];
  private readonly joiner: Joiner;
  /** Keys of functions as they were when their answers were computed. */
  private readonly keys = new HashMap();
  /**
   * The same of those without that an update which was cut off has told the solver of: it has them still to do, or did them, and the next update must not make it
   * do them again, or it would never come to an end when each is cut off.
   */
  private told = new HashMap();
  private readonly functionsOf = new Map<FileId, readonly FunctionId[]>();
  private readonly callGraph: CallGraph;
  private readonly sharedParameters: SharedParameters;
  private reach: Reach;
  /** Methods by the class that their fields are of; those of reached classes are asked what they do with the fields. */
  private readonly methods = new Map<string, SharedClass>();
  private readonly classes = new Map<FunctionId, SharedClass>();
  /** Functions that packages offer and that were asked about their parameters. */
  private readonly open = new Set<FunctionId>();
  /** Source kinds that were asked for. */
  private asked = 0;
  /** Something untrusted is kept outside of the program: whoever takes something out of there is asked. */
  private asksForStored = false;
  private recomputed = new Set<FunctionId>();
  /** Whether answers may have been left behind that nobody asks for any more. */
  mayHoldUnasked = false;
  /** The answers are those of an earlier process, and nothing has changed since. */
  private isTakenUp = false;
  /** Files whose stored summaries are older than these. */
  private readonly unwritten = new Set<FileId>();
  private compactSize = 0;
  readonly names: AnswerNames;

  constructor(private readonly host: SolvingHost) {
    const names = (this.names = new AnswerNames(host, this.references));
    this.parameterKinds = host.models.sourceKindBit('library');
    this.storedKind = host.models.sourceKindBit('stored');
    this.callGraph = new CallGraph({ ...host, references: this.references });
    this.sharedParameters = new SharedParameters(host.links, host.models, this.paths);
    this.reach = this.nothingReached();
    this.environment = {
      paths: this.paths,
      references: this.references,
      links: host.links,
      models: host.models,
      automaton: host.models,
      folderOf: (id) => folderOf(host.relativePathOf(fileOf(id))),
    };
    this.solver = new Solver(
      {
        bodyOf: (id) => host.bodies.body(id),
        callersOf: (id) => this.callGraph.callersOf(id),
        calleesOf: (id) => this.callGraph.calleesOf(id),
        readersOf: (cell) => this.callGraph.readersOf(cell),
        sourceRootsOf: (id) => this.sourceRootsOf(id),
        environment: this.environment,
        rootText: (root) => this.names.rootText(root),
        nameOf: (id) => this.names.stableName(id),
        checkpoint: (isBetween) => {
          host.checkpoint(isBetween);
        },
      },
      DEFAULT_BUDGETS,
    );
    this.joiner = new Joiner({
      paths: this.paths,
      references: this.references,
      isExported: (id) => host.links.isExported(id),
      receiverClassOf: (id) => host.links.receiverClassOf(id),
      madeClassOf: (id) => host.links.madeClassOf(id),
      sharedRootsOf: (id) => this.sharedParameters.of(id),
      models: host.models,
      uncountedIn: (id) => host.uncountedIn(fileOf(id)),
      wantedSources: () => host.wantedSources(),
      parameterKinds: host.models.sourceKindBit('library'),
      parameterSource: (id, index) => parameterSource(id, index, host.bodies.body(id), this.parameterKinds),
      rulesFor: (sourceKinds, sinkKind, kinds) => host.models.rulesFor(sourceKinds, sinkKind, kinds),
      compare: names.compare,
      rootText: (root) => this.names.rootText(root),
    });
  }

  private nothingReached(): Reach {
    return new Reach(
      {
        isOpen: (id) => this.isOpen(id),
        classOf: (id) => this.host.links.receiverClassOf(id),
        madeClassOf: (id) => this.host.links.madeClassOf(id),
        sharedAt: (id, root, path) => this.sharedParameters.placeAt(id, root, path),
        storedAt: (root) => {
          const place = storedAt(this.references, root);
          return place === undefined ? undefined : storedName(place);
        },
      },
      this.paths,
    );
  }

  /** A file that was linked by an earlier process. */
  private noteFile(file: FileId, ids: readonly FunctionId[]): void {
    this.functionsOf.set(file, ids);
    this.callGraph.note(file);
    for (const [id, name] of this.host.links.receiversIn(file)) this.noteClass(id, name);
    this.noteShared(file, ids);
  }

  /** Puts back the stored summaries of a file. */
  private restore(functions: readonly StoredSummary[]): void {
    for (const { id, key, answers } of functions) {
      if (answers.length === 0) continue;
      this.keys.set(id, key);
      for (const answer of answers) this.solver.restore(id, answer);
      this.take(id);
    }
  }

  /**
   * Solves what changed files and changed links make necessary. Functions whose key is what it was are left alone.
   * `changed` are files with other facts, `removed` files that are gone, `relinked` functions whose links may differ.
   * `first` is solved ahead of the rest.
   */
  update(
    changed: Iterable<FileId>,
    removed: Iterable<FileId>,
    relinked: Iterable<FunctionId>,
    first?: FirstPart,
  ): SolveResult {
    this.work(changed, removed, relinked, first);
    return this.result();
  }

  private work(
    changed: Iterable<FileId>,
    removed: Iterable<FileId>,
    relinked: Iterable<FunctionId>,
    first?: FirstPart,
  ): void {
    const { bodies, links } = this.host;
    const gone: FunctionId[] = [];
    /** By file; those of changed files all, of others the relinked ones. */
    const candidates = new Map<FileId, readonly FunctionId[]>();
    /** Files of which nothing was known: in a first index, all. */
    const isNew = new Set<FileId>();
    for (const file of removed) {
      this.replaceFunctions(file, NO_FUNCTIONS, gone);
      this.callGraph.forget(file);
    }
    for (const file of changed) {
      // Whoever is never looked at need not be unpacked: links know the functions, too.
      const ids = links.functionsOf(file) ?? bodies.file(file)?.ids ?? NO_FUNCTIONS;
      if (!this.replaceFunctions(file, ids, gone)) isNew.add(file);
      candidates.set(file, ids);
    }
    const elsewhere = new Map<FileId, FunctionId[]>();
    for (const id of relinked) {
      const file = fileOf(id);
      if (candidates.has(file)) continue;
      const others = elsewhere.get(file);
      if (others === undefined) elsewhere.set(file, [id]);
      else others.push(id);
    }
    for (const [file, ids] of elsewhere) candidates.set(file, ids);
    const dirty: FunctionId[] = [];
    for (const id of gone) {
      this.keys.delete(id);
      this.told.delete(id);
      this.noteClass(id, undefined);
      if (this.sharedParameters.forget(id)) this.mayHoldUnasked = true;
      this.open.delete(id);
      this.joiner.update(id, []);
      this.unwritten.add(fileOf(id));
    }
    this.widen(candidates);
    for (const [file, ids] of candidates) {
      this.callGraph.note(file);
      const classes = links.receiversIn(file);
      this.noteShared(file, ids);
      if (isNew.has(file)) {
        for (const [id, name] of classes) this.noteClass(id, name);
        for (const id of ids) dirty.push(id);
        continue;
      }
      for (const id of ids) {
        this.noteClass(id, classes.get(id));
        const known = this.keys.get(id) || this.told.get(id);
        // Most of what a first index links again was never asked anything, and need not be unpacked.
        const key = known !== 0 || this.solver.isAsked(id) ? this.keyOf(id) : 0;
        if (key !== 0 && key === known) {
          // That other functions of the file name a property now may make it one that is asked for sources.
          for (const root of this.sourceRootsOf(id)) this.solver.demand(id, root);
          continue;
        }
        this.keys.delete(id);
        if (key !== 0) this.told.set(id, key);
        this.open.delete(id);
        dirty.push(id);
      }
    }
    this.solve(dirty, gone, first);
  }

  /** Like `update`, before others come that belong to the same one. What it did is told by the next `update`. */
  solveAhead(added: Iterable<FileId>, relinked: Iterable<FunctionId>): void {
    this.work(added, [], relinked);
  }

  private result(): SolveResult {
    const { recomputed } = this;
    this.recomputed = new Set();
    if (this.solver.takeLost()) this.mayHoldUnasked = true;
    return { recomputed, answered: this.solver.takeAnswered() };
  }

  /**
   * Asks for sources of kinds that were not asked for before, in all functions but these, which are asked anyway. What was asked for once stays
   * answered: findings are joined for the threat model that is set.
   */
  private widen(others: ReadonlyMap<FileId, readonly FunctionId[]>): boolean {
    const more = this.host.wantedSources() & ~this.asked;
    if (more === 0) return false;
    this.asked |= more;
    for (const [file, ids] of this.functionsOf) {
      const asked = others.get(file);
      if (asked === ids) continue;
      const askedHere = new Set(asked);
      for (const id of ids) {
        if (askedHere.has(id)) continue;
        for (const root of this.callGraph.sourceRootsOf(id, more)) this.solver.demand(id, root);
      }
    }
    return true;
  }

  /** Solves until nobody has to be asked any more. What is left to do when this is cancelled is done by the next call. */
  private solve(changed: readonly FunctionId[], gone: readonly FunctionId[], first?: FirstPart): void {
    for (let recomputed = this.solver.solve(changed, gone, first); ; recomputed = this.solver.solve([], [])) {
      for (const id of recomputed) {
        this.take(id);
        if (!this.keys.has(id)) this.keys.set(id, this.keyOf(id));
        this.unwritten.add(fileOf(id));
        this.recomputed.add(id);
      }
      if (this.askMore() || this.solver.settleGrown()) continue;
      if (this.told.size > 0) this.told = new HashMap();
      return;
    }
  }

  /**
   * Drops the answers that nobody asks for any more, and solves what hung on them, until every question is one that a clean run asks. Looks at all
   * answers, in many small steps; all changes are made in the last one.
   */
  *collect(): Generator<void, SolveResult, undefined> {
    let asked = this.solver.askedNow();
    this.askedAll(yield* this.askAll(asked));
    while (this.solver.retain(asked)) {
      this.solve([], []);
      asked = this.solver.askedNow();
      this.askedAll(finish(this.askAll(asked)));
    }
    const result = this.result();
    this.mayHoldUnasked = false;
    return result;
  }

  /** Asks what is asked from outside, as a clean run does. */
  private *askAll(asked: AskedNow): Generator<void, AllAsked, undefined> {
    const reach = this.nothingReached();
    const isLibrary = (this.asked & this.parameterKinds) !== 0;
    for (const ids of this.functionsOf.values()) {
      for (const id of ids) for (const root of this.callGraph.sourceRootsOf(id, this.asked)) asked.demand(id, root);
      yield;
    }
    let asksForStored = false;
    if (isLibrary) {
      for (const id of this.host.links.exportedFunctions()) {
        const body = this.host.bodies.body(id);
        if (body === undefined) continue;
        for (const root of parameterRoots(body.graph)) if (root !== RECEIVER_ROOT) asked.demand(id, root);
        yield;
      }
    }
    for (let isMore = true; isMore;) {
      isMore = false;
      for (let one = asked.next(); one !== undefined; one = asked.next()) {
        reach.update(one.function, one.summary);
        yield;
      }
      for (const place of reach.take()) {
        isMore = true;
        if (typeof place === 'string') {
          for (const id of this.methods.get(place)?.methods ?? []) asked.demand(id, RECEIVER_ROOT);
          for (const [id, roots] of this.sharedParameters.holdersOf(place))
            for (const root of roots) asked.demand(id, root);
          if (!isStoredName(place) || asksForStored) continue;
          asksForStored = true;
          for (const ids of this.functionsOf.values()) {
            for (const id of ids) for (const root of this.retrievalsIn(id)) asked.demand(id, root);
            yield;
          }
        } else asked.share(place);
      }
    }
    return { reach, asksForStored };
  }

  private take(id: FunctionId): void {
    const answers = this.solver.flowsOf(id);
    this.joiner.update(id, answers);
    for (const answer of answers) this.reach.update(id, answer);
  }

  /** Asks those whom something untrusted turned out to reach; false when all were asked before. */
  private askMore(): boolean {
    let isMore = false;
    for (const place of this.reach.take()) {
      if (typeof place === 'string') {
        for (const id of this.methods.get(place)?.methods ?? []) isMore = this.askMethod(id) || isMore;
        for (const [id, roots] of this.sharedParameters.holdersOf(place))
          for (const root of roots) isMore = this.solver.demand(id, root) || isMore;
        if (isStoredName(place)) isMore = this.askForStored() || isMore;
      } else {
        isMore = this.solver.share(place) || isMore;
      }
    }
    if ((this.asked & this.parameterKinds) !== 0) {
      for (const id of this.host.links.exportedFunctions()) {
        if (this.open.has(id)) continue;
        const body = this.host.bodies.body(id);
        if (body === undefined) continue;
        this.open.add(id);
        for (const root of parameterRoots(body.graph))
          if (root !== RECEIVER_ROOT) isMore = this.solver.demand(id, root) || isMore;
      }
    }
    return isMore;
  }

  /** Who takes something out of places that keep data is asked what becomes of it, once something untrusted is kept in any. */
  private askForStored(): boolean {
    if (this.asksForStored) return false;
    this.asksForStored = true;
    let isMore = false;
    for (const ids of this.functionsOf.values())
      for (const id of ids) for (const root of this.retrievalsIn(id)) isMore = this.solver.demand(id, root) || isMore;
    return isMore;
  }

  private retrievalsIn(id: FunctionId): Iterable<Root> {
    return this.callGraph.sourceRootsOf(id, this.storedKind);
  }

  /** Questions after what comes in by a function itself. */
  private sourceRootsOf(id: FunctionId): Iterable<Root> {
    return this.callGraph.sourceRootsOf(id, this.asked | (this.asksForStored ? this.storedKind : 0));
  }

  private askedAll({ reach, asksForStored }: AllAsked): void {
    this.reach = reach;
    this.asksForStored = asksForStored;
  }

  private askMethod(id: FunctionId): boolean {
    return this.solver.demand(id, RECEIVER_ROOT);
  }

  /** Which parameters of functions of a file are values that are handed from function to function. */
  private noteShared(file: FileId, ids: readonly FunctionId[]): void {
    const { sharedParameters } = this;
    for (const { id, had } of sharedParameters.note(file, ids)) {
      if (had) this.mayHoldUnasked = true;
      for (const [root, { name }] of sharedParameters.of(id) ?? [])
        if (this.reach.has(name)) this.solver.demand(id, root);
    }
  }

  /** `name` is the class whose fields the function shares with others. */
  private noteClass(id: FunctionId, name: string | undefined): void {
    const old = this.classes.get(id);
    if (old !== undefined && old.name !== name) {
      this.classes.delete(id);
      old.methods.delete(id);
      if (old.methods.size === 0) this.methods.delete(old.name);
      this.mayHoldUnasked = true;
    }
    if (name === undefined) return;
    let shared = this.methods.get(name);
    if (shared === undefined) this.methods.set(name, (shared = { name, methods: new Set() }));
    shared.methods.add(id);
    this.classes.set(id, shared);
    if (this.reach.has(name)) this.askMethod(id);
  }

  private isOpen(id: FunctionId): boolean {
    return (this.asked & this.parameterKinds) !== 0 && this.host.links.isExported(id);
  }

  /** Files or configuration changed. Which functions an earlier process asked because they were exports is not known: some of them may be none any more. */
  noteChange(): void {
    if (this.isTakenUp && (this.asked & this.parameterKinds) !== 0) this.mayHoldUnasked = true;
    this.isTakenUp = false;
  }

  /** Models say something else of what functions of these files do: their answers are worked out again. */
  distrust(files: Iterable<FileId>): void {
    for (const file of files) {
      for (const id of this.functionsOf.get(file) ?? []) {
        this.keys.delete(id);
        this.told.delete(id);
      }
    }
  }

  /** Whether these functions are exported, or which class they belong to or make, may have changed, and these files were linked again. */
  review({ reviewed, files }: { readonly reviewed: Iterable<FunctionId>; readonly files: Iterable<FileId> }): void {
    // What they call may be the same by name and have another id: a file that went and came back.
    for (const file of files) this.callGraph.note(file);
    for (const id of reviewed) {
      this.take(id);
      this.joiner.touch(id);
      // What it was asked as an export may have been dropped since, while it was none.
      this.open.delete(id);
      this.mayHoldUnasked = true;
    }
  }

  /** To be called before anything is asked, or saved: for which sources the stored summaries are, and whether all of them are asked for. */
  restoreAsked(store: Store): void {
    this.asked = Number(store.meta.get(ASKED) ?? 0);
    // The last process may have ended before it looked.
    this.mayHoldUnasked = store.meta.get(HOLDS_UNASKED) !== 'no';
  }

  /** Whether answers that nobody asks for were saved, and are gone now. */
  isSavedUncollected(store: Store): boolean {
    return !this.mayHoldUnasked && store.meta.get(HOLDS_UNASKED) === 'yes';
  }

  /** Whether the threat model takes in sources that were not asked for yet. */
  get lacksSources(): boolean {
    return (this.host.wantedSources() & ~this.asked) !== 0;
  }

  /** Takes up the summaries that the store has, in many small steps. */
  *restoreAll(store: Store): Generator<void, void, undefined> {
    // Files of which nobody has asked anything have no summaries, but may be asked.
    for (const file of this.host.links.files()) {
      yield;
      this.noteFile(file, this.host.links.functionsOf(file) ?? NO_FUNCTIONS);
    }
    for (const [file, row] of store.summaries.each()) {
      yield;
      try {
        this.restore(decodeSummaries(row.data, this.paths, this.references));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        this.host.log.warn(
          `The stored summaries of ${this.host.relativePathOf(file)} are damaged; the file is analysed again.`,
        );
        this.mayHoldUnasked = true;
        store.batch(() => {
          store.summaries.remove(file);
          store.files.markPending([file]);
        });
      }
    }
    yield* this.restored();
    this.isTakenUp = true;
    yield* this.callGraph.readInSteps();
  }

  private *restored(): Generator<void, void, undefined> {
    this.solver.forgetAnswered();
    // Methods of classes that were reached were asked then, too.
    for (const place of this.reach.take()) {
      yield;
      if (typeof place !== 'string') this.solver.restoredShared(place);
      else if (isStoredName(place)) this.asksForStored = true;
    }
    this.measure();
  }

  /** Notes how large the tables are: they hold what is needed, and little else. */
  measure(): void {
    this.compactSize = this.tableSize;
  }

  /** Grows with what is solved and kept when somebody waits. */
  get progress(): number {
    return this.solver.progress;
  }

  /** Paths, references and questions have numbers for as long as their tables are used, whether anything is still known of them or not. */
  private get tableSize(): number {
    return this.paths.size + this.references.size + this.solver.tableSize;
  }

  /** True when enough of the tables is left over from earlier states that a fresh one, by `takeOver`, is worth its time. */
  get isCompactionDue(): boolean {
    return isOvergrown(this.tableSize, this.compactSize, this.host.growthLimit);
  }

  /**
   * Takes over what another one knows, in many small steps, without what its tables hold of earlier states: like `restoreAll`, from memory. To be
   * done before anything is asked; the other one must be settled, and is not to be used any more when this is done.
   */
  *takeOver(other: Solving): Generator<void, void, undefined> {
    this.asked = other.asked;
    for (const [file, ids] of other.functionsOf) {
      yield;
      this.noteFile(file, ids);
    }
    for (const ids of other.functionsOf.values()) {
      const rows = ids.map((id) => other.storedSummary(id));
      yield;
      if (rows.some(({ answers }) => answers.length > 0))
        this.restore(
          decodeSummaries(encodeSummaries(rows, other.paths, other.references), this.paths, this.references),
        );
    }
    yield* this.restored();
    for (const id of other.open) this.open.add(id);
    for (const file of other.unwritten) this.unwritten.add(file);
    this.mayHoldUnasked = other.mayHoldUnasked;
  }

  /** Writes the summaries that changed, of so many files, inside a batch; true when there are more. */
  write(store: Store, limit = Infinity): boolean {
    store.meta.set(ASKED, String(this.asked));
    store.meta.set(HOLDS_UNASKED, this.mayHoldUnasked ? 'yes' : 'no');
    let left = limit;
    for (const file of this.unwritten) {
      if (left-- <= 0) return true;
      this.unwritten.delete(file);
      const record = this.stored(file);
      if (record === undefined) store.summaries.remove(file);
      else store.summaries.replace(file, { ...record, deps: NO_BYTES });
    }
    return false;
  }

  /** Notes the functions a file has now; adds those it has no more to `gone`. False when nothing was known of the file. */
  private replaceFunctions(file: FileId, ids: readonly FunctionId[], gone: FunctionId[]): boolean {
    const before = this.functionsOf.get(file);
    if (ids.length === 0) this.functionsOf.delete(file);
    else this.functionsOf.set(file, ids);
    if (before === undefined) return false;
    const now = new Set(ids);
    for (const id of before) if (!now.has(id)) gone.push(id);
    return true;
  }

  /** What is found now and was not at the last call, and the other way round. */
  join(): JoinChange {
    // The threat model may be another one.
    if (this.widen(new Map())) this.solve([], []);
    return this.joiner.join();
  }

  /** The same in many small steps. */
  joinInSteps(): Generator<void, JoinChange, undefined> {
    return this.joiner.joinInSteps();
  }

  /** The same while the solver is at work: what goes through functions not in `solved` may be out of date. */
  joinSoFar(solved: Iterable<FunctionId>): JoinChange {
    for (const id of solved) this.joiner.update(id, this.solver.flowsOf(id));
    return this.joiner.join();
  }

  /** Whether all that was asked of the function so far is answered. */
  isSolved(id: FunctionId): boolean {
    return this.solver.isSolved(id);
  }

  /** The node of a sink in its function as that is now, when data that is passed to the function still reaches it. */
  sinkNow(sink: SinkRef): NodeId | undefined {
    let found: NodeId | undefined;
    for (const root of this.solver.flowsOf(sink.function).flatMap(({ outRoot }) => [...outRoot])) {
      if (kindOf(root) !== RootKind.Sink) continue;
      const other = this.references.sinkOf(root);
      if (other.function !== sink.function || other.kind !== sink.kind || other.label !== sink.label) continue;
      if (found === undefined || Math.abs(other.node - sink.node) < Math.abs(found - sink.node)) found = other.node;
    }
    return found;
  }

  /** Whether code outside can call a function. */
  isExported(id: FunctionId): boolean {
    return this.host.links.isExported(id);
  }

  /** API states of the value that comes in at a node. */
  statesOf(id: FunctionId, node: NodeId): readonly ApiState[] {
    return this.host.links.linksOf(id).apis.get(node) ?? [];
  }

  /** What slices are made of. What these ask is to be asked in a trial. */
  sliceHost(): SliceHost {
    const { host, solver, callGraph, sharedParameters, environment } = this;
    const { compare } = this.names;
    const methodsOf = (name: string): Iterable<FunctionId> => this.methods.get(name)?.methods ?? NO_FUNCTIONS;
    return sliceHost({ host, solver, callGraph, sharedParameters, environment, methodsOf, compare });
  }

  tracer(): Tracer {
    return new Tracer({
      references: this.references,
      trace: (id, root, limits) => this.solver.trace(id, root, limits),
    });
  }

  /** The stored form of a file's summaries, and the files they depend on. */
  private stored(file: FileId): { data: Uint8Array; hash: string; dependsOn: ReadonlySet<FileId> } | undefined {
    const functions = this.host.bodies.file(file);
    if (functions === undefined) return undefined;
    const dependsOn = new Set<FileId>();
    const rows: StoredSummary[] = [];
    for (const id of functions.ids) {
      const row = this.storedSummary(id);
      for (const { dependencies } of row.answers)
        for (const other of dependencies) if (fileOf(other.function) !== file) dependsOn.add(fileOf(other.function));
      rows.push(row);
    }
    const data = encodeSummaries(rows, this.paths, this.references);
    return { data, hash: createHash('sha1').update(data).digest('hex').slice(0, 16), dependsOn };
  }

  private storedSummary(id: FunctionId): StoredSummary {
    return { id, key: this.keys.get(id), answers: this.solver.storedAnswers(id) };
  }

  /** All answers, as lines without ids. */
  *dump(): Generator<string, void, undefined> {
    for (const id of this.solver.functions()) {
      for (const { root, summary } of this.solver.storedAnswers(id)) {
        const hash = hashOf(summary, this.paths, (other) => this.names.rootText(other));
        yield `answer\t${this.names.stableName(id)}\t${this.names.rootText(root)}\t${hash}\t${summary.truncated.join('; ')}`;
      }
    }
  }

  /** Access paths of all answers, and those that a limit cut. */
  accessPaths(): PathCounts {
    const counts = { total: 0, cut: 0 };
    for (const id of this.solver.functions())
      for (const answer of this.solver.flowsOf(id)) countPaths(answer, this.paths, counts);
    return counts;
  }

  truncatedFunctions(): number {
    let count = 0;
    for (const id of this.solver.functions())
      if (this.solver.flowsOf(id).some(({ truncated }) => truncated.length > 0)) count++;
    return count;
  }

  private keyOf(id: FunctionId): number {
    const body = this.host.bodies.body(id);
    return body === undefined ? 0 : functionKey(body, this.host.links);
  }
}

/** Of a path with `/`. */
function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
