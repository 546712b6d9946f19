/** Parsing and extraction are in one file of what is shipped, whoever loads it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const EXTRACTION = /^server\/src\/(?:extract\/javascript|parse)\//;

it('extraction is bundled once, and loaded by the worker at once', async () => {
  const tool = (name: string): string => pathToFileURL(path.join(root, `server/tools/${name}.mjs`)).href;
  const { lateExtraction } = (await import(tool('lateExtraction'))) as { readonly lateExtraction: Plugin };
  const { typescriptParser } = (await import(tool('typescriptParser'))) as { readonly typescriptParser: Plugin };
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['server/src/extractWorker.ts', 'server/src/extraction.ts'],
    entryNames: '[name]',
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [typescriptParser, lateExtraction],
  });
  const partsOf = (name: string): string[] => Object.keys(metafile.outputs[`dist/${name}.js`].inputs);
  expect(partsOf('extraction').filter((file) => EXTRACTION.test(file)).length).toBeGreaterThan(20);
  expect(partsOf('extractWorker').filter((file) => EXTRACTION.test(file))).toEqual([]);
  const worker = outputFiles.find((file) => file.path.endsWith('extractWorker.js'));
  expect(worker?.text).toContain("require('./extraction.js')".replaceAll("'", '"'));
});
