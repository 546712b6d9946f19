/** A process that ends, whenever that is, leaves an index that the next one brings in line with the disk. */
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Linker } from '../../../server/src/link/linker';
import type { Rebuildable } from '../../../server/src/pipeline/rebuildable';
import { Connection } from '../../../server/src/store/connection';
import { Solving } from '../../../server/src/pipeline/solving';
import { expectClean, findingsIn, Project, SETTINGS } from './project';

let project: Project;
let storage: string;

beforeEach(() => {
  project = new Project();
  storage = project.path('.index');
  project.write({
    'package.json': '{"name": "restart"}',
    'shell.js': "exports.run = (text) => require('child_process').exec(text);",
    'again.js': "exports.run = require('./shell').run;",
    'server.js': "const { run } = require('./again');\nrequire('express')().get('/', (req) => run(req.query.name));",
  });
});
afterEach(async () => {
  await project.remove();
});

describe('a first index', () => {
  it('of many files is saved as soon as it is done', async () => {
    project.write(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [`part${String(n)}.js`, `exports.a = (x) => x + ${String(n)};`]),
      ),
    );
    const first = await project.open({}, storage);
    await first.scan({});
    await vi.waitFor(() => expect(readdirSync(storage)).toContain('index.sqlite'), 10_000);
    await first.close();
    const second = await project.open({}, storage);
    const { indexed, relinkedFunctions, summarizedFunctions } = await second.scan({});
    expect({ indexed, relinkedFunctions, summarizedFunctions }).toEqual({
      indexed: [],
      relinkedFunctions: 0,
      summarizedFunctions: 0,
    });
  });
});

describe('the process after one', () => {
  it('has its findings before anything else, and goes on from there with the first edit', async () => {
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    const second = await project.open({}, storage);
    expect(findingsIn(second)).toHaveLength(1);
    const open = project.path('shell.js');
    second.setOverlay(open, "\n\nexports.run = (text) => require('child_process').exec(text);", 'javascript');
    const { relinkedFunctions, affected } = await second.update([open]);
    expect(relinkedFunctions).toBe(0);
    expect(affected).toContain(open);
    expect(findingsIn(second)).toEqual([expect.stringContaining(' shell.js:3 ')]);
    expect(project.extractor.paths.filter((path) => path.endsWith('.js'))).toHaveLength(3);
  });

  it('reads its findings in steps, with edits in between', async () => {
    const runs = (count: number): string =>
      [
        "const { exec } = require('child_process');",
        ...Array.from({ length: count }, () => 'exec(process.argv[2]);'),
      ].join('\n');
    project.write({ 'runs.js': runs(120) });
    const settings = { threatModels: ['local', 'remote'] };
    const first = await project.open(settings, storage);
    await first.scan({});
    const found = findingsIn(first);
    expect(found.length).toBeGreaterThan(120);
    await first.idle();
    await first.close();
    const second = await project.open(settings, storage);
    let steps = 0;
    for (const _step of second.readFindings()) steps++;
    expect(steps).toBeGreaterThan(2);
    expect(findingsIn(second)).toEqual(found);
    expect(second.fileCounts()).toEqual(first.fileCounts());
    await second.close();
    const third = await project.open(settings, storage);
    const reading = third.readFindings();
    reading.next();
    project.write({ 'runs.js': runs(70) });
    await third.scan({});
    expect(reading.next().done).toBe(true);
    const clean = await project.open(settings);
    await clean.scan({});
    expect(findingsIn(third)).toEqual(findingsIn(clean));
  });

  it('knows of files of which nobody had to ask anything before', async () => {
    project.write({
      'text.js': 'exports.read = (request) => 1;',
      'page.js': "require('child_process').exec(require('./text').read());",
      'tool.js': "require('child_process').exec(process.argv[2]);",
    });
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    const second = await project.open({}, storage);
    await second.scan({});
    project.write({
      'text.js':
        "let kept; require('express')().get('/', (req) => { kept = req.query.q; }); exports.read = () => kept;",
    });
    await second.update([project.path('text.js')]);
    expect(findingsIn(second)).toEqual([
      expect.stringContaining(' server.js:2 shell.js:1 '),
      expect.stringContaining(' text.js:1 page.js:1 '),
    ]);
    await second.changeSettings({ ...SETTINGS, threatModels: ['remote', 'local'] });
    expect(findingsIn(second)).toHaveLength(3);
  });
});

describe('an index in which answers were left that nobody asks for', () => {
  /** Ends after an edit that takes something away. */
  const leaveUnasked = async (files: number, isCutOff = false): Promise<void> => {
    project.write(
      Object.fromEntries(
        Array.from({ length: files }, (_, n) => [`part${String(n)}.js`, `exports.a = (x) => x + ${String(n)};`]),
      ),
    );
    const first = await project.open({}, storage);
    await first.scan({});
    project.write({ 'server.js': "require('./again').run('ls');" });
    await first.update([project.path('server.js')]);
    const resting = first.idle();
    await (isCutOff ? vi.waitFor(() => expect(readdirSync(storage)).toContain('index.sqlite'), 10_000) : resting);
    await first.close();
    await resting;
  };

  it.each([0, 200])('is looked through once (with %i more files)', async (files) => {
    await leaveUnasked(files);
    const collect = vi.spyOn(Solving.prototype, 'collect');
    const second = await project.open({}, storage);
    await second.scan({});
    second.dump();
    await second.idle();
    expect(collect).not.toHaveBeenCalled();
    collect.mockRestore();
    await expectClean(project, second, 'after a restart');
  });

  it('is looked through by the next process when it was not, also when it is saved before', async () => {
    const endless = vi.spyOn(Solving.prototype, 'collect').mockImplementation(function* () {
      for (;;) yield;
    });
    await leaveUnasked(200, true);
    endless.mockRestore();
    const second = await project.open({}, storage);
    await (second as unknown as { pipeline: Rebuildable }).pipeline.workspace.store.checkpoint();
    const collect = vi.spyOn(Solving.prototype, 'collect');
    await second.scan({});
    second.dump();
    await second.idle();
    expect(collect).toHaveBeenCalledTimes(1);
    collect.mockRestore();
    await expectClean(project, second, 'after a restart');
  });
});

it('can be closed while it looks at what it did', async () => {
  project.write(
    Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`part${String(n)}.js`, `exports.a = ${String(n)};`])),
  );
  const analysis = await project.open({}, storage);
  await analysis.scan({});
  const resting = analysis.idle();
  await new Promise(setImmediate);
  await analysis.close();
  await expect(resting).resolves.toBeDefined();
});

describe('an update that comes before all is taken up', () => {
  const startOfMany = async (): ReturnType<Project['open']> => {
    project.write(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [
          `part${String(n)}.js`,
          `require('express')().get('/', (req) => require('./shell').run(req.query.a${String(n)}));`,
        ]),
      ),
    );
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    return project.open({}, storage);
  };

  it('waits for it in steps that let others be answered', async () => {
    const second = await startOfMany();
    let answered = 0;
    let isDone = false;
    const answer = (): void => {
      answered++;
      if (!isDone) setImmediate(answer);
    };
    setImmediate(answer);
    project.write({ 'shell.js': 'exports.run = (text) => text;' });
    await second.update([project.path('shell.js')]);
    isDone = true;
    expect(answered).toBeGreaterThan(3);
    expect(findingsIn(second)).toEqual([]);
    await expectClean(project, second, 'after the update');
  });

  it('does not look for each file where it is', async () => {
    const second = await startOfMany();
    const first = vi.spyOn(Connection.prototype, 'first');
    second.statistics();
    const lookUps = first.mock.calls.filter(([sql]) => sql.includes('root.path')).length;
    first.mockRestore();
    expect(lookUps).toBeLessThan(10);
  });

  it('does not wait when a document is opened that is as it was', async () => {
    const second = await startOfMany();
    const restore = vi.spyOn(Linker.prototype, 'restore');
    const open = project.path('shell.js');
    second.setOverlay(open, readFileSync(open, 'utf8'), 'javascript');
    await second.update([open]);
    expect(restore).not.toHaveBeenCalled();
    expect(second.findingsOf(open).length).toBeGreaterThan(0);
    restore.mockRestore();
  });

  it('can be cancelled, and is done by the next one', async () => {
    const second = await startOfMany();
    project.write({ 'shell.js': 'exports.run = (text) => text;' });
    const isAsked = { times: 0 };
    const token = {
      get isCancelled(): boolean {
        return ++isAsked.times > 20;
      },
    };
    expect((await second.update([project.path('shell.js')], { token })).cancelled).toBe(true);
    await second.update([project.path('shell.js')]);
    expect(findingsIn(second)).toEqual([]);
    await expectClean(project, second, 'after the second update');
  });
});

describe('a file of which nobody asked anything in the process before', () => {
  const start = async (
    files: Readonly<Record<string, string>>,
    settings: Parameters<Project['open']>[0] = {},
  ): ReturnType<Project['open']> => {
    project.write(files);
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    const second = await project.open(settings, storage);
    await second.scan({});
    return second;
  };

  it('is told of sources that come to be below it', async () => {
    const second = await start({
      'input.js': "exports.read = () => 'fixed';",
      'reader.js': "const { read } = require('./input');\nexports.go = () => eval(read());",
    });
    expect(findingsIn(second)).toHaveLength(1);
    project.write({
      'input.js':
        "let kept;\nrequire('express')().get('/q', (req) => { kept = req.query.q; });\nexports.read = () => kept;",
    });
    await second.update([project.path('input.js')]);
    expect(findingsIn(second)).toContainEqual(expect.stringContaining(' reader.js:2 '));
    await expectClean(project, second, 'a source below');
  });

  it('is asked about the fields of its class when something comes to them', async () => {
    const second = await start({
      'box.js':
        "exports.Box = class Box {\n  fill() { this.v = require('./filler').read(); }\n  use() { eval(this.v); }\n};",
      'filler.js': "exports.read = () => 'fixed';",
    });
    project.write({
      'filler.js':
        "let kept;\nrequire('express')().get('/f', (req) => { kept = req.query.f; });\nexports.read = () => kept;",
    });
    await second.update([project.path('filler.js')]);
    expect(findingsIn(second)).toContainEqual(expect.stringContaining(' box.js:3 '));
    await expectClean(project, second, 'a field');
  });

  it('is asked for the sources that another threat model takes in', async () => {
    const second = await start(
      { 'local.js': "require('child_process').exec(process.argv[2]);" },
      { threatModels: ['remote', 'local'] },
    );
    expect(findingsIn(second)).toContainEqual(expect.stringContaining(' local.js:1 '));
  });
});

describe('a process that ended after its checkpoint', () => {
  it('keeps what was found in files that went and came back meanwhile', async () => {
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    // Saved with the index of before; the journal has the files' new ids.
    const text = readFileSync(project.path('shell.js'), 'utf8');
    project.delete('shell.js');
    await first.update([project.path('shell.js')]);
    project.write({ 'shell.js': text });
    await first.update([project.path('shell.js')]);
    await first.close();
    const second = await project.open({}, storage);
    await second.scan({});
    expect(findingsIn(second)).toHaveLength(1);
    await expectClean(project, second, 'came back');
  });

  it.each(['shell.js', 'again.js'])('with %s removed since has nothing left of it', async (name) => {
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    expect(findingsIn(first)).toHaveLength(1);
    project.delete(name);
    // The journal has the removal; links and summaries of the checkpoint are older.
    await first.update([project.path(name)]);
    expect(findingsIn(first)).toHaveLength(0);
    await first.close();
    const second = await project.open({}, storage);
    await second.scan({});
    expect(findingsIn(second)).toHaveLength(0);
    project.write({
      [name]: name === 'shell.js' ? 'exports.run = (text) => eval(text);' : "exports.run = require('./shell').run;",
    });
    await second.update([project.path(name)]);
    expect(findingsIn(second)).toHaveLength(1);
  });

  it('with a file made too large since forgets what was linked with it', async () => {
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    project.write({ 'again.js': `exports.run = require('./shell').run;${' '.repeat(2 << 20)}` });
    await first.update([project.path('again.js')]);
    expect(findingsIn(first)).toHaveLength(0);
    await first.idle();
    await first.close();
    const second = await project.open({}, storage);
    await second.scan({});
    project.write({ 'server.js': "require('express')().get('/', (req) => require('./shell').run(req.query.name));" });
    await second.update([project.path('server.js')]);
    const clean = await project.open();
    await clean.scan({});
    expect(second.statistics().callSites).toEqual(clean.statistics().callSites);
    expect(findingsIn(second)).toEqual(findingsIn(clean));
  });
});

it('does not take over what a cancelled update left half done', async () => {
  // Wherever a first index is cancelled, it is saved when nobody wants anything, and the next process ends it.
  for (let look = 1; look <= 12; look++) {
    const folder = project.path(`.index-${String(look)}`);
    const first = await project.open({}, folder);
    let looks = 0;
    const token = {
      get isCancelled() {
        return ++looks >= look;
      },
    };
    await first.scan({ token });
    await first.idle();
    await first.close();
    const second = await project.open({}, folder);
    await second.scan({});
    expect(findingsIn(second)).toHaveLength(1);
    await second.close();
  }
});

it('tells other files of a variable that something comes to only later', async () => {
  project.write({
    'state.js': 'let last = process.env.LAST;\nexports.keep = (text) => { last = text; };\nexports.last = () => last;',
    'use.js': "const { last } = require('./state');\nrequire('child_process').exec(last());",
    'server.js': "const { keep } = require('./state');\nrequire('express')().get('/', (req) => keep('text'));",
  });
  const first = await project.open({ threatModels: ['remote', 'local'] }, storage);
  await first.scan({});
  await first.idle();
  await first.close();
  project.write({
    'server.js': "const { keep } = require('./state');\nrequire('express')().get('/', (req) => keep(req.query.name));",
  });
  const second = await project.open({ threatModels: ['remote', 'local'] }, storage);
  await second.scan({});
  const clean = await project.open({ threatModels: ['remote', 'local'] });
  await clean.scan({});
  expect(findingsIn(second)).toEqual(findingsIn(clean));
  expect(findingsIn(clean).length).toBeGreaterThan(0);
});
