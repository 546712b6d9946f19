/**
 * The `tributary` section of the client's configuration, checked. Whatever a client sends, the result is usable: a
 * value that is not understood falls back to its default and is named in `problems`, so that it can be logged.
 */
import type { AnalysisSettings, MinConfidence } from '../model/analysis';
import type { Severity } from '../model/summary';

export interface Settings {
  readonly enable: boolean;
  readonly analysis: AnalysisSettings;
  /** Heap limit of the analysis thread in megabytes. */
  readonly maxMemory: number;
}

export const DEFAULT_SETTINGS: Settings = {
  enable: true,
  analysis: {
    threatModels: ['remote'],
    minSeverity: 'low',
    minConfidence: 1,
    exclude: [],
    includeDependencies: false,
    maxFileSize: 1024 * 1024,
    explainUpdates: false,
    incremental: true,
  },
  maxMemory: 2048,
};

const THREAT_MODELS = ['remote', 'local', 'library', 'environment'];
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'note'];
const CONFIDENCES: Readonly<Record<string, MinConfidence>> = { unlikely: 0, possible: 1, likely: 2, certain: 3 };
const MAX_GLOBS = 500;
const MAX_GLOB_LENGTH = 500;

export function parseSettings(raw: unknown): { readonly settings: Settings; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const section = isRecord(raw) ? raw : {};
  const fallback = DEFAULT_SETTINGS.analysis;

  function read<T>(key: string, check: (value: unknown) => T | undefined, byDefault: T): T {
    const value = section[key];
    if (value === undefined || value === null) return byDefault;
    const checked = check(value);
    if (checked === undefined)
      problems.push(`The setting tributary.${key} has a value that is not understood; its default is used.`);
    return checked ?? byDefault;
  }

  const settings: Settings = {
    enable: read('enable', asBoolean, DEFAULT_SETTINGS.enable),
    analysis: {
      threatModels: read('threatModels', asThreatModels, fallback.threatModels),
      minSeverity: read('minSeverity', asSeverity, fallback.minSeverity),
      minConfidence: read('minConfidence', asConfidence, fallback.minConfidence),
      exclude: read('exclude', asGlobs, fallback.exclude),
      includeDependencies: read('includeDependencies', asBoolean, fallback.includeDependencies),
      // The setting is in kilobytes, because that is what people compare file sizes in.
      maxFileSize: 1024 * read('maxFileSize', (value) => asNumber(value, 1, 102_400), fallback.maxFileSize / 1024),
      explainUpdates: read('explainUpdates', asBoolean, false),
      incremental: read('incremental', asBoolean, true),
    },
    maxMemory: read('maxMemory', (value) => asNumber(value, 256, 65_536), DEFAULT_SETTINGS.maxMemory),
  };
  return { settings, problems };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asNumber(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, Math.round(value)))
    : undefined;
}

function asSeverity(value: unknown): Severity | undefined {
  return SEVERITIES.find((severity) => severity === value);
}

function asConfidence(value: unknown): MinConfidence | undefined {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value;
  return typeof value === 'string' ? CONFIDENCES[value] : undefined;
}

function asThreatModels(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const known = THREAT_MODELS.filter((model) => value.includes(model));
  return known.length > 0 && value.every((model) => typeof model === 'string' && THREAT_MODELS.includes(model))
    ? known
    : undefined;
}

function asGlobs(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const globs = value.filter(
    (glob): glob is string => typeof glob === 'string' && glob !== '' && glob.length <= MAX_GLOB_LENGTH,
  );
  return globs.length === value.length && globs.length <= MAX_GLOBS ? globs : undefined;
}
