/** `textDocument/codeLens`, answered from the published findings. */
import type { CodeLens, CodeLensParams } from 'vscode-languageserver';
import { codeLenses } from '../../present/codeLenses';
import { pathOf } from '../../present/locations';
import type { ServerContext } from '../serverContext';

export function codeLens({ documents, published }: ServerContext, params: CodeLensParams): CodeLens[] {
  const path = pathOf(params.textDocument.uri);
  return path === undefined ? [] : codeLenses(path, published.touching(path), documents);
}
