/** Accuracy on the ground truth: fetch, scan, score, print. See `run.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Command } from 'commander';
import { printFixed, scanFixedVersions, type FixedScore } from './fixedVersions';
import { fetchPackages, packageFolder } from './packageCache';
import { printReport } from './printReport';
import type { ScanAnswer } from './scanChild';
import { Scanner } from './scanner';
import { hasClassOf, hasRelatedClass, windowOf, type ScoredFinding } from './score';
import { describeTriage, drawTriage, readTriage, writeTriage } from './triage';
import { locate, packagesOf, readLabels, readTable, specOf, type LocatedRow, type TableRow } from './table';

export interface RowScore {
  readonly row: TableRow;
  readonly hit: boolean;
  /** The findings that hit it. */
  readonly hits: readonly ScoredFinding[];
  /** For misses: rules of other classes that report a sink at that very place. No hit, but worth a look at the row's class. */
  readonly otherClass: readonly string[];
  /** For misses: one of these tells of the same flaw under another name (see `score.ts`). */
  readonly isRelated: boolean;
  /** What the line of the row says. */
  readonly code: string;
  /** For misses: findings in the file of the row. */
  readonly insteadInFile: readonly ScoredFinding[];
  /** The file was not analysed, and why. */
  readonly notAnalysed?: string;
}

export interface PackageScore {
  readonly spec: string;
  readonly folder: string;
  readonly outcome: 'scanned' | 'timeout' | 'crash';
  readonly reason: string;
  readonly milliseconds: number;
  readonly rows: readonly RowScore[];
  /** Findings that hit no row of this package. */
  readonly others: readonly ScoredFinding[];
  readonly answer?: ScanAnswer;
}

export interface AccuracyReport {
  readonly packages: readonly PackageScore[];
  readonly leftOut: readonly { readonly row: TableRow; readonly reason: string }[];
  readonly processStartMs: readonly number[];
  /** With `--fixed`. */
  readonly fixed?: readonly FixedScore[];
}

interface Options {
  readonly class?: string;
  readonly package?: string;
  readonly json?: string;
  readonly misses: boolean;
  readonly timeout: string;
  readonly includeDependencies: boolean;
  readonly heldout: boolean;
  readonly fixed: boolean;
  readonly sample?: string;
  readonly seed: string;
  readonly from?: string;
}

interface Files {
  readonly table: string;
  readonly heldout: string;
  readonly triage: string;
  readonly labels: string;
  readonly child: string;
  readonly dist: string;
}

export async function main(argumentsTyped: readonly string[], files: Files): Promise<number> {
  const options = new Command('accuracy')
    .option('--class <class>', 'only rows of this class')
    .option('--package <name>', 'only packages whose name contains this')
    .option('--json <file>', 'write everything to a file')
    .option('--misses', 'list every miss with what was found in its file instead', false)
    .option('--timeout <seconds>', 'for one package', '30')
    .option('--fixed', 'only rows with a fixed version, and whether what hits them is gone there', false)
    .option('--heldout', 'the other table: packages that nothing was tuned on when they were read', false)
    .option('--include-dependencies', 'scan with --include-dependencies', false)
    .option('--sample <size>', 'draw that many of the other findings into triage.json, for judging by CRITERIA.md')
    .option('--seed <number>', 'of the sample', '1')
    .option('--from <file>', 'scan nothing; read what --json wrote earlier')
    .parse([...argumentsTyped], { from: 'user' })
    .opts<Options>();
  const report =
    options.from === undefined
      ? await measure(options, files)
      : (JSON.parse(readFileSync(options.from, 'utf8')) as AccuracyReport);
  process.stdout.write(printReport(report, options.misses, options.heldout ? [] : readLabels(files.labels)));
  if (report.fixed !== undefined) process.stdout.write(`\n${printFixed(report.fixed)}`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, undefined, 1));
  if (options.sample !== undefined) {
    const triage = drawTriage(report, Number(options.sample), Number(options.seed), readTriage(files.triage));
    writeTriage(files.triage, triage);
    process.stdout.write(`\n${describeTriage(triage)}\n`);
  }
  return report.packages.some(({ outcome }) => outcome !== 'scanned') ? 1 : 0;
}

async function measure(options: Options, files: Files): Promise<AccuracyReport> {
  const rows = readTable(options.heldout ? files.heldout : files.table).filter(
    (row) =>
      (options.class === undefined || row.class === options.class) &&
      (!options.fixed || row.fixedVersion !== undefined) &&
      (options.package === undefined || row.package.includes(options.package)),
  );
  const packages = packagesOf(rows);
  const fetched = await fetchPackages(packages, (done, total, spec) => progress('fetch', done, total, spec));
  const reasons = new Map([...fetched.gone, ...fetched.failed].map(({ spec, reason }) => [spec, reason]));

  const located = new Map<string, LocatedRow[]>();
  const leftOut: { row: TableRow; reason: string }[] = [];
  for (const row of rows) {
    const found = locate(row);
    if (found === undefined) leftOut.push({ row, reason: reasons.get(specOf(row)) ?? 'the package has no such file' });
    else located.set(specOf(row), [...(located.get(specOf(row)) ?? []), found]);
  }

  const scanner = new Scanner(files.child, files.dist, Number(options.timeout) * 1000);
  const scores: PackageScore[] = [];
  for (const wanted of packages) {
    const spec = `${wanted.name}@${wanted.version}`;
    const rowsHere = located.get(spec);
    if (rowsHere === undefined) continue;
    progress('scan', scores.length + 1, located.size, spec);
    const folder = packageFolder(wanted);
    const outcome = await scanner.scan({ folder, includeDependencies: options.includeDependencies });
    const answer = outcome.kind === 'scanned' ? outcome.answer : undefined;
    const failed = answer?.error !== undefined;
    scores.push({
      spec,
      folder,
      outcome: outcome.kind === 'scanned' && failed ? 'crash' : outcome.kind,
      reason: outcome.kind === 'crash' ? outcome.reason : (answer?.error ?? ''),
      milliseconds: answer?.milliseconds ?? Number(options.timeout) * 1000,
      ...scoreRows(rowsHere, answer),
      ...(answer === undefined ? {} : { answer }),
    });
  }
  const fixed = options.fixed ? await scanFixedVersions(scores, scanner, progress) : undefined;
  await scanner.stop();
  progress('scan', 0, 0, '');

  return {
    packages: scores,
    leftOut,
    processStartMs: scanner.startTimes,
    ...(fixed ? { fixed } : {}),
  };
}

function scoreRows(rows: readonly LocatedRow[], answer: ScanAnswer | undefined): Pick<PackageScore, 'rows' | 'others'> {
  const findings = answer?.findings ?? [];
  const used = new Set<ScoredFinding>();
  const scored = rows.map(({ row, files, folder }): RowScore => {
    const inFile = findings.filter((finding) => files.includes(finding.file));
    let code = '';
    const hits: ScoredFinding[] = [];
    let isRelated = false;
    const otherClass = new Set<string>();
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      if (code === '') code = lineOf(text, row.line);
      const window = windowOf(text, file, row.line, row.column);
      for (const finding of inFile) {
        if (finding.file !== file || !window.has(finding.line)) continue;
        if (hasClassOf(finding, row)) {
          used.add(finding);
          hits.push(finding);
        } else {
          otherClass.add(finding.rule);
          isRelated ||= hasRelatedClass(finding, row);
        }
      }
    }
    const hit = hits.length > 0;
    const status = answer?.troubled.find(
      ({ path, state }) => files.includes(path) && state !== 'partial' && state !== 'indexed',
    );
    const notAnalysed =
      hit || status === undefined
        ? {}
        : { notAnalysed: `${relative(folder, status.path)}: ${status.state}, ${status.reason}` };
    return {
      row,
      hit,
      hits,
      otherClass: hit ? [] : [...otherClass].sort(),
      isRelated: !hit && isRelated,
      code,
      insteadInFile: hit ? [] : inFile,
      ...notAnalysed,
    };
  });
  return { rows: scored, others: findings.filter((finding) => !used.has(finding)) };
}

function lineOf(text: string, line: number): string {
  const lines = text.split(/\r\n|\r|\n/);
  return lines[line - 1]?.trim().slice(0, 160) ?? '';
}

function progress(what: string, done: number, total: number, detail: string): void {
  if (!process.stderr.isTTY) {
    if (done > 0 && done % 50 === 0) process.stderr.write(`${what} ${String(done)}/${String(total)}\n`);
    return;
  }
  process.stderr.write(total === 0 ? '\r\u001b[K' : `\r\u001b[K${what} ${String(done)}/${String(total)} ${detail}`);
}
