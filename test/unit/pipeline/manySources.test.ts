/** What many functions put into one variable reaches the sinks that read it: a few of the sources are told of each sink, and how many there are besides. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { Project } from './project';

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write({
    'package.json': '{"name": "many-sources"}',
    'queue.js': [
      "const { execSync } = require('child_process');",
      'let next = "";',
      'exports.put = (text) => { next = text; };',
      'exports.run = () => execSync(next);',
    ].join('\n'),
  });
});
afterEach(async () => {
  await project.remove();
});

const routes = (count: number): string =>
  [
    "const { put } = require('./queue');",
    "const app = require('express')();",
    ...Array.from({ length: count }, (_, i) => `app.get('/${String(i)}', (req) => put(req.query.q${String(i)}));`),
  ].join('\n');

function told(analysis: Analysis): { sources: number[]; others: number[]; messages: string[] } {
  const findings = analysis.allFindings();
  return {
    sources: findings.map(({ source }) => source.range.start.line).sort((a, b) => a - b),
    others: findings.map(({ otherSources }) => otherSources ?? 0),
    messages: findings.map(({ message }) => message),
  };
}

it('tells the nearest sources and counts the others, also when some come and go', async () => {
  project.write({ 'routes.js': routes(9) });
  const analysis = await project.open({});
  await analysis.scan({});
  const { sources, others, messages } = told(analysis);
  expect(sources).toHaveLength(2);
  expect(others).toEqual([7, 7]);
  for (const message of messages) expect(message).toMatch(/7 more sources reach it\.$/);
  project.write({ 'routes.js': routes(2) });
  await analysis.update([project.path('routes.js')]);
  expect(told(analysis).sources).toEqual([2, 3]);
  expect(told(analysis).others).toEqual([0, 0]);
  project.write({ 'routes.js': routes(3) });
  await analysis.update([project.path('routes.js')]);
  const clean = await project.open({});
  await clean.scan({});
  expect(told(analysis)).toEqual(told(clean));
  expect(told(clean).messages[0]).toMatch(/One more source reaches it\.$/);
});
