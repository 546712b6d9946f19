/** Scripts inside of other files: a component shows its findings where they are in it. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { codeOf, findings, open, revertAndClose, select, typeKeys, waitFor } from '../helpers';

describe('a component', () => {
  afterEach(async () => {
    await revertAndClose();
  });

  it('shows a finding at the directive in its template, and its steps in its script', async () => {
    const { document } = await open('src/Search.vue');
    const [finding] = await findings(document.uri, 1);
    ok(finding);
    ok(/dom-xss/.test(codeOf(finding)), codeOf(finding));
    strictEqual(document.getText(finding.range), 'v-html="term"');
    const [source] = finding.relatedInformation ?? [];
    ok(source);
    strictEqual(document.getText(source.location.range), 'route.query');
    const lenses = await waitFor('a lens', async () => {
      const list = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        10,
      );
      return list.length > 0 ? list : undefined;
    });
    deepStrictEqual([...new Set(lenses.map(({ range }) => document.lineAt(range.start.line).text.trim()))].sort(), [
      '<script setup>',
      "const term = computed(() => 'Results for ' + route.query.q);",
    ]);
  });

  it('follows what is typed into its template', async () => {
    const editor = await open('src/Search.vue');
    const { uri } = editor.document;
    await findings(uri, 1);
    select(editor, 'v-html="term"');
    await typeKeys('v-html="title');
    await findings(uri, 0);
  });
});
