/**
 * What functions share without calling each other (captured variables, fields of classes, exports) may change in one file
 * and concern another that nobody touched: findings are still those of a clean run, also for the process after this one.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { findingsIn, Project, randomNumbers } from './project';

/** The forms that each file takes; `undefined` is a file that is not there. */
const FORMS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'package.json': [
    '{"name": "shared", "main": "index.js", "exports": "./index.js"}',
    '{"name": "shared", "main": "index.js"}',
    '{"name": "shared", "exports": "./box.js"}',
  ],
  'index.js': [
    "exports.Late = require('./late').Late;\nexports.keep = require('./kept').keep;",
    "exports.Late = class extends require('./box').Box { go() { require('child_process').exec(this.text); } };",
    "const { show } = require('./kept');\nexports.show = show;",
  ],
  'box.js': [
    'exports.Box = class Box { set(text) { this.text = text; } };',
    'class Box { fill(text) { this.text = String(text); } }\nexports.Box = Box;',
    'exports.Box = class { set(text) { this.other = text; } };',
    undefined,
  ],
  'late.js': [
    "const { Box } = require('./box');\nexports.Late = class Late extends Box { run() { require('child_process').exec(this.text); } };",
    "exports.Late = class Late { run() { require('child_process').exec(this.text); } };",
    "const { Box } = require('./again');\nexports.Late = class Late extends Box { run() { eval(this.text); } };",
  ],
  'again.js': [
    "exports.Box = require('./box').Box;",
    'exports.Box = class Box { set(x) { this.text = x; } };',
    undefined,
  ],
  'kept.js': [
    "let kept = {};\nexports.keep = (x) => { kept.name = x; };\nexports.show = () => { require('child_process').exec(kept.name); };",
    'let kept = {}, other = {};\nexports.keep = (x) => { kept.name = x; };\nfunction move() { other.name = kept.name; }\nexports.show = () => { move(); eval(other.name); };',
    'let kept = {}, other = {};\nexports.keep = (x) => { kept.name = x; };\nexports.show = () => { eval(other.name); };',
  ],
  'server.js': [
    "const { Box } = require('./box');\nrequire('express')().get('/', (req) => { new Box().set(req.query.text); });",
    "const { keep } = require('./kept');\nrequire('express')().get('/', (req) => { keep(req.query.text); });",
    "const { Late } = require('./index');\nrequire('express')().get('/', (req) => { const late = new Late(); late.set(req.body); late.run(); });",
    'let text;\nrequire("express")().get("/", (req) => { text = req.query.text; });\nexports.later = () => eval(text);',
  ],
};
const NAMES = Object.keys(FORMS);
const SETTINGS = { threatModels: ['remote', 'library'], minConfidence: 1 as const };

let project: Project;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

async function said(analysis: Analysis): Promise<readonly string[]> {
  await analysis.idle();
  return findingsIn(analysis);
}

describe('edits of what is shared', () => {
  it.each([2, 7, 31])('lead where a clean run leads (order %i)', async (seed) => {
    const random = randomNumbers(seed);
    const storage = project.path('.index');
    const change = (name: string): void => {
      const forms = FORMS[name] ?? [];
      const form = forms[random(forms.length)];
      if (form === undefined) project.delete(name);
      else project.write({ [name]: form });
    };
    for (const name of NAMES) change(name);
    let edited = await project.open(SETTINGS, storage);
    await edited.scan({});
    const seen = new Set<string>();
    for (let step = 0; step < 30; step++) {
      const names = new Set(Array.from({ length: 1 + random(2) }, () => NAMES[random(NAMES.length)] ?? ''));
      for (const name of names) change(name);
      const paths = Array.from(names, (name) => project.path(name));
      const isRestarted = random(4) === 0;
      // What is changed while nobody looks is found by the next process; what was seen is in its journal.
      if (!isRestarted || random(2) === 0) await edited.update(paths);
      if (isRestarted) {
        if (random(2) === 0) await edited.idle();
        await edited.close();
        edited = await project.open(SETTINGS, storage);
        await edited.scan({});
      }
      const clean = await project.open(SETTINGS);
      await clean.scan({});
      expect(findingsIn(edited), `step ${String(step)}`).toEqual(await said(clean));
      await clean.close();
      seen.add(JSON.stringify(findingsIn(edited)));
    }
    expect(seen.size).toBeGreaterThan(5);
    expect(project.problems).toEqual([]);
  });
});

describe('a function that comes to import a module', () => {
  const WRITER = `const { last } = require('./empty');
function make(p, q) {
  p.inner = q;
  p = last.schema.parse(p);
  require('child_process').exec(p.name);
}
require('express')().get('/', (req, res) => { make(req.params.id, req.query.n); });`;

  it.each([false, true])(
    'reads what something untrusted had come to before (another process: %s)',
    async (isRestarted) => {
      const storage = project.path('.index');
      project.write({ 'empty.js': '', 'writer.js': WRITER });
      let edited = await project.open(SETTINGS, storage);
      await edited.scan({});
      expect(findingsIn(edited)).toHaveLength(2);
      if (isRestarted) {
        await edited.idle();
        await edited.close();
        edited = await project.open(SETTINGS, storage);
        await edited.scan({});
      }
      project.delete('writer.js');
      project.write({ 'other.js': WRITER });
      await edited.update([project.path('writer.js'), project.path('other.js')]);
      const clean = await project.open(SETTINGS);
      await clean.scan({});
      expect(findingsIn(edited)).toEqual(findingsIn(clean));
      expect(findingsIn(clean)).toHaveLength(2);
    },
  );
});
