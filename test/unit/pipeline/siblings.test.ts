/** What is read of functions beside and inside of one counts for it: an edit there is noticed. */
import { afterEach, expect, it } from 'vitest';
import { findingsIn, Project } from './project';

const project = new Project();
afterEach(() => project.remove());

it.each([
  ['beside it', 'log(table);', 'table = {};'],
  ['in one beside it', 'later(() => { log(table); });', 'later(() => { table = {}; });'],
  ['that has it already', 'log(table); other = {};', 'log(other); table = {};'],
])('a variable that a function %s assigns from now on', async (_where, before, now) => {
  const text = (reset: string): string => `
exports.make = function () {
  let table = Object.create(null), other = 1;
  const put = (name, key, value) => { table[name][key] = value; };
  const reset = () => { ${reset} };
  return { put, reset };
};
`;
  project.write({ 'package.json': '{"name": "p", "main": "index.js"}', 'index.js': text(before) });
  const settings = { threatModels: ['library'], minConfidence: 0 } as const;
  const analysis = await project.open(settings);
  await analysis.scan({});
  expect(findingsIn(analysis)).toEqual([]);
  project.write({ 'index.js': text(now) });
  await analysis.update([project.path('index.js')]);
  expect(findingsIn(analysis)).toHaveLength(1);
  const clean = await project.open(settings);
  await clean.scan({});
  expect(findingsIn(analysis)).toEqual(findingsIn(clean));
});
