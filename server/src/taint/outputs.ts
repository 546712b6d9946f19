/** What one run of the propagation finds to tell: outputs by the input that reaches them, with the facts that did when a path is to be told. */
import { resized, TripleTable } from '../base/tripleTable';
import type { PathId } from './accessPaths';
import type { CalleeStep, FactKey, OriginId, OriginTable, Predecessor } from './facts';
import { joinMasks, type Mask, type Root } from './references';
import type { Entry } from './summaryTable';

/** Facts kept for each output. */
const MAX_REACHED = 8;
const INITIAL = 64;
const NOWHERE: readonly Predecessor[] = [];

export class OutputTable {
  /** Origin, output root and output path. */
  private readonly table = new TripleTable();
  private masks = new Int32Array(INITIAL);
  /** Facts that reached an output, for the path; only when tracing. */
  reachedBy: Predecessor[][] | undefined;

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
    if (
      reachedBy !== undefined &&
      reachedBy.length < MAX_REACHED &&
      !reachedBy.some((known) => known.from === from && known.via === via)
    )
      reachedBy.push({ from, via, call });
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

  /** Facts that reached an output. Where entries were merged, those of any that took part. */
  reached(wanted: Entry): readonly Predecessor[] {
    const { origins, table } = this;
    const origin = this.originOf(wanted);
    const found = origin < 0 ? -1 : table.find(origin, wanted.outRoot, wanted.outPath);
    if (found >= 0) return this.reachedBy?.[found] ?? NOWHERE;
    // The first output at that root of the input that first had any.
    let similar = -1;
    const rank = new Map<OriginId, number>();
    for (let output = 0; output < table.size; output++) {
      const other = table.first[output];
      if (!rank.has(other)) rank.set(other, output);
      if (origins.rootOf(other) !== wanted.inRoot || table.second[output] !== wanted.outRoot) continue;
      if (similar < 0 || (rank.get(other) ?? 0) < (rank.get(table.first[similar]) ?? 0)) similar = output;
    }
    return this.reachedBy?.[similar] ?? NOWHERE;
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
