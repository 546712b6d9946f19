/** The index as a person handles it: rebuilding, and files that change on disk. */
import { ok } from 'node:assert';
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
    await vscode.commands.executeCommand('tributary.rebuildIndex');
    await findings(report, 1);
    const log = await waitFor('the rebuild in the log', () => {
      const text = readLog();
      return /rebuil/i.test(text) ? text : undefined;
    });
    ok(/indexed 4 files/.test(log), log);
  });

  it('follows files that are created and deleted on disk', async () => {
    const uri = fileUri('src/created.js');
    const text =
      "const { exec } = require('child_process');\nmodule.exports = require('express')().get('/x', (req) => exec(req.query.x));\n";
    await open('src/server.js');
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
    await findings(uri, 1);
    await vscode.workspace.fs.delete(uri);
    await findings(uri, 0);
  });
});
