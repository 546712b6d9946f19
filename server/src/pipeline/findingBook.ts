/**
 * The findings of the published generation, expanded and by file. A new generation is compared with it, so that only
 * what changed is expanded again and told to the front ends.
 */
import type { AnalysisSettings } from '../model/analysis';
import type { ResolvedFinding } from '../model/finding';
import type { Severity } from '../model/summary';

const SEVERITIES: readonly Severity[] = ['note', 'low', 'medium', 'high', 'critical'];

export interface BookChange {
  readonly added: number;
  readonly removed: number;
  /** Absolute paths of files whose findings changed. */
  readonly affected: ReadonlySet<string>;
}

export class FindingBook {
  private findings = new Map<string, ResolvedFinding>();
  private byPath = new Map<string, ResolvedFinding[]>();

  constructor(private settings: AnalysisSettings) {}

  get size(): number {
    return this.findings.size;
  }

  get(fingerprint: string): ResolvedFinding | undefined {
    return this.findings.get(fingerprint);
  }

  /** All of a generation, whether the settings show them or not. */
  replace(findings: readonly ResolvedFinding[]): BookChange {
    const next = new Map(findings.map((finding) => [finding.fingerprint, finding]));
    const affected = new Set<string>();
    let added = 0;
    let removed = 0;
    const touch = (finding: ResolvedFinding): void => {
      affected.add(finding.sink.path);
      affected.add(finding.source.path);
    };
    for (const [fingerprint, finding] of next) {
      const old = this.findings.get(fingerprint);
      if (old === finding) continue;
      if (old === undefined) added++;
      else touch(old);
      touch(finding);
    }
    for (const [fingerprint, finding] of this.findings) {
      if (next.has(fingerprint)) continue;
      removed++;
      touch(finding);
    }
    this.findings = next;
    this.index();
    return { added, removed, affected };
  }

  /** Returns the files whose visible findings may have changed. */
  changeSettings(settings: AnalysisSettings): ReadonlySet<string> {
    const before = new Set(this.byPath.keys());
    this.settings = settings;
    this.index();
    return new Set([...before, ...this.byPath.keys()]);
  }

  of(path: string): readonly ResolvedFinding[] {
    return this.byPath.get(path) ?? [];
  }

  /** What the settings show, in a stable order: by file, position, rule. */
  all(): readonly ResolvedFinding[] {
    return [...this.findings.values()].filter((finding) => this.isShown(finding)).sort(compareFindings);
  }

  /** Everything, for the store. */
  everything(): Iterable<ResolvedFinding> {
    return this.findings.values();
  }

  private index(): void {
    this.byPath = new Map();
    for (const finding of this.findings.values()) {
      if (!this.isShown(finding)) continue;
      for (const path of new Set([finding.sink.path, finding.source.path])) {
        const list = this.byPath.get(path);
        if (list === undefined) this.byPath.set(path, [finding]);
        else list.push(finding);
      }
    }
    for (const list of this.byPath.values()) list.sort(compareFindings);
  }

  private isShown(finding: ResolvedFinding): boolean {
    const { threatModels, minSeverity, minConfidence } = this.settings;
    return (
      finding.confidence >= minConfidence &&
      SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(minSeverity) &&
      finding.sourceKinds.some((kind) => threatModels.includes(kind))
    );
  }
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
