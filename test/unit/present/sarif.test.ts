import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import type * as sarif from 'sarif';
import { describe, expect, it } from 'vitest';
import { toSarif } from '../../../server/src/present/sarif';
import { lineOf, LOG_FINDING, ROOT, sampleReport, SQL_FINDING } from './sampleReport';

/** The official schema, which is written in draft 4 of JSON Schema; what it uses of that means the same in later drafts. */
function schemaValidator(): (log: unknown) => readonly string[] {
  const file = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)) && /T.*Z$/.test(text));
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('uri-reference', (text) => URL.canParse(text, 'file:///') && !/[ \\]/.test(text));
  const validate = ajv.compile(schema);
  return (log) =>
    validate(log) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

const problemsOf = schemaValidator();

function runOf(log: sarif.Log): sarif.Run {
  const [run] = log.runs;
  if (run === undefined) throw new Error('the log has no run');
  return run;
}

function resultOf(run: sarif.Run, ruleId: string): sarif.Result {
  const result = run.results?.find((candidate) => candidate.ruleId === ruleId);
  if (result === undefined) throw new Error(`no result of ${ruleId}`);
  return result;
}

describe('SARIF', () => {
  it('is valid against the official schema', () => {
    expect(problemsOf(toSarif(sampleReport(), lineOf))).toEqual([]);
    expect(problemsOf(toSarif(sampleReport({ findings: [], troubledFiles: [], cancelled: true })))).toEqual([]);
  });

  it('is checked by a validator that finds mistakes', () => {
    const log = toSarif(sampleReport());
    expect(problemsOf({ ...log, version: '2.0.0' })).not.toEqual([]);
    expect(problemsOf({ ...log, runs: [{ ...log.runs[0], columnKind: 'bytes' }] })).not.toEqual([]);
  });

  it('places the result at the sink and starts each path at the source', () => {
    const run = runOf(toSarif(sampleReport()));
    const result = resultOf(run, 'sql-injection');
    expect(result.locations?.[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'src/data/items%20db.ts', uriBaseId: '%SRCROOT%' },
      region: { startLine: 11, startColumn: 10, endLine: 11, endColumn: 25 },
    });
    expect(result.codeFlows).toHaveLength(2);
    for (const flow of result.codeFlows ?? []) {
      const locations = flow.threadFlows[0]?.locations ?? [];
      expect(locations[0]?.location?.physicalLocation).toMatchObject({
        artifactLocation: { uri: 'src/routes/item.ts' },
        region: { startLine: 5, startColumn: 14 },
      });
      expect(locations[0]?.kinds).toContain('source');
      expect(locations.at(-1)?.kinds).toContain('sink');
      expect(locations.every(({ location }) => (location?.message?.text ?? '') !== '')).toBe(true);
    }
    expect(result.codeFlows?.[1]?.message?.text).toContain('longer than 40 steps');
    expect(result.relatedLocations?.[0]?.message?.text).toBe('Source: Express request query');
  });

  it('carries severity, CWE, help and a fingerprint', () => {
    const run = runOf(toSarif(sampleReport()));
    const result = resultOf(run, 'sql-injection');
    const rule = run.tool.driver.rules?.[result.ruleIndex ?? -1];
    expect(rule?.id).toBe('sql-injection');
    expect(rule?.properties).toMatchObject({ 'security-severity': '8.0', precision: 'high' });
    expect(rule?.properties?.tags).toEqual(['security', 'external/cwe/cwe-089', 'external/cwe/cwe-564']);
    expect(rule?.help?.markdown).toContain('## How to fix it');
    expect(rule?.help?.text).not.toMatch(/\*\*|^#/m);
    expect(result.level).toBe('error');
    expect(resultOf(run, 'log-injection').level).toBe('note');
    expect(result.partialFingerprints).toEqual({ 'tributaryFinding/v1': SQL_FINDING.fingerprint });
    expect(resultOf(run, 'log-injection').properties?.['precision']).toBe('low');
    const taxa = run.taxonomies?.[0]?.taxa ?? [];
    for (const relationship of rule?.relationships ?? []) {
      expect(taxa[relationship.target.index ?? -1]?.id).toBe(relationship.target.id);
    }
    expect(taxa.map(({ id }) => id).sort()).toEqual(['117', '564', '89']);
  });

  it('refers to artifacts by the right index', () => {
    const run = runOf(toSarif(sampleReport()));
    const check = (location: sarif.ArtifactLocation | undefined): void => {
      expect(run.artifacts?.[location?.index ?? -1]?.location?.uri).toBe(location?.uri);
    };
    let checked = 0;
    for (const result of run.results ?? []) {
      for (const flow of result.codeFlows ?? []) {
        for (const { location } of flow.threadFlows[0]?.locations ?? []) {
          check(location?.physicalLocation?.artifactLocation);
          checked++;
        }
      }
    }
    for (const { locations } of run.invocations?.[0]?.toolExecutionNotifications ?? []) {
      check(locations?.[0]?.physicalLocation?.artifactLocation);
      checked++;
    }
    expect(checked).toBeGreaterThan(8);
  });

  it('reports files that were not analysed as a whole', () => {
    const [invocation] = runOf(toSarif(sampleReport())).invocations ?? [];
    expect(invocation).toMatchObject({
      executionSuccessful: false,
      exitCode: 3,
      startTimeUtc: '2026-01-02T03:04:05.000Z',
    });
    const notifications = invocation?.toolExecutionNotifications ?? [];
    expect(notifications.map(({ descriptor, level }) => [descriptor?.id, level])).toEqual([
      ['partial-file', 'warning'],
      ['failed-file', 'error'],
      ['skipped-file', 'note'],
      ['analysis-limit', 'warning'],
    ]);
    expect(notifications[0]?.locations?.[0]?.physicalLocation?.region?.startLine).toBe(3);
    expect(notifications[1]?.message.text).toBe('lib/deep.js: the analysis of this file took longer than 20 s');
  });

  it('quotes the line of the sink', () => {
    const result = resultOf(runOf(toSarif(sampleReport(), lineOf)), 'sql-injection');
    expect(result.locations?.[0]?.physicalLocation?.contextRegion?.snippet?.text).toContain('db.query');
  });

  it('names several roots and files outside of them', () => {
    const report = sampleReport({
      roots: [`${ROOT}/src/routes`, `${ROOT}/src/data`],
      findings: [SQL_FINDING, LOG_FINDING],
    });
    const run = runOf(toSarif(report));
    expect(run.originalUriBaseIds).toEqual({
      '%SRCROOT%': { uri: `file://${ROOT}/src/routes/` },
      '%SRCROOT2%': { uri: `file://${ROOT}/src/data/` },
    });
    expect(resultOf(run, 'sql-injection').locations?.[0]?.physicalLocation?.artifactLocation).toMatchObject({
      uri: 'items%20db.ts',
      uriBaseId: '%SRCROOT2%',
    });
    const outside = resultOf(run, 'log-injection').locations?.[0]?.physicalLocation?.artifactLocation;
    expect(outside?.uri).toBe(`file://${ROOT}/src/app.ts`);
    expect(outside?.uriBaseId).toBeUndefined();
    expect(problemsOf(toSarif(report))).toEqual([]);
  });
});
