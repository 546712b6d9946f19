/**
 * Which blocks and loops need a scope of their own. Most declare nothing.
 */
import type ts from 'typescript';
import { BLOCK_SCOPED, isVariableDeclarationList } from '../../parse/javascript/syntax';
import * as Kind from '../../parse/javascript/syntaxKind';

/** `let`, `const`, classes and the like stand directly in the block. */
export function declaresNames(statements: readonly ts.Statement[]): boolean {
  for (const statement of statements) {
    switch (statement.kind) {
      case Kind.VariableStatement:
        if (((statement as ts.VariableStatement).declarationList.flags & BLOCK_SCOPED) !== 0) return true;
        break;
      case Kind.ClassDeclaration:
      case Kind.EnumDeclaration:
      case Kind.ModuleDeclaration:
      case Kind.ImportDeclaration:
      case Kind.ImportEqualsDeclaration:
        return true;
      default:
        break;
    }
  }
  return false;
}

/** `for (let …)`. */
export function hasLexicalHead(node: ts.IterationStatement): boolean {
  const { initializer } = node as ts.ForStatement;
  return (
    initializer !== undefined && isVariableDeclarationList(initializer) && (initializer.flags & BLOCK_SCOPED) !== 0
  );
}
