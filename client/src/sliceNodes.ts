/** Nodes of a slice in the tree view: groups of flows, each with its paths and steps like a finding, and what is to be known of the whole. */
import * as vscode from 'vscode';
import type { SliceAnswer, SliceGroup, TaintPaths } from '../../server/src/protocol/messages';

export type SliceNode =
  | { readonly kind: 'sliceGroup'; readonly id: string; readonly group: SliceGroup }
  | { readonly kind: 'flow'; readonly id: string; readonly paths: TaintPaths; readonly parent: SliceNode };

export interface SliceRemark {
  readonly kind: 'remark';
  readonly id: string;
  readonly text: string;
  readonly parent: undefined;
}

/** What stands at the top of the view. `isStale` when the code changed since it was asked. */
export function sliceRoots(answer: SliceAnswer, isStale: boolean): readonly (SliceNode | SliceRemark)[] {
  const remark = (id: string, text: string): SliceRemark => ({
    kind: 'remark',
    id: `slice/${id}`,
    text,
    parent: undefined,
  });
  return [
    ...(isStale ? [remark('stale', vscode.l10n.t('Something changed since this was asked.'))] : []),
    ...(answer.groups.length === 0 ? [remark('nothing', answer.message)] : []),
    ...answer.notes.map((note, index) => remark(`note${String(index)}`, note)),
    ...answer.groups.map((group): SliceNode => ({ kind: 'sliceGroup', id: group.id, group })),
  ];
}

export function flowsOf(node: SliceNode & { kind: 'sliceGroup' }): readonly SliceNode[] {
  return node.group.flows.map((paths): SliceNode => ({ kind: 'flow', id: paths.finding.id, paths, parent: node }));
}

export function sliceItem(node: SliceNode, icon: vscode.ThemeIcon | undefined): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  if (node.kind === 'sliceGroup') {
    const { label, flows } = node.group;
    const item = new vscode.TreeItem(label, Expanded);
    item.description = String(flows.length);
    item.contextValue = 'sliceGroup';
    item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1} flows', label, flows.length) };
    return item;
  }
  const { finding } = node.paths;
  const item = new vscode.TreeItem(finding.label, Collapsed);
  item.description = finding.description;
  if (icon !== undefined) item.iconPath = icon;
  item.contextValue = 'flow';
  item.accessibilityInformation = { label: finding.accessibilityLabel };
  item.tooltip = new vscode.MarkdownString(node.paths.tooltip);
  item.command = {
    command: 'tributary.selectFlow',
    title: vscode.l10n.t('Go to the Other End'),
    arguments: [node.paths],
  };
  return item;
}
