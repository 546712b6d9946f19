/** The tree of taint paths, as the editor asks the extension for it: finding, then its steps; a click goes to the code. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import path from 'node:path';
import { after, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { TributaryApi } from '../../../../client/src/extension';
import { fileUri, findings, open, revertAndClose, waitFor } from '../helpers';

type Tree = TributaryApi['taintPaths'];
type Node = Tree extends vscode.TreeDataProvider<infer T> ? T : never;

async function childrenOf(tree: Tree, node?: Node): Promise<Node[]> {
  return (await tree.getChildren(node)) ?? [];
}

async function itemOf(tree: Tree, node: Node): Promise<vscode.TreeItem> {
  return tree.getTreeItem(node);
}

function labelOf(item: vscode.TreeItem): string {
  return typeof item.label === 'string' ? item.label : (item.label?.label ?? '');
}

describe('the tree of taint paths', () => {
  after(async () => {
    await revertAndClose();
  });

  it('leads from a finding down its steps, and from a step to the code', async () => {
    const extension = vscode.extensions.getExtension<TributaryApi>('tributary.tributary');
    ok(extension);
    const { taintPaths: tree } = await extension.activate();
    await open('src/broken.js');
    await findings(fileUri('src/report.js'), 1);

    const finding = await waitFor('the finding of report.js in the tree', async () => {
      for (const group of await childrenOf(tree)) {
        for (const node of await childrenOf(tree, group)) {
          const { description } = await itemOf(tree, node);
          if (String(description).includes('report.js')) return node;
        }
      }
      return undefined;
    });
    const steps = await childrenOf(tree, finding);
    const items = await Promise.all(steps.map((step) => itemOf(tree, step)));
    ok(items.length >= 2, items.map(labelOf).join(', '));
    ok(String(items[0]?.description).includes('server.js:7'), String(items[0]?.description));
    ok(String(items.at(-1)?.description).includes('report.js:4'), String(items.at(-1)?.description));
    ok(items.every((item) => (item.accessibilityInformation?.label ?? '') !== ''));

    for (const [item, file, line] of [
      [items[0], 'server.js', 6],
      [items.at(-1), 'report.js', 3],
    ] as const) {
      ok(item?.command, 'a step can be clicked');
      await vscode.commands.executeCommand(item.command.command, ...((item.command.arguments ?? []) as unknown[]));
      const editor = await waitFor(`${file} in front`, () => {
        const active = vscode.window.activeTextEditor;
        return active !== undefined && path.basename(active.document.fileName) === file ? active : undefined;
      });
      strictEqual(editor.selection.start.line, line);
    }
    const groups = await Promise.all((await childrenOf(tree)).map((group) => itemOf(tree, group)));
    deepStrictEqual([...new Set(groups.map(labelOf))].length, groups.length, 'every group once');
  });
});
