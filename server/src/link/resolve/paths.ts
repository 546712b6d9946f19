/** Arithmetic on absolute paths with forward slashes; no file system. */

/** The directory a path is in, without trailing slash; '' for the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** `relative` from `directory`, with `.` and `..` taken out. */
export function joinPath(directory: string, relative: string): string {
  if (relative.startsWith('/')) return relative;
  const parts = directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.length > 1) parts.pop();
    } else parts.push(part);
  }
  return parts.join('/');
}
