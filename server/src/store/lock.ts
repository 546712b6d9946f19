/**
 * The lock of a storage folder: a file that names the process that writes there. A lock whose process is gone (or
 * whose number now belongs to another process) is stale and is replaced. The file appears with its whole content, and
 * only who holds a second lock beside it replaces a stale one, so that two processes never both believe to have it.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { codeOf } from './errors';

interface Holder {
  readonly pid: number;
  /** When the process started, in whatever unit the platform counts; empty where it does not tell. */
  readonly started: string;
  /** Of one process at most one thread works at a time, so a lock of another thread is left over. */
  readonly thread: number;
  readonly host: string;
  /** Tells apart the stores of one thread. */
  readonly token: string;
}

/** Whether a process of another machine is alive can't be seen; it touches its lock, and is gone after so many milliseconds without. */
const SILENCE = 600_000;
/** How often a lock is to be touched. */
export const LOCK_TOUCH_INTERVAL = 60_000;
/** A lock that is not readable, and one on the replacement of a lock, is left over after so many milliseconds. */
const LEFT_OVER = 1_000;

/** What file systems say that have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK'];

export class Lock {
  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** Takes the lock, or tells the process that has it (0: not known). Throws the file system's error where the folder can't be written. */
  static take(path: string): Lock | { readonly heldBy: number } {
    const token = randomUUID();
    const holder: Holder = {
      pid: process.pid,
      started: statOf(process.pid)?.started ?? '',
      thread: threadId,
      host: hostname(),
      token,
    };
    const text = JSON.stringify(holder);
    const own = `${path}.${token}`;
    writeFileSync(own, text, { flag: 'wx' });
    try {
      if (create(path, own, text)) return new Lock(path, text);
      const present = readText(path);
      const other = parseHolder(present ?? '');
      if (present === undefined || !isStale(path, other)) return { heldBy: other?.pid ?? 0 };
      return replace(path, present, own) ? new Lock(path, text) : { heldBy: other?.pid ?? 0 };
    } finally {
      rmSync(own, { force: true });
    }
  }

  /** True while nobody else has taken the folder over. */
  get isHeld(): boolean {
    return readText(this.path) === this.text;
  }

  /** True when nobody has the lock any more, because its file or the whole folder was removed. */
  get isGone(): boolean {
    return readText(this.path) === undefined;
  }

  /** Tells other machines that this process is alive. */
  touch(): void {
    const now = new Date();
    if (this.isHeld) utimesSync(this.path, now, now);
  }

  release(): void {
    if (this.isHeld) unlinkSync(this.path);
  }
}

/** Makes the lock with its whole content at once, where the file system has links. False when there is one. */
function create(path: string, own: string, text: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.includes(codeOf(error))) throw error;
  }
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Puts our lock in the place of a stale one. False when another process is about to, or was faster. */
function replace(path: string, stale: string, own: string): boolean {
  const replacing = `${path}.replacing`;
  try {
    writeFileSync(replacing, '', { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (ageOf(replacing) > LEFT_OVER) rmSync(replacing, { force: true });
    return false;
  }
  try {
    if (readText(path) !== stale) return false;
    renameSync(own, path);
    return true;
  } finally {
    rmSync(replacing, { force: true });
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
    const { pid, started, thread = 0, host = hostname(), token = '' } = value;
    return { pid, started, thread, host, token };
  } catch {
    // Half-written, where the file system has no links, or damaged.
    return undefined;
  }
}

function isStale(path: string, holder: Holder | undefined): boolean {
  if (holder === undefined) return ageOf(path) > LEFT_OVER;
  if (holder.host !== hostname()) return ageOf(path) > SILENCE;
  return !isAlive(holder);
}

/** Milliseconds since a file was written or touched; 0 when it is gone. */
function ageOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}

function isAlive({ pid, started, thread }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but another user's.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const stat = statOf(pid);
  // A process that was killed keeps its number until its parent has taken note.
  if (stat?.state === 'Z' || stat?.state === 'X') return false;
  if (stat !== undefined && started !== '' && stat.started !== started) return false;
  return pid !== process.pid || thread === threadId;
}

interface ProcessStat {
  /** One letter, `Z` for a process that has ended. */
  readonly state: string;
  /** Start time in clock ticks since boot. */
  readonly started: string;
}

/** What the platform tells of a process, where it has `/proc`. */
function statOf(pid: number): ProcessStat | undefined {
  if (process.platform !== 'linux') return undefined;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // No such process, or no /proc: the caller then judges by whether the process answers.
    return undefined;
  }
  // The second field is the name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}
