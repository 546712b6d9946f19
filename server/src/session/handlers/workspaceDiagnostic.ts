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

/** After a first change, others are let in for so long. */
const GATHER = 150;

export async function workspaceDiagnostic(
  context: ServerContext,
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
  let items = changedFiles(context, previous, uris);
  while (items.length === 0) {
    await nextChange(context, token);
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled');
    items = changedFiles(context, previous, uris);
  }
  return { items };
}

function changedFiles(
  context: ServerContext,
  previous: ReadonlyMap<string, string>,
  uris: ReadonlyMap<string, string>,
): WorkspaceDocumentDiagnosticReport[] {
  const { documents, published } = context;
  const items: WorkspaceDocumentDiagnosticReport[] = [];
  for (const path of new Set([...published.paths(), ...previous.keys()])) {
    const resultId = resultIdOf(context, path);
    if (resultId === previous.get(path)) continue;
    const diagnostics = diagnosticsOf(context, path);
    // A file the client never heard of and that has nothing to show is no news.
    if (diagnostics.length === 0 && !previous.has(path)) continue;
    const uri = uris.get(path) ?? documents.uri(path);
    items.push({ kind: 'full', uri, version: documents.version(path) ?? null, resultId, items: diagnostics });
  }
  return items;
}

function nextChange({ published, connection }: ServerContext, token: CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      published.events.off('changed', gather);
      cancelled.dispose();
      resolve();
    };
    const gather = (): void => {
      timer ??= setTimeout(finish, GATHER);
    };
    const cancelled = token.onCancellationRequested(finish);
    published.events.on('changed', gather);
    if (token.isCancellationRequested) finish();
    connection.tracer.log('Workspace diagnostics wait for a change.');
  });
}
