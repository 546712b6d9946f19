/** The figures of one size as text. */
import type { DifficultReport, SizeReport } from './main';
import type { Spread } from './updateRun';

export function printSize(report: SizeReport): string {
  const lines = [`\n${String(report.size)} files`];
  const say = (name: string, text: string): void => void lines.push(`  ${name.padEnd(34)} ${text}`);
  const { cold, parse, updates, lookUps, server } = report;
  if (cold !== undefined) {
    say('sources', megabytes(report.bytes));
    say('first index and analysis', `${seconds(cold.totalMs)}, ${(cold.totalMs / report.size).toFixed(2)} ms a file`);
    say('', `${((cold.totalMs * 1000) / Math.max(1, report.bytes)).toFixed(2)} ms a KB of source`);
    if (parse !== undefined)
      say('over parse-only', `${(cold.totalMs / parse.totalMs).toFixed(2)}× (${seconds(parse.totalMs)})`);
    say('peak memory, all threads', megabytes(cold.peakMemory));
    say('database', megabytes(cold.statistics.databaseBytes));
    const { functions, truncatedFunctions, findings } = cold.statistics;
    say('functions, cut short, findings', `${String(functions)}, ${String(truncatedFunctions)}, ${String(findings)}`);
  }
  if (lookUps !== undefined) {
    say('names in the index', `${String(lookUps.references)}, ${megabytes(lookUps.memory)} when queried`);
    for (const [kind, times] of Object.entries(lookUps.queries)) say(`query: ${kind}`, spread(times));
  }
  if (updates !== undefined) {
    for (const [kind, times] of Object.entries(updates.queries ?? {})) say(`query: ${kind}`, spread(times));
    if (updates.replaceOne !== undefined) say('replace one file', spread(updates.replaceOne));
    if (updates.replaceSame !== undefined) say('of the smallest corpus', spread(updates.replaceSame));
    if (updates.five !== undefined) {
      const { update, rebuildMs, ratio } = updates.five;
      say('save five files', `${spread(update)}; all anew ${seconds(rebuildMs)}: ${ratio.toFixed(0)}×`);
    }
    say('commits, ms a file by tenths', updates.commitTenths.map((time) => time.toFixed(2)).join(' '));
  }
  if (server !== undefined) {
    say('start to first diagnostics', server.warmFirstMs.map(seconds).join(', '));
    if (server.firstEditMs !== undefined) say('first key after a start', seconds(server.firstEditMs));
    for (const { file, lines: count, p50, p95, p99, unanswered, allUpToDate } of server.typing) {
      say(`keys in ${String(count)} lines`, `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}  ${file}`);
      if (unanswered > 0) say('', `${String(unanswered)} without an answer`);
      if (allUpToDate === undefined) continue;
      const { p50: half, p95: most } = allUpToDate;
      say('', `imported by ${String(report.importers)}; all up to date p50 ${ms(half)}, p95 ${ms(most)}`);
    }
    for (const [kind, { count, p50, p95 }] of Object.entries(server.duringRebuild))
      say(`${kind} during a rebuild`, `p50 ${ms(p50)}, p95 ${ms(p95)} of ${String(count)}`);
    if (server.peakMemory !== undefined) say('peak memory of the server', megabytes(server.peakMemory));
  }
  return `${lines.join('\n')}\n`;
}

/** What replacing the same files costs in the largest index over the smallest; nothing when there is but one. */
export function printGrowth(reports: readonly SizeReport[]): string {
  const measured = reports.flatMap(({ size, updates }) =>
    updates?.replaceSame === undefined ? [] : [{ size, ...updates.replaceSame }],
  );
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return '';
  const sizes = `${String(last.size)} over ${String(first.size)} files`;
  return `\nreplacing the same files, ${sizes}: p50 ${(last.p50 / first.p50).toFixed(2)}×, p95 ${(last.p95 / first.p95).toFixed(2)}×\n`;
}

export function printDifficult({ name, index }: DifficultReport): string {
  const { truncatedFunctions, findings } = index.statistics;
  const found = `${String(findings)} findings, ${String(truncatedFunctions)} functions cut short`;
  return `${name}: ${seconds(index.totalMs)}, ${megabytes(index.peakMemory)}, ${found}\n`;
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const seconds = (value: number): string => `${(value / 1000).toFixed(2)} s`;
const megabytes = (value: number): string => `${(value / 1e6).toFixed(1)} MB`;
const spread = ({ p50, p95, worst }: Spread): string => `p50 ${ms(p50)}, p95 ${ms(p95)}, worst ${ms(worst)}`;
