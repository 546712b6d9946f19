/**
 * The language status item: what the index is doing and whether findings are current. Its command opens a menu with what
 * one may want to do about it.
 */
import * as vscode from 'vscode';
import type { IndexStatus } from '../../server/src/protocol/messages';
import { SELECTOR, describeState, type ServerManager } from './serverManager';

export interface StatusView {
  readonly text: string;
  readonly detail: string;
  readonly isBusy: boolean;
  readonly severity: vscode.LanguageStatusSeverity;
}

export class LanguageStatus implements vscode.Disposable {
  readonly #item: vscode.LanguageStatusItem;
  readonly #server: ServerManager;
  readonly #disposables: readonly { dispose(): unknown }[];
  #status: IndexStatus | undefined;

  constructor(server: ServerManager) {
    this.#server = server;
    this.#item = vscode.languages.createLanguageStatusItem('tributary.status', SELECTOR);
    this.#item.name = 'Tributary';
    this.#item.command = { command: 'tributary.showMenu', title: vscode.l10n.t('Menu') };
    this.#disposables = [
      this.#item,
      server.onDidChangeState(() => {
        this.#update();
      }),
      server.onDidChangeStatus((status) => {
        this.#status = status;
        this.#update();
      }),
    ];
    this.#update();
  }

  get status(): IndexStatus | undefined {
    return this.#status;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #update(): void {
    const { state } = this.#server;
    if (state.kind !== 'running') this.#status = state.kind === 'starting' ? undefined : this.#status;
    const view =
      state.kind === 'running' && this.#status !== undefined ? viewOf(this.#status) : this.#viewWithoutServer();
    this.#item.text = view.text;
    this.#item.detail = view.detail;
    this.#item.busy = view.isBusy;
    this.#item.severity = view.severity;
    const context = state.kind === 'running' ? (this.#status?.state ?? 'starting') : state.kind;
    void vscode.commands.executeCommand('setContext', 'tributary.state', context);
  }

  #viewWithoutServer(): StatusView {
    const { state } = this.#server;
    const { Information, Warning, Error } = vscode.LanguageStatusSeverity;
    const detail = describeState(state);
    switch (state.kind) {
      case 'starting':
      case 'running':
        return { text: vscode.l10n.t('Tributary: starting'), detail: '', isBusy: true, severity: Information };
      case 'restarting':
        return { text: vscode.l10n.t('Tributary: restarting'), detail, isBusy: true, severity: Warning };
      case 'stopped':
        return { text: vscode.l10n.t('Tributary: stopped'), detail, isBusy: false, severity: Warning };
      case 'down':
        return { text: vscode.l10n.t('Tributary: down'), detail, isBusy: false, severity: Error };
    }
  }
}

/** What the status of the index looks like. */
export function viewOf(status: IndexStatus): StatusView {
  const { Information, Warning, Error } = vscode.LanguageStatusSeverity;
  const { message } = status;
  switch (status.state) {
    case 'starting':
      return {
        text: vscode.l10n.t('Tributary: opening the index'),
        detail: message,
        isBusy: true,
        severity: Information,
      };
    case 'indexing': {
      const { progress } = status;
      const part =
        progress !== undefined && progress.total > 0 ? ` ${String(progress.done)}/${String(progress.total)}` : '';
      const detail =
        progress === undefined ? '' : [progress.stage, progress.detail].filter((each) => each !== '').join(' ');
      return { text: vscode.l10n.t('Tributary: indexing{0}', part), detail, isBusy: true, severity: Information };
    }
    case 'ready': {
      const isStale = status.pendingEdits > 0;
      const severity = status.failedFiles > 0 ? Warning : Information;
      return {
        text: vscode.l10n.t('Tributary: {0} findings', status.findings),
        detail: readyDetail(status),
        isBusy: isStale,
        severity,
      };
    }
    case 'incomplete':
      return { text: vscode.l10n.t('Tributary: index incomplete'), detail: message, isBusy: false, severity: Warning };
    case 'recovering':
      return { text: vscode.l10n.t('Tributary: recovering'), detail: message, isBusy: true, severity: Warning };
    case 'failed':
      return { text: vscode.l10n.t('Tributary: failed'), detail: message, isBusy: false, severity: Error };
    case 'disabled':
      return { text: vscode.l10n.t('Tributary: off'), detail: message, isBusy: false, severity: Information };
  }
}

function readyDetail({ files, partialFiles, failedFiles, pendingEdits }: IndexStatus): string {
  const parts = [vscode.l10n.t('{0} files', files)];
  if (partialFiles > 0) parts.push(vscode.l10n.t('{0} partial', partialFiles));
  if (failedFiles > 0) parts.push(vscode.l10n.t('{0} failed', failedFiles));
  if (pendingEdits > 0) parts.push(vscode.l10n.t('updating'));
  return parts.join(', ');
}
