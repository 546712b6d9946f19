/**
 * The last stage: findings expanded from the current facts, and kept in the store so that the next start shows them at
 * once. A finding is expanded again when a file that it crosses has another text, or a function that its way goes through was answered anew.
 */
import { finish } from '../base/steps';
import type { ResolvedFinding } from '../model/finding';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { SinkRef } from '../model/summary';
import type { FindingRecord, FindingRow } from '../store/rows';
import type { Store } from '../store/store';
import type { JoinChange, Joined } from '../taint/join';
import type { Tracer } from '../taint/trace';
import { locationOf } from './describeNodes';
import { NO_CHANGE, filesOf, type BookChange, type FindingBook, type StoredFindings } from './findingBook';
import { encodeFinding, FindingReader } from './findingCodec';
import { Fingerprints } from './fingerprints';
import type { FunctionBodies } from './functionBodies';
import { resolveFinding, type ResolutionContext } from './resolveFindings';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** How the book changed, and, by fingerprint, the files whose code or answers were why a finding was expanded again. */
export type Presented = BookChange & { readonly reasonsOf: (print: string) => ReadonlySet<string> };

/** Stored findings that are read in one step. */
const PORTION = 50;

export const NOTHING_PRESENTED: Presented = { ...NO_CHANGE, reasonsOf: () => new Set() };

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
  /** Functions that the way of a finding was looked for in, by fingerprint; not known of findings that an earlier process expanded. */
  private readonly crossed = new Map<string, ReadonlySet<FunctionId>>();
  /** The book was compared with what is joined: it may come from an earlier process. */
  private isCompared = false;

  constructor(
    private readonly workspace: Workspace,
    private readonly solving: Solving,
    /** Called between findings; throws to cancel. */
    private readonly checkpoint: () => void = () => undefined,
  ) {
    this.prints = new Fingerprints((id) => solving.names.stableName(id));
  }

  /**
   * Brings the book in line with what the solver found, after these files' code or these functions' summaries changed. `arrived` are those of the files
   * that have new ids.
   */
  update(
    book: FindingBook,
    changedFiles: Iterable<string>,
    recomputed: ReadonlySet<FunctionId>,
    arrived: Iterable<string> = [],
  ): Presented {
    finish(this.take(this.solving.join(), book));
    // A file that went and came back: rows name it by its id, whatever became of its findings.
    for (const path of arrived) for (const { source } of book.crossing(path)) this.unwritten.add(source.path);
    const changedPaths = new Set(changedFiles);
    const reasons = this.touched(book, changedPaths, recomputed);
    const context = this.context();
    const findings: ResolvedFinding[] = [];
    const gone: ResolvedFinding[] = [];
    const settled: string[] = [];
    for (const print of this.unsettled) {
      this.checkpoint();
      const joined = this.joined.get(print);
      const resolved = joined && resolveFinding(joined, print, context);
      if (resolved !== undefined) {
        findings.push(resolved.finding);
        this.crossed.set(print, resolved.functions);
      } else {
        this.crossed.delete(print);
        const known = book.get(print);
        if (known !== undefined) gone.push(known);
      }
      // Code that is not there may be there again, without anything else having changed.
      if (joined === undefined || resolved !== undefined) settled.push(print);
    }
    for (const print of settled) this.unsettled.delete(print);
    const change = this.note(book.change(findings, gone));
    return { ...change, reasonsOf: (print) => this.reasonsOf(print, reasons.get(print), changedPaths, recomputed) };
  }

  /** The files that a finding was expanded again for, and those of them that it crosses now. */
  private reasonsOf(
    print: string,
    known: ReadonlySet<string> | undefined,
    changed: ReadonlySet<string>,
    recomputed: ReadonlySet<FunctionId>,
  ): ReadonlySet<string> {
    const paths = new Set([...(known ?? []), ...changed]);
    for (const id of this.crossed.get(print) ?? [])
      if (recomputed.has(id)) paths.add(this.workspace.pathOf(fileOf(id))?.absolute ?? '');
    return paths;
  }

  /** Notes the findings whose code or way these changes may have touched, to be expanded again; tells which files are why. */
  private touched(
    book: FindingBook,
    changed: ReadonlySet<string>,
    recomputed: ReadonlySet<FunctionId>,
  ): ReadonlyMap<string, ReadonlySet<string>> {
    const reasons = new Map<string, Set<string>>();
    const touch = (print: string, path: string): void => {
      this.unsettled.add(print);
      const paths = reasons.get(print);
      if (paths === undefined) reasons.set(print, new Set([path]));
      else paths.add(path);
    };
    for (const path of changed) for (const { fingerprint } of book.crossing(path)) touch(fingerprint, path);
    const byFile = new Map<FileId, FunctionId[]>();
    for (const id of recomputed) {
      const ids = byFile.get(fileOf(id));
      if (ids === undefined) byFile.set(fileOf(id), [id]);
      else ids.push(id);
    }
    for (const [file, ids] of byFile) {
      const path = this.workspace.pathOf(file)?.absolute;
      if (path === undefined || changed.has(path)) continue;
      for (const { fingerprint } of book.crossing(path)) {
        const crossed = this.crossed.get(fingerprint);
        if (crossed === undefined || ids.some((id) => crossed.has(id))) touch(fingerprint, path);
      }
    }
    return reasons;
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
    finish(this.take(this.solving.joinSoFar(solved), book));
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
        const resolved = isSure ? resolveFinding(joined, print, context) : undefined;
        if (resolved !== undefined) this.crossed.set(print, resolved.functions);
        const now = isSure ? resolved?.finding : known && this.moved(known, joined.sink, context);
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
    yield* this.take(yield* this.solving.joinInSteps(), book);
  }

  /** Takes the place of another one, which is not to be used any more; in many small steps, and to be done before anything changes. */
  *takeOver(other: Presenting, book: FindingBook): Generator<void, void, undefined> {
    yield* this.compare(book);
    for (const path of other.unwritten) this.unwritten.add(path);
    for (const print of other.unsettled) this.unsettled.add(print);
    for (const [print, functions] of other.crossed) if (this.joined.has(print)) this.crossed.set(print, functions);
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
      *portions() {
        for (let [file, number] = [0, -1]; ;) {
          const rows = findings.behind(file, number, PORTION);
          if (rows.length === 0) return;
          ({ file, number } = rows[rows.length - 1]);
          yield resolved(rows);
        }
      },
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

  /** Takes over what was joined otherwise than before; in many small steps. */
  private *take(change: JoinChange, book: FindingBook): Generator<void, void, undefined> {
    for (const [print, joined] of yield* this.prints.changeInSteps(change)) {
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
      yield;
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
      yield;
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
