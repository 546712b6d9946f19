/** What an update changed, function by function, as far as link results tell. */
import type { FileId, FunctionId } from '../model/ids';
import { functionId } from '../model/ids';
import type { FileVersion, LinkedFunctions } from './fileLinker';
import type { LinkUpdate } from './options';

/** Compares the last results of files, from before an update and now. */
export function compareResults(
  before: ReadonlyMap<FileId, readonly FileVersion[]>,
  now: (file: FileId) => FileVersion | undefined,
): LinkUpdate {
  const reviewed: FunctionId[] = [];
  const relinked: FunctionId[] = [];
  const removed: FunctionId[] = [];
  const files: FileId[] = [];
  for (const [file, versions] of before) {
    const old = versions[versions.length - 1];
    const next = now(file);
    if (next !== undefined) files.push(file);
    if (old === next) continue;
    compareFunctions(file, old?.functions, next?.functions, { relinked, removed, reviewed });
  }
  return { relinked, removed, reviewed, files };
}

function compareFunctions(
  file: FileId,
  old: LinkedFunctions | undefined,
  next: LinkedFunctions | undefined,
  { relinked, removed, reviewed }: Record<'relinked' | 'removed' | 'reviewed', FunctionId[]>,
): void {
  const before = new Map<number, number>();
  if (old !== undefined) for (let f = 0; f < old.keys.length; f++) before.set(old.keys[f], f);
  if (next !== undefined) {
    for (let f = 0; f < next.keys.length; f++) {
      const key = next.keys[f];
      const was = before.get(key);
      if (old === undefined || was === undefined) relinked.push(functionId(file, key));
      else {
        if (old.hashes[was * 2] !== next.hashes[f * 2] || old.hashes[was * 2 + 1] !== next.hashes[f * 2 + 1])
          relinked.push(functionId(file, key));
        if (old.receivers[was] !== next.receivers[f] || old.made[was] !== next.made[f])
          reviewed.push(functionId(file, key));
      }
      before.delete(key);
    }
  }
  for (const key of before.keys()) removed.push(functionId(file, key));
}
