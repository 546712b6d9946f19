/** The index as a person handles it: rebuilding, and files that change on disk. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { fileUri, findings, open, readLog, revertAndClose, typeKeys, waitFor } from '../helpers';

describe('the index', () => {
  afterEach(async () => {
    await revertAndClose();
  });

  it('is built anew by the command, with the same findings after it', async () => {
    const report = fileUri('src/report.js');
    await open('src/report.js');
    await findings(report, 1);
    const before = readLog().length;
    await vscode.commands.executeCommand('tributary.rebuildIndex');
    await findings(report, 1);
    await waitFor('the rebuild in the log', () => (/indexed 5 files/.test(readLog().slice(before)) ? true : undefined));
  });

  it('follows files that are created and deleted on disk', async () => {
    const uri = fileUri('src/created.js');
    const lines = [
      "const { exec } = require('child_process');",
      "require('express')().get('/x', (req) => exec(req.query.x));",
      '',
    ];
    await open('src/server.js');
    await vscode.workspace.fs.writeFile(uri, Buffer.from(lines.join('\n')));
    await findings(uri, 1);
    await vscode.workspace.fs.delete(uri);
    await findings(uri, 0);
  });

  it('takes a burst of 500 files as one update', async () => {
    await open('src/server.js');
    const folder = fileUri('src/many').fsPath;
    const name = (i: number): string => path.join(folder, `file${i}.js`);
    const before = readLog().length;
    mkdirSync(folder);
    for (let i = 0; i < 500; i++) writeFileSync(name(i), `exports.n = ${i};\n`);
    writeFileSync(name(7), "require('express')().get('/x', (req) => require('child_process').exec(req.query.x));\n");
    await findings(vscode.Uri.file(name(7)), 1);
    const updates = await waitFor('the update in the log', () => {
      const lines = readLog()
        .slice(before)
        .match(/indexed \d+ files?\b.*/g);
      return lines ?? undefined;
    });
    assert.deepEqual(
      updates.map((line) => /indexed (\d+)/.exec(line)?.[1]),
      ['500'],
    );
    rmSync(folder, { recursive: true });
    await findings(vscode.Uri.file(name(7)), 0);
  });

  it('tells how it is doing, in a read-only document with links', async () => {
    await open('src/server.js');
    await vscode.commands.executeCommand('tributary.showIndexHealth');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'tributary-health');
    assert.match(document.getText(), /^files: +\d+ indexed, 1 partial, 0 failed/m);
    assert.match(document.getText(), /^last checkpoint: /m);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const broken = links.find(({ range }) => document.getText(range).endsWith('broken.js'));
    assert.equal(broken?.target?.fsPath, fileUri('src/broken.js').fsPath);
    const before = document.getText();
    await typeKeys('x');
    assert.equal(document.getText(), before);
  });

  it('is compared with a clean build by the command, with what is typed and not saved', async () => {
    const editor = await open('src/report.js');
    await findings(editor.document.uri, 1);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await typeKeys('42;');
    const result = await vscode.commands.executeCommand<{ outcome: string; message: string }>('tributary.verifyIndex');
    assert.equal(result.outcome, 'equal', readLog().slice(-2_000));
    await findings(editor.document.uri, 1);
  });
});
