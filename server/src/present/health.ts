/**
 * The health of an index for people: what a terminal prints and an editor shows as a read-only document. Lines of plain
 * text under headings, with the places of files that an editor makes links of.
 */
import type { IndexStatistics } from '../model/analysis';
import type { DigestComparison } from '../model/digest';
import type { FileStatus } from '../model/finding';
import type { ConsistencyReport, IndexHealth, RunRecord } from '../model/health';
import { reportName } from './report';
import { printable } from './terminalText';
import { count } from './wording';

/** The result of comparing the index with a clean build. */
export type Verification =
  | { readonly kind: 'equal' | 'different'; readonly at: number; readonly comparison: DigestComparison }
  /** Files changed on disk meanwhile, so that the two were made of different inputs. */
  | { readonly kind: 'changed'; readonly at: number };

export interface HealthView {
  readonly health: IndexHealth;
  /** Absolute paths. */
  readonly roots: readonly string[];
  readonly verification?: Verification | undefined;
  /** Lines that come first, such as what the server is doing. */
  readonly state?: readonly string[];
  /** Threads of the process beside the one that analyses and those that extract. */
  readonly otherThreads: number;
}

/** Where a file is named: line of the text from 0, and the characters of its name. */
export interface FileMention {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly path: string;
  /** Line in the file, from 0. */
  readonly at: number;
}

export interface HealthText {
  /** Ends with a line feed. */
  readonly text: string;
  readonly files: readonly FileMention[];
}

/** Files of one state that are listed. */
const MAX_LISTED = 50;

export function healthText(view: HealthView): HealthText {
  return new HealthWriter(view).write();
}

/** One or two sentences. */
export function describeVerification(verification: Verification): string {
  switch (verification.kind) {
    case 'equal': {
      const { subjects, lines } = verification.comparison;
      return `The index equals a clean build: ${count(lines, 'line')} about ${count(subjects, 'file or finding', 'files and findings')} compared.`;
    }
    case 'different': {
      const { different, subjects } = verification.comparison;
      return `The index differs from a clean build in ${String(different)} of ${count(subjects, 'file or finding', 'files and findings')}. A rebuild puts it right; please report it.`;
    }
    case 'changed':
      return 'Files changed on disk while the index was compared with a clean build. Nothing is said about it; try again.';
  }
}

class HealthWriter {
  private readonly lines: string[] = [];
  private readonly files: FileMention[] = [];

  constructor(private readonly view: HealthView) {}

  write(): HealthText {
    const { health, roots, state = [], verification } = this.view;
    this.lines.push('# Index health', '');
    for (const line of state) this.lines.push(line);
    this.item(roots.length > 1 ? 'folders' : 'folder', roots.map(printable).join(', ') || 'none');
    this.item('as of', timeOf(health.at));
    if (!health.isIncremental) this.item('incremental', 'off: everything is analysed anew for each change');
    this.contents(health.statistics);
    this.item('paths with steps left out', String(health.truncatedPaths));
    this.item('findings with more paths', String(health.findingsWithMorePaths));
    this.storage();
    this.resources();
    this.runs(health.runs);
    this.consistency(health.consistency);
    if (verification !== undefined) this.verification(verification);
    this.remarkable('failed', 'Failed files');
    this.remarkable('partial', 'Partial files');
    this.remarkable('skipped', 'Skipped files');
    this.limits();
    return { text: `${this.lines.join('\n')}\n`, files: this.files };
  }

  private contents({ files, functions, callSites, truncatedFunctions, findings }: IndexStatistics): void {
    this.heading('Contents');
    const states = [
      `${String(files.indexed)} indexed`,
      `${String(files.partial)} partial`,
      `${String(files.failed)} failed`,
      `${String(files.skipped)} skipped`,
    ];
    this.item('files', states.join(', '));
    this.item('functions', `${String(functions)}, of which a limit cut ${String(truncatedFunctions)}`);
    const share = (part: number): string => `${String(part)} (${percent(part, callSites.total)})`;
    this.item('call sites', String(callSites.total));
    this.item('- to functions', share(callSites.toFunctions));
    this.item('- to models', share(callSites.toModels));
    this.item('- unknown', share(callSites.unknown));
    this.item('findings', String(findings));
  }

  private storage(): void {
    const { folder, databaseBytes, journalBytes, cacheBytes, lastCheckpoint, notices } = this.view.health.storage;
    this.heading('Storage');
    this.item('kept in', folder === undefined ? 'memory only' : printable(folder));
    this.item('database', megabytes(databaseBytes));
    this.item('journal', megabytes(journalBytes));
    this.item('caches', megabytes(cacheBytes));
    this.item('last checkpoint', lastCheckpoint === undefined ? 'none' : timeOf(lastCheckpoint));
    for (const notice of notices) this.lines.push(`! ${printable(notice)}`);
  }

  private resources(): void {
    const { memory, extractionThreads } = this.view.health;
    this.heading('Memory and threads');
    this.item('process', megabytes(memory.processBytes));
    this.item('heap of the analysis', `${megabytes(memory.heapBytes)} of ${megabytes(memory.heapLimitBytes)}`);
    this.item('outside of the heap', megabytes(memory.externalBytes));
    const { otherThreads } = this.view;
    const others = otherThreads === 0 ? '' : `, ${String(otherThreads)} for the editor`;
    this.item('threads', `1 that analyses, up to ${String(extractionThreads)} that read files${others}`);
  }

  private runs(runs: readonly RunRecord[]): void {
    this.heading('Last runs');
    for (const { kind, at, milliseconds, indexed, removed, failed, findings } of runs) {
      const parts = [`${count(indexed, 'file')} indexed`];
      if (removed > 0) parts.push(`${String(removed)} removed`);
      if (failed > 0) parts.push(`${String(failed)} failed`);
      parts.push(count(findings, 'finding'));
      this.lines.push(`${timeOf(at)}  ${kind.padEnd(7)}  ${duration(milliseconds).padStart(8)}  ${parts.join(', ')}`);
    }
    if (runs.length === 0) this.lines.push('None.');
    const stages = this.view.health.stages.filter(({ items }) => items > 0);
    if (stages.length === 0) return;
    this.lines.push('', 'Stages of the last one:');
    for (const { id, items, milliseconds, enabled, state } of stages) {
      const how = enabled ? (state === 'failed' ? ', failed' : '') : ', off';
      this.lines.push(`${id.padEnd(9)}${duration(milliseconds).padStart(8)}  ${count(items, 'item')}${how}`);
    }
  }

  private consistency({ lastWhole, updatesSince, waiting, checked, found, problems }: ConsistencyReport): void {
    this.heading('Consistency');
    this.item('looked at as a whole', lastWhole === undefined ? 'not yet' : timeOf(lastWhole));
    this.item('updates since', String(updatesSince));
    const left = waiting === 0 ? '' : `, ${String(waiting)} waiting`;
    this.item('files looked at', `${String(checked)}${left}`);
    this.item('problems', String(found));
    for (const { path, problem, at, isRepaired } of problems.slice(-MAX_LISTED)) {
      const done = isRepaired ? 'put right' : 'to be put right';
      this.mention(`${timeOf(at)}  `, path, `  ${problem} (${done})`);
    }
  }

  private verification(verification: Verification): void {
    this.heading('Compared with a clean build');
    this.lines.push(`${timeOf(verification.at)}  ${describeVerification(verification)}`);
    if (verification.kind !== 'different') return;
    const { first, different } = verification.comparison;
    for (const { subject, kinds } of first) this.mention('', subject, `  ${kinds.join(', ')}`);
    this.more(different, first.length);
  }

  private remarkable(state: FileStatus['state'], title: string): void {
    const { remarkable, remarkableCounts } = this.view.health;
    const files = remarkable.filter((status) => status.state === state);
    if (files.length === 0) return;
    this.heading(title);
    for (const { path, reason, lost } of files.slice(0, MAX_LISTED)) {
      const [first] = lost;
      const why = reason !== '' ? reason : `${count(lost.length, 'part')} could not be parsed.`;
      this.mention('', path, `  ${why}`, first?.start.line ?? 0);
    }
    this.more(remarkableCounts[state], Math.min(files.length, MAX_LISTED));
  }

  private limits(): void {
    const files = this.view.health.remarkable.filter(({ limits }) => limits.length > 0);
    if (files.length === 0) return;
    this.heading('Files that met a limit');
    for (const { path, limits } of files.slice(0, MAX_LISTED)) this.mention('', path, `  ${limits.join('; ')}`);
    this.more(files.length, Math.min(files.length, MAX_LISTED));
  }

  private more(all: number, listed: number): void {
    if (all > listed) this.lines.push(`and ${String(all - listed)} more`);
  }

  private heading(text: string): void {
    this.lines.push('', `## ${text}`, '');
  }

  private item(name: string, value: string): void {
    this.lines.push(`${`${name}:`.padEnd(26)} ${value}`);
  }

  /** A line that names a file. */
  private mention(before: string, path: string, after: string, at = 0): void {
    const name = printable(path === '' ? '(no file)' : reportName(this.view.roots, path));
    const isFile = path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
    if (isFile) {
      const from = before.length;
      this.files.push({ line: this.lines.length, from, to: from + name.length, path, at });
    }
    this.lines.push(`${before}${name}${printable(after)}`);
  }
}

/** `2026-11-22 00:51:07`, of the local time. */
function timeOf(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${String(time.getFullYear())}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** As JSON for scripts; fields are added, never renamed or removed, unless `formatVersion` grows. Times are ISO 8601, files absolute. */
export function healthJson({ health, roots, verification }: HealthView, toolVersion: string): object {
  const { at, isIncremental, statistics, storage, memory, runs, consistency, remarkable, stages } = health;
  const iso = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString());
  const { databaseBytes: _same, ...contents } = statistics;
  return {
    formatVersion: 1,
    tool: { name: 'Tributary', version: toolVersion },
    at: iso(at),
    roots,
    incremental: isIncremental,
    ...contents,
    truncatedPaths: health.truncatedPaths,
    findingsWithMorePaths: health.findingsWithMorePaths,
    storage: { ...storage, folder: storage.folder ?? null, lastCheckpoint: iso(storage.lastCheckpoint) },
    memory,
    threads: { extraction: health.extractionThreads },
    runs: runs.map((run) => ({ ...run, at: iso(run.at) })),
    stages,
    consistency: {
      ...consistency,
      lastWhole: iso(consistency.lastWhole),
      problems: consistency.problems.map((problem) => ({ ...problem, at: iso(problem.at) })),
    },
    ...(verification === undefined ? {} : { verification: { ...verification, at: iso(verification.at) } }),
    remarkable: remarkable.map(({ path, state, reason, limits, lost }) => ({
      path,
      state,
      reason,
      limits,
      lostParts: lost.length,
    })),
  };
}
