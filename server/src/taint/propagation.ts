/**
 * Sparse taint propagation through one function: facts travel along the edges of the flow graph only, calls are
 * matched through summaries. This is the IFDS idea (Reps, Horwitz, Sagiv 1995) on value-flow edges, with access paths
 * refined on demand: a parameter starts as one symbolic fact, and reading a field of it makes a new origin.
 *
 * Cost: linear in facts times uses. The result depends only on the graph, its links, the callees' summaries and the models.
 */
import { FunctionFlag, NONE, Op, Test, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import {
  C_ANYTHING,
  C_ELEMENT,
  C_PROTOTYPE,
  C_REJECTED,
  C_RESULT,
  EMPTY,
  MAX_LENGTH,
  type ComponentId,
  type PathId,
} from './accessPaths';
import { CallTransfer } from './callTransfer';
import { calledThrough } from './conventions';
import type { Budgets, FunctionBody, SolverEnvironment } from './environment';
import { FunctionView } from './functionView';
import { runningIn, type Context } from './givenBranches';
import { constructorRemoves, ownerRemoves } from './guards';
import {
  meet,
  type CalleeStep,
  type FactKey,
  type FactTable,
  type OriginId,
  type OriginTable,
  type Predecessor,
} from './facts';
import { isKeptWith } from './keptKeys';
import { Mutation } from './mutation';
import type { OutputTable } from './outputs';
import { comparesWithPrototype } from './prototypeKeys';
import { throughConstructor, throughProto } from './prototypeKinds';
import { isMadeHere } from './sameValues';
import { removedAt, throughSchema, type Schema } from './schema';
import type { Scratch } from './scratch';
import { seed } from './seeding';
import { isDecidedByLiteral } from './copied';
import type { KindSet, StoredPlace } from '../model/summary';
import { cameBy } from './givers';
import { prefixRemoves } from './strings';
import { quotedRemoves } from './quoting';
import {
  KIND_MASK,
  RETURN_ROOT,
  RootKind,
  THROW_ROOT,
  kindOf,
  limitConfidence,
  type Mask,
  type Root,
  contextOf,
  withoutContext,
} from './references';
import { Mode, makeSummary, widen, type Entry, type RootText, type SummaryTable } from './summaryTable';

const NO_NOTES: readonly string[] = [];

export class Propagation extends FunctionView {
  readonly origins: OriginTable;
  readonly facts: FactTable;
  /** The fact whose consequences are being drawn. */
  current: FactKey = NONE;
  private readonly outputs: OutputTable;
  /** Work done: uses visited, entries applied, aliases walked. The same for the same inputs, unlike time. */
  steps = 0;
  /** Predecessors are kept, for telling paths. */
  readonly trace: boolean;
  /** What the function is given beside what is followed; see `givenBranches.ts`. */
  context: Context = 0;
  private running: Uint8Array | undefined;
  private truncations: Set<string> | undefined;
  private loose: Map<NodeId, Schema> | undefined;
  private readonly mutation: Mutation;
  private readonly calls: CallTransfer;

  constructor(
    body: FunctionBody,
    environment: SolverEnvironment,
    private readonly budgets: Budgets,
    scratch: Scratch,
  ) {
    super(body, environment);
    this.origins = scratch.origins;
    this.facts = scratch.facts;
    this.outputs = scratch.outputs;
    this.trace = scratch.facts.predecessors !== undefined;
    this.mutation = new Mutation(this, scratch.told);
    this.calls = new CallTransfer(this);
  }

  /** Follows what enters at a root of a question to the fixed point. */
  run(root: Root): this {
    this.context = contextOf(root);
    this.running = runningIn(this.body.graph, this.context);
    seed(this, this.calls, root);
    const { facts, index } = this;
    const { op, aux } = this.body.graph;
    const { useStart, uses } = index;
    for (let fact = facts.take(); fact >= 0; fact = facts.take()) {
      if (facts.size > this.budgets.factsPerFunction) {
        this.truncated('too many values to follow in one function');
        break;
      }
      if (this.isSpent()) break;
      this.current = fact;
      const node = facts.node(fact);
      const origin = facts.origin(fact);
      const path = facts.path(fact);
      const mask = facts.maskOf(fact);
      if (op[node] === Op.Cell) this.calls.readCell(aux[node], origin, path, mask);
      const end = useStart[node + 1];
      for (let i = useStart[node]; i < end; i += 2) this.transfer(uses[i], uses[i + 1], node, origin, path, mask);
    }
    return this;
  }

  summary(rootText: RootText): SummaryTable {
    return makeSummary(
      widen(this.outputs.entries(), this.budgets.pathsPerFlow, this.environment.paths, () => {
        this.environment.leaveOut();
      }),
      this.environment.paths,
      rootText,
      this.budgets.entriesPerFunction,
      this.truncations === undefined ? NO_NOTES : [...this.truncations].sort(),
    );
  }

  /** Facts that reached an output, for telling a path. Where entries were merged, any that took part. */
  reached(wanted: Entry): readonly Predecessor[] {
    return this.outputs.reached(wanted);
  }

  // What transfer functions use.

  /** True when all the work that one function may take is done; what is left out is told. */
  isSpent(): boolean {
    if (this.steps <= this.budgets.stepsPerFunction) return false;
    this.truncated('too many ways to follow in one function');
    return true;
  }

  /** False for what does something in a branch that is not gone into for what the function is given. */
  isRunning(node: NodeId): boolean {
    return this.running === undefined || this.running[node] === 1;
  }

  truncated(note: string): void {
    (this.truncations ??= new Set()).add(note);
  }

  addFact(node: NodeId, origin: OriginId, path: PathId, mask: Mask, via: NodeId = node, call?: CalleeStep): void {
    if ((mask & KIND_MASK) === 0 || this.environment.paths.isTooDeep(path) || this.index.isUnused(node)) return;
    if (this.origins.size > this.budgets.originsPerFunction && origin >= this.budgets.originsPerFunction) {
      this.truncated('too many inputs to follow in one function');
      return;
    }
    this.facts.add(node, origin, path, mask, this.current, via, call);
  }

  /** Something is thrown at a node: a catch clause of this function receives it, or the caller does. */
  throwAt(node: NodeId, origin: OriginId, path: PathId, mask: Mask, call?: CalleeStep): void {
    const { graph } = this.body;
    const { useStart, uses } = this.index;
    for (let i = useStart[node]; i < useStart[node + 1]; i += 2) {
      if (graph.op[uses[i]] !== Op.Catch) continue;
      this.addFact(uses[i], origin, path, mask, node, call);
      return;
    }
    if ((graph.flags & FunctionFlag.Async) === 0) this.addEntry(origin, THROW_ROOT, path, mask, node, call);
    else this.addEntry(origin, RETURN_ROOT, this.environment.paths.cons(C_REJECTED, path), mask, node, call);
  }

  /** Taint now also lies at `path` below the object that `node` stands for: all other names of that object see it. */
  mutate(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId, call?: CalleeStep): void {
    if ((mask & KIND_MASK) !== 0 && path !== EMPTY && !this.environment.paths.isTooDeep(path))
      this.mutation.start(node, origin, path, mask, at, call);
  }

  addEntry(origin: OriginId, outRoot: Root, outPath: PathId, mask: Mask, via: NodeId, call?: CalleeStep): void {
    if ((mask & KIND_MASK) === 0 || this.environment.paths.isTooDeep(outPath)) return;
    const inRoot = this.origins.rootOf(origin);
    if (kindOf(outRoot) === RootKind.Sink && (mask & this.environment.references.sinkOf(outRoot).kind) === 0) return;
    // What a parameter holds stays where it is: nothing to tell a caller.
    if (withoutContext(inRoot) === outRoot && this.origins.pathOf(origin) === outPath) return;
    // What another function was given, and is called with here, nobody who calls this one can look up.
    if (kindOf(outRoot) === RootKind.Cell && this.environment.paths.hasCall(outPath) && !this.encloses(outRoot)) return;
    if (kindOf(inRoot) === RootKind.Cell) {
      if (kindOf(outRoot) === RootKind.Cell && this.isElsewhere(inRoot, outRoot)) return;
      // What errors say of captured variables is not worth telling every caller.
      if (outRoot === THROW_ROOT) return;
    }
    if (!this.outputs.add(origin, outRoot, outPath, mask, this.budgets.entriesPerFunction * 4, this.current, via, call))
      this.truncated('too many flows in one function');
  }

  /**
   * Both variables belong to functions that do not enclose this one: it only carries something from one library's state to
   * another's. Telling that everywhere would make every user of a library repeat what goes on between its variables.
   */
  private isElsewhere(from: Root, to: Root): boolean {
    return !this.encloses(from) && !this.encloses(to);
  }

  /** Records that the origin reaches a sink, if what lies at `path` is what the sink takes. */
  addSink(
    origin: OriginId,
    path: PathId,
    mask: Mask,
    node: NodeId,
    operand: number,
    kind: number,
    label: string,
  ): void {
    if ((mask & kind) === 0 || !this.isWhole(path)) return;
    const sink = this.environment.references.sink({ function: this.body.id, node, operand, kind, label });
    const kept = kind | (this.environment.models.companionsOf?.(kind) ?? 0);
    this.addEntry(origin, sink, EMPTY, mask & (~KIND_MASK | kept), node);
  }

  /** Records that what lies at `path` of the origin's value is kept in a place outside of the program. Who reads it there, names alone tell. */
  addStored(origin: OriginId, path: PathId, mask: Mask, node: NodeId, operand: number, place: StoredPlace): void {
    const store = this.environment.references.store({ function: this.body.id, node, operand, place });
    this.addEntry(origin, store, path, limitConfidence(mask, 1), node);
  }

  /** Kinds that an operand of a concatenation is harmless for behind those before it. */
  private removedBehind(node: NodeId, operand: number, origin: OriginId): KindSet {
    if (operand === 0) return 0;
    const removed = prefixRemoves(this, node, operand) | quotedRemoves(this, node, operand);
    const still = removed & (this.environment.models.stillKinds ?? 0);
    return still !== 0 && cameBy(this, this.operand(node, 0), this.origins.rootOf(origin)) ? removed & ~still : removed;
  }

  /** True for the value itself, an element of it, or anything in it after a cut. */
  isWhole(path: PathId): boolean {
    const { paths } = this.environment;
    return (
      path === EMPTY ||
      ((paths.head(path) === C_ELEMENT || paths.head(path) === C_ANYTHING) && paths.tail(path) === EMPTY)
    );
  }

  private transfer(node: NodeId, operand: number, from: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    this.steps++;
    if (this.isSpent()) return;
    const { graph } = this.body;
    if (!this.isRunning(node)) return;
    const { paths, models } = this.environment;
    switch (graph.op[node] as Op) {
      case Op.Await:
        if (path !== EMPTY && paths.head(path) === C_REJECTED) this.throwAt(node, origin, paths.tail(path), mask);
        else this.addFact(node, origin, path, mask);
        return;
      case Op.Phi:
        if (graph.guards.length > 0 && this.isWhole(path)) mask &= ~this.kindsRefusedAlongside(node, operand);
        this.addFact(node, origin, path, mask);
        return;
      case Op.Cell:
      case Op.Rest:
      case Op.Spread:
        this.addFact(node, origin, path, mask);
        return;
      case Op.Typed:
        if (operand === 0) this.addFact(node, origin, path, mask);
        return;
      case Op.Guard:
        if (operand === 0) this.guarded(node, origin, path, mask);
        return;
      case Op.Load:
        this.load(node, from, origin, path, mask);
        return;
      case Op.LoadElement:
        this.loadElement(node, operand, origin, path, mask);
        return;
      case Op.Store:
        this.store(node, operand, origin, path, mask);
        return;
      case Op.StoreElement:
        this.storeElement(node, operand, origin, path, mask);
        return;
      case Op.Copy:
        if (operand === 1 && this.isChosen(path)) return;
        this.addFact(node, origin, path, mask);
        if (operand === 1 && path !== EMPTY) this.mutate(this.operand(node, 0), origin, path, mask, node);
        return;
      case Op.Concat:
        if (this.isWhole(path))
          this.addFact(
            node,
            this.origins.weaken(origin, Mode.Derived),
            EMPTY,
            mask & ~this.removedBehind(node, operand, origin) & ~models.kindBit('nosql'),
          );
        return;
      case Op.Iterate:
        this.readComponent(node, C_ELEMENT, origin, path, path === EMPTY ? this.below(mask) : mask);
        return;
      case Op.ForInKey:
        if (path === EMPTY) this.addFact(node, this.origins.weaken(origin, Mode.Derived), EMPTY, this.below(mask));
        return;
      case Op.Yield:
        if (operand === 0)
          this.addEntry(origin, RETURN_ROOT, graph.aux[node] === 1 ? path : paths.cons(C_ELEMENT, path), mask, node);
        return;
      case Op.Return:
        if (operand === 0) this.addEntry(origin, RETURN_ROOT, path, mask, node);
        return;
      case Op.Throw:
        this.throwAt(node, origin, path, mask);
        return;
      case Op.CapturedWrite: {
        const capture = graph.captures[graph.aux[node]];
        this.addEntry(
          origin,
          this.environment.references.cell(this.body.functionIds(capture.owner), capture.cell),
          path,
          mask,
          node,
        );
        return;
      }
      case Op.Call:
      case Op.New:
        this.calls.transfer(node, operand, origin, path, mask);
        return;
      // Results of these hold nothing of what went in, or they have no operands, or get their facts elsewhere.
      case Op.Catch:
      case Op.Binary:
      case Op.Unary:
      case Op.Param:
      case Op.RestParam:
      case Op.Captured:
      case Op.Global:
      case Op.Import:
      case Op.StringConst:
      case Op.Const:
      case Op.Regex:
      case Op.ObjectLiteral:
      case Op.ArrayLiteral:
      case Op.Closure:
      case Op.Class:
      case Op.Super:
      case Op.Unknown:
        return;
    }
  }

  private load(node: NodeId, from: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    const { graph } = this.body;
    const { paths } = this.environment;
    if (path === EMPTY) mask = this.below(mask);
    if (graph.guards.length > 0) mask &= ~this.kindsGuardedOver(node);
    if (this.index.forwarded(node) === from) {
      this.addFact(node, origin, path, mask);
      return;
    }
    const name = graph.aux[node];
    mask &= ~this.removedByRead(name, path) & ~(this.loose === undefined ? 0 : this.checkedBefore(node));
    if ((mask & KIND_MASK) === 0) return;
    // What lies in the arguments as a whole; what they are known to have in the property comes by that itself.
    if (graph.op[from] === Op.Call && this.isWhole(path) && isDecidedByLiteral(this, from, name)) return;
    if (this.links.calls.has(node)) this.calls.accessor(node, origin, path, mask);
    // Called through `call`, a function does what it does when it is called.
    const isFunction = path === EMPTY ? this.origins.isSymbolic(origin) : paths.isCallStep(paths.head(path));
    if (isFunction && calledThrough(this, node) !== undefined) this.addFact(node, origin, path, mask);
    this.readComponent(node, this.property(name), origin, path, mask);
  }

  /** What comes in at a node conforms to a schema, beside fields that the schema does not name. */
  checkLoosely(node: NodeId, schema: Schema): void {
    (this.loose ??= new Map<NodeId, Schema>()).set(node, schema);
  }

  /** Kinds that a field is harmless for which is read of such a value. */
  private checkedBefore(load: NodeId): KindSet {
    const { graph } = this.body;
    const names: ComponentId[] = [];
    for (let node = load; names.length <= MAX_LENGTH && node !== NONE; node = this.operand(node, 0)) {
      const schema = this.loose?.get(node);
      if (schema !== undefined) return removedAt(this, schema, names) & KIND_MASK;
      const op: Op = graph.op[node];
      if (op === Op.Load) names.unshift(this.property(graph.aux[node]));
      else if (op !== Op.Guard && op !== Op.Typed) break;
    }
    return 0;
  }

  /** Kinds that what is read of a property can't serve: what it is called tells, or that it is read of a collection. */
  private removedByRead(name: number, path: PathId): KindSet {
    const removes = this.loadRemoves(name);
    if (removes === 0 || this.environment.models.isOfCollections?.(this.text(name)) !== true) return removes;
    // An object that came in has whatever properties whoever sent it gave it.
    if (path === EMPTY) return 0;
    const { paths } = this.environment;
    const head = paths.head(path);
    return head === C_ELEMENT || head === C_ANYTHING || paths.isCallStep(head) ? removes : 0;
  }

  /** Of what lies in a value, that the value is no function says nothing. */
  below(mask: Mask): Mask {
    const { models } = this.environment;
    return (mask & throughProto(models)) === 0 ? mask : mask | throughConstructor(models);
  }

  /** What a read of `component` sees of what lies at `path`. */
  private readComponent(node: NodeId, component: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths } = this.environment;
    if (path === EMPTY) {
      this.addFact(node, this.origins.extend(origin, component, paths), EMPTY, mask);
      return;
    }
    const head = paths.head(path);
    const match = paths.matches(head, component);
    if (match === 0) return;
    const left = match === 2 ? mask : limitConfidence(mask, 2);
    const rest = head === C_ANYTHING ? path : paths.tail(path);
    this.addFact(node, origin, rest, left);
    if (head === C_ANYTHING) this.addFact(node, origin, EMPTY, limitConfidence(left, 2));
  }

  private loadElement(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    if (operand === 0) {
      if (this.body.graph.guards.length > 0) mask &= ~this.kindsGuardedOverElement(node);
      this.readComponent(node, this.keyComponent(node), origin, path, mask);
    } else if (path === EMPTY && this.keyComponent(node) === C_ELEMENT) this.chosen(node, origin, mask);
  }

  /** What a controlled key may select: the prototype object; what is written into it then is prototype pollution. Or a constructor, an element of which is that. */
  private chosen(node: NodeId, origin: OriginId, mask: Mask): void {
    const { paths, models } = this.environment;
    const byConstructor = throughConstructor(models);
    if ((mask & models.kindBit('prototype')) === 0 || this.readsOwn(node)) return;
    const prototype = paths.cons(C_PROTOTYPE, EMPTY);
    const key = this.origins.weaken(origin, Mode.Derived);
    if ((mask & throughProto(models)) !== 0) this.addFact(node, key, prototype, mask & ~byConstructor);
    else {
      const left = mask & (~KIND_MASK | byConstructor) & ~this.kindsGuardedOverElement(node);
      this.addFact(node, key, paths.cons(C_ELEMENT, prototype), left);
    }
  }

  /** That a controlled key selected it is known of what lies at a path, or of its elements. */
  private isChosen(path: PathId): boolean {
    return path !== EMPTY && (this.environment.paths.head(path) === C_PROTOTYPE || this.isChosenConstructor(path));
  }

  /** The value is a constructor that a controlled key selected, so that an element of it may be the prototype object. */
  isChosenConstructor(path: PathId): boolean {
    const { paths } = this.environment;
    return path !== EMPTY && paths.head(path) === C_ELEMENT && this.isChosenObject(paths.tail(path));
  }

  private store(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { graph } = this.body;
    const { paths, models } = this.environment;
    const component = this.property(graph.aux[node]);
    if (operand === 0) {
      // A strong update: what lay there before is gone.
      if (path !== EMPTY && paths.head(path) === component) return;
      this.addFact(node, origin, path, mask);
      return;
    }
    const name = this.text(graph.aux[node]);
    for (const sink of models.storeSinksByName(name)) this.addSink(origin, path, mask, node, 1, sink.kind, sink.label);
    for (const state of this.apisOf(this.operand(node, 0))) {
      for (const sink of models.storeSinks(state, name))
        if (!this.isSettled(node, this.operand(node, 0), sink.kind))
          this.addSink(origin, path, mask, node, 1, sink.kind, sink.label);
    }
    this.stored(node, component, origin, path, mask);
  }

  /** What is stored lies below the new version, and below all other names of the object. */
  private stored(node: NodeId, component: ComponentId, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths } = this.environment;
    const below = paths.cons(component, path);
    // That a key selected it is known of a value on its way, also in an object that is made to carry it, and not of what is kept.
    if (this.isChosen(path)) {
      if (this.isLiteral(node)) this.addFact(node, origin, below, mask);
      return;
    }
    this.addFact(node, origin, below, mask);
    this.mutate(this.operand(node, 0), origin, below, mask, node);
  }

  /** True for an object or array literal with what it was written with. */
  private isLiteral(version: NodeId): boolean {
    const { op } = this.body.graph;
    let node = version;
    while (op[node] === Op.Store) node = this.operand(node, 0);
    return op[node] === Op.ObjectLiteral || op[node] === Op.ArrayLiteral;
  }

  private storeElement(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { paths, models } = this.environment;
    const component = this.keyComponent(node);
    if (operand === 0) {
      if (component !== C_ELEMENT && path !== EMPTY && paths.head(path) === component) return;
      this.addFact(node, origin, path, mask);
      if (component !== C_ELEMENT) return;
      const found = meet(paths, path, paths.cons(C_PROTOTYPE, EMPTY));
      const isKept = (key: NodeId): boolean => isKeptWith(this, key, this.origins, origin);
      if (found === undefined || found.rest !== EMPTY || !this.isChosenWrite(node, isKept)) return;
      // A source as a whole is not a prototype object; only a symbolic input may turn out to be one.
      if (found.wanted !== EMPTY && !this.origins.isSymbolic(origin)) return;
      const reader = found.wanted === EMPTY ? origin : this.origins.extend(origin, C_PROTOTYPE, paths);
      // What was copied into an object that was made here is in that one now.
      if (found.wanted !== EMPTY && isMadeHere(this, this.operand(node, 0))) return;
      // Too deep to tell a prototype from anything else.
      if (found.wanted !== EMPTY && this.origins.modeOf(reader) !== Mode.Identity) return;
      this.addSink(reader, EMPTY, mask, node, 0, models.kindBit('prototype'), 'assignment through a controlled key');
      return;
    }
    if (operand === 2) this.stored(node, component, origin, path, mask);
  }

  private guarded(node: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    const { graph } = this.body;
    const schema = graph.guards[graph.aux[node]].path.length === 0 ? this.guardSchema(node) : undefined;
    if (schema === undefined || schema.fields.size === 0) {
      this.addFact(node, origin, path, this.guard(node, path, mask));
      return;
    }
    throughSchema(
      this,
      schema,
      origin,
      path,
      (from, component) => this.origins.extend(from, component, this.environment.paths),
      (from, rest, removes) => {
        this.addFact(node, from, rest, mask & ~removes);
      },
    );
  }

  private guard(node: NodeId, path: PathId, mask: Mask): Mask {
    const facts = this.body.graph.guards[this.body.graph.aux[node]];
    const { paths, models } = this.environment;
    if (facts.test === Test.EqualsValue && !facts.polarity && this.isChosenObject(path)) {
      return comparesWithPrototype(this, this.operand(node, 1)) ? 0 : mask;
    }
    if (facts.path.length === 1 && this.isChosenConstructor(path)) return mask & ~constructorRemoves(this, node);
    let rest = path;
    for (const [i, name] of facts.path.entries()) {
      // What has a tested property may be harmless for being short, or for leading to a known host.
      if (rest === EMPTY && i === facts.path.length - 1) return mask & ~(ownerRemoves(this, node) & KIND_MASK);
      if (rest === EMPTY || paths.head(rest) !== this.property(name)) return mask;
      rest = paths.tail(rest);
    }
    // An array whose elements are no names that lead to a prototype is not made of such names; what a loop went through is its elements and nothing else.
    if (rest === EMPTY) {
      const ofElements = facts.test === Test.Each ? models.allKinds : models.kindBit('prototype');
      return mask & ~this.kindsRemovedBy(node) & ~(this.elementKindsRemovedBy(node) & ofElements);
    }
    if (this.isChosenConstructor(rest)) return mask & ~(this.kindsRemovedBy(node) & throughConstructor(models));
    if (facts.test === Test.Instanceof && this.isChosenObject(rest))
      return mask & ~(this.kindsRemovedBy(node) & models.kindBit('prototype'));
    return this.isWhole(rest) || this.isPosition(rest) ? mask & ~this.elementKindsRemovedBy(node) : mask;
  }

  /** An element of an array at a known position, and nothing below it. */
  private isPosition(path: PathId): boolean {
    const { paths } = this.environment;
    return paths.tail(path) === EMPTY && /^\d+$/.test(paths.text(paths.head(path)));
  }

  /** The value is an object that a controlled key selected. */
  isChosenObject(path: PathId): boolean {
    const { paths } = this.environment;
    return path !== EMPTY && paths.head(path) === C_PROTOTYPE && paths.tail(path) === EMPTY;
  }

  /** Reads the result of calling the value at `node`'s callee when nobody knows what is called. */
  readResult(node: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    if (path === EMPTY && !this.origins.isSymbolic(origin)) return;
    this.readComponent(node, C_RESULT, origin, path, mask);
  }

  /** A use that comes after a write to the same object under another name. */
  transferLater(user: NodeId, operand: number, object: NodeId, origin: OriginId, path: PathId, mask: Mask): void {
    this.transfer(user, operand, object, origin, path, mask);
  }

  /** A function of a library that was handed over is called with a value: `then(JSON.parse)`. */
  callApis(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId): void {
    this.calls.apis(node, origin, path, mask, at);
  }

  callFunction(
    callee: FunctionId,
    parameter: number,
    node: NodeId,
    prefix: readonly ComponentId[],
    origin: OriginId,
    path: PathId,
    mask: Mask,
    at: NodeId,
  ): void {
    this.calls.callback(callee, parameter, node, prefix, origin, path, mask, at);
  }
}
