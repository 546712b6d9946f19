/**
 * Findings as SARIF 2.1.0 (OASIS standard), as code hosts and editors read it. A result lies at the sink; each path is
 * one code flow whose first location is the source. Files are named relative to `%SRCROOT%`, columns count UTF-16 code
 * units, and files that were not analysed as a whole are notifications of the run, so that a clean report of a partial
 * analysis can be told from a clean one.
 */
import type * as sarif from 'sarif';
import type { FileStatus, Location, Path, Range, ResolvedFinding } from '../model/finding';
import type { Confidence, Rule, Severity } from '../model/summary';
import { reportName, isNew, type LineReader, type ScanReport } from './report';
import { locateInRoots } from './rootPaths';
import { cweLink, ruleLink } from './wording';
import { uriOf } from './locations';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const CWE_PAGE = 'https://cwe.mitre.org/';
/** Identifies the CWE taxonomy across runs; a fixed random value. */
const CWE_GUID = 'a1f0c1e7-3f55-4a06-9d4b-6d4f8c1f5e3b';
/** Longer lines are not quoted. */
const MAX_SNIPPET = 400;

const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  note: '1.0',
};

const RANK: Readonly<Record<Confidence, number>> = { 3: 90, 2: 60, 1: 30 };
const PRECISION: Readonly<Record<Confidence, string>> = { 3: 'high', 2: 'medium', 1: 'low' };

type NotificationId = 'partial-file' | 'failed-file' | 'skipped-file' | 'analysis-limit' | 'scan-interrupted';

interface NotificationKind {
  readonly text: string;
  readonly help: string;
  readonly level: 'error' | 'warning' | 'note';
}

const NOTIFICATIONS: Readonly<Record<NotificationId, NotificationKind>> = {
  'partial-file': {
    text: 'Parts of a file could not be parsed; taint paths through them are missing.',
    help: 'Correct the syntax error, or leave the file out with --exclude.',
    level: 'warning',
  },
  'failed-file': {
    text: 'A file could not be analysed; taint paths through it are missing.',
    help: 'Make the file readable, or leave it out with --exclude. A file that makes the analysis crash or hang is worth a bug report.',
    level: 'error',
  },
  'skipped-file': {
    text: 'A file was left out of the analysis.',
    help: 'Minified files and build output are analysed with --include-dependencies, large ones with --max-file-size.',
    level: 'note',
  },
  'analysis-limit': {
    text: 'A limit of the analysis was reached; taint paths may be missing.',
    help: 'The rest of the file was analysed. Very large functions and generated tables are the usual cause.',
    level: 'warning',
  },
  'scan-interrupted': {
    text: 'The scan was interrupted; the result is not complete.',
    help: 'Run the scan again and let it end.',
    level: 'error',
  },
};
const NOTIFICATION_IDS = Object.keys(NOTIFICATIONS) as readonly NotificationId[];

export function toSarif(report: ScanReport, lineOf?: LineReader): sarif.Log {
  return new SarifWriter(report, lineOf).write();
}

class SarifWriter {
  private readonly rules = new Map<string, { readonly index: number; readonly rule: Rule }>();
  private readonly artifacts = new Map<string, number>();
  private readonly taxa = new Map<number, number>();

  constructor(
    private readonly report: ScanReport,
    private readonly lineOf: LineReader | undefined,
  ) {}

  write(): sarif.Log {
    const results = this.report.findings.map((finding) => this.result(finding));
    const notifications = this.report.troubledFiles.flatMap((status) => this.notificationsFor(status));
    if (this.report.cancelled)
      notifications.push(notification('scan-interrupted', NOTIFICATIONS['scan-interrupted'].text));
    const rules = Array.from(this.rules.values(), ({ rule }) => this.rule(rule));
    const run: sarif.Run = {
      tool: {
        driver: {
          name: 'Tributary',
          fullName: `Tributary ${this.report.toolVersion}`,
          version: this.report.toolVersion,
          semanticVersion: this.report.toolVersion,
          language: 'en',
          shortDescription: { text: 'Cross-file taint analysis: where untrusted data flows, from source to sink.' },
          rules,
          notifications: NOTIFICATION_IDS.map((id) => ({
            id,
            name: pascalCase(id),
            shortDescription: { text: NOTIFICATIONS[id].text },
            fullDescription: { text: NOTIFICATIONS[id].text },
            help: { text: NOTIFICATIONS[id].help },
            defaultConfiguration: { level: NOTIFICATIONS[id].level },
          })),
          supportedTaxonomies: [{ name: 'CWE', index: 0, guid: CWE_GUID }],
        },
      },
      automationDetails: { id: 'tributary/' },
      invocations: [this.invocation(notifications)],
      originalUriBaseIds: this.baseIds(),
      columnKind: 'utf16CodeUnits',
      artifacts: Array.from(this.artifacts.keys(), (path) => ({
        location: this.artifactLocation(path),
        sourceLanguage: /\.[cm]?tsx?$/.test(path) ? 'typescript' : 'javascript',
      })),
      taxonomies: [
        {
          name: 'CWE',
          guid: CWE_GUID,
          organization: 'MITRE',
          informationUri: CWE_PAGE,
          shortDescription: { text: 'The MITRE Common Weakness Enumeration' },
          isComprehensive: false,
          taxa: Array.from(this.taxa.keys(), (id) => ({ id: String(id), helpUri: cweLink(id) })),
        },
      ],
      results,
    };
    return { $schema: SCHEMA, version: '2.1.0', runs: [run] };
  }

  private result(finding: ResolvedFinding): sarif.Result {
    const ruleIndex = this.ruleIndex(finding.rule);
    const added = isNew(this.report, finding);
    return {
      ruleId: finding.rule.id,
      ruleIndex,
      kind: 'fail',
      level: levelOf(finding.severity),
      ...(added === undefined ? {} : { baselineState: added ? 'new' : 'unchanged' }),
      rank: RANK[finding.confidence],
      message: { text: finding.message },
      locations: [
        {
          physicalLocation: this.physicalLocation(finding.sink, true),
          ...logicalLocation(finding.sinkFunction.name),
        },
      ],
      relatedLocations: [
        {
          id: 1,
          physicalLocation: this.physicalLocation(finding.source, false),
          message: { text: `Source: ${finding.sourceLabel}` },
        },
        {
          id: 2,
          physicalLocation: this.physicalLocation(finding.sink, false),
          message: { text: `Sink: ${finding.sinkLabel}` },
        },
      ],
      codeFlows: finding.paths.map((path, index) => this.codeFlow(path, index)),
      partialFingerprints: { 'tributaryFinding/v1': finding.fingerprint },
      properties: {
        precision: PRECISION[finding.confidence],
        'security-severity': SECURITY_SEVERITY[finding.severity],
        severity: finding.severity,
        threatModels: [...finding.sourceKinds],
        morePaths: finding.morePaths,
        ...(finding.storedIn === undefined ? {} : { storedIn: [...finding.storedIn] }),
      },
    };
  }

  private codeFlow(path: Path, index: number): sarif.CodeFlow {
    const leftOut = path.truncated === undefined ? '' : `; steps were left out: ${path.truncated}`;
    return {
      message: { text: `Path ${String(index + 1)}${leftOut}` },
      threadFlows: [
        {
          locations: path.steps.map((step, position) => ({
            executionOrder: position + 1,
            kinds: ['taint', step.kind],
            importance: step.kind === 'source' || step.kind === 'sink' ? 'essential' : 'important',
            location: {
              physicalLocation: this.physicalLocation(step.location, false),
              message: { text: step.text },
              ...logicalLocation(step.functionName),
            },
          })),
        },
      ],
    };
  }

  private ruleIndex(rule: Rule): number {
    const known = this.rules.get(rule.id);
    if (known !== undefined) return known.index;
    const index = this.rules.size;
    this.rules.set(rule.id, { index, rule });
    return index;
  }

  private rule(rule: Rule): sarif.ReportingDescriptor {
    const link = ruleLink(rule);
    return {
      id: rule.id,
      ...nameOf(rule),
      shortDescription: { text: rule.name },
      fullDescription: { text: plain(rule.description) || rule.name, markdown: rule.description || rule.name },
      help: { text: helpOf(rule, plain), markdown: helpOf(rule, (text) => text) },
      ...(link === undefined ? {} : { helpUri: link }),
      defaultConfiguration: { level: levelOf(rule.severity) },
      relationships: rule.cwe.map((id) => ({
        target: {
          id: String(id),
          index: this.taxonIndex(id),
          toolComponent: { name: 'CWE', index: 0, guid: CWE_GUID },
        },
        kinds: ['superset'],
      })),
      properties: {
        kind: 'path-problem',
        tags: ['security', ...rule.cwe.map((id) => `external/cwe/cwe-${String(id).padStart(3, '0')}`)],
        precision: 'high',
        'problem.severity': problemSeverity(rule.severity),
        'security-severity': SECURITY_SEVERITY[rule.severity],
      },
    };
  }

  private taxonIndex(cwe: number): number {
    const known = this.taxa.get(cwe);
    if (known !== undefined) return known;
    const index = this.taxa.size;
    this.taxa.set(cwe, index);
    return index;
  }

  private invocation(notifications: sarif.Notification[]): sarif.Invocation {
    const { startedAt, endedAt, cancelled, exitCode, statistics } = this.report;
    return {
      executionSuccessful: !cancelled && statistics.files.failed === 0,
      exitCode,
      startTimeUtc: startedAt.toISOString(),
      endTimeUtc: endedAt.toISOString(),
      toolExecutionNotifications: notifications,
    };
  }

  private notificationsFor(status: FileStatus): sarif.Notification[] {
    const name = reportName(this.report.roots, status.path);
    const at = (id: NotificationId, text: string, ranges: readonly Range[] = []): sarif.Notification => ({
      ...notification(id, text),
      locations:
        ranges.length === 0
          ? [{ physicalLocation: { artifactLocation: this.artifactReference(status.path) } }]
          : ranges.map((range) => ({ physicalLocation: this.physicalLocation({ path: status.path, range }, false) })),
    });
    const result: sarif.Notification[] = [];
    if (status.state === 'partial')
      result.push(at('partial-file', `${name}: parts of the file could not be parsed.`, status.lost));
    if (status.state === 'failed') result.push(at('failed-file', `${name}: ${status.reason}`));
    if (status.state === 'skipped') result.push(at('skipped-file', `${name}: ${status.reason}`));
    if (status.limits.length > 0) result.push(at('analysis-limit', `${name}: ${status.limits.join('; ')}`));
    return result;
  }

  private physicalLocation({ path, range }: Location, withSnippet: boolean): sarif.PhysicalLocation {
    const region = regionOf(range);
    const line = withSnippet ? this.lineOf?.(path, range.start.line) : undefined;
    const context: sarif.PhysicalLocation =
      line === undefined || line === '' || line.length > MAX_SNIPPET || range.end.line !== range.start.line
        ? {}
        : { contextRegion: { startLine: region.startLine, endLine: region.startLine, snippet: { text: line } } };
    return { artifactLocation: this.artifactReference(path), region, ...context };
  }

  private artifactReference(path: string): sarif.ArtifactLocation {
    let index = this.artifacts.get(path);
    if (index === undefined) {
      index = this.artifacts.size;
      this.artifacts.set(path, index);
    }
    return { ...this.artifactLocation(path), index };
  }

  private artifactLocation(path: string): sarif.ArtifactLocation {
    const place = locateInRoots(this.report.roots, path);
    if (place === undefined) return { uri: uriOf(path) };
    const uri = place.relative.split('/').map(encodeURIComponent).join('/');
    return { uri, uriBaseId: baseId(place.root) };
  }

  private baseIds(): Record<string, sarif.ArtifactLocation> {
    const entries = this.report.roots.map((root, index) => {
      const uri = uriOf(root);
      return [baseId(index), { uri: uri.endsWith('/') ? uri : `${uri}/` }] as const;
    });
    return Object.fromEntries(entries);
  }
}

/** `%SRCROOT%` for the first root, `%SRCROOT2%` and so on for others. */
function baseId(root: number): string {
  return root === 0 ? '%SRCROOT%' : `%SRCROOT${String(root + 1)}%`;
}

/** SARIF counts lines and columns from 1; the end column is exclusive in both. */
function regionOf({ start, end }: Range): sarif.Region & { readonly startLine: number } {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

function logicalLocation(name: string): { readonly logicalLocations?: sarif.LogicalLocation[] } {
  return name === '' ? {} : { logicalLocations: [{ name, kind: 'function' }] };
}

function notification(id: NotificationId, text: string): sarif.Notification {
  return { descriptor: { id, index: NOTIFICATION_IDS.indexOf(id) }, level: NOTIFICATIONS[id].level, message: { text } };
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  switch (severity) {
    case 'critical':
    case 'high':
      return 'error';
    case 'medium':
      return 'warning';
    case 'low':
    case 'note':
      return 'note';
  }
}

function problemSeverity(severity: Severity): 'error' | 'warning' | 'recommendation' {
  const level = levelOf(severity);
  return level === 'note' ? 'recommendation' : level;
}

/** The format wants a name that differs from the id by more than case, or none. */
function nameOf(rule: Rule): { readonly name?: string } {
  const name = pascalCase(rule.name);
  return name === '' || name.toLowerCase() === rule.id.toLowerCase() ? {} : { name };
}

function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function helpOf(rule: Rule, format: (markdown: string) => string): string {
  const links = rule.cwe.map((id) => `- [CWE-${String(id)}](${cweLink(id)})`);
  const parts = [`# ${rule.name}`, rule.description, '## How to fix it', rule.help];
  if (links.length > 0) parts.push('## References', links.join('\n'));
  return format(parts.filter((part) => part !== '').join('\n\n'));
}

/** Markdown for readers that show plain text. */
function plain(markdown: string): string {
  return markdown
    .replace(/^#+\s*/gm, '')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 ($2)')
    .replace(/\*\*|`/g, '');
}
