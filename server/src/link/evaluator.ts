/**
 * Evaluates terms to sets of abstract values, on demand and with memory. The value of a term is the least solution of
 * the equations that terms make of one another, so it does not depend on where evaluation starts: terms are evaluated
 * depth first; one that was read while it was not finished is revisited, with its readers, until nothing grows.
 * Everything an answer read is part of the answer (`ReadSets`), and a remembered answer counts only while that still
 * holds. What members, elements and calls of a value are is said in `members.ts` and `calls.ts`.
 */
import { SparseNumbers } from '../base/sparseNumbers';
import { CallFlag, RECEIVER } from '../model/graph';
import { NO_API } from '../model/ids';
import type { ApiState, FileId } from '../model/ids';
import type { ApiAutomaton } from '../model/links';
import { NO_TERM, TermKind, returnGroup } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import type { Bindings } from './bindings';
import { PARAMETER_BASE, SUBCLASS_SLOT } from './bindings';
import { CALLEE, DEFAULT, SECOND } from './builtins';
import { callResult, keptIn, substitute } from './calls';
import { EntityKind } from './fileIndex';
import type { Entity, FileIndex } from './fileIndex';
import { EMPTY, IntSets, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { elementsOf, inheritsAccessors, membersOf, tableMembersOf } from './members';
import { Part } from './reads';
import { BUSY, CYCLIC, FINAL, MEMO, PROVISIONAL, QUEUED, SEEN, STALE, STATE, UNKNOWN, VERIFYING } from './termGraph';
import type { NodeNumber, TermGraph } from './termGraph';
import { NO_VALUE, ValueKind } from './values';
import type { Derivation, ValueId, ValueTable } from './values';

/** A file opened for evaluation. Its terms are nodes of the graph, in a row; then come its parts, then the file itself, then its end. */
export class FileContext {
  /** What others contribute to the file, in the current round. */
  bindings: Bindings | undefined;

  constructor(
    readonly file: FileId,
    readonly index: FileIndex,
    readonly base: NodeNumber,
  ) {}

  /** Node of linking a part; after the last one, of what belongs to the file as a whole. */
  partNode(part: number): NodeNumber {
    return this.base + this.index.skeleton.termKind.length + part;
  }

  /** Node of what is found out about a file when its calls are settled. */
  get endNode(): number {
    return this.partNode(this.index.parts.of.length + 1);
  }

  /** The part that a node is; -1 for terms. */
  partOf(node: NodeNumber): number {
    return Math.max(node - this.base - this.index.skeleton.termKind.length, -1);
  }
}

/** What evaluation knows of everything outside of a file's own text. */
export interface World {
  readonly automaton: ApiAutomaton;
  context(file: FileId): FileContext | undefined;
  /** What other files contribute to this one, in the current round. */
  bindings(file: FileId): Bindings | undefined;
}

/** Reads are nobody's. */
export const NOBODY: NodeNumber = -1;

/** Values kept for one term. */
const MAX_VALUES = 32;
/** Terms evaluated inside one another before the rest is put in line: bounds the call stack, not the result. */
const MAX_DEPTH = 60;
/** Other classes that `this` may be an instance of. */
const MAX_SUBCLASSES = 16;
/** Dots in the name of something that no model speaks of. */
const MAX_NAME_PARTS = 3;

export const newValueSets = (): IntSets => new IntSets(MAX_VALUES);

export class Evaluator {
  private depth = 0;
  private readonly frameContext: (FileContext | undefined)[] = [undefined];
  /** By depth: the node that is being worked out; `NOBODY` where reads need not be noted. */
  private readonly frameNode: NodeNumber[] = [NOBODY];
  /** By depth: whether something was read that is not final. */
  private readonly frameOpen: boolean[] = [false];
  private readonly queue: NodeNumber[] = [];
  private readonly provisional: NodeNumber[] = [];
  private topFile: FileId | -1 = -1;
  /** Properties being looked for within one term, so that circular inheritance ends. */
  private readonly pathValues: ValueId[] = [];
  private readonly pathNames: (string | undefined)[] = [];
  /** Lists of the path keep their memory; so many of their items count. */
  private pathLength = 0;
  private pathStart = 0;
  /** Open calls of the search that started at `pathStart`. */
  private searchDepth = 0;
  private readonly accessors = new Map<ValueId, NodeNumber>();
  /** By value: where it is in its file + 2, or 0 where that was not asked. */
  private readonly places = new SparseNumbers();
  /** Opened files, by their number in the graph. */
  private readonly opened: FileContext[] = [];

  constructor(
    readonly world: World,
    readonly values: ValueTable,
    readonly sets: IntSets,
    readonly graph: TermGraph,
  ) {}

  get automaton(): ApiAutomaton {
    return this.world.automaton;
  }

  /** Makes nodes for a file's terms. */
  adopt(file: FileId, index: FileIndex, bindings: Bindings | undefined): FileContext {
    const base = this.graph.allocate(index.skeleton.termKind.length + index.parts.of.length + 2, this.opened.length);
    const context = new FileContext(file, index, base);
    context.bindings = bindings;
    this.opened.push(context);
    return context;
  }

  /** The file that a term or function belongs to; undefined for other nodes. */
  contextOf(node: NodeNumber): FileContext | undefined {
    const owner = this.graph.owner[node];
    return owner < 0 ? undefined : this.opened[owner];
  }

  /** The graph was cleared. */
  forget(): void {
    this.accessors.clear();
    this.opened.length = 0;
    this.places.clear();
  }

  /** The same, and gives memory back. */
  release(): void {
    this.forget();
    this.places.release();
  }

  /** Index of a function, class or object literal in its file, which is open as `context`; -1 when it is not there (any more). */
  place(context: FileContext | undefined, value: ValueId): number {
    if (context === undefined) return -1;
    let place = this.places.get(value);
    if (place === 0) this.places.set(value, (place = this.find(context.index, value) + 2));
    return place - 2;
  }

  private find(index: FileIndex, value: ValueId): number {
    const key = this.values.keyOf(value);
    switch (this.values.kind(value)) {
      case ValueKind.Function:
        return index.functionByKey(key);
      case ValueKind.Class:
        return index.classByKey(key);
      case ValueKind.Object:
        return index.objectByKey(key);
      default:
        return -1;
    }
  }

  /** Notes what is read from now on for a node, on behalf of a file (-1: everything counts as foreign). */
  begin(file: FileId | -1, node: NodeNumber): void {
    this.topFile = file;
    this.frameNode[0] = node;
  }

  end(): void {
    this.topFile = -1;
    this.frameNode[0] = NOBODY;
  }

  /** Whether what is known of a part, or of a file as a whole, still holds. Outside of evaluations. */
  holds(node: NodeNumber): boolean {
    const { graph } = this;
    if ((graph.state[node] & STATE) === STALE) {
      this.verify(node);
      this.settle();
    }
    return (graph.state[node] & STATE) === FINAL;
  }

  /** A number that follows from what `compute` reads, remembered by key. Outside of evaluations. */
  remember(known: Map<number, NodeNumber>, key: number, compute: (key: number) => number): number {
    const { graph } = this;
    let node = known.get(key);
    if (node === undefined) known.set(key, (node = graph.allocate(1, MEMO)));
    if (!this.holds(node)) {
      const file = this.topFile;
      const reader = this.frameNode[0];
      this.begin(-1, node);
      const value = compute(key);
      this.begin(file, reader);
      graph.value[node] = value;
      graph.finish(node);
    }
    graph.read(this.frameNode[this.depth], node);
    return graph.value[node];
  }

  /** Value of a term of a context; final when called from outside of an evaluation. */
  read(context: FileContext, term: Term): SetId {
    if (term === NO_TERM) return EMPTY;
    const { graph } = this;
    const node = context.base + term;
    if ((graph.state[node] & STATE) !== FINAL) {
      this.bring(context, node);
      if ((graph.state[node] & STATE) !== FINAL) {
        this.frameOpen[this.depth] = true;
        graph.state[node] |= SEEN;
      }
    } else if (graph.firstRead[node] === 0) return graph.value[node];
    graph.read(this.frameNode[this.depth], node);
    return graph.value[node];
  }

  /**
   * False when this property of this value was looked for already in the same search, or too many others were. What a
   * search finds anywhere counts for the whole of it, so nothing needs to be visited twice: without this, objects that
   * copy from one another in circles take exponential time.
   */
  enter(value: ValueId, name: string | undefined, limit: number): boolean {
    const { pathValues, pathNames, pathLength } = this;
    if (pathLength - this.pathStart >= limit) return false;
    for (let i = this.pathStart; i < pathLength; i++) {
      if (pathValues[i] === value && pathNames[i] === name) return false;
    }
    pathValues[pathLength] = value;
    pathNames[pathLength] = name;
    this.pathLength++;
    this.searchDepth++;
    return true;
  }

  leave(): void {
    if (--this.searchDepth === 0) this.pathLength = this.pathStart;
  }

  /** Notes that a part of a file was looked at, and opens the file. */
  open(file: FileId, part: Part.Interface | Part.Arguments): FileContext | undefined {
    this.touch(file, part);
    return this.world.context(file);
  }

  touch(file: FileId, part: Part.Interface | Part.Arguments): void {
    const current = this.depth === 0 ? this.topFile : (this.frameContext[this.depth]?.file ?? -1);
    if (file !== current) this.graph.read(this.frameNode[this.depth], this.graph.seen(file, part));
  }

  /**
   * Term of what a function returns, which is noted to be read, unless the function's own file does so for itself. Noted also where one function of a file calls
   * another: somebody else may come to it through the first.
   */
  returnOf({ file, index }: FileContext, f: number): Term {
    const { functionReturn, functionKeyHash } = index.skeleton;
    if (this.depth > 0 || file !== this.topFile)
      this.graph.read(this.frameNode[this.depth], this.graph.returned(file, returnGroup(functionKeyHash[f])));
    return functionReturn[f];
  }

  /** What other files write on an entity. */
  contributed(entity: ValueId, file: FileId): Bindings | undefined {
    this.graph.read(this.frameNode[this.depth], this.graph.properties(entity, file));
    return this.world.bindings(file);
  }

  /** What callers pass to a parameter of a function (or as its receiver). */
  parameter(fn: ValueId, file: FileId, position: number): SetId {
    this.graph.read(this.frameNode[this.depth], this.graph.parameters(fn));
    return this.world.bindings(file)?.get(fn, PARAMETER_BASE + position) ?? EMPTY;
  }

  /** What callers pass to a function from a position on. */
  parametersFrom(fn: ValueId, file: FileId, position: number): SetId {
    this.graph.read(this.frameNode[this.depth], this.graph.parameters(fn));
    return this.world.bindings(file)?.from(fn, PARAMETER_BASE + position, this.sets) ?? EMPTY;
  }

  api(state: ApiState, derivation: Derivation): SetId {
    return state === NO_API ? EMPTY : this.sets.single(this.values.api(state, derivation));
  }

  /** The same, for what a step from a value leads to; nearly always it led there before. */
  reached(state: ApiState, step: Derivation['step'], from: ValueId, name = ''): SetId {
    if (state === NO_API) return EMPTY;
    const known = this.values.knownApi(state);
    return known === NO_VALUE ? this.api(state, { step, from, name, numbers: [] }) : this.sets.single(known);
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

  /** Gives a node its value, or a provisional one inside of an evaluation. */
  private bring(context: FileContext, node: NodeNumber): void {
    const known = this.graph.state[node] & STATE;
    const isDeep = this.depth >= MAX_DEPTH;
    if (known === STALE && !isDeep) this.verify(node);
    else if (known === STALE || known === VERIFYING) this.graph.reset(node);
    if ((this.graph.state[node] & STATE) === UNKNOWN) {
      if (!isDeep) this.compute(context, node);
      else {
        this.graph.state[node] |= PROVISIONAL;
        this.provisional.push(node);
        this.enqueue(node);
      }
    }
    if (this.depth === 0) this.settle();
  }

  /** Looks whether anything a stale node read has changed; if so, the node has to be worked out again. */
  private verify(node: NodeNumber): void {
    const { graph } = this;
    graph.state[node] = VERIFYING | (graph.state[node] & ~STATE);
    const depth = ++this.depth;
    this.frameNode[depth] = NOBODY;
    this.frameContext[depth] = undefined;
    let hasChanged = false;
    for (let edge = graph.firstRead[node]; edge !== 0 && !hasChanged; edge = graph.nextRead[edge]) {
      const read = graph.edgeTo[edge];
      const state = graph.state[read] & STATE;
      if (state === STALE || state === UNKNOWN) {
        const context = this.contextOf(read);
        if (context !== undefined) this.bring(context, read);
        else if (state === STALE && depth < MAX_DEPTH) this.verify(read);
        // Whoever needed the node meanwhile has worked it out.
        if ((graph.state[node] & STATE) !== VERIFYING) {
          this.depth--;
          return;
        }
      }
      hasChanged = (graph.state[read] & STATE) !== FINAL || graph.hasChangedFor(node, read);
    }
    this.depth--;
    if (hasChanged) graph.reset(node);
    else graph.confirm(node);
  }

  private compute(context: FileContext, node: NodeNumber): void {
    const { graph } = this;
    graph.state[node] = BUSY | (graph.state[node] & ~STATE);
    const depth = ++this.depth;
    this.frameContext[depth] = context;
    this.frameNode[depth] = node;
    this.frameOpen[depth] = false;
    const { pathStart, searchDepth } = this;
    this.pathStart = this.pathLength;
    this.searchDepth = 0;
    const found = this.evaluate(context, node - context.base);
    this.pathStart = pathStart;
    this.searchDepth = searchDepth;
    this.depth--;
    const set = this.sets.union(graph.value[node], found);
    const grew = set !== graph.value[node];
    graph.value[node] = set;
    const state = graph.state[node];
    if (grew && (state & SEEN) !== 0) graph.eachOpenReader(node, this.enqueue);
    if (this.frameOpen[depth] || (state & (QUEUED | SEEN)) !== 0) {
      graph.state[node] = PROVISIONAL | (graph.state[node] & ~STATE);
      this.provisional.push(node);
    } else graph.finish(node);
  }

  private readonly enqueue = (node: NodeNumber): void => {
    if ((this.graph.state[node] & QUEUED) !== 0) return;
    this.graph.state[node] |= QUEUED;
    this.queue.push(node);
  };

  /** Revisits what grew until nothing does; then everything is final. */
  private settle(): void {
    const { graph, provisional } = this;
    for (let next = this.queue.pop(); next !== undefined; next = this.queue.pop()) {
      graph.state[next] &= ~QUEUED;
      const context = this.contextOf(next);
      if (context !== undefined) this.compute(context, next);
    }
    if (provisional.length === 0) return;
    for (const node of provisional) {
      if ((graph.state[node] & STATE) === FINAL) continue;
      graph.state[node] |= CYCLIC;
      graph.finish(node);
    }
    provisional.length = 0;
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
        return state === NO_API
          ? this.sets.single(this.values.unmodelled(name))
          : this.reached(state, 'global', -1, name);
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
    if (baseKind === TermKind.RestParam) {
      if (/^\d+$/.test(name)) return this.restArgument(context, base, Number(name));
      // `arguments.callee`: a function without name calls itself so.
      if (name === CALLEE) return this.sets.single(this.functionValue(context, skeleton.termA[base]));
    }
    const bases = this.read(context, base);
    if (bases === TOO_MANY && baseKind === TermKind.Element)
      return tableMembersOf(this, this.read(context, skeleton.termA[base]), name);
    let result = membersOf(this, bases, name);
    // `for (const [key, value] of map)`
    if (name === SECOND && baseKind === TermKind.Element)
      result = this.sets.union(result, keptIn(this, this.read(context, skeleton.termA[base])));
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
    const bases = this.read(context, base);
    return bases === TOO_MANY && skeleton.termKind[base] === TermKind.Element
      ? tableMembersOf(this, this.read(context, skeleton.termA[base]), undefined)
      : elementsOf(this, bases);
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
      const self = this.classValue(context, Math.floor(target / 8));
      const subclasses = this.contributed(self, context.file)?.get(self, SUBCLASS_SLOT) ?? EMPTY;
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
    const members = this.sets.members(classes);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
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
            this.reached(this.automaton.instance(this.values.state(value)), 'instance', value),
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
    const members = this.sets.members(set);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      const awaited =
        this.values.kind(value) === ValueKind.Api
          ? this.reached(this.automaton.awaited(this.values.state(value)), 'awaited', value)
          : EMPTY;
      result = this.sets.union(result, awaited === EMPTY ? this.sets.single(value) : awaited);
    }
    return result;
  }

  /** Whether a class or one it inherits from has any getter or setter. To be asked outside of evaluations. */
  hasAccessors(value: ValueId): boolean {
    return this.remember(this.accessors, value, this.accessorsIn) === 1;
  }

  private readonly accessorsIn = (value: ValueId): number => (inheritsAccessors(this, value) ? 1 : 0);

  /** Superclasses of a class, as values. */
  superclassesOf(value: ValueId): SetId {
    const context = this.open(this.values.fileOf(value), Part.Interface);
    const c = this.place(context, value);
    return context === undefined || c < 0 ? EMPTY : this.read(context, context.index.skeleton.classSuper[c]);
  }

  /** True for calls written as `super(…)`. */
  static isSuperCall(flags: number): boolean {
    return (flags & CallFlag.SuperCall) !== 0;
  }
}
