/**
 * An answer to a question about a function, in the form the solver applies: parallel arrays of entries, sorted canonically.
 * `model/summary.ts` says what an entry means.
 */
import { TextHash } from '../base/textHash';
import { TripleTable } from '../base/tripleTable';
import { NONE } from '../model/graph';
import { C_ANYTHING, C_PROTOTYPE, EMPTY, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { NO_PREDICATES, OUTCOMES, isAboutTheSame, type Predicate } from './predicates';
import { RootKind, joinMasks, kindOf, maskOf, type Root } from './references';

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
  // Most hold a few entries: an array of small integers costs a fraction of a typed one then.
  readonly inRoot: readonly Root[];
  readonly inPath: readonly PathId[];
  readonly inMode: readonly Mode[];
  readonly outRoot: readonly Root[];
  readonly outPath: readonly PathId[];
  readonly mask: readonly number[];
  readonly truncated: readonly string[];
  /** The last of these notes says that recursion was cut: nobody has to look again because of that. */
  readonly isCut: boolean;
  /** What its result, as a test, says of its parameters. */
  readonly predicates: readonly Predicate[];
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
  inRoot: [],
  inPath: [],
  inMode: [],
  outRoot: [],
  outPath: [],
  mask: [],
  truncated: [],
  isCut: false,
  predicates: NO_PREDICATES,
};

/** Notes of the function itself. */
const ownNotes = ({ truncated, isCut }: SummaryTable): number => truncated.length - (isCut ? 1 : 0);

/** True when both say the same. */
export function sameSummary(a: SummaryTable, b: SummaryTable): boolean {
  if (a === b) return true;
  const size = a.inRoot.length;
  const notes = ownNotes(a);
  if (b.inRoot.length !== size || ownNotes(b) !== notes || a.predicates.length !== b.predicates.length) return false;
  for (let i = 0; i < size; i++) if (!sameEntry(a, i, b, i)) return false;
  return sameNotes(a, b);
}

function sameEntry(a: SummaryTable, i: number, b: SummaryTable, j: number): boolean {
  return (
    a.inRoot[i] === b.inRoot[j] &&
    a.inPath[i] === b.inPath[j] &&
    a.inMode[i] === b.inMode[j] &&
    a.outRoot[i] === b.outRoot[j] &&
    a.outPath[i] === b.outPath[j] &&
    a.mask[i] === b.mask[j]
  );
}

/** Beside the entries; there are as many in both. */
function sameNotes(a: SummaryTable, b: SummaryTable): boolean {
  for (let i = 0; i < ownNotes(a); i++) if (a.truncated[i] !== b.truncated[i]) return false;
  return a.predicates.every((predicate, i) => samePredicate(predicate, b.predicates[i]));
}

function samePredicate(a: Predicate, b: Predicate): boolean {
  return isAboutTheSame(a, b) && a.removes === b.removes;
}

/** Which entry of one answer an entry of the other is; used by one call at a time. */
const PLACES = new TripleTable();
const INPUTS = new TripleTable();

/** For each entry of `b` its place in `a`, or -1. */
function placesIn(a: SummaryTable, b: SummaryTable): number[] {
  PLACES.clear();
  INPUTS.clear();
  const size = a.inRoot.length;
  for (let i = 0; i < size; i++)
    PLACES.add(INPUTS.add(a.inRoot[i], a.inPath[i], a.inMode[i]), a.outRoot[i], a.outPath[i]);
  return b.inRoot.map((inRoot, i) => {
    const input = INPUTS.find(inRoot, b.inPath[i], b.inMode[i]);
    return input < 0 ? -1 : PLACES.find(input, b.outRoot[i], b.outPath[i]);
  });
}

/** True when `b` says all that `a` says, and no test in it takes anything from callers: who was told `a` loses nothing by `b`. */
export function isGrowth(a: SummaryTable, b: SummaryTable): boolean {
  if (a === b || (a.inRoot.length === 0 && b.predicates.length === 0)) return true;
  if (b.inRoot.length < a.inRoot.length) return false;
  const places = placesIn(b, a);
  for (const [i, place] of places.entries())
    if (place < 0 || joinMasks(a.mask[i], b.mask[place]) !== b.mask[place]) return false;
  return b.predicates.every((predicate) =>
    a.predicates.some((known) => isAboutTheSame(known, predicate) && (predicate.removes & ~known.removes) === 0),
  );
}

/** What either says. */
export function joinSummaries(
  a: SummaryTable,
  b: SummaryTable,
  paths: PathTable,
  rootText: RootText,
  limit: number,
): SummaryTable {
  const entries = b.inRoot.map((_, i) => entryAt(b, i));
  for (const [i, place] of placesIn(b, a).entries()) {
    const entry = entryAt(a, i);
    if (place < 0) entries.push(entry);
    else entries[place] = { ...entry, mask: joinMasks(entry.mask, entries[place].mask) };
  }
  const notes = new Set([...a.truncated.slice(0, ownNotes(a)), ...b.truncated.slice(0, ownNotes(b))]);
  const predicates = b.predicates.flatMap((predicate) => {
    const known = a.predicates.find((one) => isAboutTheSame(one, predicate));
    const removes = predicate.removes & (known?.removes ?? 0);
    // A part of a schema that lets everything through is part of it all the same.
    return removes === 0 && predicate.yardstick === undefined ? [] : [{ ...predicate, removes }];
  });
  return makeSummary(entries, paths, rootText, limit, [...notes].sort(), predicates);
}

/** Stable text of roots, for canonical order: the same in every run, whatever the ids are. */
export type RootText = (root: Root) => string;

/** How far what one input does to one output is kept apart. */
interface Apartness {
  /** Paths that are kept as they are. */
  readonly paths: number;
  /** The same of an output that is an object of others, which is changed. */
  readonly changes: number;
  /** Ways that can't be merged. */
  readonly special: number;
  /** Properties of the output that are told apart when there are more paths. */
  readonly properties: number;
}

/** Properties of one output that are told apart when one input comes to it by many paths. */
const MOST_PROPERTIES = 8;

/**
 * Flows of one function beyond which what comes to one object is not kept apart at all. A function that does so much is part of a large piece of code whose
 * functions all call each other, and there everything that is kept apart is kept apart again by everybody: answers would not settle within the limits.
 */
const MANY_FLOWS = 50;

/** Which group an entry belongs to; used by one call at a time. */
const GROUPED = new TripleTable();

/**
 * Merges what one input does to one output when it takes too many different paths: then anything below the input reaches the output as a
 * whole (a sink), or what is below the properties of it that were told. Of very many properties, it reaches the output as a whole (a
 * result) or anywhere in it (an object that is changed). A pure function of the entries. `leftOut` is called when some were left out without
 * another one that covers them.
 */
export function widen(
  entries: readonly Entry[],
  limit: number,
  paths: PathTable,
  leftOut: () => void,
): readonly Entry[] {
  if (entries.length <= limit) return entries;
  const groups: Entry[][] = [];
  GROUPED.clear();
  for (const entry of entries) {
    const number = GROUPED.add(entry.inRoot, entry.outRoot, isSpecial(entry, paths) ? 1 : 0);
    if (number === groups.length) groups.push([entry]);
    else groups[number].push(entry);
  }
  const apart = { paths: limit, changes: limit, special: limit, properties: MOST_PROPERTIES };
  const result = mergedGroups(groups, apart, paths, leftOut);
  return result.length <= MANY_FLOWS
    ? result
    : mergedGroups(groups, { paths: limit, changes: 1, special: 1, properties: 0 }, paths, leftOut);
}

function mergedGroups(
  groups: readonly (readonly Entry[])[],
  apart: Apartness,
  paths: PathTable,
  leftOut: () => void,
): readonly Entry[] {
  const result: Entry[] = [];
  for (const group of groups) {
    const isKeptSpecially = isSpecial(group[0], paths);
    const limit = isKeptSpecially ? apart.special : isOfOthers(group[0].outRoot) ? apart.changes : apart.paths;
    if (group.length <= limit) result.push(...group);
    else if (isKeptSpecially) {
      result.push(...shortest(group, limit, paths));
      leftOut();
    } else {
      const joined = merged(group, apart.properties, paths);
      result.push(...joined);
      if (kindOf(group[0].outRoot) === RootKind.Sink)
        result.push(...ofItself(group, paths).filter((entry) => !joined.includes(entry)));
    }
  }
  return result;
}

/** An object that others have, too: what is written into it is seen by them. */
function isOfOthers(root: Root): boolean {
  const kind = kindOf(root);
  return kind === RootKind.Parameter || kind === RootKind.Cell || kind === RootKind.Store;
}

/**
 * Prototype objects, and functions that are called with the value: "anything below" is anything but these. And an object that a source
 * lies in at many places is not one that is untrusted as a whole.
 */
function isSpecial(entry: Entry, paths: PathTable): boolean {
  return (
    kindOf(entry.inRoot) === RootKind.Source ||
    paths.contains(entry.inPath, C_PROTOTYPE) ||
    paths.contains(entry.outPath, C_PROTOTYPE) ||
    paths.hasCall(entry.outPath)
  );
}

/**
 * What the value does itself that all the other ways are properties of. A client that takes an address, or an object with one in any of five properties,
 * is no less given an address by who hands it a text.
 */
function ofItself(group: readonly Entry[], paths: PathTable): readonly Entry[] {
  let whole = group[0].inPath;
  for (const { inPath } of group) if (paths.length(inPath) < paths.length(whole)) whole = inPath;
  const isAlone = group.every(
    ({ inPath, inMode }) => inMode !== Mode.Deep && (inPath === whole || isPropertyOf(inPath, whole, paths)),
  );
  return isAlone ? group.filter(({ inPath }) => inPath === whole) : [];
}

/** Whether a path is another one and a property behind it. */
function isPropertyOf(path: PathId, owner: PathId, paths: PathTable): boolean {
  let [rest, wanted] = [path, owner];
  while (wanted !== EMPTY) {
    if (rest === EMPTY || paths.head(rest) !== paths.head(wanted)) return false;
    [rest, wanted] = [paths.tail(rest), paths.tail(wanted)];
  }
  return rest !== EMPTY && paths.tail(rest) === EMPTY && paths.isProperty(paths.head(rest));
}

/** Of what can't be merged into "anything below", the shortest ways are kept. */
function shortest(group: readonly Entry[], limit: number, paths: PathTable): Entry[] {
  const text = (entry: Entry): string => paths.textOf(entry.inPath) + paths.textOf(entry.outPath);
  return [...group].sort((a, b) => cost(a, paths) - cost(b, paths) || (text(a) < text(b) ? -1 : 1)).slice(0, limit);
}

function merged(group: readonly Entry[], properties: number, paths: PathTable): readonly Entry[] {
  const { inRoot, outRoot } = group[0];
  const byProperty = new Map<PathId, Entry[]>();
  for (const entry of group) {
    const place = coarse(entry.outPath, paths);
    const alike = byProperty.get(place);
    if (alike === undefined) byProperty.set(place, [entry]);
    else alike.push(entry);
  }
  if (byProperty.size <= properties)
    return Array.from(byProperty, ([outPath, alike]) => (alike.length === 1 ? alike[0] : mergedInto(outPath, alike)));
  return [
    {
      inRoot,
      inPath: EMPTY,
      inMode: Mode.Deep,
      outRoot,
      outPath: isOfOthers(outRoot) ? paths.cons(C_ANYTHING, EMPTY) : EMPTY,
      mask: maskOf(kindsOf(group), 2),
    },
  ];
}

/** A path as far as it is kept apart from others when there are many: which property it is, and whether it goes further. */
function coarse(path: PathId, paths: PathTable): PathId {
  return path === EMPTY || paths.tail(path) === EMPTY
    ? path
    : paths.cons(paths.head(path), paths.cons(C_ANYTHING, EMPTY));
}

function mergedInto(outPath: PathId, alike: readonly Entry[]): Entry {
  const [{ inRoot, outRoot }] = alike;
  return { inRoot, inPath: EMPTY, inMode: Mode.Deep, outRoot, outPath, mask: maskOf(kindsOf(alike), 2) };
}

function kindsOf(group: readonly Entry[]): number {
  let kinds = 0;
  for (const { mask } of group) kinds |= mask;
  return kinds;
}

/** Sorts entries canonically and keeps at most `limit`. */
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
  const inRoot: Root[] = [];
  const inPath: PathId[] = [];
  const inMode: Mode[] = [];
  const outRoot: Root[] = [];
  const outPath: PathId[] = [];
  const mask: number[] = [];
  for (const entry of sorted) {
    inRoot.push(entry.inRoot);
    inPath.push(entry.inPath);
    inMode.push(entry.inMode);
    outRoot.push(entry.outRoot);
    outPath.push(entry.outPath);
    mask.push(entry.mask);
  }
  return { inRoot, inPath, inMode, outRoot, outPath, mask, truncated: notes, isCut: false, predicates };
}

/** What an answer says, as a short text that is the same in every run. */
export function hashOf(summary: SummaryTable, paths: PathTable, rootText: RootText): string {
  const hash = new TextHash();
  for (let i = 0; i < summary.inRoot.length; i++) {
    hash.text(rootText(summary.inRoot[i]));
    hash.text(paths.textOf(summary.inPath[i]));
    hash.number(summary.inMode[i]);
    hash.text(rootText(summary.outRoot[i]));
    hash.text(paths.textOf(summary.outPath[i]));
    hash.number(summary.mask[i]);
  }
  for (let i = 0; i < ownNotes(summary); i++) hash.text(summary.truncated[i]);
  for (const { parameter, outcome, removes, keyOf = NONE, elements, yardstick } of summary.predicates) {
    hash.number(parameter * OUTCOMES + outcome);
    hash.number(removes);
    hash.number(elements === true ? -2 : keyOf);
    if (yardstick === undefined) continue;
    hash.text(paths.textOf(yardstick.at));
    hash.text(paths.textOf(yardstick.below));
  }
  return hash.digest();
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

const effects = new WeakMap<SummaryTable, SummaryTable>();

/** What an answer says beside the function's result: all that a call has to know whose result nobody uses. Made when first asked for. */
export function effectsOf(summary: SummaryTable): SummaryTable {
  let made = effects.get(summary);
  if (made === undefined) effects.set(summary, (made = withoutResult(summary)));
  return made;
}

/** Whether `effectsOf` both is the same, without making either. */
export function haveSameEffects(a: SummaryTable, b: SummaryTable): boolean {
  if (a === b) return true;
  const notes = ownNotes(a);
  if (ownNotes(b) !== notes || a.predicates.length !== b.predicates.length) return false;
  let i = 0;
  for (let j = 0; ; i++, j++) {
    i = nextEffect(a, i);
    j = nextEffect(b, j);
    if (i === a.outRoot.length || j === b.outRoot.length) {
      if (i !== a.outRoot.length || j !== b.outRoot.length) return false;
      break;
    }
    if (!sameEntry(a, i, b, j)) return false;
  }
  return sameNotes(a, b);
}

/** The first entry from `from` on that does not lead to the result; the number of entries when there is none. */
function nextEffect({ outRoot }: SummaryTable, from: number): number {
  let entry = from;
  while (entry < outRoot.length && kindOf(outRoot[entry]) === RootKind.Return) entry++;
  return entry;
}

function withoutResult(summary: SummaryTable): SummaryTable {
  const kept: number[] = [];
  for (let entry = 0; entry < summary.outRoot.length; entry++)
    if (kindOf(summary.outRoot[entry]) !== RootKind.Return) kept.push(entry);
  if (kept.length === summary.outRoot.length) return summary;
  if (kept.length === 0 && summary.truncated.length === 0 && summary.predicates.length === 0) return EMPTY_SUMMARY;
  return {
    ...summary,
    inRoot: kept.map((entry) => summary.inRoot[entry]),
    inPath: kept.map((entry) => summary.inPath[entry]),
    inMode: kept.map((entry) => summary.inMode[entry]),
    outRoot: kept.map((entry) => summary.outRoot[entry]),
    outPath: kept.map((entry) => summary.outPath[entry]),
    mask: kept.map((entry) => summary.mask[entry]),
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
