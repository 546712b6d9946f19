/** An edit in a file that many depend on: its own findings are there before those of its dependents are. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { findingsIn, Project } from './project';

const CALLERS = 12;
const HUB = [
  "const { exec } = require('child_process');",
  "const app = require('express')();",
  'exports.run = (text) => exec(text);',
  'exports.same = (text) => text;',
  "app.get('/hub', (req) => 0);",
];

let project: Project;
let hub: string;
let analysis: Analysis;

beforeEach(async () => {
  project = new Project();
  const caller = (n: number): string =>
    [
      "const hub = require('./hub');",
      "const { exec } = require('child_process');",
      `require('express')().get('/${String(n)}', (req) => { hub.run(req.query.x); exec(hub.same(req.body.y)); });`,
    ].join('\n');
  const callers = Array.from({ length: CALLERS }, (_, n) => [`caller${String(n)}.js`, caller(n)] as const);
  project.write({ 'package.json': '{"name": "hub"}', 'hub.js': HUB.join('\n'), ...Object.fromEntries(callers) });
  hub = project.path('hub.js');
  analysis = await project.open();
  await analysis.scan({});
});
afterEach(async () => {
  await project.remove();
});

/** Lines of the sinks in a file, from 1, in order. */
function sinksIn(path: string): number[] {
  return analysis
    .findingsOf(path)
    .filter(({ sink }) => sink.path === path)
    .map(({ sink }) => sink.range.start.line + 1);
}

interface Seen {
  readonly paths: readonly string[];
  readonly hub: readonly number[];
  readonly caller: readonly number[];
}

async function edit(lines: readonly string[]): Promise<{ first: readonly Seen[]; last: Omit<Seen, 'paths'> }> {
  const first: Seen[] = [];
  const caller = project.path('caller3.js');
  analysis.setOverlay(hub, lines.join('\n'), 'javascript');
  await analysis.update([hub], {
    onPublish: (paths) => first.push({ paths, hub: sinksIn(hub), caller: sinksIn(caller) }),
  });
  return { first, last: { hub: sinksIn(hub), caller: sinksIn(caller) } };
}

const times = (line: number): number[] => Array.from({ length: CALLERS }, () => line);

describe('the open document', () => {
  it('comes first, with what is found in it alone and what reaches it from elsewhere', async () => {
    expect(sinksIn(hub)).toEqual(times(3));
    expect(sinksIn(project.path('caller3.js'))).toEqual([3]);
    const { first, last } = await edit([
      '// moved',
      ...HUB.slice(0, 2),
      'exports.run = (text) => exec("run " + text);',
      'exports.same = (text) => 1;',
      "app.get('/hub', (req) => exec(req.query.h));",
    ]);
    // Callers are not solved again yet: what they had is there, where it is now in this file.
    expect(first).toEqual([{ paths: [hub], hub: [...times(4), 6], caller: [3] }]);
    expect(last).toEqual({ hub: [...times(4), 6], caller: [] });
  });

  it('loses at once what nothing can reach any more', async () => {
    const { first, last } = await edit(HUB.map((line) => line.replace('exec(text)', 'exec("fixed")')));
    expect(first).toEqual([{ paths: [hub], hub: [], caller: [3] }]);
    expect(last).toEqual({ hub: [], caller: [3] });
    const again = await edit(HUB);
    expect(again.last).toEqual({ hub: times(3), caller: [3] });
  });

  it('is published once when nobody depends on what changed', async () => {
    const { first, last } = await edit([...HUB, '// nothing new']);
    expect(first).toEqual([]);
    expect(last).toEqual({ hub: times(3), caller: [3] });
  });

  it('is right after an update that is cancelled behind it', async () => {
    const changed = HUB.map((line) =>
      line.replace('=> text', '=> 1').replace('(req) => 0', '(req) => exec(req.query.h)'),
    );
    let isCancelled = false;
    analysis.setOverlay(hub, changed.join('\n'), 'javascript');
    const token = {
      get isCancelled() {
        return isCancelled;
      },
    };
    const update = await analysis.update([hub], { token, onPublish: () => (isCancelled = true) });
    expect(update.cancelled).toBe(true);
    expect(sinksIn(hub)).toEqual([...times(3), 5]);
    expect(sinksIn(project.path('caller3.js'))).toEqual([3]);
    const rest = await analysis.update([hub]);
    expect(rest.affected).toContain(project.path('caller3.js'));
    project.write({ 'hub.js': changed.join('\n') });
    const clean = await project.open();
    await clean.scan({});
    expect(findingsIn(analysis)).toEqual(findingsIn(clean));
  });
});
