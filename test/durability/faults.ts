/** Disks that are full or read-only, for tests: what the machine allows to make of them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory of so many kilobytes, mounted on a new folder. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /** Undefined where this process may not mount anything. */
  static mount(kilobytes: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'tributary-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(kilobytes)}k`, 'tmpfs', path], { stdio: 'ignore' });
      return new SmallDisk(path);
    } catch {
      // Not Linux, or not allowed; the caller says that the test is left out.
      rmSync(path, { recursive: true });
      return undefined;
    }
  }

  resize(kilobytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${String(kilobytes)}k`, this.path]);
  }

  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.path]);
  }

  unmount(): void {
    // Lazily: a process that was just killed may still hold files there.
    execFileSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const canMount = ((): boolean => {
  const disk = SmallDisk.mount(64);
  disk?.unmount();
  return disk !== undefined;
})();

/** The size of files of a process can be limited, and the limit lifted while it runs. */
export const canLimitFiles = ((): boolean => {
  try {
    execFileSync('prlimit', ['--fsize=1000000:', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    // No such program here; the caller says that the test is left out.
    return false;
  }
})();

/** A folder in which this process may not write, or undefined where nothing is forbidden to it and it may not mount. */
export function readOnlyFolder(): { readonly path: string; readonly remove: () => void } | undefined {
  if (process.getuid?.() !== 0) {
    const path = mkdtempSync(join(tmpdir(), 'tributary-read-only-'));
    mkdirSync(join(path, 'storage'));
    chmodSync(join(path, 'storage'), 0o500);
    return {
      path: join(path, 'storage'),
      remove: () => {
        chmodSync(join(path, 'storage'), 0o700);
        rmSync(path, { recursive: true });
      },
    };
  }
  const disk = SmallDisk.mount(1024);
  if (disk === undefined) return undefined;
  const path = join(disk.path, 'storage');
  mkdirSync(path);
  disk.makeReadOnly();
  return {
    path,
    remove: () => {
      disk.unmount();
    },
  };
}
