/**
 * A file's flow graphs with the nodes of all functions in one set of arrays, as extraction builds them and as they
 * are packed: making half a dozen typed arrays for each of a hundred thousand functions would take longer than
 * filling them. `FileGraph` is the same with one graph a function, for whoever looks at single functions.
 */
import { hex32, parseHex32 } from '../base/hex';
import type { FileGraph, FunctionGraph, GuardFacts, StringId } from './graph';
import { hashKey } from './ids';
import type { ParameterBranch } from './parameterBranches';

/** A function of a flat graph; what is not explained here is as in `FunctionGraph`. */
export interface FlatFunction {
  readonly key: string;
  /** `hashKey` of the key. */
  readonly keyHash: number;
  readonly name: StringId;
  readonly flags: number;
  readonly parent: number;
  readonly classIndex: number;
  readonly guards: readonly GuardFacts[];
  /** Nodes count from `nodeFrom`. */
  readonly branches: readonly ParameterBranch[];
  /** The function's nodes are `nodeFrom … nodeTo` of the file's; operands count from `nodeFrom`. */
  readonly nodeFrom: number;
  readonly nodeTo: number;
  /** Parameters are `names[namesFrom … cellsFrom)`, cells `names[cellsFrom … namesTo)`. */
  readonly namesFrom: number;
  readonly cellsFrom: number;
  readonly namesTo: number;
  /** Captures are pairs owner, cell: `captures[capturesFrom … capturesTo)`. */
  readonly capturesFrom: number;
  readonly capturesTo: number;
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** The structure hash as two 32-bit numbers, the first half first; undefined where it is `hashText`. */
  readonly hashFirst: number;
  readonly hashSecond: number;
  /** A structure hash that is not 16 hex digits. */
  readonly hashText: string | undefined;
}

/** The arrays may be longer than what is in them. */
export interface FlatGraph extends Omit<FileGraph, 'functions'> {
  readonly functions: readonly FlatFunction[];
  readonly op: Uint8Array;
  readonly aux: Int32Array;
  /** Operands of node n of the file: `operands[operandStart[n] … operandStart[n + 1])`. */
  readonly operandStart: Int32Array;
  readonly operands: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly names: Int32Array;
  readonly captures: Int32Array;
}

const NO_BRANCHES: readonly ParameterBranch[] = [];
const HASH = /^[0-9a-f]{16}$/;

/** The same graph in one set of arrays. */
export function flatten(graph: FileGraph): FlatGraph {
  const { functions } = graph;
  let nodes = 0;
  let operands = 0;
  for (const fn of functions) {
    nodes += fn.op.length;
    operands += fn.operands.length;
  }
  const names: number[] = [];
  const captures: number[] = [];
  const flat = {
    op: new Uint8Array(nodes),
    aux: new Int32Array(nodes),
    operandStart: new Int32Array(nodes + 1),
    operands: new Int32Array(operands),
    start: new Int32Array(nodes),
    end: new Int32Array(nodes),
  };
  let nodeFrom = 0;
  let operandFrom = 0;
  const heads = functions.map((fn): FlatFunction => {
    flat.op.set(fn.op, nodeFrom);
    flat.aux.set(fn.aux, nodeFrom);
    flat.start.set(fn.start, nodeFrom);
    flat.end.set(fn.end, nodeFrom);
    flat.operands.set(fn.operands, operandFrom);
    for (let i = 0; i < fn.op.length; i++) flat.operandStart[nodeFrom + i] = operandFrom + fn.operandStart[i];
    const nodeTo = nodeFrom + fn.op.length;
    operandFrom += fn.operands.length;
    flat.operandStart[nodeTo] = operandFrom;
    const namesFrom = names.length;
    const cellsFrom = names.push(...fn.parameters);
    const namesTo = names.push(...fn.cells);
    const capturesFrom = captures.length;
    for (const { owner, cell } of fn.captures) captures.push(owner, cell);
    const isHash = HASH.test(fn.structureHash);
    const head: FlatFunction = {
      key: fn.key,
      keyHash: hashKey(fn.key),
      name: fn.name,
      flags: fn.flags,
      parent: fn.parent,
      classIndex: fn.classIndex,
      guards: fn.guards,
      branches: fn.branches ?? NO_BRANCHES,
      nodeFrom,
      nodeTo,
      namesFrom,
      cellsFrom,
      namesTo,
      capturesFrom,
      capturesTo: captures.length,
      rangeStart: fn.range[0],
      rangeEnd: fn.range[1],
      nameStart: fn.nameRange[0],
      nameEnd: fn.nameRange[1],
      hashFirst: isHash ? parseHex32(fn.structureHash) : 0,
      hashSecond: isHash ? parseHex32(fn.structureHash, 8) : 0,
      hashText: isHash ? undefined : fn.structureHash,
    };
    nodeFrom = nodeTo;
    return head;
  });
  return { ...graph, functions: heads, ...flat, names: Int32Array.from(names), captures: Int32Array.from(captures) };
}

/** The same graph with a view of its own for each function. Shares no memory with `flat`. */
export function unflatten(flat: FlatGraph): FileGraph {
  const { functions } = flat;
  let nodes = 0;
  for (const { nodeTo } of functions) nodes = Math.max(nodes, nodeTo);
  const whole = {
    op: flat.op.slice(0, nodes),
    aux: flat.aux.slice(0, nodes),
    operands: flat.operands.slice(0, flat.operandStart[nodes]),
    start: new Uint32Array(flat.start.subarray(0, nodes)),
    end: new Uint32Array(flat.end.subarray(0, nodes)),
  };
  const { dialect, strings, classes, imports, decorators, isEsm, lineStarts, lost, limits } = flat;
  return {
    dialect,
    strings,
    functions: functions.map((fn) => functionOf(flat, whole, fn)),
    classes,
    imports,
    decorators,
    isEsm,
    lineStarts,
    lost,
    limits,
  };
}

type Whole = Pick<FunctionGraph, 'op' | 'aux' | 'operands' | 'start' | 'end'>;

function functionOf(flat: FlatGraph, whole: Whole, fn: FlatFunction): FunctionGraph {
  const { nodeFrom, nodeTo } = fn;
  const operandFrom = flat.operandStart[nodeFrom];
  const operandStart = new Uint32Array(flat.operandStart.subarray(nodeFrom, nodeTo + 1));
  for (let i = 0; i < operandStart.length; i++) operandStart[i] -= operandFrom;
  const captures: { owner: number; cell: number }[] = [];
  for (let i = fn.capturesFrom; i < fn.capturesTo; i += 2) {
    captures.push({ owner: flat.captures[i], cell: flat.captures[i + 1] });
  }
  return {
    key: fn.key,
    name: fn.name,
    flags: fn.flags,
    parent: fn.parent,
    classIndex: fn.classIndex,
    parameters: Array.from(flat.names.subarray(fn.namesFrom, fn.cellsFrom)),
    cells: Array.from(flat.names.subarray(fn.cellsFrom, fn.namesTo)),
    captures,
    guards: fn.guards,
    branches: fn.branches,
    op: whole.op.subarray(nodeFrom, nodeTo),
    aux: whole.aux.subarray(nodeFrom, nodeTo),
    operandStart,
    operands: whole.operands.subarray(operandFrom, flat.operandStart[nodeTo]),
    start: whole.start.subarray(nodeFrom, nodeTo),
    end: whole.end.subarray(nodeFrom, nodeTo),
    range: [fn.rangeStart, fn.rangeEnd],
    nameRange: [fn.nameStart, fn.nameEnd],
    structureHash: fn.hashText ?? hex32(fn.hashFirst) + hex32(fn.hashSecond),
  };
}
