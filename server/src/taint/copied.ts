/**
 * Calls that copy properties, where an object literal among the arguments decides one of them: of
 * `Object.assign({}, options, { shell: false })` the property `shell` is what the literal says, whatever the options have there.
 */
import { NONE, Op, type NodeId, type StringId } from '../model/graph';
import type { CallModel } from '../model/summary';
import type { FunctionView } from './functionView';

/** Properties of one literal that are looked through. */
const MAX_PROPERTIES = 200;
/** First argument of a call among its operands. */
const FIRST_ARGUMENT = 2;

/** What is known of a property of an argument; `Open` when the argument is no literal, or has more properties than are known. */
const enum Has {
  No,
  Yes,
  Open,
}

/** Whether a property of the result of a call is what an object literal among its arguments says, and nothing of the other arguments. */
export function isDecidedByLiteral(p: FunctionView, call: NodeId, name: StringId): boolean {
  return everyCopy(p, call, (copies, first) => {
    const end = p.operandCount(call);
    const step = copies.isFirst ? 1 : -1;
    for (let at = copies.isFirst ? first : end - 1; at >= first && at < end; at += step) {
      const has = propertyOf(p, p.operand(call, at), name, copies.isDeep);
      if (has !== Has.No) return has === Has.Yes;
    }
    return false;
  });
}

/** Whether a property that an argument brings is covered by that of an object literal among the others. */
export function isCovered(p: FunctionView, call: NodeId, operand: number, property: string): boolean {
  const name: StringId = p.body.strings.indexOf(property);
  if (name < 0) return false;
  return everyCopy(p, call, (copies, first) => {
    const [from, to] = copies.isFirst ? [first, operand] : [operand + 1, p.operandCount(call)];
    for (let at = from; at < to; at++)
      if (propertyOf(p, p.operand(call, at), name, copies.isDeep) === Has.Yes) return true;
    return false;
  });
}

function everyCopy(
  p: FunctionView,
  call: NodeId,
  test: (copies: NonNullable<CallModel['copies']>, firstArgument: number) => boolean,
): boolean {
  const { models, shift, sites } = p.callAt(call);
  if (models.length === 0 || sites.length > 0) return false;
  return models.every(({ copies }) => copies !== undefined && test(copies, FIRST_ARGUMENT + shift));
}

/** Whether a value is an object literal with a property, as far as it is written where the literal stands. */
function propertyOf(p: FunctionView, value: NodeId, name: StringId, isDeep: boolean): Has {
  const { op, aux } = p.body.graph;
  let node = value;
  let isOpen = false;
  for (let step = 0; step < MAX_PROPERTIES && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.Store:
        // With merging, what is no object takes the place of what was there.
        if (aux[node] === name) return isDeep && !isPlain(op[p.operand(node, 1)]) ? Has.Open : Has.Yes;
        break;
      case Op.Copy:
      case Op.StoreElement:
        isOpen = true;
        break;
      case Op.ObjectLiteral:
        return isOpen ? Has.Open : Has.No;
      default:
        return Has.Open;
    }
    node = p.operand(node, 0);
  }
  return Has.Open;
}

/** Operations whose value is certainly no object that would be merged. */
function isPlain(op: Op): boolean {
  return op === Op.StringConst || op === Op.Const || op === Op.Concat;
}
