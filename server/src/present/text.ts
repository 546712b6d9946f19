/**
 * Findings for people at a terminal: one block a finding with `file:line:column` first, so that terminals and editors
 * make it a link, the shortest path as numbered steps with the line of code, and a summary at the end. Text of the
 * scanned files is made harmless first: nothing in a source file may drive the terminal.
 */
import type { FileStatus, ResolvedFinding } from '../model/finding';
import { countBySeverity, isNew, SEVERITIES, type ScanReport } from './report';
import { TerminalText, printable, type Style, type TextOptions } from './terminalText';
import { confidenceName, count } from './wording';

/** Files of one kind of trouble that are listed. */
const MAX_LISTED = 20;

/** Ends with a line feed. */
export function toText(report: ScanReport, options: TextOptions): string {
  const writer = new TextWriter(report, options);
  return writer.write();
}

class TextWriter extends TerminalText {
  constructor(
    private readonly report: ScanReport,
    options: TextOptions,
  ) {
    super(report.roots, options);
  }

  write(): string {
    for (const finding of this.report.findings) this.finding(finding);
    this.files('failed', 'could not be analysed', 'red');
    this.files('partial', 'could only be analysed in part', 'yellow');
    this.files('skipped', 'skipped', 'dim');
    this.limits();
    this.summary();
    return `${this.lines.join('\n')}\n`;
  }

  private finding(finding: ResolvedFinding): void {
    const { rule, severity } = finding;
    const cwe = rule.cwe.map((id) => `CWE-${String(id)}`).join(', ');
    const place = this.style('bold', this.place(finding.sink));
    const level = this.severity(severity);
    const name = this.style('bold', rule.id);
    const details = this.style('dim', [cwe, confidenceName(finding.confidence)].filter(Boolean).join(', '));
    const added = isNew(this.report, finding) === true ? `${this.style('green', 'new')}  ` : '';
    this.lines.push(`${place}  ${added}${level}  ${name}  ${details}`);
    this.lines.push(`  ${printable(finding.message)}`);
    const [shortest] = finding.paths;
    if (shortest !== undefined) this.path(shortest);
    const more = finding.paths.length - 1 + Math.max(0, finding.morePaths);
    if (finding.morePaths < 0) this.lines.push(this.style('dim', '     more paths lead here'));
    else if (more > 0)
      this.lines.push(this.style('dim', `     ${count(more, 'more path')} ${more === 1 ? 'leads' : 'lead'} here`));
    if (finding.help !== '')
      this.lines.push(`  ${this.style('green', 'Fix:')} ${printable(firstSentences(finding.help))}`);
    this.lines.push('');
  }

  private files(state: FileStatus['state'], what: string, style: Style): void {
    const files = this.report.troubledFiles.filter((status) => status.state === state);
    if (files.length === 0) return;
    this.lines.push(this.style(style, `${count(files.length, 'file')} ${what}:`));
    for (const status of files.slice(0, MAX_LISTED)) {
      this.lines.push(
        `  ${this.place({ path: status.path, range: status.lost[0] ?? undefined })}  ${printable(troubleOf(status))}`,
      );
    }
    this.more(files.length);
  }

  private limits(): void {
    const files = this.report.troubledFiles.filter(({ limits }) => limits.length > 0);
    if (files.length === 0) return;
    this.lines.push(
      this.style('yellow', `${count(files.length, 'file')} met a limit of the analysis (paths may be missing):`),
    );
    for (const { path, limits } of files.slice(0, MAX_LISTED)) {
      this.lines.push(`  ${this.place({ path })}  ${printable(limits.join('; '))}`);
    }
    this.more(files.length);
  }

  private more(total: number): void {
    if (total > MAX_LISTED) {
      this.lines.push(this.style('dim', `  and ${String(total - MAX_LISTED)} more; --format json lists all of them`));
    }
    this.lines.push('');
  }

  private summary(): void {
    const { findings, statistics, startedAt, endedAt, cancelled } = this.report;
    const { files } = statistics;
    const bySeverity = countBySeverity(findings);
    const parts = SEVERITIES.filter((severity) => bySeverity[severity] > 0).map((severity) =>
      this.severity(severity, `${String(bySeverity[severity])} ${severity}`),
    );
    const inFiles = new Set(findings.map((finding) => finding.sink.path)).size;
    const analysed = files.indexed + files.partial;
    const none =
      analysed > 0 ? this.style('green', 'No taint paths found') : this.style('yellow', 'Nothing was analysed');
    const result =
      findings.length === 0
        ? none
        : `${this.style('bold', count(findings.length, 'finding'))} in ${count(inFiles, 'file')} (${parts.join(', ')})`;
    const trouble = [
      files.partial > 0 ? `${String(files.partial)} in part` : '',
      files.failed > 0 ? `${String(files.failed)} failed` : '',
      files.skipped > 0 ? `${String(files.skipped)} skipped` : '',
    ].filter((part) => part !== '');
    const seconds = ((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1);
    const rest = trouble.length > 0 ? ` (${trouble.join(', ')})` : '';
    const work = analysed > 0 ? `. ${count(analysed, 'file')} analysed in ${seconds} s${rest}` : rest;
    this.lines.push(`${result}${work}.`);
    const { changes } = this.report;
    if (changes !== undefined) {
      const since = printable(changes.since === 'HEAD' ? 'the last commit' : changes.since);
      this.lines.push(
        `${count(changes.files, 'file')} changed since ${since}: ${count(changes.added.size, 'new finding')}, ${String(changes.gone)} gone.`,
      );
    }
    if (cancelled) this.lines.push(this.style('yellow', 'The scan was interrupted: this is not the whole result.'));
  }
}

function troubleOf(status: FileStatus): string {
  if (status.reason !== '') return status.reason;
  if (status.lost.length === 0) return 'parts could not be parsed';
  const places = status.lost.slice(0, 5).map(({ start, end }) => {
    const last = end.line > start.line ? `–${String(end.line + 1)}` : '';
    return `${String(start.line + 1)}${last}`;
  });
  const more = status.lost.length > places.length ? ', …' : '';
  return `not parsed: line ${places.join(', ')}${more}`;
}

/** Help is Markdown of several paragraphs; a terminal gets its first one. */
function firstSentences(markdown: string): string {
  const paragraph = markdown.trim().split(/\n\s*\n/, 1)[0] ?? '';
  return paragraph.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\*\*/g, '');
}
