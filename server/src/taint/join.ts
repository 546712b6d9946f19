/**
 * From summaries to findings: where a source and a sink meet. Most meet inside one function. The rest meet through what
 * functions share without calling each other: captured variables written from elsewhere (cells), fields that methods of
 * one class share, and parameters of functions that a package offers (the `library` threat model).
 *
 * Only concrete sources travel here, never symbolic inputs, so that the work is small: it is done anew for every
 * generation from the entries that each function contributes.
 */
import { fileOf, type FunctionId } from '../model/ids';
import type { Confidence, Rule, SinkRef, SourceRef } from '../model/summary';
import { C_ANYTHING, C_ELEMENT, C_PROTOTYPE, EMPTY, type PathId, type PathTable } from './accessPaths';
import { meet } from './facts';
import type { ReferenceTable } from './references';
import {
  REST,
  RootKind,
  confidenceOf,
  joinMasks,
  kindBits,
  kindOf,
  limitConfidence,
  meetMasks,
  parameterIndex,
  parameterRoot,
  type Mask,
  type Root,
} from './references';
import { SharedPlaces } from './sharedPlaces';
import { Mode, type Entry, type SummaryTable } from './summaryTable';

/** One part of the way: an entry of a function's summary. */
export interface Leg extends Entry {
  readonly function: FunctionId;
}

export interface Joined {
  readonly rule: Rule;
  readonly source: SourceRef;
  readonly sink: SinkRef;
  readonly confidence: Confidence;
  /** From the source to the sink, in order. */
  readonly legs: readonly Leg[];
  /** Parameters of exported functions that reach the sink too and are not told one by one; see `nearest`. */
  readonly others: number;
}

export interface JoinHost {
  readonly paths: PathTable;
  readonly references: ReferenceTable;
  isExported(id: FunctionId): boolean;
  receiverClassOf(id: FunctionId): string | undefined;
  /** Source kinds, as a mask, that findings are asked for; the others are not joined. */
  wantedSources(): number;
  /** The source that an exported function's parameter is. Asked only where such sources are wanted. */
  parameterSource(id: FunctionId, index: number): SourceRef | undefined;
  /** What parameters of exported functions are, as a mask of source kinds. */
  readonly parameterKinds: number;
  rulesFor(sourceKinds: number, sinkKind: number): readonly Rule[];
  /** Stable order of functions, so that ties are broken alike in every run. */
  compare(a: FunctionId, b: FunctionId): number;
}

/** What one function contributes. Whether its parameters count (it is exported) and which class it is of is asked when joining, because that may change without it. */
interface Contribution {
  readonly function: FunctionId;
  /** From a source or parameter to a sink. */
  readonly local: readonly Leg[];
  /** From a source or parameter into a shared place. */
  readonly into: readonly Leg[];
  /** From a shared place onward. */
  readonly from: readonly Leg[];
}

/** Something untrusted that lies in a shared place. */
interface Arrival {
  readonly place: string;
  readonly path: PathId;
  readonly source: SourceRef;
  readonly mask: Mask;
  readonly legs: readonly Leg[];
}

/** Functions that one way may cross by shared places. */
const MAX_LEGS = 6;
const RECEIVER_ROOT = parameterRoot(-1);
/** Exported functions whose parameters are told of one sink. */
const MAX_EXPORTED = 3;

export class Joiner {
  private readonly contributions = new Map<FunctionId, Contribution>();
  private wanted = 0;

  constructor(private readonly host: JoinHost) {}

  update(id: FunctionId, summary: SummaryTable | undefined): void {
    const contribution =
      summary === undefined || summary.inRoot.length === 0 ? undefined : this.contributionOf(id, summary);
    if (contribution === undefined) this.contributions.delete(id);
    else this.contributions.set(id, contribution);
  }

  /** All findings of this generation, without duplicates; the way with the highest confidence and fewest legs is kept. */
  join(): Joined[] {
    const findings = new Map<string, Joined>();
    this.wanted = this.host.wantedSources();
    const ordered = [...this.contributions.entries()]
      .sort(([a], [b]) => this.host.compare(a, b))
      .map(([, contribution]) => contribution);
    for (const { local } of ordered) {
      for (const leg of local) {
        const source = this.sourceOf(leg);
        if (source !== undefined) this.found(findings, source, [leg], leg.mask);
      }
    }
    this.throughSharedPlaces(ordered, findings);
    return this.nearest([...findings.values()]);
  }

  /**
   * Most of what a package exports may end up at one helper. Of the parameters that reach the same sink, the surest and
   * nearest are told, with the number of the others: they say what the rest would say again.
   */
  private nearest(findings: readonly Joined[]): Joined[] {
    const { host } = this;
    const groups = new Map<string, Joined[]>();
    const result: Joined[] = [];
    for (const finding of findings) {
      if ((finding.source.kinds & host.parameterKinds) !== finding.source.kinds) {
        result.push(finding);
        continue;
      }
      const { sink } = finding;
      const key = `${finding.rule.id}|${String(sink.function)}:${String(sink.node)}:${String(sink.operand)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [finding]);
      else group.push(finding);
    }
    for (const group of groups.values()) {
      // Sorting is stable: what is alike stays in the order of files and functions.
      group.sort((a, b) => b.confidence - a.confidence || a.legs.length - b.legs.length || distance(a) - distance(b));
      const others = Math.max(0, group.length - MAX_EXPORTED);
      for (const finding of group.slice(0, MAX_EXPORTED)) result.push(others === 0 ? finding : { ...finding, others });
    }
    return result;
  }

  private contributionOf(id: FunctionId, summary: SummaryTable): Contribution | undefined {
    const local: Leg[] = [];
    const into: Leg[] = [];
    const from: Leg[] = [];
    for (let i = 0; i < summary.inRoot.length; i++) {
      const inKind = kindOf(summary.inRoot[i]);
      const outKind = kindOf(summary.outRoot[i]);
      const isReceiverIn = summary.inRoot[i] === RECEIVER_ROOT;
      if (outKind !== RootKind.Sink && outKind !== RootKind.Cell && summary.outRoot[i] !== RECEIVER_ROOT) continue;
      const list = isReceiverIn || inKind === RootKind.Cell ? from : outKind === RootKind.Sink ? local : into;
      if (isReceiverIn && summary.inPath[i] === EMPTY) continue;
      // That a prototype object is handed in from outside is nothing to count on.
      if (inKind === RootKind.Parameter && this.host.paths.contains(summary.inPath[i], C_PROTOTYPE)) continue;
      list.push({
        function: id,
        inRoot: summary.inRoot[i],
        inPath: summary.inPath[i],
        inMode: summary.inMode[i],
        outRoot: summary.outRoot[i],
        outPath: summary.outPath[i],
        mask: summary.mask[i],
      });
    }
    return local.length + into.length + from.length === 0 ? undefined : { function: id, local, into, from };
  }

  /** The source at the beginning of a leg; undefined when there is none (the function is not exported), or none that is asked for. */
  private sourceOf(leg: Leg): SourceRef | undefined {
    const { host } = this;
    if (kindOf(leg.inRoot) === RootKind.Source) {
      const source = host.references.sourceOf(leg.inRoot);
      return (source.kinds & this.wanted) === 0 ? undefined : source;
    }
    if ((host.parameterKinds & this.wanted) === 0 || !host.isExported(leg.function)) return undefined;
    return host.parameterSource(leg.function, positionOf(leg.inRoot));
  }

  private throughSharedPlaces(ordered: readonly Contribution[], findings: Map<string, Joined>): void {
    const { paths } = this.host;
    const places = new SharedPlaces(paths);
    for (const { from } of ordered) {
      for (const leg of from) {
        const place = this.placeOf(leg.function, leg.inRoot);
        if (place === undefined) continue;
        const isSink = kindOf(leg.outRoot) === RootKind.Sink;
        places.addReader(place, leg, isSink ? undefined : this.placeOf(leg.function, leg.outRoot));
      }
    }
    places.close();
    const seen = new Map<string, Mask>();
    const queue: Arrival[] = [];
    const arrive = (arrival: Arrival): void => {
      if (!isTold(paths, arrival.path, arrival.place)) return;
      // Where nothing that is still dangerous can be reached, nobody needs to go.
      if ((kindBits(arrival.mask) & places.sinksBeyond(arrival.place, arrival.path)) === 0) return;
      const key = `${arrival.place}|${String(arrival.path)}|${String(arrival.source.function)}:${String(arrival.source.node)}:${arrival.source.label}`;
      const old = seen.get(key);
      const joined = old === undefined ? arrival.mask : joinMasks(old, arrival.mask);
      if (joined === old) return;
      seen.set(key, joined);
      queue.push({ ...arrival, mask: joined });
    };
    for (const { into } of ordered) {
      for (const leg of into) {
        const place = this.placeOf(leg.function, leg.outRoot);
        if (place === undefined || (kindBits(leg.mask) & places.sinksBeyond(place, leg.outPath)) === 0) continue;
        const source = this.sourceOf(leg);
        if (source !== undefined) arrive({ place, path: leg.outPath, source, mask: leg.mask, legs: [leg] });
      }
    }
    for (let next = 0; next < queue.length; next++) {
      const arrival = queue[next];
      for (const { leg, place } of places.readersOf(arrival.place, arrival.path)) {
        const found = meet(paths, arrival.path, leg.inPath);
        if (found === undefined || !onlyProperties(paths, found.wanted)) continue;
        // A guess would taint all of the value that the source lies in.
        if (!found.certain && arrival.source.isBelow === true) continue;
        const isSink = kindOf(leg.outRoot) === RootKind.Sink;
        if (found.rest !== EMPTY && (isSink || leg.inMode === Mode.Derived) && !isElement(paths, found.rest)) continue;
        const rest = leg.inMode === Mode.Identity ? found.rest : EMPTY;
        // Which object's field, and in which order it was written and read, is not known here.
        const mask = limitConfidence(meetMasks(arrival.mask, leg.mask), 2);
        if (kindBits(mask) === 0 || arrival.legs.includes(leg)) continue;
        const legs = [...arrival.legs, leg];
        if (isSink) this.found(findings, arrival.source, legs, mask);
        else if (legs.length < MAX_LEGS && place !== undefined)
          arrive({ ...arrival, place, path: paths.concat(leg.outPath, rest), mask, legs });
      }
    }
  }

  private placeOf(id: FunctionId, root: Root): string | undefined {
    if (kindOf(root) === RootKind.Cell) return `cell ${String(root)}`;
    const name = this.host.receiverClassOf(id);
    return name === undefined ? undefined : `class ${name}`;
  }

  private found(findings: Map<string, Joined>, source: SourceRef, legs: readonly Leg[], mask: Mask): void {
    const { host } = this;
    const sink = host.references.sinkOf(legs[legs.length - 1].outRoot);
    for (const rule of host.rulesFor(source.kinds, sink.kind)) {
      const key = `${rule.id}|${String(source.function)}:${String(source.node)}|${String(sink.function)}:${String(sink.node)}:${String(sink.operand)}`;
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
}

/** How far source and sink are apart: in one function, in one file, in several. */
function distance({ source, sink }: Joined): number {
  if (source.function === sink.function) return 0;
  return fileOf(source.function) === fileOf(sink.function) ? 1 : 2;
}

/** The parameter position of a root; rest parameters and `arguments` count as their first position. */
export function positionOf(root: Root): number {
  const index = parameterIndex(root);
  return index >= REST ? index - REST : index;
}

function onlyProperties(paths: PathTable, path: PathId): boolean {
  for (let rest = path; rest !== EMPTY; rest = paths.tail(rest)) {
    const head = paths.head(rest);
    if (!paths.isProperty(head) && head !== C_ELEMENT) return false;
  }
  return true;
}

/** Calls of a value, and "something of this object", say too little about a place that many functions share. */
function isTold(paths: PathTable, path: PathId, place: string): boolean {
  if (paths.hasCall(path) || paths.contains(path, C_PROTOTYPE)) return false;
  if (place.startsWith('cell')) return true;
  return path !== EMPTY && paths.head(path) !== C_ANYTHING;
}

function isElement(paths: PathTable, path: PathId): boolean {
  return paths.tail(path) === EMPTY && !paths.isProperty(paths.head(path));
}
