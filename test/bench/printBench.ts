/** The benchmark's report as people read it. */
import { percentile } from '../accuracy/score';
import { describeBudgets } from './budgets';
import type { LatencyResult } from './latency';
import type { BenchReport } from './main';

export function printCold(report: Omit<BenchReport, 'latency'>): string {
  const { machine, corpus, parse, index } = report;
  const { lines, row } = table();
  row(
    'machine',
    `${String(machine.cores)} cores`,
    `${machine.cpu}, Node ${machine.node}, extraction workers: ${String(machine.workers)}`,
  );
  row('corpus', `${String(corpus.files)} files`, megabytes(corpus.bytes));
  lines.push('');
  const parseMs = parse.map(({ totalMs }) => totalMs);
  const coldMs = index.map(({ totalMs }) => totalMs);
  const cold = percentile(coldMs, 0.5);
  if (parse.length > 0) row('parse only (median)', ms(percentile(parseMs, 0.5)), `runs: ${parseMs.map(ms).join(', ')}`);
  row('cold index and full analysis (median)', ms(cold), `runs: ${coldMs.map(ms).join(', ')}`);
  if (parse.length > 0)
    row('cold over parse only', `${report.ratio.toFixed(2)} ×`, 'must ≤ 4 (this issue), ≤ 3; aim ≤ 2');
  row(
    'throughput',
    `${((1000 * corpus.files) / cold).toFixed(0)} files/s`,
    `${(corpus.bytes / 1e6 / (cold / 1000)).toFixed(1)} MB/s`,
  );
  row('peak memory of the process', megabytes(Math.max(...index.map(({ peakMemory }) => peakMemory))));
  const last = index.at(-1);
  if (last !== undefined) {
    const { statistics } = last;
    const { callSites } = statistics;
    row('database', megabytes(statistics.databaseBytes), `checkpoint ${ms(last.checkpointMs)}`);
    row(
      'stages of the last run',
      '',
      last.stages.map(({ id, milliseconds }) => `${id} ${ms(milliseconds)}`).join(', '),
    );
    row('functions', String(statistics.functions), `${String(statistics.truncatedFunctions)} hit a budget`);
    row('cut by a budget', '', `${describeBudgets(last.budgets)}; to be < 0.1 % each`);
    const share = (part: number): string => `${((100 * part) / Math.max(1, callSites.total)).toFixed(0)} %`;
    row(
      'call sites',
      String(callSites.total),
      `to functions ${share(callSites.toFunctions)}, to models ${share(callSites.toModels)}, unknown ${share(callSites.unknown)}`,
    );
    row(
      'findings',
      String(statistics.findings),
      `files partial ${String(statistics.files.partial)}, failed ${String(statistics.files.failed)}, skipped ${String(statistics.files.skipped)}`,
    );
  }
  return text(lines);
}

export function printLatency(latency: LatencyResult): string {
  const { lines, row } = table();
  lines.push('', `language server, typing in ${latency.file} (${String(latency.lines)} lines)`);
  row(
    'didChange to diagnostics, p50',
    ms(latency.p50),
    `${String(latency.edits)} edits, ${String(latency.changingSummary)} of them change a summary`,
  );
  row(
    'didChange to diagnostics, p95',
    ms(latency.p95),
    `must ≤ 300 ms (this issue), ≤ 150; aim ≤ 50; worst ${ms(latency.worst)}`,
  );
  row(
    '  of edits that change a summary, p50 / p95',
    `${latency.changing.p50.toFixed(0)} / ${ms(latency.changing.p95)}`,
  );
  if (latency.unanswered > 0) row('  edits without an answer', String(latency.unanswered));
  row(
    'warm start to first diagnostics (median)',
    ms(percentile(latency.warmFirstMs, 0.5)),
    `after initialized: ${latency.warmAfterInitializedMs.map(ms).join(', ')}`,
  );
  row('warm start to a complete index (median)', ms(percentile(latency.warmReadyMs, 0.5)));
  row('cold start to a complete index', ms(latency.coldReadyMs));
  if (latency.peakMemory !== undefined) row('peak memory of the server', megabytes(latency.peakMemory));
  return text(lines);
}

interface Table {
  readonly lines: string[];
  readonly row: (what: string, value: string, detail?: string) => void;
}

function table(): Table {
  const lines: string[] = [];
  const row = (what: string, value: string, detail = ''): void =>
    void lines.push(`${what.padEnd(44)} ${value.padStart(12)}  ${detail}`.trimEnd());
  return { lines, row };
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

const ms = (value: number): string => (value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(0)} ms`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
