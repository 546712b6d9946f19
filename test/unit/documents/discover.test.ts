import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discover } from '../../../server/src/documents';
import { SETTINGS, find, folderWith, found, left, write } from './harness';

describe('discovery', () => {
  it('finds the files of the languages it knows, sorted', async () => {
    const root = folderWith([
      'b.ts',
      'a.js',
      'src/c.jsx',
      'src/d.tsx',
      'e.mjs',
      'f.cjs',
      'g.mts',
      'h.cts',
      'i.JS',
      'readme.md',
      'x.css',
      'Makefile',
      '.eslintrc.js',
      '.storybook/main.js',
    ]);
    const result = await find(root);
    expect(found(result)).toEqual([
      '.eslintrc.js',
      '.storybook/main.js',
      'a.js',
      'b.ts',
      'e.mjs',
      'f.cjs',
      'g.mts',
      'h.cts',
      'i.JS',
      'src/c.jsx',
      'src/d.tsx',
    ]);
    expect(result.files.map(({ dialect }) => dialect)).toEqual([
      'js',
      'js',
      'js',
      'ts',
      'mjs',
      'cjs',
      'mts',
      'cts',
      'js',
      'jsx',
      'tsx',
    ]);
    expect(result.files.every(({ size, mtimeMs }) => size === 2 && mtimeMs > 0)).toBe(true);
    expect(result.problems).toEqual([]);
  });

  it('takes odd names as they are', async () => {
    const names = [
      'with space.js',
      'hash#.js',
      '100%.js',
      '😀/snow☃.ts',
      'quote\'".js',
      'brack[et].js',
      'star(1).js',
      '-dash.js',
    ];
    const root = folderWith(names);
    const result = await find(root);
    expect([...found(result)].sort()).toEqual([...names].sort());
    for (const file of result.files) expect(file.absolutePath).toBe(`${root}/${file.path}`);
  });

  it('finds files at the end of very long paths', async () => {
    const path = `${Array.from({ length: 15 }, (_, i) => `${'d'.repeat(60)}${i}`).join('/')}/file.js`;
    expect(path.length).toBeGreaterThan(900);
    expect(found(await find(folderWith([path])))).toEqual([path]);
  });

  it('leaves out dependencies and build output without a word', async () => {
    const inside = [
      'node_modules/a/index.js',
      'dist/a.js',
      'build/a.js',
      'out/a.js',
      'coverage/a.js',
      '.next/a.js',
      '.nuxt/a.js',
      '.svelte-kit/a.js',
      'bower_components/a.js',
      'jspm_packages/a.js',
      'third_party/a.js',
      'packages/p/node_modules/b.js',
      'packages/p/dist/b.js',
      '.git/hooks/a.js',
    ];
    const root = folderWith([
      ...inside,
      'package.json',
      '.gitignore',
      'src/a.js',
      'types/a.d.ts',
      'src/b.d.mts',
      'vendor/v.js',
      'distance/d.js',
    ]);
    const result = await find(root);
    expect(found(result)).toEqual(['distance/d.js', 'src/a.js', 'vendor/v.js']);
    expect(left(result)).toEqual({});
    const all = await find(root, { includeDependencies: true });
    const expected = [
      ...inside.filter((path) => !path.startsWith('.git/')),
      'distance/d.js',
      'src/a.js',
      'src/b.d.mts',
      'types/a.d.ts',
      'vendor/v.js',
    ];
    expect(found(all)).toEqual(expected.sort());
  });

  it('shows files that a person would expect, with the reason', async () => {
    const root = folderWith({ 'lib/jquery.min.js': 'x;', 'big.js': 'x'.repeat(2000), 'ok.js': 'x;' });
    const result = await find(root, { maxFileSize: 1500 });
    expect(found(result)).toEqual(['ok.js']);
    expect(left(result)).toEqual({
      'big.js': 'skipped: The file is too large (2.0 KB; the limit is 1.5 KB).',
      'lib/jquery.min.js': 'skipped: The file is minified (by its name).',
    });
  });

  it('scans a dependency that is named, with what it consists of', async () => {
    const root = folderWith([
      '.gitignore',
      'src/a.js',
      'node_modules/pkg/package.json',
      'node_modules/pkg/dist/index.js',
      'node_modules/pkg/lib/x.js',
      'node_modules/pkg/node_modules/inner/y.js',
      'node_modules/other/z.js',
    ]);
    write(root, '.gitignore', 'node_modules/\n');
    mkdirSync(join(root, '.git'));
    const expected = ['node_modules/pkg/dist/index.js', 'node_modules/pkg/lib/x.js'];
    expect(found(await find(root, {}, { paths: [join(root, 'node_modules/pkg')] }))).toEqual(expected);
    expect(found(await find(join(root, 'node_modules/pkg')))).toEqual(['dist/index.js', 'lib/x.js']);
    const everything = await find(join(root, 'node_modules'));
    expect(found(everything)).toEqual(['other/z.js', 'pkg/dist/index.js', 'pkg/lib/x.js']);
  });

  it('takes a package that is unpacked somewhere as published, a working copy not', async () => {
    const files = ['package.json', 'dist/index.js', 'index.js'];
    expect(found(await find(folderWith(files)))).toEqual(['dist/index.js', 'index.js']);
    for (const sign of ['.gitignore', 'package-lock.json', '.git/HEAD', 'yarn.lock']) {
      expect(found(await find(folderWith([...files, sign])))).toEqual(['index.js']);
    }
  });

  it('takes a folder of build output that is named', async () => {
    const root = folderWith(['.gitignore', 'dist/a.js', 'dist/sub/dist/b.js', 'src/c.js']);
    write(root, '.gitignore', 'dist\n');
    expect(found(await find(root, {}, { paths: [join(root, 'dist')] }))).toEqual(['dist/a.js', 'dist/sub/dist/b.js']);
    expect(found(await find(join(root, 'dist')))).toEqual(['a.js', 'sub/dist/b.js']);
  });

  it('takes a file that is named, whatever it is called', async () => {
    const root = folderWith(['node_modules/a/b.min.js', 'types.d.ts', 'notes.txt']);
    const paths = ['node_modules/a/b.min.js', 'types.d.ts', 'notes.txt'].map((path) => join(root, path));
    const result = await find(root, { exclude: ['**/*'] }, { paths });
    expect(found(result)).toEqual(['node_modules/a/b.min.js', 'types.d.ts']);
    expect(result.files.every(({ isExplicit }) => isExplicit)).toBe(true);
    expect(result.problems).toMatchObject([{ problem: 'unsupported', path: paths[2] }]);
  });

  it('leaves out what the settings exclude', async () => {
    const root = folderWith(['src/a.js', 'src/a.spec.js', 'test/b.js', 'src/test/c.js', 'legacy/old/d.js', 'src/e.js']);
    expect(found(await find(root, { exclude: ['test'] }))).toEqual([
      'legacy/old/d.js',
      'src/a.js',
      'src/a.spec.js',
      'src/e.js',
    ]);
    expect(found(await find(root, { exclude: ['/test/'] }))).not.toContain('test/b.js');
    expect(found(await find(root, { exclude: ['**/test/**', '*.spec.js'] }))).toEqual([
      'legacy/old/d.js',
      'src/a.js',
      'src/e.js',
    ]);
    expect(found(await find(root, { exclude: ['legacy/**', 'src/*.js', ''] }))).toEqual(['src/test/c.js', 'test/b.js']);
  });

  it('keys files by the innermost root and finds each once', async () => {
    const root = folderWith(['a.js', 'packages/p/b.js', 'packages/q/c.js']);
    const inner = join(root, 'packages/p');
    const result = await discover({ roots: [root, inner, `${root}/`], settings: SETTINGS });
    expect(result.files.map((file) => [file.root, file.path])).toEqual([
      [root, 'a.js'],
      [root, 'packages/q/c.js'],
      [inner, 'b.js'],
    ]);
    const named = await discover({ roots: [root, inner], paths: [join(inner, 'b.js')], settings: SETTINGS });
    expect(named.files.map((file) => [file.root, file.path])).toEqual([[inner, 'b.js']]);
  });
});

describe('ignore files', () => {
  it('count at every level, the deeper one first', async () => {
    const root = folderWith([
      'a.js',
      'ignored.js',
      'sub/ignored.js',
      'sub/kept.gen.js',
      'sub/deep/x.gen.js',
      'tmp/t.js',
      'sub/tmp/t.js',
      'only/here/o.js',
      'sub/only/here/o.js',
      'Ignored.js',
    ]);
    write(root, '.gitignore', '# comment\nignored.js\n*.gen.js\n/only\ntmp/\n');
    write(root, 'sub/.gitignore', '!kept.gen.js\n!ignored.js\n');
    expect(found(await find(root))).toEqual([
      'Ignored.js',
      'a.js',
      'sub/ignored.js',
      'sub/kept.gen.js',
      'sub/only/here/o.js',
    ]);
  });

  it('can take single files back out of a pattern, as git does', async () => {
    const root = folderWith(['gen/a.js', 'gen/keep.js', 'all/a.js', 'all/keep.js']);
    write(root, '.gitignore', 'gen/*\n!gen/keep.js\nall/\n!all/keep.js\n');
    expect(found(await find(root))).toEqual(['gen/keep.js']);
  });

  it('include .git/info/exclude', async () => {
    const root = folderWith(['a.js', 'private.js', 'sub/private.js']);
    write(root, '.git/info/exclude', 'private.js\n');
    write(root, 'sub/.gitignore', '!private.js\n');
    expect(found(await find(root))).toEqual(['a.js', 'sub/private.js']);
  });

  it('of the repository around the root count, those beyond it not', async () => {
    const outer = folderWith(['repo/app/a.js', 'repo/app/b.gen.js', 'repo/app/c.other.js']);
    write(outer, '.gitignore', '*.other.js\n');
    write(outer, 'repo/.gitignore', '*.gen.js\n');
    mkdirSync(join(outer, 'repo/.git'));
    expect(found(await find(join(outer, 'repo/app')))).toEqual(['a.js', 'c.other.js']);
  });

  it('apply below a folder that is named', async () => {
    const root = folderWith(['sub/a.js', 'sub/b.gen.js']);
    write(root, '.gitignore', '*.gen.js\n');
    const paths = [join(root, 'sub')];
    expect(found(await find(root, {}, { paths }))).toEqual(['sub/a.js']);
    mkdirSync(join(root, '.git'));
    expect(found(await find(root, {}, { paths }))).toEqual(['sub/a.js']);
  });
});

describe('links', () => {
  it('are not followed: neither into circles nor out of the folder', async () => {
    const outside = folderWith(['secret.js', 'dir/inner.js']);
    const root = folderWith(['a.js', 'sub/b.js']);
    symlinkSync(root, join(root, 'sub/circle'));
    symlinkSync(join(root, 'sub'), join(root, 'alias'));
    symlinkSync(join(root, 'a.js'), join(root, 'twin.js'));
    symlinkSync(join(outside, 'dir'), join(root, 'elsewhere'));
    symlinkSync(join(outside, 'secret.js'), join(root, 'secret.js'));
    symlinkSync(join(root, 'nothing.js'), join(root, 'broken.js'));
    symlinkSync(join(root, 'self.js'), join(root, 'self.js'));
    symlinkSync(join(root, 'nothing'), join(root, 'broken'));
    const result = await find(root);
    expect(found(result)).toEqual(['a.js', 'sub/b.js']);
    expect(left(result)).toEqual({
      'broken.js': 'failed: The link points to nothing.',
      'secret.js': 'skipped: The link points out of the analysed folder.',
      'self.js': 'failed: The link points to nothing.',
    });
    expect(result.problems).toEqual([]);
  });

  it('may be the root itself', async () => {
    const target = folderWith(['a.js', 'b.js']);
    symlinkSync(join(target, 'a.js'), join(target, 'twin.js'));
    const root = join(folderWith(), 'link');
    symlinkSync(target, root);
    const result = await find(root);
    expect(found(result)).toEqual(['a.js', 'b.js']);
    expect(left(result)).toEqual({});
  });
});

describe('places that can not be analysed', () => {
  it('are told by kind, and the rest is found', async () => {
    const root = folderWith(['a.js']);
    const empty = folderWith(['readme.md', 'node_modules/x.js']);
    const missing = join(root, 'missing');
    const result = await discover({ roots: [missing, root, empty], settings: SETTINGS });
    expect(found(result)).toEqual(['a.js']);
    expect(result.problems.map(({ problem, path }) => [problem, path])).toEqual([
      ['missing', missing],
      ['empty', empty],
    ]);
    expect(result.problems[0].message).toBe(`${missing} does not exist.`);
    expect(result.problems[1].message).toContain('no file that could be analysed');
  });

  it.skipIf(process.getuid?.() === 0)('include folders nobody may read', async () => {
    const root = folderWith(['a.js', 'closed/b.js']);
    chmodSync(join(root, 'closed'), 0);
    const result = await find(root);
    chmodSync(join(root, 'closed'), 0o700);
    expect(found(result)).toEqual(['a.js']);
    expect(result.problems).toMatchObject([{ problem: 'unreadable', path: join(root, 'closed') }]);
    expect(result.covers(join(root, 'closed/b.js'))).toBe(false);
    expect(result.covers(join(root, 'b.js'))).toBe(true);
  });

  it('end early when cancelled, and then cover nothing', async () => {
    const root = folderWith(['a.js']);
    const result = await find(root, {}, { token: { isCancelled: true } });
    expect(result.files).toEqual([]);
    expect(result.problems).toEqual([]);
    expect(result.covers(join(root, 'a.js'))).toBe(false);
  });
});
