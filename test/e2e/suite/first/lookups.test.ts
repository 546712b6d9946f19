/** What a person asks for at a place in the code: code lens, hover. */
import { deepStrictEqual, ok } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { codeLensTitles, fileUri, findings, hoverText, open, revertAndClose, waitFor } from '../helpers';

describe('look-ups', () => {
  afterEach(async () => {
    await revertAndClose();
  });

  it('count the paths in a code lens above the function with the sink, and above the entry point', async () => {
    await findings(fileUri('src/report.js'), 1);
    for (const [file, title] of [
      ['src/report.js', '1 taint path reaches this'],
      ['src/server.js', 'untrusted input flows to 1 sink'],
    ] as const) {
      const { document } = await open(file);
      const titles = await waitFor(`the lens in ${file}`, async () => {
        const list = await codeLensTitles(document.uri);
        return list.length > 0 ? list : undefined;
      });
      deepStrictEqual(titles, [title]);
    }
  });

  it('explain sink and source in a hover', async () => {
    await findings(fileUri('src/report.js'), 1);
    const sink = (await open('src/report.js')).document;
    const atSink = await hoverText(sink.uri, new vscode.Position(3, 27));
    ok(atSink.includes('CWE-78'), atSink);
    ok(atSink.includes('What would make it safe'), atSink);
    ok(atSink.includes('server.js'), atSink);
    const source = (await open('src/server.js')).document;
    const atSource = await hoverText(source.uri, new vscode.Position(6, 20));
    ok(atSource.includes('CWE-78'), atSource);
    const elsewhere = await hoverText(source.uri, new vscode.Position(10, 2));
    ok(!elsewhere.includes('CWE-'), elsewhere);
  });
});
