/**
 * An esbuild plugin that has sql.js copy blobs out of SQLite's memory at once. The package copies them byte by byte, which takes
 * longer than all else that reading a packed graph or summary from the index costs.
 */
import { readFileSync } from 'node:fs';

const copiedByteByByte =
  /for\(var (\w+)=new Uint8Array\((\w+)\),(\w+)=0;\3<\2;\3\+=1\)\1\[\3\]=\s*(\w+)\[(\w+)\+\s*\3\];/g;
/** What a statement gives, and what a function in SQL is given. */
const placesExpected = 2;

/** The text of sql.js with blobs copied at once. Throws when the package is not written as expected. */
export function copyingAtOnce(text) {
  let places = 0;
  const changed = text.replace(copiedByteByByte, (_all, copy, size, _index, memory, start) => {
    places++;
    return `var ${copy}=new Uint8Array(${size});${copy}.set(${memory}.subarray(${start},${start}+${size}));`;
  });
  if (places !== placesExpected)
    throw new Error(`sql.js copies blobs in ${places} places and not in 2; see server/tools/sqlBlobs.mjs`);
  return changed;
}

/** @type {import('esbuild').Plugin} */
export const sqlBlobs = {
  name: 'sql-blobs',
  setup(build) {
    build.onLoad({ filter: /[\\/]sql\.js[\\/]dist[\\/]sql-wasm\.js$/ }, ({ path }) => ({
      contents: copyingAtOnce(readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
};
