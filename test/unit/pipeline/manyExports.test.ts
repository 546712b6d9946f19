/** In the library threat model many exported functions may lead to one sink: a few are told, and how many there are besides. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { findingsIn, Project } from './project';

const exporting = (names: readonly string[]): string =>
  [
    "const { git } = require('./git');",
    ...names.map((name) => `exports.${name} = (name) => git('${name} ' + name);`),
    'exports.gc = (days) => git(`gc ${Number(days)}`);',
  ].join('\n');

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write({
    'package.json': '{"name": "many-exports", "main": "index.js"}',
    'git.js': "const { execSync } = require('child_process');\nexports.git = (text) => execSync(text);",
    'index.js': exporting(['fetch', 'push', 'clone', 'tag', 'branch']),
  });
});
afterEach(async () => {
  await project.remove();
});

function told(analysis: Analysis): { sources: string[]; others: number[]; message: string } {
  const findings = analysis.allFindings();
  return {
    sources: findings.map(({ source }) => source.path),
    others: findings.map(({ otherSources }) => otherSources ?? 0),
    message: findings[0].message,
  };
}

it('tells the nearest parameter of a sink elsewhere and counts the others', async () => {
  const analysis = await project.open({ threatModels: ['library'] });
  await analysis.scan({});
  const { sources, others, message } = told(analysis);
  expect(sources).toHaveLength(1);
  // The helper is exported by a file that users don't get: what they give comes through the entry file.
  expect(new Set(sources)).toEqual(new Set([project.path('index.js')]));
  expect(others).toEqual([4]);
  expect(message).toMatch(/4 more exported parameters reach it\.$/);
});

it('counts anew when one is taken away elsewhere, and tells none when there are none', async () => {
  const storage = project.path('.index');
  const first = await project.open({ threatModels: ['library'] }, storage);
  await first.scan({});
  await first.close();
  project.write({ 'index.js': exporting(['fetch', 'push', 'clone', 'tag']) });
  const second = await project.open({ threatModels: ['library'] }, storage);
  await second.scan({});
  expect(told(second).others).toEqual([3]);
  project.write({ 'index.js': exporting(['fetch']) });
  const third = await project.open({ threatModels: ['library'] });
  await third.scan({});
  expect(told(third).others).toEqual([0]);
  expect(told(third).message).not.toMatch(/more exported/);
});

it('is asked again about what was no export while nobody asked for anything', async () => {
  project.write({
    'package.json': '{"name": "many-exports", "exports": "./index.js"}',
    'index.js': "module.exports = require('./api');",
    'api.js': exporting(['fetch', 'push']),
  });
  const analysis = await project.open({ threatModels: ['library'] });
  await analysis.scan({});
  const found = findingsIn(analysis);
  expect(found).toHaveLength(1);
  project.write({ 'index.js': 'module.exports = {};' });
  await analysis.update([project.path('index.js')]);
  await analysis.idle();
  expect(findingsIn(analysis)).toEqual([]);
  project.write({ 'index.js': "module.exports = require('./api');" });
  await analysis.update([project.path('index.js')]);
  expect(findingsIn(analysis)).toEqual(found);
});
