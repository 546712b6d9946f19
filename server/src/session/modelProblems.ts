/**
 * What is wrong in the model files of a workspace, as diagnostics where it stands. They are pushed: editors pull diagnostics
 * of source code only.
 */
import { DiagnosticSeverity, type Connection, type Diagnostic } from 'vscode-languageserver';
import type { ModelFileProblem } from './analysisMessages';
import type { Documents } from './documents';

/** `told` are the files that have problems by what was told last. */
export function tellModelProblems(
  connection: Pick<Connection, 'sendDiagnostics'>,
  documents: Pick<Documents, 'uri'>,
  problems: readonly ModelFileProblem[],
  told: Set<string>,
): void {
  const byPath = new Map<string, Diagnostic[]>();
  for (const path of told) byPath.set(path, []);
  told.clear();
  for (const { path, line, column, message } of problems) {
    const start = { line: line - 1, character: column - 1 };
    const diagnostic: Diagnostic = {
      severity: DiagnosticSeverity.Error,
      source: 'tributary',
      code: 'model',
      message,
      range: { start, end: { line: line - 1, character: Number.MAX_SAFE_INTEGER } },
    };
    const diagnostics = byPath.get(path);
    if (diagnostics === undefined) byPath.set(path, [diagnostic]);
    else diagnostics.push(diagnostic);
    told.add(path);
  }
  for (const [path, diagnostics] of byPath) void connection.sendDiagnostics({ uri: documents.uri(path), diagnostics });
}
