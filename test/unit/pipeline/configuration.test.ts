/** What configuration says is noticed whenever it changes: while a process runs, when none does, and when an update is cancelled. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectClean, findingsIn, Project } from './project';

const PATHS = '{"compilerOptions": {"baseUrl": ".", "paths": {"@shell": ["./shell.js"]}}}';
const OTHER_PATHS = '{"compilerOptions": {"baseUrl": ".", "paths": {"@shell": ["./print.js"]}}}';

let project: Project;
let storage: string;

beforeEach(() => {
  project = new Project();
  storage = project.path('.index');
  project.write({
    'package.json': '{"name": "configured"}',
    'tsconfig.json': PATHS,
    'shell.js': "exports.run = (text) => require('child_process').exec(text);",
    'print.js': 'exports.run = (text) => text;',
    'server.js': "const { run } = require('@shell');\nrequire('express')().get('/', (req) => run(req.query.name));",
  });
});
afterEach(async () => {
  await project.remove();
});

/** A process that ran, and ended, before something changed. */
async function endedProcess(): Promise<void> {
  const analysis = await project.open({}, storage);
  await analysis.scan({});
  await analysis.idle();
  await analysis.close();
}

describe('a process that starts after a change of', () => {
  it('tsconfig.json lets imports lead where they lead now, and looks at nothing else', async () => {
    await endedProcess();
    project.write({ 'tsconfig.json': OTHER_PATHS });
    const analysis = await project.open({ explainUpdates: true }, storage);
    const { indexed, relinkedFunctions } = await analysis.scan({});
    expect(indexed).toEqual([]);
    expect(relinkedFunctions).toBeGreaterThan(0);
    expect(findingsIn(analysis)).toEqual([]);
    await expectClean(project, analysis, 'after the change');
  });

  it('tsconfig.json notices it once', async () => {
    await endedProcess();
    project.write({ 'tsconfig.json': OTHER_PATHS });
    const analysis = await project.open({}, storage);
    await analysis.scan({});
    expect((await analysis.scan({})).relinkedFunctions).toBe(0);
    expect(findingsIn(analysis)).toEqual([]);
  });

  it('what decides nothing does nothing', async () => {
    await endedProcess();
    project.write({ 'tsconfig.json': `// The same.\n${PATHS}`, 'other.json': '{}' });
    const analysis = await project.open({}, storage);
    const { relinkedFunctions, summarizedFunctions } = await analysis.scan({});
    expect({ relinkedFunctions, summarizedFunctions }).toEqual({ relinkedFunctions: 0, summarizedFunctions: 0 });
  });

  it('a package.json that came to be, or went', async () => {
    project.write({
      'part/server.js':
        "const { run } = require('#shell');\nrequire('express')().get('/', (req) => run(req.query.name));",
    });
    await endedProcess();
    project.write({
      'part/package.json': '{"name": "part", "imports": {"#shell": "./shell.js"}}',
      'part/shell.js': 'exports.run = (text) => eval(text);',
    });
    const analysis = await project.open({}, storage);
    await analysis.scan({});
    expect(findingsIn(analysis)).toContainEqual(expect.stringContaining(' server.js:2 shell.js:1 '));
    await expectClean(project, analysis, 'after the change');
    await analysis.idle();
    await analysis.close();
    project.delete('part/package.json');
    const third = await project.open({}, storage);
    await third.scan({});
    expect(findingsIn(third)).toHaveLength(1);
    await expectClean(project, third, 'without package.json');
  });

  it('the configuration that another one extends', async () => {
    project.write({
      'tsconfig.json': '{"extends": "./config/base.json"}',
      'config/base.json': OTHER_PATHS.replace('"."', '".."'),
    });
    await endedProcess();
    project.write({ 'config/base.json': PATHS.replace('"."', '".."') });
    const analysis = await project.open({}, storage);
    await analysis.scan({});
    expect(findingsIn(analysis)).toHaveLength(1);
    await expectClean(project, analysis, 'after the change');
  });

  it.each(['tool', '@parts/tool'])('links to packages of the workspace: %s', async (name) => {
    project.write({
      'tool/package.json': JSON.stringify({ name, main: 'index.js' }),
      'tool/index.js': 'exports.go = (text) => eval(text);',
      'main.js': `require('express')().get('/', (req) => require('${name}').go(req.query.name));`,
    });
    await endedProcess();
    const link = project.path(`node_modules/${name}`);
    mkdirSync(link.slice(0, link.lastIndexOf('/')), { recursive: true });
    symlinkSync(project.path('tool'), link);
    const analysis = await project.open({}, storage);
    await analysis.scan({});
    expect(findingsIn(analysis)).toContainEqual(expect.stringContaining(' main.js:1 index.js:1 '));
    await expectClean(project, analysis, 'after the change');
  });
});

describe('configuration that changed in an update that was cancelled', () => {
  it('counts in the next one', async () => {
    const analysis = await project.open();
    await analysis.scan({});
    project.write({ 'tsconfig.json': OTHER_PATHS });
    let asked = 0;
    const token = {
      get isCancelled(): boolean {
        return ++asked > 0;
      },
    };
    project.write({
      'server.js': "const { run } = require('@shell');\nrequire('express')().get('/', (req) => run(req.query.other));",
    });
    const { cancelled } = await analysis.update([project.path('tsconfig.json'), project.path('server.js')], { token });
    expect(cancelled).toBe(true);
    await analysis.update([project.path('server.js')]);
    expect(findingsIn(analysis)).toEqual([]);
    await expectClean(project, analysis, 'after the change');
  });
});

describe('what a package offers', () => {
  const MINIFIED = `module.exports={${'a:function(){return[1,2,3]},'.repeat(300)}};`;

  it('is what its other files export as long as its entry is left out', async () => {
    project.write({
      'package.json': '{"name": "configured", "exports": "./built.js"}',
      'built.js': MINIFIED,
      'server.js': '',
    });
    const options = { threatModels: ['library'] };
    const analysis = await project.open(options);
    await analysis.scan({});
    const found = [expect.stringContaining(' shell.js:1 shell.js:1 ')];
    expect(findingsIn(analysis)).toEqual(found);
    await expectClean(project, analysis, 'with the entry left out', new Map(), options);
    project.write({ 'built.js': 'exports.a = () => [1, 2, 3];' });
    await analysis.scan({});
    expect(findingsIn(analysis)).toEqual([]);
    await expectClean(project, analysis, 'with an entry', new Map(), options);
    project.write({ 'built.js': MINIFIED });
    await analysis.scan({});
    expect(findingsIn(analysis)).toEqual(found);
    await expectClean(project, analysis, 'with the entry left out again', new Map(), options);
  });
});
