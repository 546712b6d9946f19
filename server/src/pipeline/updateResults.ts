/** What updates tell those who asked for them: one generation after the other, with what each did. */
import { NO_COUNTS, NOTHING_CHANGED, type Update } from '../model/analysis';
import type { FindingBook } from './findingBook';
import type { IndexedChanges } from './indexing';
import type { Solving } from './solving';
import { UpdateReport, type ReportNames } from './updateReport';
import type { Workspace } from './workspace';

/** What settling an update did. */
export interface Done {
  readonly affected: Iterable<string>;
  readonly relinked: number;
  readonly summarized: number;
}
export const NOTHING_DONE: Done = { affected: [], relinked: 0, summarized: 0 };

export interface ResultsHost {
  readonly workspace: Workspace;
  readonly book: FindingBook;
  readonly solving: () => Solving;
}

export class UpdateResults {
  /** What was done since the last published generation. */
  report = new UpdateReport();
  /** The same of updates before and during a first index. */
  private early = new UpdateReport();
  /** Files that changed since the last published generation, cancelled updates included. */
  private readonly unpublished = new Set<string>();

  constructor(
    private readonly host: ResultsHost,
    public generation: number,
  ) {}

  /** An update begins that goes ahead of a first index, which tells what it does itself; to be ended by the function returned. */
  beginEarly(explains: boolean): () => void {
    const { report } = this;
    this.report = this.early;
    this.report.explains = explains;
    return () => {
      this.early = this.report;
      this.report = report;
    };
  }

  note(indexed: IndexedChanges): void {
    for (const paths of [indexed.indexed, indexed.removed, indexed.statusChanged]) this.noteAffected(paths);
  }

  noteAffected(paths: Iterable<string>): void {
    for (const path of paths) this.unpublished.add(path);
  }

  published(indexed: IndexedChanges, { relinked, summarized, ...done }: Done, started: number): Update {
    this.generation++;
    this.noteAffected(done.affected);
    const affected = [...this.unpublished];
    this.unpublished.clear();
    const { findings, ...parts } = this.takeReport();
    return {
      generation: this.generation,
      indexed: indexed.indexed,
      removed: indexed.removed,
      failed: indexed.failed,
      unchangedFiles: indexed.unchanged,
      relinkedFunctions: relinked,
      summarizedFunctions: summarized,
      ...parts,
      findings: { ...findings, total: this.host.book.size },
      affected,
      milliseconds: performance.now() - started,
      cancelled: false,
    };
  }

  cancelled(started: number): Update {
    return {
      ...NOTHING_CHANGED,
      generation: this.generation,
      unchangedFiles: 0,
      findings: { ...NO_COUNTS, total: this.host.book.size },
      milliseconds: performance.now() - started,
      cancelled: true,
    };
  }

  takeReport(): ReturnType<UpdateReport['parts']> {
    const parts = this.report.parts(this.names);
    this.report = new UpdateReport();
    return parts;
  }

  get names(): ReportNames {
    const { solving, workspace } = this.host;
    const { references } = solving();
    return {
      references,
      stableName: (id) => solving().names.stableName(id),
      enclosing: (id) => workspace.bodies.enclosing(id),
      relativePathOf: (file) => workspace.relativePathOf(file),
      relativePath: (path) => workspace.documents.locate(path)?.path ?? path,
    };
  }
}
