/** A first index that was never saved, an update after it that was cancelled, and the end of the process: the next one has everything. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cancelledAt, findingsIn, Project } from './project';

let project: Project;
beforeEach(() => {
  project = new Project();
  project.write({
    'package.json': '{"name": "unsaved"}',
    'shell.js': "const { exec } = require('child_process');\nexports.run = (text) => exec(text);",
    'server.js':
      "const { run } = require('./shell');\nrequire('express')().get('/', (req) => run(req.query.name));\nrequire('express')().post('/', (req) => eval(req.query.code));",
  });
});
afterEach(async () => {
  await project.remove();
});

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
  await first.idle();
  await first.close();
  const second = await project.open({}, storage);
  await second.scan({});
  const clean = await project.open();
  await clean.scan({});
  expect(findingsIn(second)).toEqual(findingsIn(clean));
  expect(second.statistics().callSites).toEqual(clean.statistics().callSites);
});
