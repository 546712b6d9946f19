import { describe, expect, it } from 'vitest';
import type { IndexHealth } from '../../../server/src/model/health';
import { describeVerification, healthJson, healthText, type HealthView } from '../../../server/src/present/health';

const AT = new Date(2026, 10, 22, 1, 2, 3).getTime();
const start = { line: 6, character: 0 };

const HEALTH: IndexHealth = {
  at: AT,
  isIncremental: true,
  statistics: {
    files: { indexed: 2, partial: 1, failed: 1, skipped: 3 },
    functions: 40,
    callSites: { total: 8, toFunctions: 4, toModels: 3, unknown: 1 },
    truncatedFunctions: 2,
    accessPaths: { total: 0, cut: 0 },
    findings: 5,
    databaseBytes: 2_500_000,
  },
  truncatedPaths: 1,
  findingsWithMorePaths: 2,
  stages: [
    { id: 'parse', scope: 'file', inputs: [], enabled: true, state: 'done', milliseconds: 1234, items: 3 },
    { id: 'link', scope: 'workspace', inputs: [], enabled: true, state: 'idle', milliseconds: 0, items: 0 },
  ],
  remarkable: [
    { path: '/w/src/bad.js', state: 'failed', reason: 'It took too long.', lost: [], limits: [] },
    { path: '/w/src/half.js', state: 'partial', reason: '', lost: [{ start, end: start }], limits: ['A limit.'] },
    { path: '/w/a\u001b[2J.js', state: 'skipped', reason: 'The file is binary.', lost: [], limits: [] },
  ],
  remarkableCounts: { indexed: 0, partial: 1, failed: 1, skipped: 3 },
  storage: {
    folder: '/cache/w',
    databaseBytes: 2_500_000,
    journalBytes: 1000,
    cacheBytes: 0,
    lastCheckpoint: AT - 1000,
    notices: ['The disk is full.'],
  },
  memory: { processBytes: 3e8, heapBytes: 1e8, heapLimitBytes: 2e9, externalBytes: 5e7 },
  extractionThreads: 3,
  runs: [{ kind: 'scan', at: AT, milliseconds: 1500, indexed: 3, removed: 1, failed: 1, findings: 5 }],
  consistency: {
    lastWhole: undefined,
    updatesSince: 7,
    waiting: 1,
    checked: 9,
    problems: [{ path: '/w/src/bad.js', problem: 'It is wrong.', at: AT, isRepaired: true }],
    found: 1,
  },
};

const view = (part: Partial<HealthView> = {}): HealthView => ({
  health: HEALTH,
  roots: ['/w'],
  otherThreads: 1,
  ...part,
});

describe('the health of an index', () => {
  it('is told in lines under headings', () => {
    const { text } = healthText(view({ state: ['The server is ready.'] }));
    for (const line of [
      'The server is ready.',
      'files:                     2 indexed, 1 partial, 1 failed, 3 skipped',
      'functions:                 40, of which a limit cut 2',
      '- to models:               3 (37.5 %)',
      'last checkpoint:           2026-11-22 01:02:02',
      '! The disk is full.',
      'heap of the analysis:      100.0 MB of 2000.0 MB',
      'threads:                   1 that analyses, up to 3 that read files, 1 for the editor',
      '2026-11-22 01:02:03  scan        1.5 s  3 files indexed, 1 removed, 1 failed, 5 findings',
      'parse       1.2 s  3 items',
      'looked at as a whole:      not yet',
      'files looked at:           9, 1 waiting',
      '2026-11-22 01:02:03  src/bad.js  It is wrong. (put right)',
      'src/half.js  1 part could not be parsed.',
      'src/half.js  A limit.',
      'and 2 more',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    // Nothing in a file's name may drive the terminal.
    expect(text).toContain('a\\u001b[2J.js  The file is binary.');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('incremental');
    expect(healthText(view({ health: { ...HEALTH, isIncremental: false } })).text).toMatch(/^incremental: +off/m);
  });

  it('says where files are named', () => {
    const { text, files } = healthText(view());
    const lines = text.split('\n');
    expect(files.map(({ line, from, to, path, at }) => [lines[line]?.slice(from, to), path, at])).toEqual([
      ['src/bad.js', '/w/src/bad.js', 0],
      ['src/bad.js', '/w/src/bad.js', 0],
      ['src/half.js', '/w/src/half.js', 6],
      ['a\\u001b[2J.js', '/w/a\u001b[2J.js', 0],
      ['src/half.js', '/w/src/half.js', 0],
    ]);
  });

  it('tells what a comparison found', () => {
    const first = [
      { subject: '/w/src/bad.js', kinds: ['graph', 'link'] },
      { subject: 'd48f520cd3e147b7', kinds: ['finding in'] },
    ];
    const comparison = { subjects: 10, lines: 99, different: 3, first };
    const { text, files } = healthText(view({ verification: { kind: 'different', at: AT, comparison } }));
    expect(text).toContain('The index differs from a clean build in 3 of 10 files and findings.');
    expect(text).toContain('\nsrc/bad.js  graph, link\nd48f520cd3e147b7  finding in\nand 1 more\n');
    expect(files.filter(({ path }) => path.startsWith('d48'))).toEqual([]);
    const equal = { ...comparison, different: 0, first: [] };
    expect(describeVerification({ kind: 'equal', at: AT, comparison: equal })).toBe(
      'The index equals a clean build: 99 lines about 10 files and findings compared.',
    );
    expect(describeVerification({ kind: 'changed', at: AT })).toMatch(/^Files changed on disk while/);
  });

  it('is JSON for scripts', () => {
    const json = JSON.parse(JSON.stringify(healthJson(view(), '1.2.3'))) as Record<string, unknown>;
    expect(json).toMatchObject({
      formatVersion: 1,
      files: { skipped: 3 },
      callSites: { unknown: 1 },
      storage: { folder: '/cache/w', lastCheckpoint: new Date(AT - 1000).toISOString() },
      runs: [{ kind: 'scan', at: new Date(AT).toISOString() }],
      remarkable: [{ path: '/w/src/bad.js', state: 'failed' }, {}, {}],
    });
    expect(json).not.toHaveProperty('verification');
  });
});
