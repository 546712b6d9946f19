/**
 * Which shared places hang together: places are connected when some function carries something from one to the other.
 * What lies in a place can only be found again in its component, so that an edit concerns the components of the places
 * that it touches, and no others. Components are made anew where something changed (the work follows their size).
 */
import { finish } from '../base/steps';
import type { FunctionId } from '../model/ids';
import type { PlaceId } from './contribution';

export interface Component {
  readonly places: ReadonlySet<PlaceId>;
  /** Functions that put something into one of its places or take something from it. */
  readonly functions: ReadonlySet<FunctionId>;
}

export interface ComponentChange {
  readonly gone: ReadonlySet<Component>;
  readonly made: readonly Component[];
}

/** A way between two places. */
export type Link = readonly [PlaceId, PlaceId];

export class PlaceGraph {
  private readonly users = new Map<PlaceId, Set<FunctionId>>();
  private readonly componentOf = new Map<PlaceId, Component>();
  private readonly touched = new Set<PlaceId>();

  /** `linksOf` gives the ways that a function makes between places. */
  constructor(private readonly linksOf: (id: FunctionId) => Iterable<Link>) {}

  add(id: FunctionId, places: Iterable<PlaceId>): void {
    for (const place of places) {
      this.touched.add(place);
      const users = this.users.get(place);
      if (users === undefined) this.users.set(place, new Set([id]));
      else users.add(id);
    }
  }

  remove(id: FunctionId, places: Iterable<PlaceId>): void {
    for (const place of places) {
      this.touched.add(place);
      const users = this.users.get(place);
      users?.delete(id);
      if (users?.size === 0) this.users.delete(place);
    }
  }

  /** Something about a function changed, but not its places. */
  touch(places: Iterable<PlaceId>): void {
    for (const place of places) this.touched.add(place);
  }

  /** Brings components in line; `gone` ones are replaced by the `made` ones. */
  update(): ComponentChange {
    return finish(this.updateInSteps());
  }

  /** The same in many small steps; nothing may be told or touched in between. */
  *updateInSteps(): Generator<void, ComponentChange, undefined> {
    const gone = new Set<Component>();
    const places = new Set<PlaceId>();
    for (const place of this.touched) {
      places.add(place);
      const component = this.componentOf.get(place);
      if (component !== undefined) gone.add(component);
    }
    this.touched.clear();
    // A new way may lead to a component where nothing else changed: its place is touched, as one of the function's.
    for (const component of gone) for (const place of component.places) places.add(place);
    for (const place of places) this.componentOf.delete(place);
    return { gone, made: yield* this.partition(places) };
  }

  private *partition(places: ReadonlySet<PlaceId>): Generator<void, readonly Component[], undefined> {
    const parents = new Map<PlaceId, PlaceId>();
    const find = (place: PlaceId): PlaceId => {
      let root = place;
      for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) root = up;
      for (let at = place; at !== root;) {
        const up = parents.get(at) ?? root;
        parents.set(at, root);
        at = up;
      }
      return root;
    };
    const functions = new Set<FunctionId>();
    for (const place of places) for (const id of this.users.get(place) ?? []) functions.add(id);
    for (const id of functions) {
      for (const [a, b] of this.linksOf(id)) {
        if (!places.has(a) || !places.has(b)) continue;
        const [from, to] = [find(a), find(b)];
        if (from !== to) parents.set(from, to);
      }
      yield;
    }
    const made = new Map<PlaceId, { readonly places: Set<PlaceId>; readonly functions: Set<FunctionId> }>();
    for (const place of places) {
      const users = this.users.get(place);
      if (users === undefined) continue;
      const root = find(place);
      let component = made.get(root);
      if (component === undefined) made.set(root, (component = { places: new Set(), functions: new Set() }));
      component.places.add(place);
      for (const id of users) component.functions.add(id);
      this.componentOf.set(place, component);
      yield;
    }
    return [...made.values()];
  }
}
