/**
 * From summaries to findings: where a source and a sink meet. Most meet inside one function. The rest meet through what
 * functions share without calling each other: captured variables written from elsewhere (cells), fields that methods of
 * one class share, and parameters of functions that a package offers (the `library` threat model).
 *
 * Only concrete sources travel here, never symbolic inputs. What a function finds by itself depends on its summary alone,
 * and what is found through shared places on the summaries that have to do with places that hang together: each is kept,
 * and done anew only when one of these changed.
 */
import { finish } from '../base/steps';
import type { FunctionId } from '../model/ids';
import type { Confidence, KindSet, ModelView, Rule, SourceRef } from '../model/summary';
import { EMPTY, type PathId, type PathTable } from './accessPaths';
import {
  NOWHERE,
  contributionOf,
  isMadeOf,
  legsFrom,
  legsInto,
  localLegs,
  namedPlace,
  placeOf,
  type Contribution,
  type Leg,
  type PlaceId,
} from './contribution';
import { PlaceGraph, type Component, type Link } from './placeGraph';
import type { ReferenceTable } from './references';
import {
  REST,
  RootKind,
  confidenceOf,
  kindBits,
  kindOf,
  parameterIndex,
  storedAt,
  storedName,
  type Mask,
  type Root,
} from './references';
import { placeAt, type SharedRoots } from './sharedParameters';
import { MAX_LEGS, SharedPlaces } from './sharedPlaces';
import type { SummaryTable } from './summaryTable';
import { Told, type Findings, type JoinChange } from './told';

export type { Leg } from './contribution';
export type { JoinChange, Joined } from './told';

export interface JoinHost {
  readonly paths: PathTable;
  readonly references: ReferenceTable;
  isExported(id: FunctionId): boolean;
  receiverClassOf(id: FunctionId): string | undefined;
  /** The class of which a function gives back a new instance. */
  madeClassOf?(id: FunctionId): string | undefined;
  /** Parameters of a function that are shared places. The same object again until that is something else. */
  sharedRootsOf?(id: FunctionId): SharedRoots | undefined;
  readonly models?: ModelView;
  /** Source kinds, as a mask, that don't count in a function, as a source or before a sink. Depends on the function alone. */
  uncountedIn?(id: FunctionId): number;
  /** Source kinds, as a mask, that findings are asked for; the others are not joined. */
  wantedSources(): number;
  /** The source that an exported function's parameter is. Asked only where such sources are wanted. */
  parameterSource(id: FunctionId, index: number): SourceRef | undefined;
  /** What parameters of exported functions are, as a mask of source kinds. */
  readonly parameterKinds: number;
  rulesFor(sourceKinds: number, sinkKind: number, kinds: number): readonly Rule[];
  /** Stable order of functions, so that ties are broken alike in every run. */
  compare(a: FunctionId, b: FunctionId): number;
  /** Stable text of a root: the same in every run. */
  rootText(root: Root): string;
}

/** What a source that is no parameter says in its label that was read there: ``Property `title` of a component``. */
const READ_NAME = /`([^`]+)`/;

const METHODS_OF_TEXTS: ReadonlySet<string> = new Set([
  'concat',
  'replace',
  'replaceAll',
  'slice',
  'split',
  'substr',
  'substring',
  'toLowerCase',
  'toString',
  'trim',
  'trimEnd',
  'trimStart',
  'valueOf',
]);

/** A contribution with what is said of its function elsewhere, as it was when the function was last joined. */
interface Placed {
  readonly contribution: Contribution;
  /** Where the fields of the function's class are. */
  readonly receiver: PlaceId;
  /** Where those are of the class that it makes. */
  readonly made: PlaceId;
  /** Where the parameters are that functions share. */
  readonly shared: ReadonlyMap<Root, PlaceId> | undefined;
  readonly roots: SharedRoots | undefined;
  /** What says of its exported parameters who they are; empty where that is not asked for. */
  readonly parameters: string;
}

type Unit = FunctionId | Component;

export class Joiner {
  private readonly contributions = new Map<FunctionId, Contribution>();
  private readonly placed = new Map<FunctionId, Placed>();
  private readonly graph: PlaceGraph;
  private readonly told: Told<Unit>;
  /** Functions to be joined anew. */
  private readonly changed = new Set<FunctionId>();
  /** By name, places that are no captured variables: fields of classes, values that are handed from function to function, what keeps data. */
  private readonly namedPlaces = new Map<string, PlaceId>();
  /** Shared parameters that contributions were made with. */
  private readonly rootsOf = new Map<FunctionId, SharedRoots>();
  private wanted = 0;
  private readonly prototypeKind: KindSet;

  constructor(private readonly host: JoinHost) {
    this.prototypeKind = host.models?.kindBit('prototype') ?? 0;
    this.graph = new PlaceGraph((id) => this.linksOf(id));
    this.told = new Told({
      compare: (a, b) => host.compare(a, b),
      compareLegs: (a, b, kind) => this.compareLegs(a, b, kind),
      parameterKinds: host.parameterKinds,
    });
  }

  /** The function was solved again; without summaries, it is gone. These stand in a stable order. */
  update(id: FunctionId, summaries: readonly SummaryTable[]): void {
    this.changed.add(id);
    const old = this.contributions.get(id);
    const roots = this.host.sharedRootsOf?.(id);
    const isMaker = this.host.madeClassOf?.(id) !== undefined;
    if (old !== undefined && this.rootsOf.get(id) === roots && isMadeOf(old, summaries, isMaker)) return;
    if (roots === undefined) this.rootsOf.delete(id);
    else this.rootsOf.set(id, roots);
    const { paths, models } = this.host;
    const shares =
      roots === undefined || models === undefined
        ? undefined
        : (root: Root, path: PathId): boolean => placeAt(roots, root, path, paths, models) !== undefined;
    const contribution = contributionOf(id, summaries, paths, shares, isMaker);
    if (contribution === undefined) this.contributions.delete(id);
    else this.contributions.set(id, contribution);
  }

  /** Whether it is exported, or which class it belongs to, may have changed. */
  touch(id: FunctionId): void {
    if (this.contributions.has(id)) this.changed.add(id);
  }

  /** What is to be told now and was not at the last call, and the other way round: source and sink, without duplicates, by the surest and shortest way. */
  join(): JoinChange {
    return finish(this.joinInSteps());
  }

  /** The same in many small steps; to be gone through before anything else is asked or told. */
  *joinInSteps(): Generator<void, JoinChange, undefined> {
    const wanted = this.host.wantedSources();
    const isAll = wanted !== this.wanted;
    this.wanted = wanted;
    if (isAll) for (const id of this.contributions.keys()) this.changed.add(id);
    const again: FunctionId[] = [];
    for (const id of this.changed) {
      if (this.place(id, isAll)) again.push(id);
      yield;
    }
    this.changed.clear();
    for (const id of again) {
      this.told.replace(id, this.findLocal(id));
      yield;
    }
    const { gone, made } = yield* this.graph.updateInSteps();
    for (const component of gone) this.told.replace(component, undefined);
    for (const component of made) {
      this.told.replace(component, yield* this.findShared(component));
      yield;
    }
    return yield* this.told.takeInSteps();
  }

  /** Notes what a function contributes now, and where; false when that is what it was. */
  private place(id: FunctionId, isAll: boolean): boolean {
    const old = this.placed.get(id);
    const contribution = this.contributions.get(id);
    if (contribution === undefined) {
      if (old === undefined) return false;
      this.graph.remove(id, this.placesOf(old));
      this.placed.delete(id);
      return true;
    }
    const receiver = contribution.hasReceiver ? this.placeNamed(this.host.receiverClassOf(id)) : NOWHERE;
    const made = contribution.isMaker ? this.placeNamed(this.host.madeClassOf?.(id)) : NOWHERE;
    const parameters = contribution.hasParameters ? this.parametersOf(id, contribution) : '';
    const roots = this.rootsOf.get(id);
    const isMoved =
      old === undefined ||
      old.contribution !== contribution ||
      old.receiver !== receiver ||
      old.made !== made ||
      old.roots !== roots;
    if (!isAll && !isMoved && old.parameters === parameters) return false;
    const next = { contribution, receiver, made, roots, shared: this.sharedPlacesOf(roots), parameters };
    this.placed.set(id, next);
    if (isMoved) {
      if (old !== undefined) this.graph.remove(id, this.placesOf(old));
      this.graph.add(id, this.placesOf(next));
    } else this.graph.touch(this.placesOf(next));
    return true;
  }

  private placeNamed(name: string | undefined): PlaceId {
    return name === undefined ? NOWHERE : this.namedPlace(name);
  }

  private namedPlace(name: string, isStored = false): PlaceId {
    let place = this.namedPlaces.get(name);
    if (place === undefined) this.namedPlaces.set(name, (place = namedPlace(this.namedPlaces.size, isStored)));
    return place;
  }

  /** The place of a root of a function. */
  private placeOf(root: Root, placed: Pick<Placed, 'receiver' | 'made' | 'shared'>): PlaceId {
    const stored = storedAt(this.host.references, root);
    return stored === undefined ? placeOf(root, placed, placed.shared) : this.namedPlace(storedName(stored), true);
  }

  private sharedPlacesOf(roots: SharedRoots | undefined): ReadonlyMap<Root, PlaceId> | undefined {
    return roots === undefined
      ? undefined
      : new Map(Array.from(roots, ([root, { name }]) => [root, this.namedPlace(name)]));
  }

  private parametersOf(id: FunctionId, contribution: Contribution): string {
    if ((this.host.parameterKinds & this.wanted) === 0 || !this.host.isExported(id)) return '';
    const positions = new Set<number>();
    const { paths } = this.host;
    for (const legs of [localLegs(contribution, paths), legsInto(contribution, paths)])
      for (const { inRoot } of legs) if (kindOf(inRoot) === RootKind.Parameter) positions.add(positionOf(inRoot));
    let text = '';
    for (const position of positions) {
      const source = this.host.parameterSource(id, position);
      text += `${String(position)}:${source === undefined ? '' : `${String(source.node)} ${source.label}`}\n`;
    }
    return text;
  }

  private placesOf(placed: Placed): ReadonlySet<PlaceId> {
    const { contribution } = placed;
    const { paths } = this.host;
    const places = new Set<PlaceId>();
    for (const leg of legsInto(contribution, paths)) places.add(this.placeOf(leg.outRoot, placed));
    for (const leg of legsFrom(contribution, paths)) {
      places.add(this.placeOf(leg.inRoot, placed));
      if (kindOf(leg.outRoot) !== RootKind.Sink) places.add(this.placeOf(leg.outRoot, placed));
    }
    places.delete(NOWHERE);
    return places;
  }

  private *linksOf(id: FunctionId): Generator<Link, void, undefined> {
    const placed = this.placed.get(id);
    if (placed === undefined) return;
    for (const leg of legsFrom(placed.contribution, this.host.paths)) {
      if (kindOf(leg.outRoot) === RootKind.Sink) continue;
      const from = this.placeOf(leg.inRoot, placed);
      const to = this.placeOf(leg.outRoot, placed);
      if (from !== NOWHERE && to !== NOWHERE) yield [from, to];
    }
  }

  private findLocal(id: FunctionId): Findings | undefined {
    const placed = this.placed.get(id);
    if (placed === undefined) return undefined;
    const findings: Findings = new Map();
    for (const leg of localLegs(placed.contribution, this.host.paths)) {
      const source = this.sourceOf(leg);
      if (source !== undefined) this.found(findings, source, [leg], leg.mask);
    }
    return findings;
  }

  private *findShared({ places: inside, functions }: Component): Generator<void, Findings | undefined, undefined> {
    const places = new SharedPlaces(this.host.paths);
    const ordered = [...functions].sort((a, b) => this.host.compare(a, b));
    let leadsToSinks = false;
    for (const id of ordered) {
      const placed = this.placed.get(id);
      if (placed === undefined) continue;
      for (const leg of legsFrom(placed.contribution, this.host.paths)) {
        const place = this.placeOf(leg.inRoot, placed);
        if (!inside.has(place)) continue;
        const isSink = kindOf(leg.outRoot) === RootKind.Sink;
        leadsToSinks ||= isSink;
        const next = isSink ? NOWHERE : this.placeOf(leg.outRoot, placed);
        if (isSink || next !== NOWHERE) places.addReader(place, leg, next);
      }
      yield;
    }
    if (!leadsToSinks) return undefined;
    yield* places.close();
    const sources = new Map<string, number>();
    const sourceRefs = new Map<Leg, SourceRef>();
    for (const id of ordered) {
      const placed = this.placed.get(id);
      if (placed === undefined) continue;
      for (const leg of legsInto(placed.contribution, this.host.paths)) {
        const place = this.placeOf(leg.outRoot, placed);
        if (!inside.has(place) || (kindBits(leg.mask) & places.sinksBeyond(place, leg.outPath)) === 0) continue;
        const source = this.sourceOf(leg);
        if (source === undefined) continue;
        const name = `${String(source.function)}:${String(source.node)}:${source.label}`;
        let number = sources.get(name);
        if (number === undefined) sources.set(name, (number = sources.size));
        sourceRefs.set(leg, source);
        places.arrive(place, leg, number);
      }
      yield;
    }
    const findings: Findings = new Map();
    // How good the best way is from a source to a sink: `found` would make nothing of one that is no better.
    const best = new Map<SourceRef, Map<Root, number>>();
    yield* places.follow(
      (first, legs, mask) => {
        const source = sourceRefs.get(first);
        if (source !== undefined) this.found(findings, source, legs, mask);
      },
      (first, { outRoot }, length, mask) => {
        const source = sourceRefs.get(first);
        if (source === undefined) return false;
        let ranks = best.get(source);
        if (ranks === undefined) best.set(source, (ranks = new Map<Root, number>()));
        const rank = confidenceOf(mask) * (MAX_LEGS + 1) - length;
        const known = ranks.get(outRoot);
        if (known !== undefined && known >= rank) return false;
        ranks.set(outRoot, rank);
        return true;
      },
    );
    return findings;
  }

  /** The source at the beginning of a leg; undefined when there is none (the function is not exported), or none that is asked for. */
  private sourceOf(leg: Leg): SourceRef | undefined {
    const { host } = this;
    if (kindOf(leg.inRoot) === RootKind.Source) {
      const source = host.references.sourceOf(leg.inRoot);
      const uncounted = host.uncountedIn?.(source.function) ?? 0;
      return (source.kinds & this.wanted & ~uncounted) === 0 ? undefined : source;
    }
    if ((host.parameterKinds & this.wanted) === 0 || !host.isExported(leg.function)) return undefined;
    return host.parameterSource(leg.function, positionOf(leg.inRoot));
  }

  private found(findings: Findings, source: SourceRef, legs: readonly Leg[], mask: Mask): void {
    const { host } = this;
    const sink = host.references.sinkOf(legs[legs.length - 1].outRoot);
    if ((mask & sink.kind) === 0 || (source.kinds & ~(host.uncountedIn?.(sink.function) ?? 0)) === 0) return;
    for (const rule of host.rulesFor(source.kinds, sink.kind, kindBits(mask))) {
      if (this.isAsked(rule, source, legs[0])) continue;
      // A text that is put together of parts keeps all of them, which for hundreds of thousands of findings is more than the findings are.
      const key = [rule.id, source.function, source.node, sink.function, sink.node, sink.operand].join('|');
      const old = findings.get(key);
      const confidence = confidenceOf(mask) as Confidence;
      if (
        old !== undefined &&
        (old.confidence > confidence || (old.confidence === confidence && old.legs.length <= legs.length))
      )
        continue;
      findings.set(key, { rule, source, sink, confidence, legs, others: 0 });
    }
  }

  /** Whether callers are asked for what the rule is about, by the name of what they give: the last one on the way that was read. */
  private isAsked(rule: Rule, source: SourceRef, { inPath }: Leg): boolean {
    const { models, paths } = this.host;
    if (models?.isAsked === undefined) return false;
    let name = source.parameter?.name ?? READ_NAME.exec(source.label)?.[1] ?? '';
    for (let path = inPath; path !== EMPTY; path = paths.tail(path)) {
      const head = paths.head(path);
      // `html.trim()` reads a property of the text, and is no other text.
      if (paths.isProperty(head) && !METHODS_OF_TEXTS.has(paths.text(head))) name = paths.text(head);
    }
    return models.isAsked(rule.id, source.kinds, name, source.parameter?.owner ?? '', source.parameter?.name ?? '');
  }

  private compareLegs(a: Leg, b: Leg, kind: KindSet): number {
    const { host } = this;
    // What is written to comes before the names under which that is done: `set(object, path, value)`, `merge(target, source)`.
    const isNamedLast =
      kind === this.prototypeKind && kindOf(a.inRoot) === RootKind.Parameter && kindOf(b.inRoot) === RootKind.Parameter;
    return (
      (isNamedLast ? positionOf(b.inRoot) - positionOf(a.inRoot) : 0) ||
      compareTexts(host.rootText(a.inRoot), host.rootText(b.inRoot)) ||
      compareTexts(host.paths.textOf(a.inPath), host.paths.textOf(b.inPath)) ||
      a.inMode - b.inMode ||
      compareTexts(host.rootText(a.outRoot), host.rootText(b.outRoot)) ||
      compareTexts(host.paths.textOf(a.outPath), host.paths.textOf(b.outPath))
    );
  }
}

/** The parameter position of a root; rest parameters and `arguments` count as their first position. */
export function positionOf(root: Root): number {
  const index = parameterIndex(root);
  return index >= REST ? index - REST : index;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
