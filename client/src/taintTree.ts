/**
 * The tree view "Taint Paths": groups, findings, paths, steps. Groups and findings come in one request, paths and steps
 * when a finding is opened. Clicking goes to the code.
 */
import * as vscode from 'vscode';
import {
  GROUPINGS,
  REQUEST,
  type Grouping,
  type TaintPaths,
  type TaintTree,
  type TreeFinding,
  type TreeGroup,
  type TreePath,
  type WireSeverity,
  type WireStepKind,
} from '../../server/src/protocol/messages';
import { ServerUnavailableError, type ServerManager } from './serverManager';

export type TreeNode =
  | { readonly kind: 'group'; readonly id: string; readonly group: TreeGroup }
  | {
      readonly kind: 'finding';
      readonly id: string;
      readonly finding: TreeFinding;
      readonly parent: TreeNode | undefined;
    }
  | {
      readonly kind: 'path';
      readonly id: string;
      readonly paths: TaintPaths;
      readonly index: number;
      readonly parent: TreeNode;
    }
  | {
      readonly kind: 'step';
      readonly id: string;
      readonly paths: TaintPaths;
      readonly path: number;
      readonly index: number;
      readonly parent: TreeNode;
    }
  | { readonly kind: 'remark'; readonly id: string; readonly text: string; readonly parent: TreeNode | undefined };

const EMPTY: TaintTree = { generation: 0, groups: [], total: 0, omitted: 0 };
const GROUPING_KEY = 'tributary.grouping';

export class TaintTreeProvider implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #server: ServerManager;
  readonly #memory: vscode.Memento;
  readonly #onChange = new vscode.EventEmitter<void>();
  readonly #onLoaded = new vscode.EventEmitter<TaintTree>();
  readonly onDidChangeTreeData = this.#onChange.event;
  readonly onDidLoad = this.#onLoaded.event;
  #tree: Promise<TaintTree> | undefined;
  #findings = new Map<string, TreeNode>();

  constructor(server: ServerManager, memory: vscode.Memento) {
    this.#server = server;
    this.#memory = memory;
  }

  get grouping(): Grouping {
    const stored = this.#memory.get<string>(GROUPING_KEY);
    return GROUPINGS.find((grouping) => grouping === stored) ?? 'severity';
  }

  async groupBy(grouping: Grouping): Promise<void> {
    await this.#memory.update(GROUPING_KEY, grouping);
    this.refresh();
  }

  refresh(): void {
    this.#tree = undefined;
    this.#onChange.fire();
    // The badge counts also while the view is hidden, when nobody asks for children.
    void this.#load();
  }

  /** The node of a finding, to reveal it; undefined when it is gone. */
  async nodeOf(finding: string): Promise<TreeNode | undefined> {
    await this.getChildren();
    return this.#findings.get(finding);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined) return this.#roots(await this.#load());
    switch (node.kind) {
      case 'group':
        return node.group.findings
          .map((finding) => this.#findings.get(finding.id))
          .filter((child) => child !== undefined);
      case 'finding':
        return this.#pathsOf(node);
      case 'path':
        return stepsOf(node.paths, node.index, node);
      case 'step':
      case 'remark':
        return [];
    }
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.kind === 'group' ? undefined : node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = itemOf(node);
    item.id = node.id;
    return item;
  }

  dispose(): void {
    this.#onChange.dispose();
    this.#onLoaded.dispose();
  }

  #load(): Promise<TaintTree> {
    this.#tree ??= this.#request();
    return this.#tree;
  }

  async #request(): Promise<TaintTree> {
    let tree = EMPTY;
    try {
      tree = await this.#server.request<TaintTree>(REQUEST.taintTree, { grouping: this.grouping });
    } catch (error) {
      // Without a server the tree is empty and the welcome text says why.
      if (!(error instanceof ServerUnavailableError) && this.#server.state.kind === 'running') throw error;
    }
    this.#onLoaded.fire(tree);
    return tree;
  }

  #roots(tree: TaintTree): TreeNode[] {
    const isFlat = this.grouping === 'none';
    const roots: TreeNode[] = [];
    this.#findings = new Map();
    for (const group of tree.groups) {
      const parent: TreeNode = { kind: 'group', id: group.id, group };
      if (!isFlat) roots.push(parent);
      for (const finding of group.findings) {
        const node: TreeNode = {
          kind: 'finding',
          id: `${group.id}/${finding.id}`,
          finding,
          parent: isFlat ? undefined : parent,
        };
        this.#findings.set(finding.id, node);
        if (isFlat) roots.push(node);
      }
    }
    if (tree.omitted > 0) {
      const text = vscode.l10n.t('{0} more findings; raise tributary.minSeverity to see fewer', tree.omitted);
      roots.push({ kind: 'remark', id: 'omitted', text, parent: undefined });
    }
    return roots;
  }

  async #pathsOf(node: TreeNode & { kind: 'finding' }): Promise<TreeNode[]> {
    const paths = await this.#server.request<TaintPaths | null>(REQUEST.taintPaths, { finding: node.finding.id });
    if (paths === null)
      return [{ kind: 'remark', id: `${node.id}/gone`, text: vscode.l10n.t('no longer there'), parent: node }];
    const more: TreeNode[] = [];
    if (paths.morePaths !== 0) {
      const text =
        paths.morePaths < 0 ? vscode.l10n.t('there are more paths') : vscode.l10n.t('{0} more paths', paths.morePaths);
      more.push({ kind: 'remark', id: `${node.id}/more`, text, parent: node });
    }
    // A single path needs no level of its own.
    if (paths.paths.length === 1) return [...stepsOf(paths, 0, node), ...more];
    const nodes = paths.paths.map((_path, index): TreeNode => ({
      kind: 'path',
      id: `${node.id}/${String(index)}`,
      paths,
      index,
      parent: node,
    }));
    return [...nodes, ...more];
  }
}

function stepsOf(paths: TaintPaths, path: number, parent: TreeNode): TreeNode[] {
  const { steps, truncated } = paths.paths[path] ?? { steps: [] };
  const nodes = steps.map((_step, index): TreeNode => {
    return { kind: 'step', id: `${parent.id}/${String(path)}.${String(index)}`, paths, path, index, parent };
  });
  if (truncated !== undefined) {
    const text = vscode.l10n.t('steps left out: {0}', truncated);
    nodes.push({ kind: 'remark', id: `${parent.id}/${String(path)}.truncated`, text, parent });
  }
  return nodes;
}

function itemOf(node: TreeNode): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  switch (node.kind) {
    case 'group': {
      const { group } = node;
      const item = new vscode.TreeItem(group.label, Expanded);
      item.description = group.description;
      item.contextValue = 'group';
      if (group.uri === undefined) item.iconPath = severityIcon(group.severity);
      else {
        item.resourceUri = vscode.Uri.parse(group.uri);
        item.iconPath = vscode.ThemeIcon.File;
      }
      item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} findings', group.label, group.findings.length) };
      return item;
    }
    case 'finding': {
      const { finding } = node;
      const item = new vscode.TreeItem(finding.label, Collapsed);
      item.description = finding.description;
      item.iconPath = severityIcon(finding.severity);
      item.tooltip = new vscode.MarkdownString(finding.tooltip);
      item.contextValue = 'finding';
      item.accessibilityInformation = { label: finding.accessibilityLabel };
      item.command = {
        command: 'tributary.selectFinding',
        title: vscode.l10n.t('Go to Sink'),
        arguments: [finding.id],
      };
      return item;
    }
    case 'path': {
      const path: TreePath | undefined = node.paths.paths[node.index];
      const item = new vscode.TreeItem(path?.label ?? '', Collapsed);
      item.description = path?.description ?? '';
      item.iconPath = new vscode.ThemeIcon('git-commit');
      item.contextValue = 'path';
      item.accessibilityInformation = { label: `${path?.label ?? ''}, ${path?.description ?? ''}` };
      return item;
    }
    case 'step': {
      const step = node.paths.paths[node.path]?.steps[node.index];
      const item = new vscode.TreeItem(step?.label ?? '', None);
      item.description = step?.description ?? '';
      item.iconPath = stepIcon(step?.kind ?? 'flow');
      item.contextValue = 'step';
      item.accessibilityInformation = { label: step?.accessibilityLabel ?? '' };
      item.tooltip = step?.label;
      item.command = {
        command: 'tributary.selectStep',
        title: vscode.l10n.t('Go to Step'),
        arguments: [node.paths, node.path, node.index],
      };
      return item;
    }
    case 'remark': {
      const item = new vscode.TreeItem(node.text, None);
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      return item;
    }
  }
}

export function severityIcon(severity: WireSeverity): vscode.ThemeIcon {
  switch (severity) {
    case 'critical':
      return new vscode.ThemeIcon('flame', new vscode.ThemeColor('list.errorForeground'));
    case 'high':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    case 'medium':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    case 'low':
      return new vscode.ThemeIcon('info', new vscode.ThemeColor('notificationsInfoIcon.foreground'));
    case 'note':
      return new vscode.ThemeIcon('circle-outline');
  }
}

function stepIcon(kind: WireStepKind): vscode.ThemeIcon {
  switch (kind) {
    case 'source':
      return new vscode.ThemeIcon('sign-in', new vscode.ThemeColor('tributary.sourceForeground'));
    case 'sink':
      return new vscode.ThemeIcon('flame', new vscode.ThemeColor('tributary.sinkForeground'));
    case 'call':
      return new vscode.ThemeIcon('arrow-right');
    case 'return':
      return new vscode.ThemeIcon('reply');
    case 'store':
      return new vscode.ThemeIcon('symbol-field');
    case 'load':
      return new vscode.ThemeIcon('symbol-variable');
    case 'guard':
      return new vscode.ThemeIcon('question');
    case 'sanitizer':
      return new vscode.ThemeIcon('shield');
    case 'flow':
      return new vscode.ThemeIcon('arrow-small-right');
  }
}
