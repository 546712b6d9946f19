/** One finding on one line, for lists that only name what appeared or vanished. */
import type { ResolvedFinding } from '../model/finding';
import { reportName } from './report';
import { printable } from './terminalText';
import { placeOfStart } from './wording';

/** `src/a.js:6:3  high  command-injection  CWE-78  from src/server.js:5:17`, without line feed. */
export function findingLine(roots: readonly string[], finding: ResolvedFinding): string {
  const { rule, sink, source, severity } = finding;
  const cwe = rule.cwe.map((id) => `CWE-${String(id)}`).join(', ');
  const from = `from ${reportName(roots, source.path)}:${placeOfStart(source.range)}`;
  const parts = [`${reportName(roots, sink.path)}:${placeOfStart(sink.range)}`, severity, rule.id, cwe, from];
  return printable(parts.filter((part) => part !== '').join('  '));
}
