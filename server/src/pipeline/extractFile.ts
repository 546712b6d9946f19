/**
 * One file from request to packed facts: read, parse, walk, derive the skeleton, pack. Runs inside an extraction
 * worker or in the calling thread; whatever goes wrong with a file becomes that file's result.
 */
import type { Range } from '../model/finding';
import { FunctionFlag } from '../model/graph';
import type { FlatGraph } from '../model/flatGraph';
import { encodeFlatGraph } from '../model/graphCodec';
import { encodeSkeleton } from '../model/skeletonCodec';
import { buildSkeleton } from '../extract/flow/skeleton';
import { symbolsOf } from '../extract/flow/symbols';
import type { ExtractedFacts, ExtractGraph, ExtractionRequest, ExtractionResult, ReadSource } from './extraction';

export type ExtractFile = (request: ExtractionRequest) => ExtractionResult;

export function fileExtractor(readSource: ReadSource, extractGraph: ExtractGraph): ExtractFile {
  return (request) => {
    try {
      return extractFile(request, readSource, extractGraph);
    } catch (error) {
      return { id: request.id, state: 'failed', reason: `the analysis of this file failed: ${describe(error)}` };
    }
  };
}

function extractFile(request: ExtractionRequest, readSource: ReadSource, extractGraph: ExtractGraph): ExtractionResult {
  const { id } = request;
  const started = performance.now();
  const source = readSource(request);
  switch (source.state) {
    case 'missing':
      return { id, state: 'missing' };
    case 'failed':
      return { id, state: 'failed', reason: source.reason, isUnread: true };
    case 'unchanged':
    case 'skipped':
      return { id, ...source };
    case 'text': {
      const { contentHash, size, mtimeMs } = source;
      const readMs = performance.now() - started;
      const { graph, parseMs, extractMs } = extractGraph(source.text, request.dialect);
      const packing = performance.now();
      const facts = packFacts(graph, source.notes);
      const times = { readMs, parseMs, extractMs: extractMs + performance.now() - packing };
      return { id, state: 'extracted', contentHash, size, mtimeMs, facts, times };
    }
  }
}

function packFacts(graph: FlatGraph, notes: readonly string[]): ExtractedFacts {
  let truncatedFunctions = 0;
  for (const fn of graph.functions) if ((fn.flags & FunctionFlag.Truncated) !== 0) truncatedFunctions++;
  const skeleton = buildSkeleton(graph);
  return {
    graph: ownBuffer(encodeFlatGraph(graph)),
    skeleton: ownBuffer(encodeSkeleton(skeleton)),
    ...symbolsOf(graph, skeleton),
    functionCount: graph.functions.length,
    truncatedFunctions,
    lost: graph.lost.map(([start, end]) => toRange(graph.lineStarts, start, end)),
    limits: [...notes, ...graph.limits],
  };
}

/** Bytes that share no buffer with others, so that they can be transferred to another thread. */
function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function toRange(lineStarts: Uint32Array, start: number, end: number): Range {
  return { start: toPosition(lineStarts, start), end: toPosition(lineStarts, end) };
}

function toPosition(lineStarts: Uint32Array, offset: number): { line: number; character: number } {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (lineStarts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (lineStarts[low] ?? 0) };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
