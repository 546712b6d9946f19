/**
 * Calls that make an empty object or array, by their form: `Object.create(null)`, `new Object()`, `new Array()`, `new Map()`. What is
 * written to it later is kept as for a literal.
 */
import { NONE, Op } from '../../model/graph';
import { ObjectFlag } from '../../model/skeleton';
import type { GraphView } from './classHelpers';

const NO_FLAGS = 0;

/** Globals whose instances keep what their methods are given. */
const KEYED: ReadonlySet<string> = new Set(['Map', 'WeakMap', 'Set']);

/** Flags of the object; undefined when the call makes none that is known to be empty. */
export function newObject(view: GraphView, node: number): number | undefined {
  const { op, aux, operandStart, operands, graphStrings, nodeFrom } = view;
  const at = nodeFrom + node;
  const kind: Op = op[at];
  const from = operandStart[at];
  const count = operandStart[at + 1] - from - 2;
  const callee = operands[from];
  if (callee === NONE) return undefined;
  const textOf = (n: number): string => graphStrings[aux[nodeFrom + n]];
  switch (op[nodeFrom + callee] as Op) {
    case Op.Global: {
      // With an argument an object is that argument. Arrays of a length are mostly copies of arguments, which functions of libraries hand on: what any
      // caller gives them would seem to go to every other.
      if (count !== 0) return undefined;
      const name = textOf(callee);
      if (name === 'Array') return ObjectFlag.Array;
      if (kind === Op.New && KEYED.has(name)) return ObjectFlag.Keyed;
      return name === 'Object' ? NO_FLAGS : undefined;
    }
    case Op.Load: {
      const base = operands[operandStart[nodeFrom + callee]];
      const argument = count === 1 ? operands[from + 2] : NONE;
      const isCreate =
        kind === Op.Call &&
        argument !== NONE &&
        base !== NONE &&
        textOf(callee) === 'create' &&
        op[nodeFrom + base] === Op.Global &&
        textOf(base) === 'Object' &&
        op[nodeFrom + argument] === Op.Const &&
        textOf(argument) === 'null';
      return isCreate ? NO_FLAGS : undefined;
    }
    default:
      return undefined;
  }
}
