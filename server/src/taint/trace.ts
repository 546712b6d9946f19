/**
 * Tells the ways of a finding. Summaries keep no paths; when one is to be shown, the functions it crosses are run once
 * more with predecessors kept, and the way is read backward from the sink. So stored results stay small and never hold
 * positions that could go stale.
 */
import { LRUCache } from 'lru-cache';
import { NONE, Op, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import { EMPTY } from './accessPaths';
import { FEW_WAYS, MANY_WAYS, type CalleeStep, type FactKey, type Predecessor, type WayLimits } from './facts';
import type { Leg } from './join';
import type { Propagation } from './propagation';
import { RootKind, isEnd, kindOf, sourcesRoot, storedAt, type ReferenceTable, type Root } from './references';
import { entryAt, type Entry } from './summaryTable';

/** `keep` puts something into a place outside of the program, `retrieve` takes it out again. */
export type HopKind = 'start' | 'flow' | 'call' | 'return' | 'store' | 'keep' | 'retrieve' | 'sink';

/** One hop: a node of a function. */
export interface Hop {
  readonly function: FunctionId;
  readonly node: NodeId;
  readonly kind: HopKind;
  /** For calls: the function called. */
  readonly callee?: FunctionId;
  /** What is put in there, or taken out. */
  readonly place?: string;
}

export interface TraceHost {
  readonly references: ReferenceTable;
  /** Runs a function again, for what enters at a root of a question. */
  trace(id: FunctionId, root: Root, limits?: WayLimits): Propagation | undefined;
}

/** Calls that a value only passes through are gone into this many levels deep; further inside, they are one step each. */
const MAX_THROUGH = 2;
/** Longer paths are told without what comes before the sink; what is written with promises is easily a hundred long. */
const MAX_HOPS = 250;
/** Alternatives looked at before giving up on more. */
const MAX_TRIES = 64;
/** Functions looked into for one way, by entry of their answers; and where none was found among these. */
const MAX_LOOKED_INTO = 300;
const MANY_LOOKED_INTO = 3_000;
/** Starts that lead to one end, of those that lie in callees; and where none of these leads out of a circle. */
const MAX_STARTS = 4;
const MANY_STARTS = 64;
/** Facts of the functions kept at hand, with their predecessors some 200 bytes each. Findings come file by file, and neighbours go the same ways. */
const MAX_FACTS = 200_000;
/** What a function takes beside its facts, as so many of these. */
const FACTS_PER_RUN = 20;
/** Ways through callees kept at hand. */
const MAX_WAYS = 20_000;
/** Steps of the chains kept at hand. */
const MAX_STEPS = 250_000;

export interface TracedPath {
  readonly hops: readonly Hop[];
  /** It is too long to be told whole, or a part of it was not found. */
  readonly cut: 'long' | 'part' | undefined;
}

export interface Traced {
  readonly paths: readonly TracedPath[];
  /** There are more than were asked for. */
  readonly hasMore: boolean;
  /** Places outside of the program that all ways go through, for people. */
  readonly storedIn: readonly string[];
  /** Functions that were gone through to find the paths: as long as none of them is answered anew, they are what they are. */
  readonly functions: ReadonlySet<FunctionId>;
}

/** An entry of the answer of a function. */
interface Want {
  readonly key: string;
  readonly function: FunctionId;
  readonly entry: Entry;
}

/** Steps through one function, from a start to an output. */
interface Chain {
  readonly steps: readonly Predecessor[];
  /** Entries of callees that it starts and ends in: there have to be ways through these. */
  readonly start: Want | undefined;
  readonly end: Want | undefined;
}

interface Way {
  /** Undefined when there is none, or finding it takes too much. */
  readonly hops: readonly Hop[] | undefined;
  readonly isCut: boolean;
  readonly functions: ReadonlySet<FunctionId>;
}

export class Tracer {
  private readonly runs = new LRUCache<string, Propagation>({
    maxSize: MAX_FACTS,
    sizeCalculation: (run) => run.facts.size + FACTS_PER_RUN,
  });
  /** Ways by entry and level. What they are does not depend on what was told before. */
  private readonly known = new LRUCache<string, Way>({
    // Not `max`, which would reserve room for all of them, and a tracer is made for every update.
    maxSize: MAX_WAYS,
    sizeCalculation: () => 1,
  });
  private readonly knownChains = new LRUCache<string, readonly Chain[]>({
    maxSize: MAX_STEPS,
    sizeCalculation: (chains) => chains.reduce((size, { steps }) => size + steps.length, 1),
  });
  private isCut = false;
  /** Gone through for what is being told. */
  private functions = new Set<FunctionId>();

  constructor(private readonly host: TraceHost) {}

  /** Distinct ways through the legs of a finding, shortest first. */
  paths(legs: readonly Leg[], limit: number): Traced {
    this.isCut = false;
    const functions = (this.functions = new Set<FunctionId>());
    const before: Hop[] = [];
    for (const leg of legs.slice(0, -1)) before.push(...this.withPlaces(leg, this.way(want(leg.function, leg), 0)));
    const last = legs[legs.length - 1];
    const ways = this.alternatives(want(last.function, last), legs.length === 1 ? limit + 1 : 2);
    const isPart = this.isCut;
    const distinct = new Map<string, TracedPath>();
    for (const way of ways) {
      const hops = [...before, ...this.withPlaces(last, way)];
      const key = hops.map((hop) => `${String(hop.function)}:${String(hop.node)}`).join(' ');
      if (distinct.has(key)) continue;
      const isLong = hops.length > MAX_HOPS;
      // The sink is told in any case.
      const told = isLong ? [...hops.slice(0, MAX_HOPS - 1), hops[hops.length - 1]] : hops;
      distinct.set(key, { hops: told, cut: isLong ? 'long' : isPart ? 'part' : undefined });
    }
    const storedIn = legs.flatMap(({ outRoot }) => storedAt(this.host.references, outRoot)?.label ?? []);
    const sorted = [...distinct.values()].sort((a, b) => a.hops.length - b.hops.length);
    return { paths: sorted.slice(0, limit), hasMore: sorted.length > limit, storedIn, functions };
  }

  /** Says of the ends of a leg which places outside of the program they speak of. */
  private withPlaces({ inRoot, outRoot }: Leg, way: readonly Hop[]): readonly Hop[] {
    const { references } = this.host;
    const [from, to] = [inRoot, outRoot].map((root) => storedAt(references, root)?.label);
    if (from === undefined && to === undefined) return way;
    const hops = [...way];
    const last = hops.at(-1);
    if (to !== undefined && last !== undefined) hops[hops.length - 1] = { ...last, kind: 'keep', place: to };
    if (from === undefined) return hops;
    const { function: id, node } = references.sourceOf(inRoot);
    const start: Hop = { function: id, node, kind: 'retrieve', place: from };
    const known = hops.findIndex((hop) => hop.function === id && hop.node === node);
    return [start, ...hops.slice(known + 1)];
  }

  private run(id: FunctionId, inRoot: Root, limits = FEW_WAYS): Propagation | undefined {
    // Sources are asked for all together.
    const root = isSource(inRoot) ? sourcesRoot(this.host.references.sourceOf(inRoot).kinds) : inRoot;
    const key = `${String(id)} ${String(root)}${limits === FEW_WAYS ? '' : ' +'}`;
    let run = this.runs.get(key);
    if (run === undefined) {
      run = this.host.trace(id, root, limits);
      if (run !== undefined) this.runs.set(key, run);
    }
    return run;
  }

  /** A way through the fewest functions; where there is none to tell, what it ends at. */
  private way(wanted: Want, level: number): readonly Hop[] {
    const key = `${wanted.key} ${String(level)}`;
    let known = this.known.get(key);
    if (known === undefined) {
      const { isCut, functions } = this;
      this.isCut = false;
      const own = (this.functions = new Set<FunctionId>());
      const hops = this.wayBy(wanted, level, FEW_WAYS) ?? this.wayBy(wanted, level, MANY_WAYS);
      known = { hops, isCut: this.isCut, functions: own };
      this.known.set(key, known);
      this.isCut = isCut;
      this.functions = functions;
    }
    if (known.isCut) this.isCut = true;
    for (const crossed of known.functions) this.functions.add(crossed);
    if (known.hops !== undefined) return known.hops;
    this.isCut = true;
    const { outRoot } = wanted.entry;
    if (!isEnd(outRoot)) return [];
    const { function: id, node, kind } = this.end(outRoot);
    return [{ function: id, node, kind }];
  }

  private wayBy(wanted: Want, level: number, limits: WayLimits): readonly Hop[] | undefined {
    const chain = this.chain(wanted, limits);
    const propagation = chain && this.run(wanted.function, wanted.entry.inRoot, limits);
    return propagation && this.tell(wanted, propagation, chain, level);
  }

  /**
   * The chain of a way through the fewest functions. Answers of functions that call each other speak of one another, so
   * following just any step may lead in circles: what is looked for is the entry's rank, which is one above the highest
   * rank of those its chain starts and ends in. Entries are looked into breadth first until nothing lower can come.
   */
  private chain(wanted: Want, limits: WayLimits): Chain | undefined {
    const most = limits === FEW_WAYS ? MAX_LOOKED_INTO : MANY_LOOKED_INTO;
    const chains = new Map<string, readonly Chain[]>();
    /** An entry has a chain that needs no other. */
    let isGrounded = false;
    for (let layer: Want[] = [wanted], depth = 0; layer.length > 0; depth++) {
      const next = new Map<string, Want>();
      for (const { key, function: id, entry } of layer) {
        if (chains.size >= most) return undefined;
        this.functions.add(id);
        const name = limits === FEW_WAYS ? key : `${key} +`;
        let found = this.knownChains.get(name);
        if (found === undefined) this.knownChains.set(name, (found = this.chains(id, entry, limits)));
        chains.set(key, found);
        for (const { start, end } of found) {
          if (start === undefined && end === undefined) isGrounded = true;
          else for (const other of [start, end]) if (other !== undefined) next.set(other.key, other);
        }
      }
      for (const key of chains.keys()) next.delete(key);
      layer = [...next.values()];
      const ranked = isGrounded ? lowest(wanted.key, chains) : undefined;
      if (ranked !== undefined && (ranked.rank <= depth + 1 || layer.length === 0)) return ranked.chain;
    }
    return undefined;
  }

  /** Chains for an entry: a shortest one for each step to the output and each start in a callee. */
  private chains(id: FunctionId, entry: Entry, limits: WayLimits): Chain[] {
    const propagation = this.run(id, entry.inRoot, limits);
    const most = limits === FEW_WAYS ? MAX_STARTS : MANY_STARTS;
    if (propagation === undefined) return [];
    const own = want(id, entry).key;
    const result: Chain[] = [];
    for (const last of propagation.reached(entry)) {
      const end = last.call && needed(last.call);
      if (end?.key === own) continue;
      let starts = 0;
      shortestChains(propagation.facts.predecessors ?? NO_PREDECESSORS, last, (steps) => {
        const [first] = steps;
        const start = first === last ? undefined : first.call && needed(first.call);
        if (start?.key === own) return false;
        result.push({ steps, start, end });
        return start === undefined || ++starts >= most;
      });
      // Nothing has a lower rank than what neither starts nor ends in another function.
      const { start } = result.at(-1) ?? {};
      if (end === undefined && start === undefined && result.length > 0) break;
    }
    return result;
  }

  /** Several ways: one through the fewest functions first, then others of what was kept. */
  private alternatives(wanted: Want, limit: number): (readonly Hop[])[] {
    const result = [this.way(wanted, 0)];
    const { function: id, entry } = wanted;
    const propagation = this.run(id, entry.inRoot);
    this.functions.add(id);
    if (propagation === undefined || this.isCut) return result;
    // From the sink backward; facts on the way are not gone through twice.
    const chain: Predecessor[] = [];
    const onTheWay = new Set<FactKey>();
    let tries = 0;
    // Depth first over predecessors; the first of each list came first, on a shortest way.
    const walk = (step: Predecessor, end: Want | undefined): void => {
      if (result.length > limit || ++tries > MAX_TRIES * limit) return;
      chain.push(step);
      if (step.from === NONE) {
        const start = chain.length === 1 ? undefined : step.call && needed(step.call);
        if (start === undefined || this.isTellable(start))
          result.push(this.tell(wanted, propagation, { steps: chain.toReversed(), start, end }, 0));
      } else if (!onTheWay.has(step.from)) {
        onTheWay.add(step.from);
        for (const previous of propagation.facts.predecessors?.get(step.from) ?? []) walk(previous, end);
        onTheWay.delete(step.from);
      }
      chain.pop();
    };
    for (const step of propagation.reached(entry)) {
      if (result.length > limit || tries > MAX_TRIES * limit) break;
      const end = step.call && needed(step.call);
      if (end === undefined || (end.key !== wanted.key && this.isTellable(end))) walk(step, end);
    }
    return result;
  }

  /** Where a way ends in something that is told by whoever finds it. */
  private end(outRoot: Root): { readonly function: FunctionId; readonly node: NodeId; readonly kind: HopKind } {
    const { references } = this.host;
    return kindOf(outRoot) === RootKind.Store
      ? { ...references.storeOf(outRoot), kind: 'keep' }
      : { ...references.sinkOf(outRoot), kind: 'sink' };
  }

  private isTellable(wanted: Want): boolean {
    const { isCut } = this;
    this.isCut = false;
    this.way(wanted, 0);
    const isTellable = !this.isCut;
    this.isCut = isCut;
    return isTellable;
  }

  /** Turns a chain into hops, entering callees. */
  private tell({ function: id, entry }: Want, propagation: Propagation, chain: Chain, level: number): Hop[] {
    const hops: Hop[] = [];
    const { graph } = propagation.body;
    const { steps } = chain;
    const push = (node: NodeId, kind: HopKind, callee?: FunctionId): void => {
      const previous = hops.at(-1);
      if (previous?.function === id && previous.node === node && (kind === 'flow' || previous.kind === kind)) return;
      hops.push(callee === undefined ? { function: id, node, kind } : { function: id, node, kind, callee });
    };
    for (const [i, step] of steps.entries()) {
      // The fact that this step made, or the output for the last one.
      const isLast = i === steps.length - 1;
      if (step.from === NONE && step.call === undefined && !isLast) {
        const made = steps[i + 1].from;
        push(propagation.facts.node(made), 'start');
        continue;
      }
      if (step.call !== undefined) {
        const { callee, summary, entry: row } = step.call;
        if (step.from !== NONE || isLast) push(step.via, 'call', callee);
        const inside = isLast ? chain.end : i === 0 ? chain.start : undefined;
        const inner = entryAt(summary, row);
        if (inside !== undefined) hops.push(...this.way(inside, level));
        else if ((isLast || isWorthTelling(inner)) && level < MAX_THROUGH)
          hops.push(...this.way(want(callee, inner), level + 1));
        if (!isLast) push(step.via, 'return', callee);
        continue;
      }
      if (isLast) {
        if (isEnd(entry.outRoot)) push(this.end(entry.outRoot).node, this.end(entry.outRoot).kind);
        else push(step.via, 'flow');
        continue;
      }
      const node = propagation.facts.node(steps[i + 1].from);
      const op: Op = graph.op[node];
      if (op === Op.Phi || op === Op.Cell || op === Op.Guard || op === Op.Typed) continue;
      push(
        step.via >= 0 && step.via !== node ? step.via : node,
        op === Op.Store || op === Op.StoreElement ? 'store' : 'flow',
      );
    }
    return hops;
  }
}

const NO_PREDECESSORS: ReadonlyMap<FactKey, readonly Predecessor[]> = new Map();

function want(id: FunctionId, entry: Entry): Want {
  const { inRoot, inPath, inMode, outRoot, outPath } = entry;
  return { key: [id, inRoot, inPath, inMode, outRoot, outPath].join(' '), function: id, entry };
}

/** The entry of a callee without whose way there is none: its source or its sink is where a path starts or ends. */
function needed({ callee, summary, entry }: CalleeStep): Want | undefined {
  const inner = entryAt(summary, entry);
  const isNeeded = isSource(inner.inRoot) || isEnd(inner.outRoot);
  return isNeeded ? want(callee, inner) : undefined;
}

/** The rank of an entry, from 0 on, and the first chain that gives it, as far as entries have been looked into. */
function lowest(
  wanted: string,
  chains: ReadonlyMap<string, readonly Chain[]>,
): { readonly rank: number; readonly chain: Chain } | undefined {
  const ranked = new Set<string>();
  for (let rank = 0; ; rank++) {
    const isRanked = (other: Want | undefined): boolean => other === undefined || ranked.has(other.key);
    const added: string[] = [];
    for (const [key, ofEntry] of chains) {
      if (ranked.has(key)) continue;
      const chain = ofEntry.find(({ start, end }) => isRanked(start) && isRanked(end));
      if (chain === undefined) continue;
      if (key === wanted) return { rank, chain };
      added.push(key);
    }
    if (added.length === 0) return undefined;
    for (const key of added) ranked.add(key);
  }
}

const isSource = (root: Root): boolean => kindOf(root) === RootKind.Source || kindOf(root) === RootKind.Retrieved;

/** Passing through a callee unchanged is told as one hop; the callee is only entered when something happens there. */
function isWorthTelling(entry: Entry): boolean {
  return !(entry.inPath === EMPTY && entry.outPath === EMPTY && kindOf(entry.outRoot) === RootKind.Return);
}

/** Breadth first from an output backward: tells the chains of steps that lead to it, from a start on, until one is the last that is wanted. */
function shortestChains(
  predecessors: ReadonlyMap<FactKey, readonly Predecessor[]>,
  end: Predecessor,
  isEnough: (chain: readonly Predecessor[]) => boolean,
): void {
  if (end.from === NONE) {
    isEnough([end]);
    return;
  }
  /** For each fact met, the step that it leads to, and the fact which that made. */
  const next = new Map<FactKey, { readonly step: Predecessor; readonly made: FactKey | undefined }>();
  const chainFrom = (start: Predecessor, made: FactKey): Predecessor[] => {
    const chain = [start];
    for (let fact: FactKey | undefined = made; fact !== undefined;) {
      const following = next.get(fact);
      if (following === undefined) break;
      chain.push(following.step);
      fact = following.made;
    }
    return chain;
  };
  next.set(end.from, { step: end, made: undefined });
  // Going through a map also meets what is added meanwhile.
  for (const fact of next.keys())
    for (const step of predecessors.get(fact) ?? []) {
      if (step.from === NONE) {
        if (isEnough(chainFrom(step, fact))) return;
      } else if (!next.has(step.from)) next.set(step.from, { step, made: fact });
    }
}
