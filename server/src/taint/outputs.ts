/** What one run of the propagation finds to tell: outputs by the input that reaches them, with the facts that did when a path is to be told. */
import type { PathId } from './accessPaths';
import type { CalleeStep, FactKey, OriginId, OriginTable, Predecessor } from './facts';
import { joinMasks, type Mask, type Root } from './references';
import type { Entry } from './summaryTable';

/** An output while it is being collected. */
interface Collected extends Entry {
  mask: Mask;
  /** Facts that reached it, for the path; only when tracing. */
  readonly reachedBy: Predecessor[];
}

/** Facts kept for each output. */
const MAX_REACHED = 8;
const PATHS = 2 ** 21;

export class OutputTable {
  private readonly collected = new Map<OriginId, Map<number, Collected>>();
  private count = 0;

  constructor(
    private readonly origins: OriginTable,
    private readonly limit: number,
    private readonly trace: boolean,
  ) {}

  /** False when there are too many to take in another one. */
  add(
    origin: OriginId,
    outRoot: Root,
    outPath: PathId,
    mask: Mask,
    from: FactKey,
    via: number,
    call: CalleeStep | undefined,
  ): boolean {
    let outputs = this.collected.get(origin);
    if (outputs === undefined) this.collected.set(origin, (outputs = new Map<number, Collected>()));
    const key = outputKey(outRoot, outPath);
    let entry = outputs.get(key);
    if (entry === undefined) {
      if (this.count > this.limit) return false;
      this.count++;
      entry = {
        inRoot: this.origins.roots[origin],
        inPath: this.origins.paths[origin],
        inMode: this.origins.modes[origin],
        outRoot,
        outPath,
        mask,
        reachedBy: [],
      };
      outputs.set(key, entry);
    } else {
      entry.mask = joinMasks(entry.mask, mask);
    }
    if (
      this.trace &&
      entry.reachedBy.length < MAX_REACHED &&
      !entry.reachedBy.some((known) => known.from === from && known.via === via)
    )
      entry.reachedBy.push({ from, via, call });
    return true;
  }

  entries(): Entry[] {
    const entries: Entry[] = [];
    for (const outputs of this.collected.values()) for (const entry of outputs.values()) entries.push(entry);
    return entries;
  }

  /** Facts that reached an output. Where entries were merged, those of any that took part. */
  reached(wanted: Entry): readonly Predecessor[] {
    const { origins } = this;
    const key = outputKey(wanted.outRoot, wanted.outPath);
    let similar: readonly Predecessor[] = [];
    for (const [origin, outputs] of this.collected) {
      if (origins.roots[origin] !== wanted.inRoot) continue;
      if (origins.paths[origin] === wanted.inPath && origins.modes[origin] === wanted.inMode) {
        const found = outputs.get(key);
        if (found !== undefined) return found.reachedBy;
      }
      if (similar.length > 0) continue;
      for (const entry of outputs.values()) {
        if (entry.outRoot !== wanted.outRoot) continue;
        similar = entry.reachedBy;
        break;
      }
    }
    return similar;
  }
}

function outputKey(root: Root, path: PathId): number {
  return root * PATHS + path;
}
