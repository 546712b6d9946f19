/**
 * The commands "Show What Can Reach This Sink" and "Show What This Source Reaches": ask the server about a place in an editor, and
 * show the answer in the tree of taint paths, from which a button leads back.
 */
import * as vscode from 'vscode';
import {
  LANGUAGES,
  REQUEST,
  type SliceAnswer,
  type SliceParams,
  type SlicePlace,
} from '../../server/src/protocol/messages';
import { openAt, type PathNavigator } from './pathNavigator';
import type { ServerManager } from './serverManager';
import type { TaintTreeProvider, TreeNode } from './taintTree';

const CONTEXT_KEY = 'tributary.sliceShown';

export const SLICE_COMMAND = { to: 'tributary.showReachingSink', from: 'tributary.showReachedFromSource' } as const;

export interface SliceContext {
  readonly server: ServerManager;
  readonly tree: TaintTreeProvider;
  readonly view: vscode.TreeView<TreeNode>;
  readonly navigator: PathNavigator;
}

export class Slices implements vscode.Disposable {
  readonly #context: SliceContext;
  readonly #codeActions: vscode.Disposable;
  #asked: SliceParams | undefined;

  constructor(context: SliceContext) {
    this.#context = context;
    this.#codeActions = vscode.languages.registerCodeActionsProvider(
      LANGUAGES.map((language) => ({ language, scheme: 'file' })),
      { provideCodeActions: (document, range, { diagnostics }) => actionsFor(document, range, diagnostics) },
    );
  }

  /** Asks about the cursor, unless the place is given. Gives the answer, for tests and other extensions. */
  async show(direction: SliceParams['direction'], at?: vscode.Location): Promise<SliceAnswer | undefined> {
    const editor = vscode.window.activeTextEditor;
    const uri = at?.uri ?? editor?.document.uri;
    const position = at?.range.start ?? editor?.selection.active;
    if (uri === undefined || position === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Put the cursor on a source or a sink first.'));
      return undefined;
    }
    const { line, character } = position;
    return this.#ask({ uri: uri.toString(), position: { line, character }, direction });
  }

  /** Asks again what is shown, at the same place. */
  async again(): Promise<SliceAnswer | undefined> {
    return this.#asked === undefined ? undefined : this.#ask(this.#asked);
  }

  /** Back to the findings. */
  close(): void {
    const { tree, view, navigator } = this.#context;
    this.#asked = undefined;
    navigator.clear();
    tree.showSlice(undefined);
    view.description = '';
    void vscode.commands.executeCommand('setContext', CONTEXT_KEY, false);
  }

  dispose(): void {
    this.#codeActions.dispose();
  }

  async #ask(params: SliceParams): Promise<SliceAnswer | undefined> {
    const { server } = this.#context;
    const title =
      params.direction === 'to'
        ? vscode.l10n.t('Tributary: looking for what can reach this sink')
        : vscode.l10n.t('Tributary: looking for what this source reaches');
    const answer = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_progress, token) => server.request<SliceAnswer>(REQUEST.slice, params, token),
    );
    switch (answer.outcome) {
      case 'done':
        await this.#shown(params, answer);
        break;
      case 'nothingThere':
        // Not awaited: the command has ended, whatever the user does with the message.
        void this.#offerNear(params.direction, answer);
        break;
      case 'notReady':
        void vscode.window.showInformationMessage(`Tributary: ${answer.message}`);
        break;
      case 'cancelled':
        break;
    }
    return answer;
  }

  async #shown(params: SliceParams, answer: SliceAnswer): Promise<void> {
    const { tree, view } = this.#context;
    this.#asked = params;
    tree.showSlice(answer);
    view.description =
      params.direction === 'to'
        ? vscode.l10n.t('What can reach {0}', answer.title)
        : vscode.l10n.t('What is reached from {0}', answer.title);
    await vscode.commands.executeCommand('setContext', CONTEXT_KEY, true);
    await vscode.commands.executeCommand('tributary.taintPaths.focus');
  }

  async #offerNear(direction: SliceParams['direction'], { message, near }: SliceAnswer): Promise<void> {
    const [first] = near;
    if (first === undefined) {
      await vscode.window.showInformationMessage(`Tributary: ${message}`);
      return;
    }
    const ask = vscode.l10n.t('Ask About {0}', first.label.replaceAll('`', ''));
    const choice = await vscode.window.showInformationMessage(`Tributary: ${message}`, ask);
    if (choice === ask) await this.#askNear(direction, first);
  }

  async #askNear(direction: SliceParams['direction'], { uri, range }: SlicePlace): Promise<void> {
    await openAt(uri, range);
    await this.#ask({ uri, position: range.start, direction });
  }
}

/** On what a finding says of the code: its sink, or its source. */
function actionsFor(
  document: vscode.TextDocument,
  range: vscode.Range,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction[] {
  const own = diagnostics.filter(({ source }) => source?.toLowerCase() === 'tributary');
  const [first] = own;
  if (first === undefined) return [];
  const action = new vscode.CodeAction(vscode.l10n.t('Show What Can Reach This Sink'), vscode.CodeActionKind.Empty);
  action.diagnostics = [...own];
  action.command = {
    command: SLICE_COMMAND.to,
    title: action.title,
    arguments: [new vscode.Location(document.uri, first.range.contains(range.start) ? range.start : first.range.start)],
  };
  return [action];
}
