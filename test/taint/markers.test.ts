/** The harness itself: a typing mistake in a marker must fail, never pass silently. */
import { describe, expect, test } from 'vitest';
import type { Location, ResolvedFinding } from '../../server/src/model/finding';
import type { FixtureCase } from './cases';
import { differences } from './compare';
import { MarkerError, readMarkers } from './markers';

const FILE = 'app.js';

function caseOf(text: string): FixtureCase {
  return {
    name: 'unit/case',
    root: import.meta.dirname,
    settings: { threatModels: ['remote'], partial: [], skipped: [] },
    files: new Map([['markers.test.ts', readMarkers('markers.test.ts', text)]]),
  };
}

function at(line: number): Location {
  const position = { line, character: 0 };
  return { path: import.meta.filename, range: { start: position, end: position } };
}

function finding(ruleId: string, sourceLine: number, sinkLine: number): ResolvedFinding {
  return {
    fingerprint: '0'.repeat(32),
    rule: {
      id: ruleId,
      name: ruleId,
      cwe: [],
      severity: 'high',
      sources: [],
      sinks: [],
      message: '',
      description: '',
      help: '',
    },
    severity: 'high',
    confidence: 3,
    sourceKinds: ['remote'],
    message: '',
    source: at(sourceLine),
    sourceLabel: '',
    sink: at(sinkLine),
    sinkLabel: '',
    sourceFunction: { ...at(sourceLine), name: '' },
    sinkFunction: { ...at(sinkLine), name: '' },
    help: '',
    paths: [],
    morePaths: 0,
  };
}

describe('readMarkers', () => {
  test('reads kinds, labels and references', () => {
    const text = [
      'a(); // source: in',
      'b(); // flow: xss from in, lib/x.js:out; safe: ssrf',
      '<p>{c}</p> {/* safe: xss */}',
    ];
    const { markers, labels } = readMarkers(FILE, text.join('\n'));
    expect([...labels]).toEqual([['in', 0]]);
    expect(markers.map(({ kind, rule, line, from }) => ({ kind, rule, line, from }))).toEqual([
      {
        kind: 'flow',
        rule: 'xss',
        line: 1,
        from: [
          { file: FILE, label: 'in' },
          { file: 'lib/x.js', label: 'out' },
        ],
      },
      { kind: 'safe', rule: 'ssrf', line: 1, from: [] },
      { kind: 'safe', rule: 'xss', line: 2, from: [] },
    ]);
  });

  test('reads named weaknesses', () => {
    const { markers } = readMarkers(FILE, 'x(); // flow-missed(FN_alias): xss; safe-flagged(FP_cell): ssrf');
    expect(markers.map(({ kind, weakness }) => [kind, weakness])).toEqual([
      ['flow-missed', 'FN_alias'],
      ['safe-flagged', 'FP_cell'],
    ]);
  });

  test.each([
    'x(); // flow:',
    'x(); // flow: A b',
    'x(); // flow-missed: xss',
    'x(); // safe-flagged(FN_x): xss',
    'x(); // flow(y): xss',
  ])('refuses what it can not read: %s', (line) => {
    expect(() => readMarkers(FILE, line)).toThrow(MarkerError);
  });

  test('leaves ordinary comments alone', () => {
    expect(readMarkers(FILE, 'x(); // the flow of things: here').markers).toEqual([]);
  });
});

describe('differences', () => {
  const text = [
    'a(); // source: in',
    'b(); // source: other',
    'c(); // flow: xss from in',
    'd(); // safe: xss',
    'e();',
  ].join('\n');

  test('is empty when all is as marked', () => {
    expect(differences(caseOf(text), [finding('xss', 0, 2)])).toEqual([]);
  });

  test('reports a missing flow, a flagged safe line, a stray finding and a wrong source', () => {
    expect(differences(caseOf(text), []).join()).toContain('MISSING flow');
    expect(differences(caseOf(text), [finding('xss', 0, 2), finding('xss', 0, 3)]).join()).toContain(
      'FLAGGED though safe',
    );
    expect(differences(caseOf(text), [finding('xss', 0, 2), finding('xss', 0, 4)]).join()).toContain(
      'UNEXPECTED finding',
    );
    expect(differences(caseOf(text), [finding('xss', 0, 2), finding('ssrf', 0, 2)]).join()).toContain(
      'UNEXPECTED finding',
    );
    expect(differences(caseOf(text), [finding('xss', 1, 2)]).join()).toContain('MISSING flow');
  });

  test('reports known weaknesses that are gone', () => {
    const weak = caseOf('a(); // flow-missed(FN_x): xss\nb(); // safe-flagged(FP_y): xss');
    expect(differences(weak, [finding('xss', 0, 1)])).toEqual([]);
    expect(differences(weak, [finding('xss', 0, 0), finding('xss', 0, 1)]).join()).toContain('FN_x is fixed');
    expect(differences(weak, []).join()).toContain('FP_y is fixed');
  });
});
