/**
 * From what was typed to what is scanned: which folders are roots, which paths below them count, and what is wrong
 * with the rest. A path that can't be used costs itself only.
 */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import * as nodePath from 'node:path';
import { pathInRoot } from '../present/rootPaths';

export interface ScanInputs {
  /** Absolute folders, none inside another. */
  readonly roots: readonly string[];
  /** Only these files and folders below the roots; undefined for everything. */
  readonly paths: readonly string[] | undefined;
  /** One sentence for each path that can't be scanned. */
  readonly problems: readonly string[];
}

export function resolveInputs(typed: readonly string[], workingFolder: string): ScanInputs {
  const folders: string[] = [];
  const files: string[] = [];
  const problems: string[] = [];
  for (const given of typed) {
    const path = nodePath.resolve(workingFolder, given);
    const problem = problemOf(path, given);
    if (problem !== undefined) problems.push(problem);
    else if (statSync(path).isDirectory()) folders.push(path);
    else files.push(path);
  }
  const loose = files.filter((file) => !folders.some((folder) => pathInRoot(folder, file) !== undefined));
  // A single file is seen as part of the project around it, so that it is named as it was typed.
  const around = loose.map((file) =>
    pathInRoot(workingFolder, file) === undefined ? nodePath.dirname(file) : workingFolder,
  );
  return {
    roots: outermost([...folders, ...around]),
    paths: loose.length === 0 ? undefined : [...folders, ...loose],
    problems,
  };
}

function problemOf(path: string, given: string): string | undefined {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      accessSync(path, constants.R_OK | constants.X_OK);
      readdirSync(path);
    } else if (stat.isFile()) accessSync(path, constants.R_OK);
    else return `${given} is neither a file nor a folder`;
    return undefined;
  } catch (error) {
    return `${given} ${explain(error)}`;
  }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied';
    case 'ELOOP':
      return 'cannot be read: its links form a circle';
    default:
      return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)];
  return unique.filter(
    (folder) => !unique.some((other) => other !== folder && pathInRoot(other, folder) !== undefined),
  );
}
