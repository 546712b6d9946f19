/** Properties that calls define by descriptors: `Object.defineProperty(o, 'x', { value })` or `{ get }`, where name and descriptor are written out. */
import { NO_TERM, STORE_ELEMENT, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import type { CallEffect } from './builtins';
import type { FileIndex } from './fileIndex';

export interface DescribedProperty {
  /** The object that has it. */
  readonly base: Term;
  /** String, or `STORE_ELEMENT`. */
  readonly name: number;
  readonly value: Term;
  /** The function that gives the value; -1 without one. */
  readonly getter: number;
}

/**
 * What a call defines. Without a position for the name, the descriptors are properties of one object, under whatever names, that may come from a function:
 * `Object.defineProperties(exports, init())`.
 */
export function describedProperties(
  index: FileIndex,
  site: number,
  define: NonNullable<CallEffect['defines']>,
): readonly DescribedProperty[] {
  const { termKind, termA, storeBase, storeName, storeValue } = index.skeleton;
  const found: DescribedProperty[] = [];
  const base = index.argument(site, define.object);
  const descriptor = index.resolveAlias(index.argument(site, define.descriptor));
  if (define.name !== undefined) {
    const name = index.argument(site, define.name);
    if (termKind[descriptor] === TermKind.Object && termKind[name] === TermKind.Text)
      describe(index, base, termA[name], descriptor, found);
    return found;
  }
  const descriptors = madeObject(index, descriptor);
  for (let w = 0; w < storeBase.length && descriptors !== NO_TERM; w++) {
    if (storeName[w] < 0 && storeName[w] !== STORE_ELEMENT) continue;
    if (index.resolveAlias(storeBase[w]) !== descriptors) continue;
    const each = index.resolveAlias(storeValue[w]);
    if (termKind[each] === TermKind.Object) describe(index, base, storeName[w], each, found);
  }
  return found;
}

/** The object literal that a term is, or that the function of this file gives back which it calls. */
function madeObject(index: FileIndex, term: Term): Term {
  const { termKind, termA, siteCallee, functionReturn } = index.skeleton;
  let made = term;
  if (termKind[term] === TermKind.Call) {
    const callee = index.resolveAlias(siteCallee[termA[term]]);
    if (termKind[callee] !== TermKind.Function) return NO_TERM;
    made = index.resolveAlias(functionReturn[termA[callee]]);
  }
  return termKind[made] === TermKind.Object ? made : NO_TERM;
}

function describe(index: FileIndex, base: Term, name: number, descriptor: Term, found: DescribedProperty[]): void {
  const { termKind, termA, strings, storeBase, storeName, storeValue, functionReturn } = index.skeleton;
  for (let w = 0; w < storeBase.length; w++) {
    if (storeBase[w] !== descriptor || storeName[w] < 0) continue;
    const property = strings[storeName[w]];
    const value = storeValue[w];
    if (property === 'value') found.push({ base, name, value, getter: -1 });
    else if (property === 'get' && termKind[value] === TermKind.Function)
      found.push({ base, name, value: functionReturn[termA[value]], getter: termA[value] });
  }
}
