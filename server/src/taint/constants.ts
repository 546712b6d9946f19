/**
 * Constants seen through the flow graph: a literal, a variable that only ever holds one (also one of an enclosing
 * function), a property of an object literal, a collection of literals.
 *
 * What is read of an enclosing function is part of what a summary depends on; see `dependsOnEnclosing`.
 */
import { NONE, Op, POSITION_METHODS, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { FunctionBody } from './environment';
import { callGiven, isGivenPositions } from './positions';

/** How many stores and copies are looked through. */
const LOOK_BACK = 400;

/** How many nodes one key is made of. */
const MAX_PLAIN_STEPS = 60;

/** A node in one of the functions of a file. */
export interface Place {
  readonly graph: FunctionGraph;
  readonly node: NodeId;
}

/** True when the analysis of a function may read constants of its enclosing functions: then their structure counts too. */
export function dependsOnEnclosing(graph: FunctionGraph): boolean {
  return graph.captures.length > 0;
}

/** Text of the constant at a node, or undefined. `only` restricts the kind of constant. */
export function constantText(body: FunctionBody, node: NodeId, only?: Op): string | undefined {
  const place = definition(body, { graph: body.graph, node });
  if (place === undefined) return undefined;
  const op: Op = place.graph.op[place.node];
  if (op !== Op.StringConst && op !== Op.Const && op !== Op.Regex) return undefined;
  return only === undefined || op === only ? body.strings[place.graph.aux[place.node]] : undefined;
}

/** The regular expression at a node as a literal: one that stands there, or `new RegExp` of a constant. */
export function patternText(body: FunctionBody, node: NodeId): string | undefined {
  if (node === NONE) return undefined;
  const place = definition(body, { graph: body.graph, node });
  if (place === undefined) return undefined;
  const { graph } = place;
  const op: Op = graph.op[place.node];
  if (op === Op.Regex) return body.strings[graph.aux[place.node]];
  const [from, to] = [graph.operandStart[place.node], graph.operandStart[place.node + 1]];
  if ((op !== Op.New && op !== Op.Call) || to - from < 3) return undefined;
  const callee = graph.operands[from];
  if (callee === NONE || graph.op[callee] !== Op.Global || body.strings[graph.aux[callee]] !== 'RegExp')
    return undefined;
  const source = joinedText(body, { graph, node: graph.operands[from + 2] }, MAX_JOINED);
  const flags = to - from > 3 ? joinedText(body, { graph, node: graph.operands[from + 3] }, 1) : '';
  if (source === undefined || source === '' || flags === undefined) return undefined;
  return `/${source.replace(/(^|[^\\])\//g, '$1\\/')}/${flags}`;
}

/** How deep a text is put together from constants. */
const MAX_JOINED = 4;

/** The text at a place, when it is a constant, or put together from some. */
function joinedText(body: FunctionBody, start: Place, depth: number): string | undefined {
  const place = definition(body, start);
  if (place === undefined) return undefined;
  const { graph, node } = place;
  const op: Op = graph.op[node];
  if (op === Op.StringConst || op === Op.Const) return body.strings[graph.aux[node]];
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  // The source of another expression: `a.source`.
  if (op === Op.Load && body.strings[graph.aux[node]] === 'source' && depth > 0) {
    const pattern = definition(body, { graph, node: graph.operands[from] });
    if (pattern === undefined || pattern.graph.op[pattern.node] !== Op.Regex) return undefined;
    const literal = body.strings[pattern.graph.aux[pattern.node]];
    return literal.slice(1, literal.lastIndexOf('/'));
  }
  if (op !== Op.Concat || depth === 0) return undefined;
  let text = '';
  for (let i = from; i < to; i++) {
    const part = joinedText(body, { graph, node: graph.operands[i] }, depth - 1);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/**
 * True for a key that is surely a number, a symbol or one of a few constants, so that nobody chooses a property by it:
 * a counter, an offset, `Symbol.iterator`, `isOpen ? 'a' : 'b'`.
 */
export function isPlainKey(body: FunctionBody, key: NodeId): boolean {
  return isPlain({ graph: body.graph, node: key }, body, new Set());
}

function isPlain(start: Place, body: FunctionBody, seen: Set<NodeId>): boolean {
  const { graph, node } = start;
  if (node === NONE || seen.size > MAX_PLAIN_STEPS) return false;
  // Around a loop the other operands decide.
  if (graph === body.graph) {
    if (seen.has(node)) return true;
    seen.add(node);
  }
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  switch (graph.op[node] as Op) {
    case Op.StringConst:
    case Op.Const:
    case Op.Binary:
    case Op.Unary:
      return true;
    case Op.Guard:
    case Op.Typed:
      return isPlain({ graph, node: graph.operands[from] }, body, seen);
    // A sum of numbers is one; a text made of constants is one of a few.
    case Op.Concat:
    case Op.Phi:
      if (graph !== body.graph) return false;
      for (let i = from; i < to; i++) if (!isPlain({ graph, node: graph.operands[i] }, body, seen)) return false;
      return to > from;
    case Op.Load: {
      const base = graph.operands[from];
      return body.strings[graph.aux[node]] === 'length' || isSymbol(graph, base, body);
    }
    case Op.Call:
      return isSymbol(graph, graph.operands[from], body) || isPosition(graph, graph.operands[from], body);
    case Op.Global:
      return body.strings[graph.aux[node]] === 'undefined';
    case Op.Captured: {
      const place = definition(body, start);
      return place !== undefined && place.graph !== body.graph && isPlain(place, body, seen);
    }
    // One of a list of constants.
    case Op.Iterate:
    case Op.LoadElement:
      return isConstantArray(body, { graph, node: graph.operands[from] });
    case Op.Param:
      if (graph !== body.graph) return false;
      return graph.aux[node] === 0 ? isGivenConstants(body) : isPositionParameter(body, graph.aux[node]);
    default:
      return false;
  }
}

/**
 * True for a key that is surely none of these names, whatever it is made of: a number, one of a few other constants, a text of
 * which a part occurs in none of them (`prefix:${name}`).
 */
export function isOtherKey(body: FunctionBody, key: NodeId, names: ReadonlySet<string>): boolean {
  return isOther(body, body.graph, key, (text) => !names.has(text), names, new Set());
}

/** `isFine` says of a constant that it is no such name, or no part of one. */
function isOther(
  body: FunctionBody,
  graph: FunctionGraph,
  node: NodeId,
  isFine: (text: string) => boolean,
  names: ReadonlySet<string>,
  seen: Set<NodeId>,
): boolean {
  if (node === NONE || seen.size > MAX_PLAIN_STEPS) return false;
  // Around a loop the other operands decide.
  if (graph === body.graph) {
    if (seen.has(node)) return true;
    seen.add(node);
  }
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  switch (graph.op[node] as Op) {
    case Op.StringConst:
    case Op.Const:
      return isFine(body.strings[graph.aux[node]]);
    case Op.Binary:
    case Op.Unary:
      return true;
    case Op.Guard:
    case Op.Typed:
      return isOther(body, graph, graph.operands[from], isFine, names, seen);
    case Op.Load:
      return body.strings[graph.aux[node]] === 'length';
    case Op.Phi:
      for (let i = from; i < to; i++) if (!isOther(body, graph, graph.operands[i], isFine, names, seen)) return false;
      return to > from;
    case Op.Concat:
      // A sum of numbers ends up here, too: a number is no part of a name.
      for (let i = from; i < to; i++)
        if (isOther(body, graph, graph.operands[i], (text) => isNoPart(text, names), names, seen)) return true;
      return false;
    case Op.Captured: {
      const place = definition(body, { graph, node });
      if (place === undefined || place.graph === body.graph) return false;
      return isOther(body, place.graph, place.node, isFine, names, seen);
    }
    case Op.Param:
      return graph === body.graph && isPositionParameter(body, graph.aux[node]);
    default:
      return false;
  }
}

function isNoPart(text: string, names: ReadonlySet<string>): boolean {
  for (const name of names) if (name.includes(text)) return false;
  return true;
}

/** True for an array literal of literals. One that begins empty is filled with something else. */
function isConstantArray(body: FunctionBody, start: Place): boolean {
  let place = definition(body, start);
  for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
    const { graph } = place;
    const op: Op = graph.op[place.node];
    const at = graph.operandStart[place.node];
    if (op === Op.ArrayLiteral) return graph.aux[place.node] > 0;
    if (op === Op.Call) return isSplitConstant(body, place);
    if (op !== Op.Store) return false;
    const value = definition(body, { graph, node: graph.operands[at + 1] });
    if (value === undefined || !isLiteral(value)) return false;
    place = definition(body, { graph, node: graph.operands[at] });
  }
  return false;
}

/** `'gt gte lt lte'.split(' ')` */
function isSplitConstant(body: FunctionBody, { graph, node }: Place): boolean {
  const callee = graph.operands[graph.operandStart[node]];
  if (callee === NONE || graph.op[callee] !== Op.Load || body.strings[graph.aux[callee]] !== 'split') return false;
  const text = definition(body, { graph, node: graph.operands[graph.operandStart[callee]] });
  return text !== undefined && text.graph.op[text.node] === Op.StringConst;
}

/** True for a parameter that a method of lists gives positions: `list.forEach((item, position) => …)`. */
export const isPositionParameter = (body: FunctionBody, parameter: number): boolean =>
  parameter === 1 && dependsOnEnclosing(body.graph) && isGivenPositions(body);

/** True for a function that is only given to a method of a list of constants, at first place: `['a', 'b'].forEach((key) => …)`. */
function isGivenConstants(body: FunctionBody): boolean {
  return isFunctionGivenConstants(body, body.graph, body.id);
}

/** The same for this function, or one around it. */
export function isFunctionGivenConstants(body: FunctionBody, graph: FunctionGraph, id: FunctionId): boolean {
  // What is read of enclosing functions is only noticed to change for functions that capture something of them.
  if (graph.parent === NONE || !dependsOnEnclosing(body.graph)) return false;
  const around = body.graphOf(graph.parent);
  const call = callGiven(body, around, id);
  const receiver = call === NONE ? NONE : around.operands[around.operandStart[call] + 1];
  return receiver !== NONE && isConstantArray(body, { graph: around, node: receiver });
}

/** A method that gives the position of something: `list.indexOf(x)`. */
function isPosition(graph: FunctionGraph, callee: NodeId, body: FunctionBody): boolean {
  return callee !== NONE && graph.op[callee] === Op.Load && POSITION_METHODS.has(body.strings[graph.aux[callee]]);
}

function isSymbol(graph: FunctionGraph, node: NodeId, body: FunctionBody): boolean {
  return node !== NONE && graph.op[node] === Op.Global && body.strings[graph.aux[node]] === 'Symbol';
}

/** What is read of an imported module and stands at a node, by its name: `JSON_SCHEMA` of `yaml.JSON_SCHEMA`. */
export function importedName(body: FunctionBody, node: NodeId): string | undefined {
  const place = definition(body, { graph: body.graph, node });
  return place === undefined ? undefined : importedNameAt(body, place);
}

function importedNameAt(body: FunctionBody, { graph, node }: Place): string | undefined {
  if (graph.op[node] !== Op.Load) return undefined;
  let base = definition(body, { graph, node: graph.operands[graph.operandStart[node]] });
  // `import path from 'path'`
  if (base?.graph.op[base.node] === Op.Load && body.strings[base.graph.aux[base.node]] === 'default')
    base = definition(body, { graph: base.graph, node: base.graph.operands[base.graph.operandStart[base.node]] });
  return base?.graph.op[base.node] === Op.Import ? body.strings[graph.aux[node]] : undefined;
}

/**
 * Whether a text surely ends with one of these, behind something else; what was imported under one of these names counts as such an end, and so does
 * with `join()` what is made by something imported under that name, when its last argument ends so.
 */
export function endsWith(body: FunctionBody, node: NodeId, ends: readonly string[]): boolean {
  return endsAt(body, { graph: body.graph, node }, ends, MAX_JOINED);
}

function endsAt(body: FunctionBody, start: Place, ends: readonly string[], depth: number): boolean {
  const place = definition(body, start);
  if (place === undefined || depth === 0) return false;
  const { graph, node } = place;
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  if (isLiteral(place)) {
    const text = body.strings[graph.aux[node]];
    return ends.some((end) => text.length > end.length && text.endsWith(end));
  }
  const isMade = graph.op[node] === Op.Call && to - from > 2 && ends.includes(`${madeByName(body, place)}()`);
  if (!isMade && (graph.op[node] !== Op.Concat || to - from < 2)) return false;
  const last = definition(body, { graph, node: graph.operands[to - 1] });
  if (last === undefined) return false;
  if (isLiteral(last)) {
    const text = body.strings[last.graph.aux[last.node]];
    return ends.some((end) => text.endsWith(end));
  }
  return ends.includes(importedNameAt(body, last) ?? '') || endsAt(body, last, ends, depth - 1);
}

/** Under which name that was imported which a call calls. */
function madeByName(body: FunctionBody, { graph, node }: Place): string {
  const callee = definition(body, { graph, node: graph.operands[graph.operandStart[node]] });
  return (callee && importedNameAt(body, callee)) ?? '';
}

/**
 * Text of a constant below properties of an object made here, or the name of what was imported. `absent` when the object surely
 * has none, undefined when not known. Where branches wrote other properties to the object, all of them must say the same.
 */
export function constantProperty(body: FunctionBody, node: NodeId, ...names: readonly string[]): string | undefined {
  let place: Place = { graph: body.graph, node };
  for (const name of names.slice(0, -1)) {
    const found = propertyOf(body, place, name);
    if (found === undefined || found === 'absent') return found;
    place = found;
  }
  const name = names.at(-1);
  return name === undefined ? undefined : propertyAt(body, place, name, { left: LOOK_BACK });
}

/** Where the value of a property was defined. */
function propertyOf(body: FunctionBody, start: Place, name: string): Place | 'absent' | undefined {
  let place = definition(body, start);
  for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
    const { graph } = place;
    const at = graph.operandStart[place.node];
    switch (graph.op[place.node] as Op) {
      case Op.Store:
        if (body.strings[graph.aux[place.node]] === name)
          return definition(body, { graph, node: graph.operands[at + 1] });
        place = definition(body, { graph, node: graph.operands[at] });
        break;
      case Op.ObjectLiteral:
      case Op.ArrayLiteral:
      case Op.Closure:
        return 'absent';
      default:
        return undefined;
    }
  }
  return undefined;
}

function propertyAt(body: FunctionBody, start: Place, name: string, steps: { left: number }): string | undefined {
  let place = definition(body, start, true);
  while (place !== undefined && steps.left > 0) {
    steps.left--;
    const { graph } = place;
    const at = graph.operandStart[place.node];
    switch (graph.op[place.node] as Op) {
      case Op.Store: {
        if (body.strings[graph.aux[place.node]] === name) {
          const value = definition(body, { graph, node: graph.operands[at + 1] });
          if (value === undefined) return undefined;
          const op: Op = value.graph.op[value.node];
          return op === Op.StringConst || op === Op.Const || op === Op.Regex
            ? body.strings[value.graph.aux[value.node]]
            : importedNameAt(body, value);
        }
        place = definition(body, { graph, node: graph.operands[at] }, true);
        break;
      }
      // A captured variable is, to inner functions, each of the versions that it was given: `if (folder) options.cwd = folder`.
      case Op.Cell:
      case Op.Phi: {
        const end = graph.operandStart[place.node + 1];
        const first = propertyAt(body, { graph, node: graph.operands[at] }, name, steps);
        for (let i = at + 1; i < end && first !== undefined; i++)
          if (propertyAt(body, { graph, node: graph.operands[i] }, name, steps) !== first) return undefined;
        return first;
      }
      case Op.ObjectLiteral:
      case Op.ArrayLiteral:
      case Op.StringConst:
      case Op.Const:
      case Op.Closure:
        return 'absent';
      default:
        return undefined;
    }
  }
  return undefined;
}

/** True for a value that the program chooses by itself: made of literals, globals (`__dirname`) and what is imported, and of nothing that was handed in. */
export function isFixed(body: FunctionBody, node: NodeId): boolean {
  return node !== NONE && isFixedAt(body, { graph: body.graph, node }, MAX_FIXED);
}

/** Calls and texts within each other. */
const MAX_FIXED = 5;

function isFixedAt(body: FunctionBody, start: Place, depth: number): boolean {
  const place = definition(body, start);
  if (place === undefined || depth === 0) return false;
  const { graph, node } = place;
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  switch (graph.op[node] as Op) {
    case Op.StringConst:
    case Op.Const:
    case Op.Global:
    case Op.Import:
      return true;
    case Op.Call:
      // What a function of the program gives by itself may come from anywhere.
      if (to - from < 3 && !isGlobal(body, graph, graph.operands[from + 1])) return false;
      return areFixed(body, graph, from, to, depth);
    case Op.Load:
    case Op.Concat:
      return areFixed(body, graph, from, to, depth);
    default:
      return false;
  }
}

function isGlobal(body: FunctionBody, graph: FunctionGraph, node: NodeId): boolean {
  const place = node === NONE ? undefined : definition(body, { graph, node });
  return place?.graph.op[place.node] === Op.Global;
}

function areFixed(body: FunctionBody, graph: FunctionGraph, from: number, to: number, depth: number): boolean {
  for (let i = from; i < to; i++)
    if (graph.operands[i] !== NONE && !isFixedAt(body, { graph, node: graph.operands[i] }, depth - 1)) return false;
  return true;
}

/** True for an array or object of literals, `new Set([…])` of them included, that nothing else is written to. */
export function isConstantCollection(body: FunctionBody, node: NodeId): boolean {
  return isConstantAt(body, { graph: body.graph, node }, 3);
}

function areConstants(body: FunctionBody, graph: FunctionGraph, from: number, to: number, depth: number): boolean {
  if (depth === 0 || from >= to) return false;
  for (let i = from; i < to; i++) {
    const value = definition(body, { graph, node: graph.operands[i] });
    if (value === undefined || !(isLiteral(value) || isConstantAt(body, value, depth - 1))) return false;
  }
  return true;
}

/** What a method that gives a list of constants is called on: a global or an import, or constants themselves (`'a b'.split(' ')`). */
function isConstantOwner(body: FunctionBody, graph: FunctionGraph, receiver: NodeId, depth: number): boolean {
  if (receiver === NONE) return true;
  const place = definition(body, { graph, node: receiver });
  if (place === undefined) return false;
  const op: Op = place.graph.op[place.node];
  return (
    op === Op.Global || op === Op.Import || isLiteral(place) || (depth > 0 && isConstantAt(body, place, depth - 1))
  );
}

function isConstantAt(body: FunctionBody, start: Place, depth: number): boolean {
  let place = definition(body, start);
  for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
    const { graph } = place;
    const at = graph.operandStart[place.node];
    switch (graph.op[place.node] as Op) {
      case Op.Store: {
        // In an object used as a table the keys count, and they are literals; in an array the elements do.
        const value = definition(body, { graph, node: graph.operands[at + 1] });
        const isPosition = /^\d+$/.test(body.strings[graph.aux[place.node]]);
        if (isPosition && (value === undefined || !(isLiteral(value) || isConstantAt(body, value, depth - 1))))
          return false;
        place = definition(body, { graph, node: graph.operands[at] });
        break;
      }
      case Op.New:
      case Op.Call:
        // `new Set([...])`, `Object.freeze({...})`, `Object.assign(Object.create(null), {...})`: made of nothing but constants.
        if (!isConstantOwner(body, graph, graph.operands[at + 1], depth)) return false;
        return areConstants(body, graph, at + 2, graph.operandStart[place.node + 1], depth);
      case Op.ArrayLiteral:
      case Op.ObjectLiteral:
        return true;
      default:
        return false;
    }
  }
  return false;
}

/** True for a collection made here that has one of these texts among its elements (or, as an object, its keys). */
export function holdsConstant(body: FunctionBody, node: NodeId, texts: ReadonlySet<string>): boolean {
  return holdsConstantAt(body, { graph: body.graph, node }, texts, 3);
}

function holdsConstantAt(body: FunctionBody, start: Place, texts: ReadonlySet<string>, depth: number): boolean {
  let place = definition(body, start);
  for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
    const { graph } = place;
    const at = graph.operandStart[place.node];
    switch (graph.op[place.node] as Op) {
      case Op.Store: {
        const name = body.strings[graph.aux[place.node]];
        if (texts.has(name)) return true;
        const value = definition(body, { graph, node: graph.operands[at + 1] });
        if (value !== undefined && /^\d+$/.test(name) && isLiteral(value)) {
          if (texts.has(body.strings[value.graph.aux[value.node]])) return true;
        }
        place = definition(body, { graph, node: graph.operands[at] });
        break;
      }
      case Op.New:
      case Op.Call:
        for (let i = at + 2; i < graph.operandStart[place.node + 1] && depth > 0; i++)
          if (holdsConstantAt(body, { graph, node: graph.operands[i] }, texts, depth - 1)) return true;
        return false;
      default:
        return false;
    }
  }
  return false;
}

/** Name of the property that a value was read from, also through a constant: `const has = Object.prototype.hasOwnProperty`. */
export function propertyRead(body: FunctionBody, node: NodeId): string | undefined {
  const place = definition(body, { graph: body.graph, node });
  if (place === undefined || place.graph.op[place.node] !== Op.Load) return undefined;
  return body.strings[place.graph.aux[place.node]];
}

/** True for an object made here of properties with known names, and no others. */
export function isRecord(body: FunctionBody, node: NodeId): boolean {
  let place = definition(body, { graph: body.graph, node });
  for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
    const { graph } = place;
    const op: Op = graph.op[place.node];
    if (op === Op.ObjectLiteral) return true;
    if (op !== Op.Store) return false;
    place = definition(body, { graph, node: graph.operands[graph.operandStart[place.node]] });
  }
  return false;
}

function isLiteral(place: Place): boolean {
  const op: Op = place.graph.op[place.node];
  return op === Op.StringConst || op === Op.Const;
}

/** Reads objects and lists of constants, wherever in the file they were written. */
export class ConstantReader {
  constructor(private readonly body: FunctionBody) {}

  /** Text of the constant at a place. */
  text(place: Place): string | undefined {
    const found = definition(this.body, place);
    return found !== undefined && isLiteral(found) ? this.body.strings[found.graph.aux[found.node]] : undefined;
  }

  /** Properties of an object literal with what they were last written; undefined for anything else. */
  properties(place: Place): ReadonlyMap<string, Place> | undefined {
    return this.written(place, Op.ObjectLiteral);
  }

  /** Elements of an array literal. */
  elements(place: Place): readonly Place[] | undefined {
    const written = this.written(place, Op.ArrayLiteral);
    return written === undefined ? undefined : [...written.values()].reverse();
  }

  private written(start: Place, literal: Op): ReadonlyMap<string, Place> | undefined {
    const found = new Map<string, Place>();
    let place = definition(this.body, start);
    for (let step = 0; step < LOOK_BACK && place !== undefined; step++) {
      const { graph } = place;
      const op: Op = graph.op[place.node];
      if (op === literal) return found;
      if (op !== Op.Store) return undefined;
      const at = graph.operandStart[place.node];
      const name = this.body.strings[graph.aux[place.node]];
      if (!found.has(name)) found.set(name, { graph, node: graph.operands[at + 1] });
      place = definition(this.body, { graph, node: graph.operands[at] });
    }
    return undefined;
  }
}

/**
 * Follows copies to the one node that defines a value. Where branches meet there is none, unless joins are wanted. The constant that a variable begins with is none
 * either where inner functions are seen to assign something else: `let section = null`, and a callback that sets it.
 */
export function definition(body: FunctionBody, start: Place, wantsJoins = false): Place | undefined {
  let { graph, node } = start;
  let isAssignedInside = false;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    const at = graph.operandStart[node];
    switch (graph.op[node] as Op) {
      case Op.Typed:
      case Op.Guard:
        node = graph.operands[at];
        break;
      case Op.Phi:
        // Beside what a variable was assigned, what inner functions may assign.
        if (graph.operandStart[node + 1] - at === 2 && graph.op[graph.operands[at + 1]] === Op.Cell) {
          isAssignedInside = true;
          node = graph.operands[at];
          break;
        }
        if (graph.operandStart[node + 1] - at !== 1) return wantsJoins ? { graph, node } : undefined;
        node = graph.operands[at];
        break;
      case Op.Cell:
        if (graph.operandStart[node + 1] - at !== 1) return wantsJoins ? { graph, node } : undefined;
        node = graph.operands[at];
        break;
      case Op.Captured: {
        const capture = graph.captures[graph.aux[node]];
        if (isWrittenHere(graph, graph.aux[node])) isAssignedInside = true;
        graph = body.graphOf(capture.owner);
        node = cellNode(graph, capture.cell);
        break;
      }
      case Op.Const:
      case Op.StringConst:
        return isAssignedInside ? undefined : { graph, node };
      default:
        return { graph, node };
    }
  }
  return undefined;
}

/** True when a function assigns a variable that it captures. */
function isWrittenHere({ op, aux }: FunctionGraph, capture: number): boolean {
  for (let node = 0; node < op.length; node++) if (op[node] === Op.CapturedWrite && aux[node] === capture) return true;
  return false;
}

/** The node of a cell in the function that owns it; NONE when there is none. */
export function cellNode(graph: FunctionGraph, cell: number): NodeId {
  for (let node = 0; node < graph.op.length; node++)
    if (graph.op[node] === Op.Cell && graph.aux[node] === cell) return node;
  return NONE;
}
