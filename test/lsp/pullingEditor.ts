/**
 * An editor's side of pulled diagnostics, with the habits of the library that VS Code extensions use: which answers it
 * drops, and which result ids it keeps or forgets. What it ends up showing of a file whose tab is closed is what the
 * tests look at.
 */
import {
  CancellationTokenSource,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type WorkspaceDiagnosticReport,
} from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import type { TestClient } from './harness';

interface OpenRequest {
  readonly source: CancellationTokenSource;
  isToRepeat: boolean;
}

export class PullingEditor {
  /** What is shown, by URI. */
  readonly shown = new Map<string, readonly Diagnostic[]>();
  readonly #client: TestClient;
  readonly #pause: number;
  /** Result ids of documents that are asked about, and of files known from workspace reports. */
  readonly #ofDocuments = new Map<string, string | undefined>();
  readonly #ofWorkspace = new Map<string, string | undefined>();
  readonly #requests = new Map<string, OpenRequest>();
  /** Documents with a tab. */
  readonly #visible = new Set<string>();
  readonly #polling = new CancellationTokenSource();
  #isOver = false;

  /** `pause` is the time between the answer to a workspace request and the next one, in milliseconds. */
  constructor(client: TestClient, pause: number) {
    this.#client = client;
    this.#pause = pause;
    client.connection.onRequest('workspace/diagnostic/refresh', () => {
      for (const uri of this.#visible) this.#pull(uri);
      return null;
    });
    void this.#poll();
  }

  count(path: string): number {
    return this.shown.get(uriOf(path))?.length ?? 0;
  }

  async open(path: string, text: string): Promise<void> {
    const uri = uriOf(path);
    this.#visible.add(uri);
    await this.#client.open(path, text);
    this.#pull(uri);
  }

  /** A tab comes back to a document that is still open. */
  show(path: string): void {
    const uri = uriOf(path);
    this.#visible.add(uri);
    if (!this.#ofDocuments.has(uri) && !this.#requests.has(uri)) this.#pull(uri);
  }

  async type(path: string, line: string): Promise<void> {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1000 } };
    await this.#client.change(path, { range, text: line });
    if (this.#visible.has(uriOf(path))) this.#pull(uriOf(path));
  }

  /** The tab goes; the document itself stays open for a while, as it does in VS Code. */
  hide(path: string): void {
    this.#visible.delete(uriOf(path));
    this.#cleanUp(uriOf(path));
  }

  async close(path: string): Promise<void> {
    this.#visible.delete(uriOf(path));
    this.#cleanUp(uriOf(path));
    await this.#client.close(path);
  }

  stop(): void {
    this.#isOver = true;
    this.#polling.cancel();
  }

  #cleanUp(uri: string): void {
    const request = this.#requests.get(uri);
    if (request === undefined && !this.#ofDocuments.has(uri)) return;
    if (request === undefined) this.#pull(uri, () => this.#ofDocuments.delete(uri));
    else request.isToRepeat = true;
    this.#ofWorkspace.delete(uri);
  }

  #pull(uri: string, then?: () => void): void {
    void this.#pullNow(uri).then(then);
  }

  async #pullNow(uri: string): Promise<void> {
    if (this.#isOver) return;
    const running = this.#requests.get(uri);
    if (running !== undefined) {
      running.source.cancel();
      running.isToRepeat = true;
      return;
    }
    const request: OpenRequest = { source: new CancellationTokenSource(), isToRepeat: false };
    this.#requests.set(uri, request);
    const previousResultId = this.#ofDocuments.get(uri);
    this.#ofDocuments.set(uri, previousResultId);
    const params = {
      identifier: 'tributary',
      textDocument: { uri },
      ...(previousResultId === undefined ? {} : { previousResultId }),
    };
    const report = await this.#client.connection
      .sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', params, request.source.token)
      .catch(() => undefined);
    this.#requests.delete(uri);
    if (!this.#visible.has(uri)) {
      this.#ofDocuments.delete(uri);
      return;
    }
    if (report?.kind === 'full') this.shown.set(uri, report.items);
    if (report !== undefined) this.#ofDocuments.set(uri, report.resultId);
    if (request.isToRepeat || report === undefined) this.#pull(uri);
  }

  async #poll(): Promise<void> {
    while (!this.#isOver) {
      const previousResultIds = [...this.#ofWorkspace].flatMap(([uri, ofWorkspace]) => {
        const value = this.#ofDocuments.has(uri) ? this.#ofDocuments.get(uri) : ofWorkspace;
        return value === undefined ? [] : [{ uri, value }];
      });
      const report = await this.#client.connection
        .sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds }, this.#polling.token)
        .catch(() => undefined);
      for (const item of report?.items ?? []) {
        if (item.kind === 'full' && !this.#ofDocuments.has(item.uri)) this.shown.set(item.uri, item.items);
        this.#ofWorkspace.set(item.uri, item.resultId);
      }
      await new Promise((resolve) => setTimeout(resolve, this.#pause));
    }
  }
}
