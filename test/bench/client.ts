/** A small language client over standard input and output, for the product's own server process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { serverEnvironment } from '../../client/src/serverEnvironment';
import { NOTIFICATION, type IndexStatus } from '../../server/src/protocol/messages';

export class BenchClient {
  /** Milliseconds, `performance.now()` of this process. */
  readonly spawnedAt = performance.now();
  readonly process: ChildProcess;
  private readonly connection: ProtocolConnection;
  private readonly publishListeners = new Set<(params: PublishDiagnosticsParams) => void>();
  private status: IndexStatus | undefined;
  private readonly statusListeners = new Set<(status: IndexStatus) => void>();
  private ended: Error | undefined;

  constructor(serverFile: string) {
    this.process = spawn(process.execPath, [serverFile, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // As the extension starts it.
      env: { ...serverEnvironment(undefined, ''), ...process.env },
    });
    const { stdin, stdout } = this.process;
    if (stdin === null || stdout === null) throw new Error('the server has no pipes');
    this.connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      for (const listener of this.publishListeners) listener(params);
    });
    this.connection.onNotification(NOTIFICATION.statusChanged, (status: IndexStatus) => {
      this.status = status;
      for (const listener of this.statusListeners) listener(status);
    });
    this.process.on('exit', (code) => (this.ended = new Error(`the server ended with ${String(code)}`)));
    this.connection.listen();
  }

  async initialize(root: string, storage: string): Promise<void> {
    const rootUri = pathToFileURL(root).href;
    await this.connection.sendRequest(InitializeRequest.method, {
      processId: process.pid,
      workspaceFolders: [{ uri: rootUri, name: 'corpus' }],
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
      initializationOptions: { storagePath: storage },
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  open(path: string): Promise<void> {
    return this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: {
        uri: pathToFileURL(path).href,
        languageId: 'javascript',
        version: 1,
        text: readFileSync(path, 'utf8'),
      },
    });
  }

  /** Replaces a range; returns when the message was handed over. */
  change(path: string, version: number, start: Position, end: Position, text: string): Promise<void> {
    return this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: pathToFileURL(path).href, version },
      contentChanges: [{ range: { start, end }, text }],
    });
  }

  close(path: string): Promise<void> {
    return this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: pathToFileURL(path).href },
    });
  }

  request(method: string, params: unknown): Promise<unknown> {
    return params === undefined ? this.connection.sendRequest(method) : this.connection.sendRequest(method, params);
  }

  /** Returns what ends it. */
  onPublish(listener: (params: PublishDiagnosticsParams) => void): () => void {
    this.publishListeners.add(listener);
    return () => void this.publishListeners.delete(listener);
  }

  /** The first publication for the file in any version, or that with at least the version. */
  published(path: string, version = 0, timeoutMs = 600_000): Promise<void> {
    const uri = pathToFileURL(path).href;
    return this.waitFor(timeoutMs, `diagnostics of ${path}`, (done) => {
      const stop = this.onPublish((params) => {
        if (params.uri !== uri || (params.version ?? -1) < version) return;
        stop();
        done();
      });
    });
  }

  /** The index is complete. */
  ready(timeoutMs = 1_800_000): Promise<void> {
    return this.waitFor(timeoutMs, 'the index', (done) => {
      const check = (status: IndexStatus | undefined): void => {
        if (status?.state !== 'ready' || status.pendingEdits !== 0) return;
        this.statusListeners.delete(check);
        done();
      };
      this.statusListeners.add(check);
      check(this.status);
    });
  }

  /** A run over the whole workspace came to its end, whatever is typed meanwhile. */
  complete(timeoutMs = 1_800_000): Promise<void> {
    return this.waitFor(timeoutMs, 'the index', (done) => {
      const check = (status: IndexStatus | undefined): void => {
        if (status?.state === 'ready') done();
      };
      this.statusListeners.add(check);
      check(this.status);
    });
  }

  /** Peak resident memory of the server process in bytes, where the system tells (Linux). */
  peakMemory(): number | undefined {
    if (process.platform !== 'linux') return undefined;
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(this.process.pid)}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.process.once('exit', resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const patience = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(patience);
    this.connection.dispose();
  }

  private waitFor(timeoutMs: number, what: string, start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error(`waited too long for ${what}`)), timeoutMs);
      const onExit = (): void => fail(this.ended ?? new Error('the server ended'));
      this.process.once('exit', onExit);
      start(() => {
        clearTimeout(timer);
        this.process.off('exit', onExit);
        resolve();
      });
    });
  }
}
