/**
 * The few names by which a file is found from outside: what it declares and exports, and what it calls. Derived from
 * the skeleton, so no language is known here.
 */
import type { FlatGraph } from '../../model/flatGraph';
import { FunctionFlag, NONE } from '../../model/graph';
import { stringOf, TermKind, type Skeleton } from '../../model/skeleton';

/** What is declared: its name; `function`, `method`, `class` or `export`; key hash of the function it stands for, or -1. */
export type DeclaredSymbol = readonly [name: string, kind: string, functionKey: number];

/** In the form in which the database takes rows: a file has dozens, and nobody looks at them before. */
export interface FileSymbols {
  /** JSON of an array of `DeclaredSymbol`. */
  readonly symbols: string;
  /** JSON of an array: names by which something is called, without duplicates. */
  readonly callNames: string;
  /** How many the two are together. */
  readonly nameCount: number;
}

export function symbolsOf(graph: FlatGraph, skeleton: Skeleton): FileSymbols {
  const symbols: DeclaredSymbol[] = [];
  for (let index = 1; index < graph.functions.length; index++) {
    const name = functionName(graph, index);
    if (name === '') continue;
    const isMethod =
      (skeleton.functionFlags[index] & FunctionFlag.Method) !== 0 || skeleton.functionClass[index] !== NONE;
    symbols.push([name, isMethod ? 'method' : 'function', skeleton.functionKeyHash[index]]);
  }
  for (let index = 0; index < skeleton.className.length; index++) {
    const name = stringOf(skeleton, skeleton.className[index]);
    const constructor = skeleton.classConstructor[index];
    if (name !== '') symbols.push([name, 'class', constructor === NONE ? -1 : skeleton.functionKeyHash[constructor]]);
  }
  const isExported = new Uint8Array(skeleton.strings.length);
  for (let index = 0; index < skeleton.storeBase.length; index++) {
    if (skeleton.storeBase[index] !== skeleton.exports || skeleton.storeName[index] < 0) continue;
    if (isExported[skeleton.storeName[index]] === 1) continue;
    isExported[skeleton.storeName[index]] = 1;
    const name = stringOf(skeleton, skeleton.storeName[index]);
    const value = skeleton.storeValue[index];
    const isFunction = skeleton.termKind[value] === TermKind.Function;
    symbols.push([name, 'export', isFunction ? skeleton.functionKeyHash[skeleton.termA[value]] : -1]);
  }
  const callNames = callNamesOf(graph, skeleton);
  return {
    symbols: symbols.length === 0 ? '[]' : JSON.stringify(symbols),
    callNames: callNames.length === 0 ? '[]' : JSON.stringify(callNames),
    nameCount: symbols.length + callNames.length,
  };
}

function functionName({ functions, strings }: FlatGraph, index: number): string {
  const { name } = functions[index];
  return name === NONE ? '' : strings[name];
}

function callNamesOf(graph: FlatGraph, skeleton: Skeleton): string[] {
  const names = new Set<string>();
  const { siteCallee } = skeleton;
  const isKnown = new Uint8Array(skeleton.termKind.length);
  for (let site = 0; site < siteCallee.length; site++) {
    const callee = siteCallee[site];
    if (isKnown[callee] === 1) continue;
    isKnown[callee] = 1;
    switch (skeleton.termKind[callee] as TermKind) {
      case TermKind.Member:
        names.add(stringOf(skeleton, skeleton.termB[callee]));
        break;
      case TermKind.Global:
        names.add(stringOf(skeleton, skeleton.termA[callee]));
        break;
      case TermKind.Function:
        names.add(functionName(graph, skeleton.termA[callee]));
        break;
      default:
        break;
    }
  }
  names.delete('');
  return [...names];
}
