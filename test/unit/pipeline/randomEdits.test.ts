/** After any sequence of edits, cancelled ones included, the analysis says what a clean run over the same files says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { cancelledAt, findingsIn, Project, randomNumbers } from './project';

/** The forms that each file takes; `undefined` is a file that is not there. */
const FORMS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'server.js': [
    "const { report } = require('./report');\nrequire('express')().get('/', (req) => report(req.query.name));",
    "const { report } = require('./report');\nrequire('express')().get('/', (req) => report('fixed'));",
    "const { report, keep } = require('./report');\n\nrequire('express')().get('/', (req) => { keep?.(req.body); report(req.query); });",
    "const { report } = require('./report');\nconst { run } = require('./shell');\nrequire('express')().get('/', (req) => { report(req.body.x); run(req.params.id); });",
  ],
  'routes.js': [
    "const { run } = require('./shell');\nmodule.exports = (app) => app.post('/run', (req, res) => { run(req.body.command); res.send(req.query.q); });\nmodule.exports(require('express')());",
    "const deep = require('./deep');\nrequire('express')().post('/run', function (req, res) {\n  const text = `${req.body.command}`;\n  deep.run(text);\n});",
    "const { again } = require('./again');\nrequire('express')().post('/run', async (req) => { again(await req.body.command, 0); });",
  ],
  'report.js': [
    "const { run } = require('./shell');\nexports.report = (name) => run('report ' + name);",
    "const { run } = require('./shell');\nlet kept;\nexports.keep = (x) => { kept = x; };\nexports.report = () => run(kept.name);",
    "const shell = require('./shell');\n// moved\n\nexports.report = function (name) { return shell.run(clean(name)); };\nfunction clean(x) { return Number(x); }",
    "const shell = require('./shell');\nexports.report = function (name) { return shell.run(clean(name)); };\nfunction clean(x) { return x.trim(); }",
    'exports.report = (name) => name;\nfunction (',
  ],
  'shell.js': [
    "const { exec } = require('child_process');\nexports.run = (text) => exec(text);",
    "const { exec, execFile } = require('child_process');\nexports.run = (text) => execFile('report', [text]);\nexports.start = exec;",
    "exports.run = require('./again').again;",
    "const { exec } = require('child_process');\nexports.start = exec;\nexports.run = function run(text) { return exec('a' + text.trim()); };",
    undefined,
  ],
  'again.js': [
    "const { run } = require('./deep');\nexports.again = function again(x, n) { return n > 3 ? run(x) : exports.again(x + n, n + 1); };",
    "exports.again = (x) => require('child_process').exec(x);",
    undefined,
  ],
  'deep.js': [
    'exports.run = (x) => eval(x);',
    "const { again } = require('./again');\nexports.run = (x, n) => { again(x, n); require('child_process').execSync(x); };",
    "class Box { set(v) { this.v = v; } get() { require('fs').readFileSync(this.v); } }\nexports.run = (x) => { const b = new Box(); b.set(x); b.get(); };",
  ],
};
const NAMES = Object.keys(FORMS);

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write({ 'package.json': '{"name": "edits"}' });
});
afterEach(async () => {
  await project.remove();
});

function said(analysis: Analysis): unknown {
  return { findings: findingsIn(analysis), callSites: analysis.statistics().callSites };
}

describe('edits in any order', () => {
  it.each([1, 4, 24])('lead where a clean run leads (order %i)', async (seed) => {
    const random = randomNumbers(seed);
    const edited = await project.open();
    const change = (name: string): void => {
      const forms = FORMS[name] ?? [];
      const form = forms[random(forms.length)];
      const path = project.path(name);
      if (form === undefined) project.delete(name);
      else project.write({ [name]: form });
      // Some files are open in an editor when they change.
      if (form !== undefined && random(2) === 0) edited.setOverlay(path, form, 'javascript');
      else edited.removeOverlay(path);
    };
    for (const name of NAMES) change(name);
    await edited.scan({});
    const seen = new Set<string>();
    for (let step = 0; step < 25; step++) {
      const names = new Set(Array.from({ length: 1 + random(2) }, () => NAMES[random(NAMES.length)] ?? ''));
      for (const name of names) change(name);
      const paths = Array.from(names, (name) => project.path(name));
      if (random(3) === 0) {
        await edited.update(paths, { token: cancelledAt(1 + random(8)) });
        // Something else may be changed before what was cancelled is taken up again.
        const other = NAMES[random(NAMES.length)] ?? '';
        change(other);
        paths.push(project.path(other));
      }
      await edited.update(paths);
      const clean = await project.open();
      await clean.scan({});
      expect(said(edited), `step ${String(step)}`).toEqual(said(clean));
      await clean.close();
      seen.add(JSON.stringify(findingsIn(edited)));
    }
    expect(seen.size).toBeGreaterThan(3);
  });
});
