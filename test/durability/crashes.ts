/**
 * Kills a process that indexes and edits, again and again on the same storage folder, and looks at what is left: it opens without a word, holds
 * every batch that was reported as committed, and is brought to what a clean run gives.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { expectSame } from '../property/sameAsClean';
import { Project, randomNumbers } from '../unit/pipeline/project';
import { KEPT, TRAPS, type CrashReport, type CrashTask } from './crashTask';

export interface CrashesSeen {
  /** Processes that were killed, by what they were doing. */
  readonly kills: Record<string, number>;
  /** Processes that were done before. */
  readonly survivors: number;
  readonly comparisons: number;
}

/** What a file may hold: what was committed last, or anything that was written since. Undefined stands for no file. */
type Allowed = Map<string, Set<string | null>>;

const EDITS = 25;

export async function crashRepeatedly(dist: string, count: number, seed: number): Promise<CrashesSeen> {
  const random = randomNumbers(seed);
  const kills: Record<string, number> = {};
  let [survivors, comparisons, killed] = [0, 0, 0];
  while (killed < count) {
    // A new project and a new index after some deaths.
    const history = new History(dist, seed + killed + survivors, 8 + random(25));
    try {
      for (let deaths = 4 + random(8); deaths > 0 && killed < count; deaths--) {
        const how = await history.live(random);
        if (how === undefined) survivors++;
        else {
          killed++;
          kills[how] = (kills[how] ?? 0) + 1;
        }
        await history.checkCommitted();
        // Sometimes the next process has to deal with what is left.
        if (deaths > 1 && killed < count && random(3) === 0) continue;
        await history.compare();
        comparisons++;
      }
    } finally {
      await history.project.remove();
    }
  }
  return { kills, survivors, comparisons };
}

class History {
  readonly project = new Project();
  private readonly folder = this.project.path('project');
  private readonly storage = this.project.path('storage');
  private readonly allowed: Allowed = new Map();
  private readonly log: string[] = [];
  private edits = 0;
  private extracted = 0;

  constructor(
    private readonly dist: string,
    private readonly seed: number,
    private readonly files: number,
  ) {
    mkdirSync(this.folder);
    // The first process may die before it has made anything.
    mkdirSync(this.storage);
    this.project.write({ [`project/${KEPT.path}`]: KEPT.text });
  }

  /** One process, from start to death; what it was doing then, or undefined when it was done before. */
  async live(random: (below: number) => number): Promise<string | undefined> {
    const isTrapped = random(2) === 0;
    const { kind, most } = TRAPS[random(TRAPS.length)];
    const trap = isTrapped ? { kind, number: 1 + random(most) } : undefined;
    const { dist, folder, storage, seed, files, edits: skip } = this;
    const task: CrashTask = { dist, folder, storage, seed, files, skip, edits: EDITS, trap };
    this.log.push(trap === undefined ? 'process' : `process to die at ${trap.kind} ${String(trap.number)}`);
    const child = spawn(process.execPath, [join(dist, 'crashDriver.js'), JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const lines = createInterface({ input: child.stdout });
    const read = new Promise((resolve) => lines.once('close', resolve));
    let last = 'start';
    let started = (): void => undefined;
    const opened = new Promise<void>((resolve) => (started = resolve));
    lines.on('line', (line) => {
      const report = JSON.parse(line) as CrashReport;
      last = this.take(report) ?? last;
      if (report.kind === 'opened') started();
    });
    if (trap === undefined) {
      if (random(4) > 0) await Promise.race([opened, exited]);
      await Promise.race([sleep(random(random(2) === 0 ? 250 : 1_500)), exited]);
      child.kill('SIGKILL');
    }
    const signal = await exited;
    await read;
    this.log.push(`ended by ${String(signal)} after ${last}`);
    return signal === 'SIGKILL' ? (trap === undefined ? last : `trap: ${trap.kind}`) : undefined;
  }

  /** Opens a copy of the index without looking at the project: what was committed is in it. */
  async checkCommitted(): Promise<void> {
    const copy = this.project.path('copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(this.storage, copy, { recursive: true });
    const analysis = await this.project.open({}, copy, [], [this.folder]);
    const indexed = hashesIn(analysis);
    await analysis.close();
    const where = this.log.join(', ');
    expect(this.project.problems, where).toEqual([]);
    for (const [path, hashes] of this.allowed) {
      if (path.endsWith('.json')) continue;
      expect([...hashes], `${path} ${where}`).toContain(indexed.get(path) ?? null);
    }
    expect(indexed.size, where).toBeGreaterThanOrEqual(this.extracted);
  }

  async compare(): Promise<void> {
    const analysis = await this.project.open({}, this.storage, [], [this.folder]);
    await analysis.scan({});
    const where = this.log.join(', ');
    const clean = await this.project.open({}, undefined, [], [this.folder]);
    await clean.scan({});
    await expectSame(analysis, clean, where, true);
    this.allowed.clear();
    for (const [path, hash] of hashesIn(analysis)) this.allowed.set(path, new Set([hash]));
    await clean.close();
    await analysis.close();
    expect(this.project.problems, where).toEqual([]);
  }

  /** Notes a report; gives what the process is at, where that is news. */
  private take(report: CrashReport): string | undefined {
    switch (report.kind) {
      case 'rebuilding':
        for (const hashes of this.allowed.values()) hashes.add(null);
        return 'rebuilding';
      case 'writing':
        this.extracted = 0;
        for (const [path, hash] of Object.entries(report.files)) this.allowedAt(path).add(hash);
        return 'writing files';
      case 'committed':
        for (const [path, hash] of Object.entries(report.files)) this.allowed.set(path, new Set([hash]));
        return 'an update';
      case 'extracted':
        this.extracted = report.done;
        return 'indexing';
      case 'edited':
        this.edits++;
        return 'updating';
      case 'opened':
      case 'idle':
        return report.kind;
      case 'problem':
        this.project.problems.push(report.message);
        return undefined;
    }
  }

  private allowedAt(path: string): Set<string | null> {
    let hashes = this.allowed.get(path);
    // Until it is reported as committed nothing of it needs to be there.
    if (hashes === undefined) this.allowed.set(path, (hashes = new Set([null])));
    return hashes;
  }
}

/** Content hashes of the files that an index holds, by absolute path. */
function hashesIn(analysis: Analysis): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const line of analysis.dump()) {
    const [kind, path = '', hash = ''] = line.split('\t');
    if (kind === 'file') result.set(path, hash.toLowerCase());
  }
  return result;
}
