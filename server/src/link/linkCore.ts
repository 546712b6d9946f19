/**
 * The working state of the linker: what it knows of each file, and how an update goes through it.
 *
 * Files influence one another in two ways. What a file *reads* of others (exports, returns, members) is evaluated on
 * demand from their skeletons. What it *contributes* (arguments of its calls, writes on foreign objects, subclasses)
 * goes through rounds: in round r every file is linked with the contributions that all files made in round r − 1,
 * starting from none. So nothing can keep itself alive, and the result is a function of the files alone. After at most
 * `ROUNDS` rounds the last result counts. Within an update a file goes from round to round by working out again just
 * what read something that is different now (`termGraph.ts`), and what contributes nothing is looked at after the last. Of all rounds the results are kept (most files have one
 * or two different ones), and of each file the slots it read in any of them: an update links in each round those files
 * again for which such a slot holds something else than it did in that round before.
 */
import { GROWTH_LIMIT, isOvergrown } from '../base/growth';
import type { FileId, FunctionId } from '../model/ids';
import { fileOf, functionId, keyHashOf } from '../model/ids';
import { NONE } from '../model/graph';
import type { ApiAutomaton, FunctionLinks, FunctionTarget, LinkView, LinkVisitor } from '../model/links';
import { RETURN_GROUPS, importsOf, rowOfNode } from '../model/skeleton';
import type { SkeletonImports } from '../model/skeleton';
import { Bindings } from './bindings';
import { ECMASCRIPT_EFFECTS } from './builtins';
import type { CallEffects } from './builtins';
import { ContributionBook, trimEnd } from './contributionBook';
import { Evaluator, newValueSets } from './evaluator';
import type { FileContext, World } from './evaluator';
import { ExportedFunctions } from './exported';
import type { ExportKind } from './exported';
import { findableFunctions } from './findable';
import { FileIndex } from './fileIndex';
import type { ImportTarget } from './fileIndex';
import { FileLinker } from './fileLinker';
import type { FileVersion } from './fileLinker';
import { FileState, noteInterface, pathHash, ProbeSet, resolveImports } from './files';
import { IntSets } from './intSets';
import type { SetId } from './intSets';
import { decodeLinks, encodeLinks } from './linkCodec';
import { elementsOf, membersOf } from './members';
import { independentGroups } from './groups';
import { LinkReader, NO_LINKS, NO_RECEIVER } from './packedLinks';
import { compareResults } from './results';
import { membersIn } from './properties';
import {
  fileOfSlot,
  functionOfSlot,
  isParametersSlot,
  parametersSlot,
  Part,
  partOfSlot,
  returnSlot,
  slotOf,
} from './reads';
import type { Slot } from './reads';
import type { FileChange, LinkerOptions, LinkReason, LinkUpdate } from './options';
import { directoryOf } from './resolve/paths';
import { SlotCollector } from './slotCollector';
import { SlotReaders } from './slotReaders';
import { SHAPE_DEPTH, StableNames } from './stableNames';
import { MEMO, TermGraph } from './termGraph';
import type { NodeNumber } from './termGraph';
import { UpdateRun } from './updateRun';
import { ValueKind, ValueTable } from './values';
import type { ValueId } from './values';

/** Contributions travel this many calls at most. */
const ROUNDS = 5;
/** Functions that one call may run, and is still seen to call each of them. */
const MAX_SEEN = 4;
const PART_REASONS = {
  [Part.Interface]: 'exports',
  [Part.Arguments]: 'arguments',
  [Part.Properties]: 'properties',
} as const;
const NO_RECEIVERS: ReadonlyMap<FunctionId, string> = new Map();
/** Bytes of opened files and their terms kept between updates. */
const DEFAULT_CACHE_BYTES = 96 * 1024 * 1024;
/** The same during an update: what does not fit is linked in parts, which takes longer. */
const WORKING_BYTES = 384 * 1024 * 1024;
/** Of these, what each entry of values takes when its file is finished. */
const FINISH_BYTES = 32;

export class LinkCore implements LinkView, World {
  readonly automaton: ApiAutomaton;
  private readonly options: LinkerOptions;
  private readonly effects: CallEffects;
  private readonly values = new ValueTable();
  private readonly sets = newValueSets();
  private readonly slotSets = new IntSets(Infinity);
  private readonly graph = new TermGraph();
  private readonly allSlots = new SlotCollector(this.graph, false);
  private readonly lastSlots = new SlotCollector(this.graph, true);
  private readonly stable: StableNames;
  private readonly evaluator: Evaluator;
  private readonly fileLinker: FileLinker;
  private readonly exported: ExportedFunctions;
  private readonly states = new Map<FileId, FileState>();
  private readonly contexts = new Map<FileId, FileContext>();
  /** Of opened files, and of some that were open. */
  private readonly indices = new Map<FileId, FileIndex>();
  private indexBytes = 0;
  private readonly book: ContributionBook;
  private readonly readers = new SlotReaders();
  private readonly linkReader: LinkReader;
  private round = ROUNDS - 1;
  private readonly cacheBytes: number;
  private readonly workingBytes: number;
  /** Sets of values after they were last sorted out. */
  private setsKept = 0;

  constructor(options: LinkerOptions) {
    this.options = options;
    this.cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    this.workingBytes = options.workingBytes ?? options.cacheBytes ?? WORKING_BYTES;
    this.automaton = options.automaton;
    this.effects = { ...ECMASCRIPT_EFFECTS, ...options.effects };
    this.stable = new StableNames(this.values, this.automaton, options.pathOf);
    this.evaluator = new Evaluator(this, this.values, this.sets, this.graph);
    this.fileLinker = new FileLinker(this.evaluator, this.stable, options.isDevelopment);
    this.linkReader = new LinkReader(this.values);
    this.book = new ContributionBook(ROUNDS, this.values, this.sets, this.states);
    this.exported = new ExportedFunctions(this.evaluator, options.resolver, {
      files: () => this.states.keys(),
      pathOf: (file) => this.states.get(file)?.path,
      callsToOthers: (file) => this.callsTo(file, (target) => fileOf(target) !== file),
      callsToOwn: (file) => this.callsTo(file, (target, caller) => fileOf(target) === file && target !== caller),
      isDevelopment: (file) => options.isDevelopment?.(file) ?? false,
      isLinked: (path) => {
        const file = options.idOf(path);
        return file !== undefined && this.states.has(file);
      },
      record: (compute) => {
        this.tidy();
        return this.slotSets.members(this.record(compute));
      },
    });
  }

  /**
   * Brings links in line with changed files. `changedPaths` are other files that came, went or changed and may decide
   * where imports lead (package.json, tsconfig.json, links). Skeletons and paths must answer for the new state.
   */
  update(changes: readonly FileChange[], changedPaths: readonly string[] = [], reasons?: LinkReason[]): LinkUpdate {
    const run = new UpdateRun();
    const isFirst = this.states.size === 0;
    for (const change of changes) {
      this.forget(change.id);
      const known = this.states.get(change.id);
      run.before.set(change.id, known?.versions ?? []);
      if (known !== undefined) run.paths.set(change.id, known.path);
      if (change.kind === 'removed') this.states.delete(change.id);
      else {
        const path = this.options.pathOf(change.id) ?? '';
        if (known?.path !== path) this.states.set(change.id, new FileState(change.id, path));
        run.changed.add(change.id);
        if (change.kind === 'added') run.added.add(change.id);
      }
    }
    this.resolve(changes, changedPaths, run);
    // Where nothing was before, nothing can be different.
    if (isFirst) run.stale.length = 0;
    for (const [file, versions] of run.before) if (!this.states.has(file)) run.gone.push(versions);
    for (const group of this.groups(run, isFirst)) this.linkGroup(group, run);
    this.round = ROUNDS - 1;
    this.trim(run);
    const report = compareResults(run.before, (file) => this.states.get(file)?.version(ROUNDS - 1));
    this.strip(run);
    this.giveBack();
    if (reasons !== undefined) this.explain(changes, run, reasons);
    return { ...report, reviewed: [...report.reviewed, ...this.review(changes, changedPaths, run)] };
  }

  /**
   * New files that have nothing to do with one another go through the rounds one after the other, to need less memory,
   * unless they have to do with files that were there.
   */
  private groups(run: UpdateRun, isFirst: boolean): readonly ReadonlySet<FileId>[] {
    const together = [run.changed];
    if (!isFirst && (run.gone.length > 0 || run.stale.some((slot) => this.readers.has(slot)))) return together;
    const imports = new Map<FileId, readonly ImportTarget[]>();
    for (const file of run.changed) {
      if (run.before.get(file)?.length !== 0) return together;
      const targets = this.states.get(file)?.imports(this.values) ?? [];
      for (const target of targets)
        if (target !== undefined && 'file' in target && !run.changed.has(target.file)) return together;
      imports.set(file, targets);
    }
    return independentGroups(run.changed, (file) => imports.get(file) ?? []);
  }

  private linkGroup(group: ReadonlySet<FileId>, run: UpdateRun): void {
    this.close();
    for (let round = 0; round < ROUNDS; round++) this.runRound(round, group, run);
    this.settle(run, true);
  }

  /** Why files were linked again. */
  private explain(changes: readonly FileChange[], run: UpdateRun, reasons: LinkReason[]): void {
    const given = new Set<FileId>();
    for (const { id, kind } of changes) {
      given.add(id);
      reasons.push({ file: id, kind: kind === 'added' ? 'new' : kind });
    }
    for (const file of run.changed) if (!given.has(file)) reasons.push({ file, kind: 'imports' });
    for (const [file, slots] of run.because) for (const slot of slots) reasons.push({ file, ...this.describe(slot) });
  }

  private describe(slot: Slot): Pick<LinkReason, 'kind' | 'of'> {
    if (isParametersSlot(slot))
      return { kind: 'parameters', of: { function: this.values.functionOf(functionOfSlot(slot)) } };
    const part = partOfSlot(slot);
    return { kind: part === undefined ? 'returns' : PART_REASONS[part], of: { file: fileOfSlot(slot) } };
  }

  /** Functions of which something was told that is not part of their links, and may be another answer now. */
  private review(changes: readonly FileChange[], changedPaths: readonly string[], run: UpdateRun): FunctionId[] {
    const files = new Set(run.changed);
    for (const change of changes) files.add(change.id);
    const mayMoveEntries =
      changedPaths.length > 0 ||
      changes.some(
        ({ id, kind }) => kind === 'added' || kind === 'removed' || run.paths.has(id) !== this.states.has(id),
      );
    return this.exported.changed(files, [...run.before.keys()], run.changedSlots, mayMoveEntries);
  }

  linksOf(id: FunctionId): FunctionLinks {
    const functions = this.states.get(fileOf(id))?.version(ROUNDS - 1)?.functions;
    if (functions === undefined) return NO_LINKS;
    const f = this.linkReader.indexOf(functions, keyHashOf(id));
    return f < 0 ? NO_LINKS : this.linkReader.read(functions, f);
  }

  functionsAt(id: FunctionId, node: number, path: readonly string[]): readonly FunctionTarget[] {
    this.tidy();
    const context = this.context(fileOf(id));
    const f = context?.index.functionByKey(keyHashOf(id)) ?? -1;
    if (context === undefined || f < 0 || path.length > SHAPE_DEPTH) return [];
    const row = rowOfNode(context.index.skeleton, f, node);
    if (row < 0) return [];
    let set = findableFunctions(this.evaluator, context, f, row);
    for (const name of path) {
      if (name !== '[]' && /^[(*^]/.test(name)) return [];
      const objects = this.stable.objectsIn(set, this.sets);
      set = name === '[]' ? elementsOf(this.evaluator, objects) : membersOf(this.evaluator, objects, name);
    }
    const found = [...membersIn(this.evaluator, set)].sort((a, b) => this.stable.compare(a, b));
    return found.flatMap((value) => this.targetsOf(value));
  }

  isExported(id: FunctionId): boolean {
    return this.exported.kindOf(id) !== undefined;
  }

  /** How code outside of its package reaches a function: from an entry point, or by requiring the file itself. */
  exportKindOf(id: FunctionId): ExportKind | undefined {
    return this.exported.kindOf(id);
  }

  /** Functions that code outside of their package can call. */
  exportedFunctions(): Iterable<FunctionId> {
    return this.exported.all();
  }

  receiverClassOf(id: FunctionId): string | undefined {
    return this.classAt(id, 'receivers');
  }

  madeClassOf(id: FunctionId): string | undefined {
    return this.classAt(id, 'made');
  }

  private classAt(id: FunctionId, which: 'receivers' | 'made'): string | undefined {
    const functions = this.states.get(fileOf(id))?.version(ROUNDS - 1)?.functions;
    const f = functions === undefined ? -1 : this.linkReader.indexOf(functions, keyHashOf(id));
    const value = functions === undefined || f < 0 ? NO_RECEIVER : functions[which][f];
    return value === NO_RECEIVER ? undefined : this.stable.entity(value);
  }

  /** Calls `visit` with the targets of all calls and the API states of all nodes of a file, function by function. */
  eachLink(file: FileId, visit: LinkVisitor): void {
    const functions = this.states.get(file)?.version(ROUNDS - 1)?.functions;
    if (functions !== undefined) this.linkReader.each(file, functions, visit);
  }

  /** Functions that a file calls, of these. A call of one of many is not seen to be one of any of them. */
  private callsTo(file: FileId, isMeant: (target: FunctionId, caller: FunctionId) => boolean): FunctionId[] {
    const found = new Set<FunctionId>();
    let called: FunctionId[] = [];
    let from: FunctionId | undefined;
    let at = NONE;
    const settle = (): void => {
      if (from !== undefined && called.length <= MAX_SEEN)
        for (const target of called) if (isMeant(target, from)) found.add(target);
      called = [];
    };
    this.eachLink(file, {
      call: (caller, target, node) => {
        if (caller !== from || node !== at) settle();
        from = caller;
        at = node;
        called.push(target);
      },
    });
    settle();
    return [...found];
  }

  packageOf(file: FileId): number {
    return this.states.get(file)?.packageHash ?? 0;
  }

  /** Another object when the links of a file may be other ones. */
  linkVersionOf(file: FileId): object | undefined {
    return this.states.get(file)?.version(ROUNDS - 1)?.functions;
  }

  functionsOf(file: FileId): readonly FunctionId[] | undefined {
    const functions = this.states.get(file)?.version(ROUNDS - 1)?.functions;
    return functions === undefined ? undefined : Array.from(functions.keys, (key) => functionId(file, key));
  }

  receiversIn(file: FileId): ReadonlyMap<FunctionId, string> {
    return this.classesIn(file, 'receivers');
  }

  madeIn(file: FileId): ReadonlyMap<FunctionId, string> {
    return this.classesIn(file, 'made');
  }

  private classesIn(file: FileId, which: 'receivers' | 'made'): ReadonlyMap<FunctionId, string> {
    const functions = this.states.get(file)?.version(ROUNDS - 1)?.functions;
    if (functions === undefined) return NO_RECEIVERS;
    const classes = functions[which];
    let result: Map<FunctionId, string> | undefined;
    for (let f = 0; f < classes.length; f++) {
      if (classes[f] === NO_RECEIVER) continue;
      result ??= new Map<FunctionId, string>();
      result.set(functionId(file, functions.keys[f]), this.stable.entity(classes[f]));
    }
    return result ?? NO_RECEIVERS;
  }

  /** Answers what another one was asked, so that `update` speaks of these functions as it would have done. */
  takeOver(other: LinkCore): void {
    if (other.exported.isAsked) this.exported.ask();
  }

  /** Link state of a file in a form that can be stored; undefined for unknown files. Valid with the same models. */
  encodeFile(file: FileId): Uint8Array | undefined {
    const state = this.states.get(file);
    return state === undefined ? undefined : encodeLinks(state, this.values, this.slotSets.members(state.slots));
  }

  /** Takes over stored link states instead of linking, in many small steps. To be done before anything else is asked. Throws `CodecError` for damaged ones. */
  *restore(stored: Iterable<readonly [file: FileId, data: Uint8Array]>): Generator<void, void, undefined> {
    for (const [file, data] of stored) {
      const state = new FileState(file, this.options.pathOf(file) ?? '');
      this.register(state, decodeLinks(data, state, this.values, this.automaton));
      this.states.set(file, state);
      for (const version of state.versions) this.book.contribute(file, version.contributions);
      yield;
    }
    const run = new UpdateRun();
    for (let round = 1; round < ROUNDS; round++) {
      for (const target of this.book.targets()) {
        this.book.bind(target, round, run);
        yield;
      }
    }
    for (const target of this.book.targets()) {
      this.book.trim(target);
      yield;
    }
    // Nearly all of them are needed, so looking for those that are not is not due before there are many more.
    this.setsKept = this.sets.size;
  }

  /** Everything that grows with the number of answers ever given. */
  get tableSize(): number {
    return this.values.size + this.sets.size + this.slotSets.size;
  }

  files(): Iterable<FileId> {
    return this.states.keys();
  }

  /** Link states of all files, as `restore` takes them. */
  *encodeAll(): Generator<readonly [file: FileId, data: Uint8Array]> {
    for (const file of this.states.keys()) {
      const data = this.encodeFile(file);
      if (data !== undefined) yield [file, data];
    }
  }

  /** Opens a file; part of `World`. */
  context(file: FileId): FileContext | undefined {
    const known = this.contexts.get(file);
    if (known !== undefined) return known;
    const state = this.states.get(file);
    const index = state === undefined ? undefined : this.indexOf(state);
    if (index === undefined) return undefined;
    const context = this.evaluator.adopt(file, index, this.book.in(file, this.round));
    this.contexts.set(file, context);
    return context;
  }

  private indexOf(state: FileState): FileIndex | undefined {
    const known = this.indices.get(state.id);
    if (known !== undefined) return known;
    const skeleton = this.options.skeletonOf(state.id);
    if (skeleton === undefined) return undefined;
    const names = state.importNames(this.values);
    const index = new FileIndex(
      skeleton,
      state.imports(this.values),
      names,
      this.effects,
      state.conventions,
      state.packageHash,
    );
    this.indices.set(state.id, index);
    this.indexBytes += index.bytes;
    return index;
  }

  /** Part of `World`. */
  bindings(file: FileId): Bindings | undefined {
    return this.contexts.get(file)?.bindings;
  }

  /** Drops what is remembered of a file's text. */
  private forget(file: FileId): void {
    const index = this.indices.get(file);
    if (index === undefined) return;
    this.indexBytes -= index.bytes;
    this.indices.delete(file);
  }

  /** Forgets all terms: their files' text or the round is another one now. */
  private close(): void {
    this.graph.clear();
    this.lastSlots.clear();
    this.stable.forget();
    this.evaluator.forget();
    this.contexts.clear();
    // Files that may stay open leave room for their terms.
    if (this.indexBytes * 2 < this.cacheBytes) return;
    this.indices.clear();
    this.indexBytes = 0;
  }

  private isOver(bytes: number, pending: number): boolean {
    return this.graph.bytes + this.indexBytes + pending > bytes;
  }

  /** Between updates: lets go of all that can be opened again. */
  release(): void {
    this.close();
    this.indices.clear();
    this.indexBytes = 0;
    this.graph.release();
    this.evaluator.release();
  }

  /** Keeps what answers between updates have opened within its bytes. */
  private tidy(): void {
    if (this.isOver(this.cacheBytes, 0)) this.close();
  }

  /** After an update: gives back the memory that only a large one needs. */
  private giveBack(): void {
    const { sets } = this;
    const isOver = this.isOver(this.cacheBytes, 0);
    const areMany = isOvergrown(sets.size, this.setsKept, this.options.growthLimit ?? GROWTH_LIMIT);
    if (!isOver && !areMany) return;
    this.close();
    this.graph.release();
    if (!areMany) return;
    // Between updates nothing but bindings refers to sets.
    const bindings = this.book.allBindings();
    const numbers = sets.retain(
      (function* () {
        for (const one of bindings) yield* one.sets();
      })(),
    );
    for (const one of bindings) one.renumber(numbers);
    this.setsKept = sets.size;
  }

  /** Ends what is under way, with all that has to be known of it. Between files only; `isEnd` is after the last one of the last round. */
  private settle(run: UpdateRun, isEnd: boolean): void {
    // Results of other rounds than the last need no functions.
    for (const [file, live] of run.live)
      if (!isEnd || this.states.get(file)?.version(ROUNDS - 1) === live.version) this.fileLinker.finish(live);
    for (const [file, live] of run.live) {
      const state = this.states.get(file);
      if (state === undefined) continue;
      const nodes: NodeNumber[] = [live.context.endNode];
      for (let f = 0; f < live.parts.length; f++) nodes.push(live.context.partNode(f));
      this.register(state, this.allSlots.slotsOf(nodes));
    }
    this.allSlots.clear();
    run.live.clear();
    run.pendingBytes = 0;
  }

  /** Runs a computation that is asked for between updates; tells the slots that it read. */
  private record(compute: () => void): SetId {
    const node = this.graph.allocate(1, MEMO);
    this.evaluator.begin(-1, node);
    compute();
    this.evaluator.end();
    return this.slotSets.of(this.lastSlots.slotsOf([node]));
  }

  /** Resolves imports of changed files, and of those whose imports asked for a path that came or went. */
  private resolve(changes: readonly FileChange[], changedPaths: readonly string[], run: UpdateRun): void {
    const { resolver, idOf } = this.options;
    const appeared = changes.filter(({ kind }) => kind === 'added' || kind === 'removed');
    const context = { resolver, idOf, values: this.values, automaton: this.automaton };
    if (appeared.length > 0 || changedPaths.length > 0) {
      resolver.reset();
      const asked = new ProbeSet();
      const paths = [...changedPaths];
      for (const change of appeared) {
        for (const path of [this.options.pathOf(change.id), run.paths.get(change.id)])
          if (path !== undefined) paths.push(path);
      }
      for (const path of paths)
        for (let at = path; at !== '' && at !== '/'; at = directoryOf(at)) asked.add(pathHash(at));
      for (const state of this.states.values()) {
        if (run.changed.has(state.id) || !asked.hasAny(state.probes)) continue;
        const imports = this.importsOf(state.id);
        if (imports === undefined || !resolveImports(state, imports, context)) continue;
        run.before.set(state.id, state.versions);
        run.changed.add(state.id);
        this.forget(state.id);
      }
    }
    for (const id of run.changed) {
      const state = this.states.get(id);
      const imports = state === undefined ? undefined : this.importsOf(id);
      if (state === undefined || imports === undefined) {
        this.states.delete(id);
        run.changed.delete(id);
        run.stale.push(slotOf(id, Part.Interface), slotOf(id, Part.Arguments));
        continue;
      }
      resolveImports(state, imports, context);
      const { interfaceContent, argumentContent, returns } = state;
      noteInterface(state, imports, this.values);
      if (state.interfaceContent !== interfaceContent) run.stale.push(slotOf(id, Part.Interface));
      if (state.argumentContent !== argumentContent) run.stale.push(slotOf(id, Part.Arguments));
      for (let group = 0; group < RETURN_GROUPS; group++)
        if ((state.returns[group] ?? 0) !== (returns[group] ?? 0)) run.stale.push(returnSlot(id, group));
    }
    for (const change of changes) {
      if (change.kind === 'removed' || change.kind === 'reviewed')
        run.stale.push(slotOf(change.id, Part.Interface), slotOf(change.id, Part.Arguments));
    }
  }

  private importsOf(file: FileId): SkeletonImports | undefined {
    if (this.options.importsOf !== undefined) return this.options.importsOf(file);
    const skeleton = this.options.skeletonOf(file);
    return skeleton === undefined ? undefined : importsOf(skeleton);
  }

  private runRound(round: number, group: ReadonlySet<FileId>, run: UpdateRun): void {
    this.round = round;
    const stale = new Set<Slot>(run.stale);
    const targets = run.targets;
    run.targets = new Set();
    for (const target of group) if (run.added.has(target)) targets.add(target);
    for (const target of targets) {
      run.bound.add(target);
      const old = this.book.in(target, round);
      const next = this.book.bind(target, round, run);
      Bindings.compare(old, next, (entity, areParameters) => {
        stale.add(areParameters ? parametersSlot(entity) : slotOf(target, Part.Properties));
      });
      // What is too much now is so in the next round as well.
      if (!Bindings.overflowAlike(old, next)) run.targets.add(target);
    }
    if (round === ROUNDS - 1) for (const slot of stale) run.changedSlots.add(slot);
    this.advance(round, run);
    const dirty = new Set(group);
    for (const slot of stale)
      this.readers.each(slot, (file) => {
        if (run.changed.has(file)) return;
        dirty.add(file);
        run.noteReason(file, slot);
      });
    for (const file of [...dirty].sort((a, b) => a - b)) this.relink(file, round, run);
    // Files that are gone contribute no more.
    for (const versions of run.gone) this.book.retarget(at(versions, round), undefined, run);
  }

  /** Takes what is known of terms from the round before to this one. */
  private advance(round: number, run: UpdateRun): void {
    run.restless.clear();
    if (round === 0) return;
    this.graph.nextRound();
    const visit = (node: NodeNumber): void => {
      const context = this.evaluator.contextOf(node);
      const part = context === undefined ? -1 : context.partOf(node);
      if (context === undefined || part < 0) return;
      run.restless.add(context.file);
      run.live.get(context.file)?.stale.push(part);
    };
    for (const context of this.contexts.values()) {
      const next = this.book.in(context.file, round);
      Bindings.compare(context.bindings, next, (entity, areParameters) => {
        if (areParameters) this.graph.changeParameters(entity, visit);
        else this.graph.changeProperties(entity, visit);
      });
      context.bindings = next;
    }
    if (!run.isInParts) return;
    for (const target of this.book.boundFiles()) {
      Bindings.compare(this.book.in(target, round - 1), this.book.in(target, round), (entity, areParameters) => {
        const slot = areParameters ? parametersSlot(entity) : slotOf(target, Part.Properties);
        this.readers.each(slot, (file) => run.restless.add(file));
      });
    }
  }

  private relink(file: FileId, round: number, run: UpdateRun): void {
    const state = this.states.get(file);
    if (state === undefined) return;
    const isChanged = run.changed.has(file);
    const old = isChanged ? at(run.before.get(file), round) : state.version(round);
    const holds = isChanged && round > 0 && !run.restless.has(file);
    const version = holds ? state.versions[round - 1] : this.link(state, run);
    if (version === undefined) return;
    if (!run.before.has(file)) run.before.set(file, [...state.versions]);
    if (!run.touched.has(file)) {
      run.touched.add(file);
      state.versions = isChanged
        ? []
        : Array.from({ length: ROUNDS }, (_, i) => state.versions[Math.min(i, state.versions.length - 1)]);
    }
    state.versions[round] = version;
    if (old !== version) this.book.retarget(old, version, run);
  }

  private link(state: FileState, run: UpdateRun): FileVersion | undefined {
    let live = run.live.get(state.id);
    const before = live?.version;
    if (live !== undefined) this.fileLinker.update(live);
    else {
      if (this.isOver(this.workingBytes, run.pendingBytes)) {
        run.isInParts = true;
        this.settle(run, false);
        this.close();
      }
      const context = this.context(state.id);
      if (context === undefined) return undefined;
      live = this.fileLinker.link(context);
      run.live.set(state.id, live);
      run.pendingBytes += context.index.skeleton.nodeId.length * FINISH_BYTES;
    }
    if (live.version !== before) this.book.contribute(state.id, live.version.contributions);
    return live.version;
  }

  private register(state: FileState, slots: readonly Slot[]): void {
    const all = this.slotSets.union(state.slots, this.slotSets.of(slots));
    if (all === state.slots) return;
    for (const slot of slots) {
      if (this.slotSets.has(state.slots, slot)) continue;
      this.readers.add(slot, state.id);
    }
    state.slots = all;
  }

  /** Rounds at the end that are equal are one again. */
  private trim(run: UpdateRun): void {
    for (const file of run.touched) {
      const state = this.states.get(file);
      if (state === undefined) continue;
      trimEnd(state.versions);
    }
    for (const file of run.bound) this.book.trim(file);
  }

  /** Lets go of what only the last round needs, in all others. */
  private strip(run: UpdateRun): void {
    for (const file of run.touched) {
      const versions = this.states.get(file)?.versions ?? [];
      const last = versions[versions.length - 1];
      for (const version of versions) if (version !== last) version.functions = undefined;
    }
  }

  private targetsOf(value: ValueId): FunctionTarget[] {
    const { values } = this;
    switch (values.kind(value)) {
      case ValueKind.Function:
        return [{ kind: 'function', function: values.functionOf(value), convention: 'direct' }];
      case ValueKind.Bound:
        return [{ kind: 'function', function: values.functionOf(values.inner(value)), convention: 'bound' }];
      default:
        return [];
    }
  }
}

function at(versions: readonly FileVersion[] | undefined, round: number): FileVersion | undefined {
  return versions?.[Math.min(round, versions.length - 1)];
}
