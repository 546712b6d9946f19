/** The index as a person handles it: rebuilding, and files that change on disk. */
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { fileUri, findings, open, readLog, revertAndClose, waitFor } from '../helpers';

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
    await waitFor('the rebuild in the log', () => (/indexed 4 files/.test(readLog().slice(before)) ? true : undefined));
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
});
