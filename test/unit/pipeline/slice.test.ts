/** What can reach a sink and what a source reaches, asked of a running analysis, which knows nothing of it afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SliceDirection, SliceResult } from '../../../server/src/model/slice';
import type { MonitoredAnalysis } from '../../../server/src/model/health';
import { Project, wholeDump } from './project';

const FILES = {
  'package.json': '{"name": "p", "main": "index.js"}',
  'run.js': `const { exec } = require('child_process');
exports.run = function run(command, done) {
  exec('tool ' + command, done);
};
exports.unused = function unused(text) {
  exports.run(text);
};
exports.quiet = () => exec('ls');
`,
  'index.js': `const { run } = require('./run');
const settings = { tool: '' };
exports.start = function start(options) {
  settings.tool = options.tool;
};
require('express')().get('/', (req, res) => {
  run(req.query.name);
  res.send(req.body.text);
});
run(process.argv[2]);
['a', 'b'].map((name) => run(name));
setInterval(() => run(settings.tool), 1000);
`,
};

let project: Project;
let analysis: MonitoredAnalysis;
beforeEach(async () => {
  project = new Project();
  project.write(FILES);
  analysis = await project.open({ threatModels: ['remote'] });
  await analysis.scan({});
});
afterEach(() => project.remove());

async function slice(
  name: keyof typeof FILES,
  part: string,
  direction: SliceDirection,
): Promise<Extract<SliceResult, { outcome: 'done' }>> {
  const before = analysis.dump();
  const result = await analysis.slice({ path: project.path(name), ...positionOf(FILES[name], part), direction });
  expect(analysis.dump()).toEqual(before);
  if (result.outcome !== 'done') throw new Error(`${result.outcome}: ${result.message}`);
  return result;
}

function positionOf(text: string, part: string): { readonly line: number; readonly character: number } {
  const before = text.slice(0, text.indexOf(part)).split('\n');
  return { line: before.length - 1, character: before[before.length - 1].length };
}

const summary = ({ flows }: Extract<SliceResult, { outcome: 'done' }>): string[] =>
  flows.map(({ status, end, rule }) => `${status}: ${end.label} (${rule?.id ?? 'no rule'})`);

describe('what can reach a sink', () => {
  it('are sources of all kinds and entry points, each with its steps and why it is a finding or not', async () => {
    const result = await slice('run.js', "exec('tool", 'to');
    expect(result.target.label).toBe('child_process.exec');
    expect(summary(result)).toEqual([
      'finding: Express request query (command-injection)',
      'otherThreatModel: Command-line arguments (command-injection)',
      'entryPoint: parameter `text` of `unused` (command-injection)',
      'entryPoint: parameter `options` of `start` (command-injection)',
    ]);
    for (const { paths, end, remark } of result.flows) {
      expect(paths.length).toBeGreaterThan(0);
      expect(paths[0].steps.at(-1)?.kind).toBe('sink');
      expect(paths[0].steps[0].location).toEqual(end.location);
      expect(remark).toMatch(/\.$/);
    }
    expect(result.isCut).toBe(false);
  });

  it('is nothing where a constant is all that comes', async () => {
    expect(summary(await slice('run.js', "exec('ls')", 'to'))).toEqual([]);
  });
});

describe('what a source reaches', () => {
  it('are all sinks, whether or not a rule speaks of the pair', async () => {
    expect(summary(await slice('index.js', 'req.query', 'from'))).toEqual([
      'finding: child_process.exec (command-injection)',
    ]);
    expect(summary(await slice('index.js', 'process.argv', 'from'))).toEqual([
      'otherThreatModel: child_process.exec (command-injection)',
    ]);
  });

  it('is asked of a parameter, too', async () => {
    const result = await slice('run.js', 'text)', 'from');
    expect(summary(result)).toEqual([expect.stringMatching(/^entryPoint: child_process\.exec/)]);
    expect(result.target.kind).toBe('entryPoint');
    // By a variable that functions share.
    expect(summary(await slice('index.js', 'options)', 'from'))).toHaveLength(1);
  });
});

describe('a place', () => {
  it('without a sink is told as such, with what is near', async () => {
    const result = await analysis.slice({
      path: project.path('run.js'),
      line: 4,
      character: 0,
      direction: 'to',
    });
    expect(result).toMatchObject({
      outcome: 'nothingThere',
      message: 'There is no sink that the models know of on line 5.',
      near: [
        { label: 'child_process.exec', location: { range: { start: { line: 2 } } } },
        { label: 'shell of child_process', location: { range: { start: { line: 2 } } } },
        { label: 'child_process.exec', location: { range: { start: { line: 7 } } } },
      ],
    });
  });

  it('of a file that is not indexed is told as such', async () => {
    const result = await analysis.slice({ path: '/elsewhere.js', line: 0, character: 0, direction: 'to' });
    expect(result).toMatchObject({ outcome: 'nothingThere', message: 'The file is not part of the index.' });
  });

  it('may be a line without a column', async () => {
    const result = await analysis.slice({
      path: project.path('run.js'),
      line: 2,
      character: undefined,
      direction: 'to',
    });
    expect(result.outcome).toBe('done');
  });
});

describe('a slice', () => {
  const request = (): Parameters<MonitoredAnalysis['slice']>[0] => ({
    path: project.path('run.js'),
    ...positionOf(FILES['run.js'], "exec('tool"),
    direction: 'to',
  });

  it('leaves the index as a clean run makes it', async () => {
    await analysis.slice(request());
    const clean = await project.open({ threatModels: ['remote'] });
    await clean.scan({});
    expect(await wholeDump(analysis)).toEqual(await wholeDump(clean));
    expect(analysis.allFindings()).toEqual(clean.allFindings());
  });

  it('is followed by edits that lead to the index of a clean run', async () => {
    await analysis.slice(request());
    project.write({ 'index.js': FILES['index.js'].replace('req.query.name', 'settings.tool') });
    await analysis.update([project.path('index.js')]);
    const clean = await project.open({ threatModels: ['remote'] });
    await clean.scan({});
    expect(analysis.allFindings()).toEqual(clean.allFindings());
    expect(await wholeDump(analysis)).toEqual(await wholeDump(clean));
  });

  it('speaks of the state after updates that were asked for before', async () => {
    project.write({ 'index.js': FILES['index.js'].replace('run(process.argv[2]);', '') });
    const [, result] = await Promise.all([analysis.update([project.path('index.js')]), analysis.slice(request())]);
    expect(summary(result as Extract<SliceResult, { outcome: 'done' }>)).not.toContain(
      'otherThreatModel: Command-line arguments (command-injection)',
    );
  });

  it('can be cancelled, and gives way to an update', async () => {
    const cancelled = await analysis.slice(request(), { token: { isCancelled: true } });
    expect(cancelled.outcome).toBe('cancelled');
    let looks = 0;
    const result = await analysis.slice(request(), { awaited: () => ++looks > 3 && looks < 8 });
    expect(result.outcome).toBe('done');
    expect(looks).toBeGreaterThan(8);
  });

  it('is cancelled while it asks, and leaves nothing', async () => {
    const before = analysis.dump();
    for (let patience = 1; patience < 40; patience += 3) {
      let looks = 0;
      const token = {
        get isCancelled() {
          return ++looks > patience;
        },
      };
      await analysis.slice(request(), { token });
      expect(analysis.dump()).toEqual(before);
    }
  });

  it('is made of what an earlier process left', async () => {
    const storage = project.path('.index');
    const first = await project.open({ threatModels: ['remote'] }, storage);
    await first.scan({});
    const expected = await first.slice(request());
    await first.idle();
    await first.close();
    const second = await project.open({ threatModels: ['remote'] }, storage);
    await second.scan({});
    expect(await second.slice(request())).toEqual(expected);
  });

  it('has to wait for a first index', async () => {
    const empty = await project.open({});
    expect(await empty.slice(request())).toMatchObject({ outcome: 'notReady' });
  });
});
