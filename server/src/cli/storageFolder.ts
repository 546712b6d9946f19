/**
 * Where the command line keeps an index when nobody names a folder for it: in the user's cache, one folder per analysed
 * folder. The same folder has the same place for every command, so that `health` finds what `watch` keeps.
 */
import { createHash } from 'node:crypto';
import * as nodePath from 'node:path';

export interface Platform {
  readonly name: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Absolute. `folder` is absolute, with links resolved. */
export function defaultStorage(folder: string, platform: Platform): string {
  const path = platform.name === 'win32' ? nodePath.win32 : nodePath.posix;
  const named = path.basename(folder).replaceAll(/[^\w.-]/g, '_');
  const hash = createHash('sha256').update(folderKey(folder, platform.name)).digest('hex').slice(0, 16);
  return path.join(cacheFolder(platform), 'index', `${named === '' ? 'root' : named}-${hash}`);
}

/** Two spellings of one folder have one key, where the platform's file systems do not tell upper from lower case. */
export function folderKey(folder: string, platform: NodeJS.Platform): string {
  const text = platform === 'win32' ? folder.replaceAll('\\', '/') : folder;
  const trimmed = text.length > 1 ? text.replace(/\/+$/, '') : text;
  return platform === 'win32' || platform === 'darwin' ? trimmed.normalize('NFC').toLowerCase() : trimmed;
}

function cacheFolder({ name, home, environment }: Platform): string {
  const own = environment['TRIBUTARY_CACHE'];
  if (own !== undefined && own !== '') return own;
  switch (name) {
    case 'win32':
      return nodePath.win32.join(
        environment['LOCALAPPDATA'] ?? nodePath.win32.join(home, 'AppData', 'Local'),
        'tributary',
        'cache',
      );
    case 'darwin':
      return nodePath.posix.join(home, 'Library', 'Caches', 'tributary');
    default: {
      const base = environment['XDG_CACHE_HOME'];
      // The specification says to ignore one that is relative.
      const folder = base?.startsWith('/') === true ? base : nodePath.posix.join(home, '.cache');
      return nodePath.posix.join(folder, 'tributary');
    }
  }
}
