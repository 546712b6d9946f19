/**
 * Programs that are out of proportion are analysed in bounded work: the flow in them is found, everything else around them too, and where a limit was
 * hit it is shown. How long each takes is measured by `npm run bench:scale -- --parts difficult`.
 */
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DIFFICULT_INPUTS } from '../../bench/scale/difficultInputs';
import { Project } from './project';

const LIMIT = 4 * 1024 * 1024;

let project: Project;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

describe('finds the flow, or tells what was cut short, in', () => {
  it.each(DIFFICULT_INPUTS)('$name', { timeout: 120_000 }, async ({ files, cut }) => {
    project.write(files);
    const analysis = await project.open({ maxFileSize: LIMIT });
    const { indexed, failed } = await analysis.scan({});
    expect(failed).toEqual([]);
    expect(indexed).toHaveLength(Object.keys(files).length);
    // What was cut short is told as that, file by file or in the statistics.
    expect(
      analysis
        .statuses()
        .flatMap(({ path, limits }) => (limits.length > 0 ? [basename(path)] : []))
        .sort(),
    ).toEqual(cut?.files ?? []);
    expect(analysis.statistics().truncatedFunctions).toBe(cut?.functions ?? 0);
    const found = analysis.allFindings().map(({ rule }) => rule.id);
    expect(found).toEqual(cut?.functions === undefined ? ['command-injection'] : []);
  });
});

it('shows that a file is larger than the limit', async () => {
  const [{ files }] = DIFFICULT_INPUTS;
  expect(files['a.js'].length).toBeGreaterThan(2_000_000);
  project.write(files);
  const analysis = await project.open({});
  await analysis.scan({});
  expect(analysis.statusOf(project.path('a.js'))).toMatchObject({ state: 'skipped', reason: /MB|KB|bytes|size/ });
});
