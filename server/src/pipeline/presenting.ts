/**
 * The last stage: findings expanded from the current facts, and kept in the store so that the next start shows them at
 * once. A finding whose code, and whose way, nobody touched is not expanded again.
 */
import type { ResolvedFinding } from '../model/finding';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { Rule } from '../model/summary';
import type { FindingRecord } from '../store/rows';
import type { Store } from '../store/store';
import type { FindingBook } from './findingBook';
import { fingerprints, resolveFinding } from './resolveFindings';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** A finding as it is stored: the rule by its id, because its texts are the models'. */
type StoredFinding = Omit<ResolvedFinding, 'rule' | 'help'> & { readonly ruleId: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Presenting {
  /** What was last written, by the file of the sink. */
  private written = new Map<FileId, readonly ResolvedFinding[]>();

  constructor(private readonly workspace: Workspace) {}

  resolve(
    solving: Solving,
    book: FindingBook,
    changedFiles: Iterable<FileId>,
    recomputed: Iterable<FunctionId>,
  ): ResolvedFinding[] {
    const { workspace } = this;
    const joined = solving.join();
    const context = {
      bodies: workspace.bodies,
      tracer: solving.tracer(),
      pathOf: (file: FileId) => workspace.pathOf(file),
      sourceKindNames: (kinds: number) =>
        workspace.models.sourceKinds.filter((name) => (workspace.models.sourceKindBit(name) & kinds) !== 0),
    };
    const prints = fingerprints(joined, context);
    const touched = new Set<string>();
    for (const file of changedFiles) this.touch(touched, file);
    for (const id of recomputed) this.touch(touched, fileOf(id));
    const result: ResolvedFinding[] = [];
    for (const [i, finding] of joined.entries()) {
      const known = book.get(prints[i]);
      if (known !== undefined && known.confidence === finding.confidence && !crosses(known, touched)) {
        result.push(known);
        continue;
      }
      const resolved = resolveFinding(finding, prints[i], context);
      if (resolved !== undefined) result.push(resolved);
    }
    return result;
  }

  /** Writes the files whose findings are not what the store has. */
  write(store: Store, book: FindingBook): void {
    const bySinkFile = new Map<FileId, ResolvedFinding[]>();
    for (const finding of book.everything()) {
      const file = this.workspace.idOf(finding.sink.path);
      if (file === undefined) continue;
      const list = bySinkFile.get(file);
      if (list === undefined) bySinkFile.set(file, [finding]);
      else list.push(finding);
    }
    for (const [file, findings] of bySinkFile) {
      const before = this.written.get(file);
      if (before?.length === findings.length && before.every((finding, i) => finding === findings[i])) continue;
      store.findings.replace(
        file,
        findings.map((finding) => this.record(file, finding)),
      );
    }
    for (const file of this.written.keys()) if (!bySinkFile.has(file)) store.findings.replace(file, []);
    this.written = bySinkFile;
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
      const list = this.written.get(row.file);
      this.written.set(row.file, list === undefined ? [finding] : [...list, finding]);
    }
    return result;
  }

  private touch(paths: Set<string>, file: FileId): void {
    const path = this.workspace.pathOf(file);
    if (path !== undefined) paths.add(path.absolute);
  }

  private record(file: FileId, finding: ResolvedFinding): FindingRecord {
    const { rule, help: _help, ...rest } = finding;
    const stored: StoredFinding = { ...rest, ruleId: rule.id };
    const files = new Set<FileId>([file]);
    for (const path of pathsOf(finding)) {
      const id = this.workspace.idOf(path);
      if (id !== undefined) files.add(id);
    }
    return {
      rule: rule.id,
      fingerprint: finding.fingerprint,
      sourceFile: this.workspace.idOf(finding.source.path) ?? file,
      sinkFile: file,
      files,
      data: encoder.encode(JSON.stringify(stored)),
    };
  }
}

function crosses(finding: ResolvedFinding, touched: ReadonlySet<string>): boolean {
  if (touched.size === 0) return false;
  for (const path of pathsOf(finding)) if (touched.has(path)) return true;
  return false;
}

function* pathsOf(finding: ResolvedFinding): Generator<string> {
  yield finding.source.path;
  yield finding.sink.path;
  for (const { steps } of finding.paths) for (const step of steps) yield step.location.path;
}
