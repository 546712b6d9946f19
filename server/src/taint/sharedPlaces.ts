/**
 * What happens in places that functions share without calling each other: captured variables and fields of a class.
 * Sinks are few and sources many, so what leads from a place to a sink is worked out first, backward and without telling
 * sinks apart; what lies in a place and leads nowhere is then never followed. Where a value that lies at one path of a
 * place can go is worked out once, for all sources that come there.
 */
import { C_ANYTHING, C_ELEMENT, EMPTY, type ComponentId, type PathId, type PathTable } from './accessPaths';
import { NOWHERE, isStoredPlace, type Leg, type PlaceId } from './contribution';
import { meet } from './facts';
import { isToldOfCell, isToldOfClass } from './placePaths';
import { kindBits, kindOf, limitConfidence, meetMasks, joinMasks, RootKind, type Mask } from './references';
import { Mode } from './summaryTable';

/** A leg that starts in a place, and the place where it ends; `NOWHERE` when it ends in a sink. */
interface Reader {
  readonly leg: Leg;
  readonly next: PlaceId;
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

/** What comes into a place from another one, whoever carries it. */
interface Entering {
  readonly from: PlaceId;
  readonly inPath: PathId;
  readonly inMode: Mode;
  readonly outPath: PathId;
  kinds: number;
}

/** Where something that lies at one path of a place goes. */
interface Step {
  readonly leg: Leg;
  /** Undefined for a sink. */
  readonly to: Spot | undefined;
}

/** One path of a place. */
interface Spot {
  readonly place: Place;
  readonly path: PathId;
  /** Kinds of sink that may still be reached from here; 0 also where what lies here is not told. */
  readonly beyond: number;
  steps: readonly Step[] | undefined;
  /** By source: what of it has come here. */
  readonly seen: Map<number, Mask>;
}

interface Place {
  readonly id: PlaceId;
  readonly readers: ByHead<Reader>;
  readonly seenReaders: Set<string>;
  readonly demands: ByHead<Demand>;
  readonly demandAt: Map<PathId, Demand>;
  readonly entering: Map<string, Entering>;
  readonly spots: Map<PathId, Spot>;
}

/** A way by shared places, from its end. */
interface Way {
  readonly leg: Leg;
  readonly before: Way | undefined;
  readonly length: number;
}

/** Something untrusted that lies in a shared place. */
interface Arrival {
  readonly spot: Spot;
  readonly source: number;
  readonly mask: Mask;
  readonly way: Way;
}

/** Functions that one way may cross by shared places. */
export const MAX_LEGS = 6;
const PATHS = 2 ** 21;
/** Arrivals that are followed in one step. */
const STEP = 64;

export class SharedPlaces {
  private readonly places = new Map<PlaceId, Place>();
  private readonly queue: Arrival[] = [];

  constructor(private readonly paths: PathTable) {}

  /** `next` is the place where the leg ends; `NOWHERE` for a sink. */
  addReader(id: PlaceId, leg: Leg, next: PlaceId): void {
    const place = this.place(id);
    // Who is the second to carry the very same has nothing to add.
    const key = `${String(leg.inPath * PATHS + leg.outPath)}|${String(leg.inMode)}|${String(leg.outRoot)}|${String(leg.mask)}`;
    if (place.seenReaders.has(key)) return;
    place.seenReaders.add(key);
    this.insert(place.readers, leg.inPath, { leg, next });
    if (next === NOWHERE) return;
    const { entering } = this.place(next);
    const way = `${String(id)}|${String(leg.inPath * PATHS + leg.outPath)}|${String(leg.inMode)}`;
    const known = entering.get(way);
    if (known !== undefined) known.kinds |= kindBits(leg.mask);
    else
      entering.set(way, {
        from: id,
        inPath: leg.inPath,
        inMode: leg.inMode,
        outPath: leg.outPath,
        kinds: kindBits(leg.mask),
      });
  }

  /** To be called when all readers are known. In many small steps. */
  *close(): Generator<void, void, undefined> {
    const line: (readonly [place: Place, path: PathId])[] = [];
    const demand = (place: Place, path: PathId, kinds: number): void => {
      let known = place.demandAt.get(path);
      if (known !== undefined && (known.kinds & kinds) === kinds) return;
      if (known === undefined) {
        known = { path, kinds };
        place.demandAt.set(path, known);
        this.insert(place.demands, path, known);
      } else known.kinds |= kinds;
      line.push([place, path]);
    };
    for (const place of this.places.values()) {
      for (const { leg, next } of place.readers.all)
        if (next === NOWHERE) demand(place, leg.inPath, kindBits(leg.mask));
    }
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      const [place, path] = next;
      const kinds = place.demandAt.get(path)?.kinds ?? 0;
      for (const entering of place.entering.values()) {
        const still = kinds & entering.kinds;
        if (still === 0) continue;
        const found = meet(this.paths, entering.outPath, path);
        if (found === undefined) continue;
        const { inPath } = entering;
        const wanted = entering.inMode === Mode.Identity ? this.paths.concat(inPath, found.wanted) : inPath;
        demand(this.place(entering.from), wanted, still);
      }
      yield;
    }
  }

  /** Kinds of sink, as a mask, that what lies at `path` in a place may still reach. */
  sinksBeyond(id: PlaceId, path: PathId): number {
    const place = this.places.get(id);
    return place === undefined || place.demands.all.length === 0 ? 0 : this.spot(place, path).beyond;
  }

  /** A leg puts a source into a place. Sources are told apart by their numbers. */
  arrive(id: PlaceId, leg: Leg, source: number): void {
    const place = this.places.get(id);
    if (place === undefined) return;
    const way = { leg, before: undefined, length: 1 };
    this.note({ spot: this.spot(place, leg.outPath), source, mask: leg.mask, way });
  }

  /**
   * Follows what arrived, in many small steps; `found` is told of each way to a sink that `isWanted`, those of fewer legs first. Most are
   * as good as one before, so that the legs of a way are put together only for those that are wanted.
   */
  *follow(
    found: (source: Leg, legs: readonly Leg[], mask: Mask) => void,
    isWanted: (source: Leg, sink: Leg, length: number, mask: Mask) => boolean = () => true,
  ): Generator<void, void, undefined> {
    for (let next = 0; next < this.queue.length; next++) {
      const { spot, source, mask: arrived, way } = this.queue[next];
      for (const { leg, to } of this.stepsFrom(spot)) {
        // Which object's field, and in which order it was written and read, is not known here.
        const mask = limitConfidence(meetMasks(arrived, leg.mask), 2);
        if (kindBits(mask) === 0) continue;
        if (to !== undefined && (kindBits(mask) & to.beyond) === 0) continue;
        if (crosses(way, leg)) continue;
        const length = way.length + 1;
        if (to === undefined) {
          if (isWanted(firstOf(way), leg, length, mask)) {
            const legs = legsOf({ leg, before: way, length });
            found(legs[0], legs, mask);
          }
        } else if (length < MAX_LEGS) this.note({ spot: to, source, mask, way: { leg, before: way, length } });
      }
      if (next % STEP === 0) yield;
    }
    this.queue.length = 0;
  }

  private note(arrival: Arrival): void {
    const { spot, source } = arrival;
    // Where nothing that is still dangerous can be reached, nobody needs to go.
    if ((kindBits(arrival.mask) & spot.beyond) === 0) return;
    const old = spot.seen.get(source);
    const joined = old === undefined ? arrival.mask : joinMasks(old, arrival.mask);
    if (joined === old) return;
    spot.seen.set(source, joined);
    this.queue.push(joined === arrival.mask ? arrival : { ...arrival, mask: joined });
  }

  private spot(place: Place, path: PathId): Spot {
    let spot = place.spots.get(path);
    if (spot === undefined) {
      let beyond = 0;
      const isWhole = kindOf(place.id) === RootKind.Cell || isStoredPlace(place.id);
      if (isWhole ? isToldOfCell(this.paths, path) : isToldOfClass(this.paths, path)) {
        for (const demand of this.seeing(place.demands, path))
          if ((demand.kinds | beyond) !== beyond && meet(this.paths, path, demand.path) !== undefined)
            beyond |= demand.kinds;
      }
      spot = { place, path, beyond, steps: undefined, seen: new Map() };
      place.spots.set(path, spot);
    }
    return spot;
  }

  private stepsFrom(spot: Spot): readonly Step[] {
    if (spot.steps !== undefined) return spot.steps;
    const { paths } = this;
    const steps: Step[] = [];
    for (const { leg, next } of this.seeing(spot.place.readers, spot.path)) {
      const found = meet(paths, spot.path, leg.inPath);
      if (found === undefined || !onlyProperties(paths, found.wanted)) continue;
      const isSink = next === NOWHERE;
      // Of what was kept outside of the program, the form in which it comes back is not known for sure: a list of rows, a text.
      const isMade = isStoredPlace(spot.place.id) && leg.inMode !== Mode.Identity;
      if (found.rest !== EMPTY && (isSink || leg.inMode === Mode.Derived) && !isMade && !isElement(paths, found.rest))
        continue;
      if (isSink) {
        steps.push({ leg, to: undefined });
        continue;
      }
      const rest = leg.inMode === Mode.Identity ? found.rest : EMPTY;
      const to = this.spot(this.place(next), paths.concat(leg.outPath, rest));
      if ((to.beyond & kindBits(leg.mask)) !== 0) steps.push({ leg, to });
    }
    spot.steps = steps;
    return steps;
  }

  private place(id: PlaceId): Place {
    let place = this.places.get(id);
    if (place === undefined) {
      place = {
        id,
        readers: newByHead(),
        seenReaders: new Set(),
        demands: newByHead(),
        demandAt: new Map(),
        entering: new Map(),
        spots: new Map(),
      };
      this.places.set(id, place);
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

function crosses(way: Way, leg: Leg): boolean {
  for (let at: Way | undefined = way; at !== undefined; at = at.before) if (at.leg === leg) return true;
  return false;
}

function firstOf(way: Way): Leg {
  let first = way;
  while (first.before !== undefined) first = first.before;
  return first.leg;
}

function legsOf(way: Way): readonly Leg[] {
  // Most ways have two legs, and a list that grew would have room for many more.
  const legs = new Array<Leg>(way.length);
  for (let at: Way | undefined = way; at !== undefined; at = at.before) legs[at.length - 1] = at.leg;
  return legs;
}

function onlyProperties(paths: PathTable, path: PathId): boolean {
  for (let rest = path; rest !== EMPTY; rest = paths.tail(rest)) {
    const head = paths.head(rest);
    if (!paths.isProperty(head) && head !== C_ELEMENT) return false;
  }
  return true;
}

function isElement(paths: PathTable, path: PathId): boolean {
  return paths.tail(path) === EMPTY && !paths.isProperty(paths.head(path));
}
