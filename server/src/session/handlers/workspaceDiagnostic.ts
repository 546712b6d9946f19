/**
 * `workspace/diagnostic`: the files whose diagnostics differ from what the client has. When none does, the request
 * stays open until one does, so that a client that polls costs nothing.
 */
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import { diagnosticsOf, resultIdOf } from '../fileDiagnostics';
import type { ServerContext } from '../serverContext';
import type { WorkspaceReports } from '../workspaceReports';

/** After a first change, others are let in for so long. */
const GATHER = 150;

export async function workspaceDiagnostic(
  context: ServerContext,
  reports: WorkspaceReports,
  params: WorkspaceDiagnosticParams,
  token: CancellationToken,
): Promise<WorkspaceDiagnosticReport> {
  const previous = new Map<string, string>();
  const uris = new Map<string, string>();
  for (const { uri, value } of params.previousResultIds) {
    const path = pathOf(uri);
    if (path === undefined) continue;
    previous.set(path, value);
    uris.set(path, uri);
  }
  const dropped = reports.begin();
  let items = changedFiles(context, reports, { previous, uris, dropped });
  while (items.length === 0) {
    await nextChange(context, reports, token);
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled');
    items = changedFiles(context, reports, { previous, uris, dropped });
  }
  return { items };
}

interface KnownToClient {
  /** Result ids by path, as the client sent them. */
  readonly previous: ReadonlyMap<string, string>;
  /** The client's spelling. */
  readonly uris: ReadonlyMap<string, string>;
  /** Files whose last report the client may have dropped, whatever id it sends. */
  readonly dropped: ReadonlySet<string>;
}

function changedFiles(
  context: ServerContext,
  reports: WorkspaceReports,
  { previous, uris, dropped }: KnownToClient,
): WorkspaceDocumentDiagnosticReport[] {
  const { documents, published } = context;
  const items: WorkspaceDocumentDiagnosticReport[] = [];
  for (const path of new Set([...published.paths(), ...previous.keys(), ...reports.shown, ...dropped])) {
    const resultId = resultIdOf(context, path);
    if (resultId === previous.get(path) && !dropped.has(path)) continue;
    const diagnostics = diagnosticsOf(context, path);
    // A file the client never heard of and that has nothing to show is no news.
    const isKnown = previous.has(path) || reports.shown.has(path) || dropped.has(path);
    if (diagnostics.length === 0 && !isKnown) continue;
    reports.reported(path, diagnostics.length);
    const uri = uris.get(path) ?? documents.uri(path);
    items.push({ kind: 'full', uri, version: documents.version(path) ?? null, resultId, items: diagnostics });
  }
  return items;
}

function nextChange(
  { published, connection }: ServerContext,
  reports: WorkspaceReports,
  token: CancellationToken,
): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      published.events.off('changed', gather);
      stopListening();
      cancelled.dispose();
      resolve();
    };
    const gather = (): void => {
      timer ??= setTimeout(finish, GATHER);
    };
    const cancelled = token.onCancellationRequested(finish);
    published.events.on('changed', gather);
    const stopListening = reports.onClosed(gather);
    if (token.isCancellationRequested) finish();
    connection.tracer.log('Workspace diagnostics wait for a change.');
  });
}
