/**
 * What a hover says about a sink, a source or a tainted expression: the rule, how bad and how sure, the path with a
 * link to each step, and what would make it safe. Pure: findings that touch a file and a position in, Markdown out.
 */
import type { Range, ResolvedFinding, Step } from '../model/finding';
import type { NamedFinding } from './diagnostics';
import { compareRanges, contains, linkTo, placeName, type PlaceView } from './locations';
import { codeSpan, escapeMarkdown, sentenceToMarkdown, withoutImages } from './markdown';
import { compareSeverity, confidenceName, count, countPaths, cweLink, severityName } from './wording';

const MAX_FINDINGS = 3;
const MAX_STEPS = 25;

export interface HoverText {
  readonly markdown: string;
  readonly range: Range;
}

interface Hit {
  readonly named: NamedFinding;
  readonly role: 'sink' | 'source' | 'step';
  readonly range: Range;
  readonly step: Step | undefined;
}

const ROLE_RANK: Readonly<Record<Hit['role'], number>> = { sink: 0, source: 1, step: 2 };

/** Undefined where nothing tainted is. `findings`: all that touch the file; positions as the client counts them. */
export function hoverAt(
  path: string,
  line: number,
  character: number,
  findings: readonly NamedFinding[],
  view: PlaceView,
): HoverText | undefined {
  const hits: Hit[] = [];
  for (const named of findings) {
    const hit = hitAt(path, line, character, named, view);
    if (hit !== undefined) hits.push(hit);
  }
  hits.sort(
    (a, b) =>
      ROLE_RANK[a.role] - ROLE_RANK[b.role] ||
      compareSeverity(a.named.finding.severity, b.named.finding.severity) ||
      compareRanges(a.named.finding.sink.range, b.named.finding.sink.range),
  );
  const [first] = hits;
  if (first === undefined) return undefined;
  const blocks = hits.slice(0, MAX_FINDINGS).map((hit) => describe(hit, view));
  if (hits.length > MAX_FINDINGS) blocks.push(`_and ${count(hits.length - MAX_FINDINGS, 'more finding')} here_`);
  return { markdown: blocks.join('\n\n---\n\n'), range: first.range };
}

function hitAt(path: string, line: number, character: number, named: NamedFinding, view: PlaceView): Hit | undefined {
  const { finding } = named;
  for (const role of ['sink', 'source'] as const) {
    const place = finding[role];
    if (place.path !== path) continue;
    const range = view.range(path, place.range);
    if (contains(range, line, character)) return { named, role, range, step: undefined };
  }
  let best: Hit | undefined;
  for (const { steps } of finding.paths) {
    for (const step of steps) {
      if (step.location.path !== path) continue;
      const range = view.range(path, step.location.range);
      if (!contains(range, line, character)) continue;
      if (best === undefined || isSmaller(range, best.range)) best = { named, role: 'step', range, step };
    }
  }
  return best;
}

function isSmaller(a: Range, b: Range): boolean {
  const lines = a.end.line - a.start.line - (b.end.line - b.start.line);
  if (lines !== 0) return lines < 0;
  return a.end.character - a.start.character < b.end.character - b.start.character;
}

function describe(hit: Hit, view: PlaceView): string {
  const { finding } = hit.named;
  const lines = [
    headline(finding),
    '',
    `${roleSentence(hit)}${escapeMarkdown(finding.message)}`,
    '',
    ...pathLines(finding, hit, view),
  ];
  const help = finding.help.trim();
  if (help !== '') lines.push('', `**What would make it safe:** ${withoutImages(help)}`);
  return lines.join('\n');
}

function headline(finding: ResolvedFinding): string {
  const weaknesses = finding.rule.cwe.map((id) => `[CWE-${String(id)}](${cweLink(id)})`);
  const facts = [
    ...weaknesses,
    severityName(finding.severity),
    `${confidenceName(finding.confidence)} ${finding.storedIn === undefined ? 'flow' : 'second-order flow'}`,
  ];
  return `**${escapeMarkdown(finding.rule.name)}** · ${facts.join(' · ')}`;
}

function roleSentence(hit: Hit): string {
  const { finding } = hit.named;
  switch (hit.role) {
    case 'sink':
      return '';
    case 'source':
      return `Untrusted data comes in here (${codeSpan(finding.sourceLabel)}). `;
    case 'step':
      return `This value is tainted: ${sentenceToMarkdown(hit.step?.text ?? finding.sourceLabel)}. `;
  }
}

function pathLines(finding: ResolvedFinding, hit: Hit, view: PlaceView): string[] {
  const step = hit.step;
  const path = (step && finding.paths.find(({ steps }) => steps.includes(step))) ?? finding.paths[0];
  if (path === undefined) return [];
  const { known, more } = countPaths([finding]);
  const others = known > 1 || more ? ` (${more ? 'one of more than' : 'one of'} ${String(known)})` : '';
  const lines = [`**Path**${others}`, ''];
  // A long path shows its two ends: where the data comes from and where it does harm.
  const { steps } = path;
  const head = steps.length > MAX_STEPS ? MAX_STEPS - 5 : steps.length;
  for (const [index, each] of steps.entries()) {
    if (index >= head && index < steps.length - 5 && steps.length > MAX_STEPS) {
      if (index === head) lines.push('', `_… ${count(steps.length - 5 - head, 'step')} …_`, '');
      continue;
    }
    const label = `[${escapeMarkdown(placeName(view, each.location))}](${linkTo(view, each.location)})`;
    lines.push(`${String(index + 1)}. ${label} ${each.kind}: ${sentenceToMarkdown(each.text)}`);
  }
  if (path.truncated !== undefined) lines.push('', `_Steps left out: ${escapeMarkdown(path.truncated)}_`);
  return lines;
}
