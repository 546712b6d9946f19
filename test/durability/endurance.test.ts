/** Some hundred edits of the run that `npm run endurance` makes, held to the same bounds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildCommandLine } from '../cli/buildCommandLine';
import { endure, problemsOf, type Sample } from './endurance';

const MB = 1 << 20;

it('stays small while it is edited', { timeout: 240_000 }, async () => {
  const dist = await buildCommandLine('server/src/main.ts', 'server/src/analysisWorker.ts');
  const folder = mkdtempSync(join(tmpdir(), 'tributary-endurance-'));
  try {
    const { problems, samples } = await endure({
      server: join(dist, 'main.js'),
      folder,
      sources: { commander: join(import.meta.dirname, '../../node_modules/commander/lib') },
      edits: 450,
      seed: 1,
      every: 150,
      print: () => undefined,
    });
    expect(problems).toEqual([]);
    expect(samples.map(({ edits }) => edits)).toEqual([0, 150, 300, 450]);
    expect(samples.every(({ database }) => database > 0)).toBe(true);
  } finally {
    rmSync(dist, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});

it('tells what grew beyond its bound', () => {
  const small: Sample = {
    edits: 1,
    seconds: 1,
    rss: MB,
    heap: MB,
    external: MB,
    handles: 20,
    journal: MB,
    database: MB,
    storage: MB,
  };
  expect(problemsOf([small, small, small, small])).toEqual([]);
  expect(problemsOf([small, small, small, { ...small, handles: 25 }])).toEqual([
    expect.stringMatching(/^handles is 25/),
  ]);
  expect(problemsOf([small, small, small, { ...small, journal: 4 * MB }])).toEqual([
    expect.stringMatching(/^The journal has/),
  ]);
});
