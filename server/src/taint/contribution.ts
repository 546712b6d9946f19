/** What one function contributes to findings: those entries of its summary that end in a sink or lie in a place that functions share. */
import type { FunctionId } from '../model/ids';
import { C_PROTOTYPE, EMPTY, type PathTable } from './accessPaths';
import { RECEIVER_ROOT, RootKind, kindOf, type Root } from './references';
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
}

const enum Way {
  None,
  /** From a source or parameter to a sink. */
  Local,
  /** From a source or parameter into a shared place. */
  Into,
  /** From a shared place onward. */
  From,
}

/** From all that is known of a function, in a stable order; undefined when it contributes nothing. */
export function contributionOf(
  id: FunctionId,
  summaries: readonly SummaryTable[],
  paths: PathTable,
): Contribution | undefined {
  let isAny = false;
  let hasReceiver = false;
  let hasParameters = false;
  for (const summary of summaries) {
    const { inRoot, outRoot } = summary;
    for (let i = 0; i < inRoot.length; i++) {
      const way = wayOf(summary, i, paths);
      if (way === Way.None) continue;
      isAny = true;
      hasReceiver ||= inRoot[i] === RECEIVER_ROOT || outRoot[i] === RECEIVER_ROOT;
      hasParameters ||= way !== Way.From && kindOf(inRoot[i]) === RootKind.Parameter;
    }
  }
  return isAny ? { function: id, summaries, hasReceiver, hasParameters } : undefined;
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

function legsOf({ function: id, summaries }: Contribution, paths: PathTable, wanted: Way): readonly Leg[] {
  const legs: Leg[] = [];
  for (const summary of summaries) {
    for (let i = 0; i < summary.inRoot.length; i++)
      if (wayOf(summary, i, paths) === wanted) legs.push({ function: id, ...entryAt(summary, i) });
  }
  return legs;
}

function wayOf({ inRoot: inRoots, inPath, outRoot: outRoots }: SummaryTable, i: number, paths: PathTable): Way {
  const inRoot = inRoots[i];
  const outRoot = outRoots[i];
  const inKind = kindOf(inRoot);
  const outKind = kindOf(outRoot);
  if (outKind !== RootKind.Sink && outKind !== RootKind.Cell && outRoot !== RECEIVER_ROOT) return Way.None;
  const isReceiverIn = inRoot === RECEIVER_ROOT;
  if (isReceiverIn && inPath[i] === EMPTY) return Way.None;
  // That a prototype object is handed in from outside is nothing to count on.
  if (inKind === RootKind.Parameter && paths.contains(inPath[i], C_PROTOTYPE)) return Way.None;
  if (isReceiverIn || inKind === RootKind.Cell) return Way.From;
  return outKind === RootKind.Sink ? Way.Local : Way.Into;
}

/** True when it would be the same made of these. */
export function isMadeOf(contribution: Contribution, summaries: readonly SummaryTable[]): boolean {
  const { summaries: before } = contribution;
  return before.length === summaries.length && before.every((summary, i) => sameSummary(summary, summaries[i]));
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

/** A place that functions share: the root of a captured variable, or a negative number for the fields of a class. */
export type PlaceId = number;
export const NOWHERE: PlaceId = -1;

/** The place of a root, for a function whose class has the fields at `receiver`. */
export function placeOf(root: Root, receiver: PlaceId): PlaceId {
  return kindOf(root) === RootKind.Cell ? root : receiver;
}
