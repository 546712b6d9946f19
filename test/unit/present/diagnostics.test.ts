import { describe, expect, it } from 'vitest';
import { findingDiagnostic } from '../../../server/src/present/diagnostics';
import { noticesFor } from '../../../server/src/present/notices';
import { finding, place, step, view } from './findingFixture';

const options = { view, relatedInformation: true };

describe('findingDiagnostic', () => {
  it('stands at the sink, with rule, CWE, severity and data', () => {
    const diagnostic = findingDiagnostic(finding(), options);
    expect(diagnostic).toMatchObject({
      range: { start: { line: 8, character: 2 }, end: { line: 8, character: 10 } },
      severity: 1,
      source: 'Tributary',
      code: 'command-injection',
      codeDescription: { href: 'https://cwe.mitre.org/data/definitions/78.html' },
      message: 'Express request query reaches a command line.',
      data: {
        kind: 'finding',
        id: 'f1',
        fingerprint: 'f1',
        rule: 'command-injection',
        severity: 'critical',
        confidence: 2,
        paths: 1,
      },
    });
  });

  it('has every step as related information, in order', () => {
    const { relatedInformation } = findingDiagnostic(finding(), options);
    expect(
      relatedInformation?.map(({ location, message }) => [location.uri, location.range.start.line, message]),
    ).toEqual([
      ['file:///w/in.ts', 1, 'step 1 (source): source'],
      ['file:///w/mid.ts', 4, 'step 2 (call): passed to `run`'],
      ['file:///w/out.ts', 8, 'step 3 (sink): sink'],
    ]);
  });

  it('tells paths apart and says how many are not listed', () => {
    const one = { steps: [step('sink', place('/w/out.ts', 8))] };
    const { relatedInformation } = findingDiagnostic(
      finding({ paths: [one, one, one, one, one], morePaths: 2 }),
      options,
    );
    const messages = relatedInformation?.map(({ message }) => message);
    expect(messages?.slice(0, 3)).toEqual([
      'Path 1, step 1 (sink): sink',
      'Path 2, step 1 (sink): sink',
      'Path 3, step 1 (sink): sink',
    ]);
    expect(messages?.[3]).toContain('4 more paths lead');
  });

  it('maps all severities', () => {
    const severities = (['critical', 'high', 'medium', 'low', 'note'] as const).map(
      (severity) => findingDiagnostic(finding({ severity }), options).severity,
    );
    expect(severities).toEqual([1, 1, 2, 3, 4]);
  });

  it('has no related information for clients that show none, and no link without a CWE', () => {
    const { rule } = finding().finding;
    const diagnostic = findingDiagnostic(finding({ rule: { ...rule, cwe: [] } }), { view, relatedInformation: false });
    expect(diagnostic).not.toHaveProperty('relatedInformation');
    expect(diagnostic).not.toHaveProperty('codeDescription');
  });

  it('bounds what a finding with huge paths says', () => {
    const steps = Array.from({ length: 500 }, (_, line) => step('flow', place('/w/out.ts', line)));
    const { relatedInformation } = findingDiagnostic(finding({ paths: [{ steps, truncated: 'too long' }] }), options);
    expect(relatedInformation).toHaveLength(120);
  });
});

describe('noticesFor', () => {
  const status = { path: '/w/a.ts', reason: '', lost: [], limits: [] };

  it('says nothing about a file that is wholly indexed', () => {
    expect(noticesFor({ ...status, state: 'indexed' }, view)).toEqual([]);
  });

  it('marks where each lost part begins', () => {
    const lost = [{ start: { line: 3, character: 0 }, end: { line: 9, character: 1 } }];
    const [notice] = noticesFor({ ...status, state: 'partial', lost }, view);
    expect(notice).toMatchObject({
      severity: 3,
      code: 'partial-file',
      range: { start: { line: 3 }, end: { line: 3 } },
    });
    expect(notice?.message).toContain('line 4 to line 10');
  });

  it('speaks of a partial file without known ranges, and bounds many', () => {
    expect(noticesFor({ ...status, state: 'partial' }, view)).toHaveLength(1);
    const lost = Array.from({ length: 50 }, (_, line) => place('/w/a.ts', line).range);
    const notices = noticesFor({ ...status, state: 'partial', lost }, view);
    expect(notices).toHaveLength(21);
    expect(notices.at(-1)?.message).toContain('30 more parts');
  });

  it('gives the reason for failed and skipped files, and names limits', () => {
    expect(noticesFor({ ...status, state: 'failed', reason: 'it took too long' }, view)[0]).toMatchObject({
      severity: 3,
      code: 'failed-file',
    });
    expect(noticesFor({ ...status, state: 'skipped', reason: 'it is minified' }, view)[0]?.message).toContain(
      'it is minified',
    );
    expect(noticesFor({ ...status, state: 'indexed', limits: ['paths cut'] }, view)[0]).toMatchObject({
      severity: 4,
      code: 'limits-file',
    });
  });
});
