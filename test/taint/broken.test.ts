/** The workspace of files that no analyser likes: each is named for what it is, and the rest is analysed. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { openRoots, settingsFor } from './analyseCase';
import { WORKSPACES } from './cases';

const ROOT = join(WORKSPACES, 'broken');
const SOURCE = join(ROOT, 'src');

describe('the broken workspace', () => {
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await openRoots([ROOT], ['remote', 'local']);
    await analysis.scan({});
  });
  afterAll(() => analysis.close());

  test('findings on both sides of a syntax error', () => {
    const found = analysis.findingsOf(join(SOURCE, 'handlers.ts')).map((finding) => finding.sinkFunction.name);
    expect(found.sort()).toEqual(['after', 'before']);
    const status = analysis.statusOf(join(SOURCE, 'handlers.ts'));
    expect(status?.state).toBe('partial');
    expect(status?.lost.length).toBeGreaterThan(0);
  });

  test.each([
    ['picture.js', 'skipped'],
    ['vendor.js', 'skipped'],
    ['empty.ts', 'indexed'],
    ['whole.js', 'indexed'],
    ['countries.ts', 'indexed'],
  ])('%s is %s', (file, state) => {
    const status = analysis.statusOf(join(SOURCE, file));
    expect(status?.state).toBe(state);
    expect(status?.reason === '').toBe(state === 'indexed');
  });

  test('a file above the limit is skipped and says so', async () => {
    const strict = await openRoots([ROOT], ['remote'], { ...settingsFor(['remote']), maxFileSize: 50_000 });
    try {
      await strict.scan({});
      const status = strict.statusOf(join(SOURCE, 'countries.ts'));
      expect(status?.state).toBe('skipped');
      expect(status?.reason).not.toBe('');
    } finally {
      await strict.close();
    }
  });
});
