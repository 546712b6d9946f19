/** Conditions of models on constants at a call: `{ shell: true }`, `x.includes('..')`, `{ schema: yaml.JSON_SCHEMA }`. */
import { NONE, type NodeId } from '../model/graph';
import type { ModelCondition, ModelPlace } from '../model/summary';
import { constantProperty, constantText, endsWith, importedName, isRecord } from './constants';
import { operandAt } from './conventions';
import type { FunctionBody } from './environment';
import type { FunctionView } from './functionView';
import { mayBeConstant, mayBeOfType } from './possibleConstants';
import { beginningsOf } from './strings';

/** What models call a value that is no constant, and an object whose property names all are. */
const UNKNOWN = 'unknown';
const RECORD = 'record';

/** `shift` is 1 where the receiver stands first among the arguments (`f.call(…)`). */
export function conditionHolds(p: FunctionView, call: NodeId, condition: ModelCondition, shift = 0): boolean {
  const { at, type, beginning, ends } = condition;
  if (beginning !== undefined) return begins(p, call, at, beginning, shift);
  if (ends !== undefined) {
    const text = operandAt(p, call, at, shift);
    if (text === NONE || !endsWith(p.body, text, ends)) return false;
  }
  if (condition.isPossible === true) return isPossible(p, call, condition, shift);
  return type === undefined ? conditionHoldsIn(p.body, call, condition, shift) : isOfType(p, call, at, type, shift);
}

/** The same for a condition on a constant, where the code alone is at hand. */
export function conditionHoldsIn(body: FunctionBody, call: NodeId, condition: ModelCondition, shift = 0): boolean {
  const { at, oneOf, pattern, negated } = condition;
  const found = constantPlace(body, call, at, shift);
  if (found === undefined) return negated || oneOf.includes(UNKNOWN);
  return (oneOf.includes(found) || pattern?.test(found) === true) !== negated;
}

/** Whether one of the arguments there may be a text with such a beginning. */
function begins(p: FunctionView, call: NodeId, place: ModelPlace, beginning: RegExp, shift: number): boolean {
  if (place.path.length > 0 || place.root !== 'argument') return false;
  const last = Math.min(place.to, p.operandCount(call) - 3 - shift);
  for (let argument = place.from; argument <= last; argument++)
    if (beginningsOf(p, p.operand(call, argument + 2 + shift)).some((text) => beginning.test(text))) return true;
  return false;
}

/** Whether what is at the place, or at one of those in a range, may be one of the constants. */
function isPossible(p: FunctionView, call: NodeId, { at, oneOf }: ModelCondition, shift: number): boolean {
  if (at.root === 'return') return false;
  const isReceiver = at.root === 'receiver';
  const first = isReceiver ? 1 : at.from + 2;
  const last = isReceiver ? 1 : Math.min(at.to + 2, p.operandCount(call) - 1 - shift);
  for (let operand = first; operand <= last; operand++) {
    const value = p.operand(call, operand + shift);
    if (value !== NONE && mayBeConstant(p, value, at.path, oneOf)) return true;
  }
  return false;
}

/** Whether the value at a place (or a property of it), or one of those in a range, may be of a type. */
function isOfType(p: FunctionView, call: NodeId, place: ModelPlace, type: string, shift: number): boolean {
  if (place.path.length > 1 || place.root === 'return') return false;
  const isReceiver = place.root === 'receiver';
  const first = isReceiver ? 1 : place.from + 2;
  const last = isReceiver ? 1 : Math.min(place.to + 2, p.operandCount(call) - 1 - shift);
  for (let operand = first; operand <= last; operand++) {
    const value = p.operand(call, operand + shift);
    if (value === NONE) continue;
    const isOf =
      place.path.length === 0
        ? p.apisOf(value).some((state) => p.environment.models.isOfType(state, type))
        : mayBeOfType(p, value, place.path[0], type);
    if (isOf) return true;
  }
  return false;
}

/** The constant at a place of a call; `absent` where there is no such argument or property. */
export function constantPlace(body: FunctionBody, call: NodeId, place: ModelPlace, shift: number): string | undefined {
  if (place.root === 'return') return undefined;
  const { operands, operandStart } = body.graph;
  const [first, end] = [operandStart[call], operandStart[call + 1]];
  if (place.root === 'receiver') return constantIn(body, operands[first + 1 + shift], place);
  // A range asks for any of its arguments: the first that tells decides.
  const last = Math.min(place.to, end - first - 3 - shift);
  let found: string | undefined = 'absent';
  for (let argument = place.from; argument <= last; argument++) {
    found = constantIn(body, operands[first + argument + 2 + shift], place);
    if (found !== undefined && found !== 'absent') return found;
  }
  return found;
}

function constantIn(body: FunctionBody, node: NodeId, place: ModelPlace): string | undefined {
  if (node === NONE) return 'absent';
  if (place.path.length === 0)
    return constantText(body, node) ?? importedName(body, node) ?? (isRecord(body, node) ? RECORD : undefined);
  return constantProperty(body, node, ...place.path);
}
