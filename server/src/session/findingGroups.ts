/**
 * The published findings in the groups and the order of the tree, for each grouping somebody asked for. An update
 * regroups the findings of the files it is about and no others, and not before the tree is asked for again.
 */
import type { NamedFinding } from '../present/diagnostics';
import { compareFindings, compareGroups, groupIdOf, groupLabelOf, type FindingGroup } from '../present/taintTree';
import type { Grouping } from '../protocol/messages';
import type { Documents } from './documents';
import type { PublishedFindings } from './published';

export interface GroupedFindings {
  /** In the order of the tree. */
  readonly groups: readonly FindingGroup[];
  readonly byId: ReadonlyMap<string, FindingGroup>;
}

export class FindingGroups {
  readonly #published: PublishedFindings;
  readonly #documents: Documents;
  readonly #kept = new Map<Grouping, KeptGroups>();

  constructor(published: PublishedFindings, documents: Documents) {
    this.#published = published;
    this.#documents = documents;
    published.events.on('changed', (own) => {
      for (const kept of this.#kept.values()) for (const path of own) kept.outdated.add(path);
    });
  }

  /** As published now; not to be kept. */
  of(grouping: Grouping): GroupedFindings {
    let kept = this.#kept.get(grouping);
    if (kept === undefined) {
      kept = new KeptGroups(grouping, this.#published.paths());
      this.#kept.set(grouping, kept);
    }
    kept.update(this.#published, this.#documents);
    return kept;
  }
}

interface GroupChange {
  readonly gone: Set<NamedFinding>;
  readonly came: NamedFinding[];
}

class KeptGroups implements GroupedFindings {
  groups: readonly FindingGroup[] = [];
  readonly byId = new Map<string, FindingGroup>();
  /** Files that may have other findings than are grouped. */
  readonly outdated: Set<string>;
  readonly #grouping: Grouping;
  /** The findings that are grouped, by the file of their sink. */
  readonly #grouped = new Map<string, readonly NamedFinding[]>();
  /** Labels are relative to these. */
  #roots: readonly string[] = [];

  constructor(grouping: Grouping, paths: Iterable<string>) {
    this.#grouping = grouping;
    this.outdated = new Set(paths);
  }

  update(published: PublishedFindings, documents: Documents): void {
    const isRelabelled = this.#roots !== documents.roots;
    if (this.outdated.size === 0 && !isRelabelled) return;
    this.#roots = documents.roots;
    const changes = this.#changes(published);
    for (const [id, change] of changes) this.#apply(id, change, documents);
    if (isRelabelled) {
      for (const [id, { findings }] of this.byId) this.#put(id, findings, documents);
    }
    // Nearly in order already, which is what sorting is fast at.
    const before = this.groups.flatMap(({ id }) => this.byId.get(id) ?? []);
    const known = new Set(before);
    const added = [...this.byId.values()].filter((group) => !known.has(group));
    this.groups = [...before, ...added].sort(compareGroups);
  }

  #changes(published: PublishedFindings): Map<string, GroupChange> {
    const changes = new Map<string, GroupChange>();
    const changeOf = (named: NamedFinding): GroupChange => {
      const id = groupIdOf(named, this.#grouping);
      let change = changes.get(id);
      if (change === undefined) changes.set(id, (change = { gone: new Set(), came: [] }));
      return change;
    };
    for (const path of this.outdated) {
      for (const named of this.#grouped.get(path) ?? []) changeOf(named).gone.add(named);
      const findings = published.inFile(path);
      for (const named of findings) changeOf(named).came.push(named);
      if (findings.length === 0) this.#grouped.delete(path);
      else this.#grouped.set(path, findings);
    }
    this.outdated.clear();
    return changes;
  }

  #apply(id: string, { gone, came }: GroupChange, documents: Documents): void {
    const kept = this.byId.get(id)?.findings.filter((named) => !gone.has(named)) ?? [];
    // Two parts in order, which sorting merges: all of a large group is not to be put in order again for one finding.
    this.#put(id, [...kept, ...came.sort(compareFindings)].sort(compareFindings), documents);
  }

  #put(id: string, [first, ...others]: readonly NamedFinding[], documents: Documents): void {
    if (first === undefined) this.byId.delete(id);
    else {
      const label = groupLabelOf(first, this.#grouping, documents);
      this.byId.set(id, { id, label, findings: [first, ...others] });
    }
  }
}
