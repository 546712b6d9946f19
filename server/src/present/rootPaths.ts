/** Paths of files relative to the roots of a scan. */
import * as nodePath from 'node:path';

/** The path inside the root with `/`, `.` for the root itself; undefined when it lies outside. */
export function pathInRoot(root: string, path: string): string | undefined {
  const relative = nodePath.relative(root, path);
  if (relative === '') return '.';
  if (relative === '..' || relative.startsWith(`..${nodePath.sep}`) || nodePath.isAbsolute(relative)) return undefined;
  return nodePath.sep === '/' ? relative : relative.split(nodePath.sep).join('/');
}

/** Index of the innermost root that holds the path, and the path inside it. */
export function locateInRoots(
  roots: readonly string[],
  path: string,
): { readonly root: number; readonly relative: string } | undefined {
  let best: { root: number; relative: string } | undefined;
  for (const [root, folder] of roots.entries()) {
    const relative = pathInRoot(folder, path);
    if (relative !== undefined && (best === undefined || relative.length < best.relative.length))
      best = { root, relative };
  }
  return best;
}
