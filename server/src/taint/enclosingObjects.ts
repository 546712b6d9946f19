/**
 * What functions around this one did with an object before this one was made: of `table[name] = {}; keys.forEach((key) => { table[name][key] = 1; })` the object under
 * the name is new. Read of their graphs alone, which count for what captures variables; see `dependsOnEnclosing`.
 */
import { NONE, Op, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionBody } from './environment';
import { cellNode } from './constants';
import type { FunctionView } from './functionView';
import { isWrittenInside } from './sameValues';

/** Nodes that one question looks through. */
const MAX_STEPS = 200;

/** A variable by the function that owns it (its index in the file) and its number there. */
interface Variable {
  readonly owner: number;
  readonly cell: number;
}

/** True for a captured variable that holds nothing but objects without a prototype. */
export function holdsBareObjects({ body }: FunctionView, captured: NodeId): boolean {
  const variable = body.graph.captures[body.graph.aux[captured]];
  const owner = body.graphOf(variable.owner);
  const cell = cellNode(owner, variable.cell);
  if (cell === NONE) return false;
  const [from, to] = [owner.operandStart[cell], owner.operandStart[cell + 1]];
  for (let i = from; i < to; i++) if (!isBareObject(body, owner, versionRoot(owner, owner.operands[i]))) return false;
  return to > from && !isWrittenInside(body, variable.cell, owner, body.functionIds(variable.owner));
}

/** True when an object was just put under a key before this function, or one around it, was made: `object` and `key` are captured variables. */
export function wasPutBefore(p: FunctionView, object: NodeId, key: NodeId): boolean {
  const { body } = p;
  const { graph } = body;
  if (key === NONE || graph.op[key] !== Op.Captured) return false;
  const table = graph.captures[graph.aux[object]];
  const name = graph.captures[graph.aux[key]];
  let isMade = (index: number): boolean => body.functionIds(index) === body.id;
  for (let { parent } = graph; parent !== NONE;) {
    const around = body.graphOf(parent);
    if (isPut(around, parent, isMade, table, name)) return true;
    if (parent === table.owner || parent === name.owner) return false;
    const index = parent;
    isMade = (other) => other === index;
    ({ parent } = around);
  }
  return false;
}

/** The same in one function, where it makes the inner one: by what it wrote to the object last. */
function isPut(
  graph: FunctionGraph,
  index: number,
  isMade: (closure: number) => boolean,
  table: Variable,
  name: Variable,
): boolean {
  const { op, aux, operands, operandStart } = graph;
  const versions = startsOf(graph, index, table);
  if (versions.size === 0) return false;
  let last = NONE;
  let node = 0;
  for (; node < op.length && !(op[node] === Op.Closure && isMade(aux[node])); node++) {
    if (isVersion(graph, node, versions)) versions.add(node);
    if (versions.has(node) && op[node] !== Op.Cell) last = node;
  }
  if (node === op.length) return false;
  for (let step = 0; step < MAX_STEPS && last !== NONE; step++) {
    const from = operandStart[last];
    switch (op[last] as Op) {
      case Op.StoreElement:
        if (isVariable(graph, index, operands[from + 1], name)) return isNew(graph, operands[from + 2]);
        break;
      case Op.Store:
      case Op.Copy:
      case Op.Guard:
      case Op.Typed:
        break;
      default:
        return false;
    }
    last = operands[from];
  }
  return false;
}

function isVersion(
  { op, operands, operandStart }: FunctionGraph,
  node: NodeId,
  versions: ReadonlySet<NodeId>,
): boolean {
  const from = operandStart[node];
  switch (op[node] as Op) {
    case Op.Store:
    case Op.StoreElement:
    case Op.Copy:
    case Op.Guard:
    case Op.Typed:
      return versions.has(operands[from]);
    case Op.Phi:
      for (let i = from; i < operandStart[node + 1]; i++) if (versions.has(operands[i])) return true;
      return false;
    default:
      return false;
  }
}

/** Nodes with which a variable's object comes to be known in a function. */
function startsOf(graph: FunctionGraph, index: number, { owner, cell }: Variable): Set<NodeId> {
  const { op, aux, operands, operandStart, captures } = graph;
  const starts = new Set<NodeId>();
  if (owner === index) {
    const node = cellNode(graph, cell);
    if (node === NONE) return starts;
    for (let i = operandStart[node]; i < operandStart[node + 1]; i++) starts.add(versionRoot(graph, operands[i]));
    return starts;
  }
  for (let node = 0; node < op.length; node++) {
    if (op[node] !== Op.Captured) continue;
    const capture = captures[aux[node]];
    if (capture.owner === owner && capture.cell === cell) starts.add(node);
  }
  return starts;
}

/** True for the value of a variable that has no other. */
function isVariable(graph: FunctionGraph, index: number, node: NodeId, { owner, cell }: Variable): boolean {
  const value = versionRoot(graph, node);
  if (value === NONE) return false;
  if (owner !== index) {
    if (graph.op[value] !== Op.Captured) return false;
    const capture = graph.captures[graph.aux[value]];
    return capture.owner === owner && capture.cell === cell;
  }
  const place = cellNode(graph, cell);
  if (place === NONE) return false;
  const [from, to] = [graph.operandStart[place], graph.operandStart[place + 1]];
  for (let i = from; i < to; i++) if (versionRoot(graph, graph.operands[i]) !== value) return false;
  return to > from;
}

/** What a value was before it was tested or written to. */
function versionRoot({ op, operands, operandStart }: FunctionGraph, start: NodeId): NodeId {
  let node = start;
  for (let step = 0; step < MAX_STEPS && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.Store:
      case Op.StoreElement:
      case Op.Copy:
      case Op.Guard:
      case Op.Typed:
        node = operands[operandStart[node]];
        break;
      default:
        return node;
    }
  }
  return node;
}

/** True for what was made where it stands. */
function isNew(graph: FunctionGraph, value: NodeId): boolean {
  if (value === NONE) return true;
  const node = versionRoot(graph, value);
  if (node === NONE) return false;
  switch (graph.op[node] as Op) {
    case Op.ObjectLiteral:
    case Op.ArrayLiteral:
    case Op.New:
    case Op.Const:
    case Op.StringConst:
    case Op.Closure:
    case Op.Class:
      return true;
    default:
      return false;
  }
}

/** `Object.create(null)`, `{ __proto__: null }` */
function isBareObject({ strings }: FunctionBody, graph: FunctionGraph, node: NodeId): boolean {
  if (node === NONE) return false;
  const { op, aux, operands, operandStart } = graph;
  if (op[node] === Op.ObjectLiteral) return isWrittenBare(strings, graph, node);
  const from = operandStart[node];
  if (op[node] !== Op.Call || operandStart[node + 1] - from < 3) return false;
  const [callee, argument] = [operands[from], operands[from + 2]];
  if (callee === NONE || argument === NONE || op[callee] !== Op.Load || strings[aux[callee]] !== 'create') return false;
  const base = operands[operandStart[callee]];
  return (
    base !== NONE &&
    op[base] === Op.Global &&
    strings[aux[base]] === 'Object' &&
    op[argument] === Op.Const &&
    strings[aux[argument]] === 'null'
  );
}

function isWrittenBare(strings: readonly string[], graph: FunctionGraph, literal: NodeId): boolean {
  const { op, aux, operands, operandStart } = graph;
  for (let node = literal + 1; node < op.length; node++) {
    if (op[node] !== Op.Store || operands[operandStart[node]] !== literal) continue;
    const value = operands[operandStart[node] + 1];
    if (strings[aux[node]] !== '__proto__' || value === NONE) return false;
    return op[value] === Op.Const && strings[aux[value]] === 'null';
  }
  return false;
}
