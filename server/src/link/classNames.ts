/**
 * The names under which classes keep the fields that their methods share, as they were told outside of linking: each
 * with what it was read from, so that an update knows, and tells, whose answer may be another one now.
 */
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { IntSets, SetId } from './intSets';
import type { Slot } from './reads';

interface Answer {
  readonly name: string | undefined;
  /** Slots it was read from. */
  readonly slots: SetId;
}

export class ClassNames {
  private readonly answers = new Map<FileId, Map<FunctionId, Answer>>();
  private readonly readers = new Map<Slot, Set<FileId>>();

  constructor(private readonly sets: IntSets) {}

  get(id: FunctionId): Answer | undefined {
    return this.answers.get(fileOf(id))?.get(id);
  }

  set(id: FunctionId, name: string | undefined, slots: SetId): void {
    const file = fileOf(id);
    const answers = this.answers.get(file);
    const answer = { name, slots };
    if (answers === undefined) this.answers.set(file, new Map([[id, answer]]));
    else answers.set(id, answer);
    for (const slot of this.sets.members(slots)) {
      const files = this.readers.get(slot);
      if (files === undefined) this.readers.set(slot, new Set([file]));
      else files.add(file);
    }
  }

  /** Forgets the answers about these files' functions, and those that read one of these slots; tells whose they were. */
  drop(files: Iterable<FileId>, stale: Iterable<Slot>): FunctionId[] {
    const dropped: FunctionId[] = [];
    for (const file of files) {
      for (const id of this.answers.get(file)?.keys() ?? []) dropped.push(id);
      this.answers.delete(file);
    }
    for (const slot of stale) {
      for (const file of this.readers.get(slot) ?? []) {
        for (const [id, { slots }] of this.answers.get(file) ?? []) {
          if (!this.sets.has(slots, slot)) continue;
          this.answers.get(file)?.delete(id);
          dropped.push(id);
        }
      }
    }
    return dropped;
  }

  /** Functions that somebody asked about. */
  *functions(): Generator<FunctionId, void, undefined> {
    for (const answers of this.answers.values()) yield* answers.keys();
  }
}
