/**
 * The commands. Each answers in every state of the server: it waits for one that is starting, and says what is wrong (and
 * what can be done) when there is none.
 */
import * as vscode from 'vscode';
import {
  COMMAND,
  REQUEST,
  type Grouping,
  type RunResult,
  type ShowPathsArguments,
  type TaintPaths,
  type VerifyResult,
} from '../../server/src/protocol/messages';
import type { IndexHealthDocument } from './indexHealth';
import type { LanguageStatus } from './languageStatus';
import { openAt, type PathNavigator } from './pathNavigator';
import { ServerUnavailableError, type ServerManager } from './serverManager';
import { SLICE_COMMAND, type Slices } from './slices';
import type { TaintTreeProvider, TreeNode } from './taintTree';

export interface CommandContext {
  readonly server: ServerManager;
  readonly output: vscode.LogOutputChannel;
  readonly tree: TaintTreeProvider;
  readonly view: vscode.TreeView<TreeNode>;
  readonly navigator: PathNavigator;
  readonly status: LanguageStatus;
  readonly health: IndexHealthDocument;
  readonly slices: Slices;
}

export function registerCommands(context: CommandContext): vscode.Disposable {
  const { server, output, tree, navigator, slices } = context;
  const register = (command: string, run: (...args: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (...args: unknown[]) => {
      try {
        return await run(...(args as never[]));
      } catch (error) {
        // Not awaited: the command has ended, whatever the user does with the message.
        void explain(context, error);
        return undefined;
      }
    });
  return vscode.Disposable.from(
    register(COMMAND.rebuildIndex, () =>
      runIndex(context, REQUEST.rebuildIndex, vscode.l10n.t('Rebuilding the index')),
    ),
    register('tributary.refreshIndex', () =>
      runIndex(context, REQUEST.refreshIndex, vscode.l10n.t('Updating the index')),
    ),
    register('tributary.scanFolder', (uri?: vscode.Uri) => scanFolder(context, uri)),
    register('tributary.showOutput', () => {
      output.show();
    }),
    register('tributary.restartServer', () => server.restart()),
    register('tributary.showIndexHealth', () => context.health.show()),
    register('tributary.verifyIndex', () => verifyIndex(context)),
    register('tributary.showMenu', () => showMenu(context)),
    register('tributary.groupBy', () => pickGrouping(tree)),
    register(COMMAND.showPaths, (target?: ShowPathsArguments) => showPaths(context, target)),
    register('tributary.selectFinding', (finding: string) => selectFinding(context, finding, false)),
    register('tributary.showMore', (group?: string) => {
      tree.showMore(group);
    }),
    register('tributary.selectStep', (paths: TaintPaths, path: number, step: number) =>
      navigator.select(paths, path, step),
    ),
    register(SLICE_COMMAND.to, (at?: unknown) => slices.show('to', placeGiven(at))),
    register(SLICE_COMMAND.from, (at?: unknown) => slices.show('from', placeGiven(at))),
    register('tributary.refreshSlice', () => slices.again()),
    register('tributary.closeSlice', () => {
      slices.close();
    }),
    register('tributary.selectFlow', (paths: TaintPaths) => selectFlow(navigator, paths)),
    register('tributary.nextStep', () => navigator.move(1)),
    register('tributary.previousStep', () => navigator.move(-1)),
    register('tributary.clearPath', () => {
      navigator.clear();
    }),
    register('tributary.copyFinding', (node?: TreeNode) => copyFinding(context, node)),
  );
}

/** Menus give the document as their argument, where the cursor is what is meant. */
const placeGiven = (value: unknown): vscode.Location | undefined =>
  value instanceof vscode.Location ? value : undefined;

/** Goes to the other end of a flow, and marks its steps. */
async function selectFlow(navigator: PathNavigator, paths: TaintPaths): Promise<void> {
  const { uri, range } = paths.finding;
  const steps = paths.paths.at(0)?.steps ?? [];
  if (steps.length === 0) await openAt(uri, range);
  else {
    const isSource = steps[0].uri === uri && steps[0].range.start.line === range.start.line;
    await navigator.select(paths, 0, isSource ? 0 : steps.length - 1);
  }
}

/** A request of the user that has no server: say so, offer what helps. */
async function explain({ server, output }: CommandContext, error: unknown): Promise<void> {
  const restart = vscode.l10n.t('Restart Server');
  const showOutput = vscode.l10n.t('Show Output');
  const message = error instanceof Error ? error.message : String(error);
  output.error(error instanceof Error ? (error.stack ?? message) : message);
  const isRunning = server.state.kind === 'running';
  const text =
    error instanceof ServerUnavailableError || !isRunning ? message : vscode.l10n.t('Tributary: {0}', message);
  const choice = await (isRunning
    ? vscode.window.showErrorMessage(text, showOutput)
    : vscode.window.showErrorMessage(text, restart, showOutput));
  if (choice === restart) await vscode.commands.executeCommand('tributary.restartServer');
  else if (choice === showOutput) output.show();
}

/** The server shows progress with a cancel button of its own; this adds what came of it. */
async function runIndex(
  context: CommandContext,
  method: string,
  title: string,
  params: object = {},
): Promise<RunResult> {
  const { server, output } = context;
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Tributary: ${title}` },
    async () => {
      // A server that gave up is what these commands are meant to bring back.
      if (server.state.kind === 'down' || server.state.kind === 'stopped') await server.restart();
      return server.request<RunResult>(method, params);
    },
  );
  output.info(`${title}: ${result.message}`);
  await announce(context, title, result);
  return result;
}

async function announce({ output }: CommandContext, title: string, result: RunResult): Promise<void> {
  const showOutput = vscode.l10n.t('Show Output');
  switch (result.outcome) {
    case 'done':
      vscode.window.setStatusBarMessage(`Tributary: ${result.message}`, 5_000);
      return;
    case 'cancelled':
    case 'disabled':
      void vscode.window.showInformationMessage(`Tributary: ${result.message}`);
      return;
    case 'failed':
      void vscode.window.showErrorMessage(`Tributary: ${title}: ${result.message}`, showOutput).then((choice) => {
        if (choice === showOutput) output.show();
      });
  }
}

async function scanFolder(context: CommandContext, uri: vscode.Uri | undefined): Promise<RunResult | undefined> {
  const folder = uri ?? (await pickFolder());
  if (folder === undefined) return undefined;
  if (folder.scheme !== 'file') {
    void vscode.window.showErrorMessage(vscode.l10n.t('Tributary can only scan folders on this machine.'));
    return undefined;
  }
  const title = vscode.l10n.t('Scanning {0}', vscode.workspace.asRelativePath(folder));
  const result = await runIndex(context, REQUEST.scanFolder, title, { uri: folder.toString() });
  if (result.outcome === 'done') {
    const show = vscode.l10n.t('Show Taint Paths');
    void vscode.window.showInformationMessage(`Tributary: ${title}: ${result.message}`, show).then((choice) => {
      if (choice === show) void vscode.commands.executeCommand('tributary.taintPaths.focus');
    });
  }
  return result;
}

async function pickFolder(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: false,
    openLabel: vscode.l10n.t('Scan'),
    ...(vscode.workspace.workspaceFolders?.[0] === undefined
      ? {}
      : { defaultUri: vscode.workspace.workspaceFolders[0].uri }),
  });
  return picked?.[0];
}

async function showPaths(context: CommandContext, target: ShowPathsArguments | undefined): Promise<void> {
  if (target === undefined) {
    await vscode.commands.executeCommand('tributary.taintPaths.focus');
    return;
  }
  const found = await Promise.all(
    target.findings.map((finding) => context.server.request<TaintPaths | null>(REQUEST.taintPaths, { finding })),
  );
  const findings = found.filter((each) => each !== null);
  const picked = findings.length > 1 ? await pickFinding(findings) : findings[0];
  if (picked !== undefined) await selectFinding(context, picked.finding.id, true);
  else if (findings.length === 0)
    void vscode.window.showInformationMessage(vscode.l10n.t('These taint paths are gone.'));
}

async function pickFinding(findings: readonly TaintPaths[]): Promise<TaintPaths | undefined> {
  const items = findings.map((paths) => ({
    label: paths.finding.label,
    description: paths.finding.description,
    paths,
  }));
  const placeHolder = vscode.l10n.t('Which taint path?');
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.paths;
}

async function selectFinding(
  { server, tree, view, navigator }: CommandContext,
  id: string,
  reveal: boolean,
): Promise<void> {
  const paths = await server.request<TaintPaths | null>(REQUEST.taintPaths, { finding: id });
  if (paths === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This taint path is gone.'));
    return;
  }
  if (reveal) {
    const node = await tree.nodeOf(id);
    if (node !== undefined) await view.reveal(node, { select: true, focus: false, expand: true });
  }
  if (paths.paths.length > 0) await navigator.select(paths);
  else await openAt(paths.finding.uri, paths.finding.range);
}

async function pickGrouping(tree: TaintTreeProvider): Promise<void> {
  const names: Readonly<Record<Grouping, string>> = {
    severity: vscode.l10n.t('Severity'),
    rule: vscode.l10n.t('Rule'),
    file: vscode.l10n.t('File'),
    none: vscode.l10n.t('No grouping'),
  };
  const current = tree.grouping;
  const items = (Object.keys(names) as Grouping[]).map((grouping) => ({
    label: names[grouping],
    description: grouping === current ? vscode.l10n.t('current') : '',
    grouping,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Group taint paths by') });
  if (picked !== undefined) await tree.groupBy(picked.grouping);
}

async function copyFinding({ server }: CommandContext, node: TreeNode | undefined): Promise<void> {
  if (node?.kind !== 'finding') return;
  const paths = await server.request<TaintPaths | null>(REQUEST.taintPaths, { finding: node.finding.id });
  const [path] = paths?.paths ?? [];
  const steps = path?.steps.map((step) => `  ${step.label} (${step.description})`) ?? [];
  await vscode.env.clipboard.writeText([`${node.finding.label} ${node.finding.description}`, ...steps].join('\n'));
}

async function verifyIndex({ server, health, output }: CommandContext): Promise<VerifyResult> {
  // The server shows progress with a cancel button of its own.
  const result = await server.request<VerifyResult>(REQUEST.verifyIndex, {});
  output.info(result.message);
  await health.refresh();
  const showHealth = vscode.l10n.t('Show Index Health');
  const rebuild = vscode.l10n.t('Rebuild Index');
  const act = (choice: string | undefined): void => {
    if (choice === showHealth) void vscode.commands.executeCommand('tributary.showIndexHealth');
    else if (choice === rebuild) void vscode.commands.executeCommand(COMMAND.rebuildIndex);
  };
  const text = `Tributary: ${result.message}`;
  switch (result.outcome) {
    case 'equal':
      void vscode.window.showInformationMessage(text, showHealth).then(act);
      break;
    case 'different':
    case 'failed':
      void vscode.window.showErrorMessage(text, showHealth, rebuild).then(act);
      break;
    case 'changed':
    case 'cancelled':
    case 'disabled':
      void vscode.window.showInformationMessage(text);
  }
  return result;
}

async function showMenu({ status }: CommandContext): Promise<void> {
  const item = (label: string, command: string, ...args: unknown[]) => ({ label, command, args });
  const isIncomplete = status.status?.state === 'incomplete';
  const items = [
    ...(isIncomplete ? [item(vscode.l10n.t('$(debug-continue) Continue Indexing'), 'tributary.refreshIndex')] : []),
    item(vscode.l10n.t('$(list-tree) Show Taint Paths'), 'tributary.taintPaths.focus'),
    item(vscode.l10n.t('$(sync) Rebuild Index'), COMMAND.rebuildIndex),
    item(vscode.l10n.t('$(folder) Scan Folder…'), 'tributary.scanFolder'),
    item(vscode.l10n.t('$(pulse) Show Index Health'), 'tributary.showIndexHealth'),
    item(vscode.l10n.t('$(check-all) Verify Index'), 'tributary.verifyIndex'),
    item(vscode.l10n.t('$(output) Show Output'), 'tributary.showOutput'),
    item(vscode.l10n.t('$(debug-restart) Restart Server'), 'tributary.restartServer'),
    item(vscode.l10n.t('$(gear) Settings'), 'workbench.action.openSettings', '@ext:tributary.tributary'),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: status.status?.message ?? '',
    title: 'Tributary',
  });
  if (picked !== undefined) await vscode.commands.executeCommand(picked.command, ...picked.args);
}
