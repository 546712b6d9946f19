/**
 * `tributary watch`: keeps the index of a folder up to date and prints which findings appear and vanish. Changes are
 * gathered until a burst is over, so that a checkout of another branch is one update. In the background the same runs
 * as a process of its own, which `background.ts` starts, asks and ends.
 */
import type { Update } from '../model/analysis';
import type { ResolvedFinding } from '../model/finding';
import type { MonitoredAnalysis } from '../model/health';
import { Burst, FILE_BURST, type BurstLimits } from '../base/burst';
import { findingLine } from '../present/findingLine';
import type { HealthView } from '../present/health';
import { compareFindings, reportName } from '../present/report';
import { printable } from '../present/terminalText';
import { count } from '../present/wording';
import { claimBackground, detach, showStatus, stop, type Claim } from './background';
import { analysedFolder, type AnalysedFolder } from './folder';
import { Interruption } from './interruption';
import type { CommandLine, OpenedAnalysis } from './machine';
import { EXIT, type WatchOptions } from './options';
import type { ProgressDisplay } from './progressBar';
import { DisplayLogger, displayFor } from './terminal';

/** Quiet time after which housekeeping is done, in milliseconds. */
const IDLE_DELAY = 5_000;
const IDLE_INTERVAL = 60 * 60 * 1000;
/** Where the system tells no changes, the disk is looked at this often, or ten times as long as a look takes. */
const LOOK_INTERVAL = 5_000;
const LOOK_SHARE = 10;

/** Returns the exit code. */
export async function watch(options: WatchOptions, machine: CommandLine): Promise<number> {
  const complain = (text: string): void => void machine.stderr.write(`tributary: ${text}\n`);
  const folder = analysedFolder(options, machine);
  if (typeof folder === 'string') {
    complain(folder);
    return EXIT.usage;
  }
  switch (options.action) {
    case 'watch':
      return watchHere(options, folder, machine);
    case 'detach':
      return detach(options, folder, machine);
    case 'status':
      return showStatus(folder, machine);
    case 'stop':
      return stop(folder, machine);
  }
}

async function watchHere(options: WatchOptions, folder: AnalysedFolder, machine: CommandLine): Promise<number> {
  const claim = folder.storage === undefined ? undefined : claimBackground(folder.storage, folder.path, machine);
  if (claim?.kind === 'refused') {
    machine.stderr.write(`tributary: ${claim.reason}\n`);
    return EXIT.usage;
  }
  const run = new WatchRun(options, folder, machine, claim);
  try {
    return await run.untilStopped();
  } finally {
    claim?.release();
  }
}

/** What the tests change. */
export interface WatchTimes {
  readonly burst: BurstLimits;
}

export class WatchRun {
  private readonly display: ProgressDisplay;
  private readonly log: DisplayLogger;
  private readonly interruption: Interruption;
  private readonly burst: Burst<string>;
  private opening: Promise<OpenedAnalysis> | undefined;
  private known: ReadonlyMap<string, ResolvedFinding> = new Map();
  private isFirst = true;
  private idleTimer: NodeJS.Timeout | undefined;
  private lookTimer: NodeJS.Timeout | undefined;
  private end: (exitCode: number) => void = () => undefined;

  constructor(
    private readonly options: WatchOptions,
    private readonly folder: AnalysedFolder,
    private readonly machine: CommandLine,
    private readonly claim: Claim | undefined,
    times: WatchTimes = { burst: FILE_BURST },
  ) {
    this.display = displayFor(options, machine);
    this.log = new DisplayLogger(options, this.display);
    this.burst = new Burst((paths) => this.deal(paths), times.burst);
    this.interruption = new Interruption(machine, () => {
      this.stopNow();
    });
  }

  /** Watches until the user, or another process, says to stop, or the analysis fails. Gives the exit code. */
  async untilStopped(): Promise<number> {
    const ended = new Promise<number>((resolve) => (this.end = resolve));
    this.claim?.listen({ stop: () => this.stopNow(), health: () => this.health() });
    let watching: { close(): Promise<void> } | undefined;
    try {
      const { path } = this.folder;
      // First of all, so that nothing that changes during the first look is missed.
      watching = await this.machine.watchFolders({
        roots: [path],
        settings: this.options.settings,
        onChange: (changed) => {
          this.burst.add(changed);
        },
        onBlind: (reason) => {
          this.display.line(`tributary: ${reason} The folder is looked at every few seconds instead.`);
          this.lookLater(0);
        },
      });
      await this.look();
      if (!this.interruption.token.isCancelled) this.display.line(`Watching ${printable(path)}. Ctrl+C ends it.`);
      return await ended;
    } catch (error) {
      this.fail(error);
      return EXIT.failedFiles;
    } finally {
      this.interruption.end();
      clearTimeout(this.idleTimer);
      clearTimeout(this.lookTimer);
      await watching?.close();
      await this.burst.close();
      this.display.stop();
      await this.closeAnalysis();
    }
  }

  private stopNow(): void {
    this.interruption.token.isCancelled = true;
    this.end(EXIT.clean);
  }

  /** Brings everything in line with the disk. */
  private async look(): Promise<void> {
    const { analysis } = await (this.opening ??= this.open());
    const { token, awaited } = this.interruption;
    const started = performance.now();
    this.claim?.report({ state: 'indexing' });
    const update = await analysis.scan({ onProgress: (progress) => this.display.show(progress), token, awaited });
    this.display.stop();
    if (!update.cancelled) this.tell(analysis, update, performance.now() - started);
  }

  /** One burst: one update. */
  private async deal(paths: readonly string[]): Promise<void> {
    clearTimeout(this.idleTimer);
    try {
      if (paths.some((path) => this.machine.isOwnModel(path))) {
        this.display.line('Models of the folder changed; the analysis is opened anew with them.');
        await this.closeAnalysis();
        await this.look();
        return;
      }
      const { analysis } = await (this.opening ??= this.open());
      const started = performance.now();
      const update = await analysis.update(paths, { token: this.interruption.token });
      if (!update.cancelled) this.tell(analysis, update, performance.now() - started);
    } catch (error) {
      this.fail(error);
      this.end(EXIT.failedFiles);
    }
  }

  private tell(analysis: MonitoredAnalysis, update: Update, milliseconds: number): void {
    const { display } = this;
    const roots = [this.folder.path];
    for (const { path, reason } of update.failed) display.line(`! ${printable(reportName(roots, path))}: ${reason}`);
    const changed = update.indexed.length + update.removed.length;
    const files = changed + update.unchangedFiles;
    if (this.isFirst) {
      this.isFirst = false;
      this.known = byFingerprint(analysis.allFindings());
      const which = update.indexed.length < files ? ` (${String(update.indexed.length)} changed)` : '';
      display.line(`${count(files, 'file')}${which}, ${count(this.known.size, 'finding')} (${seconds(milliseconds)}).`);
      this.claim?.report({ state: 'watching', files, findings: this.known.size });
    } else {
      const { added, gone } = this.tellFindings(analysis, changed, milliseconds);
      const last = { at: new Date().toISOString(), files: changed, added, gone, milliseconds };
      this.claim?.report({ state: 'watching', files, findings: this.known.size, last });
    }
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => void this.rest(analysis), IDLE_DELAY);
  }

  /** Prints which findings appeared and vanished, and counts them. */
  private tellFindings(
    analysis: MonitoredAnalysis,
    changed: number,
    milliseconds: number,
  ): { readonly added: number; readonly gone: number } {
    const { display, known } = this;
    const roots = [this.folder.path];
    const now = byFingerprint(analysis.allFindings());
    const added = [...now.values()].filter(({ fingerprint }) => !known.has(fingerprint)).sort(compareFindings);
    const gone = [...known.values()].filter(({ fingerprint }) => !now.has(fingerprint)).sort(compareFindings);
    this.known = now;
    if (changed + added.length + gone.length > 0) {
      const time = new Date().toTimeString().slice(0, 8);
      const news = `${String(added.length)} new, ${String(gone.length)} gone, ${count(now.size, 'finding')} in all`;
      display.line(`${time}  ${count(changed, 'file')} changed: ${news} (${seconds(milliseconds)})`);
      for (const finding of added) display.line(`  + ${findingLine(roots, finding)}`);
      for (const finding of gone) display.line(`  - ${findingLine(roots, finding)}`);
    }
    return { added: added.length, gone: gone.length };
  }

  /** Housekeeping, again now and then: some of it is due after a day. What it finds to be out of date is told. */
  private async rest(analysis: MonitoredAnalysis): Promise<void> {
    try {
      const started = performance.now();
      const affected = await analysis.idle();
      if (this.interruption.token.isCancelled) return;
      if (affected.length > 0) this.tellFindings(analysis, affected.length, performance.now() - started);
      this.idleTimer = setTimeout(() => void this.rest(analysis), IDLE_INTERVAL);
    } catch (error) {
      this.log.error(`Housekeeping of the index failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async health(): Promise<HealthView> {
    const { analysis } = await (this.opening ??= this.open());
    return { health: await analysis.health(), roots: [this.folder.path], otherThreads: 0 };
  }

  private lookLater(took: number): void {
    this.lookTimer = setTimeout(
      () => {
        const started = performance.now();
        void this.look()
          .catch((error: unknown) => {
            this.fail(error);
            this.end(EXIT.failedFiles);
          })
          .finally(() => {
            if (!this.interruption.token.isCancelled) this.lookLater(performance.now() - started);
          });
      },
      Math.max(LOOK_INTERVAL, took * LOOK_SHARE),
    );
  }

  private async closeAnalysis(): Promise<void> {
    const { opening } = this;
    this.opening = undefined;
    await (await opening)?.close();
  }

  private open(): Promise<OpenedAnalysis> {
    const { settings, jobs } = this.options;
    const { path, storage } = this.folder;
    return this.machine.openAnalysis({ roots: [path], storage, settings, jobs, log: this.log });
  }

  private fail(error: unknown): void {
    this.display.stop();
    this.log.error(`the analysis stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function byFingerprint(findings: readonly ResolvedFinding[]): ReadonlyMap<string, ResolvedFinding> {
  return new Map(findings.map((finding) => [finding.fingerprint, finding]));
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
