/** What reaches a sink, and what a source reaches: asked at the cursor by a command, shown in the tree, with a way back. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { after, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { TributaryApi } from '../../../../client/src/extension';
import type { SliceAnswer } from '../../../../server/src/protocol/messages';
import { fileUri, findings, open, revertAndClose, select } from '../helpers';

type Tree = TributaryApi['taintPaths'];

async function labels(tree: Tree): Promise<string[]> {
  const nodes = (await tree.getChildren(undefined)) ?? [];
  const items = await Promise.all(nodes.map(async (node) => tree.getTreeItem(node)));
  return items.map(({ label }) => (typeof label === 'string' ? label : (label?.label ?? '')));
}

describe('a slice', () => {
  after(async () => {
    await vscode.commands.executeCommand('tributary.closeSlice');
    await revertAndClose();
  });

  it('of the sink at the cursor is shown in the tree, and left again', async () => {
    const extension = vscode.extensions.getExtension<TributaryApi>('tributary.tributary');
    ok(extension);
    const { taintPaths: tree } = await extension.activate();
    const editor = await open('src/report.js');
    await findings(fileUri('src/report.js'), 1);
    const before = await labels(tree);
    select(editor, 'exec(');
    const answer = await vscode.commands.executeCommand<SliceAnswer>('tributary.showReachingSink');
    strictEqual(answer.outcome, 'done');
    deepStrictEqual(answer.groups[0]?.label, 'Findings');
    ok(answer.groups[0].flows[0]?.finding.uri.endsWith('server.js'), JSON.stringify(answer.groups));
    ok((await labels(tree)).includes('Findings'));
    await vscode.commands.executeCommand('tributary.closeSlice');
    deepStrictEqual(await labels(tree), before);
  });

  it('of the source at the cursor has its sink', async () => {
    const editor = await open('src/server.js');
    select(editor, 'req.query');
    const answer = await vscode.commands.executeCommand<SliceAnswer>('tributary.showReachedFromSource');
    strictEqual(answer.outcome, 'done', answer.message);
    ok(answer.groups[0]?.flows[0]?.finding.uri.endsWith('report.js'), JSON.stringify(answer.groups));
  });
});
