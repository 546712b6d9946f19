/**
 * What files contribute to one another, gathered by the file it is for: in each round, the bindings of a file are made
 * of the contributions that all files made in the round before. Kept between updates.
 */
import type { FileId } from '../model/ids';
import { Bindings, ROW } from './bindings';
import type { FileVersion } from './fileLinker';
import type { FileState } from './files';
import type { IntSets } from './intSets';
import type { UpdateRun } from './updateRun';
import { ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

export class ContributionBook {
  /** By file and round, the last holding for all further rounds. */
  private readonly bound = new Map<FileId, (Bindings | undefined)[]>();
  private readonly contributors = new Map<FileId, Set<FileId>>();

  constructor(
    private readonly rounds: number,
    private readonly values: ValueTable,
    private readonly sets: IntSets,
    private readonly states: ReadonlyMap<FileId, FileState>,
  ) {}

  /** What is contributed to a file, in a round. */
  in(file: FileId, round: number): Bindings | undefined {
    const rounds = this.bound.get(file);
    return rounds?.[Math.min(round, rounds.length - 1)];
  }

  /** Files that have bindings. */
  boundFiles(): IterableIterator<FileId> {
    return this.bound.keys();
  }

  /** Files that others contribute to. */
  targets(): IterableIterator<FileId> {
    return this.contributors.keys();
  }

  /** Notes for whom these contributions of a file are; calls `visit` with each, maybe more than once. */
  contribute(file: FileId, rows: Int32Array, visit?: (target: FileId) => void): void {
    let last: ValueId = -1;
    for (let i = 0; i < rows.length; i += ROW) {
      if (rows[i] === last) continue;
      last = rows[i];
      const target = this.targetFile(last);
      let files = this.contributors.get(target);
      if (files === undefined) this.contributors.set(target, (files = new Set()));
      files.add(file);
      visit?.(target);
    }
  }

  /** Files whose bindings differ in the next round, because these contributions do. */
  retarget(old: FileVersion | undefined, next: FileVersion | undefined, run: UpdateRun): void {
    if (old !== undefined && next !== undefined && sameRows(old.contributions, next.contributions)) return;
    for (const version of [old, next]) {
      if (version === undefined) continue;
      for (const target of this.rowsFor(version, run).keys()) run.targets.add(target);
    }
  }

  /** Gathers what all files contributed to one in the round before. */
  bind(target: FileId, round: number, run: UpdateRun): Bindings | undefined {
    const rounds = this.bound.get(target) ?? [undefined];
    while (rounds.length < this.rounds) rounds.push(rounds[rounds.length - 1]);
    this.bound.set(target, rounds);
    if (round > 1 && this.contributeAlike(target, round - 1)) return (rounds[round] = rounds[round - 1]);
    const rows: number[] = [];
    for (const file of round === 0 || !this.states.has(target) ? [] : (this.contributors.get(target) ?? [])) {
      const version = this.states.get(file)?.version(round - 1);
      if (version === undefined) continue;
      const { contributions } = version;
      for (const i of this.rowsFor(version, run).get(target) ?? [])
        rows.push(contributions[i], contributions[i + 1], contributions[i + 2]);
    }
    const before = round === 0 ? undefined : rounds[round - 1];
    const next = Bindings.of(rows, this.values, this.sets, before);
    return (rounds[round] = Bindings.areEqual(before, next) ? before : next);
  }

  /** Rounds at the end that are equal are one again. */
  trim(file: FileId): void {
    const rounds = this.bound.get(file);
    if (rounds === undefined) return;
    trimEnd(rounds);
    if (rounds.length === 1 && rounds[0] === undefined) this.bound.delete(file);
  }

  /** Bindings of all files and rounds, each once. */
  allBindings(): ReadonlySet<Bindings> {
    const all = new Set<Bindings>();
    for (const rounds of this.bound.values())
      for (const bindings of rounds) if (bindings !== undefined) all.add(bindings);
    return all;
  }

  /** Whether all files contribute to one what they did in the round before. */
  private contributeAlike(target: FileId, round: number): boolean {
    for (const file of this.contributors.get(target) ?? []) {
      const state = this.states.get(file);
      if (state !== undefined && state.version(round) !== state.version(round - 1)) return false;
    }
    return true;
  }

  /** Where the rows start that a result contributes to each file. */
  private rowsFor(version: FileVersion, run: UpdateRun): ReadonlyMap<FileId, readonly number[]> {
    const known = run.rowsFor.get(version);
    if (known !== undefined) return known;
    const { contributions } = version;
    const rows = new Map<FileId, number[]>();
    for (let i = 0; i < contributions.length; i += ROW) {
      const target = this.targetFile(contributions[i]);
      const list = rows.get(target);
      if (list === undefined) rows.set(target, [i]);
      else list.push(i);
    }
    run.rowsFor.set(version, rows);
    return rows;
  }

  private targetFile(entity: ValueId): FileId {
    return this.values.fileOf(this.values.kind(entity) === ValueKind.Prototype ? this.values.inner(entity) : entity);
  }
}

/** Lets go of what is at the end more than once. */
export function trimEnd(rounds: unknown[]): void {
  while (rounds.length > 1 && rounds[rounds.length - 1] === rounds[rounds.length - 2]) rounds.pop();
}

function sameRows(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
