/** What one run of the propagation finds to tell: outputs by the input that reaches them, with the facts that did when a path is to be told. */
import { resized, TripleTable } from '../base/tripleTable';
import type { PathId } from './accessPaths';
import {
  FEW_WAYS,
  keepDiverse,
  type CalleeStep,
  type FactKey,
  type OriginId,
  type OriginTable,
  type Predecessor,
} from './facts';
import { joinMasks, type Mask, type Root } from './references';
import type { Entry } from './summaryTable';

const INITIAL = 64;
const NOWHERE: readonly Predecessor[] = [];

export class OutputTable {
  /** Origin, output root and output path. */
  private readonly table = new TripleTable();
  private masks = new Int32Array(INITIAL);
  /** Facts that reached an output, for the path; only when tracing. */
  reachedBy: Predecessor[][] | undefined;
  wayLimits = FEW_WAYS;

  constructor(private readonly origins: OriginTable) {}

  clear(): void {
    this.table.clear();
    this.reachedBy = undefined;
  }

  /** False when there are too many, more than `limit`, to take in another one. */
  add(
    origin: OriginId,
    outRoot: Root,
    outPath: PathId,
    mask: Mask,
    limit: number,
    from: FactKey,
    via: number,
    call: CalleeStep | undefined,
  ): boolean {
    const { size } = this.table;
    if (size > limit && this.table.find(origin, outRoot, outPath) < 0) return false;
    const output = this.table.add(origin, outRoot, outPath);
    if (output === size) {
      if (output >= this.masks.length) this.masks = resized(this.masks, output * 2);
      this.masks[output] = mask;
      this.reachedBy?.push([]);
    } else this.masks[output] = joinMasks(this.masks[output], mask);
    const reachedBy = this.reachedBy?.[output];
    if (reachedBy !== undefined) {
      const { reached: limit, perEntry } = this.wayLimits;
      keepDiverse(reachedBy, { from, via, call }, limit, perEntry);
    }
    return true;
  }

  entries(): Entry[] {
    const { origins, table, masks } = this;
    const entries: Entry[] = [];
    if (table.size === 0) return entries;
    for (const output of this.byOrigin()) {
      const origin = table.first[output];
      entries.push({
        inRoot: origins.rootOf(origin),
        inPath: origins.pathOf(origin),
        inMode: origins.modeOf(origin),
        outRoot: table.second[output],
        outPath: table.third[output],
        mask: masks[output],
      });
    }
    return entries;
  }

  /** Outputs in the order in which their origins came to have any, those of one origin together. */
  private byOrigin(): readonly number[] {
    const { size, first } = this.table;
    const ordered: number[] = [];
    // Outputs of an origin mostly come one after the other; `started` says where an origin's first one was.
    let isGrouped = true;
    const started: number[] = [];
    for (let output = 0; output < size; output++) {
      const origin = first[output];
      while (started.length <= origin) started.push(-1);
      if (started[origin] < 0) started[origin] = output;
      else if (first[output - 1] !== origin) isGrouped = false;
      ordered.push(output);
    }
    if (!isGrouped) ordered.sort((a, b) => started[first[a]] - started[first[b]] || a - b);
    return ordered;
  }

  /**
   * Facts that reached an output. Where entries were merged, those of any that took part come after its own: in recursion
   * its own may all come from the merged entry itself.
   */
  reached(wanted: Entry): readonly Predecessor[] {
    const { reachedBy, origins, table } = this;
    if (reachedBy === undefined) return NOWHERE;
    const origin = this.originOf(wanted);
    const found = origin < 0 ? -1 : table.find(origin, wanted.outRoot, wanted.outPath);
    const result = found >= 0 ? [...reachedBy[found]] : [];
    // Outputs at that root, in the order in which their inputs first had any.
    for (const output of this.byOrigin()) {
      if (output === found || table.second[output] !== wanted.outRoot) continue;
      if (origins.rootOf(table.first[output]) === wanted.inRoot) result.push(...reachedBy[output]);
    }
    return result;
  }

  private originOf({ inRoot, inPath, inMode }: Entry): OriginId {
    const { origins } = this;
    for (let origin = 0; origin < origins.size; origin++) {
      if (origins.rootOf(origin) === inRoot && origins.pathOf(origin) === inPath && origins.modeOf(origin) === inMode)
        return origin;
    }
    return -1;
  }
}
