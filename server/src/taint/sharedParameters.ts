/**
 * Parameters that stand for one object which is handed from function to function, as a request is handed through its handlers: what one
 * of them writes on it, under a name that models do not speak of (`request.user`), others of the same package read. Like the
 * fields of a class, it lies in a place of its own, without regard to who runs first.
 */
import type { ApiState, FileId, FunctionId } from '../model/ids';
import type { LinkView } from '../model/links';
import type { ModelView } from '../model/summary';
import { EMPTY, type PathId, type PathTable } from './accessPaths';
import { RootKind, kindOf, parameterRoot, type Root } from './references';

/** What a parameter of a function is, by root. */
export type SharedRoots = ReadonlyMap<Root, SharedPlace>;

export interface SharedPlace {
  /** Stable name; no class has such a one. */
  readonly name: string;
  readonly states: readonly ApiState[];
}

export interface ChangedHolder {
  readonly id: FunctionId;
  /** It had such parameters before. */
  readonly had: boolean;
}

export class SharedParameters {
  private readonly rootsOf = new Map<FunctionId, Map<Root, SharedPlace>>();
  private readonly holders = new Map<string, Map<FunctionId, Root[]>>();

  constructor(
    private readonly links: LinkView,
    private readonly models: ModelView,
    private readonly paths: PathTable,
  ) {}

  of(id: FunctionId): SharedRoots | undefined {
    return this.rootsOf.get(id);
  }

  /** Functions with a parameter that is at a place, with these parameters. */
  holdersOf(name: string): Iterable<readonly [FunctionId, readonly Root[]]> {
    return this.holders.get(name) ?? [];
  }

  /** Takes up what links say of functions of a file; tells those of which they say something else than before, and whether they said anything. */
  note(file: FileId, ids: Iterable<FunctionId>): readonly ChangedHolder[] {
    const found = new Map<FunctionId, Map<number, ApiState[]>>();
    this.links.eachLink(file, {
      shared: (id, position, state) => {
        let positions = found.get(id);
        if (positions === undefined) found.set(id, (positions = new Map<number, ApiState[]>()));
        const states = positions.get(position);
        if (states === undefined) positions.set(position, [state]);
        else states.push(state);
      },
    });
    const changed: ChangedHolder[] = [];
    if (found.size === 0 && this.rootsOf.size === 0) return changed;
    for (const id of ids) {
      const positions = found.get(id);
      const had = this.rootsOf.has(id);
      if (this.replace(id, positions === undefined ? undefined : this.placesOf(file, positions)))
        changed.push({ id, had });
    }
    return changed;
  }

  /** The function is gone; true when it had such a parameter. */
  forget(id: FunctionId): boolean {
    return this.replace(id, undefined);
  }

  /** The place that what a function does at a path of a root is told of; undefined when that is nobody else's business. */
  placeAt(id: FunctionId, root: Root, path: PathId): string | undefined {
    return placeAt(this.rootsOf.get(id), root, path, this.paths, this.models);
  }

  private placesOf(file: FileId, positions: ReadonlyMap<number, readonly ApiState[]>): Map<Root, SharedPlace> {
    const places = new Map<Root, SharedPlace>();
    for (const [position, states] of positions) {
      const [first] = states.flatMap((state) => this.models.sharedTypes(state)).sort();
      if (first !== undefined)
        places.set(parameterRoot(position), {
          name: `shared ${first} of ${String(this.links.packageOf(file))}`,
          states,
        });
    }
    return places;
  }

  private replace(id: FunctionId, next: Map<Root, SharedPlace> | undefined): boolean {
    const old = this.rootsOf.get(id);
    if (old === undefined && next === undefined) return false;
    if (old !== undefined && next !== undefined && isSame(old, next)) return false;
    for (const { name } of old?.values() ?? []) {
      const holders = this.holders.get(name);
      holders?.delete(id);
      if (holders?.size === 0) this.holders.delete(name);
    }
    if (next === undefined) this.rootsOf.delete(id);
    else this.rootsOf.set(id, next);
    for (const [root, { name }] of next ?? []) {
      let holders = this.holders.get(name);
      if (holders === undefined) this.holders.set(name, (holders = new Map<FunctionId, Root[]>()));
      const roots = holders.get(id);
      if (roots === undefined) holders.set(id, [root]);
      else roots.push(root);
    }
    return true;
  }
}

/** Name of the place that lies at a path of a root; only properties by name count, of which models do not speak. */
export function placeAt(
  roots: SharedRoots | undefined,
  root: Root,
  path: PathId,
  paths: PathTable,
  models: ModelView,
): string | undefined {
  if (roots === undefined || kindOf(root) !== RootKind.Parameter || path === EMPTY) return undefined;
  const place = roots.get(root);
  if (place === undefined) return undefined;
  const names: string[] = [];
  for (let rest = path; rest !== EMPTY && paths.isProperty(paths.head(rest)); rest = paths.tail(rest))
    names.push(paths.text(paths.head(rest)));
  if (names.length === 0 || place.states.some((state) => models.describes(state, names))) return undefined;
  return place.name;
}

function isSame(a: SharedRoots, b: SharedRoots): boolean {
  if (a.size !== b.size) return false;
  for (const [root, { name, states }] of a) {
    const other = b.get(root);
    if (other?.name !== name || other.states.length !== states.length) return false;
    if (!states.every((state, i) => state === other.states[i])) return false;
  }
  return true;
}
