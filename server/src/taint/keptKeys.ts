/**
 * Keys that are kept: `this.path.split('.')`, and names in a variable of a function around. Whether someone may choose such a key the function itself can't tell,
 * but where what the object was read by came from the same field or variable, the key that is written came with it.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import { EMPTY } from './accessPaths';
import type { OriginId, OriginTable } from './facts';
import type { FunctionView } from './functionView';
import { RECEIVER_ROOT, RootKind, kindOf, type Root } from './references';

/** Nodes that one question looks through. */
const MAX_STEPS = 100;
/** What gives an object, of which more is known or in which something was written since. */
const isVersion = new Uint8Array(64);
for (const op of [Op.Store, Op.StoreElement, Op.Copy, Op.Guard, Op.Typed]) isVersion[op] = 1;

/** True when a key is (made of) what lies in the same field of `this`, or in the same captured variable, as the origin does. */
export function isKeptWith(p: FunctionView, key: NodeId, origins: OriginTable, origin: OriginId): boolean {
  const root = origins.rootOf(origin);
  const path = origins.pathOf(origin);
  const isCell = kindOf(root) === RootKind.Cell;
  if (!isCell && (root !== RECEIVER_ROOT || path === EMPTY)) return false;
  const { graph } = p.body;
  const field = path === EMPTY ? undefined : p.environment.paths.head(path);
  const seen = new Set<NodeId>();
  const stack = [key];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === NONE || seen.has(node)) continue;
    if (seen.size > MAX_STEPS) return false;
    seen.add(node);
    const isLoad = graph.op[node] === Op.Load;
    if (field === undefined ? isRoot(p, node, root) : isLoad && isFieldOf(p, node, field, root)) return true;
    // What was written into an object that the key is read of is no part of it.
    const count = isVersion[graph.op[node]] === 1 ? 1 : p.operandCount(node);
    for (let i = 0; i < count; i++) stack.push(p.operand(node, i));
  }
  return false;
}

function isFieldOf(p: FunctionView, load: NodeId, field: number, root: Root): boolean {
  const { graph } = p.body;
  if (p.property(graph.aux[load]) !== field) return false;
  let node = p.operand(load, 0);
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.StoreElement:
      case Op.Copy:
        node = p.operand(node, 0);
        break;
      case Op.Store:
        // What was written there here is looked at by itself.
        if (p.property(graph.aux[node]) === field) return false;
        node = p.operand(node, 0);
        break;
      // Around a loop: what it was before.
      case Op.Phi:
        if (p.operand(node, 0) >= node) return false;
        node = p.operand(node, 0);
        break;
      default:
        return isRoot(p, node, root);
    }
  }
  return false;
}

function isRoot(p: FunctionView, node: NodeId, root: Root): boolean {
  const { graph } = p.body;
  if (graph.op[node] === Op.Param) return root === RECEIVER_ROOT && graph.aux[node] === RECEIVER;
  if (graph.op[node] !== Op.Captured || kindOf(root) !== RootKind.Cell) return false;
  const { owner, cell } = graph.captures[graph.aux[node]];
  return p.environment.references.cell(p.body.functionIds(owner), cell) === root;
}
