/**
 * A language client and the server in one process: two protocol connections over streams, the real session code, and
 * an analysis behind the real message protocol (structured clones and all) instead of a thread.
 */
import { PassThrough } from 'node:stream';
import {
  createConnection,
  createProtocolConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver/node';
import { NOTIFICATION, type IndexStatus, type InitializationOptions } from '../../server/src/protocol/messages';
import { uriOf } from '../../server/src/present/locations';
import type { BackOff, SpawnAnalysis } from '../../server/src/session/analysisClient';
import { AnalysisHost, type OpenAnalysis } from '../../server/src/session/analysisHost';
import { serve } from '../../server/src/session/server';
import { FakeAnalysis, type FakeWorld } from './fakeAnalysis';

export const PULL: ClientCapabilities = {
  textDocument: {
    diagnostic: { dynamicRegistration: false, relatedInformation: true },
    publishDiagnostics: { relatedInformation: true },
    hover: { contentFormat: ['markdown'] },
  },
  workspace: {
    diagnostics: { refreshSupport: true },
    codeLens: { refreshSupport: true },
    workspaceFolders: true,
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  window: { workDoneProgress: true, showDocument: { support: true } },
};

export const PUSH: ClientCapabilities = {
  textDocument: { publishDiagnostics: { relatedInformation: true } },
  workspace: { workspaceFolders: true },
};

const PATIENCE = 10_000;

export function fakeOpen(world: FakeWorld): OpenAnalysis {
  return async ({ roots, storage, settings }) => {
    world.calls.push('open');
    await world.hold.open;
    return new FakeAnalysis(world, roots, storage, settings);
  };
}

/** Threads of this process; `kill` ends the one that runs as a crash would. */
export class InProcessThreads {
  started = 0;
  #kill: ((reason: string) => void) | undefined;

  readonly spawn: SpawnAnalysis;

  constructor(open: OpenAnalysis) {
    this.spawn = (listener) => {
      this.started++;
      let isAlive = true;
      const exit = (reason: string): void => {
        if (!isAlive) return;
        isAlive = false;
        listener.onExit(reason);
      };
      this.#kill = exit;
      const host = new AnalysisHost(open, (message) => {
        const copy = structuredClone(message);
        setImmediate(() => {
          if (isAlive) listener.onMessage(copy);
        });
      });
      return {
        post: (message) => {
          const copy = structuredClone(message);
          setImmediate(() => {
            if (isAlive) host.receive(copy);
          });
        },
        terminate: async () => {
          exit('it was terminated.');
        },
      };
    };
  }

  kill(reason = 'the test ended it.'): void {
    this.#kill?.(reason);
  }
}

export interface StartOptions {
  readonly spawn: SpawnAnalysis;
  readonly roots: readonly string[];
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: InitializationOptions;
  readonly settings?: unknown;
  readonly backOff?: BackOff;
}

export class TestClient {
  readonly connection: ProtocolConnection;
  readonly logs: string[] = [];
  readonly messages: { type: number; message: string }[] = [];
  readonly statuses: IndexStatus[] = [];
  readonly pushes: PublishDiagnosticsParams[] = [];
  readonly refreshes: string[] = [];
  readonly registrations: string[] = [];
  readonly progress: { token: string | number; value: { kind: string; percentage?: number } }[] = [];
  readonly shown: string[] = [];
  findingsChanged = 0;
  settings: unknown;
  readonly #server: { dispose(): Promise<void> };
  readonly #versions = new Map<string, number>();
  #result: InitializeResult | undefined;

  private constructor({ spawn, backOff, settings }: StartOptions) {
    this.settings = settings;
    const up = new PassThrough();
    const down = new PassThrough();
    const serverSide = createConnection(
      ProposedFeatures.all,
      new StreamMessageReader(up),
      new StreamMessageWriter(down),
    );
    this.#server = serve(serverSide, { version: '1.2.3', spawn, ...(backOff === undefined ? {} : { backOff }) });
    serverSide.listen();
    this.connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    this.#answer();
    this.connection.listen();
  }

  static async start(options: StartOptions): Promise<TestClient> {
    const client = new TestClient(options);
    const folders = options.roots.map((root) => ({ uri: uriOf(root), name: root }));
    client.#result = await client.connection.sendRequest('initialize', {
      processId: null,
      rootUri: folders[0]?.uri ?? null,
      workspaceFolders: folders,
      capabilities: options.capabilities ?? PULL,
      initializationOptions: { settings: options.settings, ...options.initializationOptions },
    });
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  get result(): InitializeResult {
    if (this.#result === undefined) throw new Error('not initialized');
    return this.#result;
  }

  open(path: string, text: string): Promise<void> {
    this.#versions.set(path, 1);
    const textDocument = { uri: uriOf(path), languageId: 'typescript', version: 1, text };
    return this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  change(path: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    const version = (this.#versions.get(path) ?? 0) + 1;
    this.#versions.set(path, version);
    const textDocument = { uri: uriOf(path), version };
    return this.connection.sendNotification('textDocument/didChange', { textDocument, contentChanges });
  }

  close(path: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(path) } });
  }

  watched(...changes: [path: string, type: 1 | 2 | 3][]): Promise<void> {
    return this.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: changes.map(([path, type]) => ({ uri: uriOf(path), type })),
    });
  }

  pullReport(path: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest('textDocument/diagnostic', {
      textDocument: { uri: uriOf(path) },
      identifier: 'tributary',
      ...(previousResultId === undefined ? {} : { previousResultId }),
    });
  }

  async pull(path: string): Promise<Diagnostic[]> {
    const report = await this.pullReport(path);
    if (report.kind !== 'full') throw new Error('asked without a result id, answered "unchanged"');
    return report.items;
  }

  at<R>(method: string, path: string, line: number, character: number): Promise<R> {
    return this.connection.sendRequest(method, { textDocument: { uri: uriOf(path) }, position: { line, character } });
  }

  pushed(path: string): PublishDiagnosticsParams | undefined {
    return this.pushes.findLast(({ uri }) => uri === uriOf(path));
  }

  ready(): Promise<void> {
    return this.until('ready', () => this.statuses.at(-1)?.state === 'ready');
  }

  /** Polls until the condition holds; fails with the log when it never does. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (!(await condition())) {
      if (Date.now() > end) {
        const status = JSON.stringify(this.statuses.at(-1));
        throw new Error(`waited in vain: ${what}\nstatus ${status}\n${this.logs.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('shutdown');
    await this.#server.dispose();
    this.connection.dispose();
  }

  #answer(): void {
    const { connection } = this;
    const on = (method: string, take: (params: never) => void): void => {
      connection.onNotification(method, (params: unknown) => {
        take(params as never);
      });
    };
    on('window/logMessage', ({ message }: { message: string }) => this.logs.push(message));
    on('window/showMessage', (shown: { type: number; message: string }) => this.messages.push(shown));
    on('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => this.pushes.push(params));
    on(NOTIFICATION.statusChanged, (status: IndexStatus) => this.statuses.push(status));
    on(NOTIFICATION.findingsChanged, () => this.findingsChanged++);
    on('$/progress', (params: (typeof this.progress)[number]) => this.progress.push(params));
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => this.settings ?? null),
    );
    connection.onRequest('window/workDoneProgress/create', () => null);
    connection.onRequest('window/showDocument', ({ uri }: { uri: string }) => {
      this.shown.push(uri);
      return { success: true };
    });
    for (const method of ['workspace/diagnostic/refresh', 'workspace/codeLens/refresh']) {
      connection.onRequest(method, () => {
        this.refreshes.push(method);
        return null;
      });
    }
    connection.onRequest('client/registerCapability', ({ registrations }: { registrations: { method: string }[] }) => {
      this.registrations.push(...registrations.map(({ method }) => method));
      return null;
    });
    connection.onUnhandledNotification(() => {});
  }
}
