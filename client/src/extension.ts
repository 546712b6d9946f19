/**
 * The extension's entry point: creates the parts, ties them together, starts the server. The parts live in modules of
 * their own.
 */
import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { IndexHealthDocument } from './indexHealth';
import { LanguageStatus } from './languageStatus';
import { registerModelCompletion } from './modelCompletion';
import { PathNavigator } from './pathNavigator';
import { ServerManager } from './serverManager';
import { Slices } from './slices';
import { TaintTreeProvider, type TreeNode } from './taintTree';

/** What `activate` returns: the tree as data, for tests and other extensions. */
export interface TributaryApi {
  readonly taintPaths: vscode.TreeDataProvider<TreeNode>;
}

export function activate(context: vscode.ExtensionContext): TributaryApi {
  const output = vscode.window.createOutputChannel('Tributary', { log: true });
  const server = new ServerManager(context, output);
  const tree = new TaintTreeProvider(server, context.workspaceState);
  const view = vscode.window.createTreeView('tributary.taintPaths', { treeDataProvider: tree, showCollapseAll: true });
  const navigator = new PathNavigator(server);
  const status = new LanguageStatus(server);
  const health = new IndexHealthDocument(server);
  const slices = new Slices({ server, tree, view, navigator });
  // By the server's word and not by the tree, which nobody asks for while the view is hidden.
  const showCount = (total: number): void => {
    view.badge = total === 0 ? undefined : { value: total, tooltip: vscode.l10n.t('{0} taint findings', total) };
  };
  context.subscriptions.push(
    output,
    server,
    tree,
    view,
    navigator,
    status,
    health,
    slices,
    registerModelCompletion(context, output),
    registerCommands({ server, output, tree, view, navigator, status, health, slices }),
    server.onDidChangeFindings(({ total }) => {
      showCount(total);
      tree.findingsChanged();
    }),
    server.onDidChangeState(({ kind }) => {
      if (kind !== 'running' && kind !== 'down') return;
      // A server that has just started tells of what it finds.
      showCount(0);
      tree.findingsChanged();
    }),
    server.onDidChangeStatus(({ state }) => {
      view.message =
        state === 'recovering' || state === 'incomplete' ? vscode.l10n.t('Findings may be out of date.') : '';
    }),
    // Models of the workspace count once it is trusted; the server learns that at start.
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart().catch(() => undefined)),
  );
  // Not awaited: commands and views are there at once, and the manager reports a failed start.
  server.start().catch(() => undefined);
  return { taintPaths: tree };
}
