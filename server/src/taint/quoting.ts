/**
 * Texts between quotes that were made fit to stand there by hand: `"'" + text.replace(/'/g, "'\\''") + "'"`. What has to be replaced between
 * which quotes, and by what, is model data.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { constantText } from './constants';
import type { FunctionView } from './functionView';
import { sameValue } from './sameValues';

/** Replacements one after the other. */
const MAX_CALLS = 4;
const FIRST_ARGUMENT = 2;
const PLAIN = /^[\w\s./-]*$/;

/** Kinds that an operand of a concatenation is harmless for between the quotes that the texts before and behind it end and begin with. */
export function quotedRemoves(p: FunctionView, node: NodeId, operand: number): KindSet {
  const { op } = p.body.graph;
  const { models } = p.environment;
  if (models.quotedRemoves === undefined || operand + 1 >= p.operandCount(node)) return 0;
  let value = sameValue(p, p.operand(node, operand));
  if (value === NONE || op[value] !== Op.Call) return 0;
  const after = constantText(p.body, p.operand(node, operand + 1));
  if (after === undefined || after === '' || !opens(p, node, operand, after[0])) return 0;
  let removes = 0;
  for (let i = 0; i < MAX_CALLS && value !== NONE && op[value] === Op.Call; i++) {
    const made = replacementOf(p, value);
    if (made === undefined) break;
    removes |= models.quotedRemoves(after[0], made.pattern, made.isRegex, made.by);
    // What comes in later has to be as harmless.
    if (!PLAIN.test(made.by)) break;
    value = sameValue(p, made.text);
  }
  return removes;
}

/** Whether a quote is open where an operand stands, right before it. */
function opens(p: FunctionView, node: NodeId, operand: number, quote: string): boolean {
  let count = 0;
  let last = '';
  for (let i = 0; i < operand; i++) {
    const text = constantText(p.body, p.operand(node, i));
    last = text ?? '';
    if (text !== undefined) count += text.split(quote).length - 1;
  }
  return count % 2 === 1 && last.endsWith(quote);
}

interface Replacement {
  readonly text: NodeId;
  readonly pattern: string;
  readonly isRegex: boolean;
  readonly by: string;
}

/** What a call replaces everywhere in a text, by constants: `replace(/'/g, by)`, `replaceAll("'", by)`, `split("'").join(by)`. */
function replacementOf(p: FunctionView, call: NodeId): Replacement | undefined {
  const { op, aux } = p.body.graph;
  const callee = p.operand(call, 0);
  const text = p.operand(call, 1);
  if (callee === NONE || text === NONE || op[callee] !== Op.Load || p.operandCount(call) <= FIRST_ARGUMENT)
    return undefined;
  const name = p.text(aux[callee]);
  if (name === 'join') {
    const by = constantText(p.body, p.operand(call, FIRST_ARGUMENT));
    const isSplit = op[text] === Op.Call && p.operandCount(text) > FIRST_ARGUMENT && isMethod(p, text, 'split');
    const pattern = isSplit ? constantText(p.body, p.operand(text, FIRST_ARGUMENT), Op.StringConst) : undefined;
    const whole = isSplit ? p.operand(text, 1) : NONE;
    if (by === undefined || pattern === undefined || whole === NONE) return undefined;
    return { text: whole, pattern, isRegex: false, by };
  }
  if ((name !== 'replace' && name !== 'replaceAll') || p.operandCount(call) <= FIRST_ARGUMENT + 1) return undefined;
  const by = constantText(p.body, p.operand(call, FIRST_ARGUMENT + 1), Op.StringConst);
  if (by === undefined) return undefined;
  const regex = constantText(p.body, p.operand(call, FIRST_ARGUMENT), Op.Regex);
  if (regex !== undefined) return { text, pattern: regex, isRegex: true, by };
  const pattern =
    name === 'replaceAll' ? constantText(p.body, p.operand(call, FIRST_ARGUMENT), Op.StringConst) : undefined;
  return pattern === undefined ? undefined : { text, pattern, isRegex: false, by };
}

function isMethod(p: FunctionView, call: NodeId, name: string): boolean {
  const { op, aux } = p.body.graph;
  const callee = p.operand(call, 0);
  return callee !== NONE && op[callee] === Op.Load && p.text(aux[callee]) === name;
}
