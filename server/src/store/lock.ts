/**
 * The lock of a storage folder: a file that names the process that writes there. A lock whose process is gone (or
 * whose number now belongs to another process) is stale and is taken over.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { codeOf } from './errors';

interface Holder {
  readonly pid: number;
  /** When the process started, in whatever unit the platform counts; empty where it does not tell. */
  readonly started: string;
  /** Tells apart the stores of one process. */
  readonly token: string;
}

export class Lock {
  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** Takes the lock, or tells the process that has it. Throws the file system's error where the folder can't be written. */
  static take(path: string): Lock | { readonly heldBy: number } {
    const token = randomUUID();
    const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid), token } satisfies Holder);
    // Twice is enough: a lock that is stale is moved away, and whoever creates the next one first has it.
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        writeFileSync(path, text, { flag: 'wx' });
        return new Lock(path, text);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const present = readText(path);
      if (present === undefined) continue;
      const holder = parseHolder(present);
      if (holder !== undefined && isAlive(holder)) return { heldBy: holder.pid };
      moveAway(path, present, token);
    }
    return { heldBy: parseHolder(readText(path) ?? '')?.pid ?? 0 };
  }

  /** True while nobody else has taken the folder over. */
  get isHeld(): boolean {
    return readText(this.path) === this.text;
  }

  release(): void {
    if (this.isHeld) unlinkSync(this.path);
  }
}

/** Removes a stale lock, unless another process was faster and the file is already that one's. */
function moveAway(path: string, stale: string, token: string): void {
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (readText(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(aside);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    if (typeof value?.pid !== 'number' || typeof value.started !== 'string') return undefined;
    return { pid: value.pid, started: value.started, token: String(value.token) };
  } catch {
    // Half-written by a process that died: nobody's lock.
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but another user's.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === '' || started === '' || now === started;
}

/** Start time of a process in clock ticks since boot, where the platform has `/proc`; empty elsewhere. */
function startOf(pid: number): string {
  const stat = process.platform === 'linux' ? readStat(pid) : '';
  // The second field is the name in parentheses and may hold anything; the start time is the 20th after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // No such process, or no /proc: the caller then judges by whether the process answers.
    return '';
  }
}
