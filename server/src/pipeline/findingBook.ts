/**
 * The findings of the published generation, expanded, by file and by every file their paths cross. A new generation is
 * compared with it, so that only what changed is expanded again, written, and told to the front ends.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AnalysisSettings } from '../model/analysis';
import type { ResolvedFinding } from '../model/finding';
import type { Severity } from '../model/summary';
import { isUnlikely } from './likelihood';

const SEVERITIES: readonly Severity[] = ['note', 'low', 'medium', 'high', 'critical'];

/** What became of a finding that was expanded again; undefined where there was, or is, none. */
export interface FindingChange {
  readonly before: ResolvedFinding | undefined;
  readonly now: ResolvedFinding | undefined;
}

export interface BookChange {
  /** By fingerprint, each once; also those that turned out the same. */
  readonly changes: readonly FindingChange[];
  /** Absolute paths of files with source or sink of a finding that changed. */
  readonly affected: ReadonlySet<string>;
  /** Those with the source. */
  readonly sources: ReadonlySet<string>;
}

export const NO_CHANGE: BookChange = { changes: [], affected: new Set(), sources: new Set() };

const NONE: ReadonlySet<ResolvedFinding> = new Set();

/** What an earlier process found; read as it is asked for. */
export interface StoredFindings {
  count(): number;
  all(): Iterable<ResolvedFinding>;
  /** The same in portions; what is stored may change between two of them. */
  portions(): Iterable<Iterable<ResolvedFinding>>;
  /** Findings with source, sink or a step in the file. */
  crossing(path: string): Iterable<ResolvedFinding>;
}

export class FindingBook {
  /** What is not taken over yet, but for the files in `read`. */
  private stored: StoredFindings | undefined;
  private readonly read = new Set<string>();
  private readonly findings = new Map<string, ResolvedFinding>();
  /** By every file that source, sink or a step is in. */
  private readonly byFile = new Map<string, Set<ResolvedFinding>>();

  constructor(private settings: AnalysisSettings) {}

  get size(): number {
    return this.stored?.count() ?? this.findings.size;
  }

  get(fingerprint: string): ResolvedFinding | undefined {
    this.readAll();
    return this.findings.get(fingerprint);
  }

  /** Starts with what an earlier process found. Reading all of it would let the first open document wait. */
  takeOver(stored: StoredFindings): void {
    this.stored = stored;
  }

  /** All findings, whether the settings show them or not. */
  each(): Iterable<ResolvedFinding> {
    this.readAll();
    return this.findings.values();
  }

  /** All of a generation, whether the settings show them or not. */
  replace(findings: readonly ResolvedFinding[]): BookChange {
    this.readAll();
    const kept = new Set<string>();
    for (const { fingerprint } of findings) kept.add(fingerprint);
    const gone = [...this.findings.values()].filter(({ fingerprint }) => !kept.has(fingerprint));
    return this.change(findings, gone);
  }

  /** Puts `findings` in, each in place of the one with its fingerprint, and takes `gone` out. */
  change(findings: readonly ResolvedFinding[], gone: readonly ResolvedFinding[]): BookChange {
    this.readAll();
    const affected = new Set<string>();
    const sources = new Set<string>();
    const touch = ({ sink, source }: ResolvedFinding): void => {
      affected.add(sink.path).add(source.path);
      sources.add(source.path);
    };
    const changes: FindingChange[] = [];
    for (const finding of gone) {
      touch(finding);
      this.findings.delete(finding.fingerprint);
      this.unlist(finding);
      changes.push({ before: finding, now: undefined });
    }
    for (const finding of findings) {
      const old = this.findings.get(finding.fingerprint);
      // Most of what an edit makes be expanded again is as it was: nobody need hear of it.
      const isSame = old !== undefined && isDeepStrictEqual(old, finding);
      changes.push({ before: old, now: isSame ? old : finding });
      if (isSame) continue;
      if (old !== undefined) {
        touch(old);
        this.unlist(old);
      }
      touch(finding);
      this.findings.set(finding.fingerprint, finding);
      this.list(finding);
    }
    return { changes, affected, sources };
  }

  /** Returns the files whose visible findings may have changed. */
  changeSettings(settings: AnalysisSettings): ReadonlySet<string> {
    this.settings = settings;
    this.readAll();
    const affected = new Set<string>();
    for (const { sink, source } of this.findings.values()) affected.add(sink.path).add(source.path);
    return affected;
  }

  /** What the settings show of findings with sink or source in the file, in a stable order. */
  of(path: string): readonly ResolvedFinding[] {
    const isHere = ({ sink, source }: ResolvedFinding): boolean => sink.path === path || source.path === path;
    return [...this.crossing(path)].filter((finding) => isHere(finding) && this.isShown(finding)).sort(compareFindings);
  }

  /** Findings that have their source in the file, shown or not, in a stable order. */
  withSourceIn(path: string): readonly ResolvedFinding[] {
    return [...this.crossing(path)].filter(({ source }) => source.path === path).sort(compareFindings);
  }

  /** Findings with source, sink or a step in the file, shown or not. */
  crossing(path: string): ReadonlySet<ResolvedFinding> {
    if (this.stored !== undefined && !this.read.has(path)) {
      this.read.add(path);
      for (const finding of this.stored.crossing(path)) this.put(finding);
    }
    return this.byFile.get(path) ?? NONE;
  }

  /** What the settings show, in a stable order: by file, position, rule. */
  all(): readonly ResolvedFinding[] {
    this.readAll();
    return [...this.findings.values()].filter((finding) => this.isShown(finding)).sort(compareFindings);
  }

  /** To be done before what is stored changes. */
  readAll(): void {
    const { stored } = this;
    if (stored === undefined) return;
    this.stored = undefined;
    for (const finding of stored.all()) this.put(finding);
    this.read.clear();
  }

  /** Reads all of it in small steps; whatever needs the rest in between reads it at once. */
  *readInSteps(): Generator<void, void, undefined> {
    const { stored } = this;
    if (stored === undefined) return;
    for (const portion of stored.portions()) {
      if (this.stored !== stored) return;
      for (const finding of portion) this.put(finding);
      yield;
    }
    if (this.stored !== stored) return;
    this.stored = undefined;
    this.read.clear();
  }

  private put(finding: ResolvedFinding): void {
    if (this.findings.has(finding.fingerprint)) return;
    this.findings.set(finding.fingerprint, finding);
    this.list(finding);
  }

  private list(finding: ResolvedFinding): void {
    for (const path of filesOf(finding)) {
      const set = this.byFile.get(path);
      if (set === undefined) this.byFile.set(path, new Set([finding]));
      else set.add(finding);
    }
  }

  private unlist(finding: ResolvedFinding): void {
    for (const path of filesOf(finding)) {
      const set = this.byFile.get(path);
      if (set === undefined) continue;
      set.delete(finding);
      if (set.size === 0) this.byFile.delete(path);
    }
  }

  private isShown(finding: ResolvedFinding): boolean {
    const { threatModels, minSeverity, minConfidence } = this.settings;
    return (
      (isUnlikely(finding) ? 0 : finding.confidence) >= minConfidence &&
      SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(minSeverity) &&
      finding.sourceKinds.some((kind) => threatModels.includes(kind))
    );
  }
}

/** Absolute paths of the files that source, sink and steps are in. */
export function filesOf(finding: ResolvedFinding): ReadonlySet<string> {
  const files = new Set([finding.sink.path, finding.source.path]);
  for (const { steps } of finding.paths) for (const step of steps) files.add(step.location.path);
  return files;
}

function compareFindings(a: ResolvedFinding, b: ResolvedFinding): number {
  const [x, y] = [a.sink.range.start, b.sink.range.start];
  return (
    compareText(a.sink.path, b.sink.path) ||
    x.line - y.line ||
    x.character - y.character ||
    compareText(a.rule.id, b.rule.id) ||
    compareText(a.source.path, b.source.path) ||
    a.source.range.start.line - b.source.range.start.line ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
