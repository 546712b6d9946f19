/** What the programs that measure have in common: a folder of their own, so that no other build or run disturbs them, and how they are built. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { sqlBlobs } from '../../server/tools/sqlBlobs.mjs';
import { typescriptParser } from '../../server/tools/typescriptParser.mjs';

export const root = path.join(import.meta.dirname, '../..');

/**
 * Builds `main`, a module that may import any package, and `programs`, which are bundled as the product is; both are paths
 * below the repository. Returns the folder, which goes when the process ends, and the exports of `main`.
 */
export async function buildPrograms({ name, main, programs, minify = false }) {
  mkdirSync(path.join(root, 'dist-test'), { recursive: true });
  const folder = mkdtempSync(path.join(root, `dist-test/${name}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    outdir: folder,
    absWorkingDir: root,
    entryNames: '[name]',
  };
  await build({
    ...common,
    entryPoints: [main],
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
  await build({
    ...common,
    entryPoints: programs,
    format: 'cjs',
    minifySyntax: minify,
    minifyWhitespace: minify,
    plugins: [typescriptParser, sqlBlobs],
  });
  const entry = path.join(folder, `${path.basename(main, '.ts')}.mjs`);
  return { folder, exports: await import(pathToFileURL(entry).href) };
}
