/** Where following a question starts: the facts that hold of a root before anything has flowed. */
import { CallFlag, NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { ApiState } from '../model/ids';
import { EMPTY } from './accessPaths';
import type { CallTransfer } from './callTransfer';
import type { OriginId } from './facts';
import type { FunctionView } from './functionView';
import { seedFieldListeners, seedListeners } from './listeners';
import type { Propagation } from './propagation';
import { VALUES_ROOT } from './questions';
import {
  EXPORTS_CELL,
  REST,
  RootKind,
  kindOf,
  maskOf,
  parameterIndex,
  sourceKindsOf,
  type Mask,
  type Root,
} from './references';
import { registeredAt } from './registered';
import { ANY, both, throughSchema, type Schema } from './schema';
import { Mode } from './summaryTable';

export function seed(p: Propagation, calls: CallTransfer, root: Root): void {
  switch (kindOf(root)) {
    case RootKind.Parameter:
      seedParameter(p, root);
      return;
    case RootKind.Cell:
      seedCell(p, calls, root);
      return;
    case RootKind.Sources:
      seedSources(p, calls, root);
      return;
    case RootKind.Facet:
      if (root === VALUES_ROOT) seedValues(p, root);
      return;
    case RootKind.Return:
    case RootKind.Throw:
    case RootKind.Source:
    case RootKind.Sink:
    case RootKind.Store:
    case RootKind.Retrieved:
      return;
  }
}

/** Every value of the function; what is read of one is a value itself. */
function seedValues(p: Propagation, root: Root): void {
  const origin = p.origins.intern(root, EMPTY, Mode.Derived);
  const mask = maskOf(p.environment.models.allKinds, 3);
  for (let node = 0; node < p.body.graph.op.length; node++) p.addFact(node, origin, EMPTY, mask);
}

/** The root's value is that of a node. */
function start(p: Propagation, node: NodeId, root: Root): void {
  p.addFact(node, p.origins.intern(root, EMPTY, Mode.Identity), EMPTY, maskOf(p.environment.models.allKinds, 3));
}

function seedParameter(p: Propagation, root: Root): void {
  const { op, aux } = p.body.graph;
  const index = parameterIndex(root);
  const [kind, position] = index >= REST ? [Op.RestParam, index - REST] : [Op.Param, index];
  for (let node = 0; node < op.length; node++) if (op[node] === kind && aux[node] === position) start(p, node, root);
  if (position === RECEIVER) seedFieldListeners(p, root);
}

function seedCell(p: Propagation, calls: CallTransfer, root: Root): void {
  const { graph } = p.body;
  const { owner, cell } = p.environment.references.cellOf(root);
  if (owner === p.body.id && cell !== EXPORTS_CELL) {
    // Somebody else wrote the function's own variable.
    const node = cell < p.index.cellNodes.length ? p.index.cellNodes[cell] : NONE;
    if (node === NONE) return;
    start(p, node, root);
    for (let i = 0; i < p.operandCount(node); i++) seedListeners(p, p.operand(node, i), root, EMPTY);
    return;
  }
  for (let node = 0; node < graph.op.length; node++) {
    switch (graph.op[node] as Op) {
      case Op.Captured: {
        const capture = graph.captures[graph.aux[node]];
        if (capture.cell === cell && p.body.functionIds(capture.owner) === owner) start(p, node, root);
        break;
      }
      case Op.Import:
        // What other files write into the exports of a module is seen by all who import it.
        if (cell === EXPORTS_CELL)
          for (const target of p.targets(node))
            if (target.kind === 'function' && target.function === owner) start(p, node, root);
        break;
      default:
        break;
    }
  }
  calls.seedFromCallees(root);
}

function seedSources(p: Propagation, calls: CallTransfer, root: Root): void {
  const kinds = sourceKindsOf(root);
  for (const [node, states] of p.links.apis) for (const state of states) seedApi(p, node, state, kinds);
  // A property of an object that linking knows: a person sees the source enter where it is read.
  for (const node of p.apiLoads()) for (const state of p.apisOf(node)) seedApi(p, node, state, kinds);
  calls.seedModels(kinds);
  calls.seedFromCallees(root);
}

/** Nodes that stand for a value which other nodes made. */
const isHandedOn = new Uint8Array(64);
for (const op of [Op.Param, Op.RestParam, Op.Captured, Op.Cell, Op.Phi, Op.Guard, Op.Typed]) isHandedOn[op] = 1;

/** In a label: the property that is read where the source is. */
const READ = '{read}';

/** Name of the property that a node reads; `*` where nobody knows it. */
function readName({ body }: FunctionView, node: NodeId): string {
  const { op, aux } = body.graph;
  return op[node] === Op.Load ? body.strings[aux[node]] : '*';
}

function seedApi(p: Propagation, node: NodeId, state: ApiState, kinds: number): void {
  const { models, references } = p.environment;
  const { graph } = p.body;
  // What a test of the same property let through: the value enters here, behind the test.
  const removed = graph.op[node] === Op.Load && graph.guards.length > 0 ? p.kindsGuardedOver(node) : 0;
  for (const source of models.valueSources(state)) {
    if (source.kinds !== kinds || source.path.length > 0) continue;
    // Linking knows of a parameter only that somebody hands over such a value; who does is told by following it from where it was read.
    if (source.isRead && isHandedOn[graph.op[node]] === 1) continue;
    // What a function of the workspace returns comes with its path, and from where it was read.
    if (p.targets(node).some(({ kind }) => kind === 'function')) continue;
    const left = models.allKinds & ~(source.removes ?? 0) & ~removed;
    if (left === 0) continue;
    const label = source.label.includes(READ) ? source.label.replace(READ, readName(p, node)) : source.label;
    const root = references.source({ function: p.body.id, node, kinds, label });
    const schema = enteringSchema(p, node);
    seedThrough(p, schema, node, p.origins.intern(root, EMPTY, Mode.Identity), maskOf(left, 3));
  }
}

/** What comes in at a node, as far as a schema lets it through. */
export function seedThrough(
  p: Propagation,
  schema: Schema | undefined,
  node: NodeId,
  origin: OriginId,
  mask: Mask,
): void {
  if (schema === undefined) {
    p.addFact(node, origin, EMPTY, mask);
    return;
  }
  throughSchema(
    p,
    schema,
    origin,
    EMPTY,
    (from, component) => p.origins.extend(from, component, p.environment.paths),
    (from, path, removes) => {
      p.addFact(node, from, path, mask & ~removes);
    },
  );
}

/** The schema of what comes in at a node: who injects it, or hands the function over that reads it, checks it. */
export function enteringSchema(p: Propagation, node: NodeId): Schema | undefined {
  const injected = injectedSchema(p, node);
  const registered = registeredAt(p, node);
  if (registered === undefined) return injected;
  if (!registered.isLoose) return both(injected ?? ANY, registered.schema);
  p.checkLoosely(node, registered.schema);
  return injected;
}

/** A decorated parameter that is declared to be of a class whose fields are checked: who injects it checks them. */
function injectedSchema(p: FunctionView, node: NodeId): Schema | undefined {
  const { graph } = p.body;
  if (graph.op[node] !== Op.Call || (graph.aux[node] & CallFlag.Decorator) === 0) return undefined;
  const parameter = p.operandCount(node) > 2 ? p.operand(node, 2) : NONE;
  return parameter !== NONE && graph.op[parameter] === Op.Typed ? p.schemaAt(p.operand(parameter, 1)) : undefined;
}
