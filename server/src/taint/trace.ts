/**
 * Tells the ways of a finding. Summaries keep no paths; when one is to be shown, the functions it crosses are run once
 * more with predecessors kept, and the way is read backward from the sink. So stored results stay small and never hold
 * positions that could go stale.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import { EMPTY } from './accessPaths';
import type { FactKey, Predecessor } from './facts';
import type { Leg } from './join';
import type { Propagation } from './propagation';
import { RootKind, kindOf, type ReferenceTable } from './references';
import type { Entry, Mode, SummaryTable } from './summaryTable';

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
  trace(id: FunctionId): Propagation | undefined;
  summaryOf(id: FunctionId): SummaryTable;
}

/** Functions entered from one another in one told path. */
const MAX_DEPTH = 12;
const MAX_HOPS = 120;
/** Alternatives looked at before giving up on more. */
const MAX_TRIES = 64;

export interface Traced {
  readonly paths: readonly (readonly Hop[])[];
  /** There are more than were asked for. */
  readonly hasMore: boolean;
  /** A path was too long to be told whole. */
  readonly isCut: boolean;
}

export class Tracer {
  private readonly runs = new Map<FunctionId, Propagation | undefined>();
  private isCut = false;

  constructor(private readonly host: TraceHost) {}

  /** Distinct ways through the legs of a finding, shortest first. */
  paths(legs: readonly Leg[], limit: number): Traced {
    this.isCut = false;
    const last = legs[legs.length - 1];
    const before: Hop[] = [];
    for (const leg of legs.slice(0, -1)) before.push(...this.first(leg.function, leg, 0));
    const ways = this.ways(last.function, last, legs.length === 1 ? limit + 1 : 2, 0);
    const distinct = new Map<string, readonly Hop[]>();
    for (const way of ways) {
      const hops = [...before, ...way];
      const key = hops.map((hop) => `${String(hop.function)}:${String(hop.node)}`).join(' ');
      if (!distinct.has(key)) distinct.set(key, hops.slice(0, MAX_HOPS));
      if (hops.length > MAX_HOPS) this.isCut = true;
    }
    const sorted = [...distinct.values()].sort((a, b) => a.length - b.length);
    return { paths: sorted.slice(0, limit), hasMore: sorted.length > limit, isCut: this.isCut };
  }

  private run(id: FunctionId): Propagation | undefined {
    if (!this.runs.has(id)) {
      if (this.runs.size > 200) this.runs.clear();
      this.runs.set(id, this.host.trace(id));
    }
    return this.runs.get(id);
  }

  private first(id: FunctionId, entry: Entry, depth: number): Hop[] {
    return this.ways(id, entry, 1, depth)[0] ?? [];
  }

  private ways(id: FunctionId, entry: Entry, limit: number, depth: number): Hop[][] {
    const propagation = this.run(id);
    if (propagation === undefined) return [];
    const result: Hop[][] = [];
    let tries = 0;
    for (const end of propagation.reached(entry)) {
      // Depth first over predecessors; the first of each list came first, on a shortest way.
      const walk = (step: Predecessor, later: readonly Predecessor[], seen: ReadonlySet<FactKey>): void => {
        if (result.length >= limit || ++tries > MAX_TRIES * limit) return;
        if (step.from === NONE) {
          result.push(this.tell(id, propagation, [step, ...later], entry, depth));
          return;
        }
        if (seen.has(step.from)) return;
        const visited = new Set(seen).add(step.from);
        for (const previous of propagation.facts.predecessors?.get(step.from) ?? [])
          walk(previous, [step, ...later], visited);
      };
      walk(end, [], new Set());
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
        const callee = step.call.callee as FunctionId;
        if (step.from !== NONE || isLast) push(step.via, 'call', callee);
        const summary = this.host.summaryOf(callee);
        const inner = entryAt(summary, step.call.entry);
        if (inner !== undefined && (isLast || kindOf(inner.inRoot) === RootKind.Source || isWorthTelling(inner))) {
          if (depth < MAX_DEPTH && hops.length < MAX_HOPS) hops.push(...this.first(callee, inner, depth + 1));
          else this.isCut = true;
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

function entryAt(summary: SummaryTable, index: number): Entry | undefined {
  if (index >= summary.inRoot.length) return undefined;
  return {
    inRoot: summary.inRoot[index],
    inPath: summary.inPath[index],
    inMode: summary.inMode[index] as Mode,
    outRoot: summary.outRoot[index],
    outPath: summary.outPath[index],
    mask: summary.mask[index],
  };
}
