/** The command line as it is shipped, built into a temporary folder, for tests that start it as a process. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');

/** Returns the folder, which holds `cli.js` and what it loads, and other programs that are named by their paths. The caller removes it. */
export async function buildCommandLine(...others: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-dist-'));
  const tool = (name: string): string => pathToFileURL(join(root, `server/tools/${name}.mjs`)).href;
  const { typescriptParser } = (await import(tool('typescriptParser'))) as { readonly typescriptParser: Plugin };
  const { sqlBlobs } = (await import(tool('sqlBlobs'))) as { readonly sqlBlobs: Plugin };
  await build({
    absWorkingDir: root,
    entryPoints: ['server/src/cli.ts', 'server/src/extractWorker.ts', ...others],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
    plugins: [typescriptParser, sqlBlobs],
  });
  copyFileSync(join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), join(folder, 'sql-wasm.wasm'));
  const models = readdirSync(join(root, 'server/models'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({
      name: file.replace(/\.yaml$/, ''),
      document: parse(readFileSync(join(root, 'server/models', file), 'utf8')) as unknown,
    }));
  writeFileSync(join(folder, 'models.json'), JSON.stringify(models));
  return folder;
}
