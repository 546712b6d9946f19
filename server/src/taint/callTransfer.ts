/**
 * What a call does to facts: the summaries of the functions it may reach, the models of the APIs it may be, or, when
 * nobody knows what is called, the assumption that the result is made of the arguments (with low confidence), and a
 * symbolic call that a caller who knows more can complete.
 */
import { ARGUMENTS, NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import { argumentComponent, type CallModel, type KindSet } from '../model/summary';
import { C_ANYTHING, C_ELEMENT, C_PROTOTYPE, C_RESULT, EMPTY, type ComponentId, type PathId } from './accessPaths';
import { adapt } from './adapt';
import { output, type Site } from './calleeOutputs';
import type { CallSite } from './codeView';
import { boundFunction } from './conventions';
import type { OriginId } from './facts';
import { contextBy, givenAt, isPlainCall, type Context } from './givenBranches';
import { isOtherMethod } from './prototypeKeys';
import { isMadeHere, isWrittenInside } from './sameValues';
import { unknownCall } from './unknownCalls';
import { ModelTransfer } from './modelTransfer';
import {
  REST,
  RootKind,
  isEnd,
  kindBits,
  kindOf,
  limitConfidence,
  meetMasks,
  parameterIndex,
  parameterRoot,
  rootInContext,
  type Mask,
  type Root,
} from './references';
import type { Propagation } from './propagation';
import { SHAPE_ROOT } from './questions';
import { Mode, WHOLE_VALUE, headsOf, type SummaryTable } from './summaryTable';

/** A function that reads a captured variable, with what it does. */
interface CellReader {
  readonly at: CallSite;
  readonly summary: SummaryTable;
}

/** An answer about a parameter, in a list. */
interface Known {
  readonly root: Root;
  readonly answer: SummaryTable;
  readonly next: Known | undefined;
}

/** A site that comes about while a question is followed has none. */
const NO_NUMBER = -1;
const ARGUMENTS_ROOT = parameterRoot(ARGUMENTS);
const RECEIVER_ROOT = parameterRoot(RECEIVER);

/** So many entries are gone through one by one. */
const FEW_ENTRIES = 6;
const NO_ENTRIES: readonly number[] = [];
/** No path. */
const NOT_READ: PathId = -1;

export class CallTransfer {
  private cellReaders: Map<number, readonly CellReader[]> | undefined;
  /** By the number of the site: which inputs the function has, and what it answered about some. */
  private readonly inputs: (readonly Root[] | undefined)[] = [];
  private readonly answers: (Known | undefined)[] = [];
  private readonly contexts: (Context | undefined)[] = [];
  private readonly ownObjects = new Map<number, boolean>();
  private readonly models: ModelTransfer;
  private namedResults: Map<NodeId, KindSet> | undefined;

  constructor(private readonly p: Propagation) {
    this.models = new ModelTransfer(p);
  }

  // Seeds: what does not depend on facts of this function.

  /** What functions that are called or made here tell of sources of theirs, or of a captured variable. */
  seedFromCallees(root: Root): void {
    for (const { site, callee } of this.p.sites()) {
      const summary = this.p.environment.answer(callee, root, this.isResultUnused(site));
      if (summary.inRoot.length === 0) continue;
      if (kindOf(root) === RootKind.Cell) this.seedCell(site, callee, summary, root);
      else this.seedSources(site, callee, summary);
    }
  }

  /** Sources that the models see in this function's own calls. */
  seedModels(kinds: number): void {
    for (const node of this.p.sourceCalls())
      for (const model of this.p.modelsOf(node)) this.models.seed(node, model, kinds);
  }

  private seedSources(site: Site, callee: FunctionId, summary: SummaryTable): void {
    for (let entry = 0; entry < summary.inRoot.length; entry++) {
      // A finding is told once, by the function in which it is found.
      if (this.isTold(summary.outRoot[entry])) continue;
      const root = summary.inRoot[entry];
      const origin = this.p.origins.intern(root, EMPTY, Mode.Identity);
      output(this.p, site, callee, summary, entry, origin, EMPTY, summary.mask[entry]);
    }
  }

  private seedCell(site: Site, callee: FunctionId, summary: SummaryTable, root: Root): void {
    // Callers need what comes back; an enclosing function needs the rest, and hears of it where the closure is made.
    const isOthers = site.kind === 'call' || !this.p.encloses(root);
    for (let entry = 0; entry < summary.inRoot.length; entry++) {
      const out = kindOf(summary.outRoot[entry]);
      if (isOthers && (out === RootKind.Sink || out === RootKind.Store || out === RootKind.Cell)) continue;
      const origin = this.p.origins.intern(root, summary.inPath[entry], summary.inMode[entry]);
      output(this.p, site, callee, summary, entry, origin, EMPTY, summary.mask[entry]);
    }
  }

  /** What ends in a sink, or in a variable of somebody else, was told by the function in which it is found. */
  private isTold(out: Root): boolean {
    return isEnd(out) || (kindOf(out) === RootKind.Cell && !this.p.encloses(out));
  }

  /** A fact reached an own captured variable: inner functions and callees read it. */
  readCell(cell: number, origin: OriginId, path: PathId, mask: Mask): void {
    // That something lies somewhere in an object is nothing to ask everybody about who knows the object.
    const { paths } = this.p.environment;
    if (paths.isVague(path)) return;
    // What a function does that everybody knows by link, those who call it are told by itself.
    if (path !== EMPTY && paths.isCallStep(paths.head(path)) && this.isKnownFunction(cell)) return;
    for (const { at, summary } of this.readersOf(cell))
      this.applyEntries(at, summary, origin, path, mask, path === EMPTY && this.holdsOwnObject(cell));
  }

  /** True for a variable that only ever holds an object made here: what was copied into it is in that one now. */
  private holdsOwnObject(cell: number): boolean {
    let isOwn = this.ownObjects.get(cell);
    if (isOwn === undefined) {
      const node = this.p.index.cellNodes[cell];
      isOwn = isMadeHere(this.p, node) && !isWrittenInside(this.p.body, cell);
      this.ownObjects.set(cell, isOwn);
    }
    return isOwn;
  }

  /** True for a variable that only ever holds functions and imported values. */
  private isKnownFunction(cell: number): boolean {
    const { graph } = this.p.body;
    const node = this.p.index.cellNodes[cell];
    for (let i = 0; i < this.p.operandCount(node); i++) {
      let value = this.p.operand(node, i);
      while (value !== NONE && graph.op[value] === Op.Load) value = this.p.operand(value, 0);
      if (value === NONE) return false;
      const op: Op = graph.op[value];
      if (op !== Op.Closure && op !== Op.Import && op !== Op.Class) return false;
    }
    return true;
  }

  private readersOf(cell: number): readonly CellReader[] {
    const known = this.cellReaders?.get(cell);
    if (known !== undefined) return known;
    const { environment, body } = this.p;
    const root = environment.references.cell(body.id, cell);
    environment.activate(root);
    const readers: CellReader[] = [];
    for (const at of this.p.sites()) {
      if (!this.p.isRunning(at.site.node)) continue;
      const summary = environment.answer(at.callee, root, this.isResultUnused(at.site));
      if (summary.inRoot.length > 0) readers.push({ at, summary });
    }
    (this.cellReaders ??= new Map<number, readonly CellReader[]>()).set(cell, readers);
    return readers;
  }

  // Facts at operands.

  transfer(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { targets, sites, models, shift, isApplied, certainty } = this.p.callAt(node);
    if (operand === 0) {
      this.callee(node, targets.length > 0 ? undefined : models, shift, origin, path, mask);
      return;
    }
    if (operand === 1 && this.p.isChosenObject(path) && isOtherMethod(this.p, node)) return;
    if (certainty.ofChosen || !this.p.isChosenObject(path)) {
      const reached = limitConfidence(mask, certainty.confidence);
      for (const at of sites) this.intoFunction(at, node, operand, origin, path, reached);
    }
    for (const model of models) {
      if (isApplied) this.models.applyList(node, model, operand, origin, path, mask);
      else this.models.apply(node, model, operand, origin, path, mask, shift);
    }
    if (sites.length === 0 && models.length === 0) {
      if (operand > 2) this.intoBound(node, operand, origin, path, mask);
      unknownCall(this.p, node, operand, targets, origin, path, mask);
    }
  }

  /** `f.bind(self, x)`: whoever gets the result calls the function with that. */
  private intoBound(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const base = boundFunction(this.p, this.p.operand(node, 0));
    if (base === NONE) return;
    const { paths } = this.p.environment;
    const given = paths.cons(paths.component(argumentComponent(operand - 3)), path);
    this.p.mutate(base, origin, given, mask, node);
  }

  /** A getter runs: the base is its receiver. */
  accessor(node: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    if (this.p.isChosenObject(path)) return;
    for (const at of this.p.accessorsAt(node)) this.intoParameter(at, RECEIVER, origin, path, mask);
  }

  /** A function of a library that was handed over is called with a value. */
  apis(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId): void {
    const { paths, models } = this.p.environment;
    const argument = Number(paths.text(paths.head(path)).slice(1, -1));
    if (Number.isNaN(argument)) return;
    for (const state of this.p.apisOf(node))
      this.models.applyGiven(node, models.callModel(state, false), argument, origin, paths.tail(path), mask, at);
  }

  /** The same for a function of the program. */
  callback(
    callee: FunctionId,
    parameter: number,
    node: NodeId,
    prefix: readonly ComponentId[],
    origin: OriginId,
    path: PathId,
    mask: Mask,
    at: NodeId,
  ): void {
    const site: CallSite = { site: { kind: 'callback', node, prefix, at }, callee, number: NO_NUMBER };
    this.intoParameter(site, parameter, origin, path, mask);
  }

  /** `described` is what models say of a method by its name; undefined for a call that is resolved. */
  private callee(
    node: NodeId,
    described: readonly CallModel[] | undefined,
    shift: 0 | 1,
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    const { paths } = this.p.environment;
    if (path !== EMPTY && paths.head(path) === C_RESULT) this.p.addFact(node, origin, paths.tail(path), mask);
    // Of a method that models describe by its name (`filter`) they also say which keys come out of it.
    else if (described !== undefined) {
      const left = mask & ~this.removedByName(node, described, shift);
      if (kindBits(left) !== 0) this.p.readResult(node, origin, path, left);
    }
  }

  /** Kinds that the result of a method is harmless for, by what models say of its name. */
  private removedByName(node: NodeId, described: readonly CallModel[], shift: 0 | 1): KindSet {
    if (described.length === 0) return 0;
    const byName = (this.namedResults ??= new Map<NodeId, KindSet>());
    let removes = byName.get(node);
    if (removes === undefined) {
      removes = this.p.environment.models.kindBit('prototype');
      for (const model of described) removes |= this.models.resultRemoves(node, model, shift);
      byName.set(node, removes);
    }
    return removes;
  }

  private intoFunction(at: CallSite, node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const convention = at.site.kind === 'call' ? at.site.convention : 'direct';
    const argument = operand - 2;
    if (operand === 1) {
      // For `f.call(t, …)` the receiver is the function itself.
      if (convention === 'direct' || convention === 'accessor') this.intoParameter(at, RECEIVER, origin, path, mask);
      return;
    }
    if (convention === 'call' || convention === 'apply') {
      if (argument === 0) this.intoParameter(at, RECEIVER, origin, path, mask);
      else if (convention === 'call') this.intoParameter(at, argument - 1, origin, path, mask);
      else if (argument === 1) this.spreadInto(at, 0, origin, path, mask);
      return;
    }
    const operandNode = this.p.operand(node, operand);
    if (operandNode !== NONE && this.p.body.graph.op[operandNode] === Op.Spread)
      this.spreadInto(at, argument, origin, path, mask);
    else this.intoParameter(at, argument, origin, path, mask);
  }

  /** The elements of an array become arguments, from `first` on. */
  private spreadInto(at: CallSite, first: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths } = this.p.environment;
    const head = paths.head(path);
    this.spreadIntoArguments(at, first, origin, path, mask);
    for (const root of this.inputsOf(at)) {
      const index = parameterIndex(root);
      // What is spread behind other arguments lies among the rest, at positions that nobody knows.
      if (index >= REST && index - REST < first) {
        const isBelow = path === EMPTY;
        const from = isBelow ? this.p.origins.extend(origin, C_ELEMENT, paths) : origin;
        if (isBelow || paths.isProperty(head) || head === C_ELEMENT || head === C_ANYTHING)
          this.intoInput(at, root, from, paths.cons(C_ELEMENT, isBelow ? EMPTY : paths.tail(path)), mask);
        continue;
      }
      const parameter = index >= REST ? index - REST : index;
      if (parameter < first) continue;
      if (path === EMPTY) {
        // What came in as `arguments` goes on in its order.
        const isInOrder = this.p.origins.rootOf(origin) === ARGUMENTS_ROOT && this.p.origins.pathOf(origin) === EMPTY;
        const element = isInOrder ? paths.component(String(parameter - first)) : C_ELEMENT;
        this.intoDeclared(at, parameter, this.p.origins.extend(origin, element, paths), EMPTY, mask);
      } else if (head === C_ELEMENT || head === C_ANYTHING || paths.text(head) === String(parameter - first)) {
        this.intoDeclared(at, parameter, origin, paths.tail(path), mask);
      }
    }
  }

  /** The callee may read the elements from `arguments`, whatever it declares: `run.apply(this, list)`. */
  private spreadIntoArguments(at: CallSite, first: number, origin: OriginId, path: PathId, mask: Mask): void {
    if (!this.inputsOf(at).includes(ARGUMENTS_ROOT)) return;
    const { paths } = this.p.environment;
    const name = path === EMPTY ? '' : paths.text(paths.head(path));
    const moved =
      first > 0 && /^\d+$/.test(name)
        ? paths.cons(paths.component(String(Number(name) + first)), paths.tail(path))
        : path;
    this.intoInput(at, ARGUMENTS_ROOT, origin, moved, mask);
  }

  /** The callee reads it by its name, or from `arguments`. */
  private intoParameter(at: CallSite, parameter: number, origin: OriginId, path: PathId, mask: Mask): void {
    this.intoDeclared(at, parameter, origin, path, mask);
    if (parameter < 0 || !this.inputsOf(at).includes(ARGUMENTS_ROOT)) return;
    const { paths } = this.p.environment;
    this.intoInput(at, ARGUMENTS_ROOT, origin, paths.cons(paths.component(String(parameter)), path), mask);
  }

  private intoDeclared(at: CallSite, parameter: number, origin: OriginId, path: PathId, mask: Mask): void {
    const inputs = this.inputsOf(at);
    const root = parameterRoot(parameter);
    if (inputs.includes(root)) this.intoInput(at, root, origin, path, mask);
    if (parameter < 0) return;
    for (let i = 0; i < inputs.length; i++) {
      const rest = parameterIndex(inputs[i]) - REST;
      if (rest < 0 || rest > parameter) continue;
      const { paths } = this.p.environment;
      const below = paths.cons(paths.component(String(parameter - rest)), path);
      this.intoInput(at, inputs[i], origin, below, mask);
    }
  }

  /** To one of the roots that the function has uses of. */
  private intoInput(at: CallSite, root: Root, origin: OriginId, path: PathId, mask: Mask): void {
    this.applyEntries(at, this.answerOf(at, this.rootFor(at, root)), origin, path, mask);
  }

  /** The root to ask for: with what the call gives the callee's other parameters, where that decides something there. */
  private rootFor(at: CallSite, root: Root): Root {
    if (at.number === NO_NUMBER || root === RECEIVER_ROOT || root === ARGUMENTS_ROOT) return root;
    while (this.contexts.length <= at.number) this.contexts.push(undefined);
    const context = (this.contexts[at.number] ??= this.contextOf(at));
    return context === 0 ? root : rootInContext(root, context);
  }

  private contextOf({ site, callee }: CallSite): Context {
    if (site.kind !== 'call' || !isPlainCall(this.p, site.node)) return 0;
    const { inRoot, mask } = this.p.environment.answer(callee, SHAPE_ROOT);
    let context = 0;
    for (let i = 0; i < inRoot.length; i++) {
      const decisions = kindBits(mask[i]);
      if (decisions === 0) continue;
      const given = givenAt(this.p, site.node, site.convention, parameterIndex(inRoot[i]), this.p.context);
      context |= contextBy(decisions, given);
    }
    return context;
  }

  /** What comes back to a call goes nowhere. */
  private isResultUnused(site: Site): boolean {
    return site.kind === 'call' && this.p.index.isUnused(site.node);
  }

  private answerOf({ site, callee, number }: CallSite, root: Root): SummaryTable {
    const { environment } = this.p;
    if (number === NO_NUMBER) return environment.answer(callee, root, this.isResultUnused(site));
    const { answers } = this;
    while (answers.length <= number) answers.push(undefined);
    const first = answers[number];
    for (let known = first; known !== undefined; known = known.next) if (known.root === root) return known.answer;
    const answer = environment.answer(callee, root, this.isResultUnused(site));
    answers[number] = { root, answer, next: first };
    return answer;
  }

  /** Roots of the parameters that a function has uses of. */
  private inputsOf({ callee, number }: CallSite): readonly Root[] {
    const { environment } = this.p;
    if (number === NO_NUMBER) return environment.answer(callee, SHAPE_ROOT).inRoot;
    while (this.inputs.length <= number) this.inputs.push(undefined);
    return (this.inputs[number] ??= environment.answer(callee, SHAPE_ROOT).inRoot);
  }

  /** With `isOwn`, the value is an object that no key selected. */
  private applyEntries(
    at: CallSite,
    summary: SummaryTable,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    isOwn = false,
  ): void {
    const { paths } = this.p.environment;
    const count = summary.inRoot.length;
    const head = path === EMPTY ? C_ANYTHING : paths.head(path);
    if (count < FEW_ENTRIES || head === C_ELEMENT || head === C_ANYTHING) {
      this.applyAll(at, summary, undefined, origin, path, mask, isOwn);
      return;
    }
    // Only entries that read what lies there, or the value as a whole, can meet it.
    const byHead = headsOf(summary, paths);
    this.applyAll(at, summary, byHead.get(head) ?? NO_ENTRIES, origin, path, mask);
    if (paths.isProperty(head)) this.applyAll(at, summary, byHead.get(C_ELEMENT) ?? NO_ENTRIES, origin, path, mask);
    this.applyAll(at, summary, byHead.get(WHOLE_VALUE) ?? NO_ENTRIES, origin, path, mask);
  }

  /** What is called is no method or accessor of a prototype object, so that the receiver is none. */
  private isMethodOfOthers(site: Site): boolean {
    if (site.kind !== 'call') return false;
    return site.convention === 'accessor' || (site.convention === 'direct' && isOtherMethod(this.p, site.node));
  }

  /** Applies these entries, or all. Those that read the same in the same way stand together: the fact is adapted once for them. */
  private applyAll(
    { site, callee }: CallSite,
    summary: SummaryTable,
    entries: readonly number[] | undefined,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    isOwn = false,
  ): void {
    const { p } = this;
    const { inPath, inMode, outRoot } = summary;
    const count = entries === undefined ? inPath.length : entries.length;
    let read: PathId = NOT_READ;
    let readMode = Mode.Identity;
    let isMet = false;
    let reached = origin;
    let rest = EMPTY;
    let left = mask;
    const isOthers = path === EMPTY && this.isMethodOfOthers(site);
    for (let i = 0; i < count; i++) {
      const entry = entries === undefined ? i : entries[i];
      if (
        (isOwn || (isOthers && summary.inRoot[entry] === RECEIVER_ROOT)) &&
        p.environment.paths.head(inPath[entry]) === C_PROTOTYPE
      )
        continue;
      const isSink = kindOf(outRoot[entry]) === RootKind.Sink;
      const mode = isSink && inMode[entry] === Mode.Identity ? Mode.Derived : inMode[entry];
      const isNext = inPath[entry] !== read || mode !== readMode;
      // Entries that read what is not there cost nothing but for the first of them.
      if (isNext || isMet) p.steps++;
      if (p.isSpent()) return;
      if (isNext) {
        read = inPath[entry];
        readMode = mode;
        const adapted = adapt(p, origin, path, mask, read, mode);
        isMet = adapted !== undefined;
        if (adapted !== undefined) {
          reached = adapted.origin;
          rest = adapted.rest;
          left = adapted.mask;
        }
      }
      if (!isMet) continue;
      const from = isSink ? p.origins.weaken(reached, inMode[entry]) : reached;
      output(p, site, callee, summary, entry, from, rest, meetMasks(left, summary.mask[entry]));
    }
  }
}
