/** What can reach a sink, or what a source reaches, for a terminal, and as JSON for scripts: the form of `json.ts` where it says the same. */
import type { FlowStatus, SliceDirection, SliceEnd, SliceFlow, SliceResult } from '../model/slice';
import { CONFIDENCE, toJsonLocation, toJsonPath, type JsonLocation, type JsonPath } from './json';
import { STATUS_NAMES, sliceCount, sliceHeading } from './slice';
import { TerminalText, printable, type TextOptions } from './terminalText';
import { confidenceName, count } from './wording';

export interface JsonSlice {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'Tributary'; readonly version: string };
  /** Absolute paths. */
  readonly roots: readonly string[];
  readonly direction: SliceDirection;
  readonly target: JsonEnd;
  readonly flows: readonly JsonFlow[];
  /** Flows that were found and are not listed. */
  readonly moreFlows: number;
  readonly notes: readonly string[];
  /** A limit was met: there may be more. */
  readonly isCut: boolean;
}

export type JsonEnd = JsonLocation & {
  readonly kind: SliceEnd['kind'];
  readonly label: string;
  readonly function: string;
};

export interface JsonFlow {
  /** The source or entry point of a sink, or the sink of a source. */
  readonly end: JsonEnd;
  readonly status: FlowStatus;
  readonly remark: string;
  /** Absent where no rule speaks of such a pair. */
  readonly rule?: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  readonly threatModels: readonly string[];
  readonly dangerousAs: readonly string[];
  readonly paths: readonly JsonPath[];
  readonly morePaths: number;
}

export interface SliceReport {
  readonly toolVersion: string;
  readonly roots: readonly string[];
  readonly result: Extract<SliceResult, { outcome: 'done' }>;
}

export function sliceJson({ toolVersion, roots, result }: SliceReport): JsonSlice {
  const { direction, target, flows, moreFlows, notes, isCut } = result;
  return {
    formatVersion: 1,
    tool: { name: 'Tributary', version: toolVersion },
    roots,
    direction,
    target: jsonEnd(target, roots),
    flows: flows.map((flow) => ({
      end: jsonEnd(flow.end, roots),
      status: flow.status,
      remark: flow.remark,
      ...(flow.rule === undefined ? {} : { rule: flow.rule.id }),
      confidence: CONFIDENCE[flow.confidence],
      threatModels: flow.threatModels,
      dangerousAs: flow.dangerousAs,
      paths: flow.paths.map((path) => toJsonPath(path, roots)),
      morePaths: flow.morePaths,
    })),
    moreFlows,
    notes,
    isCut,
  };
}

function jsonEnd({ kind, label, location, functionName }: SliceEnd, roots: readonly string[]): JsonEnd {
  return { ...toJsonLocation(location, roots), kind, label, function: functionName };
}

/** Ends with a line feed. */
export function sliceText(report: SliceReport, options: TextOptions): string {
  return new SliceText(report, options).write();
}

/** `label (file:line:column)` for each: what is near a place at which nothing is. */
export function nearText(near: readonly SliceEnd[], roots: readonly string[]): string {
  return near
    .map(({ label, location }) => {
      const { file, line, column } = toJsonLocation(location, roots);
      return `${printable(label)} (${printable(file)}:${String(line)}:${String(column)})`;
    })
    .join(', ');
}

class SliceText extends TerminalText {
  constructor(
    private readonly report: SliceReport,
    options: TextOptions,
  ) {
    super(report.roots, options);
  }

  write(): string {
    const { direction, target, flows, moreFlows, notes, isCut } = this.report.result;
    for (const status of Object.keys(STATUS_NAMES) as FlowStatus[]) {
      const members = flows.filter((flow) => flow.status === status);
      if (members.length > 0) this.lines.push(this.style('bold', `${STATUS_NAMES[status]}:`), '');
      for (const flow of members) this.flow(flow);
    }
    for (const note of notes) this.lines.push(isCut ? this.style('yellow', note) : note);
    if (moreFlows > 0) this.lines.push(`${String(moreFlows)} more are not listed.`);
    const title = `${printable(target.label)} at ${this.place(target.location)}`;
    this.lines.push(`${sliceHeading(direction, title)}: ${sliceCount(direction, flows.length + moreFlows)}.`);
    return `${this.lines.join('\n')}\n`;
  }

  private flow({ end, rule, confidence, remark, dangerousAs, paths, morePaths }: SliceFlow): void {
    const level = rule === undefined ? '' : `${this.severity(rule.severity)}  ${this.style('bold', rule.id)}  `;
    const place = this.style('bold', this.place(end.location));
    this.lines.push(
      `${place}  ${printable(end.label)}  ${level}${this.style('dim', confidenceName(confidence))}`,
      `  ${printable(remark)}`,
    );
    if (dangerousAs.length > 0) this.lines.push(this.style('dim', `  Still dangerous as: ${dangerousAs.join(', ')}`));
    const [shortest] = paths;
    if (shortest !== undefined) this.path(shortest);
    const more = paths.length - 1 + Math.max(0, morePaths);
    if (morePaths < 0) this.lines.push(this.style('dim', '     there are more paths'));
    else if (more > 0) this.lines.push(this.style('dim', `     ${count(more, 'more path')}`));
    this.lines.push('');
  }
}
