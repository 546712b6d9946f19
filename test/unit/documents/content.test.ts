import { createHash } from 'node:crypto';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOfFile, hashOfText, overlayContent, readContent } from '../../../server/src/documents';
import { folderWith, write } from './harness';

const sha = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function read(
  content: string | Uint8Array,
  options: Parameters<typeof readContent>[1] = {},
): ReturnType<typeof readContent> {
  return readContent(write(folderWith(), 'file name%#😀.js', content), options);
}

describe('content', () => {
  it('is text with the hash of its bytes', () => {
    const text = 'const a = "ü😀";\r\nb();\r\n';
    const result = read(text);
    expect(result).toMatchObject({
      state: 'text',
      text,
      notes: [],
      contentHash: sha(text),
      size: Buffer.byteLength(text),
    });
    // Written just now, and perhaps again in a moment without another time.
    expect(result.state === 'text' && result.mtimeMs).toBe(0);
    const path = write(folderWith(), 'old.js', text);
    utimesSync(path, 1_000_000, 1_000_000);
    expect(readContent(path)).toMatchObject({ state: 'text', mtimeMs: 1_000_000_000 });
  });

  it('has no byte order mark, and offsets count without it', () => {
    expect(read('\ufeffconst a;')).toMatchObject({
      state: 'text',
      text: 'const a;',
      contentHash: sha('\ufeffconst a;'),
    });
    const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a😀;', 'utf16le')]);
    expect(read(little)).toMatchObject({ state: 'text', text: 'a😀;' });
    const big = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('a😀;', 'utf16le').swap16()]);
    expect(read(big)).toMatchObject({ state: 'text', text: 'a😀;' });
    expect(read(Buffer.concat([big, Buffer.from([1])]))).toMatchObject({ state: 'text', text: 'a😀;' });
  });

  it('says when something could not be decoded', () => {
    const result = read(Buffer.from([0x61, 0xff, 0x62, 0xed, 0xa0, 0x80]));
    expect(result).toMatchObject({ state: 'text' });
    if (result.state !== 'text') return;
    expect(result.text.startsWith('a\ufffdb\ufffd')).toBe(true);
    expect(result.notes).toHaveLength(1);
    expect(result.notes[0]).toMatch(/not valid UTF-8/);
  });

  it('may be empty', () => {
    expect(read('')).toMatchObject({ state: 'text', text: '', size: 0 });
  });

  it('is skipped when it is binary', () => {
    const bytes = Buffer.from('var a;\0\x01');
    expect(read(bytes)).toMatchObject({ state: 'skipped', reason: 'The file is binary.', contentHash: sha(bytes) });
  });

  it('is not decoded when the hash is known', () => {
    expect(read('same', { knownHashes: [sha('same')] })).toMatchObject({
      state: 'unchanged',
      contentHash: sha('same'),
    });
    expect(read('other', { knownHashes: [sha('same')] })).toMatchObject({ state: 'text' });
  });

  it('is missing, or failed with a reason', () => {
    const folder = folderWith();
    expect(readContent(join(folder, 'none.js'))).toEqual({ state: 'missing' });
    expect(readContent(join(write(folder, 'a.js'), 'b.js'))).toEqual({ state: 'missing' });
    mkdirSync(join(folder, 'folder.js'));
    const result = readContent(join(folder, 'folder.js'));
    expect(result.state).toBe('failed');
    expect(hashOfFile(join(folder, 'none.js'))).toBeUndefined();
  });
});

describe('minified code', () => {
  const statement = 'function a(b,c){return b?c.d(b):new e(b,c)}var f={g:1,h:[2,3]};if(f.g)a(f.h,1);';
  const minified = statement.repeat(60);
  const banner = '/*!\n * Library v1.2.3\n * (c) somebody\n */\n';

  it('is told by its lines', () => {
    for (const text of [minified, banner + minified, `${minified}\n${minified}\n//# sourceMappingURL=x.map\n`]) {
      expect(read(text)).toMatchObject({ state: 'skipped', reason: 'The file is minified or generated.' });
      expect(read(text, { force: true })).toMatchObject({ state: 'text', text });
    }
  });

  it('is not code that only holds long lines', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `app.get('/${i}', (request, response) => response.send(${i}));`);
    const data = `const image = "data:image/png;base64,${'A'.repeat(20_000)}";`;
    const prose = `const text = "${'word and another word, '.repeat(400)}";`;
    const spaced = 'const a = f ( b , c ) ;  '.repeat(200);
    const pattern = `module.exports = /[${'\\u0100\\u0102-\\u0110'.repeat(400)}]+/g`;
    const small = statement.repeat(40);
    for (const text of [
      lines.join('\n'),
      [...lines, data].join('\n'),
      prose,
      spaced,
      statement,
      lines.join('\r\n'),
      pattern,
      small,
    ]) {
      expect(read(text)).toMatchObject({ state: 'text', text });
    }
  });
});

describe('open documents', () => {
  it('have the hash of the same text on disk', () => {
    const text = 'let a = "ü😀";\r\n';
    expect(overlayContent(text)).toMatchObject({ state: 'text', text, contentHash: sha(text), mtimeMs: 0 });
    expect(overlayContent(text, [sha(text)])).toMatchObject({ state: 'unchanged' });
  });

  it('tell lone surrogates apart', () => {
    const hashes = ['a\ud800', 'a\ud801', 'a\udc00', 'a\ufffd', 'a😀'].map(hashOfText);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(overlayContent('a\ud800')).toMatchObject({ state: 'text', text: 'a\ud800' });
  });
});
