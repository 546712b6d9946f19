import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { posix, win32 } from 'node:path';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Documents } from '../../../server/src/documents';
import { readContent } from '../../../server/src/documents/content';
import { below, isWithin, normalizeOn, parentOf, placeOf } from '../../../server/src/documents/paths';
import { SETTINGS } from './harness';

describe('paths of Windows', () => {
  const normalize = (path: string): string => normalizeOn(win32, path);

  it('have slashes, and a small letter of the drive, however they came', () => {
    expect(normalize('C:\\Code\\Shop\\src\\a.js')).toBe('c:/Code/Shop/src/a.js');
    expect(normalize('c:/Code/Shop/')).toBe('c:/Code/Shop');
    expect(normalize('C:\\')).toBe('c:/');
    expect(normalize('C:\\Code\\..\\Other')).toBe('c:/Other');
    expect(normalize('\\\\server\\share\\a.js')).toBe('//server/share/a.js');
    expect(normalizeOn(posix, '/Code/C:\\odd/')).toBe('/Code/C:\\odd');
  });

  it('have parents, and are found in their roots', () => {
    expect(parentOf('c:/a.js')).toBe('c:/');
    expect(parentOf('c:/src/a.js')).toBe('c:/src');
    expect(isWithin('c:/', 'c:/src')).toBe(true);
    expect(below('c:/', 'c:/src/a.js')).toBe('src/a.js');
    expect(placeOf(['c:/code', 'c:/code/inner'], normalize('C:\\code\\inner\\a.js'))).toEqual({
      root: 'c:/code/inner',
      path: 'a.js',
    });
    expect(placeOf(['c:/code'], normalize('D:\\code\\a.js'))).toBeUndefined();
  });
});

describe('a file system that does not tell upper from lower case', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'Tributary-case-')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = (platform: NodeJS.Platform): Documents =>
    new Documents({ roots: [folder], settings: SETTINGS, platform });

  it.each(['darwin', 'win32'] as const)('has a file under the name that its folder lists (%s)', (platform) => {
    const file = join(folder, 'Cart.js');
    const documents = open(platform);
    expect(documents.view.exists(file)).toBe(false);
    writeFileSync(file, '1;\n');
    // As such a file system would answer to a name that is not listed: it is there, and it is not.
    expect(existsSync(file)).toBe(true);
    expect(documents.inspect(file)).toBeUndefined();
    documents.invalidate([file]);
    expect(documents.inspect(file)?.path).toBe('Cart.js');
  });

  it('is read anew when a name changes in case', () => {
    writeFileSync(join(folder, 'cart.js'), '1;\n');
    const documents = open('darwin');
    expect(documents.view.isFile(join(folder, 'cart.js'))).toBe(true);
    renameSync(join(folder, 'cart.js'), join(folder, 'Cart.js'));
    documents.invalidate([join(folder, 'cart.js')]);
    expect(documents.inspect(join(folder, 'cart.js'))).toBeUndefined();
    expect(documents.inspect(join(folder, 'Cart.js'))?.path).toBe('Cart.js');
    expect(documents.view.isFile(join(folder, 'cart.js'))).toBe(false);
  });

  it('is none where both names may stand side by side', () => {
    const documents = open('linux');
    writeFileSync(join(folder, 'cart.js'), '1;\n');
    writeFileSync(join(folder, 'Cart.js'), '2;\n');
    expect(documents.inspect(join(folder, 'cart.js'))?.path).toBe('cart.js');
    expect(documents.inspect(join(folder, 'Cart.js'))?.path).toBe('Cart.js');
  });

  it('may hold other line ends after a checkout: then it is other content with the same lines', () => {
    const [unix, windows] = ['unix.js', 'windows.js'].map((name) => join(folder, name));
    writeFileSync(unix, 'a();\nb();\n');
    writeFileSync(windows, 'a();\r\nb();\r\n');
    const [one, other] = [readContent(unix), readContent(windows)];
    if (one.state !== 'text' || other.state !== 'text') throw new Error('not read');
    expect(other.contentHash).not.toBe(one.contentHash);
    expect(other.text.split(/\r\n|\n/)).toEqual(one.text.split('\n'));
  });
});
