/**
 * Triage of findings that hit no row of the table: draws a sample, keeps what people decided about it in a data file, and
 * counts. The sample depends on the seed and on each finding's key alone, so that it stays the same, for findings that
 * are still there, when others come and go; verdicts stay with their keys.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { AccuracyReport } from './main';
import type { ScoredFinding } from './score';

export type Verdict = 'true' | 'false' | '';

/** A finding of the sample, and what was decided about it. */
export interface TriageEntry {
  /** Package and version, rule, place of the sink, place of the source: the same from run to run. */
  readonly key: string;
  readonly rule: string;
  /** `file:line` below the package's folder. */
  readonly sink: string;
  readonly source: string;
  readonly sourceKinds: readonly string[];
  readonly confidence: number;
  readonly sinkCode: string;
  readonly sourceCode: string;
  readonly verdict: Verdict;
  /** Why, in one line. */
  readonly reason: string;
}

export interface Triage {
  readonly seed: number;
  /** How many findings the sample was drawn from. */
  readonly drawnFrom: number;
  readonly sample: readonly TriageEntry[];
  /** Judged before, and no longer found or no longer drawn. */
  readonly earlier: readonly TriageEntry[];
}

interface Candidate {
  readonly key: string;
  readonly folder: string;
  readonly finding: ScoredFinding;
}

/** Draws a sample of `size` and keeps the verdicts that `earlier` has. */
export function drawTriage(report: AccuracyReport, size: number, seed: number, earlier: Triage | undefined): Triage {
  const candidates = new Map<string, Candidate>();
  for (const { spec, folder, others } of report.packages) {
    for (const finding of others) {
      const key = keyOf(spec, folder, finding);
      const known = candidates.get(key);
      // Several on one line are one entry: the surest.
      if (known === undefined || known.finding.confidence < finding.confidence)
        candidates.set(key, { key, folder, finding });
    }
  }
  const drawn = [...candidates.values()]
    .map((candidate) => ({ candidate, rank: rankOf(seed, candidate.key) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, size);
  const judged = new Map<string, TriageEntry>();
  for (const entry of [...(earlier?.earlier ?? []), ...(earlier?.sample ?? [])])
    if (entry.verdict !== '') judged.set(entry.key, entry);
  const sample = drawn.map(({ candidate }) => entryOf(candidate, judged.get(candidate.key)));
  const keys = new Set(sample.map(({ key }) => key));
  return {
    seed,
    drawnFrom: candidates.size,
    sample,
    earlier: [...judged.values()].filter(({ key }) => !keys.has(key)).sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

export function readTriage(file: string): Triage | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Triage) : undefined;
}

export function writeTriage(file: string, triage: Triage): void {
  writeFileSync(file, `${JSON.stringify(triage, undefined, 2)}\n`);
}

/** How many of the judged findings of the sample are true, in all and by rule. */
export function describeTriage({ sample, drawnFrom, seed, earlier }: Triage): string {
  const judged = sample.filter(({ verdict }) => verdict !== '');
  const lines = [
    `triage: ${String(sample.length)} of ${String(drawnFrom)} other findings (seed ${String(seed)}), ` +
      `${String(judged.length)} judged, ${share(judged)}; judged earlier and not in the sample: ${String(earlier.length)}`,
  ];
  for (const rule of [...new Set(sample.map((entry) => entry.rule))].sort()) {
    const ofRule = judged.filter((entry) => entry.rule === rule);
    if (ofRule.length > 0) lines.push(`  ${rule.padEnd(24)} ${share(ofRule)}`);
  }
  return lines.join('\n');
}

function share(judged: readonly TriageEntry[]): string {
  const right = judged.filter(({ verdict }) => verdict === 'true').length;
  const percent = judged.length === 0 ? '—' : `${((100 * right) / judged.length).toFixed(1)} %`;
  return `${String(right)} of ${String(judged.length)} true (${percent})`;
}

function keyOf(spec: string, folder: string, finding: ScoredFinding): string {
  const sink = placeOf(folder, finding.file, finding.line);
  return `${spec} ${finding.rule} ${sink} from ${placeOf(folder, finding.sourceFile, finding.sourceLine)}`;
}

const placeOf = (folder: string, file: string, line: number): string =>
  `${relative(folder, file).split(sep).join('/')}:${String(line)}`;

const rankOf = (seed: number, key: string): string =>
  createHash('sha256')
    .update(`${String(seed)} ${key}`)
    .digest('hex');

function entryOf({ key, folder, finding }: Candidate, judged: TriageEntry | undefined): TriageEntry {
  return {
    key,
    rule: finding.rule,
    sink: placeOf(folder, finding.file, finding.line),
    source: placeOf(folder, finding.sourceFile, finding.sourceLine),
    sourceKinds: finding.sourceKinds,
    confidence: finding.confidence,
    sinkCode: lineOf(finding.file, finding.line, finding.column),
    sourceCode: lineOf(finding.sourceFile, finding.sourceLine, 1),
    verdict: judged?.verdict ?? '',
    reason: judged?.reason ?? '',
  };
}

/** A line as it is; of a long one the part around the column. */
function lineOf(file: string, line: number, column: number): string {
  const text = readFileSync(file, 'utf8').split(/\r\n|\r|\n/)[line - 1] ?? '';
  return text.slice(Math.max(0, column - 60), Math.max(0, column - 60) + 180).trim();
}
