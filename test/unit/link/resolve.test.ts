/** Module resolution over a file system in memory. */
import { describe, expect, it } from 'vitest';
import { JavaScriptResolver } from '../../../server/src/link/resolve/javascript';
import { MemoryHost } from './memoryHost';

function resolver(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  const host = new MemoryHost();
  for (const [name, text] of Object.entries(files)) host.files.set(`/w/${name}`, text);
  for (const [from, to] of Object.entries(links)) host.links.set(`/w/${from}`, `/w/${to}`);
  const isIndexed = (path: string): boolean =>
    host.files.has(path) && !path.includes('/node_modules/') && /\.[cm]?[jt]sx?$/.test(path);
  const js = new JavaScriptResolver({ host, isIndexed });
  return {
    host,
    js,
    find: (from: string, specifier: string, kind: 'import' | 'require' = 'import'): string => {
      const { resolution } = js.resolve(`/w/${from}`, specifier, kind);
      switch (resolution.kind) {
        case 'file':
          return resolution.path.slice(3);
        case 'package':
          return `package ${resolution.name}${resolution.subpath === '' ? '' : ` / ${resolution.subpath}`}`;
        case 'unresolved':
          return 'unresolved';
      }
    },
  };
}

describe('relative specifiers', () => {
  it('finds files with and without extension, index files and main files', () => {
    const { find } = resolver({
      'a.js': '',
      'b.ts': '',
      'lib/index.js': '',
      'pkg/package.json': '{"main": "./main.js"}',
      'pkg/main.js': '',
      'x/y.js': '',
    });
    expect(find('a.js', './b')).toBe('b.ts');
    expect(find('a.js', './lib')).toBe('lib/index.js');
    expect(find('a.js', './lib/')).toBe('lib/index.js');
    expect(find('a.js', './pkg')).toBe('pkg/main.js');
    expect(find('x/y.js', '../a')).toBe('a.js');
    expect(find('x/y.js', '..')).toBe('unresolved');
    expect(find('lib/index.js', '.')).toBe('lib/index.js');
  });

  it('takes a written .js for the TypeScript source', () => {
    const { find } = resolver({ 'a.ts': '', 'b.ts': '', 'c.tsx': '', 'd.js': '', 'e.mts': '' });
    expect(find('a.ts', './b.js')).toBe('b.ts');
    expect(find('a.ts', './c.js')).toBe('c.tsx');
    expect(find('a.ts', './d.js')).toBe('d.js');
    expect(find('a.ts', './e.mjs')).toBe('e.mts');
  });

  it('prefers a file over the directory of the same name', () => {
    const { find } = resolver({ 'a.js': '', 'x.ts': '', 'x/index.js': '' });
    expect(find('a.js', './x')).toBe('x.ts');
    expect(find('a.js', './x/')).toBe('x/index.js');
  });

  it('records what it asked for, found or not', () => {
    const { js } = resolver({ 'a.js': '', 'x/index.js': '' });
    const { probes } = js.resolve('/w/a.js', './x', 'import');
    expect(probes).toContain('/w/x.ts');
    expect(probes).toContain('/w/x/index.ts');
    expect(probes).toContain('/w/x/index.js');
  });
});

describe('packages', () => {
  it('answers packages without source, and built-in modules, by name', () => {
    const { find } = resolver({
      'a.js': '',
      'node_modules/lodash/index.js': '',
      'node_modules/lodash/package.json': '{"name": "lodash"}',
    });
    expect(find('a.js', 'lodash')).toBe('package lodash');
    expect(find('a.js', 'lodash/merge')).toBe('package lodash / merge');
    expect(find('a.js', '@scope/pkg/deep/file')).toBe('package @scope/pkg / deep/file');
    expect(find('a.js', 'node:fs/promises')).toBe('package fs / promises');
    expect(find('a.js', 'fs')).toBe('package fs');
  });

  it('answers what has a scheme by the name behind it, or as a whole', () => {
    const { find } = resolver({ 'a.js': '' });
    expect(find('a.js', 'npm:express@4.18.2')).toBe('package express');
    expect(find('a.js', 'npm:@scope/pkg@^1/deep')).toBe('package @scope/pkg / deep');
    expect(find('a.js', 'astro:middleware')).toBe('package astro:middleware');
    expect(find('a.js', 'https://example.org/x.js')).toBe('unresolved');
    expect(find('a.js', 'file:///x.js')).toBe('unresolved');
  });

  it('follows workspace packages through their links to the sources', () => {
    const { find } = resolver(
      {
        'app/src/main.ts': '',
        'packages/core/package.json': '{"name": "@x/core", "main": "dist/index.js"}',
        'packages/core/tsconfig.json': '{"compilerOptions": {"outDir": "dist", "rootDir": "source"}}',
        'packages/core/source/index.ts': '',
        'packages/core/source/deep.ts': '',
        'packages/util/package.json':
          '{"name": "@x/util", "exports": {".": {"import": "./dist/index.mjs", "require": "./dist/index.cjs"}, "./*": "./dist/*.js"}}',
        'packages/util/src/index.ts': '',
        'packages/util/src/thing.ts': '',
      },
      { 'node_modules/@x/core': 'packages/core', 'node_modules/@x/util': 'packages/util' },
    );
    expect(find('app/src/main.ts', '@x/core')).toBe('packages/core/source/index.ts');
    expect(find('app/src/main.ts', '@x/util/thing')).toBe('packages/util/src/thing.ts');
    expect(find('app/src/main.ts', '@x/util/missing')).toBe('package @x/util / missing');
  });

  it('applies exports by condition, patterns and self reference', () => {
    const { find } = resolver({
      'package.json': JSON.stringify({
        name: 'self',
        exports: {
          '.': { import: './esm.js', require: './cjs.js' },
          './features/*': './lib/*.js',
          './features/private/*': null,
        },
        imports: { '#db': { node: './db.js' }, '#util/*': './util/*.js', '#dep': 'lodash' },
      }),
      'esm.js': '',
      'cjs.js': '',
      'db.js': '',
      'lib/a.js': '',
      'util/b.js': '',
    });
    expect(find('lib/a.js', 'self')).toBe('esm.js');
    expect(find('lib/a.js', 'self', 'require')).toBe('cjs.js');
    expect(find('cjs.js', 'self/features/a')).toBe('lib/a.js');
    expect(find('cjs.js', 'self/features/private/x')).toBe('package self / features/private/x');
    expect(find('lib/a.js', '#db')).toBe('db.js');
    expect(find('lib/a.js', '#util/b')).toBe('util/b.js');
    expect(find('lib/a.js', '#dep')).toBe('package lodash');
  });
});

describe('tsconfig', () => {
  it('maps paths and baseUrl, through extends', () => {
    const { find } = resolver({
      'tsconfig.base.json':
        '{"compilerOptions": {"baseUrl": ".", "paths": {"@app/*": ["src/app/*"], "@one": ["src/one.ts"]}}}',
      'src/tsconfig.json': '{"extends": "../tsconfig.base.json"}',
      'src/main.ts': '',
      'src/app/cart.ts': '',
      'src/one.ts': '',
      'shared/log.ts': '',
    });
    expect(find('src/main.ts', '@app/cart')).toBe('src/app/cart.ts');
    expect(find('src/main.ts', '@one')).toBe('src/one.ts');
    expect(find('src/main.ts', 'shared/log')).toBe('shared/log.ts');
    expect(find('src/main.ts', 'express')).toBe('package express');
  });
});

describe('entries of a package', () => {
  it('are main, module, exports and bin, mapped to sources', () => {
    const { js } = resolver({
      'package.json': JSON.stringify({ main: 'dist/index.js', bin: { tool: './bin/tool.js' } }),
      'src/index.ts': '',
      'bin/tool.js': '',
      'src/other.ts': '',
    });
    expect(js.packageEntries('/w/src/other.ts')).toEqual({
      entries: ['/w/src/index.ts', '/w/bin/tool.js'],
      isClosed: false,
    });
  });

  it('are index files when nothing is said, and closed by exports', () => {
    const plain = resolver({ 'package.json': '{}', 'index.js': '', 'other.js': '' });
    expect(plain.js.packageEntries('/w/other.js')).toEqual({ entries: ['/w/index.js'], isClosed: false });
    const program = resolver({ 'package.json': '{"bin": "./cli.js"}', 'index.js': '', 'cli.js': '', 'other.js': '' });
    expect(program.js.packageEntries('/w/other.js')).toEqual({
      entries: ['/w/cli.js', '/w/index.js'],
      isClosed: false,
    });
    const closed = resolver({ 'package.json': '{"exports": "./main.js"}', 'main.js': '', 'other.js': '' });
    expect(closed.js.packageEntries('/w/other.js')).toEqual({ entries: ['/w/main.js'], isClosed: true });
  });
});
