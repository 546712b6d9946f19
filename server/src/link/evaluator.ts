/**
 * Evaluates terms to sets of abstract values, on demand and with memory. The value of a term is the least solution of
 * the equations that terms make of one another, so it does not depend on where evaluation starts: terms are evaluated
 * depth first; one that was read while it was not finished is revisited, with its readers, until nothing grows.
 * Everything an answer read is part of the answer (`ReadSets`), and a remembered answer counts only while that still
 * holds. What members, elements and calls of a value are is said in `members.ts` and `calls.ts`.
 */
import { CallFlag, RECEIVER } from '../model/graph';
import { NO_API } from '../model/ids';
import type { ApiState, FileId } from '../model/ids';
import type { ApiAutomaton } from '../model/links';
import { NO_TERM, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import type { Bindings } from './bindings';
import { PARAMETER_BASE, SUBCLASS_SLOT } from './bindings';
import { DEFAULT } from './builtins';
import { callResult, substitute } from './calls';
import { EntityKind } from './fileIndex';
import type { Entity, FileIndex } from './fileIndex';
import { EMPTY, IntSets, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { elementsOf, inheritsAccessors, membersOf } from './members';
import { parametersSlot, Part, slotOf } from './reads';
import type { ReadSets } from './reads';
import { ValueKind } from './values';
import type { Derivation, ValueId, ValueTable } from './values';

/** A file opened for evaluation, with what is known of its terms. */
export class FileContext {
  readonly set: Int32Array;
  readonly reads: Int32Array;
  readonly state: Uint8Array;
  /** Readers of unfinished terms: pairs of context and term. */
  readers: Map<Term, Reader[]> | undefined;
  /** When it was last opened, for dropping the oldest. */
  used = 0;

  constructor(
    readonly file: FileId,
    readonly index: FileIndex,
  ) {
    const terms = index.skeleton.termKind.length;
    this.set = new Int32Array(terms);
    this.reads = new Int32Array(terms);
    this.state = new Uint8Array(terms);
  }

  get bytes(): number {
    return this.index.bytes + this.set.length * 9 + 1000;
  }
}

interface Reader {
  readonly context: FileContext;
  readonly term: Term;
}

/** What evaluation knows of everything outside of a file's own text. */
export interface World {
  readonly automaton: ApiAutomaton;
  context(file: FileId): FileContext | undefined;
  /** What other files contribute to this one, in the current round. */
  bindings(file: FileId): Bindings | undefined;
}

const UNKNOWN = 0;
const BUSY = 1;
const PROVISIONAL = 2;
const FINAL = 3;
const QUEUED = 4;

/** Values kept for one term. */
const MAX_VALUES = 32;
/** Terms evaluated inside one another before the rest is put in line: bounds the call stack, not the result. */
const MAX_DEPTH = 60;
/** Sets of reads noted in one frame before they are joined. */
const MAX_LIST = 64;
/** Other classes that `this` may be an instance of. */
const MAX_SUBCLASSES = 16;
/** Dots in the name of something that no model speaks of. */
const MAX_NAME_PARTS = 3;

export const newValueSets = (): IntSets => new IntSets(MAX_VALUES);

export class Evaluator {
  private depth = 0;
  private readonly frameContext: (FileContext | undefined)[] = [undefined];
  private readonly frameTerm: Term[] = [NO_TERM];
  /** By depth: what was read, as sets not joined yet. */
  private readonly frameReads: SetId[][] = [[]];
  private readonly frameOpen: boolean[] = [false];
  private readonly queue: Reader[] = [];
  private readonly provisional: Reader[] = [];
  private topFile: FileId | -1 = -1;
  /** Properties being looked for within one term, so that circular inheritance ends. */
  private readonly pathValues: ValueId[] = [];
  private readonly pathNames: (string | undefined)[] = [];
  private pathStart = 0;
  /** Open calls of the search that started at `pathStart`. */
  private searchDepth = 0;
  private readonly accessors = new Map<ValueId, { readonly hash: number; readonly reads: SetId }>();

  constructor(
    readonly world: World,
    readonly values: ValueTable,
    readonly sets: IntSets,
    private readonly readSets: ReadSets,
  ) {}

  get automaton(): ApiAutomaton {
    return this.world.automaton;
  }

  /** Starts recording what is read on behalf of a file (-1: nobody, everything counts as foreign). */
  begin(file: FileId | -1): void {
    this.topFile = file;
    this.frameReads[0].length = 0;
  }

  /** Everything read since `begin`. */
  end(): SetId {
    this.topFile = -1;
    const reads = this.readSets.unionAll(this.frameReads[0]);
    this.frameReads[0].length = 0;
    return reads;
  }

  /** Notes what somebody else read on one's behalf. */
  add(reads: SetId): void {
    if (reads === EMPTY) return;
    const list = this.frameReads[this.depth];
    // The same sets come again and again: a look at the last ones keeps the list short.
    for (let i = list.length - 1, stop = Math.max(0, list.length - 12); i >= stop; i--) if (list[i] === reads) return;
    list.push(reads);
    if (list.length < MAX_LIST) return;
    const joined = this.readSets.unionAll(list);
    list.length = 0;
    list.push(joined);
  }

  /** Runs a computation outside of any evaluation, and tells all it read, whoever asks. */
  capture(compute: () => number): { readonly hash: number; readonly reads: SetId } {
    const before = this.frameReads[0];
    const file = this.topFile;
    this.topFile = -1;
    this.frameReads[0] = [];
    const hash = compute();
    const reads = this.readSets.unionAll(this.frameReads[0]);
    this.frameReads[0] = before;
    this.add(reads);
    this.topFile = file;
    return { hash, reads };
  }

  /** Value of a term of a context; final when called from outside of an evaluation. */
  read(context: FileContext, term: Term): SetId {
    if (term === NO_TERM) return EMPTY;
    let state = context.state[term] & 3;
    if (state === FINAL) {
      const reads = context.reads[term];
      if (reads === EMPTY) return context.set[term];
      if (this.readSets.holds(reads)) {
        this.add(reads);
        return context.set[term];
      }
      state = UNKNOWN;
      context.state[term] = UNKNOWN;
      context.set[term] = EMPTY;
      context.reads[term] = EMPTY;
    }
    if (state === UNKNOWN) {
      if (this.depth < MAX_DEPTH) this.compute(context, term);
      else {
        context.state[term] = PROVISIONAL;
        this.provisional.push({ context, term });
        this.enqueue(context, term);
      }
      if (this.depth === 0) this.settle();
      state = context.state[term] & 3;
    }
    if (state !== FINAL) this.dependOn(context, term);
    this.add(context.reads[term]);
    return context.set[term];
  }

  /**
   * False when this property of this value was looked for already in the same search, or too many others were. What a
   * search finds anywhere counts for the whole of it, so nothing needs to be visited twice: without this, objects that
   * copy from one another in circles take exponential time.
   */
  enter(value: ValueId, name: string | undefined, limit: number): boolean {
    if (this.pathValues.length - this.pathStart >= limit) return false;
    for (let i = this.pathStart; i < this.pathValues.length; i++) {
      if (this.pathValues[i] === value && this.pathNames[i] === name) return false;
    }
    this.pathValues.push(value);
    this.pathNames.push(name);
    this.searchDepth++;
    return true;
  }

  leave(): void {
    if (--this.searchDepth > 0) return;
    this.pathValues.length = this.pathStart;
    this.pathNames.length = this.pathStart;
  }

  /** Notes that a part of a file was looked at, and opens the file. */
  open(file: FileId, part: Part): FileContext | undefined {
    this.touch(file, part);
    return this.world.context(file);
  }

  touch(file: FileId, part: Part): void {
    const current = this.depth === 0 ? this.topFile : (this.frameContext[this.depth]?.file ?? -1);
    if (part < Part.Properties && file === current) return;
    this.add(this.readSets.now(slotOf(file, part)));
  }

  /** What callers pass to a parameter of a function (or as its receiver). */
  parameter(fn: ValueId, file: FileId, position: number): SetId {
    this.add(this.readSets.now(parametersSlot(fn)));
    return this.world.bindings(file)?.get(fn, PARAMETER_BASE + position) ?? EMPTY;
  }

  /** What callers pass to a function from a position on. */
  parametersFrom(fn: ValueId, file: FileId, position: number): SetId {
    this.add(this.readSets.now(parametersSlot(fn)));
    return this.world.bindings(file)?.from(fn, PARAMETER_BASE + position, this.sets) ?? EMPTY;
  }

  /** What other files contribute to a property of an entity. */
  property(entity: ValueId, file: FileId, slot: number): SetId {
    this.touch(file, Part.Properties);
    return this.world.bindings(file)?.get(entity, slot) ?? EMPTY;
  }

  api(state: ApiState, derivation: Derivation): SetId {
    return state === NO_API ? EMPTY : this.sets.single(this.values.api(state, derivation));
  }

  unmodelled(base: string, name: string): SetId {
    const parts = base.split('.').length;
    return this.sets.single(this.values.unmodelled(parts >= MAX_NAME_PARTS ? base : `${base}.${name}`));
  }

  /** The value an entity of a file is. */
  entityValue(context: FileContext, target: Entity): ValueId {
    const index = Math.floor(target / 8);
    const kind: EntityKind = target % 8;
    switch (kind) {
      case EntityKind.FunctionStatic:
        return this.functionValue(context, index);
      case EntityKind.FunctionInstance:
        return this.values.instance(this.functionValue(context, index));
      case EntityKind.ClassStatic:
        return this.classValue(context, index);
      case EntityKind.ClassInstance:
        return this.values.instance(this.classValue(context, index));
      case EntityKind.Object:
        return this.values.object(context.file, context.index.objectKey[index]);
    }
  }

  functionValue(context: FileContext, f: number): ValueId {
    return this.values.function(context.file, context.index.skeleton.functionKeyHash[f]);
  }

  classValue(context: FileContext, c: number): ValueId {
    return this.values.class(context.file, context.index.classKey[c]);
  }

  private compute(context: FileContext, term: Term): void {
    const queued = context.state[term] & QUEUED;
    context.state[term] = BUSY | queued;
    const depth = ++this.depth;
    this.frameContext[depth] = context;
    this.frameTerm[depth] = term;
    const read = (this.frameReads[depth] ??= []);
    read.length = 0;
    this.frameOpen[depth] = false;
    const { pathStart, searchDepth } = this;
    this.pathStart = this.pathValues.length;
    this.searchDepth = 0;
    const found = this.evaluate(context, term);
    this.pathStart = pathStart;
    this.searchDepth = searchDepth;
    this.depth--;
    const set = this.sets.union(context.set[term], found);
    const reads = this.readSets.union(context.reads[term], this.readSets.unionAll(read));
    const grew = set !== context.set[term] || reads !== context.reads[term];
    context.set[term] = set;
    context.reads[term] = reads;
    const readers = context.readers?.get(term);
    if (grew && readers !== undefined) for (const reader of readers) this.enqueue(reader.context, reader.term);
    if (this.frameOpen[depth] || (context.state[term] & QUEUED) !== 0 || readers !== undefined) {
      context.state[term] = PROVISIONAL | (context.state[term] & QUEUED);
      this.provisional.push({ context, term });
    } else context.state[term] = FINAL;
  }

  private dependOn(context: FileContext, term: Term): void {
    this.frameOpen[this.depth] = true;
    const reader = this.frameContext[this.depth];
    if (this.depth === 0 || reader === undefined) return;
    context.readers ??= new Map();
    const readers = context.readers.get(term);
    const readerTerm = this.frameTerm[this.depth];
    if (readers === undefined) context.readers.set(term, [{ context: reader, term: readerTerm }]);
    else if (!readers.some((known) => known.term === readerTerm && known.context === reader)) {
      readers.push({ context: reader, term: readerTerm });
    }
  }

  private enqueue(context: FileContext, term: Term): void {
    if ((context.state[term] & QUEUED) !== 0) return;
    context.state[term] |= QUEUED;
    this.queue.push({ context, term });
  }

  /** Revisits what grew until nothing does; then everything is final. */
  private settle(): void {
    for (let next = this.queue.pop(); next !== undefined; next = this.queue.pop()) {
      next.context.state[next.term] &= ~QUEUED;
      this.compute(next.context, next.term);
    }
    for (const { context, term } of this.provisional) {
      context.state[term] = FINAL;
      context.readers = undefined;
    }
    this.provisional.length = 0;
  }

  private evaluate(context: FileContext, term: Term): SetId {
    const { index, file } = context;
    const { skeleton } = index;
    const kind: TermKind = skeleton.termKind[term];
    const a = skeleton.termA[term];
    const b = skeleton.termB[term];
    switch (kind) {
      case TermKind.None:
      case TermKind.Text:
        return EMPTY;
      case TermKind.Function:
        return this.sets.single(this.functionValue(context, a));
      case TermKind.Class:
        return this.sets.single(this.classValue(context, a));
      case TermKind.Object:
        return this.sets.single(this.values.object(file, index.objectKey[a]));
      case TermKind.Import:
        return this.imported(index, a);
      case TermKind.Global: {
        const name = skeleton.strings[a];
        const state = this.automaton.global(name);
        if (state === NO_API) return this.sets.single(this.values.unmodelled(name));
        return this.api(state, { step: 'global', from: -1, name, numbers: [] });
      }
      case TermKind.Param:
        return b === RECEIVER ? this.receiver(context, a) : this.parameter(this.functionValue(context, a), file, b);
      case TermKind.RestParam:
        // The array itself is nobody's; its elements are found by `Element` and `Member`.
        return EMPTY;
      case TermKind.Member:
        return this.member(context, a, skeleton.strings[b]);
      case TermKind.Element:
        return this.element(context, a);
      case TermKind.Call:
        return callResult(this, context, a);
      case TermKind.New:
        return this.constructed(context, a);
      case TermKind.Union:
      case TermKind.Variable: {
        let result = EMPTY;
        for (let i = skeleton.listStart[a]; i < skeleton.listStart[a + 1]; i++) {
          result = this.sets.union(result, this.read(context, skeleton.lists[i]));
          if (result === TOO_MANY) break;
        }
        return result;
      }
      case TermKind.Super:
        return this.superValues(context, a);
      case TermKind.Typed:
        return this.sets.union(this.read(context, a), this.instances(this.read(context, b), false));
      case TermKind.Await:
        return this.awaited(this.read(context, a));
    }
  }

  private imported(index: FileIndex, i: number): SetId {
    const target = index.imports[i];
    if (target === undefined) return EMPTY;
    if ('value' in target) return this.sets.single(target.value);
    const other = this.open(target.file, Part.Interface);
    return other === undefined ? EMPTY : this.read(other, other.index.skeleton.exports);
  }

  private member(context: FileContext, base: Term, name: string): SetId {
    const { skeleton } = context.index;
    const baseKind: TermKind = skeleton.termKind[base];
    if (baseKind === TermKind.RestParam && /^\d+$/.test(name)) return this.restArgument(context, base, Number(name));
    const bases = this.read(context, base);
    let result = membersOf(this, bases, name);
    if (name === DEFAULT && baseKind === TermKind.Import) {
      // The default export of a file without export syntax is what it exports.
      const target = context.index.imports[skeleton.termA[base]];
      const isPlain =
        target !== undefined &&
        ('value' in target ? result === EMPTY : this.world.context(target.file)?.index.skeleton.isEsm === false);
      if (isPlain) result = this.sets.union(result, bases);
    }
    return result;
  }

  private element(context: FileContext, base: Term): SetId {
    const { skeleton } = context.index;
    if (skeleton.termKind[base] === TermKind.RestParam) {
      const f = skeleton.termA[base];
      return this.parametersFrom(this.functionValue(context, f), context.file, skeleton.termB[base]);
    }
    return elementsOf(this, this.read(context, base));
  }

  /** A term of the function an object was allocated in, with the arguments of the call that allocated it. */
  substitute(context: FileContext, term: Term, allocation: ValueId): SetId {
    return substitute(this, context, term, allocation);
  }

  restArgument(context: FileContext, rest: Term, position: number): SetId {
    const { termA, termB } = context.index.skeleton;
    return this.parameter(this.functionValue(context, termA[rest]), context.file, termB[rest] + position);
  }

  private receiver(context: FileContext, f: number): SetId {
    let result = this.parameter(this.functionValue(context, f), context.file, RECEIVER);
    for (const target of context.index.receiverEntities(f)) {
      result = this.sets.union(result, this.sets.single(this.entityValue(context, target)));
      if (target % 8 !== EntityKind.ClassInstance) continue;
      const subclasses = this.property(this.classValue(context, Math.floor(target / 8)), context.file, SUBCLASS_SLOT);
      if (subclasses !== TOO_MANY && this.sets.members(subclasses).length <= MAX_SUBCLASSES) {
        result = this.sets.union(result, this.instances(subclasses, true));
      }
    }
    return result;
  }

  private constructed(context: FileContext, site: number): SetId {
    const callees = this.read(context, context.index.skeleton.siteCallee[site]);
    const made = this.instances(callees, true);
    // A constructor that returns an object gives that instead.
    return this.sets.union(made, callResult(this, context, site));
  }

  /** `super`: an instance of the superclass for its methods, the superclass itself for static ones. */
  private superValues(context: FileContext, c: number): SetId {
    const classes = this.read(context, context.index.skeleton.classSuper[c]);
    return this.sets.union(classes, this.instances(classes, true));
  }

  /** Instances of the classes in a set. As types, functions don't count: a name that is both is rarely a constructor. */
  instances(classes: SetId, functionsToo: boolean): SetId {
    if (classes === TOO_MANY) return TOO_MANY;
    let result = EMPTY;
    for (const value of this.sets.members(classes)) {
      switch (this.values.kind(value)) {
        case ValueKind.Function:
          if (functionsToo) result = this.sets.union(result, this.sets.single(this.values.instance(value)));
          break;
        case ValueKind.Class:
          result = this.sets.union(result, this.sets.single(this.values.instance(value)));
          break;
        case ValueKind.Api:
          result = this.sets.union(
            result,
            this.api(this.automaton.instance(this.values.state(value)), {
              step: 'instance',
              from: value,
              name: '',
              numbers: [],
            }),
          );
          break;
        case ValueKind.Bound:
        case ValueKind.Object:
        case ValueKind.Allocated:
        case ValueKind.Instance:
        case ValueKind.Prototype:
        case ValueKind.Unmodelled:
          break;
      }
    }
    return result;
  }

  /** A promise and its value are one, except where a model tells them apart. */
  private awaited(set: SetId): SetId {
    if (set === TOO_MANY) return TOO_MANY;
    let result = EMPTY;
    for (const value of this.sets.members(set)) {
      const awaited =
        this.values.kind(value) === ValueKind.Api
          ? this.api(this.automaton.awaited(this.values.state(value)), {
              step: 'awaited',
              from: value,
              name: '',
              numbers: [],
            })
          : EMPTY;
      result = this.sets.union(result, awaited === EMPTY ? this.sets.single(value) : awaited);
    }
    return result;
  }

  /** Whether a class or one it inherits from has any getter or setter. To be asked outside of evaluations. */
  hasAccessors(value: ValueId): boolean {
    const known = this.accessors.get(value);
    if (known !== undefined && this.readSets.holds(known.reads)) {
      this.add(known.reads);
      return known.hash === 1;
    }
    const answer = this.capture(() => (inheritsAccessors(this, value, 0) ? 1 : 0));
    this.accessors.set(value, answer);
    return answer.hash === 1;
  }

  /** Forgets what it remembers beside contexts, because read sets have new numbers. */
  forget(): void {
    this.accessors.clear();
    this.frameReads[0].length = 0;
  }

  /** Superclasses of a class, as values. */
  superclassesOf(value: ValueId): SetId {
    const context = this.open(this.values.fileOf(value), Part.Interface);
    const c = context?.index.classByKey(this.values.keyOf(value)) ?? -1;
    return context === undefined || c < 0 ? EMPTY : this.read(context, context.index.skeleton.classSuper[c]);
  }

  /** True for calls written as `super(…)`. */
  static isSuperCall(flags: number): boolean {
    return (flags & CallFlag.SuperCall) !== 0;
  }
}
