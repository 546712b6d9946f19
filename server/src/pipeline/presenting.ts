/**
 * The last stage: findings expanded from the current facts, and kept in the store so that the next start shows them at
 * once. A finding whose code, and whose way, nobody touched is not expanded again.
 */
import type { ResolvedFinding } from '../model/finding';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { SinkRef } from '../model/summary';
import type { FindingRecord, FindingRow } from '../store/rows';
import type { Store } from '../store/store';
import type { JoinChange, Joined } from '../taint/join';
import type { Tracer } from '../taint/trace';
import { locationOf } from './describeNodes';
import { filesOf, type BookChange, type FindingBook, type StoredFindings } from './findingBook';
import { encodeFinding, FindingReader } from './findingCodec';
import { Fingerprints } from './fingerprints';
import type { FunctionBodies } from './functionBodies';
import { resolveFinding, type ResolutionContext } from './resolveFindings';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** How the book changed, and the files whose code or answers were why findings that cross them were expanded again. */
export type Presented = BookChange & { readonly files: ReadonlySet<string> };

export class Presenting {
  private readonly prints: Fingerprints;
  /**
   * Files with a source of findings that the store has otherwise. Rows go by the source's file: sinks gather in few
   * files (what wraps a database, say), and one finding more there must not cost writing all.
   */
  private readonly unwritten = new Set<string>();
  /** What was joined, by fingerprint, and the fingerprints by the file of the sink. */
  private readonly joined = new Map<string, Joined>();
  private readonly bySinkFile = new Map<FileId, Set<string>>();
  /** Fingerprints of what the book has otherwise. */
  private readonly unsettled = new Set<string>();
  /** The book was compared with what is joined: it may come from an earlier process. */
  private isCompared = false;

  constructor(
    private readonly workspace: Workspace,
    private readonly solving: Solving,
  ) {
    this.prints = new Fingerprints((id) => solving.stableName(id));
  }

  /**
   * Brings the book in line with what the solver found, after these files' code or these functions' summaries changed. `arrived` are those of the files
   * that have new ids.
   */
  update(
    book: FindingBook,
    changedFiles: Iterable<string>,
    recomputed: Iterable<FunctionId>,
    arrived: Iterable<string> = [],
  ): Presented {
    this.take(this.solving.join(), book);
    // A file that went and came back: rows name it by its id, whatever became of its findings.
    for (const path of arrived) for (const { source } of book.crossing(path)) this.unwritten.add(source.path);
    const files = this.filesOf(changedFiles, recomputed);
    for (const path of files) for (const { fingerprint } of book.crossing(path)) this.unsettled.add(fingerprint);
    const context = this.context();
    const findings: ResolvedFinding[] = [];
    const gone: ResolvedFinding[] = [];
    for (const print of this.unsettled) {
      const joined = this.joined.get(print);
      const resolved = joined && resolveFinding(joined, print, context);
      if (resolved !== undefined) findings.push(resolved);
      else {
        const known = book.get(print);
        if (known !== undefined) gone.push(known);
      }
      // Code that is not there may be there again, without anything else having changed.
      if (joined === undefined || resolved !== undefined) this.unsettled.delete(print);
    }
    return { ...this.note(book.change(findings, gone)), files };
  }

  /**
   * Brings findings with a sink in these files up to date while functions elsewhere are still to be solved. Those that
   * go through such functions stay, at the place their sink has now, as long as it can be reached at all. `solved` are those that
   * were solved since the last call, `isUpToDate` tells what was before.
   */
  updateFirst(
    book: FindingBook,
    files: ReadonlySet<FileId>,
    solved: ReadonlySet<FunctionId>,
    isUpToDate: (id: FunctionId) => boolean = () => false,
  ): BookChange {
    this.take(this.solving.joinSoFar(solved), book);
    const context = this.context();
    const findings = new Map<string, ResolvedFinding>();
    const gone: ResolvedFinding[] = [];
    for (const file of files) {
      for (const print of this.bySinkFile.get(file) ?? []) {
        const joined = this.joined.get(print);
        if (joined === undefined) continue;
        const isSure = joined.legs.every(
          ({ function: id }) => files.has(fileOf(id)) || solved.has(id) || isUpToDate(id),
        );
        const known = book.get(print);
        const now = isSure ? resolveFinding(joined, print, context) : known && this.moved(known, joined.sink, context);
        if (now !== undefined) findings.set(print, now);
      }
      const path = this.workspace.pathOf(file)?.absolute ?? '';
      for (const known of book.crossing(path))
        if (known.sink.path === path && !findings.has(known.fingerprint)) gone.push(known);
    }
    // All of it is looked at again when everything is solved.
    for (const print of findings.keys()) this.unsettled.add(print);
    for (const { fingerprint } of gone) this.unsettled.add(fingerprint);
    return this.note(book.change([...findings.values()], gone));
  }

  /** Compares what the last process found with what is joined from what it left, in many small steps; to be done before anything changes. */
  *compare(book: FindingBook): Generator<void, void, undefined> {
    this.take(yield* this.solving.joinInSteps(), book);
  }

  /** Takes the place of another one, which is not to be used any more; in many small steps, and to be done before anything changes. */
  *takeOver(other: Presenting, book: FindingBook): Generator<void, void, undefined> {
    yield* this.compare(book);
    for (const path of other.unwritten) this.unwritten.add(path);
    for (const print of other.unsettled) this.unsettled.add(print);
  }

  /** Writes the files whose findings are not what the store has, so many of them, inside a batch; true when there are more. */
  write(store: Store, book: FindingBook, limit = Infinity): boolean {
    const ids = new Map<string, FileId | undefined>();
    const idOf = (path: string): FileId | undefined => {
      let id = ids.get(path);
      if (id === undefined) ids.set(path, (id = this.workspace.idOf(path)));
      return id;
    };
    let left = limit;
    for (const path of this.unwritten) {
      if (left-- <= 0) return true;
      this.unwritten.delete(path);
      const file = idOf(path);
      // The findings of a file that is gone went with it.
      if (file === undefined) continue;
      store.findings.replace(
        file,
        book.withSourceIn(path).map((finding) => record(file, finding, idOf)),
      );
    }
    return false;
  }

  /** All findings of the book are to be written: they were found by another, which had not written them. */
  writeAll(book: FindingBook): void {
    for (const { source } of book.each()) this.unwritten.add(source.path);
  }

  /** What the last process found. */
  stored({ findings }: Store): StoredFindings {
    const reader = new FindingReader(this.workspace.models.rules);
    const resolved = function* (rows: Iterable<FindingRow>): Generator<ResolvedFinding, void, undefined> {
      for (const { data } of rows) {
        const finding = reader.read(data);
        if (finding !== undefined) yield finding;
      }
    };
    return {
      count: () => findings.count(),
      all: () => resolved(findings.each()),
      crossing: (path) => {
        const file = this.workspace.idOf(path);
        return file === undefined ? [] : resolved(findings.touching(file));
      },
    };
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

  /** These files, and those of the functions. */
  private filesOf(changedFiles: Iterable<string>, recomputed: Iterable<FunctionId>): ReadonlySet<string> {
    const paths = new Set(changedFiles);
    for (const file of new Set(Array.from(recomputed, fileOf))) {
      const path = this.workspace.pathOf(file);
      if (path !== undefined) paths.add(path.absolute);
    }
    return paths;
  }

  /** Takes over what was joined otherwise than before. */
  private take(change: JoinChange, book: FindingBook): void {
    for (const [print, joined] of this.prints.change(change)) {
      const old = this.joined.get(print);
      if (old !== undefined) this.bySinkFile.get(fileOf(old.sink.function))?.delete(print);
      if (joined === undefined) this.joined.delete(print);
      else {
        this.joined.set(print, joined);
        const file = fileOf(joined.sink.function);
        const prints = this.bySinkFile.get(file);
        if (prints === undefined) this.bySinkFile.set(file, new Set([print]));
        else prints.add(print);
      }
      this.unsettled.add(print);
    }
    if (this.isCompared) return;
    this.isCompared = true;
    // The database was made anew, and has to be told of findings that are what they were, too.
    const isStored = this.workspace.store.findings.count() > 0;
    for (const known of book.each()) {
      if (!isStored) this.unwritten.add(known.source.path);
      const joined = this.joined.get(known.fingerprint);
      if (joined !== undefined && isSame(known, joined)) this.unsettled.delete(known.fingerprint);
      else this.unsettled.add(known.fingerprint);
    }
  }

  private note(change: BookChange): BookChange {
    for (const path of change.sources) this.unwritten.add(path);
    return change;
  }

  private context(): ResolutionContext {
    return resolutionContext(this.workspace, this.workspace.bodies, this.solving.tracer());
  }
}

/** What findings are expanded with. */
export function resolutionContext(workspace: Workspace, bodies: FunctionBodies, tracer: Tracer): ResolutionContext {
  const { models } = workspace;
  return {
    bodies,
    tracer,
    steps: new Map(),
    pathOf: (file) => workspace.pathOf(file),
    threatModelsOf: (kinds) => models.threatModelsOf(kinds),
    isParameter: (kinds) => kinds === models.sourceKindBit('library'),
  };
}

function isSame(known: ResolvedFinding, { confidence, others }: Joined): boolean {
  return known.confidence === confidence && (known.otherSources ?? 0) === others;
}

function record(file: FileId, finding: ResolvedFinding, idOf: (path: string) => FileId | undefined): FindingRecord {
  const files = new Set<FileId>([file]);
  for (const path of filesOf(finding)) {
    const id = idOf(path);
    if (id !== undefined) files.add(id);
  }
  return {
    rule: finding.rule.id,
    fingerprint: finding.fingerprint,
    sourceFile: file,
    sinkFile: idOf(finding.sink.path) ?? file,
    files,
    data: encodeFinding(finding),
  };
}
