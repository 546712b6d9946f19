/** What one function contributes to findings: those entries of its summary that end in a sink or lie in a place that functions share. */
import type { FunctionId } from '../model/ids';
import { C_PROTOTYPE, EMPTY, type PathId, type PathTable } from './accessPaths';
import { RECEIVER_ROOT, RETURN_ROOT, RootKind, contextOf, isEnd, kindOf, type Root } from './references';
import { isToldOfClass } from './placePaths';
import { entryAt, sameSummary, type Entry, type SummaryTable } from './summaryTable';

/** One part of the way from a source to a sink: an entry of a function's summary. */
export interface Leg extends Entry {
  readonly function: FunctionId;
}

export interface Contribution {
  readonly function: FunctionId;
  /** What it is made of. Its legs are made of these whenever they are asked for: in all functions together there are millions. */
  readonly summaries: readonly SummaryTable[];
  /** Whether it speaks of fields of the class that the function belongs to, and of the function's parameters. */
  readonly hasReceiver: boolean;
  readonly hasParameters: boolean;
  /** Of parameters that functions share: whether what lies at a path of one is such a place. */
  readonly shares: SharesPath | undefined;
  /** Whether what it gives back is a new object whose methods share its fields. */
  readonly isMaker: boolean;
}

export type SharesPath = (root: Root, path: PathId) => boolean;

/** What an entry is; a parameter that functions share may be both what callers give and a shared place. */
const enum Way {
  None = 0,
  /** From a source or parameter to a sink. */
  Local = 1,
  /** From a source or parameter into a shared place. */
  Into = 2,
  /** From a shared place onward. */
  From = 4,
}

/** From all that is known of a function, in a stable order; undefined when it contributes nothing. */
export function contributionOf(
  id: FunctionId,
  summaries: readonly SummaryTable[],
  paths: PathTable,
  shares?: SharesPath,
  isMaker = false,
): Contribution | undefined {
  let isAny = false;
  let hasReceiver = false;
  let hasParameters = false;
  for (const summary of summaries) {
    const { inRoot, outRoot } = summary;
    for (let i = 0; i < inRoot.length; i++) {
      const ways = waysOf(summary, i, paths, shares, isMaker);
      if (ways === Way.None) continue;
      isAny = true;
      hasReceiver ||= inRoot[i] === RECEIVER_ROOT || outRoot[i] === RECEIVER_ROOT;
      hasParameters ||= (ways & (Way.Local | Way.Into)) !== 0 && kindOf(inRoot[i]) === RootKind.Parameter;
    }
  }
  return isAny ? { function: id, summaries, hasReceiver, hasParameters, shares, isMaker } : undefined;
}

/** From a source or parameter to a sink. */
export const localLegs = (contribution: Contribution, paths: PathTable): readonly Leg[] =>
  legsOf(contribution, paths, Way.Local);
/** From a source or parameter into a shared place. */
export const legsInto = (contribution: Contribution, paths: PathTable): readonly Leg[] =>
  legsOf(contribution, paths, Way.Into);
/** From a shared place onward. */
export const legsFrom = (contribution: Contribution, paths: PathTable): readonly Leg[] =>
  legsOf(contribution, paths, Way.From);

function legsOf(
  { function: id, summaries, shares, isMaker }: Contribution,
  paths: PathTable,
  wanted: Way,
): readonly Leg[] {
  const legs: Leg[] = [];
  for (const summary of summaries) {
    for (let i = 0; i < summary.inRoot.length; i++)
      if ((waysOf(summary, i, paths, shares, isMaker) & wanted) !== 0)
        legs.push({ function: id, ...entryAt(summary, i) });
  }
  return legs;
}

function waysOf(
  { inRoot: inRoots, inPath, outRoot: outRoots, outPath }: SummaryTable,
  i: number,
  paths: PathTable,
  shares: SharesPath | undefined,
  isMaker: boolean,
): number {
  const inRoot = inRoots[i];
  const outRoot = outRoots[i];
  const inKind = kindOf(inRoot);
  const outKind = kindOf(outRoot);
  // A question about one way to call the function; who calls it so hears of it.
  if (contextOf(inRoot) !== 0) return Way.None;
  if (outRoot === RETURN_ROOT) {
    if (!isMaker || !isToldOfClass(paths, outPath[i])) return Way.None;
  } else if (!isEnd(outRoot) && outKind !== RootKind.Cell && outRoot !== RECEIVER_ROOT) {
    if (outKind !== RootKind.Parameter || shares?.(outRoot, outPath[i]) !== true) return Way.None;
  }
  const isReceiverIn = inRoot === RECEIVER_ROOT;
  if (isReceiverIn && inPath[i] === EMPTY) return Way.None;
  if (isReceiverIn || inKind === RootKind.Cell || inKind === RootKind.Retrieved) return Way.From;
  const isShared = inKind === RootKind.Parameter && shares?.(inRoot, inPath[i]) === true;
  const from = isShared ? Way.From : Way.None;
  // That a prototype object is handed in from outside is nothing to count on.
  if (inKind === RootKind.Parameter && paths.contains(inPath[i], C_PROTOTYPE)) return from;
  return from | (outKind === RootKind.Sink ? Way.Local : Way.Into);
}

/** True when it would be the same made of these. */
export function isMadeOf(contribution: Contribution, summaries: readonly SummaryTable[], isMaker: boolean): boolean {
  const { summaries: before } = contribution;
  return (
    contribution.isMaker === isMaker &&
    before.length === summaries.length &&
    before.every((summary, i) => sameSummary(summary, summaries[i]))
  );
}

export function sameLeg(a: Leg, b: Leg): boolean {
  return (
    a.function === b.function &&
    a.inRoot === b.inRoot &&
    a.inPath === b.inPath &&
    a.inMode === b.inMode &&
    a.outRoot === b.outRoot &&
    a.outPath === b.outPath &&
    a.mask === b.mask
  );
}

/** A place that functions share: the root of a captured variable, or a negative number for a place with a name. */
export type PlaceId = number;
export const NOWHERE: PlaceId = -1;
/** The place with a number from 0 on: fields of a class and shared parameters, or something outside of the program that keeps data. */
export const namedPlace = (number: number, isStored: boolean): PlaceId => -2 - number * 2 - (isStored ? 1 : 0);
export const placeNumber = (place: PlaceId): number => (-2 - place) >> 1;
export const isStoredPlace = (place: PlaceId): boolean => place < NOWHERE && (place & 1) !== 0;

/** Where fields of objects are that a function has to do with: of its own class, and of the one that it makes. */
export interface FieldPlaces {
  readonly receiver: PlaceId;
  readonly made: PlaceId;
}

/** The place of a root, for a function with fields at these places, and whose parameters may be shared. */
export function placeOf(root: Root, fields: FieldPlaces, shared: ReadonlyMap<Root, PlaceId> | undefined): PlaceId {
  if (kindOf(root) === RootKind.Cell) return root;
  if (root === RETURN_ROOT) return fields.made;
  return root === RECEIVER_ROOT ? fields.receiver : (shared?.get(root) ?? NOWHERE);
}
