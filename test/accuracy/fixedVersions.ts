/**
 * Precision by fixed versions: where the table names the version in which a vulnerability was mended, and the finding was at
 * the labelled place before, it must be gone there. Places are followed by line (`movedLines.ts`).
 */
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fetchPackages, packageFolder, type PackageVersion } from './packageCache';
import type { PackageScore, RowScore } from './main';
import { movedLines } from './movedLines';
import type { Scanner } from './scanner';
import { hasClassOf, type ScoredFinding } from './score';
import type { TableRow } from './table';

export type FixedOutcome =
  /** Nothing of the class is reported at the place any more. */
  | { readonly kind: 'gone' }
  /** Still reported there. */
  | { readonly kind: 'remaining'; readonly findings: readonly ScoredFinding[] }
  /** Can't be told: no such version, no such file, or the scan failed. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface FixedScore {
  readonly class: string;
  /** `name@version` of the fixed version. */
  readonly spec: string;
  /** Version, file and line of the row. */
  readonly before: string;
  readonly file: string;
  readonly outcome: FixedOutcome;
}

/** For each row that was hit and has a fixed version, what is found in that one. */
export async function scanFixedVersions(
  packages: readonly PackageScore[],
  scanner: Scanner,
  onProgress: (what: string, done: number, total: number, spec: string) => void,
): Promise<readonly FixedScore[]> {
  const hits = packages.flatMap((entry) =>
    entry.rows.filter(({ row, hit }) => hit && isMendedLater(row)).map((score) => ({ entry, score })),
  );
  const bySpec = new Map<string, { version: PackageVersion; hits: typeof hits }>();
  for (const hit of hits) {
    const { row } = hit.score;
    const version = { name: row.package, version: row.fixedVersion ?? '' };
    const spec = `${version.name}@${version.version}`;
    bySpec.set(spec, { version, hits: [...(bySpec.get(spec)?.hits ?? []), hit] });
  }
  const fetched = await fetchPackages(
    [...bySpec.values()].map(({ version }) => version),
    (done, total, spec) => onProgress('fetch fixed', done, total, spec),
  );
  const missing = new Map([...fetched.gone, ...fetched.failed].map(({ spec, reason }) => [spec, reason]));
  const scores: FixedScore[] = [];
  let done = 0;
  for (const [spec, { version, hits: hitsHere }] of bySpec) {
    onProgress('scan fixed', ++done, bySpec.size, spec);
    const folder = packageFolder(version);
    const reason = missing.get(spec);
    const scanned = reason === undefined ? await scanner.scan({ folder, includeDependencies: false }) : undefined;
    const answer = scanned?.kind === 'scanned' ? scanned.answer : undefined;
    const problem = reason ?? answer?.error ?? (answer === undefined ? (scanned?.kind ?? 'not scanned') : undefined);
    for (const { entry, score } of hitsHere) {
      for (const file of [...new Set(score.hits.map((finding) => finding.file))]) {
        scores.push({
          class: score.row.class,
          spec,
          before: `${score.row.version} ${score.row.file}:${String(score.row.line)}`,
          file: relative(entry.folder, file),
          outcome:
            problem === undefined
              ? compare(score, entry.folder, file, folder, answer?.findings ?? [])
              : { kind: 'unknown', reason: problem },
        });
      }
    }
  }
  return scores;
}

/** The table names the vulnerable version itself as the fixed one now and then. */
const isMendedLater = (row: TableRow): boolean => row.fixedVersion !== undefined && row.fixedVersion !== row.version;

function compare(
  score: RowScore,
  folderBefore: string,
  file: string,
  folder: string,
  findings: readonly ScoredFinding[],
): FixedOutcome {
  const path = join(folder, relative(folderBefore, file));
  if (!existsSync(path) || !statSync(path).isFile()) return { kind: 'unknown', reason: 'no such file any more' };
  const lines = score.hits.filter((finding) => finding.file === file).map(({ line }) => line);
  const there = movedLines(file, path, lines);
  const remaining = findings.filter(
    (finding) => finding.file === path && there.has(finding.line) && hasClassOf(finding, score.row),
  );
  return remaining.length === 0 ? { kind: 'gone' } : { kind: 'remaining', findings: remaining };
}

export function printFixed(scores: readonly FixedScore[]): string {
  const lines = ['fixed versions: class    places  gone  remaining  unknown   share gone'];
  const line = (name: string, of: readonly FixedScore[]): string => {
    const count = (kind: FixedOutcome['kind']): number => of.filter(({ outcome }) => outcome.kind === kind).length;
    const [gone, remaining] = [count('gone'), count('remaining')];
    const share = gone + remaining === 0 ? '—' : `${((100 * gone) / (gone + remaining)).toFixed(1)} %`;
    const cells = [cell(of.length, 6), cell(gone, 5), cell(remaining, 10), cell(count('unknown'), 8)];
    return `${name.padEnd(24)} ${cells.join(' ')} ${share.padStart(12)}`;
  };
  for (const name of [...new Set(scores.map((score) => score.class))].sort()) {
    lines.push(
      line(
        name,
        scores.filter((score) => score.class === name),
      ),
    );
  }
  lines.push(line('all', scores), '', 'not gone:');
  for (const { outcome, spec, before, file, ...score } of scores) {
    if (outcome.kind === 'gone') continue;
    const what =
      outcome.kind === 'unknown'
        ? `unknown, ${outcome.reason.split('\n')[0] ?? ''}`
        : outcome.findings
            .slice(0, 3)
            .map(({ line: at, sourceLine }) => `line ${String(at)} from line ${String(sourceLine)}`)
            .join('; ');
    lines.push(`  ${score.class}  ${spec} ${file} (was ${before}): ${what}`);
  }
  return `${lines.join('\n')}\n`;
}

const cell = (value: number, width: number): string => String(value).padStart(width);
