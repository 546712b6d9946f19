/** A file system in memory for resolution tests: files by absolute path, and links of directories. */
import type { ResolutionHost } from '../../../server/src/link/host';

export class MemoryHost implements ResolutionHost {
  readonly files = new Map<string, string>();
  readonly links = new Map<string, string>();

  isFile(path: string): boolean {
    return this.files.has(this.realpath(path));
  }

  isDirectory(path: string): boolean {
    const real = this.realpath(path);
    for (const file of this.files.keys()) if (file.startsWith(`${real}/`)) return true;
    return false;
  }

  readJson(path: string): unknown {
    const text = this.files.get(this.realpath(path));
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  realpath(path: string): string {
    for (const [link, target] of this.links) {
      if (path === link || path.startsWith(`${link}/`)) return target + path.slice(link.length);
    }
    return path;
  }
}
