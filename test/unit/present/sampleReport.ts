/** A small report by hand, for the tests of the report formats: two findings, three files in trouble. */
import type { Location, ResolvedFinding, Step, StepKind } from '../../../server/src/model/finding';
import type { Rule } from '../../../server/src/model/summary';
import type { ScanReport } from '../../../server/src/present/report';

export const ROOT = '/projects/shop';

export const SQL_RULE: Rule = {
  id: 'sql-injection',
  name: 'SQL injection',
  cwe: [89, 564],
  severity: 'high',
  sources: ['remote'],
  sinks: ['sql'],
  message: '{source} reaches {sink}',
  description:
    'A query built from **untrusted** text does what its author wants. See [the guide](https://example.org/sql).',
  help: 'Use placeholders: `db.query("… WHERE id = ?", [id])`.\n\nNever build queries by concatenation.',
};

export const LOG_RULE: Rule = {
  ...SQL_RULE,
  id: 'log-injection',
  name: 'Log injection',
  cwe: [117],
  severity: 'low',
  help: '',
};

export function place(file: string, line: number, from: number, to: number): Location {
  return {
    path: `${ROOT}/${file}`,
    range: { start: { line, character: from }, end: { line, character: to } },
  };
}

function step(kind: StepKind, location: Location, text: string, functionName = ''): Step {
  return { kind, location, text, functionName };
}

const source = place('src/routes/item.ts', 4, 13, 25);
const sink = place('src/data/items db.ts', 10, 9, 24);

export const SQL_FINDING: ResolvedFinding = {
  fingerprint: '0123456789abcdef0123456789abcdef',
  rule: SQL_RULE,
  severity: 'high',
  confidence: 3,
  sourceKinds: ['remote'],
  message: 'Express request query reaches the SQL query `db.query`',
  source,
  sourceLabel: 'Express request query',
  sink,
  sinkLabel: 'SQL query',
  sourceFunction: { ...source, name: 'getItem' },
  sinkFunction: { ...sink, name: 'findItem' },
  help: SQL_RULE.help,
  paths: [
    {
      steps: [
        step('source', source, 'Express request query', 'getItem'),
        step('call', place('src/routes/item.ts', 5, 2, 20), 'passed to `findItem` as `id`', 'getItem'),
        step('sink', sink, 'SQL query', 'findItem'),
      ],
    },
    {
      steps: [step('source', source, 'Express request query', 'getItem'), step('sink', sink, 'SQL query', 'findItem')],
      truncated: 'the path is longer than 40 steps',
    },
  ],
  morePaths: 2,
};

export const LOG_FINDING: ResolvedFinding = {
  ...SQL_FINDING,
  fingerprint: 'fedcba9876543210fedcba9876543210',
  rule: LOG_RULE,
  severity: 'low',
  confidence: 1,
  message: 'Express request query reaches the log',
  help: '',
  sink: place('src/app.ts', 0, 0, 11),
  sinkFunction: { ...place('src/app.ts', 0, 0, 0), name: '' },
  paths: [
    { steps: [step('source', source, 'Express request query'), step('sink', place('src/app.ts', 0, 0, 11), 'log')] },
  ],
  morePaths: 0,
};

export const LINES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  [`${ROOT}/src/routes/item.ts`]: { 4: '  const id = req.query.id;', 5: '  findItem(id, (e) => {});' },
  [`${ROOT}/src/data/items db.ts`]: { 10: '\treturn db.query(`SELECT ${id}\u001b[2J`);' },
};

export const lineOf = (path: string, line: number): string | undefined => LINES[path]?.[line];

export function sampleReport(overrides: Partial<ScanReport> = {}): ScanReport {
  return {
    toolVersion: '1.2.3',
    roots: [ROOT],
    settings: {
      threatModels: ['remote'],
      minSeverity: 'low',
      minConfidence: 1,
      exclude: [],
      includeDependencies: false,
      maxFileSize: 1 << 20,
      incremental: true,
    },
    findings: [LOG_FINDING, SQL_FINDING],
    troubledFiles: [
      { path: `${ROOT}/lib/broken.js`, state: 'partial', reason: '', lost: [place('', 2, 0, 4).range], limits: [] },
      {
        path: `${ROOT}/lib/deep.js`,
        state: 'failed',
        reason: 'the analysis of this file took longer than 20 s',
        lost: [],
        limits: [],
      },
      {
        path: `${ROOT}/lib/jquery.min.js`,
        state: 'skipped',
        reason: 'it is minified',
        lost: [],
        limits: ['too many entries'],
      },
    ],
    statistics: {
      files: { indexed: 12, partial: 1, failed: 1, skipped: 1 },
      functions: 100,
      callSites: { total: 10, toFunctions: 5, toModels: 3, unknown: 2 },
      truncatedFunctions: 0,
      accessPaths: { total: 0, cut: 0 },
      findings: 2,
      databaseBytes: 0,
    },
    stages: [],
    startedAt: new Date('2026-01-02T03:04:05.000Z'),
    endedAt: new Date('2026-01-02T03:04:07.300Z'),
    cancelled: false,
    exitCode: 3,
    ...overrides,
  };
}
