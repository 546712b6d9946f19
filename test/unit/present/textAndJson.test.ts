import { describe, expect, it } from 'vitest';
import { toJson } from '../../../server/src/present/json';
import { compareFindings, reportName } from '../../../server/src/present/report';
import { printable } from '../../../server/src/present/terminalText';
import { toText } from '../../../server/src/present/text';
import { lineOf, LOG_FINDING, ROOT, sampleReport, SQL_FINDING } from './sampleReport';

describe('text report', () => {
  it('shows place, rule, message, steps with code, and a summary', () => {
    expect(toText(sampleReport({ findings: [SQL_FINDING] }), { colors: false, lineOf })).toBe(
      [
        'src/data/items db.ts:11:10  high  sql-injection  CWE-89, CWE-564, certain',
        '  Express request query reaches the SQL query `db.query`',
        '  1. src/routes/item.ts:5:14  Express request query',
        '       const id = req.query.id;',
        '  2. src/routes/item.ts:6:3  passed to `findItem` as `id`',
        '       findItem(id, (e) => {});',
        '  3. src/data/items db.ts:11:10  SQL query',
        '       return db.query(`SELECT ${id}\\u001b[2J`);',
        '     3 more paths lead here',
        '  Fix: Use placeholders: `db.query("… WHERE id = ?", [id])`.',
        '',
        '1 file could not be analysed:',
        '  lib/deep.js  the analysis of this file took longer than 20 s',
        '',
        '1 file could only be analysed in part:',
        '  lib/broken.js:3:1  not parsed: line 3',
        '',
        '1 file skipped:',
        '  lib/jquery.min.js  it is minified',
        '',
        '1 file met a limit of the analysis (paths may be missing):',
        '  lib/jquery.min.js  too many entries',
        '',
        '1 finding in 1 file (1 high). 13 files analysed in 2.3 s (1 in part, 1 failed, 1 skipped).',
        '',
      ].join('\n'),
    );
  });

  it('says so when nothing was found', () => {
    const report = sampleReport({
      findings: [],
      troubledFiles: [],
      statistics: { ...sampleReport().statistics, files: { indexed: 1, partial: 0, failed: 0, skipped: 0 } },
    });
    expect(toText(report, { colors: false, lineOf })).toBe('No taint paths found. 1 file analysed in 2.3 s.\n');
  });

  it('has escape codes only when asked for colours, and none from the source', () => {
    const escape = String.fromCharCode(27);
    expect(toText(sampleReport(), { colors: false, lineOf })).not.toContain(escape);
    const colored = toText(sampleReport(), { colors: true, lineOf });
    expect(colored).toContain(`${escape}[31mhigh${escape}[39m`);
    expect(colored).not.toContain(`${escape}[2J`);
  });

  it('cuts long lines around the place', () => {
    const long = `${'a'.repeat(500)} TARGET ${'b'.repeat(500)}`;
    const place = {
      ...SQL_FINDING.sink,
      range: { start: { line: 0, character: 501 }, end: { line: 0, character: 507 } },
    };
    const finding = {
      ...SQL_FINDING,
      paths: [{ steps: [{ kind: 'sink' as const, location: place, text: 'here', functionName: '' }] }],
    };
    const line = toText(sampleReport({ findings: [finding] }), { colors: false, lineOf: () => long })
      .split('\n')
      .find((text) => text.includes('TARGET'));
    expect(line?.trim()).toMatch(/^…a+ TARGET b+…$/);
    expect(line?.length).toBeLessThan(140);
  });

  it('makes control and direction characters visible', () => {
    expect(printable('a\u0007b\u202ec\td\n  e')).toBe('a\\u0007b\\u202ec  d e');
  });
});

describe('JSON report', () => {
  it('counts from 1 and names files relative to the root', () => {
    const json = toJson(sampleReport());
    expect(json.formatVersion).toBe(1);
    expect(json.summary).toMatchObject({
      findings: 2,
      bySeverity: { high: 1, low: 1, critical: 0 },
      byRule: { 'sql-injection': 1 },
    });
    expect(json.milliseconds).toBe(2300);
    const finding = json.findings[1];
    expect(finding).toMatchObject({ rule: 'sql-injection', confidence: 'certain', cwe: [89, 564], morePaths: 2 });
    expect(finding?.sink).toEqual({
      file: 'src/data/items db.ts',
      line: 11,
      column: 10,
      endLine: 11,
      endColumn: 25,
      label: 'SQL query',
      function: 'findItem',
    });
    expect(finding?.paths[0]?.steps.map(({ kind, line }) => [kind, line])).toEqual([
      ['source', 5],
      ['call', 6],
      ['sink', 11],
    ]);
    expect(finding?.paths[1]?.truncated).toMatch(/40 steps/);
    expect(json.files[0]).toEqual({
      file: 'lib/broken.js',
      state: 'partial',
      reason: '',
      limits: [],
      lost: [{ line: 3, column: 1, endLine: 3, endColumn: 5 }],
    });
  });

  it('survives a round trip', () => {
    const json = toJson(sampleReport());
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});

describe('report', () => {
  it('orders findings by file, place and rule', () => {
    expect([SQL_FINDING, LOG_FINDING].sort(compareFindings)).toEqual([LOG_FINDING, SQL_FINDING]);
    const later = {
      ...SQL_FINDING,
      sink: { ...SQL_FINDING.sink, range: { start: { line: 99, character: 0 }, end: { line: 99, character: 1 } } },
    };
    expect([later, SQL_FINDING].sort(compareFindings)).toEqual([SQL_FINDING, later]);
  });

  it('names files of several roots from their common folder', () => {
    expect(reportName([`${ROOT}/a`, `${ROOT}/b/c`], `${ROOT}/b/c/x.js`)).toBe('b/c/x.js');
    expect(reportName([`${ROOT}/a`], '/elsewhere/x.js')).toBe('/elsewhere/x.js');
  });
});
