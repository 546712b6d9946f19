/**
 * Runs one file of tests as a bundle of its own: `node test/tools/bundledTest.mjs FILE`. Vitest puts a call between any two modules, which costs a fourth of the time where
 * tests do much work, and transforms some four hundred files before the first of them begins.
 *
 * `TRIBUTARY_PLANTED` plants a bug: `{"file": …, "from": …, "to": …}`; the file ends with `file`, and holds `from` exactly once. Ends with the code of Vitest.
 */
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** What the bundle is told of where its parts come from: the folder of the source, not of the bundle. */
const HERE = 'import.meta.dirname';

/** Modules as they are, but for `planted` and for what they read of their own place. */
function ownModules(planted) {
  return {
    name: 'own modules',
    setup({ onLoad }) {
      onLoad({ filter: /\.m?ts$/ }, ({ path: file }) => {
        let contents = readFileSync(file, 'utf8');
        if (planted !== undefined && file.replaceAll(path.sep, '/').endsWith(planted.file)) {
          const parts = contents.split(planted.from);
          if (parts.length !== 2)
            throw new Error(`${planted.file} does not hold the place of the bug: ${planted.from}`);
          contents = parts.join(planted.to);
        }
        return { contents: contents.replaceAll(HERE, JSON.stringify(path.dirname(file))), loader: 'ts' };
      });
    },
  };
}

/** The same limits as in `vitest.config.mts`. The bundle itself is loaded by Node.js and not looked at. */
const CONFIGURATION = `export default {
  test: { include: ['bundled.test.mjs'], pool: 'forks', testTimeout: 60_000, hookTimeout: 120_000, server: { deps: { external: [/bundle\\.mjs$/] } } },
};
`;

async function main([file]) {
  if (file === undefined) throw new Error('Say which file of tests is to be run.');
  const { TRIBUTARY_PLANTED: planted } = process.env;
  // Within the repository, so that packages are found from there.
  mkdirSync(path.join(root, 'dist-test'), { recursive: true });
  const folder = mkdtempSync(path.join(root, 'dist-test', 'bundled-'));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [file],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      outfile: path.join(folder, 'bundle.mjs'),
      logLevel: 'warning',
      plugins: [ownModules(planted === undefined ? undefined : JSON.parse(planted))],
    });
    writeFileSync(path.join(folder, 'bundled.test.mjs'), "import './bundle.mjs';\n");
    writeFileSync(path.join(folder, 'vitest.config.mjs'), CONFIGURATION);
    process.exitCode = await new Promise((resolve, reject) => {
      const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
      const child = spawn(process.execPath, [vitest, 'run'], { cwd: folder, stdio: 'inherit' });
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
