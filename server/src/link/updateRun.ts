/** What one update of the linker works with, and nothing of what stays. */
import type { FileId } from '../model/ids';
import type { FileVersion, FunctionPart } from './fileLinker';
import type { Slot } from './reads';

export class UpdateRun {
  /** Files whose own text or imports changed. */
  readonly changed = new Set<FileId>();
  readonly added = new Set<FileId>();
  /** Results before the update, of all files that are looked at again. */
  readonly before = new Map<FileId, readonly FileVersion[]>();
  readonly paths = new Map<FileId, string>();
  /** Slots whose content changed, whatever the round. */
  readonly stale: Slot[] = [];
  /** Files whose contributions changed in the round before. */
  targets = new Set<FileId>();
  /** Files whose bindings were made again. */
  readonly bound = new Set<FileId>();
  /** Results made in this update. */
  readonly fresh = new Map<FileId, FileVersion[]>();
  readonly touched = new Set<FileId>();
  /** By function: what the last result of a file was made of. */
  readonly parts = new Map<FileId, readonly FunctionPart[]>();
  partCount = 0;
}
