/**
 * The tree view "Taint Paths": groups, findings, paths, steps. Groups and the first findings come in one request, further
 * findings when a group is opened, paths and steps when a finding is. Of what is long the first part is shown, and a row
 * that says how much more there is, and shows more of it. Clicking goes to the code.
 */
import * as vscode from 'vscode';
import {
  FINDINGS_PER_ANSWER,
  GROUPINGS,
  GROUPS_PER_ANSWER,
  REQUEST,
  type Grouping,
  type SliceAnswer,
  type TaintFindings,
  type TaintPaths,
  type TaintPlace,
  type TaintTree,
  type TreeFinding,
  type TreeGroup,
  type TreePath,
  type WireSeverity,
  type WireStepKind,
} from '../../server/src/protocol/messages';
import { ServerUnavailableError, type ServerManager } from './serverManager';
import { flowsOf, sliceItem, sliceRoots, type SliceNode } from './sliceNodes';

type GroupNode = { readonly kind: 'group'; readonly id: string; readonly group: TreeGroup };

export type TreeNode =
  | GroupNode
  | SliceNode
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
  /** Shows more findings of the group, or more groups when there is none. */
  | {
      readonly kind: 'more';
      readonly id: string;
      readonly text: string;
      readonly group: string | undefined;
      readonly parent: TreeNode | undefined;
    }
  | { readonly kind: 'remark'; readonly id: string; readonly text: string; readonly parent: TreeNode | undefined };

const EMPTY: TaintTree = { generation: 0, groups: [], total: 0, moreGroups: 0 };
const GROUPING_KEY = 'tributary.grouping';

export class TaintTreeProvider implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #server: ServerManager;
  readonly #memory: vscode.Memento;
  readonly #onChange = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#onChange.event;
  #tree: Promise<TaintTree> | undefined;
  /** How many groups to show at most. */
  #shownGroups = GROUPS_PER_ANSWER;
  /** How many findings to show at most of groups that more was asked for of. */
  readonly #shownFindings = new Map<string, number>();
  /** What is shown instead of the findings: what reaches a sink, or what a source reaches. */
  #slice: SliceAnswer | undefined;
  #isSliceStale = false;

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
    this.#shownGroups = GROUPS_PER_ANSWER;
    this.#shownFindings.clear();
    this.refresh();
  }

  /** Shows a slice instead of the findings; undefined goes back to these. */
  showSlice(answer: SliceAnswer | undefined): void {
    this.#slice = answer;
    this.#isSliceStale = false;
    this.#onChange.fire();
  }

  get slice(): SliceAnswer | undefined {
    return this.#slice;
  }

  /** Findings changed: what was asked before may be otherwise by now. */
  findingsChanged(): void {
    this.#isSliceStale = true;
    this.refresh();
  }

  /** While the view is hidden this costs nothing: the editor asks for children when it is shown. */
  refresh(): void {
    this.#tree = undefined;
    this.#onChange.fire();
  }

  /** Twice as many findings of the group, or groups, as before. */
  showMore(group: string | undefined): void {
    if (group === undefined) this.#shownGroups *= 2;
    else this.#shownFindings.set(group, this.#shownOf(group) * 2);
    this.refresh();
  }

  /** The node of a finding, to reveal it; undefined when it is gone. */
  async nodeOf(finding: string): Promise<TreeNode | undefined> {
    const params = { grouping: this.grouping, finding };
    const place = await this.#server.request<TaintPlace | null>(REQUEST.taintPlace, params);
    if (place === null) return undefined;
    if (place.groupIndex >= this.#shownGroups) {
      this.#shownGroups = wholeAnswers(place.groupIndex + 1, GROUPS_PER_ANSWER);
      this.refresh();
    }
    const { groups } = await this.#load();
    const group = groups.find(({ id }) => id === place.group);
    if (group === undefined) return undefined;
    if (place.findingIndex >= this.#shownOf(group.id)) {
      this.#shownFindings.set(group.id, wholeAnswers(place.findingIndex + 1, FINDINGS_PER_ANSWER));
      this.refresh();
    }
    const nodes = await this.#findingsOf(group, this.#parentOf(group));
    return nodes.find((node) => node.kind === 'finding' && node.finding.id === finding);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined && this.#slice !== undefined) return [...sliceRoots(this.#slice, this.#isSliceStale)];
    if (node === undefined) return this.#roots(await this.#load());
    switch (node.kind) {
      case 'group':
        return this.#findingsOf(node.group, node);
      case 'finding':
        return this.#pathsOf(node);
      case 'sliceGroup':
        return [...flowsOf(node)];
      case 'flow':
        return pathNodes(node.paths, node);
      case 'path':
        return stepsOf(node.paths, node.index, node);
      case 'step':
      case 'more':
      case 'remark':
        return [];
    }
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.kind === 'group' || node.kind === 'sliceGroup' ? undefined : node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = itemOf(node);
    item.id = node.id;
    return item;
  }

  /** The tooltip of a finding, when the pointer rests on it. */
  async resolveTreeItem(item: vscode.TreeItem, node: TreeNode): Promise<vscode.TreeItem> {
    if (node.kind !== 'finding') return item;
    const params = { finding: node.finding.id };
    const paths = await this.#requestIfRunning<TaintPaths | null>(REQUEST.taintPaths, params);
    if (paths) item.tooltip = new vscode.MarkdownString(paths.tooltip);
    return item;
  }

  dispose(): void {
    this.#onChange.dispose();
  }

  #load(): Promise<TaintTree> {
    this.#tree ??= this.#request();
    return this.#tree;
  }

  async #request(): Promise<TaintTree> {
    const params = { grouping: this.grouping, groups: this.#shownGroups };
    // Without a server the tree is empty and the welcome text says why.
    return (await this.#requestIfRunning<TaintTree>(REQUEST.taintTree, params)) ?? EMPTY;
  }

  async #requestIfRunning<R>(method: string, params: object): Promise<R | undefined> {
    try {
      return await this.#server.request<R>(method, params);
    } catch (error) {
      if (!(error instanceof ServerUnavailableError) && this.#server.state.kind === 'running') throw error;
      return undefined;
    }
  }

  #shownOf(group: string): number {
    return this.#shownFindings.get(group) ?? FINDINGS_PER_ANSWER;
  }

  /** Without grouping there is one group, whose findings have no parent. */
  #parentOf(group: TreeGroup): GroupNode | undefined {
    return this.grouping === 'none' ? undefined : { kind: 'group', id: group.id, group };
  }

  async #roots({ groups, moreGroups }: TaintTree): Promise<TreeNode[]> {
    const roots: TreeNode[] = [];
    for (const group of groups) {
      const node = this.#parentOf(group);
      if (node === undefined) roots.push(...(await this.#findingsOf(group, node)));
      else roots.push(node);
    }
    if (moreGroups > 0) {
      const text = vscode.l10n.t('{0} more groups…', moreGroups);
      roots.push({ kind: 'more', id: 'more', text, group: undefined, parent: undefined });
    }
    return roots;
  }

  async #findingsOf(group: TreeGroup, parent: GroupNode | undefined): Promise<TreeNode[]> {
    const limit = this.#shownOf(group.id);
    // By id: what changes between two answers may move a finding from one into the other.
    const findings = new Map(group.findings.map((finding) => [finding.id, finding]));
    let { count } = group;
    for (let start = group.findings.length; start < Math.min(limit, count);) {
      const params = { grouping: this.grouping, group: group.id, start };
      const answer = await this.#requestIfRunning<TaintFindings>(REQUEST.taintFindings, params);
      if (answer === undefined || answer.findings.length === 0) break;
      for (const finding of answer.findings) findings.set(finding.id, finding);
      start += answer.findings.length;
      count = answer.count;
    }
    const nodes = Array.from(findings.values(), (finding): TreeNode => ({
      kind: 'finding',
      id: `${group.id}/${finding.id}`,
      finding,
      parent,
    }));
    if (count > nodes.length) {
      const text = vscode.l10n.t('{0} more findings…', count - nodes.length);
      nodes.push({ kind: 'more', id: `${group.id}/more`, text, group: group.id, parent });
    }
    return nodes;
  }

  async #pathsOf(node: TreeNode & { kind: 'finding' }): Promise<TreeNode[]> {
    const paths = await this.#server.request<TaintPaths | null>(REQUEST.taintPaths, { finding: node.finding.id });
    if (paths === null)
      return [{ kind: 'remark', id: `${node.id}/gone`, text: vscode.l10n.t('no longer there'), parent: node }];
    return pathNodes(paths, node);
  }
}

/** The paths of a finding or flow, and that there are more of them. */
function pathNodes(paths: TaintPaths, parent: TreeNode): TreeNode[] {
  const more: TreeNode[] = [];
  if (paths.morePaths !== 0) {
    const text =
      paths.morePaths < 0 ? vscode.l10n.t('there are more paths') : vscode.l10n.t('{0} more paths', paths.morePaths);
    more.push({ kind: 'remark', id: `${parent.id}/more`, text, parent });
  }
  // A single path needs no level of its own.
  if (paths.paths.length === 1) return [...stepsOf(paths, 0, parent), ...more];
  const nodes = paths.paths.map((_path, index): TreeNode => ({
    kind: 'path',
    id: `${parent.id}/${String(index)}`,
    paths,
    index,
    parent,
  }));
  return [...nodes, ...more];
}

function wholeAnswers(count: number, size: number): number {
  return Math.ceil(count / size) * size;
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
      // What came along with the tree is shown at once; to open all of a large one would be to ask for all of it.
      const item = new vscode.TreeItem(group.label, group.findings.length > 0 ? Expanded : Collapsed);
      item.description = group.description;
      item.contextValue = 'group';
      if (group.uri === undefined) item.iconPath = severityIcon(group.severity);
      else {
        item.resourceUri = vscode.Uri.parse(group.uri);
        item.iconPath = vscode.ThemeIcon.File;
      }
      item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} findings', group.label, group.count) };
      return item;
    }
    case 'finding': {
      const { finding } = node;
      const item = new vscode.TreeItem(finding.label, Collapsed);
      item.description = finding.description;
      item.iconPath = severityIcon(finding.severity);
      item.contextValue = 'finding';
      item.accessibilityInformation = { label: finding.accessibilityLabel };
      item.command = {
        command: 'tributary.selectFinding',
        title: vscode.l10n.t('Go to Sink'),
        arguments: [finding.id],
      };
      return item;
    }
    case 'sliceGroup':
      return sliceItem(node, undefined);
    case 'flow':
      return sliceItem(node, severityIcon(node.paths.finding.severity));
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
    case 'more': {
      const item = new vscode.TreeItem(node.text, None);
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      item.command = { command: 'tributary.showMore', title: vscode.l10n.t('Show More'), arguments: [node.group] };
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
