/** From the folder that was typed to what is analysed and where its index is kept. */
import { realpathSync } from 'node:fs';
import * as nodePath from 'node:path';
import { resolveInputs } from './inputs';
import type { CommandLine } from './machine';
import type { FolderOptions } from './options';
import { defaultStorage } from './storageFolder';

export interface AnalysedFolder {
  /** Absolute, with links resolved. */
  readonly path: string;
  /** Absolute; undefined for an index in memory. */
  readonly storage: string | undefined;
}

/** The folder, or one sentence on what is wrong with it. */
export function analysedFolder(options: FolderOptions, machine: CommandLine): AnalysedFolder | string {
  const { roots, paths, problems } = resolveInputs([options.folder], machine.workingFolder);
  const [problem] = problems;
  if (problem !== undefined) return problem;
  const [typed] = roots;
  if (typed === undefined || paths !== undefined) return `${options.folder} is not a folder`;
  const path = realpathSync.native(typed);
  switch (options.storage.kind) {
    case 'given':
      return { path, storage: nodePath.resolve(machine.workingFolder, options.storage.folder) };
    case 'default':
      return { path, storage: defaultStorage(path, machine.platform) };
    case 'none':
      return { path, storage: undefined };
  }
}
