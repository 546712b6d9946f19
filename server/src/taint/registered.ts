/**
 * What is known of a handler's input because of how the handler was handed to a library: `post('/items', checks(schema), (req, res) => …)`,
 * `procedure.input(schema).query(({ input }) => …)`. Models say which calls check what (`checks`). The handler has to stand in the call, by itself or in
 * an object or list; what is read for that is the code and the links of the function around it.
 */
import { FunctionFlag, NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionLinks } from '../model/links';
import { ELEMENT, RESULT, argumentComponent, type ModelCheck } from '../model/summary';
import { C_ELEMENT, type ComponentId } from './accessPaths';
import { ConstantReader, cellNode } from './constants';
import { operandAt } from './conventions';
import { demandedBy } from './demands';
import type { FunctionView } from './functionView';
import { jsonSchemaIn } from './jsonSchema';
import { ANY, both, type Schema } from './schema';

/** Reads, versions and names that are followed back. */
const LOOK_BACK = 40;
/** Literals that a function may be within. */
const MAX_LITERALS = 60;
const POSITION = /^\d+$/;

export interface Registered {
  readonly schema: Schema;
  /** Fields that the schema does not name come through as they are. */
  readonly isLoose: boolean;
}

/** True when the analysis of a function may read how it, or one around it, was handed over: then code and links of those around it count too. */
export function readsRegistration(graph: FunctionGraph, links: FunctionLinks): boolean {
  if ((graph.flags & FunctionFlag.Module) !== 0) return false;
  for (const node of links.apis.keys()) {
    const op: Op = graph.op[node];
    if (op === Op.Param || op === Op.Captured) return true;
  }
  return false;
}

/** What a value that comes in at a node conforms to; undefined when nothing is known. */
export function registeredAt(p: FunctionView, node: NodeId): Registered | undefined {
  const read = readFrom(p, node);
  if (read === undefined) return undefined;
  const { graph, root, names } = read;
  if (graph.op[root] === Op.Call) return graph === p.body.graph ? resultOf(p, root, names) : undefined;
  const parameter = graph.aux[root];
  if (parameter < 0 || graph.parent === NONE) return undefined;
  const outer = p.viewAround(graph.parent);
  const closure = closureOf(outer, graph);
  const given = closure === NONE ? undefined : givenTo(outer, closure);
  if (given === undefined) return undefined;
  const { call, argument, below } = given;
  return checkedBy(
    outer,
    call,
    (check) => {
      const { at } = check;
      if (at.root !== 'argument' || argument < at.from || argument > at.to) return undefined;
      return restBehind(at.path, [...below, argumentComponent(parameter), ...names]);
    },
    argument,
  );
}

/** The result of a call, or something that is read of it. */
function resultOf(p: FunctionView, call: NodeId, names: readonly string[]): Registered | undefined {
  return checkedBy(p, call, ({ at }) => (at.root === 'return' ? restBehind(at.path, names) : undefined), NONE);
}

function checkedBy(
  p: FunctionView,
  call: NodeId,
  restOf: (check: ModelCheck) => readonly string[] | undefined,
  handler: number,
): Registered | undefined {
  const { models, shift } = p.callAt(call);
  let found: Registered | undefined;
  for (const { checks } of models) {
    for (const check of checks ?? []) {
      const rest = restOf(check);
      if (rest === undefined) continue;
      const schema = fieldAt(p, demandedAt(p, call, check, shift, handler), rest);
      if (schema === undefined) continue;
      found = {
        schema: both(found?.schema ?? ANY, schema),
        isLoose: check.isLoose && (found?.isLoose ?? true),
      };
    }
  }
  return found;
}

interface Read {
  readonly graph: FunctionGraph;
  /** A parameter of the graph's function, or a call. */
  readonly root: NodeId;
  /** What was read of it, the outermost first. */
  readonly names: readonly string[];
}

/** Follows a read back to the parameter, or the call, that it starts from. */
function readFrom(p: FunctionView, start: NodeId): Read | undefined {
  const { body } = p;
  let { graph } = body;
  let node = start;
  const names: string[] = [];
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    const at = graph.operandStart[node];
    switch (graph.op[node] as Op) {
      case Op.Load:
        names.unshift(body.strings[graph.aux[node]]);
        node = graph.operands[at];
        break;
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
        node = graph.operands[at];
        break;
      case Op.Store:
        // What was written since came from nobody else.
        if (body.strings[graph.aux[node]] === names.at(0)) return undefined;
        node = graph.operands[at];
        break;
      case Op.Phi:
      case Op.Cell:
        if (graph.operandStart[node + 1] - at !== 1) return undefined;
        node = graph.operands[at];
        break;
      case Op.Captured: {
        const { owner, cell } = graph.captures[graph.aux[node]];
        graph = body.graphOf(owner);
        node = cellNode(graph, cell);
        break;
      }
      case Op.Call: {
        // What a method gives is read of the object: `c.req.valid('json')`.
        const callee = graph.operands[at];
        if (callee === NONE || graph.op[callee] !== Op.Load || step > 0) return { graph, root: node, names };
        const own = p.callAt(node).models.some(({ checks }) => checks?.some(({ at: { root } }) => root === 'return'));
        if (own) return { graph, root: node, names };
        names.unshift(RESULT);
        node = callee;
        break;
      }
      case Op.Param:
        return { graph, root: node, names };
      default:
        return undefined;
    }
  }
  return undefined;
}

function closureOf(outer: FunctionView, inner: FunctionGraph): NodeId {
  const { graph } = outer.body;
  for (let node = 0; node < graph.op.length; node++)
    if (graph.op[node] === Op.Closure && outer.body.graphOf(graph.aux[node]).key === inner.key) return node;
  return NONE;
}

interface Given {
  readonly call: NodeId;
  readonly argument: number;
  /** Names that lead from the argument to the function. */
  readonly below: readonly string[];
}

/** The one call that a function is handed to, alone or within literals; undefined when it is used otherwise, too. */
function givenTo(outer: FunctionView, closure: NodeId): Given | undefined {
  const { body, index } = outer;
  const { graph } = body;
  const below: string[] = [];
  let node = closure;
  for (let step = 0; step < MAX_LITERALS; step++) {
    const [from, to] = [index.useStart[node], index.useStart[node + 1]];
    if (to - from !== 2) return undefined;
    const [user, operand] = [index.uses[from], index.uses[from + 1]];
    switch (graph.op[user] as Op) {
      case Op.Call:
        return operand < 2 ? undefined : { call: user, argument: operand - 2, below };
      case Op.Store:
        if (operand === 1) below.unshift(body.strings[graph.aux[user]]);
        break;
      case Op.Guard:
      case Op.Typed:
        if (operand !== 0) return undefined;
        break;
      default:
        return undefined;
    }
    node = user;
  }
  return undefined;
}

/** What is left of a path behind a prefix; undefined when it does not begin so. */
function restBehind(prefix: readonly string[], path: readonly string[]): readonly string[] | undefined {
  if (prefix.length > path.length) return undefined;
  const fits = prefix.every((name, i) => name === path[i] || (name === ELEMENT && POSITION.test(path[i])));
  return fits ? path.slice(prefix.length) : undefined;
}

/** What the schema of a check demands, or all schemas among several arguments. */
function demandedAt(
  p: FunctionView,
  call: NodeId,
  { schema: place, isMerged }: ModelCheck,
  shift: number,
  handler: number,
): Schema | undefined {
  if (place.root === 'return') return place.path.length === 0 ? p.schemaAt(call) : undefined;
  if (isMerged) return merged(p, operandAt(p, call, place, shift));
  if (place.root === 'receiver') return schemaBelow(p, operandAt(p, call, place, shift), place.path);
  let all: Schema | undefined;
  const last = Math.min(place.to, p.operandCount(call) - 3 - shift);
  for (let argument = place.from; argument <= last; argument++) {
    if (argument === handler && place.to !== place.from) continue;
    const one = schemaBelow(p, p.operand(call, argument + 2 + shift), place.path);
    if (one !== undefined) all = both(all ?? ANY, one);
  }
  return all;
}

/** Of a request that was checked before: the fields of all its parts. */
function merged(p: FunctionView, request: NodeId): Schema | undefined {
  const known = request === NONE ? undefined : registeredAt(p, request)?.schema;
  if (known === undefined) return undefined;
  return [...known.fields.values()].reduce(both, ANY);
}

/** The schema at a path below a node: a validator's, or one written in the JSON Schema language. */
function schemaBelow(p: FunctionView, node: NodeId, path: readonly string[]): Schema | undefined {
  if (node === NONE) return undefined;
  const { graph } = p.body;
  const reader = new ConstantReader(p.body);
  if (path.length === 0) {
    // A list of checks: all of them are made.
    const list = graph.op[node] === Op.Store ? reader.elements({ graph, node }) : undefined;
    if (list === undefined) return p.schemaAt(node) ?? demandedBy(p, node);
    let all: Schema | undefined;
    for (const place of list) {
      const one = place.graph === graph ? (p.schemaAt(place.node) ?? demandedBy(p, place.node)) : undefined;
      if (one !== undefined) all = both(all ?? ANY, one);
    }
    return all;
  }
  let place = { graph, node };
  for (const name of path) {
    const next = reader.properties(place)?.get(name);
    if (next === undefined) return undefined;
    place = next;
  }
  return (place.graph === graph ? p.schemaAt(place.node) : undefined) ?? jsonSchemaIn(p, place);
}

/** The schema of a field; undefined when nothing is said of it. */
function fieldAt(p: FunctionView, schema: Schema | undefined, names: readonly string[]): Schema | undefined {
  const { paths } = p.environment;
  let at = schema;
  for (const name of names) {
    const component: ComponentId = paths.property(name);
    at = at?.fields.get(component) ?? (POSITION.test(name) ? at?.fields.get(C_ELEMENT) : undefined);
  }
  return at;
}
