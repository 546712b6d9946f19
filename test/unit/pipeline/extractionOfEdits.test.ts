import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Project } from './project';

let project: Project;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

describe('extraction of an edit', () => {
  it('takes the text of an open document in this thread, and files on disk to the workers, however few', async () => {
    project.write({ 'a.js': 'exports.a = 1;', 'b.js': 'exports.b = 1;' });
    const analysis = await project.open();
    await analysis.scan({});
    expect(project.extractor.paths.sort()).toEqual([project.path('a.js'), project.path('b.js')]);
    project.extractor.paths.length = 0;
    analysis.setOverlay(project.path('a.js'), 'exports.a = 2;', 'javascript');
    project.write({ 'b.js': 'exports.b = 22;' });
    const update = await analysis.update([project.path('a.js'), project.path('b.js')]);
    expect([...update.indexed].sort()).toEqual([project.path('a.js'), project.path('b.js')]);
    expect(project.extractor.paths).toEqual([project.path('b.js')]);
  });

  it('tells what parsing took apart from the rest', async () => {
    project.write({ 'a.js': 'exports.a = 1;' });
    const analysis = await project.open();
    await analysis.scan({});
    analysis.setOverlay(project.path('a.js'), 'exports.a = [1, 2, 3].map((n) => n + 1);'.repeat(50), 'javascript');
    await analysis.update([project.path('a.js')]);
    const stages = new Map(analysis.stages().map((stage) => [stage.id, stage]));
    expect(stages.get('parse')).toMatchObject({ items: 1 });
    expect(stages.get('parse')?.milliseconds).toBeGreaterThan(0);
    expect(stages.get('extract')?.milliseconds).toBeGreaterThan(0);
  });
});
