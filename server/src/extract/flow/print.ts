/**
 * A flow graph as text, for tests and for people: one line a node, `%5 = Load "query" %2`.
 */
import {
  ARGUMENTS,
  CallFlag,
  FunctionFlag,
  NONE,
  Op,
  RECEIVER,
  Test,
  type FileGraph,
  type FunctionGraph,
  type NodeId,
} from '../../model/graph';

/** All functions of a file, in order, with an empty line between. */
export function printFile(file: FileGraph): string {
  return file.functions.map((graph) => printFunction(file, graph)).join('\n');
}

export function printFunction(file: FileGraph, graph: FunctionGraph): string {
  const parameters = graph.parameters.map((id) => file.strings[id] || '_').join(', ');
  const flags = flagNames(FunctionFlag, graph.flags);
  const lines = [`${graph.key}(${parameters})${flags === '' ? '' : ` [${flags}]`}`];
  for (let node = 0; node < graph.op.length; node++) lines.push(`  ${printNode(file, graph, node)}`);
  return `${lines.join('\n')}\n`;
}

export function printNode(file: FileGraph, graph: FunctionGraph, node: NodeId): string {
  const parts = [Op[graph.op[node]]];
  const detail = printAux(file, graph, node);
  if (detail !== '') parts.push(detail);
  for (let i = graph.operandStart[node]; i < graph.operandStart[node + 1]; i++) {
    parts.push(graph.operands[i] === NONE ? '-' : `%${graph.operands[i]}`);
  }
  return `%${node} = ${parts.join(' ')}`;
}

function printAux(file: FileGraph, graph: FunctionGraph, node: NodeId): string {
  const aux = graph.aux[node];
  switch (graph.op[node] as Op) {
    case Op.Param:
      return aux === RECEIVER ? 'this' : aux === ARGUMENTS ? 'arguments' : String(aux);
    case Op.RestParam:
    case Op.ArrayLiteral:
      return String(aux);
    case Op.Cell:
      return file.strings[graph.cells[aux]];
    case Op.Captured:
    case Op.CapturedWrite: {
      const { owner, cell } = graph.captures[aux];
      return file.strings[file.functions[owner].cells[cell]];
    }
    case Op.Import: {
      const { specifier, kind, typeOnly } = file.imports[aux];
      return `${kind}${typeOnly ? ' type' : ''} ${JSON.stringify(file.strings[specifier])}`;
    }
    case Op.Global:
    case Op.Const:
    case Op.Regex:
      return file.strings[aux];
    case Op.StringConst:
    case Op.Load:
    case Op.Store:
      return JSON.stringify(file.strings[aux]);
    case Op.Binary:
    case Op.Unary:
      return file.strings[aux];
    case Op.Guard:
      return printGuard(file, graph, aux);
    case Op.Call:
    case Op.New:
      return aux === 0 ? '' : `[${flagNames(CallFlag, aux)}]`;
    case Op.Closure:
      return `(${file.functions[aux].key})`;
    case Op.Class:
    case Op.Super:
      return file.strings[file.classes[aux].name] || '(anonymous)';
    case Op.Yield:
      return aux === 1 ? '*' : '';
    case Op.Iterate:
      return aux === 1 ? 'await' : '';
    default:
      return '';
  }
}

function printGuard(file: FileGraph, graph: FunctionGraph, index: number): string {
  const { test, polarity, path, argument, constant } = graph.guards[index];
  const parts = [polarity ? Test[test] : `not ${Test[test]}`];
  if (test === Test.Call) parts.push(argument === RECEIVER ? 'this' : String(argument));
  if (constant !== NONE) parts.push(JSON.stringify(file.strings[constant]));
  if (path.length > 0) parts.push(`.${path.map((id) => file.strings[id]).join('.')}`);
  return `{${parts.join(' ')}}`;
}

function flagNames(names: Readonly<Record<number, string>>, flags: number): string {
  const found: string[] = [];
  for (let bit = 1; bit <= flags; bit *= 2) if ((flags & bit) !== 0) found.push(names[bit]);
  return found.join(' ');
}
