import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compareDigests, hasOtherFiles } from '../../../server/src/model/digest';
import type { MonitoredAnalysis } from '../../../server/src/model/health';
import { tamper } from '../store/tamper';
import { findingsIn, Project } from './project';

const ROUTES = `const { run } = require('./run');
require('express')().get('/x', (req) => run(req.query.x));
`;
const RUN = `exports.run = (command) => require('child_process').exec(command);
`;
const SAFE = `exports.run = (command) => command.length;
`;

let project: Project;
beforeEach(() => {
  project = new Project();
  project.write({ 'routes.js': ROUTES, 'run.js': RUN, 'other.js': 'exports.other = 1;\n' });
});
afterEach(() => project.remove());

async function scanned(...args: Parameters<Project['open']>): Promise<MonitoredAnalysis> {
  const analysis = await project.open(...args);
  await analysis.scan({});
  return analysis;
}

const LONG_AGO = new Date('2020-01-01');

/** Another content, with the size and time that it had. */
function replaceUnnoticed(name: string, text: string): void {
  const path = project.path(name);
  const { size } = statSync(path);
  writeFileSync(path, text.padEnd(size, '\n').slice(0, size));
  utimesSync(path, LONG_AGO, LONG_AGO);
}

describe('health', () => {
  it('tells what is in the index', async () => {
    project.write({ 'broken.js': 'exports.f = (a) => a;\nfunction (((\n', 'bundle.min.js': 'x\n' });
    const analysis = await scanned({}, project.path('.index'));
    await analysis.idle();
    const health = await analysis.health();
    expect(health.statistics.files).toEqual({ indexed: 3, partial: 1, failed: 0, skipped: 1 });
    expect(health.remarkable.map(({ path, state }) => [path, state])).toEqual([
      [project.path('broken.js'), 'partial'],
      [project.path('bundle.min.js'), 'skipped'],
    ]);
    expect(health.storage.folder).toBe(project.path('.index'));
    expect(health.storage.lastCheckpoint).toBeGreaterThan(Date.now() - 60_000);
    expect(health.memory.processBytes).toBeGreaterThan(health.memory.heapBytes);
    expect(health.runs.map(({ kind, indexed, findings }) => [kind, indexed, findings])).toEqual([['scan', 4, 1]]);
    expect(health.consistency).toMatchObject({ problems: [], found: 0, updatesSince: 1 });
  });

  it('remembers runs and the last checkpoint in the next process', async () => {
    const storage = project.path('.index');
    const first = await scanned({}, storage);
    await first.idle();
    await first.close();
    const { runs, storage: kept } = await (await project.open({}, storage)).health();
    expect(runs.map(({ kind, indexed }) => [kind, indexed])).toEqual([['scan', 3]]);
    expect(kept.lastCheckpoint).toBeGreaterThan(Date.now() - 60_000);
  });

  it('keeps the times of other runs while somebody types', async () => {
    const analysis = await scanned();
    for (let i = 0; i < 15; i++) {
      analysis.setOverlay(project.path('other.js'), `exports.other = ${String(i)};\n`, 'javascript');
      await analysis.update([project.path('other.js')]);
    }
    const { runs } = await analysis.health();
    expect(runs.map(({ kind }) => kind)).toEqual([...new Array<string>(10).fill('update'), 'scan']);
  });
});

describe('consistency', () => {
  it('is looked at for what an update touched', async () => {
    const analysis = await scanned();
    await analysis.idle();
    const before = (await analysis.health()).consistency.checked;
    project.write({ 'run.js': SAFE });
    await analysis.update([project.path('run.js')]);
    await analysis.idle();
    const { checked, problems, waiting } = (await analysis.health()).consistency;
    // The file itself, and the one whose finding is gone.
    expect({ looked: checked - before, problems, waiting }).toEqual({ looked: 2, problems: [], waiting: 0 });
    expect(project.problems).toEqual([]);
  });

  it('is not looked at before what was found is in the database, as after a change of configuration', async () => {
    project.write({ 'package.json': '{}' });
    const analysis = await scanned({}, project.path('.index'));
    await analysis.idle();
    project.write({ 'package.json': '{"name": "other"}' });
    await analysis.update([project.path('package.json')]);
    project.delete('run.js');
    await analysis.update([project.path('run.js')]);
    await analysis.idle();
    expect((await analysis.health()).consistency).toMatchObject({ problems: [], waiting: 2 });
    await vi.waitFor(
      async () => {
        await analysis.idle();
        expect((await analysis.health()).consistency).toMatchObject({ problems: [], waiting: 0 });
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(project.problems).toEqual([]);
  });

  it('of everything is looked at after 50 updates; a change that nothing told of is found and read', async () => {
    utimesSync(project.path('run.js'), LONG_AGO, LONG_AGO);
    const analysis = await scanned();
    await analysis.idle();
    replaceUnnoticed('run.js', SAFE);
    await analysis.scan({});
    expect(findingsIn(analysis)).toHaveLength(1);
    for (let i = 0; i < 50; i++) await analysis.update([project.path('other.js')]);
    project.extractor.paths.length = 0;
    const affected = await analysis.idle();
    expect(affected).toContain(project.path('run.js'));
    expect(project.extractor.paths).toEqual([project.path('run.js')]);
    expect(findingsIn(analysis)).toEqual([]);
    const { consistency, runs } = await analysis.health();
    expect(consistency.problems).toMatchObject([
      { path: project.path('run.js'), problem: 'The file has another content than the index.', isRepaired: true },
    ]);
    expect(consistency.lastWhole).toBeGreaterThan(Date.now() - 60_000);
    expect(runs[0]?.kind).toBe('repair');
    expect(project.problems).toEqual([
      `${project.path('run.js')}: The file has another content than the index. It is put right.`,
    ]);
  });

  it('of rows is put right, by reading the files concerned anew', async () => {
    const storage = project.path('.index');
    const first = await scanned({}, storage);
    await first.idle();
    await first.close();
    await tamper(
      storage,
      `DELETE FROM graph WHERE facts_id = (SELECT facts_id FROM file WHERE path = 'other.js');
       INSERT INTO probe VALUES (4711, 1)`,
    );
    const analysis = await scanned({}, storage);
    for (let i = 0; i < 50; i++) await analysis.update([project.path('run.js')]);
    project.extractor.paths.length = 0;
    await analysis.idle();
    expect(project.extractor.paths).toEqual([project.path('other.js')]);
    const { problems } = (await analysis.health()).consistency;
    expect(problems.map(({ path, problem, isRepaired }) => [path, problem, isRepaired])).toEqual([
      [project.path('other.js'), 'In the index, the file has facts without a flow graph or skeleton.', true],
      ['', 'In the index, rows of probe belong to file 4711, which is not there.', true],
    ]);
    const [is, shouldBe] = [await analysis.digest(), await (await scanned()).digest()];
    if (is === undefined || shouldBe === undefined) throw new Error('no digest');
    expect(compareDigests(is, shouldBe).first).toEqual([]);
    for (let i = 0; i < 50; i++) await analysis.update([project.path('run.js')]);
    await analysis.idle();
    expect((await analysis.health()).consistency.found).toBe(2);
  });

  it('reads what changed without a notice, and calls that no mistake', async () => {
    const analysis = await scanned();
    project.write({ 'run.js': SAFE });
    for (let i = 0; i < 50; i++) await analysis.update([project.path('other.js')]);
    await analysis.idle();
    expect(findingsIn(analysis)).toEqual([]);
    expect((await analysis.health()).consistency.problems).toEqual([]);
  });
});

describe('a digest', () => {
  it('is that of a clean build after edits', async () => {
    const edited = await scanned({}, project.path('.index'));
    project.write({ 'run.js': SAFE, 'more.js': RUN });
    await edited.update([project.path('run.js'), project.path('more.js')]);
    project.write({ 'run.js': RUN });
    await edited.update([project.path('run.js')]);
    edited.setOverlay(project.path('other.js'), 'exports.other = 2;\n', 'javascript');
    await edited.update([project.path('other.js')]);
    const digest = await edited.digest();
    if (digest === undefined) throw new Error('no digest');
    expect(digest.documents).toEqual([
      { path: project.path('other.js'), text: 'exports.other = 2;\n', languageId: 'javascript' },
    ]);
    const clean = await project.open();
    for (const { path, text, languageId } of digest.documents) clean.setOverlay(path, text, languageId);
    await clean.scan({});
    const comparison = compareDigests(digest, (await clean.digest()) ?? digest);
    expect(comparison).toMatchObject({ different: 0, first: [] });
    expect(comparison.lines).toBe(edited.dump().length);
  });

  it('is that of a clean build after a rebuild that found what was known', async () => {
    const analysis = await scanned();
    await analysis.rebuild({});
    const [is, shouldBe] = [await analysis.digest(), await (await scanned()).digest()];
    if (is === undefined || shouldBe === undefined) throw new Error('no digest');
    expect(compareDigests(is, shouldBe).first).toEqual([]);
  });

  it('tells what differs', async () => {
    const analysis = await scanned();
    const before = await analysis.digest();
    project.write({ 'run.js': SAFE });
    await analysis.update([project.path('run.js')]);
    const after = await analysis.digest();
    if (before === undefined || after === undefined) throw new Error('no digest');
    const comparison = compareDigests(before, after);
    expect(hasOtherFiles(comparison)).toBe(true);
    expect(comparison.first.find(({ subject }) => subject.endsWith('run.js'))?.kinds).toContain('graph');
    expect(comparison.different).toBe(comparison.first.length);
  });

  it('begins again when an update comes in, and ends when it is cancelled', async () => {
    const analysis = await scanned();
    const token = { isCancelled: false };
    const digest = analysis.digest(token);
    project.write({ 'run.js': SAFE });
    await analysis.update([project.path('run.js')]);
    const clean = await scanned();
    const [is, shouldBe] = [await digest, await clean.digest()];
    if (is === undefined || shouldBe === undefined) throw new Error('no digest');
    expect(compareDigests(is, shouldBe).different).toBe(0);
    token.isCancelled = true;
    expect(await analysis.digest(token)).toBeUndefined();
  });
});

describe('without incremental work', () => {
  it('everything is analysed for each change, with the same findings, and nothing is kept', async () => {
    const storage = project.path('.index');
    const analysis = await scanned({ incremental: false }, storage);
    expect((await analysis.health()).storage.folder).toBeUndefined();
    const incremental = await scanned();
    expect(findingsIn(analysis)).toEqual(findingsIn(incremental));
    project.write({ 'run.js': SAFE });
    project.extractor.paths.length = 0;
    await analysis.update([project.path('run.js')]);
    expect([...project.extractor.paths].sort()).toEqual(
      ['other.js', 'routes.js', 'run.js'].map((name) => project.path(name)),
    );
    expect(findingsIn(analysis)).toEqual([]);
    analysis.setOverlay(project.path('run.js'), RUN, 'javascript');
    await analysis.update([project.path('run.js')]);
    expect(findingsIn(analysis)).toEqual(findingsIn(incremental));
    expect(readFileSync(project.path('run.js'), 'utf8')).toBe(SAFE);
  });
});
