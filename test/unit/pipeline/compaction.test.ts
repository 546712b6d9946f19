/** Tables of numbers that are made anew in a pause: nothing that is known or told changes by that. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MonitoredAnalysis } from '../../../server/src/model/health';
import { findingsIn, Project, wholeDump } from './project';

const FILES = {
  'package.json': '{"name": "compaction", "main": "server.js"}',
  'shell.js': `let kept;
exports.keep = (text) => { kept = text; };
exports.run = (text) => require('child_process').exec(text);
exports.again = () => require('child_process').execSync(kept);`,
  'box.js': 'exports.Box = class Box { put(v) { this.v = v; } run() { eval(this.v); } };',
  'server.js': `const { run, keep, again } = require('./shell');
const { Box } = require('./box');
const box = new Box();
require('express')().get('/', (req) => { run(req.query.name); keep(req.query.kept); box.put(req.body); });
exports.again = again;
exports.open = (name) => { box.run(); run(name); };`,
};

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write(FILES);
});
afterEach(async () => {
  await project.remove();
});

async function opened(isCompacted: boolean, storage?: string): Promise<MonitoredAnalysis> {
  project.growthLimit = isCompacted ? { minimum: 0, factor: 0 } : undefined;
  const analysis = await project.open({ threatModels: ['remote', 'library'] }, storage);
  await analysis.scan({});
  project.growthLimit = undefined;
  return analysis;
}

it('leaves all that is known as it is', async () => {
  const analysis = await opened(true);
  const [findings, dump] = [findingsIn(analysis), analysis.dump()];
  expect(findings.length).toBeGreaterThan(3);
  for (let pause = 0; pause < 3; pause++) {
    expect(await analysis.idle()).toEqual([]);
    expect(findingsIn(analysis)).toEqual(findings);
    expect(analysis.dump()).toEqual(dump);
  }
});

it('leaves what the next edits change and tell as it is', async () => {
  const [compacted, other] = [await opened(true), await opened(false)];
  const edits: Readonly<Record<string, string | undefined>>[] = [
    { 'shell.js': FILES['shell.js'].replace('exec(text)', 'exec(String(text))') },
    { 'box.js': FILES['box.js'].replace('eval(this.v)', 'return this.v') },
    { 'more.js': "require('express')().get('/', (req) => require('./shell').keep(req.body));" },
    { 'more.js': undefined },
    FILES,
  ];
  for (const files of edits) {
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) project.delete(name);
      else project.write({ [name]: text });
    }
    const paths = Object.keys(files).map((name) => project.path(name));
    const [one, two] = [await compacted.update(paths), await other.update(paths)];
    expect(one.relinkedFunctions).toBe(two.relinkedFunctions);
    expect([...one.affected].sort()).toEqual([...two.affected].sort());
    expect(findingsIn(compacted)).toEqual(findingsIn(other));
    expect(await wholeDump(compacted)).toEqual(await wholeDump(other));
  }
});

it('keeps what is not saved yet for the next checkpoint', async () => {
  const storage = project.path('.index');
  const first = await opened(true, storage);
  await first.idle();
  project.write({ 'shell.js': FILES['shell.js'].replace('exec(text)', 'exec(text.slice(1))') });
  await first.update([project.path('shell.js')]);
  await first.idle();
  const findings = findingsIn(first);
  await first.close();
  const second = await opened(false, storage);
  expect(findingsIn(second)).toEqual(findings);
  const clean = await opened(false);
  expect(await wholeDump(second)).toEqual(await wholeDump(clean));
});

it('is left where it is when an edit comes in between', async () => {
  const analysis = await opened(true);
  for (const call of ['exec(`a ${text}`)', 'exec(text)', 'exec(kept)']) {
    const pause = analysis.idle();
    project.write({ 'shell.js': FILES['shell.js'].replace('exec(text)', call) });
    await analysis.update([project.path('shell.js')]);
    await pause;
  }
  const clean = await opened(false);
  expect(findingsIn(analysis)).toEqual(findingsIn(clean));
  expect(await wholeDump(analysis)).toEqual(await wholeDump(clean));
});
