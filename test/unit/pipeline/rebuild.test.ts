/** A rebuild: until it is complete, and when it is given up, everything is as it was, in memory and on disk. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { expectClean, findingsIn, Project, SETTINGS, wholeDump } from './project';
import { SteppedExtractor } from './steppedExtractor';

const SHELL = "const { exec } = require('child_process');\nexports.run = (text) => exec(text);\n";
const SERVER = "const { run } = require('./shell');\nrequire('express')().get('/', (req) => run(req.query.name));\n";
const MORE = "require('express')().post('/', (req) => eval(req.body));\n";

let stepped: SteppedExtractor;
let project: Project;
let storage: string;
let analysis: Analysis;

beforeEach(async () => {
  stepped = new SteppedExtractor();
  stepped.batchSize = 2;
  project = new Project(stepped);
  storage = project.path('.index');
  project.write({ 'package.json': '{"name": "rebuilt"}', 'shell.js': SHELL, 'server.js': SERVER });
  project.write(
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`part${String(n)}.js`, `exports.n = ${String(n)};`])),
  );
  analysis = await project.open({}, storage);
  await analysis.scan({});
  await analysis.idle();
});
afterEach(async () => {
  stepped.between = () => undefined;
  await project.remove();
});

/** What a process has that finds the folder as it is now. */
async function onDisk(name: string): Promise<string[]> {
  const copy = project.path(name);
  mkdirSync(copy, { recursive: true });
  for (const file of readdirSync(storage)) if (file !== 'lock') copyFileSync(join(storage, file), join(copy, file));
  const next = await project.open({}, copy);
  const found = findingsIn(next);
  const { indexed } = await next.scan({});
  expect(indexed).toEqual([]);
  await next.close();
  return found;
}

describe('a rebuild', () => {
  it('reads every file again, and ends with what a clean index has, on disk, too', async () => {
    const before = project.extractor.paths.length;
    const { generation } = await analysis.update([]);
    const update = await analysis.rebuild({});
    expect(project.extractor.paths.length - before).toBe(8);
    expect(update).toMatchObject({ cancelled: false, indexed: { length: 8 } });
    expect(update.generation).toBeGreaterThan(generation);
    await expectClean(project, analysis, 'rebuilt');
    expect(await onDisk('.after')).toEqual(findingsIn(analysis));
    project.write({ 'server.js': SERVER + MORE });
    await analysis.update([project.path('server.js')]);
    await expectClean(project, analysis, 'edited after');
    await analysis.close();
    const next = await project.open({}, storage);
    expect((await next.scan({})).indexed).toEqual([]);
    await expectClean(project, next, 'started after');
    expect(project.problems).toEqual([]);
  });

  it('answers meanwhile, and leaves the disk alone', async () => {
    const found = findingsIn(analysis);
    expect(found).toHaveLength(1);
    const seen: unknown[] = [];
    stepped.between = async (batch) => {
      seen.push([findingsIn(analysis), analysis.fileCounts().indexed, analysis.statistics().findings]);
      seen.push([await onDisk(`.during-${String(batch)}`), 8, 1]);
    };
    await analysis.rebuild({});
    expect(seen).toEqual(Array.from({ length: 8 }, () => [found, 8, 1]));
  });

  it.each([1, 2, 3, 5, 8, 13])('that is cancelled (at look %i) leaves everything as it was', async (look) => {
    const before = await wholeDump(analysis);
    let looks = 0;
    const token = {
      get isCancelled() {
        return ++looks >= look;
      },
    };
    const update = await analysis.rebuild({ token });
    expect(update.cancelled).toBe(true);
    expect(await wholeDump(analysis)).toEqual(before);
    expect(await onDisk('.after')).toEqual(findingsIn(analysis));
    project.write({ 'shell.js': `\n${SHELL}` });
    await analysis.update([project.path('shell.js')]);
    await expectClean(project, analysis, 'edited after');
    await analysis.rebuild({});
    await expectClean(project, analysis, 'rebuilt after');
  });

  it('takes over what changes meanwhile, which the index of before shows at once', async () => {
    const seen: string[][] = [];
    const open = project.path('server.js');
    const done: Promise<unknown>[] = [];
    stepped.between = (batch) => {
      if (batch === 1) {
        analysis.setOverlay(open, SERVER + MORE, 'javascript');
        done.push(analysis.update([open]).then(() => seen.push(findingsIn(analysis))));
      }
      if (batch === 2) {
        project.delete('shell.js');
        project.write({ 'part1.js': MORE });
        done.push(analysis.update([project.path('shell.js'), project.path('part1.js')]));
      }
      if (batch === 3) {
        done.push(analysis.changeSettings({ ...SETTINGS, threatModels: ['remote', 'local'] }));
        project.write({ 'part2.js': "require('child_process').exec(process.argv[2]);" });
        done.push(analysis.scan({}));
      }
    };
    await analysis.rebuild({});
    await Promise.all(done);
    expect(seen).toEqual([expect.arrayContaining([expect.stringContaining('server.js:3')])]);
    const clean = await project.open({ threatModels: ['remote', 'local'] });
    clean.setOverlay(open, SERVER + MORE, 'javascript');
    await clean.scan({});
    expect(findingsIn(analysis)).toEqual(findingsIn(clean));
    expect(findingsIn(clean).join()).toContain('part2.js');
    expect(await wholeDump(analysis)).toEqual(await wholeDump(clean));
  });

  it('fails alone when the extractor does', async () => {
    const before = await wholeDump(analysis);
    stepped.between = () => {
      throw new Error('no more workers');
    };
    await expect(analysis.rebuild({})).rejects.toThrow('no more workers');
    expect(await wholeDump(analysis)).toEqual(before);
    stepped.between = () => undefined;
    await analysis.rebuild({});
    await expectClean(project, analysis, 'tried again');
  });

  it('is given up when the analysis is closed', async () => {
    let closing: Promise<void> | undefined;
    stepped.between = (batch) => {
      if (batch === 1) closing = analysis.close();
    };
    expect((await analysis.rebuild({})).cancelled).toBe(true);
    await closing;
    expect(await onDisk('.after')).toHaveLength(1);
  });
});
