/**
 * Open, change and close of documents: kept in `Documents`, announced to the session, which decides when to analyse.
 */
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver';
import type { ServerContext } from '../serverContext';

export function documentOpened(
  { documents, session }: ServerContext,
  { textDocument }: DidOpenTextDocumentParams,
): void {
  const { uri, languageId, version, text } = textDocument;
  const path = documents.open(uri, languageId, version, text);
  if (path !== undefined) session.documentChanged(path);
}

export function documentChanged({ documents, session }: ServerContext, params: DidChangeTextDocumentParams): void {
  const path = documents.change(params.textDocument.uri, params.textDocument.version, params.contentChanges);
  if (path !== undefined) session.documentChanged(path);
}

export function documentClosed({ documents, session }: ServerContext, params: DidCloseTextDocumentParams): void {
  const path = documents.close(params.textDocument.uri);
  if (path !== undefined) session.documentClosed(path);
}
