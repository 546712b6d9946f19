/** What holds for the repository as a whole: its top level is fixed, and its lock files name no place to fetch from. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../..');

const topLevel = new Set([
  ...['package.json', 'client', 'server', 'media', 'syntaxes', 'test', '.vscodeignore'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md', 'package-lock.json', '.gitignore', '.npmrc', '.ci', '.vscode'],
  ...['tsconfig.json', 'eslint.config.mjs', '.prettierrc', '.prettierignore'],
  ...['.dependency-cruiser.cjs', 'vitest.config.mts', 'esbuild.mjs'],
]);

describe('the repository', () => {
  it('keeps its top level', () => {
    const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    const found = new Set(files.map((file) => file.split('/')[0] ?? ''));
    expect([...found].filter((name) => !topLevel.has(name))).toEqual([]);
  });

  it.each(['package-lock.json', 'test/e2e/editor/package-lock.json'])(
    'locks versions without addresses: %s',
    (file) => {
      const lock = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as {
        readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>;
      };
      const entries = Object.entries(lock.packages).filter(([name]) => name !== '');
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([name]) => name)).toEqual([]);
      expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([name]) => name)).toEqual([]);
    },
  );
});
