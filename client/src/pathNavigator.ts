/**
 * The selected taint path in the editors: its steps carry their numbers, and next/previous go along it. The path is
 * asked for again when findings change, so that the marks follow the code, and goes when the finding goes.
 */
import * as vscode from 'vscode';
import { REQUEST, type TaintPaths, type TreeStep, type WireRange } from '../../server/src/protocol/messages';
import { ServerUnavailableError, type ServerManager } from './serverManager';

const CONTEXT_KEY = 'tributary.pathSelected';

interface Selection {
  readonly paths: TaintPaths;
  readonly path: number;
  readonly step: number;
}

export class PathNavigator implements vscode.Disposable {
  readonly #server: ServerManager;
  readonly #mark: vscode.TextEditorDecorationType;
  readonly #current: vscode.TextEditorDecorationType;
  readonly #disposables: readonly { dispose(): unknown }[];
  #selection: Selection | undefined;

  constructor(server: ServerManager) {
    this.#server = server;
    const overview = {
      overviewRulerColor: new vscode.ThemeColor('tributary.pathStepBorder'),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
    };
    const shape = {
      borderWidth: '1px',
      borderStyle: 'solid',
      borderRadius: '2px',
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    };
    this.#mark = vscode.window.createTextEditorDecorationType({
      ...shape,
      ...overview,
      backgroundColor: new vscode.ThemeColor('tributary.pathStepBackground'),
      borderColor: new vscode.ThemeColor('tributary.pathStepBorder'),
    });
    this.#current = vscode.window.createTextEditorDecorationType({
      ...shape,
      ...overview,
      backgroundColor: new vscode.ThemeColor('tributary.currentStepBackground'),
      borderColor: new vscode.ThemeColor('tributary.pathStepBorder'),
    });
    this.#disposables = [
      this.#mark,
      this.#current,
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.#decorate();
      }),
      server.onDidChangeFindings(() => void this.#refresh()),
    ];
  }

  /** Selects a path, goes to one of its steps (the sink by default) and marks all of them. */
  async select(paths: TaintPaths, path = 0, step?: number): Promise<void> {
    const steps = paths.paths[path]?.steps ?? [];
    this.#change({ paths, path, step: step ?? steps.length - 1 });
    await this.#show();
  }

  async move(by: 1 | -1): Promise<void> {
    const selection = this.#selection;
    if (selection === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Select a taint path first, in the Taint Paths view or through a code lens.'),
      );
      return;
    }
    const { length } = this.#steps();
    if (length === 0) return;
    this.#change({ ...selection, step: (selection.step + by + length) % length });
    await this.#show();
  }

  clear(): void {
    this.#change(undefined);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #steps(): readonly TreeStep[] {
    const selection = this.#selection;
    return selection?.paths.paths[selection.path]?.steps ?? [];
  }

  #change(selection: Selection | undefined): void {
    this.#selection = selection;
    void vscode.commands.executeCommand('setContext', CONTEXT_KEY, selection !== undefined);
    this.#decorate();
  }

  async #show(): Promise<void> {
    const selection = this.#selection;
    const steps = this.#steps();
    const step = selection === undefined ? undefined : steps[selection.step];
    if (step === undefined) return;
    await openAt(step.uri, step.range);
    this.#decorate();
    vscode.window.setStatusBarMessage(
      vscode.l10n.t('Taint path, step {0} of {1} ({2})', step.number, steps.length, step.kind),
      4_000,
    );
  }

  async #refresh(): Promise<void> {
    const selection = this.#selection;
    if (selection === undefined) return;
    try {
      const paths = await this.#server.request<TaintPaths | null>(REQUEST.taintPaths, {
        finding: selection.paths.finding.id,
      });
      // Something else may have been selected meanwhile.
      if (this.#selection !== selection) return;
      const steps = paths?.paths[selection.path]?.steps.length ?? 0;
      this.#change(
        paths === null || steps === 0 ? undefined : { ...selection, paths, step: Math.min(selection.step, steps - 1) },
      );
    } catch (error) {
      // While the server restarts the marks stay; the next change of findings brings them up to date.
      if (!(error instanceof ServerUnavailableError) && this.#server.state.kind === 'running') throw error;
    }
  }

  #decorate(): void {
    const steps = this.#steps();
    const at = this.#selection?.step;
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const here = steps.filter((step) => vscode.Uri.parse(step.uri).toString() === uri);
      const isCurrent = (step: TreeStep): boolean => step.number - 1 === at;
      editor.setDecorations(this.#mark, here.filter((step) => !isCurrent(step)).map(decorationOf));
      editor.setDecorations(this.#current, here.filter(isCurrent).map(decorationOf));
    }
  }
}

export async function openAt(uri: string, range: WireRange): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: toRange(range), preserveFocus: false });
}

export function toRange({ start, end }: WireRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function decorationOf(step: TreeStep): vscode.DecorationOptions {
  const before = {
    contentText: String(step.number),
    color: new vscode.ThemeColor('badge.foreground'),
    backgroundColor: new vscode.ThemeColor('badge.background'),
    margin: '0 0.3em 0 0',
    fontWeight: 'bold',
  };
  return { range: toRange(step.range), hoverMessage: step.label, renderOptions: { before } };
}
