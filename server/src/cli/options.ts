/**
 * The command line's grammar: what can be typed, what it means, and what `--help` says. Turns arguments into checked
 * options; runs nothing.
 */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { AnalysisSettings } from '../model/analysis';
import type { Severity } from '../model/summary';
import { SEVERITIES } from '../present/report';

export type ReportFormat = 'text' | 'sarif' | 'json';

export interface ScanOptions {
  /** As typed. */
  readonly paths: readonly string[];
  readonly format: ReportFormat;
  /** File for the report; standard output without it. */
  readonly output: string | undefined;
  /** Folder of the index; in memory without it. */
  readonly storage: string | undefined;
  readonly failOn: Severity | 'none';
  readonly settings: AnalysisSettings;
  /** Extraction workers. */
  readonly jobs: number;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export type ParsedArguments =
  | { readonly kind: 'scan'; readonly options: ScanOptions }
  /** Help, the version or an error message has been written already. */
  | { readonly kind: 'done'; readonly exitCode: number };

export interface ArgumentOutput {
  out(text: string): void;
  err(text: string): void;
  readonly columns: number;
}

export const DEFAULT_SETTINGS: AnalysisSettings = {
  threatModels: ['remote'],
  minSeverity: 'low',
  minConfidence: 1,
  exclude: [],
  includeDependencies: false,
  maxFileSize: 1024 * 1024,
};

export const EXIT = { clean: 0, findings: 1, usage: 2, failedFiles: 3, interrupted: 130 } as const;

const THREAT_MODELS = ['remote', 'local', 'library'] as const;
const CONFIDENCES: Readonly<Record<string, 1 | 2 | 3>> = { possible: 1, likely: 2, certain: 3, '1': 1, '2': 2, '3': 3 };
const FORMATS: readonly ReportFormat[] = ['text', 'sarif', 'json'];

const AFTER_HELP = `
Exit codes:
  0  nothing found at or above the severity of --fail-on
  1  findings at or above it
  2  wrong usage, or input that is missing, unreadable or holds nothing to analyse (whatever else was named is scanned)
  3  files failed in analysis (they are listed); counts more than 1, because the result is not whole
  130  interrupted; what was found by then is reported

Examples:
  tributary scan
  tributary scan src --format sarif --output result.sarif --fail-on medium
  tributary scan node_modules/some-package --threat-model library,remote,local
`;

/** `argumentsTyped` without the program's own name. */
export function parseArguments(
  argumentsTyped: readonly string[],
  version: string,
  output: ArgumentOutput,
): ParsedArguments {
  let options: ScanOptions | undefined;
  const program = buildProgram(version, output, (parsed) => (options = parsed));
  try {
    program.parse([...argumentsTyped], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    return { kind: 'done', exitCode: asked ? EXIT.clean : EXIT.usage };
  }
  return options === undefined ? { kind: 'done', exitCode: EXIT.usage } : { kind: 'scan', options };
}

function buildProgram(version: string, output: ArgumentOutput, onScan: (options: ScanOptions) => void): Command {
  // What is set here holds for subcommands created afterwards.
  const program = new Command('tributary')
    .description('Shows where untrusted data flows, from source to sink, across files. Runs on this machine alone.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .showHelpAfterError('(tributary scan --help lists the options)')
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) => output.err(text),
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    });
  program
    .command('scan')
    .description('Analyse folders or files of JavaScript and TypeScript and report taint paths.')
    .argument('[paths...]', 'folders or files (default: the current folder)')
    .addOption(new Option('-f, --format <format>', 'form of the report').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'write the report to a file instead of standard output')
    .addOption(
      new Option(
        '-t, --threat-model <models>',
        'what counts as untrusted, separated by commas: remote (requests and the like), local (arguments, environment, files), library (parameters of what a package exports)',
      )
        .argParser(parseThreatModels)
        .default(DEFAULT_SETTINGS.threatModels, 'remote'),
    )
    .addOption(
      new Option('--min-severity <severity>', 'leave out findings below it')
        .choices(SEVERITIES)
        .default(DEFAULT_SETTINGS.minSeverity),
    )
    .addOption(
      new Option(
        '--min-confidence <confidence>',
        'leave out findings below it: possible, likely or certain (or 1, 2, 3)',
      )
        .argParser(parseConfidence)
        .default(DEFAULT_SETTINGS.minConfidence, 'possible'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there are findings of this severity or above')
        .choices([...SEVERITIES, 'none'])
        .default('high'),
    )
    .option('--storage <folder>', 'keep the index in a folder, so that the next scan only analyses what has changed')
    .option('--no-storage', 'keep nothing (the default: a scan leaves no trace on the machine unless asked to)')
    .option('--exclude <glob...>', 'leave out files, relative to the scanned folder')
    .option('--include-dependencies', 'analyse node_modules, build output and minified files as well')
    .option('--max-file-size <kilobytes>', 'skip larger files', parsePositive, DEFAULT_SETTINGS.maxFileSize / 1024)
    .addOption(
      new Option('-j, --jobs <number>', 'worker threads').argParser(parsePositive).default(defaultJobs(), 'cores − 1'),
    )
    .option('-q, --quiet', 'no progress bar, no notes')
    .option('-v, --verbose', 'say what is being done')
    .addHelpText('after', AFTER_HELP)
    .action((paths: readonly string[], raw: RawOptions) => onScan(checkOptions(paths, raw)));
  return program;
}

/** As commander hands them over; types are what the definitions above make of them. */
interface RawOptions {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly threatModel: readonly string[];
  readonly minSeverity: Severity;
  readonly minConfidence: 1 | 2 | 3;
  readonly failOn: Severity | 'none';
  readonly storage?: string | boolean;
  readonly exclude?: readonly string[];
  readonly includeDependencies?: true;
  readonly maxFileSize: number;
  readonly jobs: number;
  readonly quiet?: true;
  readonly verbose?: true;
}

function checkOptions(paths: readonly string[], raw: RawOptions): ScanOptions {
  return {
    paths: paths.length === 0 ? ['.'] : paths,
    format: raw.format,
    output: raw.output,
    storage: typeof raw.storage === 'string' ? raw.storage : undefined,
    failOn: raw.failOn,
    settings: {
      threatModels: raw.threatModel,
      minSeverity: raw.minSeverity,
      minConfidence: raw.minConfidence,
      exclude: raw.exclude ?? [],
      includeDependencies: raw.includeDependencies ?? false,
      maxFileSize: raw.maxFileSize * 1024,
    },
    jobs: raw.jobs,
    quiet: raw.quiet ?? false,
    verbose: raw.verbose ?? false,
  };
}

function parseThreatModels(text: string): readonly string[] {
  const given = text.split(',').map((model) => model.trim());
  const unknown = given.find((model) => !THREAT_MODELS.some((known) => known === model));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is not a threat model; there are ${THREAT_MODELS.join(', ')}.`);
  }
  return THREAT_MODELS.filter((model) => given.includes(model));
}

function parseConfidence(text: string): 1 | 2 | 3 {
  const confidence = Object.hasOwn(CONFIDENCES, text) ? CONFIDENCES[text] : undefined;
  if (confidence === undefined)
    throw new InvalidArgumentError('Allowed are possible, likely and certain, or 1, 2 and 3.');
  return confidence;
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It has to be a whole number from 1.');
  return value;
}

function defaultJobs(): number {
  return Math.max(1, availableParallelism() - 1);
}
