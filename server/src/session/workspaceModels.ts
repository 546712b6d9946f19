/**
 * Models that a workspace brings along: `.tributary/models/*.yaml` below each root. A file that can't be read or parsed
 * is named in the log and left out; it never costs the others.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as nodePath from 'node:path';
import { parseDocument, type Document } from 'yaml';
import type { Logger } from '../model/analysis';

export interface ModelDocument {
  readonly name: string;
  readonly document: unknown;
}

/** A model file as it stands on disk. */
export interface ModelFile {
  readonly name: string;
  readonly text: string;
}

const FOLDER = nodePath.join('.tributary', 'models');
const MAX_FILES = 200;
const MAX_BYTES = 1024 * 1024;

export function readWorkspaceModels(roots: readonly string[], log: Logger): ModelDocument[] {
  const models: ModelDocument[] = [];
  for (const { name, text } of readModelFiles(roots, log)) {
    const parsed = parseDocument(text);
    const [problem] = parsed.errors;
    if (problem !== undefined) {
      log.warn(`${name} is not valid YAML and is not used: ${problem.message}`);
      continue;
    }
    const document = toPlain(parsed, name, log);
    if (document !== undefined) models.push({ name, document });
  }
  return models;
}

/** The texts of the files, for who wants to say where in them something is wrong. */
export function readModelFiles(roots: readonly string[], log: Logger): ModelFile[] {
  const models: ModelFile[] = [];
  for (const root of roots) {
    const folder = nodePath.join(root, FOLDER);
    const files = list(folder, log).filter((name) => /\.ya?ml$/.test(name));
    if (files.length > MAX_FILES)
      log.warn(`${folder} has more than ${String(MAX_FILES)} model files; the rest is not read.`);
    for (const name of files.sort().slice(0, MAX_FILES)) {
      const path = nodePath.join(folder, name);
      const text = read(path, log);
      if (text !== undefined) models.push({ name: path, text });
    }
  }
  if (models.length > 0) log.info(`Models of the workspace: ${models.map(({ name }) => name).join(', ')}`);
  return models;
}

function list(folder: string, log: Logger): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  try {
    return readdirSync(folder);
  } catch (error) {
    log.warn(`${folder} cannot be read: ${messageOf(error)}`);
    return [];
  }
}

function read(path: string, log: Logger): string | undefined {
  try {
    if (statSync(path).size <= MAX_BYTES) return readFileSync(path, 'utf8');
    log.warn(`${path} is larger than ${String(MAX_BYTES)} bytes and is not read.`);
  } catch (error) {
    log.warn(`${path} cannot be read: ${messageOf(error)}`);
  }
  return undefined;
}

function toPlain(parsed: Document, name: string, log: Logger): unknown {
  try {
    return parsed.toJS({ maxAliasCount: 100 });
  } catch (error) {
    log.warn(`${name} cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
