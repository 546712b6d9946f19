/** `tributary index`: brings the kept index of a folder up to date, or builds it anew, and says what it did. */
import type { Update } from '../model/analysis';
import { printable } from '../present/terminalText';
import { count } from '../present/wording';
import { analysedFolder } from './folder';
import { Interruption } from './interruption';
import type { CommandLine, OpenedAnalysis } from './machine';
import { EXIT, type IndexOptions } from './options';
import { DisplayLogger, displayFor } from './terminal';

/** Returns the exit code. */
export async function index(options: IndexOptions, machine: CommandLine): Promise<number> {
  const folder = analysedFolder(options, machine);
  if (typeof folder === 'string') {
    machine.stderr.write(`tributary: ${folder}\n`);
    return EXIT.usage;
  }
  const display = displayFor(options, machine);
  const log = new DisplayLogger(options, display);
  const interruption = new Interruption(machine);
  const { token, awaited } = interruption;
  let opened: OpenedAnalysis | undefined;
  try {
    const { path, storage } = folder;
    opened = await machine.openAnalysis({
      roots: [path],
      storage,
      settings: options.settings,
      jobs: options.jobs,
      log,
    });
    const { analysis } = opened;
    const run = {
      onProgress: (progress: Parameters<typeof display.show>[0]) => display.show(progress),
      token,
      awaited,
    };
    const update = await (options.full ? analysis.rebuild(run) : analysis.scan(run));
    if (!update.cancelled) await analysis.idle();
    display.stop();
    if (update.cancelled) {
      display.line('tributary: interrupted; the next run goes on from here');
      return EXIT.interrupted;
    }
    machine.stdout.write(`${describe(update)}\n`);
    if (storage !== undefined) machine.stdout.write(`The index is in ${printable(storage)}\n`);
    return update.failed.length > 0 ? EXIT.failedFiles : EXIT.clean;
  } catch (error) {
    display.stop();
    log.error(`the analysis stopped: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failedFiles;
  } finally {
    interruption.end();
    await opened?.close();
  }
}

function describe({ indexed, removed, unchangedFiles, failed, findings, milliseconds }: Update): string {
  const parts = [`${count(indexed.length, 'file')} indexed`, `${String(unchangedFiles)} unchanged`];
  if (removed.length > 0) parts.push(`${String(removed.length)} removed`);
  if (failed.length > 0) parts.push(`${String(failed.length)} failed`);
  return `${parts.join(', ')}; ${count(findings.total, 'finding')} (${(milliseconds / 1000).toFixed(1)} s).`;
}
