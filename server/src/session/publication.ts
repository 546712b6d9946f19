/**
 * Tells the client that findings changed: push diagnostics where it does not pull (never both), refresh requests where
 * it does, new lenses, and the notification the tree view listens to. Refreshes are gathered for a moment, because one
 * update publishes in several messages.
 */
import { NOTIFICATION, type FindingsChanged } from '../protocol/messages';
import { diagnosticsOf, resultIdOf } from './fileDiagnostics';
import type { PulledDocuments } from './pulledDocuments';
import type { ServerContext } from './serverContext';

const GATHER = 60;

export class Publication {
  readonly #context: ServerContext;
  readonly #pulled: PulledDocuments;
  readonly #touched = new Set<string>();
  /** Files a pushing client has been given diagnostics of. */
  readonly #pushed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ServerContext, pulled: PulledDocuments) {
    this.#context = context;
    this.#pulled = pulled;
    const { published, documents } = context;
    published.events.on('changed', (own, touched) => {
      this.#changed(own, touched);
    });
    published.events.on('analysed', (path, version) => {
      documents.analysed(path, version);
      this.#analysed(path);
    });
  }

  /** The document was closed: notices go, findings stay. */
  closed(path: string): void {
    this.#pulled.forget(path);
    if (!this.#context.features.pullDiagnostics && this.#pushed.has(path)) this.#push(path);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #changed(own: ReadonlySet<string>, touched: ReadonlySet<string>): void {
    const { documents, features, session, published } = this.#context;
    session.status.findings(published.total);
    if (!features.pullDiagnostics) {
      // Open documents are pushed when their version is confirmed, which follows at once.
      for (const path of own)
        if (!documents.isOpen(path) || published.analysedVersion(path) !== undefined) this.#push(path);
    }
    for (const path of own) this.#touched.add(path);
    for (const path of touched) this.#touched.add(path);
    this.#timer ??= setTimeout(() => {
      this.#refresh();
    }, GATHER);
  }

  /** A pushing client learns that the version is analysed, also when nothing was found. */
  #analysed(path: string): void {
    if (!this.#context.features.pullDiagnostics) this.#push(path);
  }

  #push(path: string): void {
    const { connection, documents, published } = this.#context;
    const version = documents.version(path);
    const diagnostics = diagnosticsOf(this.#context, path);
    if (diagnostics.length > 0 || version !== undefined) this.#pushed.add(path);
    else if (!this.#pushed.delete(path)) return;
    // Without a version when the document has moved on: positions are those of the newest text, findings are not.
    const isCurrent = version !== undefined && published.analysedVersion(path) === version;
    void connection.sendDiagnostics({ uri: documents.uri(path), diagnostics, ...(isCurrent ? { version } : {}) });
  }

  #refresh(): void {
    this.#timer = undefined;
    const context = this.#context;
    const { connection, documents, features, published } = context;
    const isLensTouched = [...this.#touched].some((path) => documents.isOpen(path));
    this.#touched.clear();
    const changed: FindingsChanged = { generation: published.generation, total: published.total };
    void connection.sendNotification(NOTIFICATION.findingsChanged, changed);
    if (features.codeLensRefresh && isLensTouched) this.#request('workspace/codeLens/refresh');
    if (
      features.pullDiagnostics &&
      features.diagnosticRefresh &&
      this.#pulled.isOutdated((path) => resultIdOf(context, path))
    ) {
      this.#request('workspace/diagnostic/refresh');
    }
  }

  #request(method: string): void {
    const { connection } = this.#context;
    connection.sendRequest(method).catch((error: unknown) => {
      connection.tracer.log(`${method} was not answered: ${String(error)}`);
    });
  }
}
