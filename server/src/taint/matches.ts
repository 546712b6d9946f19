/** What a regular expression matched of a text: its groups hold less than the text, and who reads them reads them one by one. */
import { NONE, Op, type NodeId } from '../model/graph';
import type { MatchedKinds } from '../model/summary';
import { patternText } from './constants';
import type { FunctionView } from './functionView';
import { isSameKey, sameValue } from './sameValues';

/** Other names for a result, and reads of it, looked at. */
const MAX_NODES = 60;

/** What a match of the regular expression at a node holds; undefined where nobody knows the expression. */
export function matchedAt(p: FunctionView, node: NodeId): MatchedKinds | undefined {
  const pattern = node === NONE ? undefined : patternText(p.body, node);
  return pattern === undefined ? undefined : p.environment.models.matched?.(pattern);
}

/**
 * Names of the properties that are read of a node's value, or of each of its elements; undefined when anything else is done with it, too.
 */
export function propertiesRead(p: FunctionView, start: NodeId, ofElements: boolean): readonly string[] | undefined {
  const { op, aux } = p.body.graph;
  const { useStart, uses } = p.index;
  const names = new Set<string>();
  const nodes = [start];
  const elements = new Set<NodeId>();
  for (let i = 0; i < nodes.length; i++) {
    if (nodes.length > MAX_NODES) return undefined;
    for (let at = useStart[nodes[i]]; at < useStart[nodes[i] + 1]; at += 2) {
      const user = uses[at];
      switch (op[user] as Op) {
        case Op.Guard:
        case Op.Typed:
        case Op.Phi:
          if (nodes.includes(user)) break;
          nodes.push(user);
          if (elements.has(nodes[i])) elements.add(user);
          break;
        case Op.Iterate:
          if (!ofElements || elements.has(nodes[i])) return undefined;
          nodes.push(user);
          elements.add(user);
          break;
        case Op.Load:
          if (ofElements && !elements.has(nodes[i])) return undefined;
          names.add(p.text(aux[user]));
          break;
        default:
          return undefined;
      }
    }
  }
  return [...names];
}

/** Operands of a call: what it is called on, and its first argument. */
const ON = 1;
const FIRST = 2;
/** What a match holds as a whole. */
const WHOLE = '0';

/**
 * True for a call that matches, at an operand, what the same expression matched before, as a whole: `match[0].replace(tag, …)` with `match = html.match(tag)`.
 * It begins where the text does, on the way that it was found on.
 */
export function isMatchedAgain(p: FunctionView, call: NodeId, operand: NodeId): boolean {
  const { op, aux } = p.body.graph;
  const whole = sameValue(p, p.operand(call, operand));
  if (whole === NONE || op[whole] !== Op.Load || p.text(aux[whole]) !== WHOLE) return false;
  const match = sameValue(p, p.operand(whole, 0));
  if (match === NONE || op[match] !== Op.Call || p.operandCount(match) <= FIRST || p.operandCount(call) <= FIRST)
    return false;
  const callee = p.operand(match, 0);
  const method = callee !== NONE && op[callee] === Op.Load ? p.text(aux[callee]) : '';
  if (method !== 'match' && method !== 'exec') return false;
  return isSameExpression(
    p,
    p.operand(match, method === 'match' ? FIRST : ON),
    p.operand(call, operand === ON ? FIRST : ON),
  );
}

/** How an expression begins that looks for the word that the text of a function begins with. */
const OF_FUNCTIONS = /^\/\^?(?:\\s[*+]|\(\?:|\()*function\b/;

/** True for a call that matches the text of a function, which is the program's own: `String(run).match(/^function\s*\(/)`. */
export function matchesFunction(p: FunctionView, call: NodeId, operand: NodeId): boolean {
  const { op, aux } = p.body.graph;
  const made = sameValue(p, p.operand(call, operand));
  if (made === NONE || op[made] !== Op.Call || p.operandCount(call) <= FIRST) return false;
  const callee = p.operand(made, 0);
  const isText =
    callee !== NONE &&
    (op[callee] === Op.Load
      ? p.text(aux[callee]) === 'toString'
      : op[callee] === Op.Global && p.text(aux[callee]) === 'String');
  if (!isText) return false;
  const expression = p.operand(call, operand === ON ? FIRST : ON);
  const pattern = expression === NONE ? undefined : patternText(p.body, expression);
  return pattern !== undefined && OF_FUNCTIONS.test(pattern);
}

/** One value, or one variable of a function around this one. */
function isSameExpression(p: FunctionView, one: NodeId, other: NodeId): boolean {
  if (one === NONE || other === NONE) return false;
  if (isSameKey(p, one, other)) return true;
  const { op, aux } = p.body.graph;
  const [a, b] = [sameValue(p, one), sameValue(p, other)];
  return op[a] === Op.Captured && op[b] === Op.Captured && aux[a] === aux[b];
}
