/**
 * An esbuild plugin: parsing and extraction, more than half of all code, are a file of their own (`extraction.js`), which the analysis thread and the command line
 * load when they extract something themselves, and not at each start. A document that did not change since it was indexed needs none of it, and files on disk are
 * extracted by workers. The analysis thread loads it a moment after its start in any case, so that nobody waits for it with the first key.
 */

const NAME = 'late-extraction';
/** Milliseconds after the start; findings of open documents are there by then. */
const LOAD_AFTER = 2_000;

const SOURCE = `
import { isMainThread } from 'node:worker_threads';
let loaded;
const load = () => (loaded ??= require('./extraction.js'));
if (!isMainThread) setTimeout(load, ${String(LOAD_AFTER)}).unref();
export const extractText = (text, dialect) => load().extractText(text, dialect);
`;

/** @type {import('esbuild').Plugin} */
export const lateExtraction = {
  name: NAME,
  setup(build) {
    build.onResolve({ filter: /^\.\/extractText$/ }, ({ importer }) =>
      /[\\/]server[\\/]src[\\/]pipeline[\\/]index\.ts$/.test(importer) ? { path: NAME, namespace: NAME } : undefined,
    );
    build.onResolve({ filter: /^\.\/extraction\.js$/, namespace: NAME }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: NAME }, () => ({ contents: SOURCE, loader: 'js' }));
  },
};
