/**
 * Middleware of one's own that holds requests against schemas: `(req, res, next) => { req.body = schema.parse(req.body); next(); }`, also one that a
 * function makes for a schema it is given: `validate(schema)`. A function tells, with its yardsticks, what it demands of its first parameter, or what
 * the function that it returns does; who registers handlers behind it relies on that.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { C_RESULT, EMPTY, type ComponentId, type PathId } from './accessPaths';
import { constantText } from './constants';
import { operandAt } from './conventions';
import type { FunctionView } from './functionView';
import { Outcome, type Predicate } from './predicates';
import { YARDSTICKS_ROOT } from './questions';
import { ANY, both, partsOf, schemaOf, type Schema } from './schema';

/** Reads and versions that are followed back. */
const LOOK_BACK = 12;
/** Nodes of a function that may be a middleware. */
const MAX_NODES = 200;
/** Parts of schemas that one function tells. */
const MAX_DEMANDS = 100;
/** Begins the component that stands for a property which a parameter names: `req[property]`. */
const NAMED_BY = '@named by ';

/** What a function demands of its first parameter, and what the function does that it returns. */
export function demandsOf(p: FunctionView): readonly Predicate[] {
  const { graph } = p.body;
  const found: Predicate[] = [];
  // A middleware is short, and given more than the request.
  const isShort = graph.op.length <= MAX_NODES;
  const isMiddleware = isShort && graph.parameters.length >= 2;
  if (!isShort) return found;
  for (let node = 0; node < graph.op.length; node++) {
    if (graph.op[node] === Op.Call) {
      if (isMiddleware && isGivenPart(p, node)) found.push(...demandsAt(p, node));
    } else if (graph.op[node] === Op.Return) found.push(...demandsReturned(p, p.operand(node, 0)));
    if (found.length > MAX_DEMANDS) return [];
  }
  return found;
}

/** The schema that a middleware, or a call that makes one, demands of a request; undefined when nothing is known of it. */
export function demandedBy(p: FunctionView, middleware: NodeId): Schema | undefined {
  const { graph } = p.body;
  const { paths } = p.environment;
  let node = middleware;
  while (graph.op[node] === Op.Typed || graph.op[node] === Op.Guard) node = p.operand(node, 0);
  const isMade = graph.op[node] === Op.Call;
  const functions = isMade ? p.callAt(node).sites.map(({ callee }) => callee) : p.functionsOf(node);
  if (functions.length !== 1) return undefined;
  let schema: Schema | undefined;
  for (const { outcome, parameter, removes, yardstick } of p.environment.answer(functions[0], YARDSTICKS_ROOT)
    .predicates) {
    if (yardstick === undefined || (outcome !== Outcome.Demanded && outcome !== Outcome.DemandedOf)) continue;
    const isOfResult = yardstick.at !== EMPTY && paths.head(yardstick.at) === C_RESULT;
    if (isOfResult !== isMade) continue;
    const at = named(p, node, isMade ? paths.tail(yardstick.at) : yardstick.at);
    if (at === undefined) continue;
    let part: Schema | undefined;
    if (outcome === Outcome.Demanded) part = within(p, yardstick.below, schemaOf(removes));
    else if (isMade && parameter + 2 < p.operandCount(node)) part = p.schemaAt(p.operand(node, parameter + 2));
    if (part !== undefined) schema = both(schema ?? ANY, within(p, at, part));
  }
  return schema;
}

/** A path with the properties that arguments of a call name; undefined when one is not known. */
function named(p: FunctionView, call: NodeId, path: PathId): PathId | undefined {
  const { paths } = p.environment;
  if (path === EMPTY) return EMPTY;
  const rest = named(p, call, paths.tail(path));
  const text = paths.text(paths.head(path));
  if (rest === undefined || !text.startsWith(NAMED_BY))
    return rest === undefined ? undefined : paths.cons(paths.head(path), rest);
  const operand = Number(text.slice(NAMED_BY.length)) + 2;
  const name = operand < p.operandCount(call) ? constantText(p.body, p.operand(call, operand)) : undefined;
  return name === undefined ? undefined : paths.cons(paths.property(name), rest);
}

function within(p: FunctionView, path: PathId, schema: Schema): Schema {
  const { paths } = p.environment;
  return path === EMPTY ? schema : schemaOf(0, new Map([[paths.head(path), within(p, paths.tail(path), schema)]]));
}

/** Whether a call is given something that is read of the first parameter; asked before anything that costs more. */
function isGivenPart(p: FunctionView, call: NodeId): boolean {
  for (let operand = 2; operand < p.operandCount(call); operand++) {
    const value = p.operand(call, operand);
    if (value !== NONE && readOfFirst(p, value) !== undefined) return true;
  }
  return false;
}

/** What a call of a validator demands of the first parameter. */
function demandsAt(p: FunctionView, call: NodeId): Predicate[] {
  const { paths } = p.environment;
  const { models, shift } = p.callAt(call);
  const found: Predicate[] = [];
  for (const { guards, flows } of models) {
    for (const { at, schema: place } of [...guards, ...flows.map(({ from, schema }) => ({ at: from, schema }))]) {
      if (place === undefined || place === 'callee' || at.path.length > 0 || place.path.length > 0) continue;
      const tested = operandAt(p, call, at, shift);
      const schema = operandAt(p, call, place, shift);
      if (tested === NONE || schema === NONE) continue;
      const read = readOfFirst(p, tested);
      if (read === undefined) continue;
      const parameter = givenParameter(p, schema);
      if (parameter !== NONE) {
        found.push({ parameter, outcome: Outcome.DemandedOf, removes: 0, yardstick: { at: read, below: EMPTY } });
        continue;
      }
      const known = p.schemaAt(schema);
      for (const part of known === undefined ? [] : partsOf(p, known))
        if (part.removes !== 0) found.push(demanded(read, part.below, part.removes));
    }
    if (found.length > 0) break;
  }
  return found.filter(({ yardstick }) => yardstick !== undefined && !paths.isTooDeep(yardstick.at));
}

const demanded = (at: PathId, below: PathId, removes: KindSet): Predicate => ({
  parameter: 0,
  outcome: Outcome.Demanded,
  removes,
  yardstick: { at, below },
});

/** What a function that is returned demands, told of the result. */
function demandsReturned(p: FunctionView, start: NodeId): Predicate[] {
  const { graph } = p.body;
  const { paths } = p.environment;
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    const op: Op = graph.op[node];
    if (op === Op.Closure) {
      const inner = graph.aux[node];
      const told = p.environment.answer(p.body.functionIds(inner), YARDSTICKS_ROOT).predicates;
      return told.flatMap((predicate) => {
        const { outcome, yardstick } = predicate;
        const isDemand = outcome === Outcome.Demanded || outcome === Outcome.DemandedOf;
        if (!isDemand || yardstick === undefined) return [];
        if (yardstick.at !== EMPTY && paths.head(yardstick.at) === C_RESULT) return [];
        return [{ ...predicate, yardstick: { ...yardstick, at: paths.cons(C_RESULT, yardstick.at) } }];
      });
    }
    if (op !== Op.Typed && op !== Op.Guard) return [];
    node = p.operand(node, 0);
  }
  return [];
}

/** What is read of the first parameter at a node, or an object of its properties under their own names; undefined for anything else. */
function readOfFirst(p: FunctionView, start: NodeId, mayBeObject = true): PathId | undefined {
  const { graph } = p.body;
  const { paths } = p.environment;
  let path = EMPTY;
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Typed:
      case Op.Guard:
        node = p.operand(node, 0);
        break;
      case Op.Load:
        path = paths.cons(p.property(graph.aux[node]), path);
        node = p.operand(node, 0);
        break;
      case Op.LoadElement: {
        const parameter = givenParameter(p, p.operand(node, 1));
        if (parameter === NONE) return undefined;
        path = paths.cons(paths.component(`${NAMED_BY}${String(parameter)}`), path);
        node = p.operand(node, 0);
        break;
      }
      case Op.Store: {
        const component: ComponentId = p.property(graph.aux[node]);
        if (path === EMPTY) return mayBeObject && isOfOwnNames(p, node) ? EMPTY : undefined;
        if (paths.head(path) === component) return undefined;
        node = p.operand(node, 0);
        break;
      }
      case Op.Param:
        return graph.aux[node] === 0 && path !== EMPTY ? path : undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** `{ body: req.body, query: req.query }` */
function isOfOwnNames(p: FunctionView, version: NodeId): boolean {
  const { graph } = p.body;
  const { paths } = p.environment;
  let node = version;
  for (let step = 0; step < LOOK_BACK && graph.op[node] === Op.Store; step++) {
    const read = readOfFirst(p, p.operand(node, 1), false);
    if (read === undefined || read === EMPTY || paths.tail(read) !== EMPTY) return false;
    if (paths.head(read) !== p.property(graph.aux[node])) return false;
    node = p.operand(node, 0);
  }
  return graph.op[node] === Op.ObjectLiteral;
}

/** Position of the parameter of the function around this one that a node is; NONE for anything else. */
function givenParameter(p: FunctionView, start: NodeId): number {
  const { graph } = p.body;
  let node = start;
  while (node !== NONE && (graph.op[node] === Op.Typed || graph.op[node] === Op.Guard)) node = p.operand(node, 0);
  if (node === NONE || graph.op[node] !== Op.Captured) return NONE;
  const { owner, cell } = graph.captures[graph.aux[node]];
  if (owner !== graph.parent) return NONE;
  const outer = p.viewAround(owner);
  const held = outer.index.cellNodes.at(cell) ?? NONE;
  if (held === NONE || outer.operandCount(held) !== 1) return NONE;
  let value = outer.operand(held, 0);
  while (outer.body.graph.op[value] === Op.Typed) value = outer.operand(value, 0);
  return outer.body.graph.op[value] === Op.Param ? outer.body.graph.aux[value] : NONE;
}
