/**
 * What stands before a value in a string decides what it can still do: with a fixed scheme and host in front, it can
 * choose neither the server of a request nor the target of a redirect. Which prefixes protect from what is model data.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { constantText } from './constants';
import type { FunctionView } from './functionView';

/** Stands in a prefix for a part that is no constant. What is untrusted in it is followed for itself. */
export const UNKNOWN_PART = '\uFFFC';

/** Nested texts looked into. */
const MAX_DEPTH = 8;
const UNKNOWN = [UNKNOWN_PART];
/** Texts told apart. */
const MAX_TEXTS = 4;
/** Longer prefixes say nothing more. */
const MAX_LENGTH = 400;

/** Kinds that a value is harmless for behind the operands before it. */
export function prefixRemoves(p: FunctionView, node: NodeId, operand: number): KindSet {
  const texts = textsOf(p, node, operand, 0);
  return removedBehind(p, texts) | (texts.includes('') ? 0 : tidyRemoves(p, p.operand(node, operand)));
}

/** What all of these texts make harmless for what stands behind them. */
function removedBehind(p: FunctionView, prefixes: readonly string[]): KindSet {
  const { models } = p.environment;
  let removes = models.allKinds;
  for (const prefix of prefixes) {
    if (prefix === '') return 0;
    let removed = models.prefixRemoves(prefix);
    // With `${base}/items/${id}`, whoever wrote the base chose the host.
    const end = prefix.indexOf(UNKNOWN_PART);
    if (end >= 0 && end < prefix.length - 1) removed |= models.prefixRemoves(prefix.slice(end + 1), true);
    removes &= removed;
  }
  return removes;
}

/**
 * Kinds that a path is harmless for below another one because it begins at the top and holds no way up: `join('/', name)`,
 * `normalize('/' + name)`.
 */
export function tidyRemoves(p: FunctionView, start: NodeId): KindSet {
  const { op, aux } = p.body.graph;
  let node = start;
  while (node !== NONE && (op[node] === Op.Guard || op[node] === Op.Typed)) node = p.operand(node, 0);
  if (node === NONE || op[node] !== Op.Call || p.operandCount(node) <= FIRST_ARGUMENT) return 0;
  const models = p.modelsOf(node);
  if (models.length === 0) return 0;
  const tidy = models.reduce((kinds, model) => kinds & (model.tidy ?? 0), p.environment.models.allKinds);
  if (tidy === 0) return 0;
  const first = p.operand(node, FIRST_ARGUMENT);
  const isSeparator = first !== NONE && op[first] === Op.Load && p.text(aux[first]) === SEPARATOR;
  return isSeparator || shownTexts(p, first, 0).every((text) => /^[/\\]/.test(text)) ? tidy : 0;
}

/** The operand of a call that is its first argument, and what separates names of folders is called where paths are put together. */
const FIRST_ARGUMENT = 2;
const SEPARATOR = 'sep';

/** The texts that the operands of a concatenation before `operand` may be. */
function textsOf(p: FunctionView, node: NodeId, operand: number, depth: number): readonly string[] {
  let texts: readonly string[] = [''];
  for (let i = 0; i < operand; i++) texts = combined(texts, shownTexts(p, p.operand(node, i), depth));
  return texts;
}

/** Each of the texts followed by each of the others; where these are too many, by something unknown. */
function combined(texts: readonly string[], more: readonly string[]): readonly string[] {
  if (texts[0].length > MAX_LENGTH) return texts;
  const parts = texts.length * more.length > MAX_TEXTS ? UNKNOWN : more;
  return texts.flatMap((text) => parts.map((part) => text + part));
}

/** The constant parts of the texts that a value may be, with placeholders between them. Kept: joins and concatenations share their parts. */
function shownTexts(p: FunctionView, start: NodeId, depth: number): readonly string[] {
  const known = p.shownTexts();
  const key = start * (MAX_DEPTH + 1) + depth;
  let texts = known.get(key);
  if (texts === undefined) known.set(key, (texts = findTexts(p, start, depth)));
  return texts;
}

function findTexts(p: FunctionView, start: NodeId, depth: number): readonly string[] {
  const { op } = p.body.graph;
  const constant = constantText(p.body, start);
  if (constant !== undefined) return [constant];
  if (depth >= MAX_DEPTH) return UNKNOWN;
  let node = start;
  while (node !== NONE && (op[node] === Op.Guard || op[node] === Op.Typed)) node = p.operand(node, 0);
  if (node === NONE) return UNKNOWN;
  if (op[node] === Op.Concat) return textsOf(p, node, p.operandCount(node), depth + 1);
  if (op[node] === Op.Phi) return joinedTexts(p, node, depth + 1);
  if (op[node] !== Op.Call || p.operandCount(node) <= 2) return UNKNOWN;
  const models = p.modelsOf(node);
  const begins = models.length === 1 ? models[0].begins : undefined;
  if (begins !== undefined) return [begins + UNKNOWN_PART];
  if (models.some(({ joined }) => joined !== undefined))
    return shownTexts(p, p.operand(node, 2), depth + 1).map((text) => text + UNKNOWN_PART);
  return UNKNOWN;
}

/** The texts that a value may be, with placeholders for what is no constant. */
export function beginningsOf(p: FunctionView, node: NodeId): readonly string[] {
  return shownTexts(p, node, 0);
}

/** What the values of a join may be. Around a loop a text only grows (`url += part`), or something else decides. */
function joinedTexts(p: FunctionView, phi: NodeId, depth: number): readonly string[] {
  const found = new Set<string>();
  let grows = false;
  for (let i = 0; i < p.operandCount(phi); i++) {
    const value = p.operand(phi, i);
    if (value === NONE) return UNKNOWN;
    if (growsFrom(p, value, phi)) grows = true;
    else for (const text of shownTexts(p, value, depth)) found.add(text);
    if (found.size > MAX_TEXTS) return UNKNOWN;
  }
  if (found.size === 0) return UNKNOWN;
  return [...found].map((text) => (grows ? text + UNKNOWN_PART : text));
}

/** True for a text that begins with the join itself. */
function growsFrom(p: FunctionView, start: NodeId, phi: NodeId): boolean {
  let node = start;
  for (let depth = 0; depth < MAX_DEPTH && node !== NONE; depth++) {
    if (node === phi) return true;
    const op: Op = p.body.graph.op[node];
    if (op !== Op.Concat && op !== Op.Guard && op !== Op.Typed) return false;
    node = p.operand(node, 0);
  }
  return false;
}

/**
 * Kinds that the elements of an array from `index` on are harmless for, behind the ones before them, when all are joined to one text.
 * `separator` is NONE where none is given. For arrays that are written down here.
 */
export function joinedRemoves(p: FunctionView, array: NodeId, index: number, separator: NodeId): KindSet {
  const { op, aux } = p.body.graph;
  const parts = new Map<string, NodeId>();
  let node = array;
  for (let step = 0; step < MAX_ELEMENTS && node !== NONE && op[node] !== Op.ArrayLiteral; step++) {
    if (op[node] === Op.Store) {
      const name = p.text(aux[node]);
      if (!parts.has(name)) parts.set(name, p.operand(node, 1));
    } else if (op[node] !== Op.Guard && op[node] !== Op.Typed) return 0;
    node = p.operand(node, 0);
  }
  if (node === NONE || op[node] !== Op.ArrayLiteral) return 0;
  const between = separator === NONE ? ',' : (constantText(p.body, separator) ?? UNKNOWN_PART);
  let prefixes: readonly string[] = [''];
  for (let i = 0; i < index; i++) {
    const part = parts.get(String(i));
    const texts = part === undefined ? UNKNOWN : shownTexts(p, part, 0);
    prefixes = combined(
      prefixes,
      texts.map((text) => text + between),
    );
  }
  return removedBehind(p, prefixes);
}

/** Elements looked through. */
const MAX_ELEMENTS = 40;

/**
 * Kinds that arguments are harmless for which a call puts behind a text: `text.concat(value)`, `format('… %s', value)`, where only what stands
 * before `upTo` counts. Nothing for what is no text as far as one can see.
 */
export function behindRemoves(p: FunctionView, text: NodeId, upTo: string | undefined): KindSet {
  const { graph } = p.body;
  let node = text;
  // Chains: `'a'.concat(b).concat(c)`.
  for (let step = 0; step < MAX_DEPTH && node !== NONE && graph.op[node] === Op.Call; step++) node = p.operand(node, 1);
  if (node === NONE) return 0;
  const constant = constantText(p.body, node);
  if (constant === undefined && graph.op[node] !== Op.Concat) return 0;
  const prefixes = constant === undefined ? shownTexts(p, node, 0) : [constant];
  return removedBehind(
    p,
    prefixes.map((prefix) => {
      const end = upTo === undefined ? -1 : prefix.indexOf(upTo);
      return (end < 0 ? prefix : prefix.slice(0, end)) + (upTo === undefined && node !== text ? UNKNOWN_PART : '');
    }),
  );
}
