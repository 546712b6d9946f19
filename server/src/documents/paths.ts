/**
 * Paths as everything behind `documents/` knows them: absolute, with `/` on every platform, without a slash at the
 * end; a file is its innermost root and the path below it.
 */
import * as nodePath from 'node:path';

export interface Place {
  readonly root: string;
  /** Below the root, with `/`; empty for the root itself. */
  readonly path: string;
}

export function normalize(path: string): string {
  return normalizeOn(nodePath, path);
}

export function normalizeOn(platform: Pick<nodePath.PlatformPath, 'resolve' | 'sep'>, path: string): string {
  const absolute = platform.resolve(path);
  if (platform.sep === '/') return absolute;
  // Editors write the letter of a drive small, terminals and the system large.
  return absolute.replaceAll(platform.sep, '/').replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
}

export function join(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  // The top is `/` here and `C:/` there.
  if (slash <= 0) return '/';
  return /^[A-Za-z]:$/.test(path.slice(0, slash)) ? path.slice(0, slash + 1) : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** True for the folder itself and everything below it. */
export function isWithin(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  return path.length === folder.length || folder.endsWith('/') || path.charCodeAt(folder.length) === 47;
}

/** The path below a folder it is within; empty for the folder itself. */
export function below(folder: string, path: string): string {
  return path.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
}

/** The place of a path in its innermost root, or undefined when it is in none. */
export function placeOf(roots: readonly string[], path: string): Place | undefined {
  let innermost: string | undefined;
  for (const root of roots) {
    if (isWithin(root, path) && (innermost === undefined || root.length > innermost.length)) innermost = root;
  }
  return innermost === undefined ? undefined : { root: innermost, path: below(innermost, path) };
}

/** Where file systems usually do not tell upper from lower case, a file also answers to names that it does not have. */
export function ignoresCase(platform: NodeJS.Platform): boolean {
  return platform === 'win32' || platform === 'darwin';
}
