/**
 * Calls that give a class its methods, by their form: `helper(Class, [{ key: 'run', value: function () {} }], [statics])`. Compilers
 * write classes for old engines like this. The helper itself works with computed names, so nothing would follow from its code.
 */
import { NONE, Op } from '../../model/graph';

/** The graph of the file, and where the nodes of the current function begin. */
export interface GraphView {
  readonly op: Uint8Array;
  readonly aux: Int32Array;
  readonly operandStart: Int32Array;
  readonly operands: Int32Array;
  readonly graphStrings: readonly string[];
  readonly nodeFrom: number;
}

/** More writes than this to one literal are not followed. */
const MAX_WRITES = 2_000;

/** Calls `found` with the name (a string of the graph) and the node of each method in a list of descriptors. False for anything else. */
export function methodsIn(view: GraphView, list: number, found: (name: number, method: number) => void): boolean {
  const { op, aux, graphStrings, nodeFrom } = view;
  let isList = false;
  const isArray = eachWrite(view, list, Op.ArrayLiteral, (position, descriptor) => {
    if (!/^\d+$/.test(graphStrings[position])) return;
    let name = NONE;
    let method = NONE;
    eachWrite(view, descriptor, Op.ObjectLiteral, (property, value) => {
      const kind: Op = op[nodeFrom + value];
      if (graphStrings[property] === 'key' && kind === Op.StringConst) name = aux[nodeFrom + value];
      else if (graphStrings[property] === 'value' && kind === Op.Closure) method = value;
    });
    if (name === NONE || method === NONE) return;
    isList = true;
    found(name, method);
  });
  return isArray && isList;
}

/** The properties written to a literal, last one first. False when it is no literal of that kind. */
export function eachWrite(
  { op, aux, operandStart, operands, nodeFrom }: GraphView,
  node: number,
  literal: Op,
  visit: (name: number, value: number) => void,
): boolean {
  let at = node;
  for (let step = 0; step < MAX_WRITES && at !== NONE; step++) {
    const kind: Op = op[nodeFrom + at];
    if (kind === literal) return true;
    if (kind !== Op.Store) return false;
    const from = operandStart[nodeFrom + at];
    if (operands[from + 1] !== NONE) visit(aux[nodeFrom + at], operands[from + 1]);
    at = operands[from];
  }
  return false;
}
