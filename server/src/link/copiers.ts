/**
 * Functions of a program that copy properties, by their form: `function merge(target, ...sources)` with
 * `target[key] = source[key]` in it. What they are handed is copied where they are called, as models say it of functions of libraries.
 */
import { NO_TERM, STORE_COPY, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import type { FileIndex } from './fileIndex';

/** Positions of parameters: properties of those from `from` to `last` are copied to `to`. */
export interface Copier {
  readonly to: number;
  readonly from: number;
  readonly last: number;
}

/** Values that a variable may be, of which each is looked at. */
const MAX_ALTERNATIVES = 8;

/** The functions of a file that copy, by index. */
export function copiersOf(index: FileIndex): ReadonlyMap<number, Copier> {
  const found = new Map<number, Copier>();
  for (const w of index.foreignWrites) {
    if (index.writeName[w] !== STORE_COPY) continue;
    const target = positionOf(index, index.writeBase[w]);
    const source = positionOf(index, index.writeValue[w]);
    if (target === undefined || source?.f !== target.f || target.last !== target.from) continue;
    const { f, from: to } = target;
    // Of all arguments, those behind the target.
    const from = source.last === Infinity ? Math.max(source.from, to + 1) : source.from;
    if (from === to) continue;
    const known = found.get(f);
    if (known === undefined) found.set(f, { to, from, last: source.last });
    else if (known.to === to)
      found.set(f, { to, from: Math.min(known.from, from), last: Math.max(known.last, source.last) });
  }
  return found;
}

/** Whether each call of the function that a write stands in tells what is copied there: its first argument gets what the others have. */
export function isToldByCalls(index: FileIndex, w: number): boolean {
  if (index.writeName[w] !== STORE_COPY) return false;
  const target = positionOf(index, index.writeBase[w]);
  if (target?.from !== 0 || target.last !== 0) return false;
  return positionOf(index, index.writeValue[w])?.f === target.f && index.copier(target.f)?.to === 0;
}

interface Position {
  readonly f: number;
  readonly from: number;
  readonly last: number;
}

/** Which parameters of which function a term is. */
function positionOf(index: FileIndex, start: Term): Position | undefined {
  const { termKind, termA, termB, strings, listStart, lists } = index.skeleton;
  const term = index.resolveAlias(start);
  const base = termA[term];
  switch (termKind[term] as TermKind) {
    case TermKind.Param:
      return termB[term] < 0 ? undefined : { f: base, from: termB[term], last: termB[term] };
    case TermKind.Element:
      return termKind[base] === TermKind.RestParam ? { f: termA[base], from: termB[base], last: Infinity } : undefined;
    case TermKind.Member: {
      const name = strings[termB[term]];
      if (termKind[base] !== TermKind.RestParam || !/^\d$/.test(name)) return undefined;
      const at = termB[base] + Number(name);
      return { f: termA[base], from: at, last: at };
    }
    // `target = arguments[0] || {}`
    case TermKind.Union:
    case TermKind.Variable: {
      const end = Math.min(listStart[base + 1], listStart[base] + MAX_ALTERNATIVES);
      for (let i = listStart[base]; i < end; i++) {
        const kind: TermKind = termKind[lists[i]];
        if (lists[i] === NO_TERM || kind === TermKind.Union || kind === TermKind.Variable) continue;
        const found = positionOf(index, lists[i]);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}
