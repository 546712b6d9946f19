/** What an update changed, function by function, as far as link results tell. */
import type { FileId, FunctionId } from '../model/ids';
import { functionId } from '../model/ids';
import type { FileVersion, LinkedFunctions } from './fileLinker';
import type { LinkUpdate } from './options';
import { hashText } from './packedLinks';

/** Compares the last results of files, from before an update and now. */
export function compareResults(
  before: ReadonlyMap<FileId, readonly FileVersion[]>,
  now: (file: FileId) => FileVersion | undefined,
): Omit<LinkUpdate, 'reviewed'> {
  const relinked: FunctionId[] = [];
  const removed: FunctionId[] = [];
  const files: FileId[] = [];
  for (const [file, versions] of before) {
    const old = versions[versions.length - 1];
    const next = now(file);
    if (next !== undefined) files.push(file);
    if (old === next) continue;
    compareFunctions(file, old?.functions, next?.functions, relinked, removed);
  }
  return { relinked, removed, files };
}

function compareFunctions(
  file: FileId,
  old: LinkedFunctions | undefined,
  next: LinkedFunctions | undefined,
  relinked: FunctionId[],
  removed: FunctionId[],
): void {
  const before = new Map<number, string>();
  if (old !== undefined) for (let f = 0; f < old.keys.length; f++) before.set(old.keys[f], hashText(old.hashes, f));
  if (next !== undefined) {
    for (let f = 0; f < next.keys.length; f++) {
      const key = next.keys[f];
      if (before.get(key) !== hashText(next.hashes, f)) relinked.push(functionId(file, key));
      before.delete(key);
    }
  }
  for (const key of before.keys()) removed.push(functionId(file, key));
}
