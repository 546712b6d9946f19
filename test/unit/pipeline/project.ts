/**
 * A real analysis over a temporary folder, with extraction in the calling thread and a record of what was handed to the
 * extractor, for tests of the pipeline.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { expect } from 'vitest';
import type { GrowthLimit } from '../../../server/src/base/growth';
import type { Analysis, AnalysisSettings, Logger } from '../../../server/src/model/analysis';
import type { MonitoredAnalysis } from '../../../server/src/model/health';
import { openAnalysis } from '../../../server/src/pipeline';
import { extractText } from '../../../server/src/pipeline/extractText';
import type { ExtractionOptions, ExtractionRequest, Extractor } from '../../../server/src/pipeline/extraction';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { InlineExtractor } from '../../../server/src/pipeline/inlineExtractor';
import { readRequest } from '../../../server/src/pipeline/readRequest';
import { compileOnce, readModels } from '../../taint/analyseCase';
import { SETTINGS } from './settings';

export { randomNumbers } from './randomNumbers';
export { SETTINGS } from './settings';

const wasmPath = nodePath.resolve(import.meta.dirname, '../../../node_modules/sql.js/dist/sql-wasm.wasm');

/** Stands in for the pool of workers. */
class RecordingExtractor implements Extractor {
  readonly parallelism = 1;
  readonly paths: string[] = [];
  readonly #inline: Extractor;

  constructor(inner: Extractor) {
    this.#inline = inner;
  }

  warmUp(): void {
    this.#inline.warmUp();
  }

  rest(): void {
    this.#inline.rest?.();
  }

  extract(requests: readonly ExtractionRequest[], options?: ExtractionOptions): ReturnType<Extractor['extract']> {
    this.paths.push(...requests.map(({ path }) => path));
    return this.#inline.extract(requests, options);
  }

  close(): Promise<void> {
    return this.#inline.close();
  }
}

export class Project {
  readonly folder = realpathSync(mkdtempSync(nodePath.join(tmpdir(), 'tributary-pipeline-')));
  readonly extractor: RecordingExtractor;
  /** What the user is told in the editor; it is among the problems, too. */
  readonly notices: string[] = [];
  readonly problems: string[] = [];
  /** Of analyses that are opened from now on. */
  growthLimit: GrowthLimit | undefined;
  workerLimit: number | undefined;
  aheadFiles: number | undefined;
  readonly #opened: Analysis[] = [];

  /** `extractor` stands in for the pool of workers. */
  constructor(extractor: Extractor = new InlineExtractor(fileExtractor(readRequest, extractText))) {
    this.extractor = new RecordingExtractor(extractor);
  }

  path(name: string): string {
    return nodePath.join(this.folder, name);
  }

  write(files: Readonly<Record<string, string>>, mode = 0o644): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(nodePath.dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text, { mode });
    }
  }

  delete(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /** `models` come in addition to those that the product ships. */
  async open(
    settings: Partial<AnalysisSettings> = {},
    storage?: string,
    models: ReturnType<typeof readModels> = [],
    roots: readonly string[] = [this.folder],
  ): Promise<MonitoredAnalysis> {
    const note = (message: string): void => {
      this.problems.push(message);
    };
    const notice = (message: string): void => {
      this.notices.push(message);
      note(message);
    };
    const log: Logger = { error: note, warn: note, notice, info: () => undefined, debug: () => undefined };
    const analysis = await openAnalysis({
      roots,
      storage,
      settings: { ...SETTINGS, ...settings },
      models: [...readModels(), ...models],
      compile: compileOnce,
      log,
      wasmPath,
      extractor: this.extractor,
      growthLimit: this.growthLimit,
      workerLimit: this.workerLimit,
      aheadFiles: this.aheadFiles,
    });
    this.#opened.push(analysis);
    return analysis;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((analysis) => analysis.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Everything that is known, housekeeping done: what a clean analysis of the same files has, too. */
export async function wholeDump(analysis: Analysis): Promise<readonly string[]> {
  // What an earlier process left is taken up before.
  analysis.dump();
  await analysis.idle();
  return analysis.dump();
}

/** Fails with what the analysis has too much or too little, next to a clean one of the same files and open documents. */
export async function expectClean(
  project: Project,
  analysis: Analysis,
  where: string,
  open: ReadonlyMap<string, string> = new Map(),
  options: Parameters<Project['open']>[0] = {},
): Promise<void> {
  const clean = await project.open(options);
  for (const [path, text] of open) clean.setOverlay(project.path(path), text, 'javascript');
  await clean.scan({});
  const [is, shouldBe] = [new Set(await wholeDump(analysis)), new Set(await wholeDump(clean))];
  const difference = [
    ...[...is].filter((line) => !shouldBe.has(line)).map((line) => `+ ${line}`),
    ...[...shouldBe].filter((line) => !is.has(line)).map((line) => `- ${line}`),
  ];
  expect(difference, where).toEqual([]);
  expect(findingsIn(analysis), where).toEqual(findingsIn(clean));
  await clean.close();
}

/** Findings as text, one a line: comparable between two analyses. */
export function findingsIn(analysis: Analysis): string[] {
  return analysis
    .allFindings()
    .map(({ rule, source, sink, paths, confidence }) =>
      [
        rule.id,
        confidence,
        `${nodePath.basename(source.path)}:${String(source.range.start.line + 1)}`,
        `${nodePath.basename(sink.path)}:${String(sink.range.start.line + 1)}`,
        ...paths.map(({ steps }) => steps.map(({ location }) => location.range.start.line + 1).join('>')),
      ].join(' '),
    )
    .sort();
}

/** Is cancelled when it is looked at for the given time, from 1. */
export function cancelledAt(look: number): { readonly isCancelled: boolean } {
  let looks = 0;
  return {
    get isCancelled() {
      return ++looks >= look;
    },
  };
}
