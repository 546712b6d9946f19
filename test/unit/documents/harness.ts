/** Temporary folders with files in them. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import type { DiscoverOptions, Discovery } from '../../../server/src/documents';
import { discover } from '../../../server/src/documents';
import type { AnalysisSettings } from '../../../server/src/model/analysis';

export const SETTINGS: AnalysisSettings = {
  threatModels: ['remote'],
  minSeverity: 'note',
  minConfidence: 1,
  exclude: [],
  includeDependencies: false,
  maxFileSize: 1_000_000,
  incremental: true,
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder with files by path; a path that ends in `/` is an empty folder. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> | readonly string[] = []): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary docs ')));
  folders.push(folder);
  const entries = Array.isArray(files) ? files.map((path: string) => [path, 'x;'] as const) : Object.entries(files);
  for (const [path, content] of entries) write(folder, path, content);
  return folder;
}

export function write(folder: string, path: string, content: string | Uint8Array = 'x;'): string {
  const absolute = join(folder, path);
  if (path.endsWith('/')) mkdirSync(absolute, { recursive: true });
  else {
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
  }
  return absolute;
}

export function find(
  root: string,
  settings: Partial<AnalysisSettings> = {},
  options: Partial<DiscoverOptions> = {},
): Promise<Discovery> {
  return discover({ roots: [root], settings: { ...SETTINGS, ...settings }, ...options });
}

/** Paths that are to be analysed. */
export const found = ({ files }: Discovery): readonly string[] =>
  files.filter(({ state }) => state === 'found').map(({ path }) => path);

/** Path → state and reason of those that are not. */
export const left = ({ files }: Discovery): Readonly<Record<string, string>> =>
  Object.fromEntries(
    files.filter(({ state }) => state !== 'found').map(({ path, state, reason }) => [path, `${state}: ${reason}`]),
  );
