/**
 * What values are held against: collections of constants, regular expressions, schemas. A function tells of those that it returns,
 * or keeps in variables that inner functions read; the module function of a file returns its exports. So a list of allowed
 * names does its work in whatever file it stands, and who relies on it looks again when it changes.
 */
import { FunctionFlag, NONE, Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { EMPTY, MAX_LENGTH, type ComponentId, type PathId } from './accessPaths';
import { cellNode, isConstantCollection, patternText } from './constants';
import type { FunctionView } from './functionView';
import { refusalOfList } from './prototypeKeys';
import { Outcome, isAboutTheSame, type Predicate } from './predicates';
import { YARDSTICKS_ROOT } from './questions';
import { demandsOf } from './demands';
import { isJsonSchema, jsonSchemaAt } from './jsonSchema';
import { partsOf } from './schema';

/** More than these one function is not asked to tell. */
const MAX_YARDSTICKS = 300;
/** How deep in what is exported. */
const MAX_DEPTH = 3;
const LOOK_BACK = 200;

/** What a function tells of the value at one place. */
export class Yardsticks {
  constructor(
    private readonly p: FunctionView,
    readonly predicates: readonly Predicate[],
    /** See `Predicate.parameter`. */
    readonly parameter: number,
    /** Below what is returned, or below the variable. */
    readonly at: PathId,
  ) {}

  /** What it says of values that are held against it, or against a property of it. */
  of(outcome: Outcome, property?: ComponentId): readonly Predicate[] {
    const at = property === undefined ? this.at : this.p.environment.paths.append(this.at, property);
    return this.predicates.filter(
      (predicate) =>
        predicate.parameter === this.parameter && predicate.outcome === outcome && predicate.yardstick?.at === at,
    );
  }

  /** Properties of which something is told. */
  names(): readonly ComponentId[] {
    const { paths } = this.p.environment;
    const names = new Set<ComponentId>();
    for (const { predicate, rest } of this.below())
      if (rest !== EMPTY && predicate.outcome === Outcome.Conforms) names.add(paths.head(rest));
    return [...names];
  }

  /** All that is told of it and what lies below it. */
  below(): readonly { predicate: Predicate; rest: PathId }[] {
    const { paths } = this.p.environment;
    return this.predicates.flatMap((predicate) => {
      if (predicate.parameter !== this.parameter || predicate.yardstick === undefined) return [];
      let rest = predicate.yardstick.at;
      for (let before = this.at; before !== EMPTY; before = paths.tail(before)) {
        if (rest === EMPTY || paths.head(rest) !== paths.head(before)) return [];
        rest = paths.tail(rest);
      }
      return [{ predicate, rest }];
    });
  }
}

/** Who tells of the value at a node that another function made; undefined when nobody does. `withCalls`: also the result of a call. */
export function yardsticksAt(p: FunctionView, start: NodeId, withCalls = true): Yardsticks | undefined {
  const { graph } = p.body;
  const { paths } = p.environment;
  let node = start;
  let at = EMPTY;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Typed:
      case Op.Guard:
      case Op.Await:
        node = p.operand(node, 0);
        break;
      case Op.Phi:
      case Op.Cell:
        if (p.operandCount(node) !== 1) return undefined;
        node = p.operand(node, 0);
        break;
      case Op.Load: {
        const stored = p.index.forwarded(node);
        if (stored === NONE) {
          if (paths.length(at) >= MAX_LENGTH) return undefined;
          at = paths.cons(p.property(graph.aux[node]), at);
        }
        node = stored === NONE ? p.operand(node, 0) : stored;
        break;
      }
      case Op.Captured: {
        const { owner, cell } = graph.captures[graph.aux[node]];
        if (!isKept(p, owner, cell)) return undefined;
        const told = p.environment.answer(p.body.functionIds(owner), YARDSTICKS_ROOT).predicates;
        return new Yardsticks(p, told, cell + 1, at);
      }
      case Op.Closure: {
        if (!withCalls) return undefined;
        const told = p.environment.answer(p.body.functionIds(graph.aux[node]), YARDSTICKS_ROOT).predicates;
        return new Yardsticks(p, told, 0, at);
      }
      case Op.Import:
      case Op.Call: {
        if (graph.op[node] === Op.Call && !withCalls) return undefined;
        const targets = p.targets(node);
        if (targets.length !== 1 || targets[0].kind !== 'function') return undefined;
        const told = p.environment.answer(targets[0].function, YARDSTICKS_ROOT).predicates;
        return new Yardsticks(p, told, 0, at);
      }
      default:
        return undefined;
    }
  }
  return undefined;
}

/** A variable of an enclosing function that holds one value, and not one that was handed in. */
function isKept(p: FunctionView, owner: number, cell: number): boolean {
  const graph = p.body.graphOf(owner);
  const node = cellNode(graph, cell);
  if (node === NONE || graph.operandStart[node + 1] - graph.operandStart[node] !== 1) return false;
  const value = graph.operands[graph.operandStart[node]];
  return value !== NONE && graph.op[value] !== Op.Param && graph.op[value] !== Op.Closure;
}

/** True for a collection of constants, made here or elsewhere. */
export function isListOfConstants(p: FunctionView, node: NodeId): boolean {
  if (node === NONE) return false;
  if (isConstantCollection(p.body, node)) return true;
  return (yardsticksAt(p, node, false)?.of(Outcome.Listed).length ?? 0) > 0;
}

/** Kinds that a value is harmless for which is not in a collection: it refuses the keys that lead to a prototype object. */
export function refusedBy(p: FunctionView, collection: NodeId): KindSet {
  if (collection === NONE) return 0;
  let removes = refusalOfList(p, collection);
  if (removes !== 0) return removes;
  for (const told of yardsticksAt(p, collection, false)?.of(Outcome.Unlisted) ?? []) removes |= told.removes;
  return removes;
}

/** What a function tells. */
export function yardsticksOf(p: FunctionView): readonly Predicate[] {
  const { graph } = p.body;
  const collector = new Collector(p);
  const returns: NodeId[] = [];
  for (let node = 0; node < graph.op.length; node++) if (graph.op[node] === Op.Return) returns.push(node);
  // What a module returns are its exports; of other functions with several ways out it is not asked which one was taken.
  const isOne = returns.length === 1 || (graph.flags & FunctionFlag.Module) !== 0;
  if (isOne && returns.length > 0) collector.collect(p.operand(returns[returns.length - 1], 0), 0, EMPTY, MAX_DEPTH);
  for (const node of p.index.cellNodes)
    if (node !== NONE && p.operandCount(node) === 1)
      collector.collect(p.operand(node, 0), graph.aux[node] + 1, EMPTY, MAX_DEPTH);
  return [...collector.found, ...demandsOf(p)];
}

class Collector {
  readonly found: Predicate[] = [];

  constructor(private readonly p: FunctionView) {}

  collect(start: NodeId, parameter: number, at: PathId, depth: number): void {
    const { p } = this;
    const { body, environment } = p;
    const { models } = environment;
    const node = this.valueOf(start);
    if (node === NONE || this.found.length >= MAX_YARDSTICKS) return;
    switch (body.graph.op[node] as Op) {
      case Op.Closure:
      case Op.StringConst:
      case Op.Const:
        return;
      case Op.Captured:
      case Op.Import:
      case Op.Load:
        this.forward(node, parameter, at);
        return;
      default:
        break;
    }
    if (isConstantCollection(body, node)) this.add(parameter, Outcome.Listed, models.allKinds, at);
    this.add(parameter, Outcome.Unlisted, refusalOfList(p, node), at);
    const pattern = patternText(body, node);
    if (pattern !== undefined) {
      this.add(parameter, Outcome.Matched, models.patternRemoves?.(pattern, true) ?? 0, at);
      this.add(parameter, Outcome.Unmatched, models.patternRemoves?.(pattern, false) ?? 0, at);
      return;
    }
    const schema = p.schemaAt(node) ?? (isJsonSchema(body, node) ? jsonSchemaAt(p, node) : undefined);
    if (schema !== undefined)
      for (const { below, removes } of partsOf(p, schema)) this.add(parameter, Outcome.Conforms, removes, at, below);
    if (depth > 0) this.properties(node, parameter, at, depth);
  }

  /** What was written on an object, the latest first. */
  private properties(start: NodeId, parameter: number, at: PathId, depth: number): void {
    const { p } = this;
    const { graph } = p.body;
    const { paths } = p.environment;
    const seen = new Set<ComponentId>();
    let node = start;
    for (let step = 0; step < LOOK_BACK * 10 && node !== NONE; step++) {
      switch (graph.op[node] as Op) {
        case Op.Store: {
          const component = p.property(graph.aux[node]);
          // Of a list, what it holds as a whole is told.
          if (!seen.has(component) && !/^\d/.test(paths.text(component)))
            this.collect(p.operand(node, 1), parameter, paths.append(at, component), depth - 1);
          seen.add(component);
          node = p.operand(node, 0);
          break;
        }
        case Op.Copy:
          this.forward(p.operand(node, 1), parameter, at);
          node = p.operand(node, 0);
          break;
        case Op.Typed:
        case Op.Guard:
          node = p.operand(node, 0);
          break;
        default:
          return;
      }
    }
  }

  /** What another function tells of a value is told on. */
  private forward(node: NodeId, parameter: number, at: PathId): void {
    const { p } = this;
    const { paths } = p.environment;
    for (const { predicate, rest } of yardsticksAt(p, node)?.below() ?? []) {
      if (paths.length(at) + paths.length(rest) > MAX_LENGTH) continue;
      const { outcome, removes, yardstick } = predicate;
      this.add(parameter, outcome, removes, paths.concat(at, rest), yardstick?.below);
    }
  }

  private add(parameter: number, outcome: Outcome, removes: KindSet, at: PathId, below: PathId = EMPTY): void {
    const predicate: Predicate = { parameter, outcome, removes, yardstick: { at, below } };
    if (this.found.length >= MAX_YARDSTICKS || (removes === 0 && outcome !== Outcome.Conforms)) return;
    // What was exported by name goes before what comes along with `export *`.
    if (!this.found.some((known) => isAboutTheSame(known, predicate))) this.found.push(predicate);
  }

  private valueOf(start: NodeId): NodeId {
    const { graph } = this.p.body;
    let node = start;
    for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
      const op: Op = graph.op[node];
      if (op === Op.Typed || op === Op.Guard || op === Op.Await) node = this.p.operand(node, 0);
      else if ((op === Op.Phi || op === Op.Cell) && this.p.operandCount(node) === 1) node = this.p.operand(node, 0);
      else return op === Op.Phi || op === Op.Cell ? NONE : node;
    }
    return NONE;
  }
}
