/**
 * Places that functions share (captured variables, fields of a class) which something untrusted comes to: their readers have to be
 * asked what they do with it. Where in a place it lies is not looked at, so this is more than what `join.ts` finds in the end; asking too much does no harm.
 */
import type { FunctionId } from '../model/ids';
import { EMPTY, type PathId, type PathTable } from './accessPaths';
import { RECEIVER_ROOT, RETURN_ROOT, RootKind, kindOf, type Root } from './references';
import { isToldOfCell, isToldOfClass } from './placePaths';
import type { SummaryTable } from './summaryTable';

export interface ReachHost {
  /** Whether parameters of the function are sources that are asked for. */
  isOpen(id: FunctionId): boolean;
  /** The place of the fields that the function's class has. */
  classOf(id: FunctionId): string | undefined;
  /** The same of the class of which it gives back a new instance. */
  madeClassOf?(id: FunctionId): string | undefined;
  /** The place that lies at a path of a parameter which functions share. */
  sharedAt?(id: FunctionId, root: Root, path: PathId): string | undefined;
  /** The place outside of the program that a root is, or is taken from. */
  storedAt?(root: Root): string | undefined;
}

/** A captured variable, or the name of a class, of values that are handed from function to function, or of a place that keeps data. */
export type Place = Root | string;

export class Reach {
  private readonly reached = new Set<Place>();
  /** Where what lies in a place goes on to. */
  private readonly next = new Map<Place, Set<Place>>();
  private fresh: Place[] = [];

  constructor(
    private readonly host: ReachHost,
    private readonly paths: PathTable,
  ) {}

  /** A function was solved again. */
  update(id: FunctionId, { inRoot, inPath, outRoot, outPath }: SummaryTable): void {
    const { paths } = this;
    // Asked once, and only of functions that give something back: there are many entries.
    let made: string | undefined;
    let isMadeKnown = false;
    for (let i = 0; i < inRoot.length; i++) {
      const out = kindOf(outRoot[i]);
      const shared =
        out === RootKind.Store ? this.host.storedAt?.(outRoot[i]) : this.sharedAt(id, outRoot[i], outPath[i]);
      const isMade = outRoot[i] === RETURN_ROOT;
      if (!isMade && out !== RootKind.Cell && outRoot[i] !== RECEIVER_ROOT && shared === undefined) continue;
      // What joining does not follow. The object itself is a way for what lies in a property of it.
      const isTold =
        out === RootKind.Cell || out === RootKind.Store
          ? isToldOfCell(paths, outPath[i])
          : (outPath[i] === EMPTY && !isMade) || isToldOfClass(paths, outPath[i]);
      if (!isTold) continue;
      if (isMade && !isMadeKnown) {
        made = this.host.madeClassOf?.(id);
        isMadeKnown = true;
      }
      const to = isMade ? made : (shared ?? this.placeOf(id, outRoot[i]));
      if (to === undefined || this.reached.has(to)) continue;
      const kind = kindOf(inRoot[i]);
      const given = this.sharedAt(id, inRoot[i], inPath[i]);
      if (given !== undefined) this.lead(given, to);
      if (kind === RootKind.Retrieved) this.lead(this.host.storedAt?.(inRoot[i]), to);
      else if (kind === RootKind.Cell || inRoot[i] === RECEIVER_ROOT) this.lead(this.placeOf(id, inRoot[i]), to);
      else if (kind === RootKind.Source || (kind === RootKind.Parameter && this.host.isOpen(id))) this.reach(to);
    }
  }

  /** Places that were reached since the last call. */
  take(): readonly Place[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  has(place: Place): boolean {
    return this.reached.has(place);
  }

  /** What comes to one place goes on to another. */
  private lead(from: Place | undefined, to: Place): void {
    if (from === undefined) return;
    if (this.reached.has(from)) this.reach(to);
    else {
      const known = this.next.get(from);
      if (known === undefined) this.next.set(from, new Set([to]));
      else known.add(to);
    }
  }

  private sharedAt(id: FunctionId, root: Root, path: PathId): string | undefined {
    return kindOf(root) === RootKind.Parameter && root !== RECEIVER_ROOT
      ? this.host.sharedAt?.(id, root, path)
      : undefined;
  }

  private reach(start: Place): void {
    const stack = [start];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
      if (this.reached.has(place)) continue;
      this.reached.add(place);
      this.fresh.push(place);
      for (const next of this.next.get(place) ?? []) stack.push(next);
      this.next.delete(place);
    }
  }

  private placeOf(id: FunctionId, root: Root): Place | undefined {
    return kindOf(root) === RootKind.Cell ? root : this.host.classOf(id);
  }
}
