/**
 * Starts, watches and restarts the language server. A server that dies is started again with growing pauses and the user
 * is told once; after too many deaths in a row it stays down until someone asks for it. Whoever needs the server asks
 * here and gets an answer in every state.
 */
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
  type LanguageClientOptions,
  type ServerOptions,
} from 'vscode-languageclient/node';
import {
  LANGUAGES,
  NOTIFICATION,
  type FindingsChanged,
  type IndexStatus,
  type InitializationOptions,
} from '../../server/src/protocol/messages';
import { removeCompiled, serverEnvironment } from './serverEnvironment';

/** Components are taken by their name, too: without an extension for their language, editors have no name for it. */
export const SELECTOR = [
  ...LANGUAGES.map((language) => ({ scheme: 'file', language })),
  { scheme: 'file', pattern: '**/*.{vue,svelte,astro}' },
];

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
const ATTEMPTS = 5;
/** A server that lived this long starts with a clean record. */
const FORGET_AFTER = 180_000;

export type ServerState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'restarting'; readonly delay: number }
  | { readonly kind: 'down'; readonly reason: string };

/** Why a request was not answered: the server is not there. */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError';
}

/** The library shows a notification of its own for every failed start; the manager tells the user, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class ServerManager implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #output: vscode.LogOutputChannel;
  readonly #trace: vscode.LogOutputChannel;
  readonly #onState = new vscode.EventEmitter<ServerState>();
  readonly #onStatus = new vscode.EventEmitter<IndexStatus>();
  readonly #onFindings = new vscode.EventEmitter<FindingsChanged>();
  readonly onDidChangeState = this.#onState.event;
  readonly onDidChangeStatus = this.#onStatus.event;
  readonly onDidChangeFindings = this.#onFindings.event;
  #state: ServerState = { kind: 'stopped' };
  #client: LanguageClient | undefined;
  #starting: Promise<void> | undefined;
  #deaths = 0;
  #startedAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #wasTold = false;
  #isDisposed = false;

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#context = context;
    this.#output = output;
    this.#trace = vscode.window.createOutputChannel('Tributary LSP Trace', { log: true });
    void this.#removeCompiled();
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Settles when the server runs; rejects when it could not be started. */
  start(): Promise<void> {
    if (this.#starting === undefined) {
      clearTimeout(this.#retry);
      this.#starting = this.#launch().finally(() => (this.#starting = undefined));
    }
    return this.#starting;
  }

  async restart(): Promise<void> {
    this.#deaths = 0;
    clearTimeout(this.#retry);
    await this.#starting?.catch(() => undefined);
    await this.#stop();
    await this.start();
  }

  /** Waits for a server that is starting; throws `ServerUnavailableError` when there is none to wait for. */
  async request<R>(method: string, params: object, token?: vscode.CancellationToken): Promise<R> {
    if (this.#starting !== undefined) await this.#starting.catch(() => undefined);
    const client = this.#client;
    if (client === undefined || this.#state.kind !== 'running')
      throw new ServerUnavailableError(describeState(this.#state));
    return token === undefined ? client.sendRequest<R>(method, params) : client.sendRequest<R>(method, params, token);
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#retry);
    await this.#stop();
    this.#trace.dispose();
    this.#onState.dispose();
    this.#onStatus.dispose();
    this.#onFindings.dispose();
  }

  async #launch(): Promise<void> {
    await this.#stop();
    this.#change({ kind: 'starting' });
    const client = new QuietClient('tributary', 'Tributary', this.#serverOptions(), this.#clientOptions());
    this.#client = client;
    this.#startedAt = Date.now();
    client.onNotification(NOTIFICATION.statusChanged, (status: IndexStatus) => {
      this.#onStatus.fire(status);
    });
    client.onNotification(NOTIFICATION.findingsChanged, (changed: FindingsChanged) => {
      this.#onFindings.fire(changed);
    });
    try {
      await client.start();
    } catch (error) {
      this.#died(error instanceof Error ? error.message : String(error));
      throw error;
    }
    // The connection may have closed between the answer and here; `closed` has taken over then.
    if (this.#client === client) this.#change({ kind: 'running' });
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    try {
      // Not `stop`: a client is used for one server, so that nothing of a dead one is carried over.
      await client.dispose(2_000);
    } catch (error) {
      this.#output.debug(`Stopping the server: ${String(error)}`);
    }
    if (!this.#isDisposed) this.#change({ kind: 'stopped' });
  }

  #died(reason: string): void {
    if (this.#isDisposed || this.#state.kind === 'restarting') return;
    this.#deaths = Date.now() - this.#startedAt > FORGET_AFTER ? 1 : this.#deaths + 1;
    this.#output.error(`The server stopped: ${reason}`);
    if (this.#deaths > ATTEMPTS) {
      this.#change({ kind: 'down', reason });
      void this.#tellDown();
      return;
    }
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (this.#deaths - 1));
    this.#change({ kind: 'restarting', delay });
    this.#output.info(
      `Starting it again in ${String(delay / 1000)} s (attempt ${String(this.#deaths)} of ${String(ATTEMPTS)}).`,
    );
    this.#retry = setTimeout(() => {
      this.start().catch(() => undefined);
    }, delay);
    if (this.#wasTold) return;
    this.#wasTold = true;
    void this.#tellRestarting();
  }

  async #tellRestarting(): Promise<void> {
    const showOutput = vscode.l10n.t('Show Output');
    const message = vscode.l10n.t(
      'The Tributary server stopped and is being restarted. Findings may be out of date meanwhile.',
    );
    if ((await vscode.window.showWarningMessage(message, showOutput)) === showOutput) this.#output.show();
  }

  async #tellDown(): Promise<void> {
    const restart = vscode.l10n.t('Restart Server');
    const showOutput = vscode.l10n.t('Show Output');
    const message = vscode.l10n.t('The Tributary server keeps stopping and is not restarted any more.');
    const choice = await vscode.window.showErrorMessage(message, restart, showOutput);
    if (choice === restart) await this.restart().catch(() => undefined);
    else if (choice === showOutput) this.#output.show();
  }

  #change(state: ServerState): void {
    this.#state = state;
    this.#onState.fire(state);
  }

  #serverOptions(): ServerOptions {
    const module = this.#context.asAbsolutePath('dist/server.js');
    const options = { env: { ...serverEnvironment(this.#ownFolder, this.#version), ...process.env } };
    const execArgv = ['--nolazy', '--inspect=6011', '--enable-source-maps'];
    const run = { module, transport: TransportKind.ipc, options };
    return { run, debug: { ...run, options: { ...options, execArgv } } };
  }

  #clientOptions(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.#output,
      traceOutputChannel: this.#trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: this.#initializationOptions(),
      diagnosticPullOptions: { onChange: true, onSave: true, onTabs: false },
      markdown: { isTrusted: false, supportHtml: false },
      errorHandler: {
        error: (_error, _message, times) => ({
          action: (times ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
          handled: true,
        }),
        closed: () => {
          this.#died(vscode.l10n.t('the connection to it was closed.'));
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
  }

  /** Undefined where it is not on this machine. */
  get #ownFolder(): string | undefined {
    const { globalStorageUri } = this.#context;
    return globalStorageUri.scheme === 'file' ? globalStorageUri.fsPath : undefined;
  }

  get #version(): string {
    return (this.#context.extension.packageJSON as { readonly version: string }).version;
  }

  async #removeCompiled(): Promise<void> {
    if (this.#ownFolder === undefined) return;
    try {
      await removeCompiled(this.#ownFolder, this.#version);
    } catch (error) {
      // They take room, and nothing else.
      this.#output.debug(`Removing what was compiled of other versions: ${String(error)}`);
    }
  }

  #initializationOptions(): InitializationOptions {
    // A window without a folder has no storage of its own.
    const { storageUri, globalStorageUri } = this.#context;
    const storage = storageUri ?? vscode.Uri.joinPath(globalStorageUri, 'no-folder');
    return {
      clientCommands: true,
      workspaceModels: vscode.workspace.isTrusted,
      ...(storage.scheme === 'file' ? { storagePath: vscode.Uri.joinPath(storage, 'index').fsPath } : {}),
    };
  }
}

/** One sentence on why the server cannot answer. */
export function describeState(state: ServerState): string {
  switch (state.kind) {
    case 'stopped':
      return vscode.l10n.t('The Tributary server is not running.');
    case 'starting':
      return vscode.l10n.t('The Tributary server is starting.');
    case 'running':
      return vscode.l10n.t('The Tributary server is running.');
    case 'restarting':
      return vscode.l10n.t('The Tributary server stopped and is being restarted.');
    case 'down':
      return vscode.l10n.t('The Tributary server is down: {0}', state.reason);
  }
}
