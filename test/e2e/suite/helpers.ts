/** What the tests in the editor share: waiting, opening, typing, and reading what Tributary shows. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

/** Everything here answers in well under a second; the limit is for a machine that is busy with something else. */
const patience = 20_000;

/** Polls until `probe` gives something, and returns it. Throws with `what` and the last thing seen when it never does. */
export async function waitFor<T>(what: string, probe: () => Thenable<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const value = await probe();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${patience / 1000} s for ${what}\n${describeAllDiagnostics()}`);
}

function describeAllDiagnostics(): string {
  return vscode.languages
    .getDiagnostics()
    .flatMap(([uri, list]) =>
      list.map(
        (each) => `${path.basename(uri.path)}:${each.range.start.line + 1} ${each.source ?? ''} ${each.message}`,
      ),
    )
    .join('\n');
}

export function fileUri(relative: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error('the editor has no folder open');
  return vscode.Uri.joinPath(folder.uri, relative);
}

export async function open(relative: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(fileUri(relative)));
}

/** The diagnostics of the taint analysis: findings, or with `notices` the remarks about files that are not analysed whole. */
export function diagnosticsOf(uri: vscode.Uri, which: 'findings' | 'notices' = 'findings'): vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter((each) => each.source === 'Tributary' && codeOf(each).endsWith('-file') === (which === 'notices'));
}

/** The rule of a finding. */
export function codeOf(diagnostic: vscode.Diagnostic): string {
  const { code } = diagnostic;
  return String(typeof code === 'object' ? code.value : (code ?? ''));
}

/** Waits until a file has exactly so many findings, and returns them. */
export function findings(uri: vscode.Uri, count: number): Promise<vscode.Diagnostic[]> {
  return waitFor(`${count} findings in ${path.basename(uri.path)}`, () => {
    const list = diagnosticsOf(uri);
    return list.length === count ? list : undefined;
  });
}

/** Selects the first occurrence of `text` in the editor. */
export function select(editor: vscode.TextEditor, text: string): void {
  const { document } = editor;
  const offset = document.getText().indexOf(text);
  if (offset < 0) throw new Error(`${JSON.stringify(text)} is not in ${document.fileName}`);
  editor.selection = new vscode.Selection(document.positionAt(offset), document.positionAt(offset + text.length));
}

/** Types over the selection, one key at a time, as a person does. */
export async function typeKeys(text: string): Promise<void> {
  for (const key of text) await vscode.commands.executeCommand('type', { text: key });
}

/** Throws unsaved changes of the active editor away and closes it. */
export async function revertAndClose(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}

export async function codeLensTitles(uri: vscode.Uri): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return lenses.flatMap((lens) => (lens.command === undefined ? [] : [lens.command.title]));
}

/** All hover texts at a position, as Markdown. */
export async function hoverText(uri: vscode.Uri, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  return hovers
    .flatMap((hover) => hover.contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
    .join('\n');
}

/** What this run of the editor has written to Tributary's log so far. */
export function readLog(): string {
  const profile = process.env['TRIBUTARY_E2E_PROFILE'];
  if (profile === undefined) throw new Error('TRIBUTARY_E2E_PROFILE does not name the editor profile');
  const files = readdirSync(profile, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /logs[\\/](\d+T\d+)[\\/].*tributary[^\\/]*[\\/][^\\/]*\.log$/i.test(file),
  );
  const starts = files.map((file) => /logs[\\/](\d+T\d+)[\\/]/.exec(file)?.[1] ?? '').sort();
  const latest = starts.at(-1) ?? '';
  return files
    .filter((file) => file.includes(latest))
    .map((file) => readFileSync(path.join(profile, file), 'utf8'))
    .join('\n');
}
