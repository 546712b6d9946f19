/** Asks the file system on behalf of one resolution, and remembers everything it asked: the answer depends on it. */
import type { ResolutionHost } from '../host';

export class Probes {
  private readonly asked = new Set<string>();

  constructor(private readonly host: ResolutionHost) {}

  isFile(path: string): boolean {
    this.asked.add(path);
    return this.host.isFile(path);
  }

  isDirectory(path: string): boolean {
    this.asked.add(path);
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
