/**
 * The command line's grammar: what can be typed, what it means, and what `--help` says. Turns arguments into checked
 * options; runs nothing.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Severity } from '../model/summary';
import { SEVERITIES } from '../present/report';
import {
  addAnalysisOptions,
  analysisChoice,
  EXIT,
  storageChoice,
  type HealthOptions,
  type IndexOptions,
  type RawAnalysisOptions,
  type ReportFormat,
  type ScanOptions,
  type TraceOptions,
  type WatchOptions,
} from './options';

export type ParsedArguments =
  | { readonly kind: 'scan'; readonly options: ScanOptions }
  | { readonly kind: 'trace'; readonly options: TraceOptions }
  | { readonly kind: 'watch'; readonly options: WatchOptions }
  | { readonly kind: 'index'; readonly options: IndexOptions }
  | { readonly kind: 'health'; readonly options: HealthOptions }
  /** Help, the version or an error message has been written already. */
  | { readonly kind: 'done'; readonly exitCode: number };

export interface ArgumentOutput {
  out(text: string): void;
  err(text: string): void;
  readonly columns: number;
}

const FORMATS: readonly ReportFormat[] = ['text', 'sarif', 'json'];

const AFTER_SCAN = `
Exit codes:
  0  nothing found at or above the severity of --fail-on
  1  findings at or above it (with --changed: new ones)
  2  wrong usage, or input that is missing, unreadable or holds nothing to analyse (whatever else was named is scanned)
  3  files failed in analysis (they are listed); counts more than 1, because the result is not whole
  130  interrupted; what was found by then is reported

Examples:
  tributary scan
  tributary scan src --format sarif --output result.sarif --fail-on medium
  tributary scan --changed --base main
  tributary scan node_modules/some-package --threat-model library,remote,local
`;

const AFTER_TRACE = `
Sources of all threat models count, and parameters of functions that nobody here calls, or that are exported; --threat-model
only says which of them would be findings.

Exit codes:
  0  answered
  2  wrong usage, or neither a source nor a sink stands there (what is near is said)
  3  the analysis stopped
  130  interrupted

Examples:
  tributary trace src/run.js:3
  tributary trace src/server.js:12:20 --from --format json
`;

const AFTER_WATCH = `
Exit codes:
  0  ended by Ctrl+C or --stop; with --detach: it runs; with --status: it runs
  1  with --status and --stop: nothing watches the folder
  2  wrong usage, or the folder is watched already
  3  the analysis stopped
`;

const AFTER_HEALTH = `
Exit codes:
  0  the index is there; with --verify: and equals a clean build
  1  with --verify: it differs from a clean build
  2  wrong usage, or there is no index
  3  the index could not be read, or the clean build failed
`;

/** `argumentsTyped` without the program's own name. */
export function parseArguments(
  argumentsTyped: readonly string[],
  version: string,
  output: ArgumentOutput,
): ParsedArguments {
  let parsed: ParsedArguments = { kind: 'done', exitCode: EXIT.usage };
  const program = buildProgram(version, output);
  addScan(program, (options) => (parsed = { kind: 'scan', options }));
  addTrace(program, (options) => (parsed = { kind: 'trace', options }));
  addWatch(program, argumentsTyped, (options) => (parsed = { kind: 'watch', options }));
  addIndex(program, (options) => (parsed = { kind: 'index', options }));
  addHealth(program, (options) => (parsed = { kind: 'health', options }));
  try {
    program.parse([...argumentsTyped], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    return { kind: 'done', exitCode: asked ? EXIT.clean : EXIT.usage };
  }
  return parsed;
}

function buildProgram(version: string, output: ArgumentOutput): Command {
  // What is set here holds for subcommands created afterwards.
  return new Command('tributary')
    .description('Shows where untrusted data flows, from source to sink, across files. Runs on this machine alone.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .showHelpAfterError('(--help after a command lists its options)')
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) => output.err(text),
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    });
}

interface RawScanOptions extends RawAnalysisOptions {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly failOn: Severity | 'none';
  readonly storage?: string | boolean;
  readonly changed?: true;
  readonly base?: string;
}

function addScan(program: Command, onParsed: (options: ScanOptions) => void): void {
  const scan = program
    .command('scan')
    .description('Analyse folders or files of JavaScript and TypeScript and report taint paths.')
    .argument('[paths...]', 'folders or files (default: the current folder)')
    .addOption(new Option('-f, --format <format>', 'form of the report').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'write the report to a file instead of standard output')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there are findings of this severity or above')
        .choices([...SEVERITIES, 'none'])
        .default('high'),
    )
    .option(
      '--changed',
      'report only what concerns files that were changed since the last commit of git, and what they changed elsewhere; what is new comes first',
    )
    .option('--base <revision>', 'with --changed: since the current branch left this branch, tag or commit')
    .option('--storage <folder>', 'keep the index in a folder, so that the next scan only analyses what has changed')
    .option('--no-storage', 'keep nothing (the default: a scan leaves no trace on the machine unless asked to)');
  addAnalysisOptions(scan)
    .addHelpText('after', AFTER_SCAN)
    .action((paths: readonly string[], raw: RawScanOptions) => {
      if (raw.base !== undefined && raw.changed !== true)
        scan.error('error: --base only means something with --changed');
      onParsed({
        ...analysisChoice(raw),
        paths: paths.length === 0 ? ['.'] : paths,
        format: raw.format,
        output: raw.output,
        storage: typeof raw.storage === 'string' ? raw.storage : undefined,
        failOn: raw.failOn,
        changedSince: raw.changed === true ? (raw.base ?? 'HEAD') : undefined,
      });
    });
}

interface RawTraceOptions extends RawAnalysisOptions {
  readonly to?: true;
  readonly from?: true;
  readonly format: 'text' | 'json';
  readonly folder?: string;
  readonly storage?: string | boolean;
}

interface TypedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
}

function addTrace(program: Command, onParsed: (options: TraceOptions) => void): void {
  const trace = program
    .command('trace')
    .description('Show all that can reach a sink, or all sinks that a source or parameter reaches, step by step.')
    .argument('<place>', 'file:line or file:line:column, counted from 1', parsePlace)
    .addOption(new Option('--to', 'what can reach the sink there').conflicts('from'))
    .option('--from', 'what the source there reaches (default: the sink if there is one, else the source)')
    .addOption(new Option('-f, --format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .option('--folder <folder>', 'what is analysed (default: the current folder, or that of the file outside of it)')
    .option('--storage <folder>', 'keep the index in a folder, so that the next command only analyses what has changed')
    .option('--no-storage', 'keep nothing (the default)');
  addAnalysisOptions(trace)
    .addHelpText('after', AFTER_TRACE)
    .action(({ file, line, column }: TypedPlace, raw: RawTraceOptions) => {
      onParsed({
        ...analysisChoice(raw),
        file,
        line: line - 1,
        character: column === undefined ? undefined : column - 1,
        direction: raw.to === true ? 'to' : raw.from === true ? 'from' : undefined,
        format: raw.format,
        folder: raw.folder,
        storage: typeof raw.storage === 'string' ? raw.storage : undefined,
      });
    });
}

function parsePlace(text: string): TypedPlace {
  const [, file, line, column] = /^(.+?):(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (file === undefined || Number(line) < 1 || Number(column ?? 1) < 1)
    throw new InvalidArgumentError('It has to be file:line or file:line:column, counted from 1.');
  return { file, line: Number(line), column: column === undefined ? undefined : Number(column) };
}

interface RawFolderOptions extends RawAnalysisOptions {
  readonly storage?: string | boolean;
}

function addFolderCommand(program: Command, name: string, description: string): Command {
  const command = program
    .command(name)
    .description(description)
    .argument('[folder]', 'the folder (default: the current one)', '.')
    .option('--storage <folder>', "keep the index there instead of in the user's cache")
    .option('--no-storage', 'keep the index in memory only');
  return addAnalysisOptions(command);
}

function folderOptions(folder: string, raw: RawFolderOptions): Omit<IndexOptions, 'full'> {
  return { ...analysisChoice(raw), folder, storage: storageChoice(raw.storage) };
}

interface RawWatchOptions extends RawFolderOptions {
  readonly detach?: true;
  readonly status?: true;
  readonly stop?: true;
  readonly detached?: true;
}

function addWatch(program: Command, typed: readonly string[], onParsed: (options: WatchOptions) => void): void {
  const watch = addFolderCommand(
    program,
    'watch',
    'Keep the index of a folder up to date, and print findings that appear and vanish.',
  )
    .addOption(new Option('-d, --detach', 'do so in the background').conflicts(['status', 'stop']))
    .addOption(new Option('--status', 'say what the background is doing').conflicts('stop'))
    .option('--stop', 'end the background')
    .addOption(new Option('--detached', 'is the background').hideHelp())
    .addHelpText('after', AFTER_WATCH);
  watch.action((folder: string, raw: RawWatchOptions) => {
    const isManaged = raw.detach === true || raw.status === true || raw.stop === true;
    if (isManaged && raw.storage === false) watch.error('error: the background needs a folder for its index');
    onParsed({
      ...folderOptions(folder, raw),
      action: raw.detach === true ? 'detach' : raw.status === true ? 'status' : raw.stop === true ? 'stop' : 'watch',
      typed,
      isDetached: raw.detached === true,
    });
  });
}

function addIndex(program: Command, onParsed: (options: IndexOptions) => void): void {
  addFolderCommand(program, 'index', 'Bring the index of a folder up to date, without a report.')
    .option('--full', 'build it anew')
    .action((folder: string, raw: RawFolderOptions & { readonly full?: true }) => {
      onParsed({ ...folderOptions(folder, raw), full: raw.full === true });
    });
}

function addHealth(program: Command, onParsed: (options: HealthOptions) => void): void {
  addFolderCommand(program, 'health', 'Say what is in the index of a folder, and how it is doing.')
    .option('--json', 'as JSON')
    .option('--verify', 'compare it with a clean build, which takes as long as one')
    .addHelpText('after', AFTER_HEALTH)
    .action((folder: string, raw: RawFolderOptions & { readonly json?: true; readonly verify?: true }) => {
      onParsed({ ...folderOptions(folder, raw), json: raw.json === true, verify: raw.verify === true });
    });
}
