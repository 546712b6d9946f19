/** Findings come back from their stored form as they were, and share what is equal. */
import { expect, it } from 'vitest';
import type { ResolvedFinding, Step } from '../../../server/src/model/finding';
import type { Rule } from '../../../server/src/model/summary';
import { encodeFinding, FindingReader } from '../../../server/src/pipeline/findingCodec';

const rule: Rule = {
  id: 'sql-injection',
  name: 'SQL injection',
  cwe: ['CWE-89'],
  severity: 'high',
  message: '{source} reaches {sink}',
  help: 'Use parameters.',
} as unknown as Rule;

const at = (line: number) => ({
  path: '/w/a.js',
  range: { start: { line, character: 3 }, end: { line, character: 9 } },
});
const step = (line: number, kind: Step['kind'], text: string): Step => ({
  kind,
  text,
  location: at(line),
  functionName: 'run',
});

function finding(fingerprint: string): ResolvedFinding {
  return {
    fingerprint,
    rule,
    severity: 'high',
    confidence: 3,
    sourceKinds: ['remote'],
    message: '`req.query` reaches `db.query`',
    otherSources: 2,
    source: at(1),
    sourceLabel: 'req.query',
    sink: at(9),
    sinkLabel: 'db.query',
    sourceFunction: { ...at(1), name: 'run' },
    sinkFunction: { ...at(9), name: '' },
    help: rule.help,
    paths: [
      { steps: [step(1, 'source', 'a'), step(4, 'call', 'passed to `b`'), step(9, 'sink', 'c')] },
      { steps: [step(1, 'source', 'a'), step(9, 'sink', 'c')], truncated: 'steps were left out' },
    ],
    morePaths: -1,
  };
}

it('gives back what was stored', () => {
  expect(new FindingReader([rule]).read(encodeFinding(finding('f1')))).toEqual(finding('f1'));
});

it('says nothing of rules that are gone', () => {
  expect(new FindingReader([]).read(encodeFinding(finding('f1')))).toBeUndefined();
});

it('shares equal steps between findings, also when they are read', () => {
  const reader = new FindingReader([rule]);
  const [first, second] = ['f1', 'f2'].map((print) => reader.read(encodeFinding(finding(print))));
  expect(first?.paths[0].steps[1]).toBe(second?.paths[0].steps[1]);
  expect(first?.paths[0].steps[0]).toBe(first?.paths[1].steps[0]);
});
