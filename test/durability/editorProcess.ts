/** The language server as a process of its own, and the editor's side of the conversation. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { NOTIFICATION, type IndexStatus } from '../../server/src/protocol/messages';

/** What waiting for the server may take, in milliseconds; a failure names what was waited for. */
const PATIENCE = 90_000;

export interface Published {
  readonly version: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export class EditorProcess {
  readonly process: ChildProcess;
  /** What the user was shown. */
  readonly messages: string[] = [];
  readonly logs: string[] = [];
  readonly published = new Map<string, Published>();
  status: IndexStatus | undefined;
  readonly #connection: ProtocolConnection;
  readonly #versions = new Map<string, number>();
  readonly #exited: Promise<unknown>;
  /** Settles with the next notification. */
  #news = signal();

  /** `command` runs the server with `--stdio`. */
  constructor(command: readonly [string, ...string[]], environment: NodeJS.ProcessEnv = {}) {
    const [program, ...parameters] = command;
    this.process = spawn(program, parameters, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#exited = new Promise((resolve) => this.process.once('exit', resolve));
    const { stdin, stdout } = this.process;
    if (stdin === null || stdout === null) throw new Error('the server has no pipes');
    const connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, { version: params.version, diagnostics: params.diagnostics });
      this.#told();
    });
    connection.onNotification('window/showMessage', ({ message }: { message: string }) => {
      this.messages.push(message);
    });
    connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      this.logs.push(message);
    });
    connection.onNotification(NOTIFICATION.statusChanged, (status: IndexStatus) => {
      this.status = status;
      this.#told();
    });
    connection.onUnhandledNotification(() => {});
    // A process that was killed closes the stream under the connection.
    connection.onError(() => {});
    connection.listen();
    this.#connection = connection;
  }

  /** Settles when the index is complete. */
  async start(root: string, storage: string | undefined, settings: unknown = {}): Promise<void> {
    await this.#connection.sendRequest('initialize', {
      processId: process.pid,
      workspaceFolders: [{ uri: uriOf(root), name: 'project' }],
      rootUri: uriOf(root),
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
      initializationOptions: { ...(storage === undefined ? {} : { storagePath: storage }), settings },
    });
    await this.#connection.sendNotification('initialized', {});
    await this.ready();
  }

  ready(): Promise<void> {
    return this.until('the index', () => this.status?.state === 'ready' && this.status.pendingEdits === 0);
  }

  open(path: string, text: string, languageId = 'javascript'): Promise<void> {
    this.#versions.set(path, 1);
    const textDocument = { uri: uriOf(path), languageId, version: 1, text };
    return this.#connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Gives the version that the change makes. */
  async change(path: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<number> {
    const version = (this.#versions.get(path) ?? 0) + 1;
    this.#versions.set(path, version);
    const textDocument = { uri: uriOf(path), version };
    await this.#connection.sendNotification('textDocument/didChange', { textDocument, contentChanges });
    return version;
  }

  close(path: string): Promise<void> {
    this.#versions.delete(path);
    return this.#connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(path) } });
  }

  /** Files that changed on disk: 1 created, 2 changed, 3 deleted. */
  watched(...changes: readonly (readonly [path: string, type: 1 | 2 | 3])[]): Promise<void> {
    return this.#connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: changes.map(([path, type]) => ({ uri: uriOf(path), type })),
    });
  }

  request<R>(method: string, parameters?: object): Promise<R> {
    return parameters === undefined
      ? this.#connection.sendRequest(method)
      : this.#connection.sendRequest(method, parameters);
  }

  /** Codes of what is shown in a file. */
  codes(path: string): readonly unknown[] {
    return this.published.get(uriOf(path))?.diagnostics.map(({ code }) => code) ?? [];
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!condition()) {
      if (this.process.exitCode !== null) throw new Error(`the server ended while waiting for ${what}`);
      if (Date.now() > end) throw new Error(`waited in vain for ${what}\n${this.logs.slice(-30).join('\n')}`);
      await Promise.race([sleep(50), this.#news.promise]);
    }
  }

  #told(): void {
    this.#news.settle();
    this.#news = signal();
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#exited;
    this.#connection.dispose();
  }

  async stop(): Promise<void> {
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    await this.#exited;
    this.#connection.dispose();
  }
}

function signal(): { readonly promise: Promise<void>; readonly settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return { promise, settle };
}
