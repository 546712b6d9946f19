/**
 * What the extraction tests share: code in, readable graph out.
 */
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { printFunction } from '../../../server/src/extract/flow/print';
import type { Dialect, FileGraph, FunctionGraph } from '../../../server/src/model/graph';

/** The function with this key. */
export function functionOf(file: FileGraph, key: string): FunctionGraph {
  const found = file.functions.find((graph) => graph.key === key);
  if (found === undefined) throw new Error(`no ${key} among: ${file.functions.map((graph) => graph.key).join('; ')}`);
  return found;
}

/** The printed graph of one function of the code, by default the one named `f`. */
export function printed(code: string, key = 'function f', dialect: Dialect = 'js'): string {
  const file = extractJavaScript(code, dialect);
  return printFunction(file, functionOf(file, key));
}

export function keysOf(code: string, dialect: Dialect = 'js'): string[] {
  return extractJavaScript(code, dialect).functions.map((graph) => graph.key);
}
