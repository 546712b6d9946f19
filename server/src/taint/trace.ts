/**
 * Tells the ways of a finding. Summaries keep no paths; when one is to be shown, the functions it crosses are run once
 * more with predecessors kept, and the way is read backward from the sink. So stored results stay small and never hold
 * positions that could go stale.
 */
import { LRUCache } from 'lru-cache';
import { NONE, Op, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import { EMPTY } from './accessPaths';
import type { FactKey, Predecessor } from './facts';
import type { Leg } from './join';
import type { Propagation } from './propagation';
import { RootKind, kindOf, sourcesRoot, type ReferenceTable, type Root } from './references';
import { entryAt, type Entry } from './summaryTable';

export type HopKind = 'start' | 'flow' | 'call' | 'return' | 'store' | 'sink';

/** One hop: a node of a function. */
export interface Hop {
  readonly function: FunctionId;
  readonly node: NodeId;
  readonly kind: HopKind;
  /** For calls: the function called. */
  readonly callee?: FunctionId;
}

export interface TraceHost {
  readonly references: ReferenceTable;
  /** Runs a function again, for what enters at a root of a question. */
  trace(id: FunctionId, root: Root): Propagation | undefined;
}

/** Functions entered from one another in one told path. */
const MAX_DEPTH = 12;
const MAX_HOPS = 120;
/** Alternatives looked at before giving up on more. */
const MAX_TRIES = 64;
/** Facts of the functions kept at hand. */
const MAX_FACTS = 1_000_000;
/** Ways through callees kept at hand. */
const MAX_WAYS = 20_000;

export interface Traced {
  readonly paths: readonly (readonly Hop[])[];
  /** There are more than were asked for. */
  readonly hasMore: boolean;
  /** A path was too long to be told whole. */
  readonly isCut: boolean;
  /** Functions that were gone through to find the paths: as long as none of them is answered anew, they are what they are. */
  readonly functions: ReadonlySet<FunctionId>;
}

interface FirstWay {
  readonly hops: readonly Hop[];
  readonly isCut: boolean;
  readonly functions: ReadonlySet<FunctionId>;
}

export class Tracer {
  private readonly runs = new LRUCache<string, Propagation>({
    maxSize: MAX_FACTS,
    sizeCalculation: (run) => run.facts.size + 1,
  });
  /** First ways by function and entry. Depth only limits them, and is part of the key where it may. */
  private readonly firstWays = new LRUCache<string, FirstWay>({
    // Not `max`, which would reserve room for all of them, and a tracer is made for every update.
    maxSize: MAX_WAYS,
    sizeCalculation: () => 1,
  });
  private isCut = false;
  /** Gone through for what is being told. */
  private functions = new Set<FunctionId>();

  constructor(private readonly host: TraceHost) {}

  /** Distinct ways through the legs of a finding, shortest first. */
  paths(legs: readonly Leg[], limit: number): Traced {
    this.isCut = false;
    const functions = (this.functions = new Set<FunctionId>());
    const last = legs[legs.length - 1];
    const before: Hop[] = [];
    for (const leg of legs.slice(0, -1)) before.push(...this.first(leg.function, leg, 0));
    const ways = this.ways(last.function, last, legs.length === 1 ? limit + 1 : 2, 0);
    const distinct = new Map<string, readonly Hop[]>();
    for (const way of ways) {
      const hops = [...before, ...way];
      const key = hops.map((hop) => `${String(hop.function)}:${String(hop.node)}`).join(' ');
      // The sink is told in any case.
      if (!distinct.has(key))
        distinct.set(key, hops.length <= MAX_HOPS ? hops : [...hops.slice(0, MAX_HOPS - 1), hops[hops.length - 1]]);
      if (hops.length > MAX_HOPS) this.isCut = true;
    }
    const sorted = [...distinct.values()].sort((a, b) => a.length - b.length);
    return { paths: sorted.slice(0, limit), hasMore: sorted.length > limit, isCut: this.isCut, functions };
  }

  private run(id: FunctionId, inRoot: Root): Propagation | undefined {
    // Sources are asked for all together.
    const root = kindOf(inRoot) === RootKind.Source ? sourcesRoot(this.host.references.sourceOf(inRoot).kinds) : inRoot;
    const key = `${String(id)} ${String(root)}`;
    let run = this.runs.get(key);
    if (run === undefined) {
      run = this.host.trace(id, root);
      if (run !== undefined) this.runs.set(key, run);
    }
    return run;
  }

  private first(id: FunctionId, entry: Entry, depth: number): readonly Hop[] {
    const key = [id, entry.inRoot, entry.inPath, entry.inMode, entry.outRoot, entry.outPath, depth].join(' ');
    let known = this.firstWays.get(key);
    if (known === undefined) {
      const { isCut, functions } = this;
      this.isCut = false;
      const own = (this.functions = new Set<FunctionId>());
      known = { hops: this.ways(id, entry, 1, depth)[0] ?? [], isCut: this.isCut, functions: own };
      this.firstWays.set(key, known);
      this.isCut = isCut;
      this.functions = functions;
    }
    if (known.isCut) this.isCut = true;
    for (const crossed of known.functions) this.functions.add(crossed);
    return known.hops;
  }

  private ways(id: FunctionId, entry: Entry, limit: number, depth: number): Hop[][] {
    this.functions.add(id);
    const propagation = this.run(id, entry.inRoot);
    if (propagation === undefined) return [];
    const result: Hop[][] = [];
    // From the sink backward; facts on the way are not gone through twice.
    const chain: Predecessor[] = [];
    const onTheWay = new Set<FactKey>();
    let tries = 0;
    // Depth first over predecessors; the first of each list came first, on a shortest way.
    const walk = (step: Predecessor): void => {
      if (result.length >= limit || ++tries > MAX_TRIES * limit) return;
      chain.push(step);
      if (step.from === NONE) result.push(this.tell(id, propagation, chain.toReversed(), entry, depth));
      else if (!onTheWay.has(step.from)) {
        onTheWay.add(step.from);
        for (const previous of propagation.facts.predecessors?.get(step.from) ?? []) walk(previous);
        onTheWay.delete(step.from);
      }
      chain.pop();
    };
    for (const end of propagation.reached(entry)) {
      walk(end);
      if (result.length >= limit) break;
    }
    return result;
  }

  /** Turns a chain of predecessors into hops, entering callees. */
  private tell(
    id: FunctionId,
    propagation: Propagation,
    chain: readonly Predecessor[],
    entry: Entry,
    depth: number,
  ): Hop[] {
    const hops: Hop[] = [];
    const { graph } = propagation.body;
    const push = (node: NodeId, kind: HopKind, callee?: FunctionId): void => {
      const previous = hops.at(-1);
      if (previous?.function === id && previous.node === node && (kind === 'flow' || previous.kind === kind)) return;
      hops.push(callee === undefined ? { function: id, node, kind } : { function: id, node, kind, callee });
    };
    for (const [i, step] of chain.entries()) {
      // The fact that this step made, or the output for the last one.
      const isLast = i === chain.length - 1;
      if (step.from === NONE && step.call === undefined && !isLast) {
        const made = chain[i + 1].from;
        push(propagation.facts.node(made), 'start');
        continue;
      }
      if (step.call !== undefined) {
        const { callee } = step.call;
        if (step.from !== NONE || isLast) push(step.via, 'call', callee);
        const inner = entryAt(step.call.summary, step.call.entry);
        if (isLast || kindOf(inner.inRoot) === RootKind.Source || isWorthTelling(inner)) {
          if (depth < MAX_DEPTH && hops.length < MAX_HOPS) hops.push(...this.first(callee, inner, depth + 1));
          else {
            this.isCut = true;
            // Where it ends is told in any case.
            if (isLast && kindOf(inner.outRoot) === RootKind.Sink) {
              const sink = this.host.references.sinkOf(inner.outRoot);
              hops.push({ function: sink.function, node: sink.node, kind: 'sink' });
            }
          }
        }
        if (!isLast) push(step.via, 'return', callee);
        continue;
      }
      if (isLast) {
        if (kindOf(entry.outRoot) === RootKind.Sink) push(this.host.references.sinkOf(entry.outRoot).node, 'sink');
        else push(step.via, 'flow');
        continue;
      }
      const node = propagation.facts.node(chain[i + 1].from);
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

/** Passing through a callee unchanged is told as one hop; the callee is only entered when something happens there. */
function isWorthTelling(entry: Entry): boolean {
  return !(entry.inPath === EMPTY && entry.outPath === EMPTY && kindOf(entry.outRoot) === RootKind.Return);
}
