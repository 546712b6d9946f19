/**
 * Counts the fixtures so that the numbers can be quoted: flows, safe twins, known weaknesses, and how many flows cross a
 * function or a file. What a flow crosses is read off the shortest path that was found, or, where none was, off its
 * `from` labels. Run it with `node test/taint/report.mjs`.
 */
import type { Path, ResolvedFinding } from '../../server/src/model/finding';
import { analyseCase } from './analyseCase';
import { type FixtureCase, findCases, shopCase } from './cases';
import { differences, findingsAt } from './compare';
import type { Marker } from './markers';

interface Counts {
  flows: number;
  safe: number;
  missed: number;
  flagged: number;
  crossFunction: number;
  crossFile: number;
}

const emptyCounts = (): Counts => ({ flows: 0, safe: 0, missed: 0, flagged: 0, crossFunction: 0, crossFile: 0 });

async function report(): Promise<void> {
  const total = emptyCounts();
  const byRule = new Map<string, Counts>();
  const failing: string[] = [];
  const cases = [...findCases(), shopCase()];
  for (const fixture of cases) {
    const { findings, statusProblems } = await analyseCase(fixture);
    if (statusProblems.length + differences(fixture, findings).length > 0) failing.push(fixture.name);
    for (const marker of [...fixture.files.values()].flatMap((file) => file.markers)) {
      const ofRule = byRule.get(marker.rule) ?? emptyCounts();
      byRule.set(marker.rule, ofRule);
      count(fixture, marker, findings, total);
      count(fixture, marker, findings, ofRule);
    }
  }
  console.log(row('rule', 'flows', 'safe', 'missed', 'flagged', 'x-function', 'x-file'));
  for (const [rule, counts] of [...byRule].sort(([a], [b]) => a.localeCompare(b))) console.log(countsRow(rule, counts));
  console.log(countsRow('all', total));
  console.log(
    `${String(cases.length)} cases, ${String(failing.length)} fail${failing.length > 0 ? `: ${failing.join(', ')}` : ''}`,
  );
}

function count(fixture: FixtureCase, marker: Marker, findings: readonly ResolvedFinding[], counts: Counts): void {
  switch (marker.kind) {
    case 'safe':
      counts.safe++;
      return;
    case 'safe-flagged':
      counts.flagged++;
      return;
    case 'flow-missed':
      counts.missed++;
      return;
    case 'flow': {
      counts.flows++;
      const paths = findingsAt(fixture, marker, findings).flatMap((finding) => finding.paths.slice(0, 1));
      const crossesFile = paths.some(spansFiles) || marker.from.some((reference) => reference.file !== marker.file);
      if (crossesFile) counts.crossFile++;
      if (crossesFile || paths.some(spansFunctions)) counts.crossFunction++;
    }
  }
}

const spansFiles = (path: Path): boolean => new Set(path.steps.map((step) => step.location.path)).size > 1;

const spansFunctions = (path: Path): boolean =>
  path.steps.some((step) => step.kind === 'call' || step.kind === 'return') ||
  new Set(path.steps.map((step) => step.functionName)).size > 1;

const countsRow = (name: string, counts: Counts): string =>
  row(
    name,
    ...[counts.flows, counts.safe, counts.missed, counts.flagged, counts.crossFunction, counts.crossFile].map(String),
  );

const row = (name: string, ...cells: string[]): string =>
  name.padEnd(26) + cells.map((cell) => cell.padStart(11)).join('');

await report();
