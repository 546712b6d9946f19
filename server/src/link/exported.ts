/**
 * Which functions code outside of a package can call: those that are values of, or reachable from, what its entry
 * files export; and, where package.json has no `exports` to say otherwise, what its other files export, because they
 * can be required by path. Worked out by file when first asked, and from then on again for files whose answer read
 * something that changed.
 */
import type { FileId, FunctionId } from '../model/ids';
import { NO_TERM } from '../model/skeleton';
import type { Evaluator } from './evaluator';
import type { ModuleResolver } from './host';
import { EMPTY } from './intSets';
import type { SetId } from './intSets';
import { constructorsOf } from './classes';
import { openOwner } from './members';
import { membersIn, propertiesOf } from './properties';
import { Part } from './reads';
import type { Slot } from './reads';
import { ValueKind } from './values';
import type { ValueId } from './values';

/** `entry`: reachable from an entry point of the package. `file`: from a file that can be required by its path. */
export type ExportKind = 'entry' | 'file';

/** Functions that exported functions return count, and what those return. */
const MAX_RETURNS = 2;
/** Values followed from one file's exports. */
const MAX_VALUES = 5_000;

interface Answer {
  readonly kind: ExportKind | undefined;
  readonly functions: readonly FunctionId[];
}

interface Files {
  readonly files: () => Iterable<FileId>;
  readonly pathOf: (file: FileId) => string | undefined;
  /** Runs a computation and tells the slots it read. */
  readonly record: (compute: () => void) => readonly Slot[];
}

export class ExportedFunctions {
  private readonly answers = new Map<FileId, Answer>();
  /** How many files export a function, by kind. */
  private readonly counts = { entry: new Map<FunctionId, number>(), file: new Map<FunctionId, number>() };
  /** Files by what their answers read. */
  private readonly readers = new Map<Slot, Set<FileId>>();
  /** Files to be looked at again; undefined before anybody has asked. */
  private due: Set<FileId> | undefined;

  constructor(
    private readonly evaluator: Evaluator,
    private readonly resolver: ModuleResolver,
    private readonly files: Files,
  ) {}

  get isAsked(): boolean {
    return this.due !== undefined;
  }

  /**
   * Links changed: these files themselves are new, gone or changed, and these slots hold something else. `entries`: so
   * may be which files are entry points. Tells the functions whose answer may be another one now, of those who asked.
   */
  changed(files: Iterable<FileId>, stale: Iterable<Slot>, entries: boolean): FunctionId[] {
    const { due } = this;
    if (due === undefined) return [];
    for (const file of files) due.add(file);
    for (const slot of stale) for (const file of this.readers.get(slot) ?? []) due.add(file);
    if (entries) {
      for (const file of this.files.files()) if (this.answers.get(file)?.kind !== this.kindOfFile(file)) due.add(file);
    }
    const touched = new Set<FunctionId>();
    this.refresh(due, touched);
    return [...touched];
  }

  /** Works out all answers, if that was not done yet. */
  ask(): void {
    if (this.due !== undefined) return;
    this.due = new Set(this.files.files());
    this.refresh(this.due, new Set());
  }

  kindOf(id: FunctionId): ExportKind | undefined {
    this.ask();
    return this.counts.entry.has(id) ? 'entry' : this.counts.file.has(id) ? 'file' : undefined;
  }

  /** All of them. */
  *all(): Generator<FunctionId> {
    this.ask();
    yield* this.counts.entry.keys();
    for (const id of this.counts.file.keys()) if (!this.counts.entry.has(id)) yield id;
  }

  private refresh(due: Set<FileId>, touched: Set<FunctionId>): void {
    for (const file of due) {
      for (const id of this.answers.get(file)?.functions ?? []) touched.add(id);
      this.drop(file);
      const path = this.files.pathOf(file);
      if (path === undefined) continue;
      const kind = this.kindOfFile(file);
      const answer = kind === undefined ? { kind, functions: [] } : this.compute(file, kind);
      this.answers.set(file, answer);
      for (const id of answer.kind === undefined ? [] : answer.functions) {
        touched.add(id);
        const counts = this.counts[answer.kind ?? 'file'];
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    due.clear();
  }

  private drop(file: FileId): void {
    const answer = this.answers.get(file);
    if (answer === undefined) return;
    this.answers.delete(file);
    if (answer.kind === undefined) return;
    const counts = this.counts[answer.kind];
    for (const id of answer.functions) {
      const count = counts.get(id) ?? 0;
      if (count <= 1) counts.delete(id);
      else counts.set(id, count - 1);
    }
  }

  private kindOfFile(file: FileId): ExportKind | undefined {
    const path = this.files.pathOf(file);
    if (path === undefined) return undefined;
    const { entries, isClosed } = this.resolver.packageEntries(path);
    if (entries.length === 0 || entries.includes(path)) return 'entry';
    return isClosed ? undefined : 'file';
  }

  private compute(file: FileId, kind: ExportKind): Answer {
    const { evaluator } = this;
    const found = new Set<FunctionId>();
    const slots = this.files.record(() => {
      const context = evaluator.open(file, Part.Interface);
      if (context !== undefined) this.follow(evaluator.read(context, context.index.skeleton.exports), found);
    });
    for (const slot of slots) {
      const readers = this.readers.get(slot);
      if (readers === undefined) this.readers.set(slot, new Set([file]));
      else readers.add(file);
    }
    return { kind, functions: [...found] };
  }

  /** Breadth first, so that the bound on values cuts what is farthest. */
  private follow(exports: SetId, found: Set<FunctionId>): void {
    const { evaluator } = this;
    const { values, sets } = evaluator;
    const seen = new Set<ValueId>();
    let line: (readonly [SetId, number])[] = [[exports, 0]];
    while (line.length > 0 && seen.size < MAX_VALUES) {
      const next: (readonly [SetId, number])[] = [];
      for (const [set, returns] of line) {
        for (const value of membersIn(evaluator, set)) {
          if (seen.has(value)) continue;
          seen.add(value);
          const kind = values.kind(value);
          if (kind === ValueKind.Api || kind === ValueKind.Unmodelled) continue;
          if (kind === ValueKind.Bound) next.push([sets.single(values.inner(value)), returns]);
          else {
            if (kind === ValueKind.Function) {
              found.add(values.functionOf(value));
              if (returns < MAX_RETURNS) next.push([this.returned(value), returns + 1]);
            }
            if (kind === ValueKind.Class) {
              for (const target of constructorsOf(evaluator, value)) {
                if (values.kind(target) === ValueKind.Function) found.add(values.functionOf(target));
              }
            }
            if (kind === ValueKind.Class || kind === ValueKind.Function)
              next.push([sets.single(values.instance(value)), returns]);
            for (const [, property] of propertiesOf(evaluator, value)) next.push([property, returns]);
          }
        }
      }
      line = next;
    }
  }

  private returned(value: ValueId): SetId {
    const { evaluator } = this;
    const context = openOwner(evaluator, value);
    const f = evaluator.place(context, value);
    if (context === undefined || f < 0) return EMPTY;
    const term = evaluator.returnOf(context, f);
    return term === NO_TERM ? EMPTY : evaluator.read(context, term);
  }
}
