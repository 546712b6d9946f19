/**
 * When does a finding hit a row of the ground truth? When its class is the row's, its sink lies in the row's file,
 * and the line of the sink is within two of the row's, or in the same statement.
 */
import * as ts from 'typescript';
import type { TableRow } from './table';

/** What is needed of a finding. Lines count from 1. */
export interface ScoredFinding {
  readonly rule: string;
  readonly cwe: readonly number[];
  /** Absolute path of the sink's file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly sourceFile: string;
  readonly sourceLine: number;
  readonly sourceKinds: readonly string[];
  readonly confidence: number;
  readonly truncated: boolean;
  /** How often its shortest path goes from one function to another. */
  readonly crossings?: number;
  readonly sharedPlaces?: number;
  /** Label of the source, `file:line` of each step, label of the sink. */
  readonly steps?: readonly string[];
}

const LINES_AROUND = 2;

/** Class of the table → rules that report it. A class without an entry goes by CWE. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  'code-injection': ['code-injection', 'timer-code-injection'],
  'command-injection': ['command-injection'],
  'path-traversal': ['path-traversal', 'zip-slip'],
  'prototype-pollution': ['prototype-pollution'],
  redos: ['redos', 'regex-injection'],
  xss: ['xss', 'dom-xss', 'jquery-xss'],
  'sql-injection': ['sql-injection', 'nosql-injection'],
  'open-redirect': ['open-redirect'],
  ssrf: ['ssrf'],
  'unsafe-deserialization': ['unsafe-deserialization'],
};

export function hasClassOf(
  finding: Pick<ScoredFinding, 'rule' | 'cwe'>,
  row: Pick<TableRow, 'class' | 'cwe'>,
): boolean {
  const rules = RULES[row.class];
  if (rules !== undefined) return rules.includes(finding.rule);
  const wanted = Number(/\d+/.exec(row.cwe)?.[0]);
  return finding.cwe.includes(wanted);
}

/**
 * Class of the table → rules that tell of the same flaw under another name. Advisories disagree on which of the two `exec`
 * and `eval` belong to; a package that deserializes by `eval` has no other sink than that.
 */
const RELATED: Readonly<Record<string, readonly string[]>> = {
  'code-injection': ['command-injection'],
  'command-injection': ['code-injection'],
  'unsafe-deserialization': ['code-injection'],
};

/** The same for rows without a class of their own, by CWE: what escapes from a sandbox (265, 693) is run as code. */
const RELATED_BY_CWE: Readonly<Record<string, readonly string[]>> = {
  'CWE-265': ['code-injection'],
  'CWE-693': ['code-injection'],
};

/** Improper input validation, and injection, are what most rules are special cases of. */
const GENERAL: readonly string[] = ['CWE-20', 'CWE-74'];

/** True for a finding that says what the row says, though not in the row's class. Such rows are counted apart. */
export function hasRelatedClass(finding: Pick<ScoredFinding, 'rule'>, row: Pick<TableRow, 'class' | 'cwe'>): boolean {
  const related = RELATED[row.class] ?? (RULES[row.class] === undefined ? RELATED_BY_CWE[row.cwe] : undefined);
  if (related !== undefined) return related.includes(finding.rule);
  return RULES[row.class] === undefined && GENERAL.includes(row.cwe);
}

/** Lines (from 1) where a sink counts as the row's. */
export interface LineWindow {
  has(line: number): boolean;
}

/**
 * The lines around the row's line and those of the statement that holds it, less the bodies of functions inside that
 * statement which don't hold the line themselves: a whole module may be one statement.
 */
export function windowOf(text: string, fileName: string, line: number, column: number | undefined): LineWindow {
  const lines = new Set<number>();
  for (let near = line - LINES_AROUND; near <= line + LINES_AROUND; near++) lines.add(near);
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true, scriptKindOf(fileName));
  const starts = file.getLineStarts();
  const start = starts[line - 1];
  if (start === undefined) return lines;
  const end = starts[line] ?? text.length;
  const indent = /^\s*/.exec(text.slice(start, end))?.[0].length ?? 0;
  const position = Math.min(end, start + (column === undefined ? indent : column - 1));
  const statement = statementAt(file, position);
  if (statement !== undefined) addLines(file, statement, position, lines);
  return lines;
}

function statementAt(file: ts.SourceFile, position: number): ts.Node | undefined {
  let best: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(file) || position >= node.end) return;
    if (isSimpleStatement(node)) best = node;
    else if (ts.isFunctionLike(node)) best = undefined;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return best;
}

/** Statements without statements of their own; of others only the line itself counts. */
function isSimpleStatement(node: ts.Node): boolean {
  return (
    ts.isExpressionStatement(node) ||
    ts.isVariableStatement(node) ||
    ts.isReturnStatement(node) ||
    ts.isThrowStatement(node) ||
    ts.isExportAssignment(node)
  );
}

function addLines(file: ts.SourceFile, statement: ts.Node, position: number, lines: Set<number>): void {
  const lineAt = (offset: number): number => file.getLineAndCharacterOfPosition(offset).line + 1;
  const visit = (node: ts.Node): void => {
    const start = node.getStart(file);
    if (ts.isFunctionLike(node) && (position < start || position >= node.end)) return;
    lines.add(lineAt(start));
    lines.add(lineAt(node.end));
    ts.forEachChild(node, visit);
  };
  visit(statement);
}

function scriptKindOf(fileName: string): ts.ScriptKind {
  if (/\.tsx$/.test(fileName)) return ts.ScriptKind.TSX;
  if (/\.[cm]?ts$/.test(fileName)) return ts.ScriptKind.TS;
  return ts.ScriptKind.JSX;
}

/** The value below which `share` of the values lie (nearest rank); 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
