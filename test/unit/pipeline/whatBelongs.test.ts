/** Changes of what decides which files belong: afterwards the index is what a clean run makes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis, AnalysisSettings } from '../../../server/src/model/analysis';
import { Project, SETTINGS } from './project';

let project: Project;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

function states(analysis: Analysis): Record<string, string | undefined> {
  const names = ['a.js', 'generated/b.js', 'generated/deep/c.js', 'vendored.js'];
  const known = names.map((name) => [name, analysis.statusOf(project.path(name))?.state] as const);
  return Object.fromEntries(known.filter(([, state]) => state !== undefined));
}

describe('an ignore file that changes', () => {
  it('takes files out of the index and lets them in again, wherever they are', async () => {
    project.write({ 'a.js': 'a();', 'generated/b.js': 'b();', 'generated/deep/c.js': 'c();' });
    const analysis = await project.open();
    await analysis.scan({});
    const all = states(analysis);
    expect(Object.keys(all).sort()).toEqual(['a.js', 'generated/b.js', 'generated/deep/c.js']);
    project.write({ '.gitignore': 'generated/\n', 'a.js': 'a(1);' });
    const out = await analysis.update([project.path('.gitignore'), project.path('a.js')]);
    expect(out.indexed).toEqual([project.path('a.js')]);
    expect(states(analysis)).toEqual({ 'a.js': 'indexed' });
    project.delete('.gitignore');
    const back = await analysis.update([project.path('.gitignore')]);
    expect([...back.indexed].sort()).toEqual([project.path('generated/b.js'), project.path('generated/deep/c.js')]);
    expect(states(analysis)).toEqual(all);
  });
});

describe('the setting that takes minified files', () => {
  const WITH: AnalysisSettings = { ...SETTINGS, includeDependencies: true };
  const minified = `a=${'b(1),'.repeat(1000)}0;`;

  beforeEach(() => {
    project.write({ 'a.js': 'a();', 'vendored.js': minified });
  });

  it('counts for files that are there already, on and off', async () => {
    const analysis = await project.open();
    await analysis.scan({});
    expect(states(analysis)).toEqual({ 'a.js': 'indexed', 'vendored.js': 'skipped' });
    await analysis.changeSettings(WITH);
    expect((await analysis.scan({})).indexed).toEqual([project.path('vendored.js')]);
    expect(states(analysis)).toEqual({ 'a.js': 'indexed', 'vendored.js': 'indexed' });
    expect((await analysis.scan({})).indexed).toEqual([]);
    await analysis.changeSettings(SETTINGS);
    await analysis.scan({});
    expect(states(analysis)).toEqual({ 'a.js': 'indexed', 'vendored.js': 'skipped' });
  });

  it('counts for a kept index when it changed between two processes', async () => {
    const storage = project.path('.index');
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    const second = await project.open(WITH, storage);
    expect((await second.scan({})).indexed).toEqual([project.path('vendored.js')]);
  });
});
