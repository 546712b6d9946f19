/** What an index of a file is made of beside its look-ups: parts of functions, and writes that calls make. */
import { NO_TERM, type Skeleton, type Term } from '../model/skeleton';
import type { CallEffects } from './builtins';
import { DEFAULT } from './builtins';

/** Calls of a part of a function. */
const PART_SITES = 4;

/** Parts of a file, in parallel. */
export interface Parts {
  readonly of: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** A property write: name as in the skeleton, or `STORE_INHERIT`. */
export interface Writes {
  readonly base: number[];
  readonly name: number[];
  readonly value: number[];
}

const lastNamesOf = new WeakMap<CallEffects, ReadonlySet<string>>();

/** What the callee of a call with effects is called last, where it is a property. */
export function lastNames(effects: CallEffects): ReadonlySet<string> {
  let names = lastNamesOf.get(effects);
  if (names === undefined) {
    names = new Set([DEFAULT, ...Object.keys(effects).map((path) => path.slice(path.lastIndexOf('.') + 1))]);
    lastNamesOf.set(effects, names);
  }
  return names;
}

const copyingNamesOf = new WeakMap<CallEffects, ReadonlySet<string>>();

/** The same of calls that copy properties, where the callee is a property. */
export function copyingNames(effects: CallEffects): ReadonlySet<string> {
  let names = copyingNamesOf.get(effects);
  if (names === undefined) {
    const paths = Object.keys(effects).filter((path) => effects[path].copies !== undefined && path.includes('.'));
    names = new Set(paths.map((path) => path.slice(path.lastIndexOf('.') + 1)));
    copyingNamesOf.set(effects, names);
  }
  return names;
}

export function cutIntoParts({ functionKeyHash, siteStart }: Skeleton): Parts {
  const of: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let f = 0; f < functionKeyHash.length; f++) {
    const end = siteStart[f + 1];
    for (let site = siteStart[f]; site < end; site += PART_SITES) {
      of.push(f);
      from.push(site);
      to.push(Math.min(site + PART_SITES, end));
    }
  }
  return { of, from, to };
}

export function addWrite(writes: Writes, base: Term, name: number, value: Term): void {
  if (base === NO_TERM || value === NO_TERM) return;
  writes.base.push(base);
  writes.name.push(name);
  writes.value.push(value);
}

export function concat(first: Int32Array, rest: readonly number[]): Int32Array {
  if (rest.length === 0) return first;
  const result = new Int32Array(first.length + rest.length);
  result.set(first);
  result.set(rest, first.length);
  return result;
}

export function mixKey(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

/** 32-bit keys, made unique by counting on from collisions in table order. */
export function uniqueKeys(count: number, keyOf: (index: number) => number): Uint32Array {
  const keys = new Uint32Array(count);
  const taken = new Set<number>();
  for (let i = 0; i < count; i++) {
    let key = keyOf(i);
    while (taken.has(key)) key = (key + 1) >>> 0;
    taken.add(key);
    keys[i] = key;
  }
  return keys;
}

export function indexOf(keys: Uint32Array): Map<number, number> {
  const result = new Map<number, number>();
  for (let i = 0; i < keys.length; i++) result.set(keys[i], i);
  return result;
}
