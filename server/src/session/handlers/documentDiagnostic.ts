/**
 * `textDocument/diagnostic`: waits until the asked-for version is analysed (a few milliseconds as a rule), so that no
 * stale squiggle is shown, but never longer than `PATIENCE`: then what is known is shown where it is now, and a refresh
 * follows when the analysis is done.
 */
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
} from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import { diagnosticsOf, resultIdOf } from '../fileDiagnostics';
import type { ServerContext } from '../serverContext';
import type { PulledDocuments } from '../pulledDocuments';
import type { WorkspaceReports } from '../workspaceReports';

const PATIENCE = 2_000;
/** A client that cannot be asked to pull again would keep what it gets. */
const PATIENCE_WITHOUT_REFRESH = 20_000;

export async function documentDiagnostic(
  context: ServerContext,
  pulled: PulledDocuments,
  reports: WorkspaceReports,
  params: DocumentDiagnosticParams,
  token: CancellationToken,
): Promise<DocumentDiagnosticReport> {
  const path = pathOf(params.textDocument.uri);
  if (path === undefined) return { kind: 'full', items: [] };
  reports.asked(path);
  const version = context.documents.version(path);
  if (version !== undefined) {
    const patience = context.features.diagnosticRefresh ? PATIENCE : PATIENCE_WITHOUT_REFRESH;
    const release = pulled.hold(path);
    try {
      await context.session.whenAnalysed(path, version, patience, token);
    } finally {
      release();
      reports.asked(path);
    }
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled');
  }
  const resultId = resultIdOf(context, path);
  pulled.served(path, resultId);
  if (resultId === params.previousResultId) return { kind: 'unchanged', resultId };
  const items = diagnosticsOf(context, path);
  reports.answered(path, items.length);
  return { kind: 'full', resultId, items };
}
