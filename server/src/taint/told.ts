/**
 * Which of the ways that were found are told. The same source and sink may meet in several functions and shared places:
 * the surest and shortest way is kept. Of exported parameters that reach one sink, and of sources that reach it through shared places, the nearest
 * are told. Kept from
 * generation to generation; a change costs what it concerns.
 */
import { finish } from '../base/steps';
import { fileOf, type FunctionId } from '../model/ids';
import type { Confidence, KindSet, Rule, SinkRef, SourceRef } from '../model/summary';
import { sameLeg, type Leg } from './contribution';
import { RETURN_ROOT } from './references';

export interface Joined {
  readonly rule: Rule;
  readonly source: SourceRef;
  readonly sink: SinkRef;
  readonly confidence: Confidence;
  /** From the source to the sink, in order. */
  readonly legs: readonly Leg[];
  /**
   * What reaches the sink as well and is not told one by one: parameters of exported functions (`MAX_EXPORTED`) where the source is one, sources
   * that come by shared places (`MAX_SHARED`) otherwise.
   */
  readonly others: number;
}

/** Findings by source, sink and rule. */
export type Findings = Map<string, Joined>;

export interface JoinChange {
  readonly added: readonly Joined[];
  readonly removed: readonly Joined[];
}

export interface Order {
  /** Stable order of functions, so that ties are broken alike in every run. */
  compare(a: FunctionId, b: FunctionId): number;
  /** Stable order of the entries of one function that lead to a sink of this kind. */
  compareLegs(a: Leg, b: Leg, kind: KindSet): number;
  /** What parameters of exported functions are, as a mask of source kinds. */
  readonly parameterKinds: number;
}

/** Parameters told of one sink that stands in their own exported function; the others are counted. */
const MAX_EXPORTED = 3;
/** The same for a sink in another function. What leads there from one of them is mended where it leads the others there, too. */
const MAX_EXPORTED_AFAR = 1;
/** Sources told of one sink that they reach through shared places; the others are counted. */
const MAX_SHARED = 2;

/** What is told together: all of one sink, from sources that are parameters or from others. */
interface Group {
  readonly key: string;
  readonly ofParameters: boolean;
  readonly members: Findings;
  told: readonly Joined[];
}

/** Units that found the same. */
class Several<Unit> {
  readonly units: Set<Unit>;

  constructor(...units: readonly Unit[]) {
    this.units = new Set(units);
  }
}

/** `Unit` is what finds: a function, or a component of shared places. */
export class Told<Unit> {
  private readonly byUnit = new Map<Unit, Findings>();
  /** Who found it. Hardly ever are there several, and sets of one would be most of all that is kept here. */
  private readonly byKey = new Map<string, Unit | Several<Unit>>();
  private readonly groups = new Map<string, Group>();
  /** By finding. */
  private readonly groupOf = new Map<string, Group>();
  private readonly changed = new Set<string>();

  constructor(private readonly order: Order) {}

  /** Puts in what a unit finds now, in place of what it found before. */
  replace(unit: Unit, findings: Findings | undefined): void {
    for (const key of this.byUnit.get(unit)?.keys() ?? []) {
      const found = this.byKey.get(key);
      if (!(found instanceof Several)) this.byKey.delete(key);
      else if (found.units.delete(unit) && found.units.size === 0) this.byKey.delete(key);
      this.changed.add(key);
    }
    if (findings === undefined || findings.size === 0) {
      this.byUnit.delete(unit);
      return;
    }
    this.byUnit.set(unit, findings);
    for (const key of findings.keys()) {
      const found = this.byKey.get(key);
      if (found === undefined) this.byKey.set(key, unit);
      else if (found instanceof Several) found.units.add(unit);
      else this.byKey.set(key, new Several(found, unit));
      this.changed.add(key);
    }
  }

  /** What is told now and was not at the last call, and the other way round. */
  take(): JoinChange {
    return finish(this.takeInSteps());
  }

  /** The same in many small steps; nothing may be put in in between. */
  *takeInSteps(): Generator<void, JoinChange, undefined> {
    const groups = new Set<Group>();
    for (const key of this.changed) {
      const old = this.groupOf.get(key);
      if (old !== undefined) {
        old.members.delete(key);
        groups.add(old);
        this.groupOf.delete(key);
      }
      const best = this.best(key);
      if (best === undefined) continue;
      const group = this.group(best);
      group.members.set(key, best);
      groups.add(group);
      this.groupOf.set(key, group);
      yield;
    }
    this.changed.clear();
    const added: Joined[] = [];
    const removed: Joined[] = [];
    for (const group of groups) {
      const before = group.told;
      const now = this.nearest(group);
      group.told = now.map((next) => before.find((known) => isSame(known, next)) ?? next);
      for (const known of before) if (!group.told.includes(known)) removed.push(known);
      for (const next of group.told) if (!before.includes(next)) added.push(next);
      if (group.members.size === 0) this.groups.delete(group.key);
      yield;
    }
    return { added, removed };
  }

  /** Everything that is told. */
  *all(): Generator<Joined, void, undefined> {
    for (const { told } of this.groups.values()) yield* told;
  }

  private best(key: string): Joined | undefined {
    const found = this.byKey.get(key);
    if (found === undefined) return undefined;
    if (!(found instanceof Several)) return this.byUnit.get(found)?.get(key);
    let best: Joined | undefined;
    for (const unit of found.units) {
      const finding = this.byUnit.get(unit)?.get(key);
      if (finding !== undefined && (best === undefined || this.compare(finding, best) < 0)) best = finding;
    }
    return best;
  }

  /** The surest first, then the shortest way; what is alike in that, in the order of files and functions. */
  private compare(a: Joined, b: Joined): number {
    const [x, y] = [a.legs[0], b.legs[0]];
    return (
      b.confidence - a.confidence ||
      a.legs.length - b.legs.length ||
      distance(a) - distance(b) ||
      // Who makes an object is nearer to its fields when it is the object's own constructor.
      Number(x.outRoot === RETURN_ROOT) - Number(y.outRoot === RETURN_ROOT) ||
      this.order.compare(x.function, y.function) ||
      this.order.compareLegs(x, y, a.sink.kind)
    );
  }

  /** Exported parameters that reach the same sink are one group, and all other sources are one. */
  private group({ rule, source, sink }: Joined): Group {
    const isParameter = (source.kinds & this.order.parameterKinds) === source.kinds;
    const place = `${rule.id}|${String(sink.function)}:${String(sink.node)}:${String(sink.operand)}`;
    return this.groupAt(isParameter ? place : `${place}|other`, isParameter);
  }

  private groupAt(key: string, ofParameters: boolean): Group {
    let group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, (group = { key, ofParameters, members: new Map(), told: [] }));
    return group;
  }

  /**
   * Most of what a package exports may end up at one helper, and what lies in a variable that a library keeps for everybody comes from everywhere. Of
   * what reaches the same sink so, the surest and nearest are told, with the number of the others: they say what the rest would say again. Beside a sure
   * one, a less sure one is told only if it comes from near, or by no shared place.
   */
  private nearest({ members, ofParameters }: Group): readonly Joined[] {
    const findings = [...members.values()];
    if (findings.length <= 1) return findings;
    findings.sort((a, b) => this.compare(a, b));
    const [surest] = findings;
    const told: Joined[] = [];
    let listed = 0;
    let afar = 0;
    for (const finding of findings) {
      const isListed = ofParameters || finding.legs.length > 1;
      if (isListed) {
        const isAfar = ofParameters && distance(finding) > 0;
        if (isAfar ? afar >= MAX_EXPORTED_AFAR : listed >= (ofParameters ? MAX_EXPORTED : MAX_SHARED)) continue;
        if (finding.confidence < surest.confidence && (!ofParameters || isFar(finding))) continue;
        if (isAfar) afar++;
        else listed++;
      }
      told.push(finding);
    }
    const others = findings.length - told.length;
    return others === 0 ? findings : told.map((finding) => ({ ...finding, others }));
  }
}

/** From another file, or by way of several shared places. */
function isFar(finding: Joined): boolean {
  return finding.legs.length > 2 || distance(finding) === 2;
}

/** How far source and sink are apart: in one function, in one file, in several. */
function distance({ source, sink }: Joined): number {
  if (source.function === sink.function) return 0;
  return fileOf(source.function) === fileOf(sink.function) ? 1 : 2;
}

function isSame(a: Joined, b: Joined): boolean {
  return (
    a.rule === b.rule &&
    a.confidence === b.confidence &&
    a.others === b.others &&
    a.source.function === b.source.function &&
    a.source.node === b.source.node &&
    a.source.kinds === b.source.kinds &&
    a.source.label === b.source.label &&
    a.sink.function === b.sink.function &&
    a.sink.node === b.sink.node &&
    a.sink.operand === b.sink.operand &&
    a.sink.kind === b.sink.kind &&
    a.sink.label === b.sink.label &&
    a.legs.length === b.legs.length &&
    a.legs.every((leg, i) => sameLeg(leg, b.legs[i]))
  );
}
