/**
 * An answer to a question about a function, in the form the solver applies: parallel arrays of entries, sorted canonically.
 * `model/summary.ts` says what an entry means.
 */
import { TextHash } from '../base/textHash';
import { C_ANYTHING, C_PROTOTYPE, EMPTY, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { NO_PREDICATES, type Predicate } from './predicates';
import { RootKind, kindOf, maskOf, type Root } from './references';

/**
 * How much of what lies at the input reaches the output.
 * Identity: the very value, with all that lies below it. Derived: text or data made of the value itself (or its
 * elements). Deep: made of anything at or below it.
 */
export const enum Mode {
  Identity = 0,
  Derived = 1,
  Deep = 2,
}

export interface SummaryTable {
  readonly inRoot: Int32Array;
  readonly inPath: Int32Array;
  readonly inMode: Uint8Array;
  readonly outRoot: Int32Array;
  readonly outPath: Int32Array;
  readonly mask: Int32Array;
  readonly truncated: readonly string[];
  /** What its result, as a test, says of its parameters. */
  readonly predicates: readonly Predicate[];
  readonly hash: string;
}

export interface Entry {
  readonly inRoot: Root;
  readonly inPath: PathId;
  readonly inMode: Mode;
  readonly outRoot: Root;
  readonly outPath: PathId;
  readonly mask: number;
}

export const EMPTY_SUMMARY: SummaryTable = {
  inRoot: new Int32Array(0),
  inPath: new Int32Array(0),
  inMode: new Uint8Array(0),
  outRoot: new Int32Array(0),
  outPath: new Int32Array(0),
  mask: new Int32Array(0),
  truncated: [],
  predicates: NO_PREDICATES,
  hash: '',
};

/** Stable text of roots, for canonical order and hashes: the same in every run, whatever the ids are. */
export type RootText = (root: Root) => string;

/**
 * Merges what one input does to one output when it takes too many different paths: then anything below the input reaches
 * the output as a whole (a sink, a result) or anywhere in it (an object that is changed). A pure function of the entries,
 * and monotone, so that recursion settles on the same result in any order.
 */
export function widen(entries: readonly Entry[], limit: number, paths: PathTable): readonly Entry[] {
  if (entries.length <= limit) return entries;
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${String(entry.inRoot)}:${String(entry.outRoot)}${isSpecial(entry, paths) ? '^' : ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  const result: Entry[] = [];
  for (const group of groups.values()) {
    if (group.length <= limit) result.push(...group);
    else if (isSpecial(group[0], paths)) result.push(...shortest(group, limit, paths));
    else result.push(merged(group, paths));
  }
  return result;
}

/**
 * Prototype objects, and functions that are called with the value: "anything below" is anything but these. And an object that a source
 * lies in at many places is not one that is untrusted as a whole.
 */
function isSpecial(entry: Entry, paths: PathTable): boolean {
  return (
    kindOf(entry.inRoot) === RootKind.Source ||
    paths.contains(entry.inPath, C_PROTOTYPE) ||
    paths.hasCall(entry.outPath)
  );
}

/** Of what can't be merged into "anything below", the shortest ways are kept. */
function shortest(group: readonly Entry[], limit: number, paths: PathTable): Entry[] {
  const text = (entry: Entry): string => paths.textOf(entry.inPath) + paths.textOf(entry.outPath);
  return [...group].sort((a, b) => cost(a, paths) - cost(b, paths) || (text(a) < text(b) ? -1 : 1)).slice(0, limit);
}

function merged(group: readonly Entry[], paths: PathTable): Entry {
  const { inRoot, outRoot } = group[0];
  let kinds = 0;
  for (const { mask } of group) kinds |= mask;
  const isObject = kindOf(outRoot) === RootKind.Parameter || kindOf(outRoot) === RootKind.Cell;
  return {
    inRoot,
    inPath: EMPTY,
    inMode: Mode.Deep,
    outRoot,
    outPath: isObject ? paths.cons(C_ANYTHING, EMPTY) : EMPTY,
    mask: maskOf(kinds, 2),
  };
}

/** Sorts entries canonically, keeps at most `limit`, and hashes them. */
export function makeSummary(
  entries: readonly Entry[],
  paths: PathTable,
  rootText: RootText,
  limit: number,
  truncated: readonly string[],
  predicates: readonly Predicate[] = NO_PREDICATES,
): SummaryTable {
  if (entries.length === 0 && truncated.length === 0 && predicates.length === 0) return EMPTY_SUMMARY;
  const sorted = [...entries];
  if (sorted.length > 1) sorted.sort((a, b) => compareEntries(a, b, paths, rootText));
  let notes = truncated;
  if (sorted.length > limit) {
    notes = [
      ...truncated,
      `${String(sorted.length - limit)} of ${String(sorted.length)} flows were left out of the summary`,
    ];
    // Short paths first: they subsume the most. The order of equal ones stays.
    sorted.sort((a, b) => cost(a, paths) - cost(b, paths));
    sorted.length = limit;
  }
  const size = sorted.length;
  const table = {
    inRoot: new Int32Array(size),
    inPath: new Int32Array(size),
    inMode: new Uint8Array(size),
    outRoot: new Int32Array(size),
    outPath: new Int32Array(size),
    mask: new Int32Array(size),
  };
  const hash = new TextHash();
  for (let i = 0; i < size; i++) {
    const entry = sorted[i];
    table.inRoot[i] = entry.inRoot;
    table.inPath[i] = entry.inPath;
    table.inMode[i] = entry.inMode;
    table.outRoot[i] = entry.outRoot;
    table.outPath[i] = entry.outPath;
    table.mask[i] = entry.mask;
    hash.text(rootText(entry.inRoot));
    hash.text(paths.textOf(entry.inPath));
    hash.number(entry.inMode);
    hash.text(rootText(entry.outRoot));
    hash.text(paths.textOf(entry.outPath));
    hash.number(entry.mask);
  }
  for (const note of notes) hash.text(note);
  for (const { parameter, whenTrue, removes } of predicates) {
    hash.number(parameter * 2 + (whenTrue ? 1 : 0));
    hash.number(removes);
  }
  return {
    inRoot: table.inRoot,
    inPath: table.inPath,
    inMode: table.inMode,
    outRoot: table.outRoot,
    outPath: table.outPath,
    mask: table.mask,
    truncated: notes,
    predicates,
    hash: hash.digest(),
  };
}

export function entryAt(table: SummaryTable, index: number): Entry {
  return {
    inRoot: table.inRoot[index],
    inPath: table.inPath[index],
    inMode: table.inMode[index],
    outRoot: table.outRoot[index],
    outPath: table.outPath[index],
    mask: table.mask[index],
  };
}

/** Stands for the head of an empty path in `headsOf`. */
export const WHOLE_VALUE: ComponentId = -1;

const heads = new WeakMap<SummaryTable, ReadonlyMap<ComponentId, readonly number[]>>();

/** The entries of an answer by the component that they read first. Made when first asked for. */
export function headsOf(summary: SummaryTable, paths: PathTable): ReadonlyMap<ComponentId, readonly number[]> {
  const known = heads.get(summary);
  if (known !== undefined) return known;
  const made = new Map<ComponentId, number[]>();
  for (let entry = 0; entry < summary.inPath.length; entry++) {
    const path = summary.inPath[entry];
    const head = path === EMPTY ? WHOLE_VALUE : paths.head(path);
    const list = made.get(head);
    if (list === undefined) made.set(head, [entry]);
    else list.push(entry);
  }
  heads.set(summary, made);
  return made;
}

/** By input root and path, mode, output root and path; texts, because ids differ from run to run. */
function compareEntries(a: Entry, b: Entry, paths: PathTable, rootText: RootText): number {
  return (
    (a.inRoot === b.inRoot ? 0 : compareTexts(rootText(a.inRoot), rootText(b.inRoot))) ||
    (a.inPath === b.inPath ? 0 : compareTexts(paths.textOf(a.inPath), paths.textOf(b.inPath))) ||
    a.inMode - b.inMode ||
    (a.outRoot === b.outRoot ? 0 : compareTexts(rootText(a.outRoot), rootText(b.outRoot))) ||
    (a.outPath === b.outPath ? 0 : compareTexts(paths.textOf(a.outPath), paths.textOf(b.outPath)))
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cost(entry: Entry, paths: PathTable): number {
  return paths.length(entry.inPath) + paths.length(entry.outPath);
}
