/**
 * From the parser's complaints to the ranges that were lost: the smallest statement, class member or object member
 * around each complaint, so that everything intact beside it counts as understood.
 */
import ts from 'typescript';
import { tokenStart } from './position';

/** A range of UTF-16 offsets, end exclusive. */
export type Span = readonly [start: number, end: number];

/** Sorted, without overlap; empty for an intact file. */
export function lostRanges(sourceFile: ts.SourceFile): Span[] {
  const diagnostics = (sourceFile as unknown as { readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[] })
    .parseDiagnostics;
  if (diagnostics === undefined || diagnostics.length === 0) return [];
  const spans = diagnostics.map((diagnostic) => damagedSpan(sourceFile, diagnostic.start, diagnostic.length));
  return mergeSpans(spans);
}

/** What carries damage: leaving one of these out leaves its neighbours whole. */
function isUnit(node: ts.Node): boolean {
  return (
    (ts.isStatement(node) && node.kind !== ts.SyntaxKind.Block) ||
    ts.isClassElement(node) ||
    ts.isObjectLiteralElement(node)
  );
}

function damagedSpan(sourceFile: ts.SourceFile, start: number, length: number): Span {
  let unit: ts.Node | undefined;
  let current: ts.Node | undefined = sourceFile;
  while (current !== undefined) {
    const parent: ts.Node = current;
    current = ts.forEachChild(parent, (child) =>
      child.pos <= start && start < Math.max(child.end, child.pos + 1) ? child : undefined,
    );
    if (current === undefined) break;
    if (ts.isBlock(current) || ts.isClassLike(current) || ts.isFunctionLike(current)) unit = undefined;
    else if (isUnit(current) && !holdsStatements(current)) unit = current;
  }
  const end = Math.min(sourceFile.text.length, Math.max(start + length, start + 1));
  if (unit === undefined) return [Math.min(start, end), end];
  return [Math.min(tokenStart(sourceFile.text, unit.pos), start), Math.max(unit.end, end)];
}

/** Statements and members with a body of their own are never lost as a whole, only what inside them is damaged. */
function holdsStatements(node: ts.Node): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.ExpressionStatement:
    case ts.SyntaxKind.VariableStatement:
    case ts.SyntaxKind.ReturnStatement:
    case ts.SyntaxKind.ThrowStatement:
    case ts.SyntaxKind.PropertyDeclaration:
    case ts.SyntaxKind.PropertyAssignment:
    case ts.SyntaxKind.ShorthandPropertyAssignment:
    case ts.SyntaxKind.SpreadAssignment:
    case ts.SyntaxKind.ImportDeclaration:
    case ts.SyntaxKind.ExportDeclaration:
    case ts.SyntaxKind.ExportAssignment:
    case ts.SyntaxKind.InterfaceDeclaration:
    case ts.SyntaxKind.TypeAliasDeclaration:
    case ts.SyntaxKind.EnumDeclaration:
      return false;
    default:
      return true;
  }
}

function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged[merged.length - 1];
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
