/**
 * The process that scans: one after the other, a fresh analysis for each package, the extraction workers shared. The
 * parent kills it when a package takes too long, and starts another.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAnalysis } from '../../server/src/pipeline';
import { ExtractionPool } from '../../server/src/pipeline/extractionPool';
import { DEFAULT_SETTINGS } from '../../server/src/cli/options';
import type { IndexStatistics, StageReport } from '../../server/src/model/analysis';
import type { FileStatus, ResolvedFinding } from '../../server/src/model/finding';
import { prepareModels } from '../../server/src/taint/models/compile';
import type { ModelDocument } from '../../server/src/taint/models/document';
import { budgetsOf, type Budgets } from '../bench/budgets';
import type { ScoredFinding } from './score';

export interface ScanRequest {
  readonly folder: string;
  readonly includeDependencies: boolean;
}

export interface ScanAnswer {
  readonly folder: string;
  readonly milliseconds: number;
  /** Of this process, all threads, in bytes. */
  readonly peakMemory: number;
  readonly findings: readonly ScoredFinding[];
  readonly statistics: IndexStatistics;
  /** Functions, paths and access paths that a budget cut. */
  readonly budgets: Budgets;
  readonly stages: readonly StageReport[];
  /** Files that are not plainly indexed. */
  readonly troubled: readonly Pick<FileStatus, 'path' | 'state' | 'reason' | 'limits'>[];
  /** The analysis threw. */
  readonly error?: string;
}

export type FromChild = { readonly kind: 'ready' } | { readonly kind: 'answer'; readonly answer: ScanAnswer };

const EMPTY_STATISTICS: IndexStatistics = {
  files: { indexed: 0, partial: 0, failed: 0, skipped: 0 },
  functions: 0,
  callSites: { total: 0, toFunctions: 0, toModels: 0, unknown: 0 },
  truncatedFunctions: 0,
  accessPaths: { total: 0, cut: 0 },
  findings: 0,
  databaseBytes: 0,
};

const [dist = ''] = process.argv.slice(2);
const extractor = new ExtractionPool({ workerFile: join(dist, 'extractWorker.js'), size: 1 });
extractor.warmUp();
const models = JSON.parse(readFileSync(join(dist, 'models.json'), 'utf8')) as {
  readonly name: string;
  readonly document: unknown;
}[];
/** The process is started once, and compiles them once. */
const compile = prepareModels(models.map(({ document }) => document as ModelDocument));

async function scan({ folder, includeDependencies }: ScanRequest): Promise<ScanAnswer> {
  const started = performance.now();
  const answer = (rest: Partial<ScanAnswer>): ScanAnswer => ({
    folder,
    milliseconds: performance.now() - started,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    findings: [],
    statistics: EMPTY_STATISTICS,
    budgets: budgetsOf(EMPTY_STATISTICS, []),
    stages: [],
    troubled: [],
    ...rest,
  });
  try {
    const analysis = await openAnalysis({
      roots: [folder],
      storage: undefined,
      settings: { ...DEFAULT_SETTINGS, threatModels: ['remote', 'local', 'library'], includeDependencies },
      models,
      compile,
      log: { error: note, warn: note, info: () => undefined, debug: () => undefined },
      wasmPath: join(dist, 'sql-wasm.wasm'),
      extractor,
    });
    try {
      await analysis.scan({});
      const findings = analysis.allFindings();
      const statistics = analysis.statistics();
      return answer({
        findings: findings.map(toScored),
        statistics,
        budgets: budgetsOf(statistics, findings),
        stages: analysis.stages(),
        troubled: analysis.statuses().filter(({ state, limits }) => state !== 'indexed' || limits.length > 0),
      });
    } finally {
      await analysis.close();
    }
  } catch (error) {
    return answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }

  function note(message: string): void {
    process.stderr.write(`${folder}: ${message}\n`);
  }
}

function toScored(finding: ResolvedFinding): ScoredFinding {
  return {
    rule: finding.rule.id,
    cwe: finding.rule.cwe,
    file: finding.sink.path,
    line: finding.sink.range.start.line + 1,
    column: finding.sink.range.start.character + 1,
    sourceFile: finding.source.path,
    sourceLine: finding.source.range.start.line + 1,
    sourceKinds: finding.sourceKinds,
    confidence: finding.confidence,
    truncated: finding.paths.some((path) => path.truncated !== undefined),
    crossings: finding.crossings ?? 0,
    sharedPlaces: finding.sharedPlaces ?? 0,
    steps: stepsOf(finding),
  };
}

/** The shortest way, as whoever judges the finding reads it: each line once, in order. */
function stepsOf({ paths, sourceLabel, sinkLabel }: ResolvedFinding): readonly string[] {
  const lines = (paths[0]?.steps ?? []).map(
    ({ location }) => `${location.path}:${String(location.range.start.line + 1)}`,
  );
  return [sourceLabel, ...lines.filter((line, index) => line !== lines[index - 1]), sinkLabel];
}

process.on('message', (request: ScanRequest) => {
  void scan(request).then((answer) => process.send?.({ kind: 'answer', answer } satisfies FromChild));
});
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready' } satisfies FromChild);
