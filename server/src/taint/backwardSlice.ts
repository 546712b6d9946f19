/**
 * All that can reach a sink: from the function that holds it up through those who call it, each asked for all that may come into it, and
 * back through the places that functions share to who puts something there. Sources are looked for in these functions and in what they call.
 */
import { finish } from '../base/steps';
import type { FunctionId } from '../model/ids';
import { NOWHERE, type Leg, type PlaceId } from './contribution';
import { RootKind, kindOf, type Root } from './references';
import { SharedPlaces } from './sharedPlaces';
import { MAX_BELOW, MAX_SLICE_FUNCTIONS, SlicePlaces, isBetter, type SliceHost, type Way } from './slices';

export interface Origin extends Way {
  /** The function where it was found to go on to the sink: of a parameter, the one whose it is. */
  readonly function: FunctionId;
  /** A source, or a parameter that nobody in the workspace gives its value, or others may, too. */
  readonly root: Root;
  readonly sink: Root;
}

export interface BackwardSlice {
  readonly origins: readonly Origin[];
  /** Functions were left out. */
  readonly isCut: boolean;
}

/** Calls below a function that holds something of the sink's, in which captured variables may come to it as a result. */
const CELLS_BELOW = 2;

/** To be worked out in steps by `find`; the result is whole when these are done, and what is known of it before. */
export class BackwardSlicing {
  private readonly places: SlicePlaces;
  /** Functions that may have to do with the sink, in the order in which they were met. */
  private readonly visited = new Set<FunctionId>();
  private readonly askedFully = new Set<FunctionId>();
  /** Functions of which all who give them something were met. */
  private readonly risen = new Set<FunctionId>();
  /** Functions in which sources were looked for. */
  private readonly below = new Set<FunctionId>();
  /** Places from which something comes to the sink, and those among them of which everybody was asked. */
  private readonly wanted = new Set<PlaceId>();
  private readonly askedPlaces = new Set<PlaceId>();
  /** Captured variables that callees were asked about. */
  private readonly cellsBelow: (readonly [FunctionId, Root])[] = [];
  private isCut = false;

  /** `sinks` are those of one function, `id`: what one place does harm with. */
  constructor(
    private readonly id: FunctionId,
    private readonly sinks: ReadonlySet<Root>,
    private readonly host: SliceHost,
  ) {
    this.places = new SlicePlaces(host);
  }

  *find(): Generator<void, void, undefined> {
    const { host, visited, askedFully } = this;
    this.visit(this.id);
    for (;;) {
      const fresh = [...visited].filter((other) => !askedFully.has(other));
      for (const other of fresh) {
        askedFully.add(other);
        this.ask(other);
        yield;
      }
      host.solve();
      yield;
      this.shareCells();
      yield* this.askPlaces();
      // Whatever was asked may have made any of the functions say more.
      this.lookAround();
      if (visited.size === askedFully.size && this.wanted.size === this.askedPlaces.size) return;
    }
  }

  /** Who calls those with something that comes to the sink, and the places that it comes from. */
  private lookAround(): void {
    for (const id of this.visited) {
      const summaries = this.host.flowsOf(id);
      const { from, placeOf } = this.places.legsOf(id, summaries);
      for (const { inRoot, outRoot } of from) {
        const place = placeOf(inRoot);
        if (place !== NOWHERE && this.isWanted(outRoot, placeOf)) this.wanted.add(place);
      }
      // A caller gives the receiver, too, and what it gives may be more than what a function tells of itself.
      const isRising = summaries.some(({ inRoot, outRoot }) =>
        outRoot.some((root, i) => kindOf(inRoot[i]) === RootKind.Parameter && this.isWanted(root, placeOf)),
      );
      if (!isRising || this.risen.has(id)) continue;
      this.risen.add(id);
      for (const caller of this.host.callersOf(id)) this.visit(caller);
      for (const caller of this.host.handersOf(id)) this.visit(caller);
    }
  }

  private *askPlaces(): Generator<void, void, undefined> {
    for (const place of this.wanted) {
      if (this.askedPlaces.has(place)) continue;
      this.askedPlaces.add(place);
      for (const id of this.places.ask(place, true)) this.visit(id);
      yield;
    }
  }

  private visit(id: FunctionId): void {
    if (this.visited.size >= MAX_SLICE_FUNCTIONS && !this.visited.has(id)) this.isCut = true;
    else this.visited.add(id);
  }

  private ask(id: FunctionId): void {
    const { host } = this;
    for (const root of host.parametersOf(id)) host.demand(id, root);
    for (const cell of host.cellsOf(id)) host.demand(id, cell);
    let layer: readonly FunctionId[] = [id];
    for (let depth = 0; layer.length > 0; depth++) {
      const next: FunctionId[] = [];
      for (const other of layer) {
        // What lies in a captured variable may come back from a call.
        if (depth > 0 && depth <= CELLS_BELOW) this.askCells(other);
        if (this.below.has(other)) {
          if (depth > CELLS_BELOW) continue;
        } else if (this.below.size >= MAX_BELOW) {
          this.isCut = true;
          continue;
        } else {
          this.below.add(other);
          for (const root of host.sourcesOf(other)) host.demand(other, root);
        }
        next.push(...host.calleesOf(other));
      }
      layer = [...new Set(next)];
      if (depth > MAX_BELOW) return;
    }
  }

  /** A captured variable of a callee counts where the callee gives it back, or writes to it what it is given. */
  private askCells(id: FunctionId): void {
    for (const cell of this.host.cellsOf(id)) {
      this.host.demand(id, cell);
      this.cellsBelow.push([id, cell]);
    }
  }

  /** Who comes to hold a captured variable that a callee gives back is asked about it. */
  private shareCells(): void {
    const { host } = this;
    for (const [id, cell] of this.cellsBelow.splice(0))
      if (host.answer(id, cell).outRoot.some((root) => kindOf(root) !== RootKind.Sink)) host.share(cell);
    host.solve();
  }

  result(): BackwardSlice {
    const { host, wanted } = this;
    const places = new SharedPlaces(host.paths);
    const ordered = [...this.visited].sort((a, b) => host.compare(a, b));
    const legs = ordered.map((id) => this.legsOf(id));
    for (const { from, placeOf } of legs) {
      for (const leg of from) {
        if (!this.isWanted(leg.outRoot, placeOf) || placeOf(leg.inRoot) === NOWHERE) continue;
        places.addReader(placeOf(leg.inRoot), leg, this.sinks.has(leg.outRoot) ? NOWHERE : placeOf(leg.outRoot));
      }
    }
    finish(places.close());
    const origins = new Map<string, Origin>();
    const nameOf = ({ function: id, inRoot }: Leg): string =>
      kindOf(inRoot) === RootKind.Source ? `s${String(inRoot)}` : `${String(id)} ${String(inRoot)}`;
    const found = (way: Way): void => {
      const [first] = way.legs;
      const sink = way.legs[way.legs.length - 1].outRoot;
      if ((way.mask & host.references.sinkOf(sink).kind) === 0) return;
      const key = `${nameOf(first)} ${String(sink)}`;
      if (isBetter(way, origins.get(key)))
        origins.set(key, { ...way, function: first.function, root: first.inRoot, sink });
    };
    const numbers = new Map<string, number>();
    for (const { local, into, placeOf } of legs) {
      for (const leg of local)
        if (this.isOrigin(leg) && this.sinks.has(leg.outRoot)) found({ legs: [leg], mask: leg.mask });
      for (const leg of into) {
        const place = placeOf(leg.outRoot);
        if (!wanted.has(place) || !this.isOrigin(leg)) continue;
        const name = nameOf(leg);
        let number = numbers.get(name);
        if (number === undefined) numbers.set(name, (number = numbers.size));
        places.arrive(place, leg, number);
      }
    }
    finish(
      places.follow((_first, way, mask) => {
        found({ legs: way, mask });
      }),
    );
    return { origins: [...origins.values()], isCut: this.isCut };
  }

  private isOrigin({ function: id, inRoot }: Leg): boolean {
    return kindOf(inRoot) === RootKind.Source || this.host.isEntryPoint(id, inRoot);
  }

  /** Whether a leg ends in one of the sinks, or where something lies that comes to one. */
  private isWanted(root: Root, placeOf: (root: Root) => PlaceId): boolean {
    return kindOf(root) === RootKind.Sink ? this.sinks.has(root) : this.wanted.has(placeOf(root));
  }

  private legsOf(id: FunctionId): ReturnType<SlicePlaces['legsOf']> {
    return this.places.legsOf(id, this.host.flowsOf(id));
  }
}
