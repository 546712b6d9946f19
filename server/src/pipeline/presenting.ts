/**
 * The last stage: findings expanded from the current facts, and kept in the store so that the next start shows them at
 * once. A finding whose code, and whose way, nobody touched is not expanded again.
 */
import type { ResolvedFinding } from '../model/finding';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { Rule, SinkRef } from '../model/summary';
import type { FindingRecord } from '../store/rows';
import type { Store } from '../store/store';
import type { Joined } from '../taint/join';
import { locationOf } from './describeNodes';
import { filesOf, type BookChange, type FindingBook } from './findingBook';
import { Fingerprints } from './fingerprints';
import { resolveFinding, type ResolutionContext } from './resolveFindings';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** A finding as it is stored: the rule by its id, because its texts are the models'. */
type StoredFinding = Omit<ResolvedFinding, 'rule' | 'help'> & { readonly ruleId: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Presenting {
  private readonly prints: Fingerprints;
  /**
   * Files with a source of findings that the store has otherwise. Rows go by the source's file: sinks gather in few
   * files (what wraps a database, say), and one finding more there must not cost writing all.
   */
  private readonly unwritten = new Set<string>();

  constructor(
    private readonly workspace: Workspace,
    private readonly solving: Solving,
  ) {
    this.prints = new Fingerprints((id) => solving.stableName(id));
  }

  /** Brings the book in line with what the solver found, after these files' code or these functions' summaries changed. */
  update(book: FindingBook, changedFiles: Iterable<string>, recomputed: Iterable<FunctionId>): BookChange {
    const joined = this.solving.join();
    const prints = this.prints.of(joined);
    const outdated = this.crossing(book, changedFiles, recomputed);
    const context = this.context();
    const findings: ResolvedFinding[] = [];
    for (const [i, finding] of joined.entries()) {
      const known = book.get(prints[i]);
      if (known !== undefined && isSame(known, finding) && !outdated.has(known)) {
        findings.push(known);
        continue;
      }
      const resolved = resolveFinding(finding, prints[i], context);
      if (resolved !== undefined) findings.push(resolved);
    }
    return this.note(book.replace(findings));
  }

  /**
   * Brings findings with a sink in these files up to date while functions elsewhere are still to be solved. Those that
   * go through such functions stay, at the place their sink has now, as long as it can be reached at all.
   */
  updateFirst(book: FindingBook, files: ReadonlySet<FileId>, solved: ReadonlySet<FunctionId>): BookChange {
    const joined = this.solving.joinSoFar(solved);
    const prints = this.prints.of(joined);
    const context = this.context();
    const findings = new Map<string, ResolvedFinding>();
    for (const [i, finding] of joined.entries()) {
      if (!files.has(fileOf(finding.sink.function))) continue;
      const isSure = finding.legs.every((leg) => files.has(fileOf(leg.function)) || solved.has(leg.function));
      const known = book.get(prints[i]);
      const now = isSure
        ? resolveFinding(finding, prints[i], context)
        : known && this.moved(known, finding.sink, context);
      if (now !== undefined) findings.set(prints[i], now);
    }
    const gone: ResolvedFinding[] = [];
    for (const file of files) {
      const path = this.workspace.pathOf(file)?.absolute ?? '';
      for (const known of book.crossing(path))
        if (known.sink.path === path && !findings.has(known.fingerprint)) gone.push(known);
    }
    return this.note(book.change([...findings.values()], gone));
  }

  /** Writes the files whose findings are not what the store has. */
  write(store: Store, book: FindingBook): void {
    const ids = new Map<string, FileId | undefined>();
    const idOf = (path: string): FileId | undefined => {
      let id = ids.get(path);
      if (id === undefined) ids.set(path, (id = this.workspace.idOf(path)));
      return id;
    };
    for (const path of this.unwritten) {
      const file = idOf(path);
      // The findings of a file that is gone went with it.
      if (file === undefined) continue;
      store.findings.replace(
        file,
        book.withSourceIn(path).map((finding) => record(file, finding, idOf)),
      );
    }
    this.unwritten.clear();
  }

  /** What the last process found. */
  read(store: Store): ResolvedFinding[] {
    const result: ResolvedFinding[] = [];
    const rules = new Map<string, Rule>(this.workspace.models.rules.map((rule) => [rule.id, rule]));
    for (const row of store.findings.each()) {
      const { ruleId, ...rest } = JSON.parse(decoder.decode(row.data)) as StoredFinding;
      const rule = rules.get(ruleId);
      if (rule === undefined) continue;
      const finding: ResolvedFinding = { ...rest, rule, help: rule.help };
      result.push(finding);
    }
    return result;
  }

  /** A finding with its sink where it is now; undefined when it cannot be reached any more. */
  private moved(known: ResolvedFinding, sink: SinkRef, { bodies }: ResolutionContext): ResolvedFinding | undefined {
    const node = this.solving.sinkNow(sink);
    const body = bodies.body(sink.function);
    const file = bodies.file(fileOf(sink.function));
    if (node === undefined || body === undefined || file === undefined) return undefined;
    const location = locationOf(known.sink.path, file, body.graph, node);
    const paths = known.paths.map((path) => ({
      ...path,
      steps: path.steps.map((step) => (step.kind === 'sink' ? { ...step, location } : step)),
    }));
    return { ...known, sink: location, paths };
  }

  /** Findings of the book that have something in these files or functions' files. */
  private crossing(
    book: FindingBook,
    changedFiles: Iterable<string>,
    recomputed: Iterable<FunctionId>,
  ): ReadonlySet<ResolvedFinding> {
    const paths = new Set(changedFiles);
    for (const file of new Set(Array.from(recomputed, fileOf))) {
      const path = this.workspace.pathOf(file);
      if (path !== undefined) paths.add(path.absolute);
    }
    const result = new Set<ResolvedFinding>();
    for (const path of paths) for (const finding of book.crossing(path)) result.add(finding);
    return result;
  }

  private note(change: BookChange): BookChange {
    for (const path of change.sources) this.unwritten.add(path);
    return change;
  }

  private context(): ResolutionContext {
    const { workspace, solving } = this;
    const { models } = workspace;
    return {
      bodies: workspace.bodies,
      tracer: solving.tracer(),
      pathOf: (file) => workspace.pathOf(file),
      sourceKindNames: (kinds) => models.sourceKinds.filter((name) => (models.sourceKindBit(name) & kinds) !== 0),
    };
  }
}

function isSame(known: ResolvedFinding, { confidence, others }: Joined): boolean {
  return known.confidence === confidence && (known.otherSources ?? 0) === others;
}

function record(file: FileId, finding: ResolvedFinding, idOf: (path: string) => FileId | undefined): FindingRecord {
  const { rule, help: _help, ...rest } = finding;
  const stored: StoredFinding = { ...rest, ruleId: rule.id };
  const files = new Set<FileId>([file]);
  for (const path of filesOf(finding)) {
    const id = idOf(path);
    if (id !== undefined) files.add(id);
  }
  return {
    rule: rule.id,
    fingerprint: finding.fingerprint,
    sourceFile: file,
    sinkFile: idOf(finding.sink.path) ?? file,
    files,
    data: encoder.encode(JSON.stringify(stored)),
  };
}
