/**
 * Compares what an analysis found in a case with what the case's markers say, and writes down every difference so
 * that it can be understood without a debugger: the line, its text, and the steps of what was found.
 */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Location, ResolvedFinding } from '../../server/src/model/finding';
import { type FixtureCase, lineOfLabel } from './cases';
import type { LabelReference, Marker } from './markers';

/** Every difference, one text each; empty when all expectations hold. */
export function differences(fixture: FixtureCase, findings: readonly ResolvedFinding[]): readonly string[] {
  const markers = [...fixture.files.values()].flatMap((file) => file.markers);
  return [
    ...findings.flatMap((finding) => unexpected(fixture, finding, markers)),
    ...markers.flatMap((marker) => unmet(fixture, marker, findings)),
  ];
}

/** Findings of the marker's rule on the marker's line. */
export function findingsAt(
  fixture: FixtureCase,
  marker: Marker,
  findings: readonly ResolvedFinding[],
): readonly ResolvedFinding[] {
  return findings.filter((finding) => isAt(fixture, marker, finding));
}

function isAt(fixture: FixtureCase, marker: Marker, finding: ResolvedFinding): boolean {
  return (
    finding.rule.id === marker.rule &&
    finding.sink.range.start.line === marker.line &&
    fileOf(fixture, finding.sink) === marker.file
  );
}

function unexpected(fixture: FixtureCase, finding: ResolvedFinding, markers: readonly Marker[]): string[] {
  const here = markers.filter((marker) => isAt(fixture, marker, finding));
  const broken = here.find((marker) => marker.kind === 'safe' && appliesTo(fixture, marker, finding));
  if (broken !== undefined) return [`FLAGGED though safe\n${describeFinding(fixture, finding)}`];
  // A marker of a miss that is found now is reported by `unmet`.
  const covered = here.some((marker) => marker.kind !== 'safe' && appliesTo(fixture, marker, finding));
  return covered ? [] : [`UNEXPECTED finding\n${describeFinding(fixture, finding)}`];
}

function unmet(fixture: FixtureCase, marker: Marker, findings: readonly ResolvedFinding[]): string[] {
  const here = falseOnly(fixture, marker, findingsAt(fixture, marker, findings));
  const place = `  ${marker.rule} at ${describePlace(fixture, marker.file, marker.line)}`;
  switch (marker.kind) {
    case 'safe':
      return [];
    case 'flow':
    case 'safe-flagged': {
      const lead =
        marker.kind === 'flow' ? 'MISSING flow' : `GONE: ${marker.weakness} is fixed, make the marker "safe"`;
      if (marker.from.length === 0) return here.length === 0 ? [`${lead}\n${place}`] : [];
      return marker.from
        .filter((reference) => !here.some((finding) => touches(fixture, finding, reference)))
        .map(
          (reference) => `${lead}\n${place}\n  from ${describeLabel(fixture, reference)}${alsoFound(fixture, here)}`,
        );
    }
    case 'flow-missed':
      return here.some((finding) => appliesTo(fixture, marker, finding))
        ? [`FOUND: ${marker.weakness} is fixed, make the marker "flow"\n${place}`]
        : [];
  }
}

/** For a marker of false findings from anywhere: those that no `flow` marker of the line accounts for. Otherwise all. */
function falseOnly(fixture: FixtureCase, marker: Marker, here: readonly ResolvedFinding[]): readonly ResolvedFinding[] {
  if (marker.kind !== 'safe-flagged' || marker.from.length > 0) return here;
  const flows = fixture.files.get(marker.file)?.markers.filter((other) => other.kind === 'flow') ?? [];
  return here.filter(
    (finding) => !flows.some((flow) => isAt(fixture, flow, finding) && appliesTo(fixture, flow, finding)),
  );
}

function appliesTo(fixture: FixtureCase, marker: Marker, finding: ResolvedFinding): boolean {
  return marker.from.length === 0 || marker.from.some((reference) => touches(fixture, finding, reference));
}

/** True when the finding's source, or a step of one of its paths, is on the label's line. */
function touches(fixture: FixtureCase, finding: ResolvedFinding, reference: LabelReference): boolean {
  const line = lineOfLabel(fixture, reference);
  const isThere = (location: Location): boolean =>
    location.range.start.line === line && fileOf(fixture, location) === reference.file;
  return isThere(finding.source) || finding.paths.some((path) => path.steps.some((step) => isThere(step.location)));
}

function alsoFound(fixture: FixtureCase, findings: readonly ResolvedFinding[]): string {
  return findings.map((finding) => `\n  found instead:\n${describeFinding(fixture, finding)}`).join('');
}

function describeFinding(fixture: FixtureCase, finding: ResolvedFinding): string {
  const lines = [
    `  ${finding.rule.id} at ${describePlace(fixture, fileOf(fixture, finding.sink), finding.sink.range.start.line)}`,
  ];
  for (const step of finding.paths.at(0)?.steps ?? []) {
    const place = `${fileOf(fixture, step.location)}:${String(step.location.range.start.line + 1)}`;
    lines.push(`    ${step.kind.padEnd(9)} ${place.padEnd(24)} ${step.text}`);
  }
  return lines.join('\n');
}

function describeLabel(fixture: FixtureCase, reference: LabelReference): string {
  return `${reference.label} (${describePlace(fixture, reference.file, lineOfLabel(fixture, reference))})`;
}

function describePlace(fixture: FixtureCase, file: string, line: number): string {
  const text = readFileSync(join(fixture.root, file), 'utf8').split(/\r?\n/)[line] ?? '';
  return `${file}:${String(line + 1)}  ${text.replace(/\s*(?:\/\/|\{?\/\*|<!--) ?(?:flow|safe|source).*$/, '').trim()}`;
}

function fileOf(fixture: FixtureCase, location: Location): string {
  return relative(fixture.root, location.path).split(sep).join('/');
}
