import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AccuracyReport } from './main';
import type { ScoredFinding } from './score';
import { describeTriage, drawTriage, type Triage } from './triage';

const folder = mkdtempSync(join(tmpdir(), 'triage-'));
const file = join(folder, 'a.js');
writeFileSync(file, Array.from({ length: 100 }, (_, i) => `line${String(i + 1)}();`).join('\n'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function reportOf(lines: readonly number[]): AccuracyReport {
  const others = lines.map((line): ScoredFinding => ({
    rule: line % 2 === 0 ? 'xss' : 'ssrf',
    cwe: [],
    file,
    line,
    column: 1,
    sourceFile: file,
    sourceLine: 1,
    sourceKinds: ['remote'],
    confidence: 3,
    truncated: false,
  }));
  const entry = { spec: 'p@1', folder, outcome: 'scanned' as const, reason: '', milliseconds: 1, rows: [], others };
  return { packages: [entry], leftOut: [], processStartMs: [] };
}

const all = Array.from({ length: 100 }, (_, i) => i + 1);
const keysOf = (triage: Triage): string[] => triage.sample.map(({ key }) => key);

describe('the sample for triage', () => {
  it('is the same for a seed, and another for another', () => {
    const first = keysOf(drawTriage(reportOf(all), 10, 1, undefined));
    expect(keysOf(drawTriage(reportOf([...all].reverse()), 10, 1, undefined))).toEqual(first);
    expect(keysOf(drawTriage(reportOf(all), 10, 2, undefined))).not.toEqual(first);
  });

  it('keeps what is still there when other findings go, and its verdicts', () => {
    const before = drawTriage(reportOf(all), 10, 1, undefined);
    const judged = { ...before, sample: before.sample.map((entry) => ({ ...entry, verdict: 'true' as const })) };
    const gone = Number(/:(\d+) from/.exec(before.sample[0].key)?.[1]);
    const after = drawTriage(reportOf(all.filter((line) => line !== gone)), 10, 1, judged);
    expect(keysOf(after).slice(0, 9)).toEqual(keysOf(before).slice(1));
    expect(after.sample.map(({ verdict }) => verdict)).toEqual([...Array<string>(9).fill('true'), '']);
    expect(after.earlier.map(({ key }) => key)).toEqual([before.sample[0].key]);
    expect(describeTriage(after)).toContain('9 judged, 9 of 9 true (100.0 %)');
  });

  it('shows the code at both ends', () => {
    const [entry] = drawTriage(reportOf([7]), 1, 1, undefined).sample;
    expect([entry.sinkCode, entry.sourceCode]).toEqual(['line7();', 'line1();']);
  });
});
