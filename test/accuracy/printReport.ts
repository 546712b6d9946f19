/** The accuracy report as people read it. */
import { relative } from 'node:path';
import type { AccuracyReport, PackageScore, RowScore } from './main';
import { describeBudgets, sumOf } from '../bench/budgets';
import { percentile, type ScoredFinding } from './score';
import { placeOf, type WrongLabel } from './table';

/** `labels` are rows that no finding could hit. */
export function printReport(report: AccuracyReport, listMisses: boolean, labels: readonly WrongLabel[]): string {
  const lines: string[] = [];
  const scores = report.packages.flatMap((entry) => entry.rows.map((score) => ({ entry, score })));
  lines.push(...recallTable(report), '', ...withoutWrongLabels(report, labels), ...otherClasses(report), '');
  lines.push(...otherFindings(report), '');
  lines.push(...analysis(report), '');
  const broken = report.packages.filter(({ outcome }) => outcome !== 'scanned');
  lines.push(`failures: ${String(broken.length)} of ${String(report.packages.length)} packages`);
  for (const { spec, outcome, reason } of broken)
    lines.push(`  ${spec}: ${outcome} ${reason.split('\n').slice(0, 3).join(' | ')}`);
  for (const { spec, folder, answer } of report.packages) {
    for (const { path, state, reason } of answer?.troubled ?? []) {
      if (state === 'failed') lines.push(`  ${spec}: ${relative(folder, path)} failed: ${reason}`);
    }
  }
  lines.push('', ...leftOut(report));
  const misses = scores.filter(({ score }) => !score.hit);
  if (listMisses) {
    lines.push('', `misses (${String(misses.length)}):`);
    for (const { entry, score } of misses) lines.push(...miss(entry, score));
  }
  return `${lines.join('\n')}\n`;
}

function recallTable({ packages, leftOut }: AccuracyReport): string[] {
  const rows = packages.flatMap((entry) => entry.rows);
  const classes = [...new Set([...rows.map(({ row }) => row.class), ...leftOut.map(({ row }) => row.class)])].sort();
  const lines = ['class                    rows  hits  recall  with related  not analysed  left out'];
  const line = (name: string, of: readonly RowScore[], out: number): string => {
    const hits = of.filter(({ hit }) => hit).length;
    const share = (part: number): string => (of.length === 0 ? '—' : `${((100 * part) / of.length).toFixed(1)} %`);
    const related = hits + of.filter(({ isRelated }) => isRelated).length;
    const skipped = of.filter(({ notAnalysed }) => notAnalysed !== undefined).length;
    return `${name.padEnd(24)} ${cell(of.length, 4)} ${cell(hits, 5)} ${share(hits).padStart(7)} ${`${String(related)} (${share(related)})`.padStart(13)} ${cell(skipped, 13)} ${cell(out, 9)}`;
  };
  for (const name of classes) {
    lines.push(
      line(
        name,
        rows.filter(({ row }) => row.class === name),
        leftOut.filter(({ row }) => row.class === name).length,
      ),
    );
  }
  lines.push(line('all', rows, leftOut.length));
  return lines;
}

/** The same of rows whose line holds a sink of their class. */
function withoutWrongLabels(report: AccuracyReport, labels: readonly WrongLabel[]): string[] {
  const wrong = new Set(labels.map(placeOf));
  const rows = report.packages.flatMap((entry) => entry.rows);
  const counted = rows.filter(({ row }) => !wrong.has(placeOf(row)));
  const left = rows.length - counted.length;
  if (left === 0) return [];
  const found = rows.filter(({ row, hit }) => hit && wrong.has(placeOf(row)));
  const packages = report.packages.map((entry) => ({
    ...entry,
    rows: entry.rows.filter(({ row }) => !wrong.has(placeOf(row))),
  }));
  return [
    `without ${String(left)} rows whose line holds no sink of their class (labels.json):`,
    ...recallTable({ ...report, packages, leftOut: [] }).map((line) => `  ${line}`),
    ...found.map(({ row }) => `  labels.json is wrong, something is found at ${placeOf(row)}`),
    '',
  ];
}

/**
 * Rows whose place is reported, but as something else: they count as misses, and the table's class may be mistaken. Those that
 * tell of the same flaw under another name are marked, and make the column "with related".
 */
function otherClasses({ packages }: AccuracyReport): string[] {
  const found = packages.flatMap(({ spec, rows }) =>
    rows
      .filter(({ otherClass }) => otherClass.length > 0)
      .map(({ row, otherClass, isRelated }) => ({
        row,
        text: `${isRelated ? 'related: ' : ''}${spec} ${row.file}:${String(row.line)}: ${otherClass.join(', ')}`,
      })),
  );
  return [
    `sink found under another class (${String(found.length)}, counted as misses):`,
    ...found.map(({ row, text }) => `  ${row.class}: ${text}`),
  ];
}

function otherFindings({ packages }: AccuracyReport): string[] {
  const byRule = new Map<string, number>();
  const places = new Set<string>();
  let total = 0;
  for (const finding of packages.flatMap(({ others }) => others)) {
    byRule.set(finding.rule, (byRule.get(finding.rule) ?? 0) + 1);
    places.add(`${finding.rule} ${finding.file}:${String(finding.line)}`);
    total++;
  }
  const parts = [...byRule].sort((a, b) => b[1] - a[1]).map(([rule, number]) => `${rule} ${String(number)}`);
  return [`other findings: ${String(total)} at ${String(places.size)} places (${parts.join(', ')})`];
}

function analysis({ packages, processStartMs }: AccuracyReport): string[] {
  const times = packages.map(({ milliseconds }) => milliseconds);
  const answers = packages.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  const sum = (value: (answer: (typeof answers)[number]) => number): number =>
    answers.reduce((total, answer) => total + value(answer), 0);
  const functions = sum(({ statistics }) => statistics.functions);
  const truncated = sum(({ statistics }) => statistics.truncatedFunctions);
  const calls = sum(({ statistics }) => statistics.callSites.total);
  const cutPaths = sum(({ findings }) => findings.filter((finding) => finding.truncated).length);
  const share = (part: number, whole: number): string => (whole === 0 ? '—' : `${((100 * part) / whole).toFixed(1)} %`);
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const stageIds = [...new Set(answers.flatMap(({ stages }) => stages.map(({ id }) => id)))];
  const stageTimes = stageIds.map(
    (id) => `${id} ${ms(sum(({ stages }) => stages.find((stage) => stage.id === id)?.milliseconds ?? 0))}`,
  );
  const slowest = [...packages].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 5);
  return [
    `time per package: median ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}, most ${ms(Math.max(0, ...times))}; ` +
      `process start apart: ${processStartMs.map(ms).join(', ')}`,
    `slowest: ${slowest.map(({ spec, milliseconds }) => `${spec} ${ms(milliseconds)}`).join(', ')}`,
    `stages: ${stageTimes.join(', ')}`,
    `peak memory: ${(Math.max(0, ...answers.map(({ peakMemory }) => peakMemory)) / 1e6).toFixed(0)} MB`,
    `files: ${String(sum(({ statistics }) => statistics.files.indexed))} indexed, ${String(sum(({ statistics }) => statistics.files.partial))} partial, ` +
      `${String(sum(({ statistics }) => statistics.files.failed))} failed, ${String(sum(({ statistics }) => statistics.files.skipped))} skipped`,
    `functions: ${String(functions)}, of which ${String(truncated)} hit a budget (${functions === 0 ? '—' : ((1000 * truncated) / functions).toFixed(2)} in 1,000)`,
    `cut by a budget (to be < 0.1 % each): ${describeBudgets(sumOf(answers.map(({ budgets }) => budgets)))}`,
    `call sites: ${String(calls)}: to functions ${share(
      sum(({ statistics }) => statistics.callSites.toFunctions),
      calls,
    )}, ` +
      `to models ${share(
        sum(({ statistics }) => statistics.callSites.toModels),
        calls,
      )}, unknown ${share(
        sum(({ statistics }) => statistics.callSites.unknown),
        calls,
      )}`,
    `findings with a truncated path: ${String(cutPaths)} (${share(
      cutPaths,
      sum(({ findings }) => findings.length),
    )})`,
  ];
}

function leftOut({ leftOut }: AccuracyReport): string[] {
  const bySpec = new Map<string, number>();
  for (const { row, reason } of leftOut) {
    const key = reason.startsWith('the package')
      ? `${row.package}@${row.version} ${row.file}: ${reason}`
      : `${row.package}@${row.version}: ${reason}`;
    bySpec.set(key, (bySpec.get(key) ?? 0) + 1);
  }
  return [
    `left out (${String(leftOut.length)} rows):`,
    ...[...bySpec].map(([key, number]) => `  ${key}${number > 1 ? ` (${String(number)} rows)` : ''}`),
  ];
}

function miss({ spec, folder, others }: PackageScore, { row, code, insteadInFile, notAnalysed }: RowScore): string[] {
  const lines = [`  ${row.class}  ${spec}  ${row.file}:${String(row.line)}  ${code}`];
  if (notAnalysed !== undefined) lines.push(`      not analysed: ${notAnalysed}`);
  const describe = ({ rule, line, sourceFile, sourceLine }: ScoredFinding): string =>
    `${rule} at line ${String(line)} from ${relative(folder, sourceFile)}:${String(sourceLine)}`;
  for (const finding of insteadInFile.slice(0, 5)) lines.push(`      instead: ${describe(finding)}`);
  if (insteadInFile.length === 0) {
    const same = others.filter(({ rule }) => rule === row.class).slice(0, 3);
    for (const finding of same) lines.push(`      elsewhere: ${relative(folder, finding.file)}, ${describe(finding)}`);
  }
  return lines;
}

const cell = (value: number, width: number): string => String(value).padStart(width);
