/** `textDocument/hover`, answered from the published findings, also while the analysis is busy. */
import type { Hover, HoverParams } from 'vscode-languageserver';
import { hoverAt } from '../../present/hover';
import { pathOf } from '../../present/locations';
import { toPlainText } from '../../present/markdown';
import type { ServerContext } from '../serverContext';

export function hover({ documents, published, features }: ServerContext, params: HoverParams): Hover | null {
  const path = pathOf(params.textDocument.uri);
  if (path === undefined) return null;
  const { line, character } = params.position;
  const text = hoverAt(path, line, character, published.touching(path), documents);
  if (text === undefined) return null;
  const contents = features.markdownHover
    ? { kind: 'markdown' as const, value: text.markdown }
    : { kind: 'plaintext' as const, value: toPlainText(text.markdown) };
  return { contents, range: text.range };
}
