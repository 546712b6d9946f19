/** What the server's process finds in its environment, beside what the editor's own has. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Below the extension's storage, a folder for each version of the extension. */
const COMPILED = 'compiled';

/** Settings of glibc's allocator, which others do not read. */
const ALLOCATOR = {
  // What one thread frees and another one allocated stays in pools, of which there would be eight for each core.
  MALLOC_ARENA_MAX: '2',
  // Packed facts and results come and go by the million; what is as large as this is given back to the system at once.
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '262144',
};

/**
 * `storage` is the extension's own folder, undefined where it is not on this machine. From version 22.1 on Node.js keeps there what it compiled, and need
 * not do it again at the next start.
 */
export function serverEnvironment(storage: string | undefined, version: string): Readonly<Record<string, string>> {
  if (storage === undefined) return ALLOCATOR;
  return { ...ALLOCATOR, NODE_COMPILE_CACHE: join(storage, COMPILED, version) };
}

/** Removes what was compiled of other versions. Rejects with the file system's error. */
export async function removeCompiled(storage: string, version: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(join(storage, COMPILED));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const name of names)
    if (name !== version) await rm(join(storage, COMPILED, name), { recursive: true, force: true });
}
