/** Edits of many files at once, in recursion: what one function held only because another one did is gone with its cause. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findingsIn, Project } from './project';

/** More than the number of questions from which on the solver leaves recursion aside at first. */
const FILES = 80;

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write({ 'package.json': '{"name": "many"}' });
});
afterEach(async () => {
  await project.remove();
});

/** Each file hands what it got to the next one, and the last to the first; some run it. */
function part(n: number, source: string, isRun = n % 8 === 0): string {
  const next = (n + 1) % FILES;
  const run = isRun ? "require('child_process').exec(x);" : '';
  return `exports.go = (x, n) => { ${run} if (n > 0) return require('./part${String(next)}').go(x, n - 1); return x; };
require('express')().get('/${String(n)}', (req, res) => { const y = exports.go(${source}, 3); res.locals.a = y; });`;
}

const parts = (source: string, isRun?: boolean): Record<string, string> =>
  Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`part${String(n)}.js`, part(n, source, isRun)]));

it('leaves nothing behind that the files do not say any more', async () => {
  project.write(parts('req.query.a'));
  const analysis = await project.open({});
  await analysis.scan({});
  expect(findingsIn(analysis).length).toBeGreaterThan(FILES / 8);

  project.write({ ...parts("'text'"), 'part3.js': part(3, 'req.query.b') });
  await analysis.scan({});
  const clean = await project.open({});
  await clean.scan({});
  expect(findingsIn(analysis)).toEqual(findingsIn(clean));
  expect(findingsIn(clean).length).toBeGreaterThan(0);

  // Each function says that what it gets is run, and only because the next one says so.
  project.write(parts('req.query.a', false));
  await analysis.scan({});
  expect(findingsIn(analysis)).toEqual([]);
  await analysis.close();
  await clean.close();
});
