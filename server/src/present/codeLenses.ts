/**
 * Code lenses: above functions that hold sinks ("2 taint paths reach this") and above entry points, the functions that
 * hold sources ("untrusted input flows to 3 sinks"). Pure: findings that touch a file in, lenses out.
 */
import type { CodeLens } from 'vscode-languageserver';
import type { FunctionLocation } from '../model/finding';
import { COMMAND, type ShowPathsArguments } from '../protocol/messages';
import type { NamedFinding } from './diagnostics';
import { compareRanges, uriOf, type PlaceView } from './locations';
import { compareSeverity, count, countPaths } from './wording';

interface Group {
  readonly at: FunctionLocation;
  readonly role: 'sink' | 'source';
  readonly findings: NamedFinding[];
}

/** `findings`: all whose sink or source is in the file. */
export function codeLenses(path: string, findings: readonly NamedFinding[], view: PlaceView): CodeLens[] {
  const groups = new Map<string, Group>();
  for (const named of findings) {
    const { sinkFunction, sourceFunction } = named.finding;
    if (sinkFunction.path === path) addTo(groups, 'sink', sinkFunction, named);
    if (sourceFunction.path === path) addTo(groups, 'source', sourceFunction, named);
  }
  return [...groups.values()]
    .sort((a, b) => compareRanges(a.at.range, b.at.range) || (a.role === b.role ? 0 : a.role === 'source' ? -1 : 1))
    .map((group) => lens(path, group, view));
}

function addTo(groups: Map<string, Group>, role: Group['role'], at: FunctionLocation, named: NamedFinding): void {
  const { start } = at.range;
  const key = `${role} ${String(start.line)}:${String(start.character)}`;
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { at, role, findings: [named] });
  else group.findings.push(named);
}

function lens(path: string, group: Group, view: PlaceView): CodeLens {
  const range = view.range(path, group.at.range);
  const findings = [...group.findings].sort((a, b) => compareSeverity(a.finding.severity, b.finding.severity));
  const uri = uriOf(path);
  const target: ShowPathsArguments = { uri, position: range.start, findings: findings.map(({ id }) => id) };
  const title = group.role === 'sink' ? sinkTitle(findings) : sourceTitle(findings);
  return { range, command: { title, command: COMMAND.showPaths, arguments: [target] } };
}

function sinkTitle(findings: readonly NamedFinding[]): string {
  const { known, more } = countPaths(findings.map(({ finding }) => finding));
  if (more) return `more than ${count(known, 'taint path')} reach this`;
  return known === 1 ? '1 taint path reaches this' : `${String(known)} taint paths reach this`;
}

function sourceTitle(findings: readonly NamedFinding[]): string {
  const sinks = new Set<string>();
  for (const { finding } of findings) {
    const { path, range } = finding.sink;
    sinks.add(`${path}:${String(range.start.line)}:${String(range.start.character)}`);
  }
  return `untrusted input flows to ${count(sinks.size, 'sink')}`;
}
