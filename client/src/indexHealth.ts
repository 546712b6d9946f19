/**
 * The health of the index as a read-only document: asked for when it is opened or refreshed, not while it stands open,
 * because the answer looks at the whole index. Files it names are links.
 */
import * as vscode from 'vscode';
import { REQUEST, type IndexHealth } from '../../server/src/protocol/messages';
import type { ServerManager } from './serverManager';

export const HEALTH_SCHEME = 'tributary-health';
const DOCUMENT = vscode.Uri.from({ scheme: HEALTH_SCHEME, path: '/Index Health.md' });

export class IndexHealthDocument
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  readonly #server: ServerManager;
  readonly #onChange = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable;
  #health: IndexHealth | undefined;
  readonly onDidChange = this.#onChange.event;

  constructor(server: ServerManager) {
    this.#server = server;
    this.#disposables = vscode.Disposable.from(
      this.#onChange,
      vscode.workspace.registerTextDocumentContentProvider(HEALTH_SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: HEALTH_SCHEME }, this),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  /** Opens the document, or brings the open one up to date. */
  async show(): Promise<void> {
    this.#health = await this.#server.request<IndexHealth>(REQUEST.indexHealth, {});
    this.#onChange.fire(DOCUMENT);
    const document = await vscode.workspace.openTextDocument(DOCUMENT);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Only when it is open. */
  async refresh(): Promise<void> {
    if (!vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === HEALTH_SCHEME)) return;
    this.#health = await this.#server.request<IndexHealth>(REQUEST.indexHealth, {});
    this.#onChange.fire(DOCUMENT);
  }

  async provideTextDocumentContent(): Promise<string> {
    // After a restart of the window the document may be there before anybody asked.
    this.#health ??= await this.#server.request<IndexHealth>(REQUEST.indexHealth, {});
    return this.#health.text;
  }

  provideDocumentLinks(): vscode.DocumentLink[] {
    return (this.#health?.links ?? []).map(
      ({ line, from, to, uri }) =>
        new vscode.DocumentLink(new vscode.Range(line, from, line, to), vscode.Uri.parse(uri)),
    );
  }
}
