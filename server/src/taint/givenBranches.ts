/**
 * Calls that leave an argument out, or give a constant, and with that decide which branches of the function run: a question about a parameter then holds, beside the
 * parameter, what the others are given, and its answer knows nothing of what does not run. Only what decides something makes a question of its own.
 */
import { CallFlag, NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import { Given, GIVEN_COUNT, givenByConstant, isLeftOut, type ParameterBranch } from '../model/parameterBranches';
import type { Convention } from '../model/links';
import type { FunctionView } from './functionView';

/** Parameters of a function that decide about branches; of further ones nothing is said. */
const MAX_DECIDING = 4;
const BITS = 3;
const MASK = (1 << BITS) - 1;

export const MAX_CONTEXT = (1 << (BITS * MAX_DECIDING)) - 1;

/** What the deciding parameters are given, three bits for each; 0 where nothing is known. */
export type Context = number;

/** The deciding parameters of a function, in the order in which a context tells of them. */
function decidingParameters(branches: readonly ParameterBranch[]): number[] {
  const found: number[] = [];
  for (const { parameter } of branches)
    if (found.length < MAX_DECIDING && !found.includes(parameter)) found.push(parameter);
  return found;
}

/** For callers: where in a context a parameter stands, and which values of it leave out a branch; 0 where it decides nothing. */
export function decisionsOf({ branches }: FunctionGraph, parameter: number): number {
  if (branches === undefined || branches.length === 0) return 0;
  const place = decidingParameters(branches).indexOf(parameter);
  if (place < 0) return 0;
  let values = 0;
  for (const branch of branches) {
    if (branch.parameter !== parameter) continue;
    for (let given: Given = 1; given < GIVEN_COUNT; given++) if (isLeftOut(branch, given)) values |= 1 << given;
  }
  return values === 0 ? 0 : (values << BITS) | (place + 1);
}

/** What a call says, by what `decisionsOf` told of one parameter. */
export function contextBy(decisions: number, given: Given): Context {
  if (decisions === 0 || ((decisions >> BITS) & (1 << given)) === 0) return 0;
  return given << (((decisions & MASK) - 1) * BITS);
}

/** What does something, or leads out of the function. Other nodes stand where they were first needed, and may be used elsewhere. */
function isDone(op: Op): boolean {
  switch (op) {
    case Op.Call:
    case Op.New:
    case Op.Store:
    case Op.StoreElement:
    case Op.CapturedWrite:
    case Op.Closure:
    case Op.Return:
    case Op.Throw:
    case Op.Yield:
      return true;
    default:
      return false;
  }
}

/** Which nodes run in a context; undefined where all do. */
export function runningIn({ branches, op }: FunctionGraph, context: Context): Uint8Array | undefined {
  if (context === 0 || branches === undefined) return undefined;
  const parameters = decidingParameters(branches);
  const runs = new Uint8Array(op.length).fill(1);
  for (const branch of branches) {
    const place = parameters.indexOf(branch.parameter);
    if (place < 0 || !isLeftOut(branch, (context >> (place * BITS)) & MASK)) continue;
    for (let node = branch.from; node < branch.to; node++) if (isDone(op[node])) runs[node] = 0;
  }
  return runs;
}

/** What a parameter of the running function is given, by its context. */
export function givenIn({ branches }: FunctionGraph, context: Context, parameter: number): Given {
  if (context === 0 || branches === undefined) return Given.Anything;
  const place = decidingParameters(branches).indexOf(parameter);
  return place < 0 ? Given.Anything : (context >> (place * BITS)) & MASK;
}

/** A call that is written as one: nothing else hands over arguments. */
export function isPlainCall({ body }: FunctionView, node: NodeId): boolean {
  const { op, aux } = body.graph;
  const others = CallFlag.Decorator | CallFlag.Jsx | CallFlag.TaggedTemplate;
  return (op[node] === Op.Call && (aux[node] & others) === 0) || op[node] === Op.New;
}

/** What a call gives a parameter, as far as that is constant. */
export function givenAt(
  p: FunctionView,
  call: NodeId,
  convention: Convention,
  parameter: number,
  context: Context,
): Given {
  if (convention !== 'direct' && convention !== 'construct' && convention !== 'call') return Given.Anything;
  const count = p.operandCount(call);
  const first = convention === 'call' ? 3 : 2;
  for (let i = first; i < count && i <= first + parameter; i++)
    if (p.operand(call, i) !== NONE && p.body.graph.op[p.operand(call, i)] === Op.Spread) return Given.Anything;
  return first + parameter >= count ? Given.Undefined : givenBy(p, p.operand(call, first + parameter), context);
}

function givenBy({ body }: FunctionView, value: NodeId, context: Context): Given {
  const { graph, strings } = body;
  const { op, aux } = graph;
  if (value === NONE) return Given.Anything;
  switch (op[value] as Op) {
    case Op.Const:
      return givenByConstant(strings[aux[value]]);
    case Op.StringConst:
      return strings[aux[value]] === '' ? Given.OtherFalsy : Given.OtherTruthy;
    case Op.ObjectLiteral:
    case Op.ArrayLiteral:
    case Op.Closure:
    case Op.Class:
    case Op.Regex:
      return Given.OtherTruthy;
    case Op.Param:
      return aux[value] < 0 ? Given.Anything : givenIn(graph, context, aux[value]);
    case Op.Unary: {
      // `!0`, `!1` and `void 0`, as they are minified.
      const operand = graph.operands[graph.operandStart[value]];
      const text = strings[aux[value]];
      if (text === 'void') return Given.Undefined;
      if (text !== '!' || operand === NONE || op[operand] !== Op.Const) return Given.Anything;
      const given = givenByConstant(strings[aux[operand]]);
      if (given === Given.Anything) return given;
      return given === Given.True || given === Given.OtherTruthy ? Given.False : Given.True;
    }
    default:
      return Given.Anything;
  }
}
