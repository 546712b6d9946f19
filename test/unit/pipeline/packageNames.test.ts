/**
 * One API has several names (`lodash/defaults` is a property of `lodash`): by which of them it was met first must not matter for the
 * files that use another one.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectClean, findingsIn, Project } from './project';

let project: Project;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

const LATER = `const defaults = require('lodash/defaults');
const target = {};
defaults(target, { run(text) { require('child_process').exec(text); } });
require('express')().get('/', (req) => target.run(req.query.text));
`;

it.each([false, true])('are kept for each file (restarted: %s)', async (isRestarted) => {
  const storage = project.path('.index');
  project.write({ 'first.js': "const _ = require('lodash');\nexports.both = (a, b) => _.defaults(a, b);\n" });
  let analysis = await project.open({}, storage);
  await analysis.scan({});
  if (isRestarted) {
    await analysis.idle();
    await analysis.close();
    analysis = await project.open({}, storage);
    await analysis.scan({});
  }
  project.write({ 'later.js': LATER });
  await analysis.update([project.path('later.js')]);
  expect(findingsIn(analysis)).toHaveLength(1);
  await expectClean(project, analysis, 'after the second name');
});
