/** Bundles `report.ts` and runs it: `node test/taint/report.mjs`. */
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const repository = dirname(dirname(folder));
const outfile = join(repository, 'node_modules', '.cache', 'tributary', 'taintReport.mjs');

await build({
  entryPoints: [join(folder, 'report.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  // The bundle lies elsewhere, so the test folder is named here rather than found from it.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(folder, 'cases.ts')).href) },
});
await import(pathToFileURL(outfile).href);
