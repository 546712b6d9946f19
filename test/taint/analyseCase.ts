/**
 * Runs the real pipeline over a folder, in this process and without storage, with the models the product ships.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parse } from 'yaml';
import type { Analysis, AnalysisSettings, Logger } from '../../server/src/model/analysis';
import type { ResolvedFinding } from '../../server/src/model/finding';
import { openAnalysis } from '../../server/src/pipeline/index';
import { prepareModels } from '../../server/src/taint/models/compile';
import type { ModelDocument } from '../../server/src/taint/models/document';
import type { CompiledModels } from '../../server/src/taint/models/modelSet';
import { type FixtureCase, REPOSITORY } from './cases';

/** What one clean run over a case gave. */
export interface CaseResult {
  readonly findings: readonly ResolvedFinding[];
  /** What files were not analysed as the case says: failed, skipped, or partial against expectation. One sentence each. */
  readonly statusProblems: readonly string[];
}

interface NamedModel {
  readonly name: string;
  readonly document: unknown;
}

const MODELS_FOLDER = join(REPOSITORY, 'server', 'models');
const WASM = join(REPOSITORY, 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');

let shippedModels: readonly NamedModel[] | undefined;

/** The YAML documents of `server/models`, read once. */
export function readModels(): readonly NamedModel[] {
  shippedModels ??= readdirSync(MODELS_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.split(sep).join('/'))
    .sort()
    .map((name) => ({ name, document: parse(readFileSync(join(MODELS_FOLDER, name), 'utf8')) as unknown }));
  return shippedModels;
}

/** By what is added to the shipped documents. */
const prepared = new Map<string, () => CompiledModels>();

/** Compiles the shipped documents, and the same additions to them, once: that costs more than all the rest of a small analysis. Analyses share nothing else. */
export function compileOnce(documents: readonly ModelDocument[]): CompiledModels {
  const shipped = new Set<unknown>(readModels().map(({ document }) => document));
  const key = JSON.stringify(documents.filter((document) => !shipped.has(document)));
  let make = prepared.get(key);
  if (make === undefined) prepared.set(key, (make = prepareModels(documents, (document) => shipped.has(document))));
  return make();
}

/** Ids of all rules the shipped models define. */
export function readRuleIds(): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { document } of readModels()) {
    const rules = (document as { readonly rules?: readonly { readonly id: string }[] } | null)?.rules ?? [];
    for (const rule of rules) ids.add(rule.id);
  }
  return ids;
}

export function settingsFor(threatModels: readonly string[]): AnalysisSettings {
  return {
    threatModels,
    minSeverity: 'note',
    minConfidence: 1,
    exclude: [],
    includeDependencies: false,
    maxFileSize: 1_000_000,
    incremental: true,
  };
}

/** Warnings and errors of the pipeline go to the test's output: a case that causes one is worth a look. */
const LOGGER: Logger = {
  error: (message) => {
    console.error(message);
  },
  warn: (message) => {
    console.warn(message);
  },
  info: () => undefined,
  debug: () => undefined,
};

export async function openRoots(
  roots: readonly string[],
  threatModels: readonly string[],
  settings = settingsFor(threatModels),
): Promise<Analysis> {
  return openAnalysis({
    roots,
    storage: undefined,
    settings,
    models: readModels(),
    compile: compileOnce,
    log: LOGGER,
    wasmPath: WASM,
    extractor: 'inline',
  });
}

/** A clean run over one case. */
export async function analyseCase(fixture: FixtureCase): Promise<CaseResult> {
  const analysis = await openRoots([fixture.root], fixture.settings.threatModels);
  try {
    await analysis.scan({});
    return { findings: analysis.allFindings(), statusProblems: statusProblems(fixture, analysis) };
  } finally {
    await analysis.close();
  }
}

function statusProblems(fixture: FixtureCase, analysis: Analysis): string[] {
  const problems: string[] = [];
  const { partial, skipped } = fixture.settings;
  for (const file of fixture.files.keys()) {
    const status = analysis.statusOf(join(fixture.root, file));
    const expected = partial.includes(file) ? 'partial' : skipped.includes(file) ? 'skipped' : 'indexed';
    if (status?.state === expected) continue;
    problems.push(`STATUS of ${file} is ${status?.state ?? 'unknown'}, not ${expected}. ${status?.reason ?? ''}`);
  }
  return problems;
}
