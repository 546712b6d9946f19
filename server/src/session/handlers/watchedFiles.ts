/**
 * `workspace/didChangeWatchedFiles`: what the client watches for us, and what its events mean for the index.
 */
import { statSync } from 'node:fs';
import * as nodePath from 'node:path';
import {
  FileChangeType,
  WatchKind,
  type DidChangeWatchedFilesParams,
  type FileSystemWatcher,
} from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import type { ServerContext } from '../serverContext';

/** Sources, programs without an extension, what module resolution reads, what is left out, and own models; and folders that come and go as a whole. */
export const WATCHERS: FileSystemWatcher[] = [
  { globPattern: '**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts,vue,svelte,astro,html,htm}' },
  { globPattern: '**/{package,tsconfig*,jsconfig*}.json' },
  { globPattern: '**/bin/*' },
  { globPattern: '**/.gitignore' },
  { globPattern: '**/.tributary/models/*.{yaml,yml}' },
  { globPattern: '**/*', kind: WatchKind.Create | WatchKind.Delete },
];

const RELEVANT =
  /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro|html?)$|[\\/](?:package|tsconfig[^\\/]*|jsconfig[^\\/]*)\.json$|[\\/]\.tributary[\\/]models[\\/][^\\/]+\.ya?ml$/;
/** The index itself may live below a root, and version control writes constantly. */
const IRRELEVANT = /[\\/]\.git[\\/]/;

export function watchedFilesChanged({ session, connection }: ServerContext, params: DidChangeWatchedFilesParams): void {
  const files = new Set<string>();
  for (const { uri, type } of params.changes) {
    const path = pathOf(uri);
    if (path !== undefined && !IRRELEVANT.test(path) && isRelevant(path, type)) files.add(path);
  }
  if (files.size > 0) session.filesChanged([...files]);
  connection.tracer.log(`${String(files.size)} watched files changed.`);
}

/** Whether the analysis has to look at the path. Editors tell of a folder that came or went as a whole, not of what is in it. */
function isRelevant(path: string, type: FileChangeType): boolean {
  if (RELEVANT.test(path) || nodePath.basename(path) === '.gitignore' || type === FileChangeType.Deleted) return true;
  if (isFolder(path)) return type === FileChangeType.Created;
  // A program without an extension, perhaps; its first line tells.
  return nodePath.extname(path) === '';
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // A circle of links, or below what has become a file since: no folder to look into.
    return false;
  }
}
