/**
 * Who gave a value. What somebody puts below a folder that came by the same way, `join(options.folder, options.file)`, is still
 * a whole that they chose; what is put below a folder of somebody else is meant to stay there.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { FunctionView } from './functionView';
import { REST, RootKind, kindOf, parameterIndex, type Root } from './references';

/** Nodes looked through, one behind the other. */
const MAX_DEPTH = 8;

/** True when the value of a node came, or may have come, by the parameter or captured variable that is asked about. */
export function cameBy(p: FunctionView, node: NodeId, root: Root, depth = 0): boolean {
  const kind = kindOf(root);
  if (kind !== RootKind.Parameter && kind !== RootKind.Cell) return false;
  if (node === NONE || depth >= MAX_DEPTH) return false;
  const { graph } = p.body;
  const { references } = p.environment;
  switch (graph.op[node] as Op) {
    case Op.Param:
      // What lies in the fields of an object was put there by anybody.
      return (
        kind === RootKind.Parameter && parameterIndex(root) !== RECEIVER && parameterIndex(root) === graph.aux[node]
      );
    case Op.RestParam:
      return kind === RootKind.Parameter && parameterIndex(root) === graph.aux[node] + REST;
    case Op.Captured: {
      const { owner, cell } = graph.captures[graph.aux[node]];
      return kind === RootKind.Cell && references.cell(p.body.functionIds(owner), cell) === root;
    }
    case Op.Guard:
    case Op.Typed:
    case Op.Load:
    case Op.Concat:
      return cameBy(p, p.operand(node, 0), root, depth + 1);
    case Op.Phi:
    case Op.Cell:
      for (let i = 0; i < p.operandCount(node); i++) if (cameBy(p, p.operand(node, i), root, depth + 2)) return true;
      return false;
    case Op.Call:
      if (p.modelsOf(node).length === 0) return false;
      for (let i = 2; i < p.operandCount(node); i++) if (cameBy(p, p.operand(node, i), root, depth + 2)) return true;
      return false;
    default:
      return false;
  }
}
