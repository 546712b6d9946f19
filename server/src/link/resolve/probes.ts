/** Asks the file system on behalf of one resolution, and remembers everything it asked: the answer depends on it. */
import type { ResolutionHost } from '../host';
import { directoryOf } from './paths';

export class Probes {
  private readonly asked = new Set<string>();

  constructor(private readonly host: ResolutionHost) {}

  isFile(path: string): boolean {
    this.asked.add(path);
    return this.host.isFile(path);
  }

  /** Of a package, also what the folder holds that packages are in. */
  isDirectory(path: string): boolean {
    this.asked.add(path);
    for (let at = path; ;) {
      const parent = directoryOf(at);
      const name = parent.slice(parent.lastIndexOf('/') + 1);
      if (name !== 'node_modules' && !name.startsWith('@')) break;
      this.asked.add(parent);
      if (name === 'node_modules') break;
      at = parent;
    }
    return this.host.isDirectory(path);
  }

  /** The content of the file matters, or that it is missing. */
  readJson(path: string): unknown {
    this.asked.add(path);
    return this.host.readJson(path);
  }

  /** What another, cached question asked. */
  addAll(paths: readonly string[]): void {
    for (const path of paths) this.asked.add(path);
  }

  paths(): readonly string[] {
    return [...this.asked];
  }
}
