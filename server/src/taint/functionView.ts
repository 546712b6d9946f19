/**
 * A function as its analysis reads it: nodes and operands, what calls may reach by link and by model, which API a value is,
 * what keys and guards are. Nothing here depends on what is followed through the function. What costs more than a look is kept.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import { NO_API, type ApiState, type FunctionId } from '../model/ids';
import { ANY_POSITION, type CallTarget, type FunctionLinks } from '../model/links';
import type { CallModel, KindSet } from '../model/summary';
import { C_ELEMENT, EMPTY, MAX_PATHS, type ComponentId, type PathId } from './accessPaths';
import type { Site } from './calleeOutputs';
import { codeViewOf, type CallFacts, type CallSite, type CodeView, type GivenCall } from './codeView';
import { cellNode, constantText, isPlainKey } from './constants';
import { isApplied, modelsOf, shiftOf } from './conventions';
import { certaintyOf } from './dispatch';
import type { FunctionBody, SolverEnvironment } from './environment';
import type { FlowIndex } from './flowIndex';
import { guardRemoves, guardSchema, kindsGuardedOver, kindsGuardedOverElement, refusedAlongside } from './guards';
import { isGivenKey, readsOwnProperty } from './prototypeKeys';
import { outlives } from './escaping';
import { isListedKey } from './listedKeys';
import { isGivenBack, isMadeOfOldObject, isMadeOfOldValue, isWrittenBack } from './putBack';
import { sameValue } from './sameValues';
import { KIND_MASK, type Root } from './references';
import type { Schema } from './schema';
import { readSchema } from './schemas';
import { isSettled } from './settled';
import { beginningsOf } from './strings';

const NO_TARGETS: readonly CallTarget[] = [];
const NO_STATES: readonly ApiState[] = [];
const NO_FUNCTIONS: readonly FunctionId[] = [];
/** What a loop reads of an API. */
const FIRST = '0';
const isRead = new Uint8Array(64);
for (const op of [Op.Load, Op.LoadElement, Op.Iterate]) isRead[op] = 1;
/** Beside the kind that was asked about: it does no harm. */
const SETTLED = 2 ** 30;
const NO_NAMES: readonly ComponentId[] = [];
/** So many functions may be handed to one that keeps them: with more of them each call would seem to be one of any. */
const MAX_HANDED = 12;

export class FunctionView {
  readonly index: FlowIndex;
  readonly links: FunctionLinks;
  /** What is the same for all questions. */
  protected readonly code: CodeView;
  private guardKinds: Map<NodeId, number> | undefined;
  private elementKinds: Map<NodeId, number> | undefined;
  private loadKinds: Map<NodeId, number> | undefined;
  private refusedKinds: Map<number, number> | undefined;
  // These ask other functions, so they are not kept with the code: each question is to notice when the answers change.
  private ownReads: Map<NodeId, boolean> | undefined;
  private replacements: Map<NodeId, boolean> | undefined;
  private schemas: Map<NodeId, Schema | undefined> | undefined;
  private guardSchemas: Map<NodeId, Schema | undefined> | undefined;

  constructor(
    readonly body: FunctionBody,
    readonly environment: SolverEnvironment,
  ) {
    this.code = codeViewOf(body, environment);
    this.index = this.code.index;
    this.links = this.code.links;
  }

  operand(node: NodeId, index: number): NodeId {
    return this.body.graph.operands[this.body.graph.operandStart[node] + index];
  }

  operandCount(node: NodeId): number {
    return this.body.graph.operandStart[node + 1] - this.body.graph.operandStart[node];
  }

  text(id: number): string {
    return this.body.strings[id];
  }

  /** The component of the property whose name is a string of the file. */
  property(name: number): ComponentId {
    return this.code.property(name);
  }

  /** Kinds that can no longer be served with what is read of a property. */
  loadRemoves(name: number): KindSet {
    return this.code.loadRemoves(name);
  }

  /**
   * What a call may reach. A function that the caller of this one handed over is not looked up here: the call stays
   * symbolic, and each caller completes it with what it gave.
   */
  targets(node: NodeId): readonly CallTarget[] {
    return this.knownCall(node)?.targets ?? this.targetsOf(node);
  }

  /** What `strings.ts` found out already. */
  shownTexts(): Map<number, readonly string[]> {
    return (this.code.shownTexts ??= new Map<number, readonly string[]>());
  }

  /** Whether a sink, a call or write on `receiver`, does no harm for what was said of that object before; see `settled.ts`. */
  isSettled(node: NodeId, receiver: NodeId, kind: KindSet): boolean {
    const settlements = this.environment.models.settlements;
    if (settlements === undefined || (settlements.kinds & kind) === 0) return false;
    const known = (this.code.settled ??= new Map<NodeId, KindSet>());
    const kinds = known.get(node) ?? 0;
    if ((kinds & kind) !== 0) return (kinds & SETTLED) !== 0;
    const holds = isSettled(this.body, settlements.all, node, receiver, kind, (given) => beginningsOf(this, given));
    known.set(node, kind | (holds ? SETTLED : 0));
    return holds;
  }

  /** What a call meets; for calls only. */
  callAt(node: NodeId): CallFacts {
    const known = this.knownCall(node);
    if (known !== undefined) return known;
    const targets = this.targetsOf(node);
    const sites: CallSite[] = [];
    for (const target of targets) {
      if (target.kind !== 'function') continue;
      const site: Site = { kind: 'call', node, convention: target.convention };
      sites.push({ site, callee: target.function, number: this.code.siteCount++ });
    }
    const models = modelsOf(this, node);
    const hasModels = models.length > 0;
    const facts: CallFacts = {
      targets,
      sites,
      models,
      shift: hasModels ? shiftOf(this, node) : 0,
      isApplied: hasModels && isApplied(this, node),
      certainty: certaintyOf(this, node, sites),
    };
    const { calls } = this.code;
    while (calls.length <= node) calls.push(undefined);
    calls[node] = facts;
    return facts;
  }

  private knownCall(node: NodeId): CallFacts | undefined {
    const { calls } = this.code;
    return node < calls.length ? calls[node] : undefined;
  }

  /** Functions that run where a node reads or writes a property. */
  accessorsAt(node: NodeId): readonly CallSite[] {
    const accessors = (this.code.accessors ??= new Map<NodeId, readonly CallSite[]>());
    let sites = accessors.get(node);
    if (sites === undefined) {
      const made: CallSite[] = [];
      for (const target of this.targetsOf(node)) {
        if (target.kind !== 'function') continue;
        const site: Site = { kind: 'call', node, convention: 'accessor' };
        made.push({ site, callee: target.function, number: this.code.siteCount++ });
      }
      accessors.set(node, (sites = made));
    }
    return sites;
  }

  /** What a write to `path` of a node's value calls, where it has an argument in it: `(n)`, `m.(n)`. */
  givenCall(node: NodeId, path: PathId): GivenCall | undefined {
    const givenCalls = (this.code.givenCalls ??= new Map<number, GivenCall | undefined>());
    const key = node * MAX_PATHS + path;
    let call = givenCalls.get(key);
    if (call === undefined && !givenCalls.has(key)) givenCalls.set(key, (call = this.findGivenCall(node, path)));
    return call;
  }

  private findGivenCall(node: NodeId, path: PathId): GivenCall | undefined {
    const { paths } = this.environment;
    const prefix: ComponentId[] = [];
    let rest = path;
    while (rest !== EMPTY && !paths.isArgument(paths.head(rest))) {
      const head = paths.head(rest);
      if (!paths.isProperty(head) && head !== C_ELEMENT) return undefined;
      prefix.push(head);
      rest = paths.tail(rest);
    }
    // A function that was handed over is the callers' to look up.
    if (rest === EMPTY || (prefix.length === 0 && this.isGiven(node))) return undefined;
    const argument = paths.text(paths.head(rest));
    const functions = this.functionsAt(node, prefix);
    if (functions.length === 0) return undefined;
    const parameter = argument === '(this)' ? RECEIVER : Number(argument.slice(1, -1));
    return { functions, parameter, prefix, rest: paths.tail(rest) };
  }

  /** Functions that a node's value may be, as far as the function itself can tell, or linking. */
  functionsOf(node: NodeId): readonly FunctionId[] {
    let value = node;
    while (this.body.graph.op[value] === Op.Guard || this.body.graph.op[value] === Op.Typed)
      value = this.operand(value, 0);
    return this.functionsAt(value, NO_NAMES);
  }

  /** Functions at a path of a node's value that the function itself can tell, or linking. */
  private functionsAt(node: NodeId, prefix: readonly ComponentId[]): readonly FunctionId[] {
    const { op, aux } = this.body.graph;
    if (op[node] === Op.Closure && prefix.length === 0) return [this.body.functionIds(aux[node])];
    // Linking leaves what lies in parameters to the callers.
    if (op[node] === Op.Param && aux[node] >= 0) return NO_FUNCTIONS;
    const { paths, links } = this.environment;
    const names = prefix.map((component) => paths.text(component));
    const functionsAt = (this.code.functionsAt ??= new Map<number, readonly FunctionId[]>());
    const key = node * MAX_PATHS + paths.of(names);
    let functions = functionsAt.get(key);
    if (functions === undefined) {
      functions = links.functionsAt(this.body.id, node, names).map((target) => target.function);
      functionsAt.set(key, functions);
    }
    return functions;
  }

  /** All functions that are called, imported or made. */
  sites(): readonly CallSite[] {
    if (this.code.sites !== undefined) return this.code.sites;
    const { graph } = this.body;
    const sites: CallSite[] = [];
    for (let node = 0; node < graph.op.length; node++) {
      switch (graph.op[node] as Op) {
        case Op.Closure:
          sites.push({
            site: { kind: 'closure', node },
            callee: this.body.functionIds(graph.aux[node]),
            number: this.code.siteCount++,
          });
          break;
        case Op.Call:
        case Op.New:
        case Op.Import:
          if (this.links.calls.has(node)) sites.push(...this.callAt(node).sites);
          break;
        default:
          break;
      }
    }
    this.code.sites = sites;
    return sites;
  }

  /** Calls that the models see sources in. */
  sourceCalls(): readonly NodeId[] {
    if (this.code.sourceCalls !== undefined) return this.code.sourceCalls;
    const { op } = this.body.graph;
    const calls: NodeId[] = [];
    for (let node = 0; node < op.length; node++) {
      if (op[node] !== Op.Call && op[node] !== Op.New) continue;
      if (this.modelsOf(node).some(({ sources }) => sources.length > 0)) calls.push(node);
    }
    this.code.sourceCalls = calls;
    return calls;
  }

  /** Reads of properties whose value is an API's, beside the values that linking names. */
  apiLoads(): readonly NodeId[] {
    if (this.code.apiLoads !== undefined) return this.code.apiLoads;
    const { op } = this.body.graph;
    const loads: NodeId[] = [];
    const { apis } = this.links;
    for (let node = 0; apis.size > 0 && node < op.length; node++)
      if (isRead[op[node]] === 1 && !apis.has(node) && this.apisOf(node).length > 0) loads.push(node);
    this.code.apiLoads = loads;
    return loads;
  }

  private targetsOf(node: NodeId): readonly CallTarget[] {
    const targets = this.links.calls.get(node);
    if (targets === undefined) return NO_TARGETS;
    if (this.body.graph.op[node] !== Op.Call) return targets;
    const functions = targets.reduce((count, { kind }) => (kind === 'function' ? count + 1 : count), 0);
    const callee = this.operand(node, 0);
    if (functions === 0 || !this.isGiven(callee) || (functions <= MAX_HANDED && this.isLeft(callee))) return targets;
    return targets.filter(({ kind }) => kind !== 'function');
  }

  /** True for a parameter of a function around this one that has ended by then: no caller of this one knows what it was. */
  private isLeft(callee: NodeId): boolean {
    const { graph } = this.body;
    let node = callee;
    while (graph.op[node] === Op.Guard || graph.op[node] === Op.Typed) node = this.operand(node, 0);
    if (graph.op[node] !== Op.Captured) return false;
    const { owner } = graph.captures[graph.aux[node]];
    // The function that the owner made: this one, or one around it.
    let made = NONE;
    for (let { parent } = graph; parent !== owner; { parent } = this.body.graphOf(parent)) {
      if (parent === NONE) return false;
      made = parent;
    }
    const isMade = (index: number): boolean =>
      made === NONE ? this.body.functionIds(index) === this.body.id : index === made;
    return outlives(this.body.graphOf(owner), isMade);
  }

  /** Whether what functions give back comes out at a node that calls them. */
  hasResult(node: NodeId): boolean {
    return this.body.graph.op[node] !== Op.Call || this.callAt(node).certainty.ofResult;
  }

  /** True for a call of a parameter that a function around this one kept. */
  isHandedOver(call: NodeId): boolean {
    return this.body.graph.op[call] === Op.Call && this.isGiven(this.operand(call, 0));
  }

  /** True for a parameter's own value, also one of an enclosing function. */
  isGiven(callee: NodeId): boolean {
    const { graph } = this.body;
    let node = callee;
    while (node !== NONE && (graph.op[node] === Op.Guard || graph.op[node] === Op.Typed)) node = this.operand(node, 0);
    if (node === NONE) return false;
    if (graph.op[node] === Op.Param) return graph.aux[node] >= 0;
    if (graph.op[node] !== Op.Captured) return false;
    const capture = graph.captures[graph.aux[node]];
    const owner = this.body.graphOf(capture.owner);
    const cell = cellNode(owner, capture.cell);
    if (cell === NONE) return false;
    const [from, to] = [owner.operandStart[cell], owner.operandStart[cell + 1]];
    for (let i = from; i < to; i++) {
      const value = owner.operands[i];
      if (owner.op[value] !== Op.Param || owner.aux[value] < 0) return false;
    }
    return to > from;
  }

  /** Models of what a call may be. */
  modelsOf(call: NodeId): readonly CallModel[] {
    return this.callAt(call).models;
  }

  /** API states a node's value may be in: given by linking where a value enters, stepped through loads here. */
  apisOf(node: NodeId): readonly ApiState[] {
    if (this.links.apis.size === 0) return NO_STATES;
    return (this.code.apiStates ??= this.allApis())[node];
  }

  /** Of all nodes at once, and around loops until nothing is added: what is asked for first makes no difference. */
  private allApis(): readonly (readonly ApiState[])[] {
    const { apis } = this.links;
    const { op } = this.body.graph;
    const states = Array.from(op, (_, node) => apis.get(node) ?? NO_STATES);
    for (let isMore = true; isMore;) {
      isMore = false;
      for (let node = 0; node < op.length; node++) {
        if (apis.has(node)) continue;
        const found = this.stepApis(node, states);
        if (found.length <= states[node].length) continue;
        states[node] = found;
        isMore = this.index.loops.length > 0;
      }
    }
    return states;
  }

  private stepApis(node: NodeId, states: readonly (readonly ApiState[])[]): readonly ApiState[] {
    const { graph } = this.body;
    switch (graph.op[node] as Op) {
      case Op.Load:
        return this.memberApis(this.operand(node, 0), this.text(graph.aux[node]), states);
      case Op.Iterate:
        return this.memberApis(this.operand(node, 0), FIRST, states);
      case Op.LoadElement:
        return this.memberApis(
          this.operand(node, 0),
          constantText(this.body, this.operand(node, 1)) ?? ANY_POSITION,
          states,
        );
      case Op.Guard:
      case Op.Await:
      case Op.Typed:
      case Op.Store: {
        const base = this.operand(node, 0);
        return base === NONE ? NO_STATES : states[base];
      }
      case Op.Phi: {
        const result = new Set<ApiState>();
        for (let i = 0; i < this.operandCount(node); i++) {
          const value = this.operand(node, i);
          if (value !== NONE) for (const state of states[value]) result.add(state);
        }
        return result.size === 0 ? NO_STATES : [...result];
      }
      default:
        return NO_STATES;
    }
  }

  private memberApis(base: NodeId, name: string, states: readonly (readonly ApiState[])[]): readonly ApiState[] {
    if (base === NONE || states[base].length === 0) return NO_STATES;
    const result: ApiState[] = [];
    for (const state of states[base]) {
      const next = this.environment.automaton.member(state, name);
      if (next !== NO_API) result.push(next);
    }
    return result;
  }

  /** The component that a computed key selects: a property when the key is always the same text. */
  keyComponent(node: NodeId): ComponentId {
    const constantKeys = (this.code.constantKeys ??= new Map<NodeId, ComponentId>());
    let component = constantKeys.get(node);
    if (component === undefined) {
      const text = constantText(this.body, this.operand(node, 1));
      component = text === undefined ? C_ELEMENT : this.environment.paths.property(text);
      constantKeys.set(node, component);
    }
    return component;
  }

  /** True when a `StoreElement` writes a property that may be up to who sends data, given that what `isKept` says yes to may be. */
  isChosenWrite(node: NodeId, isKept: (key: NodeId) => boolean): boolean {
    const chosenWrites = (this.code.chosenWrites ??= new Map<NodeId, boolean>());
    const key = this.operand(node, 1);
    let isChosen = chosenWrites.get(node);
    if (isChosen === undefined) {
      isChosen =
        !isPlainKey(this.body, key) &&
        !isWrittenBack(this, node) &&
        !isMadeOfOldValue(this, node) &&
        !isGivenBack(this, node) &&
        // A property that the object has already.
        !isListedKey(this, sameValue(this, key), this.operand(node, 0));
      chosenWrites.set(node, isChosen);
    }
    return isChosen && (this.isGivenKey(key) || isKept(key)) && !this.replacesObject(node);
  }

  private isGivenKey(key: NodeId): boolean {
    const givenKeys = (this.code.givenKeys ??= new Map<NodeId, boolean>());
    let isGiven = givenKeys.get(key);
    if (isGiven === undefined) givenKeys.set(key, (isGiven = isGivenKey(this, key)));
    return isGiven;
  }

  /** True when a `StoreElement` makes what it writes of an object that was there, which is no prototype's then. */
  private replacesObject(node: NodeId): boolean {
    this.replacements ??= new Map<NodeId, boolean>();
    let replaces = this.replacements.get(node);
    if (replaces === undefined) this.replacements.set(node, (replaces = isMadeOfOldObject(this, node)));
    return replaces;
  }

  /** True when what is read through this key is surely no prototype object. */
  readsOwn(node: NodeId): boolean {
    this.ownReads ??= new Map<NodeId, boolean>();
    let isOwn = this.ownReads.get(node);
    if (isOwn === undefined) this.ownReads.set(node, (isOwn = readsOwnProperty(this, node)));
    return isOwn;
  }

  /** Kinds that a guard makes harmless for the elements of the value. */
  elementKindsRemovedBy(guard: NodeId): number {
    this.elementKinds ??= new Map<NodeId, number>();
    let kinds = this.elementKinds.get(guard);
    if (kinds === undefined) {
      kinds = guardRemoves(this, guard, true) & KIND_MASK;
      this.elementKinds.set(guard, kinds);
    }
    return kinds;
  }

  /** Kinds that a guard makes harmless. */
  kindsRemovedBy(guard: NodeId): number {
    this.guardKinds ??= new Map<NodeId, number>();
    let kinds = this.guardKinds.get(guard);
    if (kinds === undefined) {
      kinds = guardRemoves(this, guard) & KIND_MASK;
      this.guardKinds.set(guard, kinds);
    }
    return kinds;
  }

  /** The schema at a node; undefined when it is none. */
  schemaAt(node: NodeId): Schema | undefined {
    this.schemas ??= new Map<NodeId, Schema | undefined>();
    if (this.schemas.has(node)) return this.schemas.get(node);
    const schema = readSchema(this, node);
    this.schemas.set(node, schema);
    return schema;
  }

  /** The schema that the value under a guard conforms to. */
  guardSchema(guard: NodeId): Schema | undefined {
    this.guardSchemas ??= new Map<NodeId, Schema | undefined>();
    if (this.guardSchemas.has(guard)) return this.guardSchemas.get(guard);
    const schema = guardSchema(this, guard);
    this.guardSchemas.set(guard, schema);
    return schema;
  }

  /** Kinds that guards over its base took from what a load reads. */
  kindsGuardedOver(load: NodeId): number {
    this.loadKinds ??= new Map<NodeId, number>();
    let kinds = this.loadKinds.get(load);
    if (kinds === undefined) {
      kinds = kindsGuardedOver(this, load) & KIND_MASK;
      this.loadKinds.set(load, kinds);
    }
    return kinds;
  }

  /** The same for an element that is read. */
  kindsGuardedOverElement(load: NodeId): number {
    this.loadKinds ??= new Map<NodeId, number>();
    let kinds = this.loadKinds.get(load);
    if (kinds === undefined) {
      kinds = kindsGuardedOverElement(this, load) & KIND_MASK;
      this.loadKinds.set(load, kinds);
    }
    return kinds;
  }

  /** Kinds that a join removes from an operand, because the same value comes in guarded, too. */
  kindsRefusedAlongside(phi: NodeId, operand: number): number {
    const refused = (this.refusedKinds ??= new Map<number, number>());
    const key = phi * 64 + operand;
    let kinds = operand < 64 ? refused.get(key) : 0;
    if (kinds === undefined) {
      kinds = refusedAlongside(this, phi, operand) & KIND_MASK;
      refused.set(key, kinds);
    }
    return kinds;
  }

  /** Whether a captured variable is this function's own, or of one around it. */
  encloses(cell: Root): boolean {
    const enclosing = (this.code.enclosing ??= this.enclosing());
    const owner = this.environment.references.ownerNumberOf(cell);
    for (let i = 0; i < enclosing.length; i++) if (enclosing[i] === owner) return true;
    return false;
  }

  /** A function around this one, as its own analysis reads it. Who looks there depends on it; see `readsRegistration`. */
  viewAround(index: number): FunctionView {
    const { body, code } = this;
    let around = code.around.get(index);
    if (around === undefined) {
      around = {
        id: body.functionIds(index),
        graph: body.graphOf(index),
        strings: body.strings,
        code: undefined,
        functionIds: (other) => body.functionIds(other),
        graphOf: (other) => body.graphOf(other),
      };
      code.around.set(index, around);
    }
    return new FunctionView(around, this.environment);
  }

  private enclosing(): readonly number[] {
    const { references } = this.environment;
    const found = [references.ownerNumber(this.body.id)];
    for (let { parent } = this.body.graph; parent !== NONE; { parent } = this.body.graphOf(parent))
      found.push(references.ownerNumber(this.body.functionIds(parent)));
    return found;
  }
}
