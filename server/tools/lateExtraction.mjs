/**
 * An esbuild plugin: parsing and extraction, more than half of all code, are a file of their own (`extraction.js`), which the analysis thread and the command line
 * load when they extract something themselves, and not at each start. A document that did not change since it was indexed needs none of it, and files on disk are
 * extracted by workers, which load the same file at once. The analysis thread loads it a moment after its start in any case, so that nobody waits for it with the
 * first key.
 */

const NAME = 'late-extraction';
const AT_ONCE = 'extraction-at-once';
/** Milliseconds after the start; findings of open documents are there by then. */
const LOAD_AFTER = 2_000;

const SOURCE = `
import { isMainThread } from 'node:worker_threads';
let loaded;
const load = () => (loaded ??= require('./extraction.js'));
if (!isMainThread) setTimeout(load, ${String(LOAD_AFTER)}).unref();
export const extractText = (text, dialect) => load().extractText(text, dialect);
`;

/** By who asks for it. */
const WAYS = [
  { importer: /[\\/]server[\\/]src[\\/]pipeline[\\/]index\.ts$/, path: NAME },
  { importer: /[\\/]server[\\/]src[\\/]extractWorker\.ts$/, path: AT_ONCE },
];

/** @type {import('esbuild').Plugin} */
export const lateExtraction = {
  name: NAME,
  setup(build) {
    build.onResolve({ filter: /^(\.\/|\.\/pipeline\/)extractText$/ }, ({ importer }) => {
      const way = WAYS.find((candidate) => candidate.importer.test(importer));
      return way === undefined ? undefined : { path: way.path, namespace: NAME };
    });
    build.onResolve({ filter: /^\.\/extraction\.js$/, namespace: NAME }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: NAME }, ({ path }) => ({
      contents: path === AT_ONCE ? `export const { extractText } = require('./extraction.js');` : SOURCE,
      loader: 'js',
    }));
  },
};
