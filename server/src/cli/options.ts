/**
 * What the commands can be told: checked options of each, their defaults, and how options that several commands share
 * are defined and read. `commands.ts` makes the grammar of them.
 */
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AnalysisSettings, MinConfidence } from '../model/analysis';
import type { Severity } from '../model/summary';
import { SEVERITIES } from '../present/report';

export type ReportFormat = 'text' | 'sarif' | 'json';

/** What is analysed, and how; the same for all commands. */
export interface AnalysisChoice {
  readonly settings: AnalysisSettings;
  /** Extraction workers. */
  readonly jobs: number;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface TraceOptions extends AnalysisChoice {
  /** As typed. */
  readonly file: string;
  /** From 0. */
  readonly line: number;
  /** From 0; undefined for whatever stands on the line. */
  readonly character: number | undefined;
  /** Undefined: what stands at the place decides. */
  readonly direction: 'to' | 'from' | undefined;
  readonly format: 'text' | 'json';
  /** What is analysed; the folder around the file without it. */
  readonly folder: string | undefined;
  /** Folder of the index; in memory without it. */
  readonly storage: string | undefined;
}

export interface ScanOptions extends AnalysisChoice {
  /** As typed. */
  readonly paths: readonly string[];
  readonly format: ReportFormat;
  /** File for the report; standard output without it. */
  readonly output: string | undefined;
  /** Folder of the index; in memory without it. */
  readonly storage: string | undefined;
  readonly failOn: Severity | 'none';
  /** Report what concerns the files changed against this revision of git; undefined reports everything. */
  readonly changedSince: string | undefined;
}

/** `given`: a folder as typed. `default`: the analysed folder's own, in the user's cache. `none`: in memory. */
export type StorageChoice =
  { readonly kind: 'given'; readonly folder: string } | { readonly kind: 'default' } | { readonly kind: 'none' };

/** Of commands that keep an index of one folder. */
export interface FolderOptions extends AnalysisChoice {
  /** As typed. */
  readonly folder: string;
  readonly storage: StorageChoice;
}

export interface WatchOptions extends FolderOptions {
  readonly action: 'watch' | 'detach' | 'status' | 'stop';
  /** As they were typed: what a process in the background is started with. */
  readonly typed: readonly string[];
  /** Set for the process in the background. */
  readonly isDetached: boolean;
}

export interface IndexOptions extends FolderOptions {
  /** Build it anew instead of bringing it up to date. */
  readonly full: boolean;
}

export interface HealthOptions extends FolderOptions {
  readonly json: boolean;
  /** Compare the index with a clean build. */
  readonly verify: boolean;
}

export const DEFAULT_SETTINGS: AnalysisSettings = {
  threatModels: ['remote'],
  minSeverity: 'low',
  minConfidence: 1,
  exclude: [],
  includeDependencies: false,
  maxFileSize: 1024 * 1024,
  explainUpdates: false,
  incremental: true,
};

export const EXIT = { clean: 0, findings: 1, usage: 2, failedFiles: 3, interrupted: 130 } as const;

const THREAT_MODELS = ['remote', 'local', 'library', 'environment'] as const;
const CONFIDENCES: Readonly<Record<string, MinConfidence>> = {
  unlikely: 0,
  possible: 1,
  likely: 2,
  certain: 3,
  '0': 0,
  '1': 1,
  '2': 2,
  '3': 3,
};

/** As commander hands them over; types are what the definitions below make of them. */
export interface RawAnalysisOptions {
  readonly threatModel: readonly string[];
  readonly minSeverity: Severity;
  readonly minConfidence: MinConfidence;
  readonly exclude?: readonly string[];
  readonly includeDependencies?: true;
  readonly maxFileSize: number;
  readonly jobs: number;
  readonly quiet?: true;
  readonly verbose?: true;
}

export function addAnalysisOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-t, --threat-model <models>',
        'what counts as untrusted, separated by commas: remote (requests and the like), local (arguments, files), library (parameters of what a package exports), environment (variables of the environment)',
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
        'leave out findings below it: unlikely, possible, likely or certain (or 0, 1, 2, 3)',
      )
        .argParser(parseConfidence)
        .default(DEFAULT_SETTINGS.minConfidence, 'possible'),
    )
    .option('--exclude <glob...>', 'leave out files, relative to the scanned folder')
    .option('--include-dependencies', 'analyse node_modules, build output and minified files as well')
    .option('--max-file-size <kilobytes>', 'skip larger files', parsePositive, DEFAULT_SETTINGS.maxFileSize / 1024)
    .addOption(
      new Option('-j, --jobs <number>', 'worker threads').argParser(parsePositive).default(defaultJobs(), 'cores − 1'),
    )
    .option('-q, --quiet', 'no progress bar, no notes')
    .option('-v, --verbose', 'say what is being done');
}

export function analysisChoice(raw: RawAnalysisOptions): AnalysisChoice {
  return {
    settings: {
      ...DEFAULT_SETTINGS,
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

/** Without the option it is true, as commander has it for an option that can be negated. */
export function storageChoice(storage: string | boolean | undefined): StorageChoice {
  if (typeof storage === 'string') return { kind: 'given', folder: storage };
  return storage === false ? { kind: 'none' } : { kind: 'default' };
}

function parseThreatModels(text: string): readonly string[] {
  const given = text.split(',').map((model) => model.trim());
  const unknown = given.find((model) => !THREAT_MODELS.some((known) => known === model));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is not a threat model; there are ${THREAT_MODELS.join(', ')}.`);
  }
  return THREAT_MODELS.filter((model) => given.includes(model));
}

function parseConfidence(text: string): MinConfidence {
  const confidence = Object.hasOwn(CONFIDENCES, text) ? CONFIDENCES[text] : undefined;
  if (confidence === undefined)
    throw new InvalidArgumentError('Allowed are unlikely, possible, likely and certain, or 0, 1, 2 and 3.');
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
