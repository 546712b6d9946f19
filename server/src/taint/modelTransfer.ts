/** Applies what a library model says of a call: flows, sinks, sources. Models are compiled to interned paths once. */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import {
  ANYTHING,
  RESULT,
  type CallModel,
  type ModelCondition,
  type ModelFlow,
  type ModelPlace,
  type ModelStore,
  type KindSet,
} from '../model/summary';
import {
  C_ANYTHING,
  C_ELEMENT,
  C_PROTOTYPE,
  C_REJECTED,
  C_RESULT,
  EMPTY,
  type ComponentId,
  type PathId,
  type PathTable,
} from './accessPaths';
import { adapt } from './adapt';
import { conditionHolds } from './conditions';
import { operandAt } from './conventions';
import { isMatchedAgain, matchedAt, matchesFunction, propertiesRead } from './matches';
import { constantText } from './constants';
import type { OriginId } from './facts';
import { isCovered } from './copied';
import { cameBy } from './givers';
import { confidenceOf, kindBits, limitConfidence, maskOf, type Mask } from './references';
import { behindRemoves, joinedRemoves, tidyRemoves } from './strings';
import { Outcome, testRemoves } from './predicates';
import { throughProto } from './prototypeKinds';
import { isMadeHere, targetAt } from './sameValues';
import { onChannel } from './placePaths';
import type { Propagation } from './propagation';
import { enteringSchema } from './seeding';
import { throughSchema, type Schema } from './schema';
import { schemaAtPlace } from './schemas';
import { storedPlace } from './storedNames';
import { Mode } from './summaryTable';

export interface CompiledFlow {
  readonly from: ModelPlace;
  readonly fromPath: PathId;
  readonly to: ModelPlace;
  readonly toPath: PathId;
  readonly mode: Mode;
  readonly removes: number;
  readonly replaces: ModelFlow['replaces'];
  readonly restores: number;
  readonly behind: ModelFlow['behind'];
  readonly below: ModelFlow['below'];
  readonly channel: number | undefined;
  readonly joins: number | undefined;
  readonly groups: ModelPlace | undefined;
  readonly test: number | undefined;
  readonly schema: ModelFlow['schema'];
  readonly when: ModelCondition | undefined;
}

const compiled = new WeakMap<CallModel, { paths: PathTable; flows: readonly CompiledFlow[] }>();

/** The flows of a model with interned paths. A from-path that ends with `*` reads everything below. */
export function modelFlows(model: CallModel, paths: PathTable): readonly CompiledFlow[] {
  const known = compiled.get(model);
  if (known?.paths === paths) return known.flows;
  const flows = model.flows.map((flow: ModelFlow): CompiledFlow => {
    const isDeep = flow.from.path[flow.from.path.length - 1] === ANYTHING;
    return {
      from: flow.from,
      fromPath: paths.of(isDeep ? flow.from.path.slice(0, -1) : flow.from.path),
      to: flow.to,
      toPath: paths.of(flow.to.path),
      mode: isDeep ? Mode.Deep : flow.derives ? Mode.Derived : Mode.Identity,
      removes: flow.removes,
      replaces: flow.replaces,
      restores: flow.restores ?? 0,
      behind: flow.behind,
      below: flow.below,
      channel: flow.channel,
      joins: flow.joins,
      groups: flow.groups,
      test: flow.test,
      schema: flow.schema,
      when: flow.when,
    };
  });
  compiled.set(model, { paths, flows });
  return flows;
}

/** Confidence of a value that is known to be here. */
const CERTAIN = 3;

/** The path below a place that is asked for, and whether everything below it is. */
function wantedAt(paths: PathTable, { path }: ModelPlace): { readonly wanted: PathId; readonly isDeep: boolean } {
  const isDeep = path[path.length - 1] === ANYTHING;
  return { wanted: paths.of(isDeep ? path.slice(0, -1) : path), isDeep };
}

/** True for `this` itself. */
function isOfReceiver(p: Propagation, object: NodeId): boolean {
  const { op, aux } = p.body.graph;
  let node = object;
  while (node !== NONE && (op[node] === Op.Guard || op[node] === Op.Typed)) node = p.operand(node, 0);
  return node !== NONE && op[node] === Op.Param && aux[node] === RECEIVER;
}

/** Position of a value among the operands of a node; the first argument where it stands under another name there. */
function operandOf(p: Propagation, node: NodeId, value: NodeId): number {
  for (let operand = 2; operand < p.operandCount(node); operand++)
    if (p.operand(node, operand) === value) return operand;
  return 2;
}

export class ModelTransfer {
  private matchReads: Map<NodeId, readonly string[] | undefined> | undefined;

  constructor(private readonly p: Propagation) {}

  /** Values that a call brings in from outside, of exactly these kinds. */
  seed(node: NodeId, model: CallModel, kinds: number): void {
    const { p } = this;
    const { paths, references, models } = p.environment;
    for (const source of model.sources) {
      if (source.kinds !== kinds) continue;
      if (source.when !== undefined && !conditionHolds(p, node, source.when)) continue;
      const stored = source.stored === undefined ? undefined : storedPlace(p, node, source.stored, 0, false);
      if (source.stored !== undefined && stored === undefined) continue;
      const what = { function: p.body.id, node, kinds: source.kinds };
      const root = references.source(
        stored === undefined ? { ...what, label: source.label } : { ...what, label: stored.label, stored },
      );
      const origin = p.origins.intern(root, EMPTY, Mode.Identity);
      const mask = maskOf(models.allKinds & ~(source.removes ?? 0), 3);
      const schema = source.at.root === 'return' && source.at.path.length === 0 ? enteringSchema(p, node) : undefined;
      if (schema === undefined) this.arrive(node, source.at, origin, paths.of(source.at.path), EMPTY, mask, 0);
      else this.arriveThrough(schema, node, source.at, origin, paths.of(source.at.path), EMPTY, mask, 0);
    }
  }

  apply(
    node: NodeId,
    model: CallModel,
    operand: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    shift: 0 | 1,
  ): void {
    const { p } = this;
    const { paths } = p.environment;
    const place = operand - shift;
    // A constructor that a key selected has no elements that functions of libraries know of.
    if (p.isChosenConstructor(path) && (mask & throughProto(p.environment.models)) === 0) return;
    // A copy of an object that a key selected is another object.
    if (model.clones === true && p.isChosenObject(path)) return;
    // Of an object that a key selected, only the properties are copied.
    const { copies } = model;
    const isSource = copies !== undefined && place - 2 >= copies.from;
    if (isSource && p.isChosenObject(path) && targetAt(p, node, copies, shift) !== NONE) return;
    const isEach = isSource && path === EMPTY && isOfReceiver(p, targetAt(p, node, copies, shift));
    // A rejection passes only where the model says so: `catch` ends it.
    const isRejection = path !== EMPTY && paths.head(path) === C_REJECTED;
    const isSpread = operand >= 2 && p.body.graph.op[p.operand(node, operand)] === Op.Spread;
    const isCoveredHere =
      model.copies !== undefined &&
      path !== EMPTY &&
      paths.isProperty(paths.head(path)) &&
      isCovered(p, node, operand, paths.text(paths.head(path)));
    const isGivenBack = path !== EMPTY && paths.isArgument(paths.head(path)) && paths.tail(path) !== EMPTY;
    for (const flow of modelFlows(model, paths)) {
      // What a function does to what it is called with is done to where that comes from.
      if (isGivenBack && this.isBackward(flow, place, paths.head(path)) && flow.when === undefined) {
        this.arrive(node, flow.from, origin, flow.fromPath, paths.tail(path), mask, shift);
        continue;
      }
      if (isCoveredHere || !this.isAt(flow.from, place, isSpread)) continue;
      if (isRejection && paths.head(flow.fromPath) !== C_REJECTED) continue;
      if (flow.when !== undefined && !conditionHolds(p, node, flow.when, shift)) continue;
      let { removes } = flow;
      if (flow.replaces !== undefined) removes |= this.replaced(node, flow.replaces, shift);
      if (flow.test !== undefined && flow.test + 2 + shift < p.operandCount(node))
        removes |= testRemoves(p, p.operand(node, flow.test + 2 + shift), Outcome.True);
      if (flow.behind !== undefined) removes |= this.behind(node, flow.behind, shift);
      if (flow.below !== undefined) removes |= this.below(node, flow.below, origin, shift);
      if (flow.below?.keepsTidy === true) removes |= tidyRemoves(p, p.operand(node, operand));
      if (flow.joins !== undefined) removes |= this.joined(node, operand, path, flow.joins + 2 + shift);
      let { fromPath, toPath } = flow;
      const isBelow = path === EMPTY && (fromPath !== EMPTY || toPath !== EMPTY);
      // What comes back by what is done, what is taken out of it ends again.
      const left = ((isBelow ? p.below(mask) : mask) | flow.restores) & ~removes;
      if (kindBits(left) === 0) continue;
      if (flow.channel !== undefined) {
        const channel = this.channelName(node, flow.channel + 2 + shift);
        if (channel === undefined) continue;
        fromPath = onChannel(paths, fromPath, channel);
        toPath = onChannel(paths, toPath, channel);
      }
      const adapted = adapt(p, origin, path, left, fromPath, flow.mode);
      if (adapted === undefined) continue;
      if (flow.groups !== undefined) {
        const below = { origin: adapted.origin, rest: adapted.rest, mask: adapted.mask };
        if (this.inGroups(node, flow, operandAt(p, node, flow.groups, shift), below, shift)) continue;
      }
      // Which fields of a class are copied to, its other methods can only be told by the fields.
      if (isEach && flow.to.root === 'argument' && toPath === EMPTY) {
        const each = p.origins.extend(adapted.origin, C_ELEMENT, paths);
        this.arrive(node, flow.to, each, EMPTY, paths.cons(C_ELEMENT, EMPTY), p.below(adapted.mask), shift);
        continue;
      }
      const schema = flow.schema === undefined ? undefined : schemaAtPlace(p, node, flow.schema, shift);
      if (schema === undefined) this.arrive(node, flow.to, adapted.origin, toPath, adapted.rest, adapted.mask, shift);
      else this.arriveThrough(schema, node, flow.to, adapted.origin, toPath, adapted.rest, adapted.mask, shift);
    }
    for (const store of model.stores) {
      if (this.isAt(store.at, place, isSpread)) this.keep(node, operand, store, origin, path, mask, shift);
    }
    for (const sink of model.sinks) {
      if ((mask & sink.kind) === 0 || !this.isAt(sink.at, place, isSpread)) continue;
      if (sink.when !== undefined && !conditionHolds(p, node, sink.when, shift)) continue;
      if (p.isSettled(node, p.operand(node, 1 + shift), sink.kind)) continue;
      // Whoever shows an object shows texts in it quoted, line breaks and all.
      if (sink.ofTexts === true && !isSpread && (path !== EMPTY || this.isObject(p.operand(node, operand)))) continue;
      this.reachSink(node, operand, sink, origin, path, mask);
    }
  }

  /**
   * Kinds that the result of a method is harmless for which models describe by its name alone, whoever wrote the one that is called: what
   * somebody's own `replace` gives has gone through a replacement, and `indexOf` gives a position.
   */
  resultRemoves(node: NodeId, model: CallModel, shift: 0 | 1): KindSet {
    const toResult = model.flows.filter(({ to }) => to.root === 'return');
    const ofReceiver = toResult.filter(({ from }) => from.root === 'receiver');
    // Made of what it is given: that says nothing of what else it is made of, save where that is what a function gives that is known here.
    if (ofReceiver.length === 0 && toResult.length > 0)
      return toResult.some((flow) => this.isGivenByFunction(node, flow, shift))
        ? this.p.environment.models.allKinds
        : 0;
    let removes = this.p.environment.models.allKinds;
    for (const flow of ofReceiver) {
      if (flow.when !== undefined && !conditionHolds(this.p, node, flow.when, shift)) continue;
      let removed = flow.removes | (flow.replaces === undefined ? 0 : this.replaced(node, flow.replaces, shift));
      if (flow.test !== undefined && flow.test + 2 + shift < this.p.operandCount(node))
        removed |= testRemoves(this.p, this.p.operand(node, flow.test + 2 + shift), Outcome.True);
      if (flow.groups !== undefined)
        removed |= matchedAt(this.p, operandAt(this.p, node, flow.groups, shift))?.common ?? 0;
      removes &= removed;
    }
    return removes;
  }

  /** `list.map(quoted)`: what comes out is what the function gives, which is followed for itself. */
  private isGivenByFunction(node: NodeId, { from }: ModelFlow, shift: 0 | 1): boolean {
    const { p } = this;
    if (from.root !== 'argument' || from.path[0] !== RESULT) return false;
    const operand = from.from + 2 + shift;
    const given = operand < p.operandCount(node) ? p.operand(node, operand) : NONE;
    return given !== NONE && (p.functionsOf(given).length > 0 || p.apisOf(given).length > 0);
  }

  /** A text arrives as what the groups of a regular expression hold of it. False where nothing is known of the expression. */
  private inGroups(
    node: NodeId,
    flow: CompiledFlow,
    pattern: NodeId,
    { origin, rest, mask }: { readonly origin: OriginId; readonly rest: PathId; readonly mask: Mask },
    shift: 0 | 1,
  ): boolean {
    const { p } = this;
    const { paths } = p.environment;
    const matched = matchedAt(p, pattern);
    if (matched === undefined) return false;
    const arrive = (toPath: PathId, removes: KindSet): void => {
      if (kindBits(mask & ~removes) !== 0) this.arrive(node, flow.to, origin, toPath, rest, mask & ~removes, shift);
    };
    // `match` finds all matches, and tells nothing of their groups; `matchAll` tells these of each.
    const ofEach = paths.length(flow.toPath) > 1;
    if (matched.isGlobal && !ofEach && flow.groups?.root === 'argument') {
      arrive(flow.toPath, matched.parts[0].removes);
      return true;
    }
    const read = this.readOfMatch(node, ofEach);
    if (read === undefined) {
      arrive(flow.toPath, matched.common);
      return true;
    }
    const at = (...names: readonly string[]): PathId => {
      const path = paths.of(names);
      return ofEach ? paths.cons(C_ELEMENT, path) : path;
    };
    for (const name of read) {
      const part = /^\d+$/.test(name) ? matched.parts.at(Number(name)) : undefined;
      if (part !== undefined) arrive(at(name), part.removes);
      // The text as a whole.
      else if (name === 'input') arrive(at(name), 0);
      else if (name === 'groups')
        for (const group of matched.parts) if (group.name !== undefined) arrive(at(name, group.name), group.removes);
    }
    return true;
  }

  /** Names of what is read of a call's result, or of each element of it; undefined where it is also used as a whole. */
  private readOfMatch(node: NodeId, ofEach: boolean): readonly string[] | undefined {
    const known = (this.matchReads ??= new Map<NodeId, readonly string[] | undefined>());
    if (known.has(node)) return known.get(node);
    const read = propertiesRead(this.p, node, ofEach);
    known.set(node, read);
    return read;
  }

  /** Whether the very value at the flow's beginning is what a function at an argument is given in that position. */
  private isBackward({ mode, to, toPath }: CompiledFlow, place: number, parameter: ComponentId): boolean {
    if (mode !== Mode.Identity || to.root !== 'argument' || place - 2 < to.from || place - 2 > to.to) return false;
    const { paths } = this.p.environment;
    return toPath !== EMPTY && paths.head(toPath) === parameter && paths.tail(toPath) === EMPTY;
  }

  /** The constant that names a channel; nothing is told on one that nobody knows. */
  private channelName(node: NodeId, operand: number): string | undefined {
    const { p } = this;
    return operand < p.operandCount(node) ? constantText(p.body, p.operand(node, operand)) : undefined;
  }

  /** The same for `f.apply(receiver, list)`: what lies in the list is an argument, which one its place tells. */
  applyList(node: NodeId, model: CallModel, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const { p } = this;
    const { paths } = p.environment;
    if (operand === 2) this.apply(node, model, operand, origin, path, mask, 1);
    if (operand !== 3) return;
    let position: number | undefined;
    if (path !== EMPTY) {
      const head = paths.head(path);
      if (head !== C_ELEMENT && head !== C_ANYTHING) {
        position = Number(paths.text(head));
        if (!Number.isInteger(position)) return;
      }
    }
    const element = path === EMPTY ? p.origins.extend(origin, C_ELEMENT, paths) : origin;
    const rest = path === EMPTY ? EMPTY : paths.tail(path);
    const left = position === undefined ? limitConfidence(mask, 2) : mask;
    const isListed = (place: ModelPlace): boolean =>
      place.root === 'argument' && (position === undefined || (position >= place.from && position <= place.to));
    for (const flow of modelFlows(model, paths)) {
      if (flow.to.root === 'argument' || !isListed(flow.from) || flow.when?.negated === false) continue;
      const adapted = adapt(p, element, rest, left & ~flow.removes, flow.fromPath, flow.mode);
      if (adapted !== undefined) this.arrive(node, flow.to, adapted.origin, flow.toPath, adapted.rest, adapted.mask, 1);
    }
    for (const sink of model.sinks) {
      if ((left & sink.kind) === 0 || !isListed(sink.at) || sink.when?.negated === false) continue;
      this.reachSink(node, operand, sink, element, rest, left);
    }
  }

  /** What is kept outside of the program under a name that is known. */
  private keep(
    node: NodeId,
    operand: number,
    { at, name }: ModelStore,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    shift: 0 | 1,
  ): void {
    const { p } = this;
    const { paths } = p.environment;
    if (at.path.length === 0 && p.functionsOf(p.operand(node, operand)).length > 0) return;
    const { wanted, isDeep } = wantedAt(paths, at);
    const adapted = adapt(p, origin, path, mask, wanted, isDeep ? Mode.Deep : Mode.Identity);
    // Functions and prototypes are not kept.
    if (adapted === undefined || paths.hasCall(adapted.rest) || paths.contains(adapted.rest, C_PROTOTYPE)) return;
    const { origin: kept, rest, mask: left } = adapted;
    const place = storedPlace(p, node, name, shift, true);
    if (place !== undefined) p.addStored(kept, rest, left, node, operand, place);
  }

  /** Of a function that was handed over: what its model says of one argument alone. The call itself is somewhere else. */
  applyGiven(
    value: NodeId,
    model: CallModel,
    argument: number,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    at: NodeId,
  ): void {
    const { p } = this;
    const { paths } = p.environment;
    for (const flow of modelFlows(model, paths)) {
      const isPlain = flow.when === undefined && flow.replaces === undefined && flow.test === undefined;
      if (!isPlain || flow.channel !== undefined || flow.schema !== undefined || flow.to.root !== 'return') continue;
      if (!this.isAt(flow.from, argument + 2, false)) continue;
      const adapted = adapt(p, origin, path, (mask & ~flow.removes) | flow.restores, flow.fromPath, flow.mode);
      if (adapted === undefined) continue;
      const result = paths.cons(C_RESULT, paths.concat(flow.toPath, adapted.rest));
      p.addFact(value, adapted.origin, result, adapted.mask, at);
    }
    for (const sink of model.sinks) {
      if ((mask & sink.kind) === 0 || sink.when !== undefined || !this.isAt(sink.at, argument + 2, false)) continue;
      const { wanted, isDeep } = wantedAt(paths, sink.at);
      const adapted = adapt(p, origin, path, mask, wanted, isDeep ? Mode.Deep : Mode.Derived);
      if (adapted === undefined) continue;
      p.addSink(adapted.origin, EMPTY, adapted.mask, at, operandOf(p, at, value), sink.kind, sink.label);
    }
  }

  /** Whether models say of what is read there that it is an object: the query of a request. */
  private isObject(value: NodeId): boolean {
    const { models } = this.p.environment;
    return this.p
      .apisOf(value)
      .some((state) => models.valueSources(state).some(({ path, isObject }) => isObject === true && path.length === 0));
  }

  private reachSink(
    node: NodeId,
    operand: number,
    sink: CallModel['sinks'][number],
    origin: OriginId,
    path: PathId,
    mask: Mask,
  ): void {
    const { p } = this;
    const { paths } = p.environment;
    // A function is no text, whatever else is known of the object it came from.
    if (sink.at.path.length === 0 && p.functionsOf(p.operand(node, operand)).length > 0) return;
    const isMatching = (sink.kind & p.environment.models.kindBit('redos')) !== 0;
    if (isMatching && (isMatchedAgain(p, node, operand) || matchesFunction(p, node, operand))) return;
    const { wanted, isDeep } = wantedAt(paths, sink.at);
    // What only may lie here is not also taken to be an object with the very property that is meant: text put somewhere in `this`, for settings.
    const isVague = path === EMPTY ? confidenceOf(mask) < CERTAIN : paths.head(path) === C_ANYTHING;
    if (isVague && wanted !== EMPTY && !isDeep) return;
    // What was copied into an object that was made here is in that one now.
    const isPrototype = wanted !== EMPTY && paths.head(wanted) === C_PROTOTYPE;
    if (isPrototype && path === EMPTY && isMadeHere(p, p.operand(node, operand))) return;
    const adapted = adapt(p, origin, path, mask, wanted, isDeep ? Mode.Deep : Mode.Derived);
    if (adapted !== undefined) p.addSink(adapted.origin, EMPTY, adapted.mask, node, operand, sink.kind, sink.label);
  }

  /** Kinds that a value can't be dangerous for behind the text that a call puts it behind. */
  private behind(node: NodeId, { at, upTo }: NonNullable<ModelFlow['behind']>, shift: number): number {
    if (at.root === 'return') return 0;
    const operand = shift + (at.root === 'receiver' ? 1 : at.from + 2);
    return operand < this.p.operandCount(node) ? behindRemoves(this.p, this.p.operand(node, operand), upTo) : 0;
  }

  /** Kinds that a value can't be dangerous for below what a call puts it below; none when both came by one way. */
  private below(
    node: NodeId,
    { at, removes }: NonNullable<ModelFlow['below']>,
    origin: OriginId,
    shift: number,
  ): number {
    if (at.root === 'return') return removes;
    const operand = shift + (at.root === 'receiver' ? 1 : at.from + 2);
    if (operand >= this.p.operandCount(node)) return 0;
    return cameBy(this.p, this.p.operand(node, operand), this.p.origins.rootOf(origin)) ? 0 : removes;
  }

  /** The same for an element of an array that is joined to a text. */
  private joined(node: NodeId, operand: number, path: PathId, separator: number): number {
    const { paths } = this.p.environment;
    const position = path === EMPTY ? '' : paths.text(paths.head(path));
    if (!/^\d{1,2}$/.test(position)) return 0;
    const between = separator < this.p.operandCount(node) ? this.p.operand(node, separator) : NONE;
    return joinedRemoves(this.p, this.p.operand(node, operand), Number(position), between);
  }

  /** Kinds made harmless by what a replacement takes out of the text. */
  private replaced(
    node: NodeId,
    { pattern, by, everyText }: NonNullable<ModelFlow['replaces']>,
    shift: number,
  ): KindSet {
    const { p } = this;
    const { models } = p.environment;
    const patternOperand = pattern + 2 + shift;
    if (by === undefined) return this.split(node, patternOperand);
    const byOperand = by + 2 + shift;
    if (models.replacementRemoves === undefined || byOperand >= p.operandCount(node)) return 0;
    const replacement = constantText(p.body, p.operand(node, byOperand));
    const regex = constantText(p.body, p.operand(node, patternOperand), Op.Regex);
    if (regex !== undefined) return models.replacementRemoves(regex, true, replacement);
    if (everyText !== true) return 0;
    const text = constantText(p.body, p.operand(node, patternOperand), Op.StringConst);
    return text === undefined ? 0 : models.replacementRemoves(text, false, replacement);
  }

  /** Kinds made harmless in the pieces of a text. */
  private split(node: NodeId, patternOperand: number): KindSet {
    const { p } = this;
    const { models } = p.environment;
    if (models.splitRemoves === undefined || patternOperand >= p.operandCount(node)) return 0;
    const regex = constantText(p.body, p.operand(node, patternOperand), Op.Regex);
    if (regex !== undefined) return models.splitRemoves(regex, true);
    const text = constantText(p.body, p.operand(node, patternOperand), Op.StringConst);
    return text === undefined ? 0 : models.splitRemoves(text, false);
  }

  /** Position of an operand against a place: operand 1 is the receiver, 2 the first argument. */
  private isAt(place: ModelPlace, operand: number, isSpread: boolean): boolean {
    switch (place.root) {
      case 'receiver':
        return operand === 1;
      case 'argument':
        return operand >= 2 && operand - 2 <= place.to && (operand - 2 >= place.from || isSpread);
      case 'return':
        return false;
    }
  }

  /** What a schema lets through of a value arrives. */
  private arriveThrough(
    schema: Schema,
    node: NodeId,
    place: ModelPlace,
    from: OriginId,
    toPath: PathId,
    rest: PathId,
    mask: Mask,
    shift: 0 | 1,
  ): void {
    const { p } = this;
    throughSchema(
      p,
      schema,
      from,
      rest,
      (origin, component) => p.origins.extend(origin, component, p.environment.paths),
      (origin, path, removes) => {
        if (kindBits(mask & ~removes) !== 0) this.arrive(node, place, origin, toPath, path, mask & ~removes, shift);
      },
    );
  }

  private arrive(
    node: NodeId,
    place: ModelPlace,
    origin: OriginId,
    toPath: PathId,
    rest: PathId,
    mask: Mask,
    shift: 0 | 1,
  ): void {
    const { p } = this;
    const { paths } = p.environment;
    // A stack or queue of the function's own holds the object that a key selected until it is written to.
    const isKept = place.root === 'receiver' && toPath !== EMPTY && paths.tail(toPath) === EMPTY;
    if (!isKept && toPath !== EMPTY && rest !== EMPTY && paths.head(rest) === C_PROTOTYPE && !paths.hasCall(toPath))
      return;
    const path = paths.concat(toPath, rest);
    switch (place.root) {
      case 'return':
        p.addFact(node, origin, path, mask);
        return;
      case 'receiver':
        this.into(node, 1 + shift, origin, path, mask);
        return;
      case 'argument': {
        const last = Math.min(place.to, p.operandCount(node) - 3 - shift);
        for (let argument = place.from; argument <= last; argument++)
          this.into(node, argument + 2 + shift, origin, path, mask);
        return;
      }
    }
  }

  private into(node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
    const target = this.p.operand(node, operand);
    // An object that becomes tainted as a whole is tainted in everything below it.
    if (target !== NONE)
      this.p.mutate(
        target,
        origin,
        path === EMPTY ? this.p.environment.paths.cons(C_ANYTHING, EMPTY) : path,
        mask,
        node,
      );
  }
}
