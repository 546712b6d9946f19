/**
 * Places that functions share without calling each other, with who reads them: captured variables and fields of a
 * class. Sinks are few and sources many, so what leads from a place to a sink is worked out first, backward and without
 * telling sinks apart; what lies in a place and leads nowhere is then never followed.
 */
import { C_ANYTHING, C_ELEMENT, EMPTY, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { meet } from './facts';
import type { Leg } from './join';
import { kindBits } from './references';
import { Mode } from './summaryTable';

/** A leg that starts in a place, and the place where it ends; undefined when it ends in a sink. */
export interface Reader {
  readonly leg: Leg;
  readonly place: string | undefined;
}

/** Things by the property that they ask for first; those that see more than one property apart. */
interface ByHead<T> {
  readonly all: T[];
  readonly named: Map<ComponentId, T[]>;
  readonly general: T[];
}

/** A read at a path, and the kinds of sink it leads to. */
interface Demand {
  readonly path: PathId;
  kinds: number;
}

interface Place {
  readonly readers: ByHead<Reader>;
  readonly demands: ByHead<Demand>;
  readonly demandAt: Map<PathId, Demand>;
  /** Answers of `sinksBeyond`. */
  readonly beyond: Map<PathId, number>;
}

const NOBODY: readonly never[] = [];

export class SharedPlaces {
  private readonly places = new Map<string, Place>();
  /** Readers by the place where their legs end. */
  private readonly enteredBy = new Map<string, { readonly from: string; readonly leg: Leg }[]>();

  constructor(private readonly paths: PathTable) {}

  addReader(name: string, leg: Leg, next: string | undefined): void {
    this.insert(this.place(name).readers, leg.inPath, { leg, place: next });
    if (next === undefined) return;
    const list = this.enteredBy.get(next);
    if (list === undefined) this.enteredBy.set(next, [{ from: name, leg }]);
    else list.push({ from: name, leg });
  }

  /** To be called when all readers are known. */
  close(): void {
    const line: (readonly [name: string, demand: Demand])[] = [];
    const demand = (name: string, path: PathId, kinds: number): void => {
      const place = this.place(name);
      let known = place.demandAt.get(path);
      if (known !== undefined && (known.kinds & kinds) === kinds) return;
      if (known === undefined) {
        known = { path, kinds };
        place.demandAt.set(path, known);
        this.insert(place.demands, path, known);
      } else known.kinds |= kinds;
      line.push([name, known]);
    };
    for (const [name, { readers }] of [...this.places]) {
      for (const { leg, place } of readers.all) if (place === undefined) demand(name, leg.inPath, kindBits(leg.mask));
    }
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      const [name, { path, kinds }] = next;
      for (const { from, leg } of this.enteredBy.get(name) ?? NOBODY) {
        const still = kinds & kindBits(leg.mask);
        if (still === 0) continue;
        const found = meet(this.paths, leg.outPath, path);
        if (found === undefined) continue;
        const { wanted } = found;
        demand(from, leg.inMode === Mode.Identity ? this.paths.concat(leg.inPath, wanted) : leg.inPath, still);
      }
    }
  }

  /** Kinds of sink, as a mask, that what lies at `path` in a place may still reach. */
  sinksBeyond(name: string, path: PathId): number {
    const place = this.places.get(name);
    if (place === undefined || place.demands.all.length === 0) return 0;
    let kinds = place.beyond.get(path);
    if (kinds === undefined) {
      kinds = 0;
      for (const demand of this.seeing(place.demands, path))
        if (meet(this.paths, path, demand.path) !== undefined) kinds |= demand.kinds;
      place.beyond.set(path, kinds);
    }
    return kinds;
  }

  /** Readers that may see what lies at `path` in a place. */
  readersOf(name: string, path: PathId): readonly Reader[] {
    const place = this.places.get(name);
    return place === undefined ? NOBODY : this.seeing(place.readers, path);
  }

  private place(name: string): Place {
    let place = this.places.get(name);
    if (place === undefined) {
      place = { readers: newByHead(), demands: newByHead(), demandAt: new Map(), beyond: new Map() };
      this.places.set(name, place);
    }
    return place;
  }

  private insert<T>(lists: ByHead<T>, path: PathId, item: T): void {
    lists.all.push(item);
    const head = path === EMPTY ? C_ANYTHING : this.paths.head(path);
    if (!this.paths.isProperty(head)) {
      lists.general.push(item);
      return;
    }
    const list = lists.named.get(head);
    if (list === undefined) lists.named.set(head, [item]);
    else list.push(item);
  }

  private seeing<T>(lists: ByHead<T>, path: PathId): readonly T[] {
    const head = path === EMPTY ? C_ANYTHING : this.paths.head(path);
    if (head === C_ANYTHING || head === C_ELEMENT) return lists.all;
    const named = lists.named.get(head);
    if (named === undefined) return lists.general;
    return lists.general.length === 0 ? named : [...named, ...lists.general];
  }
}

function newByHead<T>(): ByHead<T> {
  return { all: [], named: new Map(), general: [] };
}
