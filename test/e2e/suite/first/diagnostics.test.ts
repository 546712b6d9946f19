/** Findings in the Problems panel: across files, while typing, and around a syntax error. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import path from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { codeOf, diagnosticsOf, fileUri, findings, open, revertAndClose, select, typeKeys, waitFor } from '../helpers';

describe('diagnostics', () => {
  afterEach(async () => {
    await revertAndClose();
  });

  it('show a flow that crosses files at its sink, with every step', async () => {
    const { document } = await open('src/report.js');
    const [finding] = await findings(document.uri, 1);
    ok(finding);
    strictEqual(finding.range.start.line, 3);
    ok(document.getText(finding.range).includes('exec') || document.getText(finding.range).includes('name'));
    ok(/command/.test(codeOf(finding)), codeOf(finding));
    const steps = finding.relatedInformation ?? [];
    ok(steps.length >= 2, 'source and sink are steps');
    deepStrictEqual([...new Set(steps.map((step) => path.basename(step.location.uri.path)))].sort(), [
      'report.js',
      'server.js',
    ]);
    strictEqual(steps[0]?.location.range.start.line, 6);
    strictEqual(steps.at(-1)?.location.range.start.line, 3);
  });

  it('appear while typing and vanish on a fix', async () => {
    const editor = await open('src/typing.js');
    const { uri } = editor.document;
    await waitFor('the first look at the file', () =>
      diagnosticsOf(fileUri('src/report.js')).length > 0 ? true : undefined,
    );
    deepStrictEqual(diagnosticsOf(uri), []);
    select(editor, "'localhost'");
    await typeKeys('req.query.host');
    const [finding] = await findings(uri, 1);
    strictEqual(finding?.range.start.line, 7);
    ok(editor.document.isDirty, 'found in unsaved text');
    select(editor, 'req.query.host');
    await typeKeys('42');
    await findings(uri, 0);
  });

  it('follow an edit into another file that is not open', async () => {
    const editor = await open('src/server.js');
    await findings(fileUri('src/report.js'), 1);
    select(editor, 'req.query.name');
    await typeKeys('1');
    await findings(fileUri('src/report.js'), 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await findings(fileUri('src/report.js'), 1);
  });

  it('stay for the intact part of a file with a syntax error, and say what is lost', async () => {
    const { document } = await open('src/broken.js');
    const [finding] = await findings(document.uri, 1);
    strictEqual(finding?.range.start.line, 6);
    const [notice] = await waitFor('the notice about the lost part', () => {
      const notices = diagnosticsOf(document.uri, 'notices');
      return notices.length > 0 ? notices : undefined;
    });
    ok(notice);
    strictEqual(codeOf(notice), 'partial-file');
    ok(notice.range.start.line >= 10, `line ${notice.range.start.line + 1} is in the broken part`);
  });
});
