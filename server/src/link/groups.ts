/** Files that have nothing to do with one another, because no chain of imports joins them. */
import type { FileId } from '../model/ids';
import type { ImportTarget } from './fileIndex';

/** A group has as many files at least, even if they have nothing to do with one another. */
const GROUP_FILES = 250;

/** Divides files so that none imports one of another group. Union-find, in the order of the files. */
export function independentGroups(
  files: ReadonlySet<FileId>,
  importsOf: (file: FileId) => readonly ImportTarget[],
): readonly ReadonlySet<FileId>[] {
  const leader = new Map<FileId, FileId>();
  const find = (file: FileId): FileId => {
    let at = file;
    for (let next = leader.get(at); next !== undefined && next !== at; next = leader.get(at)) {
      leader.set(at, leader.get(next) ?? next);
      at = next;
    }
    return at;
  };
  for (const file of files) {
    for (const target of importsOf(file))
      if (target !== undefined && 'file' in target) leader.set(find(file), find(target.file));
  }
  const parts = new Map<FileId, FileId[]>();
  for (const file of files) {
    const part = parts.get(find(file));
    if (part === undefined) parts.set(find(file), [file]);
    else part.push(file);
  }
  const groups: Set<FileId>[] = [new Set()];
  for (const part of parts.values()) {
    if (groups[groups.length - 1].size >= GROUP_FILES) groups.push(new Set());
    for (const file of part) groups[groups.length - 1].add(file);
  }
  return groups;
}
