/**
 * Names for findings that speak of nothing that moves: rule, files, function keys, labels, and a number among alike
 * ones. Kept by the functions of source and sink, so that a generation looks only at what changed in it.
 */
import { createHash } from 'node:crypto';
import { finish } from '../base/steps';
import type { FunctionId } from '../model/ids';
import type { JoinChange, Joined } from '../taint/join';

/** Findings that only their number tells apart. */
interface Alike {
  readonly ruleId: string;
  readonly sourceLabel: string;
  readonly sinkLabel: string;
  /** By number. */
  readonly prints: string[];
  members: readonly Joined[];
}

export class Fingerprints {
  /** By the functions of the source, then of the sink. */
  private readonly groups = new Map<FunctionId, Map<FunctionId, Alike[]>>();

  /** `nameOf` gives the path below the root and the key of a function. */
  constructor(private readonly nameOf: (id: FunctionId) => string) {}

  /** What the fingerprints stand for that stand for something else now; undefined for nothing. */
  change(change: JoinChange): ReadonlyMap<string, Joined | undefined> {
    return finish(this.changeInSteps(change));
  }

  /** The same in many small steps. */
  *changeInSteps({ added, removed }: JoinChange): Generator<void, ReadonlyMap<string, Joined | undefined>, undefined> {
    const before = new Map<Alike, readonly Joined[]>();
    const groupOf = (finding: Joined): Alike => {
      const group = this.groupOf(finding);
      if (!before.has(group)) before.set(group, group.members);
      return group;
    };
    const gone = new Set(removed);
    for (const finding of removed) {
      const group = groupOf(finding);
      group.members = group.members.filter((member) => !gone.has(member));
    }
    for (const finding of added) {
      const group = groupOf(finding);
      group.members = [...group.members, finding];
      yield;
    }
    const changes = new Map<string, Joined | undefined>();
    for (const [group, old] of before) {
      const members = [...group.members].sort(compareNodes);
      group.members = members;
      for (let number = 0; number < Math.max(old.length, members.length); number++) {
        if (old.at(number) === members.at(number)) continue;
        const print = (group.prints[number] ??= this.print(members[number], number));
        changes.set(print, members.at(number));
      }
      if (members.length === 0) this.drop(group, old[0]);
      yield;
    }
    return changes;
  }

  private drop(group: Alike, { source, sink }: Joined): void {
    const bySink = this.groups.get(source.function);
    const alike = bySink?.get(sink.function)?.filter((other) => other !== group) ?? [];
    if (alike.length > 0) bySink?.set(sink.function, alike);
    else bySink?.delete(sink.function);
    if (bySink?.size === 0) this.groups.delete(source.function);
  }

  private groupOf({ rule, source, sink }: Joined): Alike {
    let bySink = this.groups.get(source.function);
    if (bySink === undefined) this.groups.set(source.function, (bySink = new Map<FunctionId, Alike[]>()));
    let alike = bySink.get(sink.function);
    if (alike === undefined) bySink.set(sink.function, (alike = []));
    for (const group of alike) {
      if (group.ruleId === rule.id && group.sourceLabel === source.label && group.sinkLabel === sink.label)
        return group;
    }
    const group: Alike = {
      ruleId: rule.id,
      sourceLabel: source.label,
      sinkLabel: sink.label,
      prints: [],
      members: [],
    };
    alike.push(group);
    return group;
  }

  private print({ rule, source, sink }: Joined, number: number): string {
    const parts = [rule.id, this.nameOf(source.function), source.label, this.nameOf(sink.function), sink.label];
    return createHash('sha256')
      .update(`${parts.join('\n')}\n${String(number)}`)
      .digest('hex')
      .slice(0, 32);
  }
}

function compareNodes({ source: a, sink: x }: Joined, { source: b, sink: y }: Joined): number {
  return x.node - y.node || x.operand - y.operand || a.node - b.node;
}
