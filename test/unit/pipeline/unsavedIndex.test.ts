/** A first index that was never saved, an update after it that was cancelled, and the end of the process: the next one has everything. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { cancelledAt, findingsIn, Project } from './project';

/** Enough for a checkpoint to be due. */
const LARGE = Array.from({ length: 12_000 }, (_, i) => `exports.x${String(i)} = (a) => a.b${String(i)}();`).join('\n');

const SERVER =
  "const { run } = require('./shell');\nrequire('express')().get('/', (req) => run(req.query.name));\nrequire('express')().post('/', (req) => eval(req.query.code));";

let project: Project;
beforeEach(() => {
  project = new Project();
  project.write({
    'package.json': '{"name": "unsaved"}',
    'shell.js': "const { exec } = require('child_process');\nexports.run = (text) => exec(text);",
    'server.js': SERVER,
  });
});
afterEach(async () => {
  await project.remove();
});

/** The process ends, and the next one has what a clean run has. */
async function expectWhole(first: Analysis, storage: string): Promise<void> {
  await first.idle();
  await first.close();
  const second = await project.open({}, storage);
  await second.scan({});
  const clean = await project.open();
  await clean.scan({});
  expect(findingsIn(second)).toEqual(findingsIn(clean));
  expect(second.statistics().callSites).toEqual(clean.statistics().callSites);
}

it.each([1, 2, 3, 4, 6])('loses nothing (cancelled at look %i)', async (look) => {
  const storage = project.path('.index');
  const first = await project.open({}, storage);
  await first.scan({});
  const found = findingsIn(first);
  expect(found).toHaveLength(2);
  project.write({
    'shell.js': "\nconst { exec } = require('child_process');\nexports.run = (text) => exec(text + 1);",
  });
  await first.update([project.path('shell.js')], { token: cancelledAt(look) });
  await expectWhole(first, storage);
});

it.each([2, 3])('nor what was done since the last save (cancelled at look %i)', async (look) => {
  const storage = project.path('.index');
  const saved = await project.open({}, storage);
  await saved.scan({});
  await saved.idle();
  await saved.close();
  const first = await project.open({}, storage);
  await first.scan({});
  project.write({
    'shell.js': "const { exec } = require('child_process');\nexports.run = (text) => exec(Number(text));",
  });
  await first.update([project.path('shell.js')]);
  project.write({ 'other.js': LARGE, 'server.js': SERVER.replace('/', '/other') });
  const { cancelled } = await first.update([project.path('other.js'), project.path('server.js')], {
    token: cancelledAt(look),
  });
  expect(cancelled).toBe(true);
  await expectWhole(first, storage);
});
