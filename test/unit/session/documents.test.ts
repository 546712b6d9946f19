import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Documents } from '../../../server/src/session/documents';

const URI = 'file:///w/a.ts';
const range = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});

let documents: Documents;
beforeEach(() => {
  documents = new Documents();
});

describe('Documents', () => {
  it('keeps text by incremental edits', () => {
    expect(documents.open(URI, 'typescript', 1, 'abc\ndef')).toBe('/w/a.ts');
    documents.change(URI, 2, [
      { range: range(0, 1, 2), text: 'X\nY' },
      { range: range(1, 0, 1), text: '' },
    ]);
    expect(documents.get('/w/a.ts')).toMatchObject({
      version: 2,
      text: 'aX\nc\ndef',
      uri: URI,
      languageId: 'typescript',
    });
    documents.change(URI, 3, [{ text: 'all new' }]);
    expect(documents.get('/w/a.ts')?.text).toBe('all new');
    expect(documents.close(URI)).toBe('/w/a.ts');
    expect(documents.get('/w/a.ts')).toBeUndefined();
  });

  it('leaves what is not a file, and what is not open, alone', () => {
    expect(documents.open('untitled:Untitled-1', 'typescript', 1, '')).toBeUndefined();
    expect(documents.change(URI, 2, [{ text: 'x' }])).toBeUndefined();
    expect(documents.close(URI)).toBeUndefined();
  });

  it('moves ranges by the edits since the analysed version', () => {
    documents.open(URI, 'typescript', 1, 'one\ntwo\n');
    documents.change(URI, 2, [{ range: range(0, 0, 0), text: '\n' }]);
    documents.change(URI, 3, [{ range: range(0, 0, 0), text: '\n' }]);
    expect(documents.range('/w/a.ts', range(1, 0, 3))).toEqual(range(3, 0, 3));
    documents.analysed('/w/a.ts', 2);
    expect(documents.range('/w/a.ts', range(2, 0, 3))).toEqual(range(3, 0, 3));
    documents.analysed('/w/a.ts', 3);
    expect(documents.range('/w/a.ts', range(3, 0, 3))).toEqual(range(3, 0, 3));
    expect(documents.range('/w/closed.ts', range(3, 0, 3))).toEqual(range(3, 0, 3));
  });

  it('spells uris as the client does while a document is open', () => {
    const odd = 'file:///w/a%20%62.ts';
    documents.open(odd, 'typescript', 1, '');
    expect(documents.uri('/w/a b.ts')).toBe(odd);
    expect(documents.uri('/w/c d.ts')).toBe('file:///w/c%20d.ts');
  });
});

describe('Documents in another encoding', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(nodePath.join(tmpdir(), 'tributary-documents-'));
    documents.encoding = 'utf-8';
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads the edits of the client and gives it ranges it understands', () => {
    documents.open(URI, 'typescript', 1, 'é😀x');
    documents.change(URI, 2, [{ range: range(0, 6, 7), text: 'yz' }]);
    expect(documents.get('/w/a.ts')?.text).toBe('é😀yz');
    documents.analysed('/w/a.ts', 2);
    expect(documents.range('/w/a.ts', range(0, 1, 5))).toEqual(range(0, 2, 8));
  });

  it('reads lines of files that are not open from disk, again after they changed', () => {
    const path = nodePath.join(folder, 'a.ts');
    writeFileSync(path, 'é😀x');
    expect(documents.range(path, range(0, 1, 3))).toEqual(range(0, 2, 6));
    writeFileSync(path, 'abcdef');
    documents.changedOnDisk([path]);
    expect(documents.range(path, range(0, 1, 3))).toEqual(range(0, 1, 3));
    expect(documents.range(nodePath.join(folder, 'gone.ts'), range(0, 0, 0))).toEqual(range(0, 0, 0));
  });
});
