/**
 * Names for findings that speak of nothing that moves: rule, files, function keys, labels, and a number among alike
 * ones. Kept by the functions of source and sink, so that a generation hashes only what is new in it.
 */
import { createHash } from 'node:crypto';
import type { FunctionId } from '../model/ids';
import type { Joined } from '../taint/join';

/** Findings that only their number tells apart. */
interface Alike {
  readonly ruleId: string;
  readonly sourceLabel: string;
  readonly sinkLabel: string;
  /** By number. */
  readonly prints: string[];
  /** Indexes into the findings of the generation at hand. */
  members: number[];
  generation: number;
}

export class Fingerprints {
  /** By the functions of the source, then of the sink. */
  private readonly groups = new Map<FunctionId, Map<FunctionId, Alike[]>>();
  private size = 0;
  private generation = 0;

  /** `nameOf` gives the path below the root and the key of a function. */
  constructor(private readonly nameOf: (id: FunctionId) => string) {}

  /** The fingerprint of each finding; `findings` are all there are. */
  of(findings: readonly Joined[]): string[] {
    // What findings of the past left behind is dropped now and then.
    if (this.size > 2 * findings.length + 1_000) {
      this.groups.clear();
      this.size = 0;
    }
    this.generation++;
    const present: Alike[] = [];
    for (const [i, finding] of findings.entries()) {
      const group = this.groupOf(finding);
      if (group.generation !== this.generation) {
        group.generation = this.generation;
        group.members = [];
        present.push(group);
      }
      group.members.push(i);
    }
    const result = new Array<string>(findings.length);
    for (const { members, prints } of present) {
      if (members.length > 1) members.sort((a, b) => compareNodes(findings[a], findings[b]));
      for (const [number, i] of members.entries()) result[i] = prints[number] ??= this.print(findings[i], number);
    }
    return result;
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
      generation: 0,
    };
    alike.push(group);
    this.size++;
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
