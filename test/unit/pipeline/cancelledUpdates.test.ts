/** Edits whose update is cancelled somewhere, and a process that ends after it: nothing of the cancelled work is lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis, IndexStatistics } from '../../../server/src/model/analysis';
import { cancelledAt, findingsIn, Project } from './project';

const FILES = {
  'package.json': '{"name": "cancelled"}',
  'server.js': [
    "const express = require('express');",
    "const { report } = require('./report');",
    "express().get('/', (req) => report(req.query.name));",
  ].join('\n'),
  'report.js': "const { run } = require('./shell');\nexports.report = (name) => run('report ' + name);",
  'shell.js': "const { exec } = require('child_process');\nexports.run = (text) => exec(text);",
};
/** Under another name nobody finds it: the files that call it are linked and solved again. */
const RENAMED = FILES['shell.js'].replace('exports.run', 'exports.start');

let project: Project;

beforeEach(() => {
  project = new Project();
  project.write(FILES);
});
afterEach(async () => {
  await project.remove();
});

function state(analysis: Analysis): { findings: string[]; callSites: IndexStatistics['callSites'] } {
  return { findings: findingsIn(analysis), callSites: analysis.statistics().callSites };
}

describe('a cancelled update', () => {
  it('leaves no answer of before to who was being answered again and asked something new', async () => {
    const pick = project.path('pick.js');
    const before = "exports.pick = (name) => 'all';";
    const files = {
      'server.js': [
        "const { pick } = require('./pick');",
        "const { run } = require('./shell');",
        "require('express')().get('/', (req) => run(pick(req.query.name)));",
      ].join('\n'),
      'pick.js': before,
    };
    let isCancelled = true;
    for (let look = 1; isCancelled; look++) {
      project.write(files);
      const analysis = await project.open();
      await analysis.scan({});
      expect(findingsIn(analysis)).toEqual([]);
      project.write({ 'pick.js': 'exports.pick = (name) => name;' });
      isCancelled = (await analysis.update([pick], { token: cancelledAt(look) })).cancelled;
      if (isCancelled) await analysis.update([pick]);
      expect(findingsIn(analysis), `cancelled at look ${String(look)}`).toHaveLength(1);
    }
  });

  it('leaves nothing undone, wherever it is cancelled, also for the process after this one', async () => {
    const shell = project.path('shell.js');
    const original = await project.open();
    await original.scan({});
    const expected = { original: state(original), renamed: undefined as ReturnType<typeof state> | undefined };
    expect(expected.original.findings).toHaveLength(1);
    project.write({ 'shell.js': RENAMED });
    const renamed = await project.open();
    await renamed.scan({});
    expected.renamed = state(renamed);
    expect(expected.renamed.findings).toEqual([]);
    expect(expected.renamed.callSites.toFunctions).toBeLessThan(expected.original.callSites.toFunctions);

    let cancelled = 0;
    for (let look = 1; ; look++) {
      project.write({ 'shell.js': FILES['shell.js'] });
      const storage = project.path(`.index-${String(look)}`);
      const first = await project.open({}, storage);
      await first.scan({});
      expect(state(first)).toEqual(expected.original);
      project.write({ 'shell.js': RENAMED });
      const update = await first.update([shell], { token: cancelledAt(look) });
      if (update.cancelled) {
        cancelled++;
        await first.update([shell]);
      }
      expect(state(first)).toEqual(expected.renamed);
      // Writes the checkpoint that the next process starts from.
      await first.idle();
      await first.close();
      const second = await project.open({}, storage);
      const { indexed, summarizedFunctions } = await second.scan({});
      expect({ indexed, summarizedFunctions }).toEqual({ indexed: [], summarizedFunctions: 0 });
      expect(state(second)).toEqual(expected.renamed);
      await second.close();
      if (!update.cancelled) break;
    }
    // At least between extracting and linking, and between the functions to be solved.
    expect(cancelled).toBeGreaterThan(3);
    expect(project.problems).toEqual([]);
  });

  it('comes to its end in small parts: what was done of it is not done again', async () => {
    const COUNT = 20;
    const step = (i: number): string =>
      i === COUNT
        ? "const { run } = require('./shell');\nexports.step = (name) => run(name);"
        : [
            `const { step } = require('./step${String(i + 1)}');`,
            "const { run } = require('./shell');",
            "exports.step = (name) => { run('ls ' + name); return step(name + 'x'); };",
          ].join('\n');
    for (let i = 0; i <= COUNT; i++) project.write({ [`step${String(i)}.js`]: step(i) });
    project.write({ 'report.js': "const { step } = require('./step0');\nexports.report = (name) => step(name);" });
    // Another function, so that those who call it are linked again each time, until all is done.
    const now = "exports.run = (text) => require('child_process').exec(text);";
    const before = 'const read = (text) => require("fs").readFileSync(text);\nexports.run = read;';
    project.write({ 'shell.js': now });
    const analysis = await project.open();
    await analysis.scan({});
    const clean = findingsIn(analysis);
    expect(clean.length).toBeGreaterThan(0);
    const most = 10 * COUNT;
    /** Attempts until an update is done of which each ends at its look number `look`. */
    const attempts = async (look: number): Promise<number> => {
      // All who call it have something else to tell.
      project.write({ 'shell.js': before });
      await analysis.update([project.path('shell.js')]);
      project.write({ 'shell.js': now });
      for (let count = 1; count <= most; count++)
        if (!(await analysis.update([project.path('shell.js')], { token: cancelledAt(look) })).cancelled) return count;
      await analysis.update([project.path('shell.js')]);
      return Infinity;
    };
    const counts: number[] = [];
    for (let look = 1; counts.at(-1) !== 1; look++) {
      counts.push(await attempts(look));
      expect(findingsIn(analysis)).toEqual(clean);
    }
    const finite = counts.filter((count) => count < most);
    // Each does a part, and none what another one did: hardly more of them than functions.
    expect(Math.max(...finite)).toBeGreaterThan(COUNT / 2);
    expect(Math.max(...finite)).toBeLessThan(1.5 * COUNT);
  });
});
