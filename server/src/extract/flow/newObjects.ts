/**
 * Calls that make an empty object or array, by their form: `Object.create(null)`, `new Object()`, `new Array()`, `new Map()`. What is
 * written to it later is kept as for a literal; so is what a map or set is made with.
 */
import { NONE, Op } from '../../model/graph';
import { ObjectFlag } from '../../model/skeleton';
import { eachWrite, type GraphView } from './classHelpers';

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
      const name = textOf(callee);
      if (count === 1 && kind === Op.New && KEYED.has(name)) {
        const made = operands[from + 2];
        const isList = made !== NONE && (op[nodeFrom + made] === Op.Store || op[nodeFrom + made] === Op.ArrayLiteral);
        return isList ? ObjectFlag.Keyed : undefined;
      }
      if (count !== 0) return undefined;
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

/** The object whose entries a call lists: `Object.entries(table)`; NONE for other calls. */
export function listsEntriesOf(view: GraphView, node: number): number {
  const { op, aux, operandStart, operands, graphStrings, nodeFrom } = view;
  const at = nodeFrom + node;
  const from = operandStart[at];
  const callee = operands[from];
  if (op[at] !== Op.Call || operandStart[at + 1] - from !== 3 || callee === NONE || op[nodeFrom + callee] !== Op.Load)
    return NONE;
  const base = operands[operandStart[nodeFrom + callee]];
  const isEntries =
    graphStrings[aux[nodeFrom + callee]] === 'entries' &&
    base !== NONE &&
    op[nodeFrom + base] === Op.Global &&
    graphStrings[aux[nodeFrom + base]] === 'Object';
  return isEntries ? operands[from + 2] : NONE;
}

/** Calls `found` with the node of each value that a map or set is made with: `new Map([['mail', isMail]])`, `new Set([isMail])`. */
export function madeWith(view: GraphView, node: number, found: (value: number) => void): void {
  const { op, aux, operandStart, operands, graphStrings, nodeFrom } = view;
  const from = operandStart[nodeFrom + node];
  if (operandStart[nodeFrom + node + 1] - from !== 3) return;
  const callee = operands[from];
  const list = operands[from + 2];
  if (callee === NONE || list === NONE || op[nodeFrom + callee] !== Op.Global) return;
  const isSet = graphStrings[aux[nodeFrom + callee]] === 'Set';
  eachWrite(view, list, Op.ArrayLiteral, (position, value) => {
    if (!/^\d+$/.test(graphStrings[position])) return;
    if (isSet) found(value);
    else
      eachWrite(view, value, Op.ArrayLiteral, (at, member) => {
        if (graphStrings[at] === '1') found(member);
      });
  });
}
