/**
 * What a call does to facts: the summaries of the functions it may reach, the models of the APIs it may be, or, when
 * nobody knows what is called, the assumption that the result is made of the arguments (with low confidence), and a
 * symbolic call that a caller who knows more can complete.
 */
import { ARGUMENTS, NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { Convention } from '../model/links';
import { C_ANYTHING, C_ELEMENT, C_RESULT, EMPTY, type ComponentId, type PathId } from './accessPaths';
import { adapt, type Adapted } from './adapt';
import { output, type Site } from './calleeOutputs';
import { shiftOf } from './conventions';
import type { OriginId } from './facts';
import { unknownCall } from './unknownCalls';
import { ModelTransfer } from './modelTransfer';
import { REST, RootKind, kindOf, meetMasks, parameterIndex, parameterRoot, type Mask, type Root } from './references';
import type { Propagation } from './propagation';
import { SHAPE_ROOT } from './questions';
import { Mode, WHOLE_VALUE, headsOf, type SummaryTable } from './summaryTable';

/** A function that is called or made somewhere. */
interface Reached {
  readonly site: Site;
  readonly callee: FunctionId;
}

/** One that reads a captured variable, with what it does. */
interface CellReader extends Reached {
  readonly summary: SummaryTable;
}

/** So many entries are gone through one by one. */
const FEW_ENTRIES = 6;
const NO_ENTRIES: readonly number[] = [];

export class CallTransfer {
  private readonly cellReaders = new Map<number, readonly CellReader[]>();
  private reached: readonly Reached[] | undefined;
  private readonly models: ModelTransfer;

  constructor(private readonly p: Propagation) {
    this.models = new ModelTransfer(p);
  }

  // Seeds: what does not depend on facts of this function.

  /** The function's calls, imports and closures, with what each may reach. */
  private sites(): readonly Reached[] {
    if (this.reached !== undefined) return this.reached;
    const { graph } = this.p.body;
    const reached: Reached[] = [];
    for (let node = 0; node < graph.op.length; node++) {
      switch (graph.op[node] as Op) {
        case Op.Closure:
          reached.push({ site: { kind: 'closure', node }, callee: this.p.body.functionIds(graph.aux[node]) });
          break;
        case Op.Call:
        case Op.New:
        case Op.Import:
          for (const target of this.p.targets(node)) {
            if (target.kind !== 'function') continue;
            reached.push({ site: { kind: 'call', node, convention: target.convention }, callee: target.function });
          }
          break;
        default:
          break;
      }
    }
    this.reached = reached;
    return reached;
  }

  /** What functions that are called or made here tell of sources of theirs, or of a captured variable. */
  seedFromCallees(root: Root): void {
    for (const { site, callee } of this.sites()) {
      const summary = this.p.environment.answer(callee, root);
      if (summary.inRoot.length === 0) continue;
      if (kindOf(root) === RootKind.Cell) this.seedCell(site, callee, summary, root);
      else this.seedSources(site, callee, summary);
    }
  }

  /** Sources that the models see in this function's own calls. */
  seedModels(kinds: number): void {
    const { op } = this.p.body.graph;
    for (let node = 0; node < op.length; node++) {
      if (op[node] !== Op.Call && op[node] !== Op.New) continue;
      for (const model of this.p.modelsOf(node)) this.models.seed(node, model, kinds);
    }
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
      if (isOthers && (out === RootKind.Sink || out === RootKind.Cell)) continue;
      const origin = this.p.origins.intern(root, summary.inPath[entry], summary.inMode[entry]);
      output(this.p, site, callee, summary, entry, origin, EMPTY, summary.mask[entry]);
    }
  }

  /** What ends in a sink, or in a variable of somebody else, was told by the function in which it is found. */
  private isTold(out: Root): boolean {
    return kindOf(out) === RootKind.Sink || (kindOf(out) === RootKind.Cell && !this.p.encloses(out));
  }

  /** A fact reached an own captured variable: inner functions and callees read it. */
  readCell(cell: number, origin: OriginId, path: PathId, mask: Mask): void {
    // That something lies somewhere in an object is nothing to ask everybody about who knows the object.
    const { paths } = this.p.environment;
    if (paths.isVague(path)) return;
    // What a function does that everybody knows by link, those who call it are told by itself.
    if (path !== EMPTY && paths.isCallStep(paths.head(path)) && this.isKnownFunction(cell)) return;
    for (const { site, callee, summary } of this.readersOf(cell))
      this.applyEntries(site, callee, summary, origin, path, mask);
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
    const known = this.cellReaders.get(cell);
    if (known !== undefined) return known;
    const { environment, body } = this.p;
    const root = environment.references.cell(body.id, cell);
    environment.activate(root);
    const readers: CellReader[] = [];
    for (const { site, callee } of this.sites()) {
      const summary = environment.answer(callee, root);
      if (summary.inRoot.length > 0) readers.push({ site, callee, summary });
    }
    this.cellReaders.set(cell, readers);
    return readers;
  }

  // Facts at operands.

  transfer(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const targets = this.p.targets(node);
    let isKnown = false;
    for (const target of targets) {
      if (target.kind !== 'function') continue;
      isKnown = true;
      if (operand > 0) this.intoFunction(node, target.function, target.convention, operand, origin, path, mask);
    }
    if (operand === 0) {
      this.callee(node, isKnown || targets.length > 0, origin, path, mask);
      return;
    }
    const models = this.p.modelsOf(node);
    if (models.length > 0) {
      const shift = shiftOf(this.p, node);
      for (const model of models) this.models.apply(node, model, operand, origin, path, mask, shift);
    }
    if (!isKnown && models.length === 0) unknownCall(this.p, node, operand, targets, origin, path, mask);
  }

  /** A getter runs: the base is its receiver. */
  accessor(node: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    for (const target of this.p.targets(node)) {
      if (target.kind === 'function')
        this.intoParameter(
          { kind: 'call', node, convention: 'accessor' },
          target.function,
          RECEIVER,
          origin,
          path,
          mask,
        );
    }
  }

  /** A function that was handed over is called with a value. */
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
    this.intoParameter({ kind: 'callback', node, prefix, at }, callee, parameter, origin, path, mask);
  }

  private callee(node: NodeId, isResolved: boolean, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths } = this.p.environment;
    if (path !== EMPTY && paths.head(path) === C_RESULT) this.p.addFact(node, origin, paths.tail(path), mask);
    else if (!isResolved) this.p.readResult(node, origin, path, mask);
  }

  private intoFunction(
    node: NodeId,
    callee: FunctionId,
    convention: Convention,
    operand: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    const { paths } = this.p.environment;
    const site: Site = { kind: 'call', node, convention };
    const argument = operand - 2;
    const operandNode = this.p.operand(node, operand);
    if (operand === 1) {
      // For `f.call(t, …)` the receiver is the function itself.
      if (convention === 'direct' || convention === 'accessor')
        this.intoParameter(site, callee, RECEIVER, origin, path, mask);
      return;
    }
    if (convention === 'call' || convention === 'apply') {
      if (argument === 0) this.intoParameter(site, callee, RECEIVER, origin, path, mask);
      else if (convention === 'call') this.intoParameter(site, callee, argument - 1, origin, path, mask);
      else if (argument === 1) this.spreadInto(site, callee, 0, origin, path, mask);
      return;
    }
    if (operandNode !== NONE && this.p.body.graph.op[operandNode] === Op.Spread)
      this.spreadInto(site, callee, argument, origin, path, mask);
    else this.intoParameter(site, callee, argument, origin, path, mask);
    // The callee may also read it from `arguments`.
    this.intoRoot(
      site,
      callee,
      parameterRoot(ARGUMENTS),
      origin,
      paths.cons(paths.component(String(argument)), path),
      mask,
    );
  }

  /** The elements of an array become arguments, from `first` on. */
  private spreadInto(site: Site, callee: FunctionId, first: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths } = this.p.environment;
    const head = paths.head(path);
    for (const root of this.inputsOf(callee)) {
      const index = parameterIndex(root);
      const parameter = index >= REST ? index - REST : index;
      if (parameter < first) continue;
      if (path === EMPTY) {
        this.intoParameter(site, callee, parameter, this.p.origins.extend(origin, C_ELEMENT, paths), EMPTY, mask);
      } else if (head === C_ELEMENT || head === C_ANYTHING || paths.text(head) === String(parameter - first)) {
        this.intoParameter(site, callee, parameter, origin, paths.tail(path), mask);
      }
    }
  }

  private intoParameter(
    site: Site,
    callee: FunctionId,
    parameter: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    const { paths } = this.p.environment;
    this.intoRoot(site, callee, parameterRoot(parameter), origin, path, mask);
    if (parameter < 0) return;
    for (const input of this.inputsOf(callee)) {
      const rest = parameterIndex(input) - REST;
      if (rest >= 0 && rest <= parameter) {
        this.intoRoot(
          site,
          callee,
          parameterRoot(REST + rest),
          origin,
          paths.cons(paths.component(String(parameter - rest)), path),
          mask,
        );
      }
    }
  }

  private intoRoot(site: Site, callee: FunctionId, root: Root, origin: OriginId, path: PathId, mask: Mask): void {
    if (!this.inputsOf(callee).includes(root)) return;
    this.applyEntries(site, callee, this.p.environment.answer(callee, root), origin, path, mask);
  }

  private applyEntries(
    site: Site,
    callee: FunctionId,
    summary: SummaryTable,
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    const { paths } = this.p.environment;
    const count = summary.inRoot.length;
    const head = path === EMPTY ? C_ANYTHING : paths.head(path);
    if (count < FEW_ENTRIES || head === C_ELEMENT || head === C_ANYTHING) {
      for (let entry = 0; entry < count; entry++) this.applyEntry(site, callee, summary, entry, origin, path, mask);
      return;
    }
    // Only entries that read what lies there, or the value as a whole, can meet it.
    const byHead = headsOf(summary, paths);
    for (const component of paths.isProperty(head) ? [head, C_ELEMENT, WHOLE_VALUE] : [head, WHOLE_VALUE])
      for (const entry of byHead.get(component) ?? NO_ENTRIES)
        this.applyEntry(site, callee, summary, entry, origin, path, mask);
  }

  /** Roots of the parameters that a function has uses of. */
  private inputsOf(callee: FunctionId): Int32Array {
    return this.p.environment.answer(callee, SHAPE_ROOT).inRoot;
  }

  private applyEntry(
    site: Site,
    callee: FunctionId,
    summary: SummaryTable,
    entry: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    this.p.steps++;
    if (this.p.isSpent()) return;
    const isSink = kindOf(summary.outRoot[entry]) === RootKind.Sink;
    const adapted: Adapted | undefined = adapt(
      this.p,
      origin,
      path,
      mask,
      summary.inPath[entry],
      isSink ? Mode.Derived : summary.inMode[entry],
    );
    if (adapted === undefined) return;
    const reached = isSink ? this.p.origins.weaken(adapted.origin, summary.inMode[entry]) : adapted.origin;
    output(this.p, site, callee, summary, entry, reached, adapted.rest, meetMasks(adapted.mask, summary.mask[entry]));
  }
}
