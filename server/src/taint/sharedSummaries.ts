/**
 * Answers that say the same are one object: a good half of all do, mostly small ones, like those of functions that return their first parameter.
 * What was seen last is kept by hash, in a table of fixed size: of answers that are gone it holds few.
 */
import { sameSummary, type SummaryTable } from './summaryTable';

/** A power of two. */
const SLOTS = 1 << 13;

export class SharedSummaries {
  private readonly slots: (SummaryTable | undefined)[] = new Array<SummaryTable | undefined>(SLOTS).fill(undefined);

  /** The same answer, as an object that others may have, too. */
  shared(summary: SummaryTable): SummaryTable {
    // What was cut in one place need not be told in another.
    if (summary.isCut) return summary;
    const slot = hashOf(summary) & (SLOTS - 1);
    const known = this.slots[slot];
    if (known !== undefined && sameSummary(known, summary)) return known;
    return (this.slots[slot] = summary);
  }
}

function hashOf({ inRoot, inPath, inMode, outRoot, outPath, mask, predicates }: SummaryTable): number {
  let hash = predicates.length;
  for (let i = 0; i < inRoot.length; i++) {
    hash = mix(mix(mix(hash, inRoot[i]), inPath[i] * 4 + inMode[i]), outRoot[i]);
    hash = mix(mix(hash, outPath[i]), mask[i]);
  }
  return hash ^ (hash >>> 15);
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 13);
}
