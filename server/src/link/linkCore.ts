/**
 * The working state of the linker: what it knows of each file, and how an update goes through it.
 *
 * Files influence one another in two ways. What a file *reads* of others (exports, returns, members) is evaluated on
 * demand from their skeletons. What it *contributes* (arguments of its calls, writes on foreign objects, subclasses)
 * goes through rounds: in round r every file is linked with the contributions that all files made in round r − 1,
 * starting from none. So nothing can keep itself alive, and the result is a function of the files alone. Results of
 * all rounds are kept (most files have one or two different ones), each with the exact contents it read: an update
 * re-links in each round just those files for which something they read differs from before. After at most `ROUNDS`
 * rounds the last result counts.
 */
import type { FileId, FunctionId } from '../model/ids';
import { fileOf, functionId, keyHashOf } from '../model/ids';
import type { ApiAutomaton, FunctionLinks, FunctionTarget, LinkView } from '../model/links';
import { rowOfNode } from '../model/skeleton';
import { Bindings, ROW } from './bindings';
import { ECMASCRIPT_EFFECTS } from './builtins';
import type { CallEffects } from './builtins';
import { ClassNames } from './classNames';
import { receiverClassName } from './classes';
import { Evaluator, FileContext, newValueSets } from './evaluator';
import type { World } from './evaluator';
import { ExportedFunctions } from './exported';
import type { ExportKind } from './exported';
import { findableFunctions } from './findable';
import { FileIndex } from './fileIndex';
import { FileLinker } from './fileLinker';
import type { FileVersion, LinkedFunctions } from './fileLinker';
import { FileState, noteInterface, pathHash, resolveImports } from './files';
import { EMPTY, IntSets } from './intSets';
import type { SetId } from './intSets';
import { decodeLinks, encodeLinks } from './linkCodec';
import { elementsOf, membersOf } from './members';
import { hashText, LinkReader, NO_LINKS } from './packedLinks';
import { membersIn } from './properties';
import {
  fileOfSlot,
  functionOfSlot,
  isParametersSlot,
  parametersSlot,
  Part,
  partOfSlot,
  ReadSets,
  slotOf,
} from './reads';
import type { Content, Slot } from './reads';
import type { FileChange, LinkerOptions, LinkUpdate } from './options';
import { directoryOf } from './resolve/paths';
import { SHAPE_DEPTH, StableNames } from './stableNames';
import { UpdateRun } from './updateRun';
import { ValueKind, ValueTable } from './values';
import type { ValueId } from './values';

/** Contributions travel this many calls at most. */
const ROUNDS = 5;
/** Read sets before the unused ones are let go of. */
const SWEEP_MINIMUM = 150_000;
/** Functions whose shares of results are kept during an update. */
const MAX_PARTS = 150_000;
const DEFAULT_CACHE_BYTES = 96 * 1024 * 1024;

export class LinkCore implements LinkView, World {
  readonly automaton: ApiAutomaton;
  private readonly options: LinkerOptions;
  private readonly effects: CallEffects;
  private readonly values = new ValueTable();
  private readonly sets = newValueSets();
  private readonly slotSets = new IntSets(Infinity);
  private readonly reads: ReadSets;
  private readonly stable: StableNames;
  private readonly evaluator: Evaluator;
  private readonly fileLinker: FileLinker;
  private readonly exported: ExportedFunctions;
  private readonly classNames: ClassNames;
  private readonly states = new Map<FileId, FileState>();
  private readonly contexts = new Map<FileId, FileContext>();
  private contextBytes = 0;
  private sweepAt: number;
  /** Counts files linked, for telling old contexts from new ones. */
  private clock = 0;
  /** By file and round, the last holding for all further rounds. */
  private readonly bound = new Map<FileId, (Bindings | undefined)[]>();
  private readonly contributors = new Map<FileId, Set<FileId>>();
  private readonly readers = new Map<Slot, FileId[]>();
  private readonly linkReader: LinkReader;
  private round = ROUNDS - 1;

  constructor(options: LinkerOptions) {
    this.options = options;
    this.sweepAt = options.maxReadSets ?? SWEEP_MINIMUM;
    this.automaton = options.automaton;
    this.effects = { ...ECMASCRIPT_EFFECTS, ...options.effects };
    this.reads = new ReadSets((slot) => this.contentOf(slot));
    this.stable = new StableNames(this.values, this.automaton, this.reads, options.pathOf);
    this.evaluator = new Evaluator(this, this.values, this.sets, this.reads);
    this.fileLinker = new FileLinker(this.evaluator, this.stable, this.reads);
    this.linkReader = new LinkReader(this.values);
    this.classNames = new ClassNames(this.reads);
    this.exported = new ExportedFunctions(this.evaluator, this.reads, options.resolver, {
      files: () => this.states.keys(),
      pathOf: (file) => this.states.get(file)?.path,
    });
  }

  /**
   * Brings links in line with changed files. `changedPaths` are other files that came, went or changed and may decide
   * where imports lead (package.json, tsconfig.json, links). Skeletons and paths must answer for the new state.
   */
  update(changes: readonly FileChange[], changedPaths: readonly string[] = []): LinkUpdate {
    const run = new UpdateRun();
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
    this.reads.changed();
    let stale: readonly Slot[] = [];
    for (let round = 0; round < ROUNDS; round++) stale = this.runRound(round, run);
    this.round = ROUNDS - 1;
    this.reads.changed();
    this.trim(run);
    const report = this.report(run);
    this.strip(run);
    return { ...report, reviewed: this.review(changes, changedPaths, run, stale) };
  }

  /** Functions of which something was told that is not part of their links, and may be another answer now. */
  private review(
    changes: readonly FileChange[],
    changedPaths: readonly string[],
    run: UpdateRun,
    stale: readonly Slot[],
  ): FunctionId[] {
    const files = new Set(run.changed);
    for (const change of changes) files.add(change.id);
    const mayMoveEntries = changedPaths.length > 0 || changes.some((change) => change.kind !== 'changed');
    return [...this.classNames.drop(files, stale), ...this.exported.changed(files, stale, mayMoveEntries)];
  }

  linksOf(id: FunctionId): FunctionLinks {
    const functions = this.states.get(fileOf(id))?.version(ROUNDS - 1)?.functions;
    if (functions === undefined) return NO_LINKS;
    const f = functions.keys.indexOf(keyHashOf(id));
    return f < 0 ? NO_LINKS : this.linkReader.read(functions, f);
  }

  functionsAt(id: FunctionId, node: number, path: readonly string[]): readonly FunctionTarget[] {
    const context = this.context(fileOf(id));
    const f = context?.index.functionByKey(keyHashOf(id)) ?? -1;
    if (context === undefined || f < 0 || path.length > SHAPE_DEPTH) return [];
    const row = rowOfNode(context.index.skeleton, f, node);
    if (row < 0) return [];
    this.evaluator.begin(-1);
    let set = findableFunctions(this.evaluator, context, row);
    for (const name of path) {
      if (name !== '[]' && /^[(*^]/.test(name)) return [];
      const objects = this.stable.objectsIn(set, this.sets);
      set = name === '[]' ? elementsOf(this.evaluator, objects) : membersOf(this.evaluator, objects, name);
    }
    const found = [...membersIn(this.evaluator, set)].sort((a, b) => this.stable.compare(a, b));
    const targets = found.flatMap((value) => this.targetsOf(value));
    this.evaluator.end();
    return targets;
  }

  isExported(id: FunctionId): boolean {
    return this.exported.kindOf(id) !== undefined;
  }

  /** How code outside of its package reaches a function: from an entry point, or by requiring the file itself. */
  exportKindOf(id: FunctionId): ExportKind | undefined {
    return this.exported.kindOf(id);
  }

  receiverClassOf(id: FunctionId): string | undefined {
    const known = this.classNames.get(id);
    if (known !== undefined) return known.name;
    const context = this.context(fileOf(id));
    const f = context?.index.functionByKey(keyHashOf(id)) ?? -1;
    if (context === undefined || f < 0) return undefined;
    this.evaluator.begin(-1);
    const name = receiverClassName(this.evaluator, this.stable, context, f);
    this.classNames.set(id, name, this.evaluator.end());
    return name;
  }

  /** Answers what another one was asked, so that `update` speaks of these functions as it would have done. */
  takeOver(other: LinkCore): void {
    for (const id of other.classNames.functions()) this.receiverClassOf(id);
    if (other.exported.isAsked) this.exported.ask();
  }

  /** Link state of a file in a form that can be stored; undefined for unknown files. Valid with the same models. */
  encodeFile(file: FileId): Uint8Array | undefined {
    const state = this.states.get(file);
    return state === undefined
      ? undefined
      : encodeLinks(state, this.values, (version) => this.reads.slotsOf(version.reads));
  }

  /** Takes over stored link states instead of linking. Call once, before the first update. Throws `CodecError` for damaged ones. */
  restore(stored: Iterable<readonly [file: FileId, data: Uint8Array]>): void {
    const slots = new Map<FileVersion, readonly Slot[]>();
    for (const [file, data] of stored) {
      const state = new FileState(file, this.options.pathOf(file) ?? '');
      decodeLinks(data, state, this.values, this.automaton, slots);
      this.states.set(file, state);
      for (const version of state.versions) this.contribute(file, version.contributions);
    }
    for (let round = 0; round < ROUNDS; round++) {
      this.round = round;
      if (round > 0) for (const target of this.contributors.keys()) this.bind(target, round);
      this.reads.changed();
      for (const state of this.states.values()) {
        const version = state.versions[round];
        const read = version === undefined ? undefined : slots.get(version);
        if (version === undefined || read === undefined) continue;
        let reads = EMPTY;
        for (const slot of read) reads = this.reads.union(reads, this.reads.now(slot));
        for (let i = round; i < state.versions.length; i++)
          if (state.versions[i] === version) state.versions[i] = { ...version, reads };
        this.register(state, read);
      }
    }
    for (const rounds of this.bound.values()) trimEnd(rounds);
    for (const state of this.states.values()) trimEnd(state.versions);
    this.reads.changed();
  }

  /** Everything that grows with the number of answers ever given. */
  get tableSize(): number {
    return this.values.size + this.sets.size + this.slotSets.size + this.reads.size;
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
    if (known !== undefined) {
      known.used = this.clock;
      return known;
    }
    const state = this.states.get(file);
    const skeleton = state === undefined ? undefined : this.options.skeletonOf(file);
    if (state === undefined || skeleton === undefined) return undefined;
    const context = new FileContext(
      file,
      new FileIndex(skeleton, state.imports(), state.importNames(this.values), this.effects),
    );
    context.used = this.clock;
    this.contexts.set(file, context);
    this.contextBytes += context.bytes;
    return context;
  }

  /** Part of `World`. */
  bindings(file: FileId): Bindings | undefined {
    return this.bindingsIn(file, this.round);
  }

  private bindingsIn(file: FileId, round: number): Bindings | undefined {
    const rounds = this.bound.get(file);
    return rounds?.[Math.min(round, rounds.length - 1)];
  }

  private contentOf(slot: Slot): Content {
    if (isParametersSlot(slot)) {
      const fn = functionOfSlot(slot);
      return this.bindings(this.values.fileOf(fn))?.parametersOf(fn) ?? 0;
    }
    const file = fileOfSlot(slot);
    switch (partOfSlot(slot)) {
      case Part.Interface:
        return this.states.get(file)?.interfaceContent ?? 0;
      case Part.Arguments:
        return this.states.get(file)?.argumentContent ?? 0;
      case Part.Properties:
        return this.bindings(file)?.properties ?? 0;
    }
  }

  /** Drops what is remembered of a file's terms. */
  private forget(file: FileId): void {
    const context = this.contexts.get(file);
    if (context === undefined) return;
    this.contextBytes -= context.bytes;
    this.contexts.delete(file);
  }

  /** Keeps opened files within their bytes, between files: evaluation must never see one twice. */
  private shed(run: UpdateRun): void {
    this.clock++;
    if (this.reads.size > this.sweepAt) this.sweep(run);
    const limit = this.options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    if (this.contextBytes <= limit) return;
    const byAge = [...this.contexts.values()].sort((a, b) => a.used - b.used);
    for (const context of byAge) {
      if (this.contextBytes <= limit / 2) break;
      this.forget(context.file);
    }
  }

  /** Resolves imports of changed files, and of those whose imports asked for a path that came or went. */
  private resolve(changes: readonly FileChange[], changedPaths: readonly string[], run: UpdateRun): void {
    const { resolver, idOf } = this.options;
    const appeared = changes.filter((change) => change.kind !== 'changed');
    const context = { resolver, idOf, values: this.values, automaton: this.automaton };
    if (appeared.length > 0 || changedPaths.length > 0) {
      resolver.reset();
      const asked = new Set<number>();
      const paths = [...changedPaths];
      for (const change of appeared) {
        for (const path of [this.options.pathOf(change.id), run.paths.get(change.id)])
          if (path !== undefined) paths.push(path);
      }
      for (const path of paths)
        for (let at = path; at !== '' && at !== '/'; at = directoryOf(at)) asked.add(pathHash(at));
      for (const state of this.states.values()) {
        if (run.changed.has(state.id) || !state.probes.some((probe) => asked.has(probe))) continue;
        const skeleton = this.options.skeletonOf(state.id);
        if (skeleton === undefined || !resolveImports(state, skeleton, context)) continue;
        run.before.set(state.id, state.versions);
        run.changed.add(state.id);
        this.forget(state.id);
      }
    }
    for (const id of run.changed) {
      const state = this.states.get(id);
      const skeleton = state === undefined ? undefined : this.options.skeletonOf(id);
      if (state === undefined || skeleton === undefined) {
        this.states.delete(id);
        run.changed.delete(id);
        run.stale.push(slotOf(id, Part.Interface), slotOf(id, Part.Arguments));
        continue;
      }
      resolveImports(state, skeleton, context);
      const { interfaceContent, argumentContent } = state;
      noteInterface(state, skeleton, this.values);
      if (state.interfaceContent !== interfaceContent) run.stale.push(slotOf(id, Part.Interface));
      if (state.argumentContent !== argumentContent) run.stale.push(slotOf(id, Part.Arguments));
    }
    for (const change of changes) {
      if (change.kind === 'removed')
        run.stale.push(slotOf(change.id, Part.Interface), slotOf(change.id, Part.Arguments));
    }
  }

  /** Returns the slots that hold something else than in this round before the update. */
  private runRound(round: number, run: UpdateRun): readonly Slot[] {
    this.round = round;
    const stale = [...run.stale];
    const targets = run.targets;
    run.targets = new Set();
    for (const target of run.added) targets.add(target);
    for (const target of targets) {
      run.bound.add(target);
      const old = this.bindingsIn(target, round);
      const next = this.bind(target, round);
      for (const bindings of [old, next]) {
        for (const entity of bindings?.entities() ?? []) {
          if ((old?.parametersOf(entity) ?? 0) !== (next?.parametersOf(entity) ?? 0))
            stale.push(parametersSlot(entity));
        }
      }
      if (old?.properties !== next?.properties) stale.push(slotOf(target, Part.Properties));
      // What is too much now is so in the next round as well.
      if (!Bindings.overflowAlike(old, next)) run.targets.add(target);
    }
    this.reads.changed();
    const dirty = new Set(run.changed);
    for (const slot of stale) for (const file of this.readers.get(slot) ?? []) dirty.add(file);
    for (const file of [...dirty].sort((a, b) => a - b)) this.relink(file, round, run);
    // Files that are gone contribute no more.
    for (const [file, versions] of run.before) {
      if (!this.states.has(file)) this.retarget(versions[Math.min(round, versions.length - 1)], undefined, run);
    }
    return stale;
  }

  private relink(file: FileId, round: number, run: UpdateRun): void {
    const state = this.states.get(file);
    if (state === undefined) return;
    const isChanged = run.changed.has(file);
    let fresh = run.fresh.get(file);
    const old = isChanged ? at(run.before.get(file), round) : state.version(round);
    if (!isChanged && old !== undefined && this.reads.holds(old.reads)) return;
    const candidates = isChanged ? (fresh ?? []) : [...(fresh ?? []), ...state.versions];
    let version = candidates.find((candidate) => this.reads.holds(candidate.reads));
    if (version === undefined) {
      version = this.link(state, run);
      if (version === undefined) return;
    }
    if (fresh === undefined) run.fresh.set(file, (fresh = []));
    if (!fresh.includes(version)) fresh.push(version);
    if (!run.before.has(file)) run.before.set(file, [...state.versions]);
    if (!run.touched.has(file)) {
      run.touched.add(file);
      state.versions = isChanged
        ? []
        : Array.from({ length: ROUNDS }, (_, i) => state.versions[Math.min(i, state.versions.length - 1)]);
    }
    state.versions[round] = version;
    if (old !== version) this.retarget(old, version, run);
  }

  private link(state: FileState, run: UpdateRun): FileVersion | undefined {
    this.shed(run);
    const context = this.context(state.id);
    if (context === undefined) return undefined;
    const { version, parts } = this.fileLinker.link(context, run.parts.get(state.id));
    if (run.partCount + parts.length <= MAX_PARTS || run.parts.has(state.id)) {
      if (!run.parts.has(state.id)) run.partCount += parts.length;
      run.parts.set(state.id, parts);
    }
    this.register(state, this.reads.slotsOf(version.reads));
    this.contribute(state.id, version.contributions);
    return version;
  }

  private register(state: FileState, slots: readonly Slot[]): void {
    const all = this.slotSets.union(state.slots, this.slotSets.of(slots));
    if (all === state.slots) return;
    for (const slot of slots) {
      if (this.slotSets.has(state.slots, slot)) continue;
      const readers = this.readers.get(slot);
      if (readers === undefined) this.readers.set(slot, [state.id]);
      else readers.push(state.id);
    }
    state.slots = all;
  }

  private contribute(file: FileId, rows: Int32Array): void {
    for (let i = 0; i < rows.length; i += ROW) {
      const target = this.targetFile(rows[i]);
      let files = this.contributors.get(target);
      if (files === undefined) this.contributors.set(target, (files = new Set()));
      files.add(file);
    }
  }

  /** Files whose bindings differ in the next round, because these contributions do. */
  private retarget(old: FileVersion | undefined, next: FileVersion | undefined, run: UpdateRun): void {
    if (old !== undefined && next !== undefined && sameRows(old.contributions, next.contributions)) return;
    for (const version of [old, next]) {
      if (version === undefined) continue;
      for (let i = 0; i < version.contributions.length; i += ROW)
        run.targets.add(this.targetFile(version.contributions[i]));
    }
  }

  private targetFile(entity: ValueId): FileId {
    return this.values.fileOf(this.values.kind(entity) === ValueKind.Prototype ? this.values.inner(entity) : entity);
  }

  /** Gathers what all files contributed to one in the round before. */
  private bind(target: FileId, round: number): Bindings | undefined {
    const rows: number[] = [];
    for (const file of round === 0 || !this.states.has(target) ? [] : (this.contributors.get(target) ?? [])) {
      const contributed = this.states.get(file)?.version(round - 1)?.contributions;
      if (contributed === undefined) continue;
      for (let i = 0; i < contributed.length; i += ROW) {
        if (this.targetFile(contributed[i]) === target)
          rows.push(contributed[i], contributed[i + 1], contributed[i + 2]);
      }
    }
    const before = round === 0 ? undefined : this.bindingsIn(target, round - 1);
    const next = Bindings.of(rows, this.values, this.sets, before);
    const rounds = this.bound.get(target) ?? [undefined];
    while (rounds.length < ROUNDS) rounds.push(rounds[rounds.length - 1]);
    rounds[round] = next;
    this.bound.set(target, rounds);
    return next;
  }

  /** Rounds at the end that are equal are one again. */
  private trim(run: UpdateRun): void {
    for (const file of run.touched) {
      const state = this.states.get(file);
      if (state === undefined) continue;
      this.complete(state, run);
      trimEnd(state.versions);
    }
    for (const file of run.bound) {
      const rounds = this.bound.get(file);
      if (rounds === undefined) continue;
      trimEnd(rounds);
      if (rounds.length === 1 && rounds[0] === undefined) this.bound.delete(file);
    }
  }

  /** Lets go of what only the last round needs, in all others. */
  private strip(run: UpdateRun): void {
    for (const file of run.touched) {
      const versions = this.states.get(file)?.versions ?? [];
      const last = versions[versions.length - 1];
      for (const version of versions) if (version !== last) version.functions = undefined;
    }
  }

  /** A result that was kept without its functions may count again. */
  private complete(state: FileState, run: UpdateRun): void {
    const last = state.versions[state.versions.length - 1] as FileVersion | undefined;
    if (last === undefined || last.functions !== undefined) return;
    const linked = this.link(state, run);
    if (linked !== undefined) last.functions = linked.functions;
  }

  /** Numbers read sets anew, without those nobody needs any more. Only between files. */
  private sweep(run: UpdateRun): void {
    const holders = new Set<{ reads: SetId }>();
    for (const state of this.states.values()) for (const version of state.versions) holders.add(version);
    for (const versions of run.before.values()) for (const version of versions) holders.add(version);
    for (const versions of run.fresh.values()) for (const version of versions) holders.add(version);
    for (const parts of run.parts.values()) for (const part of parts) holders.add(part);
    this.exported.addHolders(holders);
    this.classNames.addHolders(holders);
    this.reads.keep(holders);
    this.stable.forget();
    this.evaluator.forget();
    this.contexts.clear();
    this.contextBytes = 0;
    this.sweepAt = Math.max(this.options.maxReadSets ?? SWEEP_MINIMUM, this.reads.size * 3);
  }

  private report(run: UpdateRun): Omit<LinkUpdate, 'reviewed'> {
    const relinked: FunctionId[] = [];
    const removed: FunctionId[] = [];
    const files: FileId[] = [];
    for (const [file, versions] of run.before) {
      const old = versions[versions.length - 1];
      const next = this.states.get(file)?.version(ROUNDS - 1);
      if (next !== undefined) files.push(file);
      if (old === next) continue;
      compareFunctions(file, old?.functions, next?.functions, relinked, removed);
    }
    return { relinked, removed, files };
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

function trimEnd(rounds: unknown[]): void {
  while (rounds.length > 1 && rounds[rounds.length - 1] === rounds[rounds.length - 2]) rounds.pop();
}

function sameRows(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function compareFunctions(
  file: FileId,
  old: LinkedFunctions | undefined,
  next: LinkedFunctions | undefined,
  relinked: FunctionId[],
  removed: FunctionId[],
): void {
  const before = new Map<number, string>();
  if (old !== undefined) for (let f = 0; f < old.keys.length; f++) before.set(old.keys[f], hashText(old.hashes, f));
  if (next !== undefined) {
    for (let f = 0; f < next.keys.length; f++) {
      const key = next.keys[f];
      if (before.get(key) !== hashText(next.hashes, f)) relinked.push(functionId(file, key));
      before.delete(key);
    }
  }
  for (const key of before.keys()) removed.push(functionId(file, key));
}
