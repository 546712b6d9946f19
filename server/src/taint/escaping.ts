/** Which functions outlive the call that made them: they are given back, or put on an object that was there before. */
import { NONE, Op, RECEIVER, type FunctionGraph, type NodeId } from '../model/graph';

/** True when a function that `owner` makes, by its index in the file, may run after `owner` has ended, as far as that itself shows. */
export function outlives(
  { op, aux, operands, operandStart }: FunctionGraph,
  isMade: (closure: number) => boolean,
): boolean {
  // Nodes whose value is the function, or an object that has it, in program order.
  const holding = new Set<NodeId>();
  for (let node = 0; node < op.length; node++) {
    const from = operandStart[node];
    switch (op[node] as Op) {
      case Op.Closure:
        if (isMade(aux[node])) holding.add(node);
        break;
      case Op.Guard:
      case Op.Typed:
        if (holding.has(operands[from])) holding.add(node);
        break;
      case Op.Phi:
        for (let i = from; i < operandStart[node + 1]; i++) if (holding.has(operands[i])) holding.add(node);
        break;
      case Op.Store:
      case Op.StoreElement: {
        const value = operands[from + (op[node] === Op.Store ? 1 : 2)];
        if (holding.has(value) && isThereBefore(operands[from])) return true;
        if (holding.has(value) || holding.has(operands[from])) holding.add(node);
        break;
      }
      case Op.Return:
        if (holding.has(operands[from])) return true;
        break;
      default:
        break;
    }
  }
  return false;

  /** An object that the function was handed, or found. */
  function isThereBefore(object: NodeId): boolean {
    let base = object;
    while (base !== NONE) {
      switch (op[base] as Op) {
        case Op.Store:
        case Op.StoreElement:
        case Op.Guard:
        case Op.Typed:
        case Op.Load:
        case Op.LoadElement:
          base = operands[operandStart[base]];
          break;
        case Op.Param:
          return aux[base] >= 0 || aux[base] === RECEIVER;
        case Op.Captured:
        case Op.Global:
        case Op.Import:
          return true;
        default:
          return false;
      }
    }
    return false;
  }
}
