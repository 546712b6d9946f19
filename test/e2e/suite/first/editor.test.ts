/** The ground the other tests stand on: this is VS Code, and the extension in it is the one of this folder. */
import { strictEqual, ok } from 'node:assert';
import path from 'node:path';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';

describe('the editor', () => {
  it('is VS Code with this extension loaded from its folder', () => {
    const extension = vscode.extensions.getExtension('tributary.tributary');
    ok(extension, 'the extension is known');
    strictEqual(extension.extensionPath, path.resolve(__dirname, '../../..'));
  });
});
