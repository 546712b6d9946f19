/** What one update of the linker works with, and nothing of what stays. */
import type { FileId } from '../model/ids';
import type { FileVersion, LiveFile } from './fileLinker';
import type { Slot } from './reads';

export class UpdateRun {
  /** Files whose own text or imports changed. */
  readonly changed = new Set<FileId>();
  readonly added = new Set<FileId>();
  /** Results before the update, of all files that are looked at again. */
  readonly before = new Map<FileId, readonly FileVersion[]>();
  /** Of these, the results of files that are gone. */
  readonly gone: (readonly FileVersion[])[] = [];
  readonly paths = new Map<FileId, string>();
  /** Slots whose content changed, whatever the round. */
  readonly stale: Slot[] = [];
  /** Files whose contributions changed in the round before. */
  targets = new Set<FileId>();
  /** Where the rows of a result start that are for a file. */
  readonly rowsFor = new Map<FileVersion, ReadonlyMap<FileId, readonly number[]>>();
  /** Files whose bindings were made again. */
  readonly bound = new Set<FileId>();
  readonly touched = new Set<FileId>();
  /** Files whose terms are known, and what they were linked to. */
  readonly live = new Map<FileId, LiveFile>();
  /** What their terms will need more when they are finished. */
  pendingBytes = 0;
  /** Files for which something is different from the round before. */
  readonly restless = new Set<FileId>();
  /** Whether there was too much for one go: then not all files that were linked are live. */
  isInParts = false;
  /** Slots that hold something else in some round than they did in it before: why files that did not change are linked again. */
  readonly because = new Map<FileId, Set<Slot>>();
  /** Slots that hold something else in the last round than before the update. */
  readonly changedSlots = new Set<Slot>();

  noteReason(file: FileId, slot: Slot): void {
    const slots = this.because.get(file);
    if (slots === undefined) this.because.set(file, new Set([slot]));
    else slots.add(slot);
  }
}
