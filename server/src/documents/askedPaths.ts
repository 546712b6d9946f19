/**
 * What module resolution was told about the disk that the list of analysed files does not vouch for: configuration it read, and which packages
 * folders of `node_modules` hold. Kept with the links that it led to, it tells a later process what changed while nothing ran.
 */
import { createHash } from 'node:crypto';
import type { FileView } from './fileView';
import { join, nameOf, parentOf } from './paths';

/** The answer about what is not there. */
const MISSING = '';
/** Answers compared between two pauses. */
const STEP = 200;

export interface ToldAnswer {
  /** Absolute path of a file of configuration, or of a folder that holds packages. */
  readonly path: string;
  /** Undefined: nobody asks any more. */
  readonly answer: string | undefined;
}

/** The view, and a memory of what it said. */
export class AskedPaths {
  private readonly told = new Map<string, string>();
  private readonly unwritten = new Set<string>();
  /** Paths that were answered in this generation of the view, which does not change its mind within one. */
  private readonly current = new Set<string>();
  private generation = -1;
  /** What an earlier process was told, as long as nobody has asked for it. */
  private stored: (() => Iterable<readonly [path: string, answer: string]>) | undefined;

  constructor(private readonly view: FileView) {}

  isFile(path: string): boolean {
    return this.view.isFile(path);
  }

  isDirectory(path: string): boolean {
    const folder = packagesFolder(path);
    if (folder !== undefined) {
      this.note(folder, listingAnswer);
      // A folder of a scope counts when it is there; whether it is, the folder above tells.
      const scope = parentOf(path);
      if (scope !== folder && this.view.isDirectory(scope)) this.note(scope, listingAnswer);
    }
    return this.view.isDirectory(path);
  }

  readJson(path: string): unknown {
    this.note(path, jsonAnswer);
    return this.view.readJson(path);
  }

  realpath(path: string): string {
    return this.view.realpath(path);
  }

  /** Takes over what an earlier process was told, when it is needed: who opens a document first need not wait for it. */
  takeUp(answers: () => Iterable<readonly [path: string, answer: string]>): void {
    this.stored = answers;
  }

  private takeUpNow(): void {
    const { stored } = this;
    if (stored === undefined) return;
    this.stored = undefined;
    for (const [path, answer] of stored()) this.told.set(path, answer);
  }

  /** Paths about which the view says something else now. Pauses often, for whoever waits for this thread. */
  async changed(): Promise<readonly string[]> {
    this.takeUpNow();
    const result: string[] = [];
    let left = STEP;
    for (const [path, answer] of [...this.told]) {
      if (--left === 0) {
        left = STEP;
        await new Promise(setImmediate);
      }
      if (answer !== (isJson(path) ? jsonAnswer : listingAnswer)(this.view, path)) result.push(path);
    }
    return result;
  }

  /** Something at these paths changed: whoever still wants to know asks again. */
  forget(paths: Iterable<string>): void {
    this.takeUpNow();
    for (const path of paths) {
      this.current.delete(path);
      if (this.told.delete(path)) this.unwritten.add(path);
    }
  }

  /** Answers that are others than when this was last called. */
  *takeUnwritten(): Generator<ToldAnswer, void, undefined> {
    this.takeUpNow();
    for (const path of this.unwritten) {
      this.unwritten.delete(path);
      yield { path, answer: this.told.get(path) };
    }
  }

  private note(path: string, answerOf: (view: FileView, path: string) => string): void {
    this.takeUpNow();
    if (this.generation !== this.view.generation) {
      this.generation = this.view.generation;
      this.current.clear();
    }
    if (this.current.has(path)) return;
    this.current.add(path);
    const answer = answerOf(this.view, path);
    if (this.told.get(path) === answer) return;
    this.told.set(path, answer);
    this.unwritten.add(path);
  }
}

/** Folders of packages have other names. */
function isJson(path: string): boolean {
  return path.endsWith('.json');
}

function jsonAnswer(view: FileView, path: string): string {
  const value = view.readJson(path);
  return value === undefined ? MISSING : digest(JSON.stringify(value));
}

function listingAnswer(view: FileView, folder: string): string {
  const names = view.namesIn(folder);
  if (names === undefined) return MISSING;
  return digest(
    [...names]
      .sort()
      .map((name) => `${name}\t${view.realpath(join(folder, name))}`)
      .join('\n'),
  );
}

/** The `node_modules` that decides whether a path is a package; undefined for other paths. */
function packagesFolder(path: string): string | undefined {
  const parent = parentOf(path);
  const folder = nameOf(parent).startsWith('@') ? parentOf(parent) : parent;
  return nameOf(folder) === 'node_modules' ? folder : undefined;
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64').slice(0, 16);
}
