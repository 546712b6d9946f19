/** Nodes of the flow graph as people see them: where they are, and what they are called. */
import type { Location, Position, Range } from '../model/finding';
import { NONE, Op, RECEIVER, type FunctionGraph, type NodeId } from '../model/graph';
import type { FunctionBody } from '../taint/environment';
import type { FileFunctions } from './functionBodies';

export function positionAt(lineStarts: Uint32Array, offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (lineStarts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (lineStarts[low] ?? 0) };
}

/**
 * The range that a step, a source or a sink is shown at. A call is shown from the name that is called, and nothing
 * is shown beyond the line on which it starts, so that a chain over ten lines does not light up as a whole.
 */
export function rangeOf(file: FileFunctions, graph: FunctionGraph, node: NodeId): Range {
  const { lineStarts } = file.reader;
  let start = graph.start[node];
  const end = graph.end[node];
  if (graph.op[node] === Op.Call) {
    const callee = graph.operands[graph.operandStart[node]];
    if (callee !== NONE && graph.op[callee] === Op.Load && graph.end[callee] <= end && graph.start[callee] >= start) {
      const nameLength = file.reader.strings[graph.aux[callee]].length;
      const nameStart = graph.end[callee] - nameLength;
      // Where the receiver is on an earlier line, the method's name is what a person looks for.
      if (positionAt(lineStarts, start).line !== positionAt(lineStarts, nameStart).line) start = nameStart;
    }
  }
  const from = positionAt(lineStarts, start);
  const to = positionAt(lineStarts, end);
  if (to.line === from.line) return { start: from, end: to };
  const next = lineStarts[from.line + 1] ?? end;
  return {
    start: from,
    end: { line: from.line, character: Math.max(from.character + 1, next - 1 - lineStarts[from.line]) },
  };
}

export function locationOf(path: string, file: FileFunctions, graph: FunctionGraph, node: NodeId): Location {
  return { path, range: rangeOf(file, graph, node) };
}

/** Captured `this` and the like are kept under names that no variable can have. */
function variableName(name: string): string {
  return name.startsWith('%') ? name.slice(1) : name;
}

/** A short text for a value: `req.query.name`, `db.query(…)`; an ellipsis where there is no name for it. */
export function describeValue(body: FunctionBody, node: NodeId, depth = 0): string {
  const { graph, strings } = body;
  if (node === NONE || depth > 6) return '…';
  const operand = (index: number): NodeId => graph.operands[graph.operandStart[node] + index];
  switch (graph.op[node] as Op) {
    case Op.Load:
      return `${describeValue(body, operand(0), depth + 1)}.${strings[graph.aux[node]]}`;
    case Op.LoadElement:
      return `${describeValue(body, operand(0), depth + 1)}[…]`;
    case Op.Global:
      return strings[graph.aux[node]];
    case Op.Captured: {
      const capture = graph.captures[graph.aux[node]];
      return variableName(strings[body.graphOf(capture.owner).cells[capture.cell]]);
    }
    case Op.Cell:
      return variableName(strings[graph.cells[graph.aux[node]]]);
    case Op.Param: {
      if (graph.aux[node] === RECEIVER) return 'this';
      const name = graph.parameters[graph.aux[node]];
      return name === undefined || strings[name] === '' ? 'parameter' : strings[name];
    }
    case Op.Import:
      return 'module';
    case Op.Call:
      return `${describeValue(body, operand(0), depth + 1)}(…)`;
    case Op.New:
      return `new ${describeValue(body, operand(0), depth + 1)}(…)`;
    case Op.Super:
      return 'super';
    case Op.Guard:
    case Op.Typed:
    case Op.Await:
    case Op.Store:
    case Op.StoreElement:
      return describeValue(body, operand(0), depth + 1);
    default:
      return '…';
  }
}

export function functionName(body: FunctionBody): string {
  const name = body.graph.name === NONE ? '' : body.strings[body.graph.name];
  if (name !== '') return name;
  return body.graph.parent === NONE ? 'module' : 'anonymous function';
}
