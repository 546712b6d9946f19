/** Edits of programs that keep data outside of themselves: what goes through a file follows the names on both sides. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { Project, findingsIn, wholeDump } from './project';

const SETTINGS = { minConfidence: 1 as const };

let project: Project;
let analysis: Analysis;

const writer = (name: string): string =>
  `const fs = require('fs');
   require('express')().post('/', (req) => { fs.writeFileSync(${name}, JSON.stringify(req.body)); });`;
const reader = (name: string): string =>
  `const { exec } = require('child_process');
   exports.run = () => exec(JSON.parse(require('fs').readFileSync(${name}, 'utf8')).command);`;

beforeEach(() => {
  project = new Project();
});

afterEach(() => project.remove());

async function start(files: Readonly<Record<string, string>>): Promise<void> {
  project.write(files);
  analysis = await project.open(SETTINGS);
  await analysis.scan({});
}

async function expectClean(where: string): Promise<void> {
  const clean = await project.open(SETTINGS);
  await clean.scan({});
  expect(findingsIn(analysis), where).toEqual(findingsIn(clean));
  expect(new Set(await wholeDump(analysis)), where).toEqual(new Set(await wholeDump(clean)));
  await clean.close();
}

async function edit(where: string, files: Readonly<Record<string, string>>, found: number): Promise<void> {
  project.write(files);
  await analysis.update(Object.keys(files).map((name) => project.path(name)));
  expect(findingsIn(analysis), where).toHaveLength(found);
  await expectClean(where);
}

describe('what is kept in a file', () => {
  it('comes back under the same name only, whichever side changes it', { timeout: 120_000 }, async () => {
    await start({ 'in.js': writer("'jobs.json'"), 'out.js': reader("'jobs.json'") });
    expect(findingsIn(analysis)).toHaveLength(1);
    const [finding] = analysis.allFindings();
    expect(finding.storedIn).toEqual(['file "jobs.json"']);
    expect(finding.confidence).toBe(1);
    expect(finding.message).toContain('Second-order: it is kept in file "jobs.json" in between.');
    expect(finding.paths[0].steps.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['kept in file "jobs.json"', 'taken out of file "jobs.json"']),
    );
    await edit('another name to write', { 'in.js': writer("'others.json'") }, 0);
    await edit('the same name to read', { 'out.js': reader("'./others.json'") }, 1);
    await edit('a name nobody knows', { 'out.js': reader('process.argv[2]') }, 0);
    await edit('the name again', { 'out.js': reader("'others.json'") }, 1);
    await edit('nothing untrusted is written', { 'in.js': writer("'others.json'").replace('req.body', '{}') }, 0);
  });

  it('follows a name that another file gives', { timeout: 120_000 }, async () => {
    const path = "require('./names').JOBS";
    await start({ 'names.js': "exports.JOBS = 'jobs.json';", 'in.js': writer(path), 'out.js': reader("'jobs.json'") });
    expect(findingsIn(analysis)).toHaveLength(1);
    await edit('another constant', { 'names.js': "exports.JOBS = 'other.json';" }, 0);
    await edit('both by the constant', { 'out.js': reader(path) }, 1);
    await edit('a path of the folder', { 'names.js': "exports.JOBS = require('path').join(__dirname, 'x.json');" }, 1);
    await edit('no constant', { 'names.js': 'exports.JOBS = process.env.JOBS;' }, 0);
  });

  it('is kept for the files of one package', { timeout: 120_000 }, async () => {
    await start({ 'a/in.js': writer("'jobs.json'"), 'b/out.js': reader("'jobs.json'") });
    expect(findingsIn(analysis)).toHaveLength(1);
    await edit('two packages', { 'a/package.json': '{ "name": "a" }', 'b/package.json': '{ "name": "b" }' }, 0);
    project.delete('a/package.json');
    project.delete('b/package.json');
    await analysis.update([project.path('a/package.json'), project.path('b/package.json')]);
    expect(findingsIn(analysis)).toHaveLength(1);
    await expectClean('one again');
  });
});
