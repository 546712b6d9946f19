/**
 * Which functions code outside of a package can call: those that are values of, or reachable from, what its entry
 * files export; and, where package.json has no `exports` to say otherwise, what its other files export, because they
 * can be required by path, unless another file is seen to call it: that is a helper of the package, and what users give it comes
 * through who calls it. What they put on other packages, on globals, or on what exported functions are handed, is exported that way. The same holds, everywhere, for what can only be reached under names that begin with `_`, if anybody of the
 * package is seen to call it. Tests, examples and scripts export nothing to users, and nobody but its class calls a private method. Worked out by file when first asked, and from
 * then on again for files whose answer read something that changed.
 */
import { FunctionFlag } from '../model/graph';
import { NO_API, type FileId, type FunctionId } from '../model/ids';
import { NO_TERM, STORE_COPY, STORE_ELEMENT, TermKind, type Term } from '../model/skeleton';
import type { Evaluator, FileContext } from './evaluator';
import type { FileIndex } from './fileIndex';
import type { ModuleResolver } from './host';
import { EMPTY } from './intSets';
import type { SetId } from './intSets';
import { copiedAt } from './calls';
import { constructorsOf } from './classes';
import { openOwner } from './members';
import { membersIn, propertiesOf } from './properties';
import { Part } from './reads';
import type { Slot } from './reads';
import { NO_VALUE, ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

/** `entry`: reachable from an entry point of the package. `file`: from a file that can be required by its path, and not called by others of the package. */
export type ExportKind = 'entry' | 'file';

/** Functions that exported functions return count, and what those return. */
const MAX_RETURNS = 2;
/** Properties of properties that are looked through for what they are put on. */
const MAX_PROPERTIES = 4;
/** Values followed from one file's exports. */
const MAX_VALUES = 5_000;

interface Answer {
  readonly kind: ExportKind | undefined;
  readonly functions: readonly FunctionId[];
  /** Those that can only be reached under a name that says that they are not for users. */
  readonly internal: ReadonlySet<FunctionId>;
}

/** Names of handlers that a platform calls. */
const HANDLER_NAME = /^on[a-z]/;

const NO_FUNCTIONS: ReadonlySet<FunctionId> = new Set();

interface Files {
  readonly files: () => Iterable<FileId>;
  readonly pathOf: (file: FileId) => string | undefined;
  /** Functions of other files that a file calls, each once. */
  readonly callsToOthers: (file: FileId) => readonly FunctionId[];
  /** Functions of its own that a file calls, each once. */
  readonly callsToOwn: (file: FileId) => readonly FunctionId[];
  /** Whether the file serves to develop the package only. */
  readonly isDevelopment: (file: FileId) => boolean;
  /** Whether a file of the index is one that was analysed, and not left out. */
  readonly isLinked: (path: string) => boolean;
  /** Runs a computation and tells the slots it read. */
  readonly record: (compute: () => void) => readonly Slot[];
}

export class ExportedFunctions {
  private readonly answers = new Map<FileId, Answer>();
  /** How many files export a function, by kind. */
  private readonly counts = {
    entry: new Map<FunctionId, number>(),
    file: new Map<FunctionId, number>(),
    internal: new Map<FunctionId, number>(),
  };
  /** Files by what their answers read. */
  private readonly readers = new Map<Slot, Set<FileId>>();
  /** By file, which functions of others it calls; and by function, how many other files call it. Development files don't count. */
  private readonly calls = new Map<FileId, readonly FunctionId[]>();
  private readonly callers = new Map<FunctionId, number>();
  /** Functions that their own file calls. */
  private readonly calledInside = new Set<FunctionId>();
  private readonly ownCalls = new Map<FileId, readonly FunctionId[]>();
  /** Files to be looked at again; undefined before anybody has asked. */
  private due: Set<FileId> | undefined;

  constructor(
    private readonly evaluator: Evaluator,
    private readonly resolver: ModuleResolver,
    private readonly files: Files,
  ) {}

  get isAsked(): boolean {
    return this.due !== undefined;
  }

  /**
   * Links changed: these files themselves are new, gone or changed, these were linked again, and these slots hold something else. `entries`: so
   * may be which files are entry points. Tells the functions whose answer may be another one now, of those who asked.
   */
  changed(files: Iterable<FileId>, relinked: Iterable<FileId>, stale: Iterable<Slot>, entries: boolean): FunctionId[] {
    const { due } = this;
    if (due === undefined) return [];
    const touched = new Set<FunctionId>();
    for (const file of files) due.add(file);
    for (const file of relinked) this.noteCalls(file, touched);
    for (const slot of stale) for (const file of this.readers.get(slot) ?? []) due.add(file);
    if (entries) {
      for (const file of this.files.files()) if (this.answers.get(file)?.kind !== this.kindOfFile(file)) due.add(file);
    }
    this.refresh(due, touched);
    return [...touched];
  }

  /** Works out all answers, if that was not done yet. */
  ask(): void {
    if (this.due !== undefined) return;
    this.due = new Set(this.files.files());
    const touched = new Set<FunctionId>();
    for (const file of this.due) this.noteCalls(file, touched);
    this.refresh(this.due, touched);
  }

  kindOf(id: FunctionId): ExportKind | undefined {
    this.ask();
    const { entry, file, internal } = this.counts;
    if (entry.has(id)) return 'entry';
    if (this.callers.has(id)) return undefined;
    if (file.has(id)) return 'file';
    return internal.has(id) && !this.calledInside.has(id) ? 'file' : undefined;
  }

  /** All of them. */
  *all(): Generator<FunctionId> {
    this.ask();
    const { entry, file, internal } = this.counts;
    yield* entry.keys();
    for (const id of file.keys()) if (!entry.has(id) && !this.callers.has(id)) yield id;
    for (const id of internal.keys())
      if (!entry.has(id) && !file.has(id) && !this.callers.has(id) && !this.calledInside.has(id)) yield id;
  }

  private refresh(due: Set<FileId>, touched: Set<FunctionId>): void {
    for (const file of due) {
      for (const id of this.answers.get(file)?.functions ?? []) touched.add(id);
      this.drop(file);
      const path = this.files.pathOf(file);
      if (path === undefined) continue;
      const kind = this.kindOfFile(file);
      const answer = kind === undefined ? { kind, functions: [], internal: NO_FUNCTIONS } : this.compute(file, kind);
      this.answers.set(file, answer);
      for (const id of answer.kind === undefined ? [] : answer.functions) {
        touched.add(id);
        const counts = this.countsOf(answer, id);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    due.clear();
  }

  private drop(file: FileId): void {
    const answer = this.answers.get(file);
    if (answer === undefined) return;
    this.answers.delete(file);
    if (answer.kind === undefined) return;
    for (const id of answer.functions) {
      const counts = this.countsOf(answer, id);
      const count = counts.get(id) ?? 0;
      if (count <= 1) counts.delete(id);
      else counts.set(id, count - 1);
    }
  }

  private countsOf({ kind, internal }: Answer, id: FunctionId): Map<FunctionId, number> {
    return this.counts[internal.has(id) ? 'internal' : (kind ?? 'file')];
  }

  private kindOfFile(file: FileId): ExportKind | undefined {
    const path = this.files.pathOf(file);
    if (path === undefined) return undefined;
    const { entries, isClosed } = this.resolver.packageEntries(path);
    if (entries.includes(path)) return 'entry';
    if (this.files.isDevelopment(file)) return undefined;
    if (entries.length === 0) return 'entry';
    // What was left out, such as minified code, was made of other files of the package.
    return isClosed && entries.some((entry) => this.files.isLinked(entry)) ? undefined : 'file';
  }

  /** Takes note of which functions of other files a file calls now. `touched` gets those that nobody called and somebody calls now, or the other way round. */
  private noteCalls(file: FileId, touched: Set<FunctionId>): void {
    const { files, calls, callers } = this;
    this.noteOwnCalls(file, touched);
    const before = calls.get(file) ?? [];
    const now = files.pathOf(file) === undefined || files.isDevelopment(file) ? [] : files.callsToOthers(file);
    if (now.length === 0) calls.delete(file);
    else calls.set(file, now);
    for (const id of now) {
      const count = callers.get(id) ?? 0;
      callers.set(id, count + 1);
      if (count === 0) touched.add(id);
    }
    for (const id of before) {
      const count = callers.get(id) ?? 0;
      if (count > 1) callers.set(id, count - 1);
      else {
        callers.delete(id);
        touched.add(id);
      }
    }
  }

  private noteOwnCalls(file: FileId, touched: Set<FunctionId>): void {
    const { files, ownCalls, calledInside } = this;
    const before = ownCalls.get(file) ?? [];
    const now = files.pathOf(file) === undefined || files.isDevelopment(file) ? [] : files.callsToOwn(file);
    if (now.length === 0) ownCalls.delete(file);
    else ownCalls.set(file, now);
    const old = new Set(before);
    for (const id of now) {
      if (!old.delete(id)) touched.add(id);
      calledInside.add(id);
    }
    for (const id of old) {
      calledInside.delete(id);
      touched.add(id);
    }
  }

  private compute(file: FileId, kind: ExportKind): Answer {
    const { evaluator } = this;
    const found = new Set<FunctionId>();
    const internal = new Set<FunctionId>();
    const slots = this.files.record(() => {
      const context = evaluator.open(file, Part.Interface);
      if (context === undefined) return;
      this.follow([evaluator.read(context, context.index.skeleton.exports)], found, internal);
      // A script that exports nothing is for pages, which find it among the globals.
      this.follow(this.putOnOthers(context, kind === 'entry' && found.size === 0), found, internal);
      this.follow(this.putOnGiven(context, found), found, internal);
    });
    for (const slot of slots) {
      const readers = this.readers.get(slot);
      if (readers === undefined) this.readers.set(slot, new Set([file]));
      else readers.add(file);
    }
    for (const id of found) internal.delete(id);
    return { kind, functions: [...found, ...internal], internal };
  }

  /** Breadth first, so that the bound on values cuts what is farthest; what lies under internal names comes last of all. */
  private follow(exports: readonly SetId[], found: Set<FunctionId>, internal: Set<FunctionId>): void {
    const seen = new Set<ValueId>();
    const hidden: SetId[] = [];
    this.followFrom(exports, seen, found, hidden);
    this.followFrom(hidden, seen, internal, undefined);
  }

  /**
   * What a plugin puts on another package, or on a global: `router.Router.prototype.query = function (text) {}`. Who uses both calls it there. What replaces
   * something that models describe is called as that was, and what is called `onclick` by the platform.
   */
  private putOnOthers(context: FileContext, globalsToo: boolean): SetId[] {
    const { evaluator } = this;
    const { index } = context;
    const found: SetId[] = [];
    for (const w of index.foreignWrites) {
      const name = index.writeName[w];
      if (name === STORE_ELEMENT || (name >= 0 && HANDLER_NAME.test(index.skeleton.strings[name]))) continue;
      if (!globalsToo && !isImported(index, index.writeBase[w])) continue;
      this.putOn(context, index.writeBase[w], name, index.writeValue[w], found);
    }
    for (const site of index.copyingSites) {
      const copied = copiedAt(evaluator, context, site);
      if (copied !== undefined && (globalsToo || isImported(index, copied.to)))
        for (const from of copied.from) this.putOn(context, copied.to, STORE_COPY, from, found);
    }
    return found;
  }

  /** Functions that an exported function puts on what it is handed: `exports.install = (app) => { app.run = (line) => {} }`. Who hands it over calls them. */
  private putOnGiven(context: FileContext, found: ReadonlySet<FunctionId>): SetId[] {
    const { evaluator } = this;
    const { index } = context;
    const { termKind, termA, termB, strings } = index.skeleton;
    const given: SetId[] = [];
    for (const w of index.foreignWrites) {
      const name = index.writeName[w];
      if (name < 0 || HANDLER_NAME.test(strings[name])) continue;
      let base = index.resolveAlias(index.writeBase[w]);
      while (termKind[base] === TermKind.Member) base = index.resolveAlias(termA[base]);
      if (termKind[base] !== TermKind.Param || termB[base] < 0) continue;
      if (!found.has(evaluator.values.functionOf(evaluator.functionValue(context, termA[base])))) continue;
      const known = membersIn(evaluator, evaluator.read(context, index.writeBase[w]));
      if (known.some((value) => this.isKnown(value, strings[name]))) continue;
      given.push(evaluator.read(context, index.writeValue[w]));
    }
    return given;
  }

  private putOn(context: FileContext, target: Term, name: number, value: Term, found: SetId[]): void {
    const { evaluator } = this;
    const base = this.othersAt(context, target);
    if (base === NO_VALUE) return;
    const written = evaluator.read(context, value);
    if (name === STORE_COPY) {
      for (const object of membersIn(evaluator, written))
        for (const [property, values] of propertiesOf(evaluator, object))
          if (!this.isKnown(base, property)) found.push(values);
    } else if (!this.isKnown(base, name < 0 ? undefined : context.index.skeleton.strings[name])) found.push(written);
  }

  /** What a term is that is not of the workspace, or what it is a property of that nobody knows: `$.validator`. */
  private othersAt(context: FileContext, target: Term): ValueId {
    const { evaluator } = this;
    const { termKind, termA } = context.index.skeleton;
    let at = target;
    for (let depth = 0; depth < MAX_PROPERTIES; depth++) {
      const bases = membersIn(evaluator, evaluator.read(context, at));
      for (const base of bases) if (isOthers(evaluator.values, base)) return base;
      at = context.index.resolveAlias(at);
      if (bases.length > 0 || termKind[at] !== TermKind.Member) break;
      at = termA[at];
    }
    return NO_VALUE;
  }

  /** Whether models speak of a property of something that is not of the workspace. */
  private isKnown(base: ValueId, name: string | undefined): boolean {
    const { values, automaton } = this.evaluator;
    return (
      name !== undefined && values.kind(base) === ValueKind.Api && automaton.member(values.state(base), name) !== NO_API
    );
  }

  /** `hidden` gets what lies under internal names; without it, that is gone through, too. */
  private followFrom(
    starts: readonly SetId[],
    seen: Set<ValueId>,
    found: Set<FunctionId>,
    hidden: SetId[] | undefined,
  ): void {
    const { evaluator } = this;
    const { values, sets } = evaluator;
    let line: (readonly [SetId, number])[] = starts.map((set) => [set, 0]);
    while (line.length > 0 && seen.size < MAX_VALUES) {
      const next: (readonly [SetId, number])[] = [];
      for (const [set, returns] of line) {
        for (const value of membersIn(evaluator, set)) {
          const kind = values.kind(value);
          // What a maker is given goes to what it makes: `exports.make = (options) => new Job(options)`; also where one that is there already is exported, too.
          if (kind === ValueKind.Instance && returns > 0) {
            for (const target of constructorsOf(evaluator, values.inner(value)))
              if (values.kind(target) === ValueKind.Function) found.add(values.functionOf(target));
          }
          if (seen.has(value)) continue;
          seen.add(value);
          if (kind === ValueKind.Api || kind === ValueKind.Unmodelled || this.isPrivate(value)) continue;
          if (kind === ValueKind.Bound) next.push([sets.single(values.inner(value)), returns]);
          else {
            if (kind === ValueKind.Function) {
              found.add(values.functionOf(value));
              if (returns < MAX_RETURNS) next.push([this.returned(value), returns + 1]);
            }
            if (kind === ValueKind.Class) {
              for (const target of constructorsOf(evaluator, value)) {
                if (values.kind(target) === ValueKind.Function) found.add(values.functionOf(target));
              }
            }
            if (kind === ValueKind.Class || kind === ValueKind.Function)
              next.push([sets.single(values.instance(value)), returns]);
            for (const [name, property] of propertiesOf(evaluator, value)) {
              if (hidden !== undefined && isInternalName(name)) hidden.push(property);
              else next.push([property, returns]);
            }
          }
        }
      }
      line = next;
    }
  }

  /** A method that only its own class may call. */
  private isPrivate(value: ValueId): boolean {
    if (this.evaluator.values.kind(value) !== ValueKind.Function) return false;
    const context = openOwner(this.evaluator, value);
    const f = this.evaluator.place(context, value);
    return context !== undefined && f >= 0 && (context.index.skeleton.functionFlags[f] & FunctionFlag.Private) !== 0;
  }

  private returned(value: ValueId): SetId {
    const { evaluator } = this;
    const context = openOwner(evaluator, value);
    const f = evaluator.place(context, value);
    if (context === undefined || f < 0) return EMPTY;
    const term = evaluator.returnOf(context, f);
    return term === NO_TERM ? EMPTY : evaluator.read(context, term);
  }
}

/** True for what is imported, and what lies in it. */
function isImported(index: FileIndex, term: Term): boolean {
  const { termKind, termA } = index.skeleton;
  let at = index.resolveAlias(term);
  while (termKind[at] === TermKind.Member) at = index.resolveAlias(termA[at]);
  return termKind[at] === TermKind.Import;
}

/** Something that a package exports, or a global, or what lies in these; and no object that an API made. */
function isOthers(values: ValueTable, value: ValueId): boolean {
  if (values.kind(value) === ValueKind.Unmodelled) return true;
  for (let at = value; at >= 0 && values.kind(at) === ValueKind.Api;) {
    const derivation = values.derivation(at);
    if (derivation === undefined) return false;
    if (derivation.step === 'package' || derivation.step === 'global') return true;
    if (derivation.step !== 'member') return false;
    at = derivation.from;
  }
  return false;
}

/** By custom, what is named so is not for users: `_parse`; a name that is nothing but `_` is one like others. */
function isInternalName(name: string | undefined): boolean {
  return name !== undefined && name.length > 1 && name.startsWith('_') && name !== '__proto__';
}
