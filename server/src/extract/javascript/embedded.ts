/**
 * The graphs of a script that is part of another file, with the positions of that file.
 */
import { lineStartsOf } from '../../base/lines';
import type { FlatFunction, FlatGraph } from '../../model/flatGraph';
import type { Dialect } from '../../model/graph';
import type { Span } from '../../parse/javascript';
import type { ScriptText } from '../../parse/embedded/scriptText';
import { extractFromTokens } from './tokens';

/** Like what was extracted, this holds until the next text is extracted on this thread. */
export function inHost(graph: FlatGraph, host: string, dialect: Dialect, positions: ScriptText): FlatGraph {
  const { start, end } = graph;
  let nodes = 0;
  for (const { nodeTo } of graph.functions) nodes = Math.max(nodes, nodeTo);
  for (let node = 0; node < nodes; node++) {
    const [from, to] = spanInHost(positions, start[node], end[node]);
    start[node] = from;
    end[node] = to;
  }
  const lineStarts = lineStartsOf(host);
  const firstLineEnd = lineStarts.length > 1 ? lineStarts[1] : host.length;
  const functions = graph.functions.map((fn, index): FlatFunction => {
    if (index === 0) return { ...fn, rangeStart: 0, rangeEnd: host.length, nameStart: 0, nameEnd: firstLineEnd };
    const [rangeStart, rangeEnd] = spanInHost(positions, fn.rangeStart, fn.rangeEnd);
    const [nameStart, nameEnd] = spanInHost(positions, fn.nameStart, fn.nameEnd);
    return { ...fn, rangeStart, rangeEnd, nameStart, nameEnd };
  });
  const imports = graph.imports.map((facts) => {
    const [from, to] = spanInHost(positions, facts.start, facts.end);
    return { ...facts, start: from, end: to };
  });
  const lost = graph.lost.map(([from, to]) => spanInHost(positions, from, to));
  return { ...graph, dialect, functions, imports, lineStarts, lost: merged([...lost, ...positions.lost], host.length) };
}

/** A file of which nothing could be read. */
export function nothingOf(host: string, dialect: Dialect): FlatGraph {
  const lineStarts = lineStartsOf(host);
  return { ...extractFromTokens('', 'js'), dialect, lineStarts, lost: [[0, host.length]] };
}

function spanInHost(positions: ScriptText, start: number, end: number): Span {
  const from = positions.startOf(start);
  return [from, end > start ? Math.max(from, positions.endOf(end)) : from];
}

/** Sorted, without overlap, none empty. */
function merged(spans: readonly Span[], length: number): Span[] {
  const result: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const from = Math.min(start, Math.max(0, length - 1));
    const to = Math.min(length, Math.max(end, from + 1));
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) result.push([from, to]);
  }
  return result;
}
