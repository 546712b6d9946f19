/**
 * `tributary health`: how the kept index of a folder is doing. Changes nothing, unless asked to verify: then the index is
 * brought up to date and compared with a clean build. An index that a process in the background holds is asked for there.
 */
import { existsSync } from 'node:fs';
import * as nodePath from 'node:path';
import { compareDigests, hasOtherFiles } from '../model/digest';
import type { MonitoredAnalysis } from '../model/health';
import { describeVerification, healthJson, healthText, type HealthView, type Verification } from '../present/health';
import { askForHealth, runningWatcher } from './background';
import { analysedFolder, type AnalysedFolder } from './folder';
import { Interruption } from './interruption';
import type { CommandLine } from './machine';
import { EXIT, type HealthOptions } from './options';
import { writeToStream } from './output';
import { DisplayLogger, displayFor } from './terminal';

/** Returns the exit code. */
export async function health(options: HealthOptions, machine: CommandLine): Promise<number> {
  const complain = (text: string): void => void machine.stderr.write(`tributary: ${text}\n`);
  const folder = analysedFolder(options, machine);
  if (typeof folder === 'string') {
    complain(folder);
    return EXIT.usage;
  }
  const { path, storage } = folder;
  const holder = storage === undefined ? undefined : runningWatcher(storage, machine);
  if (storage !== undefined && holder !== undefined) {
    if (options.verify) {
      complain(`process ${String(holder.pid)} is watching ${path}; end it first (tributary watch --stop)`);
      return EXIT.usage;
    }
    const view = await askForHealth(storage, machine);
    if (view === undefined) {
      complain(`process ${String(holder.pid)}, which watches ${path}, does not answer`);
      return EXIT.failedFiles;
    }
    const state = [`Watched by process ${String(holder.pid)} since ${holder.since}.`];
    await show({ ...view, state }, options, machine);
    return EXIT.clean;
  }
  if (storage !== undefined && !options.verify && !hasIndex(storage)) {
    complain(`there is no index of ${path} in ${storage}; tributary index makes one`);
    return EXIT.usage;
  }
  return new HealthRun(options, folder, machine).run();
}

class HealthRun {
  private readonly interruption: Interruption;
  private readonly display;
  private readonly log;

  constructor(
    private readonly options: HealthOptions,
    private readonly folder: AnalysedFolder,
    private readonly machine: CommandLine,
  ) {
    this.display = displayFor(options, machine);
    this.log = new DisplayLogger(options, this.display);
    this.interruption = new Interruption(machine);
  }

  async run(): Promise<number> {
    const { machine, options, folder } = this;
    try {
      return await this.withAnalysis(folder.storage, async (analysis) => {
        const verification = options.verify ? await this.verify(analysis) : undefined;
        this.display.stop();
        if (options.verify && verification === undefined) {
          machine.stderr.write('tributary: interrupted\n');
          return EXIT.interrupted;
        }
        await show(
          { health: await analysis.health(), roots: [folder.path], verification, otherThreads: 0 },
          options,
          machine,
        );
        if (verification !== undefined) machine.stderr.write(`tributary: ${describeVerification(verification)}\n`);
        return exitCodeOf(verification);
      });
    } catch (error) {
      this.display.stop();
      machine.stderr.write(`tributary: ${error instanceof Error ? error.message : String(error)}\n`);
      return EXIT.failedFiles;
    } finally {
      this.interruption.end();
    }
  }

  /** Undefined when it was interrupted. */
  private async verify(analysis: MonitoredAnalysis): Promise<Verification | undefined> {
    const { token, awaited } = this.interruption;
    const run = {
      onProgress: (progress: Parameters<typeof this.display.show>[0]) => this.display.show(progress),
      token,
      awaited,
    };
    await analysis.scan(run);
    const digest = await analysis.digest(token);
    const clean = await this.withAnalysis(undefined, async (other) => {
      await other.scan(run);
      return other.digest(token);
    });
    if (digest === undefined || clean === undefined) return undefined;
    const comparison = compareDigests(digest, clean);
    const at = Date.now();
    if (comparison.different === 0) return { kind: 'equal', at, comparison };
    if (!hasOtherFiles(comparison)) return { kind: 'different', at, comparison };
    const { indexed, removed } = await analysis.scan(run);
    return indexed.length + removed.length > 0 ? { kind: 'changed', at } : { kind: 'different', at, comparison };
  }

  private async withAnalysis<T>(
    storage: string | undefined,
    work: (analysis: MonitoredAnalysis) => Promise<T>,
  ): Promise<T> {
    const { settings, jobs } = this.options;
    const opened = await this.machine.openAnalysis({
      roots: [this.folder.path],
      storage,
      settings,
      jobs,
      log: this.log,
    });
    try {
      return await work(opened.analysis);
    } finally {
      await opened.close();
    }
  }
}

function exitCodeOf(verification: Verification | undefined): number {
  switch (verification?.kind) {
    case undefined:
    case 'equal':
      return EXIT.clean;
    case 'different':
      return EXIT.findings;
    case 'changed':
      return EXIT.failedFiles;
  }
}

async function show(view: HealthView, { json }: HealthOptions, machine: CommandLine): Promise<void> {
  const text = json ? `${JSON.stringify(healthJson(view, machine.version), undefined, 2)}\n` : healthText(view).text;
  await writeToStream(machine.stdout, text);
}

/** The files are those of the store; which of them are whole, only opening it tells. */
function hasIndex(storage: string): boolean {
  return ['index.sqlite', 'changes-0.journal'].some((name) => existsSync(nodePath.join(storage, name)));
}
