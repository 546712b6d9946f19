import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Documents, diffManifest, hashOfText } from '../../../server/src/documents';
import type { DiscoveredFile, ManifestEntry } from '../../../server/src/documents';
import { SETTINGS, find, folderWith, found, write } from './harness';

const documentsOf = (root: string, settings = SETTINGS): Documents => new Documents({ roots: [root], settings });

const entryOf = (file: DiscoveredFile, text: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  root: file.root,
  path: file.path,
  hash: hashOfText(text),
  mtime: file.mtimeMs,
  size: file.size,
  dialect: file.dialect,
  state: 'indexed',
  reason: '',
  ...more,
});

describe('comparing with the index', () => {
  it('tells new, modified, deleted and unchanged files apart, and hashes only where it must', async () => {
    const texts: Record<string, string> = {
      'same.js': 's',
      'touched.js': 't',
      'edited.js': 'e',
      'new.js': 'n',
      'retyped.js': 'r',
    };
    const root = folderWith(texts);
    const discovery = await find(root);
    const [edited, fresh, retyped, same, touched] = discovery.files;
    const gone = { ...entryOf(fresh, 'g'), path: 'gone.js' };
    const manifest = [
      gone,
      entryOf(edited, 'before'),
      entryOf(retyped, 'r', { dialect: 'ts' }),
      entryOf(same, 's'),
      entryOf(touched, 't', { mtime: 5 }),
    ];
    manifest[1] = { ...manifest[1], size: 6 };
    const hashed: string[] = [];
    const hashOf = (path: string): string => {
      hashed.push(path);
      return hashOfText(texts[path.slice(root.length + 1)]);
    };
    const diff = diffManifest(manifest, discovery, { hashOf });
    expect(diff.added).toEqual([fresh]);
    expect(diff.modified.map(({ file }) => file)).toEqual([edited, retyped]);
    expect(diff.deleted).toEqual([gone]);
    // Its time is too young to tell that it changed again.
    expect(diff.touched).toEqual([{ file: { ...touched, mtimeMs: 0 }, entry: manifest[4] }]);
    expect(diff.unchanged).toBe(2);
    expect(hashed).toEqual([edited.absolutePath, touched.absolutePath]);
  });

  it('deletes nothing outside of what was looked at', async () => {
    const root = folderWith(['a/x.js', 'b/y.js']);
    const everything = await find(root);
    const manifest = everything.files.map((file) => entryOf(file, 'x;'));
    rmSync(join(root, 'a'), { recursive: true });
    rmSync(join(root, 'b'), { recursive: true });
    mkdirSync(join(root, 'a'));
    const part = await find(root, {}, { paths: [join(root, 'a')] });
    expect(diffManifest(manifest, part).deleted.map(({ path }) => path)).toEqual(['a/x.js']);
    expect(diffManifest(manifest, await find(root)).deleted).toHaveLength(2);
  });

  it('looks again at files that were left out, when their reason is gone', async () => {
    const root = folderWith({ 'large.js': 'x'.repeat(100), 'binary.js': '\0' });
    const small = await find(root, { maxFileSize: 50 });
    const [binary, large] = small.files;
    const skipped = { state: 'skipped' } as const;
    const manifest = [
      entryOf(large, '', { ...skipped, hash: '', reason: large.reason }),
      entryOf(binary, '\0', skipped),
    ];
    expect(diffManifest(manifest, small)).toMatchObject({ modified: [], unchanged: 2 });
    const large2 = await find(root);
    expect(diffManifest(manifest, large2).modified.map(({ file }) => file.path)).toEqual(['large.js']);
    const recheck = diffManifest(manifest, large2, { recheck: 'skipped' });
    expect(recheck.modified.map(({ file }) => file.path)).toEqual(['large.js', 'binary.js']);
    const known = [entryOf(large2.files[0], '\0'), entryOf(large2.files[1], 'x'.repeat(100))];
    expect(diffManifest(known, large2, { recheck: 'skipped' }).modified).toEqual([]);
    expect(diffManifest(known, large2, { recheck: 'all' }).modified).toHaveLength(2);
  });

  it('tries a file that failed again only when it changed', async () => {
    const discovery = await find(folderWith({ 'a.js': 'x', 'b.js': 'x' }));
    const [a, b] = discovery.files;
    const failed = { hash: '', state: 'failed' } as const;
    const diff = diffManifest([entryOf(a, '', failed), entryOf(b, '', { ...failed, mtime: 1 })], discovery);
    expect(diff.modified.map(({ file }) => file.path)).toEqual(['b.js']);
    expect(diff.unchanged).toBe(1);
  });

  it('sees that a file is left out for another reason', async () => {
    const root = folderWith(['other.js']);
    symlinkSync('a.js', join(root, 'a.js'));
    const [file] = (await find(root)).files;
    const entry = entryOf(file, '', { hash: '', state: 'failed', reason: file.reason });
    expect(diffManifest([entry], { files: [file], covers: () => true }).modified).toEqual([]);
    // It was a file a moment ago, and this link when it was to be read.
    const circle = { ...entry, reason: "The file can't be read: its links form a circle." };
    expect(diffManifest([circle], { files: [file], covers: () => true }).modified).toHaveLength(1);
  });

  it('sees a file that became too large', async () => {
    const root = folderWith({ 'a.js': 'x'.repeat(100) });
    const [file] = (await find(root)).files;
    const diff = diffManifest([entryOf(file, 'x'.repeat(100))], await find(root, { maxFileSize: 50 }));
    expect(diff.modified.map(({ file: { state } }) => state)).toEqual(['skipped']);
  });

  it('gives a file another identity when its root changes', async () => {
    const root = folderWith(['p/a.js']);
    const [file] = (await find(root)).files;
    const documents = new Documents({ roots: [root, join(root, 'p')], settings: SETTINGS });
    const diff = documents.diff([entryOf(file, 'x;')], await documents.discover());
    expect(diff.added.map((added) => [added.root, added.path])).toEqual([[join(root, 'p'), 'a.js']]);
    expect(diff.deleted).toHaveLength(1);
  });

  it('compares open documents by their text', async () => {
    const root = folderWith({ 'a.js': 'disk', 'b.js': 'disk' });
    const documents = documentsOf(root);
    const manifest = (await find(root)).files.map((file) => entryOf(file, 'disk'));
    documents.setOverlay(join(root, 'a.js'), 'typed', 'javascript');
    documents.setOverlay(join(root, 'b.js'), 'disk', 'javascript');
    const diff = documents.diff(manifest, await documents.discover());
    expect(diff.modified.map(({ file }) => file.path)).toEqual(['a.js']);
  });
});

describe('documents', () => {
  it('read the open document, then the disk again', () => {
    const root = folderWith({ 'a.js': 'disk' });
    const documents = documentsOf(root);
    const path = join(root, 'a.js');
    documents.setOverlay(path, 'typed', 'javascript');
    expect(documents.read(path)).toMatchObject({ state: 'text', text: 'typed' });
    documents.removeOverlay(path);
    expect(documents.read(path)).toMatchObject({ state: 'text', text: 'disk' });
  });

  it('find an unsaved document where it will be', async () => {
    const root = folderWith(['a.js', 'node_modules/x/y.js']);
    const documents = documentsOf(root);
    documents.setOverlay(join(root, 'src/new file.ts'), 'typed', 'typescript');
    documents.setOverlay(join(root, 'script'), 'typed', 'javascript');
    documents.setOverlay(join(root, 'node_modules/x/y.js'), 'typed', 'javascript');
    expect(found(await documents.discover())).toEqual(['a.js', 'src/new file.ts', 'script']);
    expect(documents.view.isFile(join(root, 'src/new file.ts'))).toBe(true);
  });

  it('say of one path what discovery says', async () => {
    const root = folderWith({
      'a.js': 'x',
      'gen/b.js': 'x',
      'dist/c.js': 'x',
      'd.min.js': 'x',
      'e.txt': 'x',
      'big.js': 'x'.repeat(50),
      '.gitignore': 'gen\n',
      'sub/deep/f.ts': 'x',
    });
    symlinkSync(join(root, 'a.js'), join(root, 'twin.js'));
    const documents = documentsOf(root, { ...SETTINGS, maxFileSize: 20 });
    const { files } = await documents.discover();
    for (const name of [
      'a.js',
      'gen/b.js',
      'dist/c.js',
      'd.min.js',
      'e.txt',
      'big.js',
      'sub/deep/f.ts',
      'twin.js',
      'none.js',
      'sub/none/x.js',
    ]) {
      const path = join(root, name);
      expect([name, documents.inspect(path)]).toEqual([name, files.find(({ absolutePath }) => absolutePath === path)]);
    }
    expect(files).toHaveLength(4);
    expect(documents.inspect('/elsewhere/a.js')).toBeUndefined();
  });

  it('see a changed ignore file and new settings', () => {
    const root = folderWith({ 'sub/a.js': 'x' });
    const documents = documentsOf(root);
    const path = join(root, 'sub/a.js');
    expect(documents.inspect(path)?.state).toBe('found');
    write(root, 'sub/.gitignore', 'a.js\n');
    documents.invalidate([join(root, 'sub/.gitignore')]);
    expect(documents.inspect(path)).toBeUndefined();
    rmSync(join(root, 'sub/.gitignore'));
    documents.changeSettings({ ...SETTINGS, exclude: ['sub'] });
    expect(documents.inspect(path)).toBeUndefined();
    documents.changeSettings(SETTINGS);
    expect(documents.inspect(path)?.state).toBe('found');
  });
});

describe('the view of module resolution', () => {
  it('answers what is there and what is not', () => {
    const root = folderWith({
      'a.js': 'x',
      'sub/b.js': 'x',
      'package.json': '\ufeff{ "name": "p", // note\n "list": [1, 2, ], /* "x" */ "url": "http://a//b", }',
    });
    symlinkSync(join(root, 'sub'), join(root, 'link'));
    symlinkSync(join(root, 'nothing'), join(root, 'broken'));
    const { view } = documentsOf(root);
    expect(view.isFile(join(root, 'a.js'))).toBe(true);
    expect(view.isFile(join(root, 'sub'))).toBe(false);
    expect(view.isDirectory(join(root, 'sub'))).toBe(true);
    expect(view.isFile(join(root, 'a.js/b.js'))).toBe(false);
    expect(view.isFile(join(root, 'none/deep/c.js'))).toBe(false);
    expect(view.isFile(join(root, 'link/b.js'))).toBe(true);
    expect(view.isDirectory(join(root, 'link'))).toBe(true);
    expect(view.exists(join(root, 'broken'))).toBe(false);
    expect(view.isDirectory('/')).toBe(true);
    expect(view.realpath(join(root, 'link/b.js'))).toBe(join(root, 'sub/b.js'));
    expect(view.realpath(join(root, 'a.js'))).toBe(join(root, 'a.js'));
    expect(view.realpath(join(root, 'none/x'))).toBe(join(root, 'none/x'));
    expect(view.readJson(join(root, 'package.json'))).toEqual({ name: 'p', list: [1, 2], url: 'http://a//b' });
    expect(view.readJson(join(root, 'a.js'))).toBeUndefined();
    expect(view.readJson(join(root, 'none.json'))).toBeUndefined();
  });

  it('gives the same answers until it is told of a change', () => {
    const root = folderWith({ 'a.js': 'x', 'p/package.json': '{"main":"x.js"}' });
    const documents = documentsOf(root);
    const { view } = documents;
    const path = join(root, 'new/deep/b.js');
    expect(view.isFile(path)).toBe(false);
    expect(view.readJson(join(root, 'p/package.json'))).toEqual({ main: 'x.js' });
    write(root, 'new/deep/b.js');
    write(root, 'p/package.json', '{"main":"y.js"}');
    expect(view.isFile(path)).toBe(false);
    const before = view.generation;
    documents.invalidate([path, join(root, 'p/package.json')]);
    expect(view.generation).toBeGreaterThan(before);
    expect(view.isFile(path)).toBe(true);
    expect(view.readJson(join(root, 'p/package.json'))).toEqual({ main: 'y.js' });
    renameSync(join(root, 'p'), join(root, 'q'));
    documents.invalidate([join(root, 'p'), join(root, 'q')]);
    expect(view.isFile(join(root, 'p/package.json'))).toBe(false);
    expect(view.readJson(join(root, 'p/package.json'))).toBeUndefined();
    expect(view.isFile(join(root, 'q/package.json'))).toBe(true);
    rmSync(join(root, 'a.js'));
    documents.invalidate([join(root, 'a.js')]);
    expect(view.isFile(join(root, 'a.js'))).toBe(false);
  });

  it('sees open documents first', () => {
    const root = folderWith({ 'package.json': '{"main":"disk.js"}' });
    const documents = documentsOf(root);
    const path = join(root, 'package.json');
    expect(documents.view.readJson(path)).toEqual({ main: 'disk.js' });
    documents.setOverlay(path, '{"main":"typed.js"}', 'json');
    expect(documents.view.readJson(path)).toEqual({ main: 'typed.js' });
    documents.removeOverlay(path);
    expect(documents.view.readJson(path)).toEqual({ main: 'disk.js' });
  });
});
