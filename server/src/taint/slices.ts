/**
 * What both slices are made of: the backward slice of a sink (all that can reach it) and the forward slice of a source (all sinks it
 * reaches). Both are made of the answers that the solver keeps; what nobody has asked so far, they ask. Unlike findings, they
 * know of no threat model.
 */
import type { FunctionId } from '../model/ids';
import type { ModelView } from '../model/summary';
import type { PathId, PathTable } from './accessPaths';
import {
  NOWHERE,
  contributionOf,
  isStoredPlace,
  legsFrom,
  legsInto,
  localLegs,
  namedPlace,
  placeNumber,
  placeOf,
  type Leg,
  type PlaceId,
} from './contribution';
import {
  RECEIVER_ROOT,
  confidenceOf,
  storedAt,
  storedName,
  type Mask,
  type ReferenceTable,
  type Root,
} from './references';
import { placeAt, type SharedRoots } from './sharedParameters';
import { MAX_LEGS } from './sharedPlaces';
import type { SummaryTable } from './summaryTable';

/** Functions that one slice looks at, and calls below these that it looks for sources in. */
export const MAX_SLICE_FUNCTIONS = 2_000;
export const MAX_BELOW = 30_000;

export interface SliceHost {
  readonly paths: PathTable;
  readonly references: ReferenceTable;
  readonly models: ModelView;
  /** Asks a question, or all who come to hold a captured variable; answered by the next `solve`. */
  demand(id: FunctionId, root: Root): void;
  share(cell: Root): void;
  solve(): void;
  /** What is answered by now: to one question, and to all that were asked of a function, in a stable order. */
  answer(id: FunctionId, root: Root): SummaryTable;
  flowsOf(id: FunctionId): readonly SummaryTable[];
  /** Functions that call a function, import the module whose body it is, or make it; and the other way round. */
  callersOf(id: FunctionId): Iterable<FunctionId>;
  calleesOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that hand a function to a call, whoever is called, and those that use what such calls give. */
  handersOf(id: FunctionId): Iterable<FunctionId>;
  /** Functions that name a captured variable. */
  readersOf(cell: Root): Iterable<FunctionId>;
  parametersOf(id: FunctionId): Iterable<Root>;
  /** Captured variables that a function names, and the exports of modules that it imports. */
  cellsOf(id: FunctionId): Iterable<Root>;
  /** Questions after the sources of all kinds that a function holds itself. */
  sourcesOf(id: FunctionId): Iterable<Root>;
  /** The class whose fields a function shares, and the functions that share these. */
  classOf(id: FunctionId): string | undefined;
  /** The class of which a function gives back a new instance, and the functions that do so. */
  madeClassOf(id: FunctionId): string | undefined;
  readonly makersOf: (name: string) => Iterable<FunctionId>;
  readonly methodsOf: (name: string) => Iterable<FunctionId>;
  /** Parameters that are values handed from function to function, and who has such at a place. */
  sharedRootsOf(id: FunctionId): SharedRoots | undefined;
  holdersOf(name: string): Iterable<readonly [FunctionId, readonly Root[]]>;
  /** Functions that take something out of places outside of the program, with the questions after it; and those that put something there. */
  retrievers(): Iterable<readonly [FunctionId, Root]>;
  keepers(): Iterable<FunctionId>;
  /** Nobody in the workspace gives the parameter its value, or others may, too. */
  isEntryPoint(id: FunctionId, parameter: Root): boolean;
  /** Stable order of functions. */
  compare(a: FunctionId, b: FunctionId): number;
}

/** The best way from one end to the other. */
export interface Way {
  readonly legs: readonly Leg[];
  readonly mask: Mask;
}

/** The surest way first, then that of the fewest legs. */
export function isBetter({ legs, mask }: Way, known: Way | undefined): boolean {
  const rank = (way: Way): number => confidenceOf(way.mask) * (MAX_LEGS + 1) - way.legs.length;
  return known === undefined || rank({ legs, mask }) > rank(known);
}

/** The legs of one function. */
export interface Legs {
  readonly local: readonly Leg[];
  readonly into: readonly Leg[];
  readonly from: readonly Leg[];
  /** The place where a leg begins or ends; `NOWHERE` for none. */
  readonly placeOf: (root: Root) => PlaceId;
}

const NO_LEGS: readonly Leg[] = [];

/** Places that functions share, as numbers, and who has a part in them. */
export class SlicePlaces {
  private readonly numbers = new Map<string, PlaceId>();
  private readonly names: string[] = [];

  constructor(private readonly host: SliceHost) {}

  /** What a function contributes by these answers. */
  legsOf(id: FunctionId, summaries: readonly SummaryTable[]): Legs {
    const { host } = this;
    const { paths, models } = host;
    const roots = host.sharedRootsOf(id);
    const shares =
      roots === undefined
        ? undefined
        : (root: Root, path: PathId): boolean => placeAt(roots, root, path, paths, models) !== undefined;
    const name = host.classOf(id);
    const makes = host.madeClassOf(id);
    const fields = {
      receiver: name === undefined ? NOWHERE : this.numberOf(name),
      made: makes === undefined ? NOWHERE : this.numberOf(makes),
    };
    const shared = roots && new Map(Array.from(roots, ([root, place]) => [root, this.numberOf(place.name)]));
    const contribution = contributionOf(id, summaries, paths, shares, makes !== undefined);
    return {
      local: contribution === undefined ? NO_LEGS : localLegs(contribution, paths),
      into: contribution === undefined ? NO_LEGS : legsInto(contribution, paths),
      from: contribution === undefined ? NO_LEGS : legsFrom(contribution, paths),
      placeOf: (root) => {
        const stored = storedAt(host.references, root);
        return stored === undefined ? placeOf(root, fields, shared) : this.numberOf(storedName(stored), true);
      },
    };
  }

  /** Asks all who have a part in a place, what they do with what lies there; gives them, and with `writers` those who may put something there. */
  ask(place: PlaceId, writers: boolean): readonly FunctionId[] {
    const { host } = this;
    if (isStoredPlace(place)) return writers ? [...host.keepers(), ...this.retrievers()] : this.retrievers();
    if (place >= 0) {
      host.share(place);
      host.solve();
      return this.holdersOf(place);
    }
    const name = this.names[placeNumber(place)];
    const found = new Set<FunctionId>();
    for (const id of host.methodsOf(name)) {
      host.demand(id, RECEIVER_ROOT);
      found.add(id);
    }
    if (writers) for (const id of host.makersOf(name)) found.add(id);
    for (const [id, roots] of host.holdersOf(name)) {
      for (const root of roots) host.demand(id, root);
      found.add(id);
    }
    host.solve();
    return [...found];
  }

  /** Who takes something out of places outside of the program, and who gets it by calling these. */
  private retrievers(): readonly FunctionId[] {
    const { host } = this;
    const asked = [...host.retrievers()];
    for (const [id, root] of asked) host.demand(id, root);
    host.solve();
    const found = new Set(asked.map(([id]) => id));
    const roots = new Set(asked.map(([, root]) => root));
    const tells = (id: FunctionId): boolean => [...roots].some((root) => host.answer(id, root).outRoot.length > 0);
    // Going through a set also meets what is added meanwhile.
    for (const id of found) {
      if (!tells(id)) continue;
      for (const caller of host.callersOf(id)) if (tells(caller)) found.add(caller);
    }
    return [...found];
  }

  /** Who names a captured variable, whose it is, and who comes to hold its value by calling these. */
  private holdersOf(cell: Root): readonly FunctionId[] {
    const { host } = this;
    const found = new Set<FunctionId>([host.references.cellOf(cell).owner, ...host.readersOf(cell)]);
    // Going through a set also meets what is added meanwhile.
    for (const id of found) {
      if (host.answer(id, cell).outRoot.length === 0) continue;
      for (const caller of host.callersOf(id)) if (host.answer(caller, cell).outRoot.length > 0) found.add(caller);
    }
    return [...found];
  }

  private numberOf(name: string, isStored = false): PlaceId {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = namedPlace(this.names.length, isStored);
      this.numbers.set(name, number);
      this.names.push(name);
    }
    return number;
  }
}
