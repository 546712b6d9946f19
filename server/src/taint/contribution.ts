/** What one function contributes to findings: those entries of its summary that end in a sink or lie in a place that functions share. */
import type { FunctionId } from '../model/ids';
import { C_PROTOTYPE, EMPTY, type PathTable } from './accessPaths';
import { RECEIVER_ROOT, RootKind, kindOf, type Root } from './references';
import { sameSummary, type Entry, type SummaryTable } from './summaryTable';

/** One part of the way from a source to a sink: an entry of a function's summary. */
export interface Leg extends Entry {
  readonly function: FunctionId;
}

export interface Contribution {
  /** From a source or parameter to a sink. */
  readonly local: readonly Leg[];
  /** From a source or parameter into a shared place. */
  readonly into: readonly Leg[];
  /** From a shared place onward. */
  readonly from: readonly Leg[];
  /** What it was made of. */
  readonly summaries: readonly SummaryTable[];
  /** Whether it speaks of fields of the class that the function belongs to, and of the function's parameters. */
  readonly hasReceiver: boolean;
  readonly hasParameters: boolean;
}

/** From all that is known of a function, in a stable order; undefined when it contributes nothing. */
export function contributionOf(
  id: FunctionId,
  summaries: readonly SummaryTable[],
  paths: PathTable,
): Contribution | undefined {
  const local: Leg[] = [];
  const into: Leg[] = [];
  const from: Leg[] = [];
  let hasReceiver = false;
  let hasParameters = false;
  for (const { inRoot: inRoots, inPath, inMode, outRoot: outRoots, outPath, mask } of summaries) {
    for (let i = 0; i < inRoots.length; i++) {
      const inRoot = inRoots[i];
      const outRoot = outRoots[i];
      const inKind = kindOf(inRoot);
      const outKind = kindOf(outRoot);
      const isReceiverIn = inRoot === RECEIVER_ROOT;
      if (outKind !== RootKind.Sink && outKind !== RootKind.Cell && outRoot !== RECEIVER_ROOT) continue;
      const list = isReceiverIn || inKind === RootKind.Cell ? from : outKind === RootKind.Sink ? local : into;
      if (isReceiverIn && inPath[i] === EMPTY) continue;
      // That a prototype object is handed in from outside is nothing to count on.
      if (inKind === RootKind.Parameter && paths.contains(inPath[i], C_PROTOTYPE)) continue;
      hasReceiver ||= isReceiverIn || outRoot === RECEIVER_ROOT;
      hasParameters ||= list !== from && inKind === RootKind.Parameter;
      list.push({
        function: id,
        inRoot,
        inPath: inPath[i],
        inMode: inMode[i],
        outRoot,
        outPath: outPath[i],
        mask: mask[i],
      });
    }
  }
  if (local.length + into.length + from.length === 0) return undefined;
  return { local, into, from, summaries, hasReceiver, hasParameters };
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
