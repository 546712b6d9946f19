/**
 * `tributary scan`: opens an analysis over the inputs, brings it up to date, and writes one report. Everything about
 * the machine that tests replace (streams, clock, the analysis itself) comes in by `CommandLine`.
 */
import * as nodePath from 'node:path';
import type { ResolvedFinding } from '../model/finding';
import type { Severity } from '../model/summary';
import { toJson } from '../present/json';
import { compareFindings, compareTexts, isNew, isTroubled, type ScanReport } from '../present/report';
import { pathInRoot } from '../present/rootPaths';
import { toSarif } from '../present/sarif';
import { toText } from '../present/text';
import { compareSeverity, count } from '../present/wording';
import { scanChanges, type Scanned, type ScanRun } from './changed';
import { GitError } from './git';
import { resolveInputs, type ScanInputs } from './inputs';
import { Interruption } from './interruption';
import { EXIT, type ScanOptions } from './options';
import { outputProblem, writeFileAtomically, writeToStream } from './output';
import type { CommandLine, OpenedAnalysis } from './machine';
import { sourceLines } from './sourceLines';
import { DisplayLogger, displayFor, usesColors } from './terminal';

/** Returns the exit code. */
export async function scan(options: ScanOptions, machine: CommandLine): Promise<number> {
  const complain = (text: string): void => void machine.stderr.write(`tributary: ${text}\n`);
  const output = options.output === undefined ? undefined : nodePath.resolve(machine.workingFolder, options.output);
  const problem = output === undefined ? undefined : outputProblem(output);
  if (problem !== undefined) {
    complain(problem);
    return EXIT.usage;
  }
  const inputs = resolveInputs(options.paths, machine.workingFolder);
  for (const text of inputs.problems) complain(text);
  if (inputs.roots.length === 0) return EXIT.usage;

  const outcome = await analyse(options, inputs, machine);
  if (outcome.kind === 'broken') {
    complain(outcome.message);
    return outcome.exitCode;
  }
  const { report, warned } = outcome;
  // A text report on the terminal lists the failed files itself.
  const listFailed = options.format !== 'text' || output !== undefined;
  for (const text of notesOn(report, inputs, warned, listFailed)) complain(text);
  const text = format(report, options, output === undefined && usesColors(machine));
  if (output === undefined) {
    if (!(await writeToStream(machine.stdout, text))) return report.exitCode;
  } else {
    writeFileAtomically(output, text);
    if (!options.quiet) complain(`${count(report.findings.length, 'finding')} written to ${options.output ?? output}`);
  }
  return report.exitCode;
}

/** `warned`: the user has been told of something that is wrong. */
type Outcome =
  | { readonly kind: 'done'; readonly report: ScanReport; readonly warned: boolean }
  | { readonly kind: 'broken'; readonly message: string; readonly exitCode: number };

async function analyse(options: ScanOptions, inputs: ScanInputs, machine: CommandLine): Promise<Outcome> {
  const display = displayFor(options, machine);
  const log = new DisplayLogger(options, display);
  const interruption = new Interruption(machine);
  const { token, awaited } = interruption;
  const startedAt = new Date();
  let opened: OpenedAnalysis | undefined;
  try {
    opened = await machine.openAnalysis({
      roots: inputs.roots,
      storage: options.storage === undefined ? undefined : nodePath.resolve(machine.workingFolder, options.storage),
      settings: options.settings,
      jobs: options.jobs,
      log,
    });
    const { analysis } = opened;
    const run: ScanRun = {
      ...(inputs.paths === undefined ? {} : { paths: inputs.paths }),
      onProgress: (progress) => display.show(progress),
      token,
      awaited,
    };
    const scanned =
      options.changedSince === undefined
        ? { cancelled: (await analysis.scan(run)).cancelled, findings: analysis.allFindings() }
        : await scanChanges(analysis, inputs.roots, options.changedSince, run);
    const endedAt = new Date();
    const report: ScanReport = {
      toolVersion: machine.version,
      roots: inputs.roots,
      settings: options.settings,
      findings: sorted(scanned),
      ...(scanned.changes === undefined ? {} : { changes: scanned.changes }),
      troubledFiles: analysis
        .statuses()
        .filter(isTroubled)
        .sort((a, b) => compareTexts(a.path, b.path)),
      statistics: analysis.statistics(),
      stages: analysis.stages(),
      startedAt,
      endedAt,
      cancelled: scanned.cancelled,
      exitCode: EXIT.clean,
    };
    if (options.storage !== undefined && !scanned.cancelled) await analysis.idle();
    const exitCode = exitCodeOf(report, inputs, options.failOn);
    return { kind: 'done', report: { ...report, exitCode }, warned: log.warned };
  } catch (error) {
    if (error instanceof GitError) return { kind: 'broken', message: error.message, exitCode: EXIT.usage };
    const detail =
      error instanceof Error ? (options.verbose ? (error.stack ?? error.message) : error.message) : String(error);
    return { kind: 'broken', message: `the analysis stopped: ${detail}`, exitCode: EXIT.failedFiles };
  } finally {
    interruption.end();
    display.stop();
    await opened?.close();
  }
}

function exitCodeOf(report: ScanReport, inputs: ScanInputs, failOn: Severity | 'none'): number {
  if (report.cancelled) return EXIT.interrupted;
  if (inputs.problems.length > 0 || nothingAnalysed(report)) return EXIT.usage;
  if (report.statistics.files.failed > 0) return EXIT.failedFiles;
  const counted = report.findings.filter((finding) => isNew(report, finding) !== false);
  return counted.some((finding) => isAtLeast(finding, failOn)) ? EXIT.findings : EXIT.clean;
}

/** What is new comes first, where that is known. */
function sorted({ findings, changes }: Scanned): ResolvedFinding[] {
  const rank = ({ fingerprint }: ResolvedFinding): number => (changes?.added.has(fingerprint) === false ? 1 : 0);
  return [...findings].sort((a, b) => rank(a) - rank(b) || compareFindings(a, b));
}

function isAtLeast({ severity }: ResolvedFinding, threshold: Severity | 'none'): boolean {
  return threshold !== 'none' && compareSeverity(severity, threshold) <= 0;
}

function nothingAnalysed({ statistics: { files } }: ScanReport): boolean {
  return files.indexed + files.partial + files.failed === 0;
}

/** What the user has to know beside the report, on standard error: it is seen also when the report goes elsewhere. */
function notesOn(report: ScanReport, inputs: ScanInputs, warned: boolean, listFailed: boolean): string[] {
  const { files } = report.statistics;
  if (report.cancelled) return ['interrupted'];
  if (nothingAnalysed(report)) {
    const where = (inputs.paths ?? inputs.roots).join(', ');
    if (files.skipped === 0 && warned) return [];
    if (files.skipped === 0) return [`nothing to analyse in ${where}: no JavaScript or TypeScript files were found`];
    return [
      `nothing was analysed in ${where}: ${count(files.skipped, 'file')} skipped (for build output and minified files there is --include-dependencies)`,
    ];
  }
  if (!listFailed) return [];
  const failed = report.troubledFiles.filter(({ state }) => state === 'failed');
  return failed.map(({ path, reason }) => {
    const root = report.roots.find((folder) => pathInRoot(folder, path) !== undefined);
    return `${(root && pathInRoot(root, path)) ?? path}: ${reason}`;
  });
}

function format(report: ScanReport, options: ScanOptions, colors: boolean): string {
  const lineOf = sourceLines();
  switch (options.format) {
    case 'text':
      return toText(report, { colors, lineOf });
    case 'json':
      return `${JSON.stringify(toJson(report), undefined, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(toSarif(report, lineOf), undefined, 2)}\n`;
  }
}
