/**
 * All sinks that a source reaches: from the function that holds it up through those who are handed it, and on through the places that functions
 * share. A parameter is followed in its function and through such places; what the function returns is its callers' affair.
 */
import { finish } from '../base/steps';
import type { FunctionId } from '../model/ids';
import type { Leg, PlaceId } from './contribution';
import { NOWHERE } from './contribution';
import { RootKind, kindOf, type Root } from './references';
import { SharedPlaces } from './sharedPlaces';
import { MAX_SLICE_FUNCTIONS, SlicePlaces, isBetter, type SliceHost, type Way } from './slices';

export interface SliceStart {
  readonly function: FunctionId;
  /** A source, or a parameter of the function. */
  readonly root: Root;
  /** The question that tells of it. */
  readonly question: Root;
}

export interface ForwardSlice {
  /** By sink. */
  readonly sinks: ReadonlyMap<Root, Way>;
  /** The value, or what is made of it, is given back to the callers of the function where it starts. */
  readonly isReturned: boolean;
  /** Functions were left out. */
  readonly isCut: boolean;
}

/** To be worked out in steps by `find`; the result is whole when these are done, and what is known of it before. */
export class ForwardSlicing {
  private readonly places: SlicePlaces;
  /** Functions that the source comes to, with what they do with it. */
  private readonly holders = new Set<FunctionId>();
  /** Functions that have a part in places which the source comes to. */
  private readonly readers = new Set<FunctionId>();
  private readonly reached = new Set<PlaceId>();
  private isReturned = false;
  private isCut = false;

  constructor(
    private readonly start: SliceStart,
    private readonly host: SliceHost,
  ) {
    this.places = new SlicePlaces(host);
  }

  *find(): Generator<void, void, undefined> {
    yield* this.findFunctions();
    yield* this.findPlaces();
  }

  /** Who is handed the source by whom it calls; the solver asks them when it has an answer to tell. */
  private *findFunctions(): Generator<void, void, undefined> {
    const { host, start, holders } = this;
    host.demand(start.function, start.question);
    host.solve();
    yield;
    holders.add(start.function);
    const isSource = kindOf(start.root) === RootKind.Source;
    for (const id of holders) {
      const { inRoot, outRoot } = host.answer(id, start.question);
      const isOutward = inRoot.some((root, i) => root === start.root && kindOf(outRoot[i]) !== RootKind.Sink);
      if (!isOutward) continue;
      if (id === start.function)
        this.isReturned = inRoot.some((root, i) => root === start.root && kindOf(outRoot[i]) === RootKind.Return);
      if (!isSource) break;
      for (const caller of host.callersOf(id)) {
        if (holders.size >= MAX_SLICE_FUNCTIONS) this.isCut = true;
        else holders.add(caller);
      }
      yield;
    }
  }

  /** Places that the source comes to, directly or from place to place. */
  private *findPlaces(): Generator<void, void, undefined> {
    const queue = new Set<PlaceId>();
    for (const id of this.holders) {
      const { into, placeOf } = this.given(id);
      for (const { outRoot } of into) queue.add(placeOf(outRoot));
    }
    // Going through a set also meets what is added meanwhile.
    for (const place of queue) {
      if (place === NOWHERE) continue;
      this.reached.add(place);
      for (const id of this.places.ask(place, false)) {
        if (this.readers.size >= MAX_SLICE_FUNCTIONS) this.isCut = true;
        else this.readers.add(id);
      }
      yield;
      // Asking may have made any of those answer more that were asked before.
      for (const id of this.readers) {
        const { from, placeOf } = this.legsOf(id);
        for (const { inRoot, outRoot } of from)
          if (this.reached.has(placeOf(inRoot)) && kindOf(outRoot) !== RootKind.Sink) queue.add(placeOf(outRoot));
      }
    }
  }

  result(): ForwardSlice {
    const { host, start, reached } = this;
    const sinks = new Map<Root, Way>();
    const found = (sink: Root, way: Way): void => {
      if ((way.mask & host.references.sinkOf(sink).kind) !== 0 && isBetter(way, sinks.get(sink))) sinks.set(sink, way);
    };
    const places = new SharedPlaces(host.paths);
    for (const id of this.inOrder(this.readers)) {
      const { from, placeOf } = this.legsOf(id);
      for (const leg of from) {
        const place = placeOf(leg.inRoot);
        if (!reached.has(place)) continue;
        const next = kindOf(leg.outRoot) === RootKind.Sink ? NOWHERE : placeOf(leg.outRoot);
        if (kindOf(leg.outRoot) === RootKind.Sink || next !== NOWHERE) places.addReader(place, leg, next);
      }
    }
    finish(places.close());
    for (const id of this.inOrder(this.holders)) {
      const { local, into, placeOf } = this.given(id);
      for (const leg of local) found(leg.outRoot, { legs: [leg], mask: leg.mask });
      for (const leg of into) if (placeOf(leg.outRoot) !== NOWHERE) places.arrive(placeOf(leg.outRoot), leg, 0);
    }
    // A parameter that functions share is a place as well.
    finish(
      places.follow((_first, legs, mask) => {
        found(legs[legs.length - 1].outRoot, { legs, mask });
      }),
    );
    return { sinks, isReturned: this.isReturned && kindOf(start.root) !== RootKind.Source, isCut: this.isCut };
  }

  /** What a function does with the source. */
  private given(id: FunctionId): ReturnType<SlicePlaces['legsOf']> {
    const { root, question } = this.start;
    const legs = this.places.legsOf(id, [this.host.answer(id, question)]);
    const isOfStart = ({ inRoot }: Leg): boolean => inRoot === root;
    return { ...legs, local: legs.local.filter(isOfStart), into: legs.into.filter(isOfStart) };
  }

  private legsOf(id: FunctionId): ReturnType<SlicePlaces['legsOf']> {
    return this.places.legsOf(id, this.host.flowsOf(id));
  }

  private inOrder(ids: ReadonlySet<FunctionId>): readonly FunctionId[] {
    return [...ids].sort((a, b) => this.host.compare(a, b));
  }
}
