/**
 * Watching in the background. The watching process holds a lock in the storage folder, which tells whether it lives,
 * and writes there what it is doing; it ends, or tells how its index is doing, when it finds a request that names it. No process is ever sent a
 * signal, so none is ended by mistake, whoever has its number by now; and it works the same on every platform.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import * as nodePath from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { HealthView } from '../present/health';
import { count } from '../present/wording';
import type { AnalysedFolder } from './folder';
import type { CommandLine } from './machine';
import { EXIT, type WatchOptions } from './options';
import { writeFileAtomically } from './output';

const LOCK_FILE = 'watch.lock';
const STATE_FILE = 'watch.json';
const STOP_FILE = 'watch.stop';
const LOG_FILE = 'watch.log';
/** A question for the health of the index, which names the process it is for, and the answer. */
const ASK_FILE = 'watch.ask';
const HEALTH_FILE = 'health.json';
/** A whole index may have to be looked at for it. */
const HEALTH_PATIENCE = 60_000;
/** How often a watching process looks for a request to stop, in milliseconds. */
const LOOK = 200;
/** An update that is under way is finished, or cancelled, within this. */
const STOP_PATIENCE = 20_000;
/** The first index goes on after `--detach` has returned; the process only has to have begun. */
const START_PATIENCE = 30_000;
/** The log starts anew when it is larger. */
const MAX_LOG = 1 << 20;

/** What the watching process says of itself, in `watch.json`. */
export interface WatcherState {
  readonly pid: number;
  /** Tells it apart from an earlier process with its number. */
  readonly token: string;
  readonly folder: string;
  readonly version: string;
  readonly since: string;
  readonly state: 'starting' | 'indexing' | 'watching';
  readonly files: number;
  readonly findings: number;
  readonly last:
    | {
        readonly at: string;
        readonly files: number;
        readonly added: number;
        readonly gone: number;
        readonly milliseconds: number;
      }
    | undefined;
}

/** The right to watch with this storage folder. */
export interface Claim {
  readonly kind: 'held';
  report(change: Partial<Pick<WatcherState, 'state' | 'files' | 'findings' | 'last'>>): void;
  /** Calls back once when another process asks us to stop, and whenever one asks for the health of the index. */
  listen(requests: { readonly stop: () => void; readonly health: () => Promise<HealthView> }): void;
  release(): void;
}

export function claimBackground(
  storage: string,
  folder: string,
  machine: CommandLine,
): Claim | { readonly kind: 'refused'; readonly reason: string } {
  mkdirSync(storage, { recursive: true });
  const lock = machine.takeLock(nodePath.join(storage, LOCK_FILE));
  if ('heldBy' in lock) {
    const reason = `${folder} is watched already, by process ${String(lock.heldBy)} (tributary watch --stop ends it)`;
    return { kind: 'refused', reason };
  }
  const file = (name: string): string => nodePath.join(storage, name);
  const stateFile = file(STATE_FILE);
  const requests = [file(STOP_FILE), file(ASK_FILE), file(HEALTH_FILE)];
  let state: WatcherState = {
    pid: process.pid,
    token: randomUUID(),
    folder,
    version: machine.version,
    since: new Date().toISOString(),
    state: 'starting',
    files: 0,
    findings: 0,
    last: undefined,
  };
  const write = (): void => {
    writeFileAtomically(stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
  };
  let timer: NodeJS.Timeout | undefined;
  for (const request of requests) rmSync(request, { force: true });
  write();
  return {
    kind: 'held',
    report: (change) => {
      state = { ...state, ...change };
      write();
      limitLog(file(LOG_FILE));
    },
    listen: ({ stop: onStop, health }) => {
      timer = setInterval(() => {
        if (isFor(state, file(STOP_FILE))) {
          clearInterval(timer);
          onStop();
        } else if (isFor(state, file(ASK_FILE))) {
          rmSync(file(ASK_FILE), { force: true });
          // Who asked waits in vain, and says so.
          health().then(
            (view) => {
              writeFileAtomically(file(HEALTH_FILE), JSON.stringify(view));
            },
            () => undefined,
          );
        }
      }, LOOK);
    },
    release: () => {
      clearInterval(timer);
      for (const each of [stateFile, ...requests]) rmSync(each, { force: true });
      lock.release();
    },
  };
}

/** `--detach`: starts a process and waits until it watches, or is at its first index. */
export async function detach(options: WatchOptions, folder: AnalysedFolder, machine: CommandLine): Promise<number> {
  const { storage, path } = folder;
  if (storage === undefined) return EXIT.usage;
  const running = runningWatcher(storage, machine);
  if (running !== undefined) {
    machine.stdout.write(`${path} is watched already, by process ${String(running.pid)}.\n`);
    return EXIT.clean;
  }
  mkdirSync(storage, { recursive: true });
  const log = nodePath.join(storage, LOG_FILE);
  limitLog(log);
  const typed = options.typed.filter((argument) => argument !== '--detach' && argument !== '-d');
  const child = machine.startInBackground([...typed, '--detached'], log);
  const end = performance.now() + START_PATIENCE;
  for (;;) {
    const state = readState(storage);
    if (state !== undefined && state.pid === child.pid && state.state !== 'starting') {
      child.leave();
      machine.stdout.write(`Watching ${path} in the background: process ${String(state.pid)}, log ${log}\n`);
      return EXIT.clean;
    }
    if (child.hasEnded || performance.now() > end) {
      child.leave();
      const why = child.hasEnded ? 'ended at once' : 'does not answer';
      machine.stderr.write(`tributary: the background process ${why}; ${log} says more:\n${lastLines(log)}`);
      return EXIT.failedFiles;
    }
    await pause(LOOK / 4);
  }
}

/** `--status`. */
export function showStatus({ storage, path }: AnalysedFolder, machine: CommandLine): number {
  const state = storage === undefined ? undefined : runningWatcher(storage, machine);
  if (state === undefined || storage === undefined) {
    machine.stdout.write(`Nothing watches ${path}.\n`);
    return EXIT.findings;
  }
  const { last } = state;
  const lines = [
    `${path} is watched by process ${String(state.pid)} since ${state.since}.`,
    state.state === 'watching'
      ? `${count(state.files, 'file')}, ${count(state.findings, 'finding')}.`
      : 'The first index is being built.',
    ...(last === undefined
      ? []
      : [
          `Last update at ${last.at}: ${count(last.files, 'file')} changed, ${String(last.added)} new, ${String(last.gone)} gone (${(last.milliseconds / 1000).toFixed(1)} s).`,
        ]),
    `Log: ${nodePath.join(storage, LOG_FILE)}`,
  ];
  machine.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.clean;
}

/** `--stop`: asks the process to end, and waits until it has. */
export async function stop({ storage, path }: AnalysedFolder, machine: CommandLine): Promise<number> {
  const state = storage === undefined ? undefined : runningWatcher(storage, machine);
  if (state === undefined || storage === undefined) {
    machine.stdout.write(`Nothing watches ${path}.\n`);
    return EXIT.findings;
  }
  writeFileAtomically(nodePath.join(storage, STOP_FILE), `${state.token}\n`);
  const end = performance.now() + STOP_PATIENCE;
  while (performance.now() < end) {
    if (runningWatcher(storage, machine)?.token !== state.token) {
      machine.stdout.write(`${path} is not watched any more.\n`);
      return EXIT.clean;
    }
    await pause(LOOK / 2);
  }
  machine.stderr.write(
    `tributary: process ${String(state.pid)} does not end; it is asked to still, and may be ended by hand.\n`,
  );
  return EXIT.failedFiles;
}

/** Asks the process that watches with this storage folder; undefined when it does not answer. */
export async function askForHealth(storage: string, machine: CommandLine): Promise<HealthView | undefined> {
  const answer = nodePath.join(storage, HEALTH_FILE);
  const end = performance.now() + HEALTH_PATIENCE;
  rmSync(answer, { force: true });
  const watcher = runningWatcher(storage, machine);
  if (watcher === undefined) return undefined;
  writeFileAtomically(nodePath.join(storage, ASK_FILE), `${watcher.token}\n`);
  while (performance.now() < end && runningWatcher(storage, machine)?.token === watcher.token) {
    const text = readText(answer);
    if (text !== undefined) {
      rmSync(answer, { force: true });
      return JSON.parse(text) as HealthView;
    }
    await pause(LOOK / 2);
  }
  return undefined;
}

/** What watches with this storage folder; undefined when nothing does, whatever a process that died left behind. */
export function runningWatcher(storage: string, machine: CommandLine): WatcherState | undefined {
  const state = readState(storage);
  if (state === undefined) return undefined;
  const lock = machine.takeLock(nodePath.join(storage, LOCK_FILE));
  if ('heldBy' in lock) return lock.heldBy === state.pid ? state : undefined;
  // Its process is gone.
  rmSync(nodePath.join(storage, STATE_FILE), { force: true });
  lock.release();
  return undefined;
}

function readState(storage: string): WatcherState | undefined {
  const text = readText(nodePath.join(storage, STATE_FILE));
  if (text === undefined) return undefined;
  try {
    const state = JSON.parse(text) as Partial<WatcherState> | null;
    return typeof state?.pid === 'number' && typeof state.token === 'string' ? (state as WatcherState) : undefined;
  } catch {
    // It is written at once and whole, so this is not ours.
    return undefined;
  }
}

/** A request names the process that it is for, so that one that was left behind is for nobody. */
function isFor({ token }: WatcherState, file: string): boolean {
  return readText(file)?.trim() === token;
}

function limitLog(log: string): void {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG) truncateSync(log);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there, or not for us: nobody says anything.
    return undefined;
  }
}

function lastLines(log: string): string {
  return (readText(log) ?? '').split('\n').slice(-10).join('\n');
}
